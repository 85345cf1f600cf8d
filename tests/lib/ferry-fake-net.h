/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryFakeNet: an XMPP server and the network around it, in the test's process. Clients are
 * joined to it by FerryStreams, scripted peers by FerryFakePeers. Nothing is delivered while
 * something is being sent: all stanzas travel through the main context.
 *
 * Each domain that an address was seen in has a server. All accounts are in each other's roster
 * with subscription "both". */
#pragma once

#include "base/ferry-jid.h"
#include "base/ferry-node.h"
#include "xmpp/ferry-stanza-error.h"
#include "xmpp/ferry-stream.h"

G_BEGIN_DECLS

#define FERRY_TYPE_FAKE_NET (ferry_fake_net_get_type ())
G_DECLARE_FINAL_TYPE (FerryFakeNet, ferry_fake_net, FERRY, FAKE_NET, GObject)

FerryFakeNet *ferry_fake_net_new (void);

/* --- Clients ---------------------------------------------------------------------------------
 */

/* Returns: (transfer full): a stream for @full_jid that is OFFLINE until it is opened */
FerryStream *ferry_fake_net_add_stream (FerryFakeNet *self, const char *full_jid);
/* The same, opened: "online" is emitted in the next turn of the main context. */
FerryStream *ferry_fake_net_connect (FerryFakeNet *self, const char *full_jid);

/* Cuts the connection: INTERRUPTED. What is sent from or to it is kept until
 * ferry_fake_net_resume(), as by XEP-0198. */
void ferry_fake_net_interrupt (FerryFakeNet *self, FerryStream *stream);
void ferry_fake_net_resume (FerryFakeNet *self, FerryStream *stream);
/* Ends the session for good; the stream is OFFLINE and can be opened again. */
void ferry_fake_net_kill (FerryFakeNet *self, FerryStream *stream);
/* Ends the session; a new one (not resumed) follows by itself. */
void ferry_fake_net_lose_session (FerryFakeNet *self, FerryStream *stream);

/* --- The network -----------------------------------------------------------------------------
 */

/**
 * FerryFakeMatch:
 * @stanza: a stanza on its way, `from` and `to` as the server writes them
 */
typedef gboolean (*FerryFakeMatch) (FerryNode *stanza, gconstpointer user_data);

/**
 * ferry_fake_match_path:
 * @node: a stanza
 * @path: steps separated by `/`, the first for @node itself, each a name or `*` and any number
 *   of attributes in brackets: `iq[type=set]/jingle[xmlns=urn:xmpp:jingle:1][action]/content`
 *
 * Returns: whether such an element is there; also usable as #FerryFakeMatch
 */
gboolean ferry_fake_match_path (FerryNode *node, gconstpointer path);

/* Milliseconds that each stanza of @full_jid takes to the server and from it. */
void
ferry_fake_net_set_delay (FerryFakeNet *self, const char *full_jid, guint up_ms, guint down_ms);
/* Gives each stanza a random extra delay up to @max_ms, so that those of different peers
 * overtake each other; between two addresses the order stays. */
void ferry_fake_net_shuffle (FerryFakeNet *self, guint32 seed, guint max_ms);
/* Loses the next @n stanzas that match. */
void ferry_fake_net_drop_next (FerryFakeNet *self,
                               guint n,
                               FerryFakeMatch match,
                               gconstpointer data);
/* Delivers the next stanza that matches only after the one that follows it to the same
 * address. */
void ferry_fake_net_swap_next (FerryFakeNet *self, FerryFakeMatch match, gconstpointer data);
/* How many asked-for drops and swaps have not happened yet. */
guint ferry_fake_net_get_n_rules (FerryFakeNet *self);

/* @tap sees every stanza that reaches the server or comes from it, before it can be dropped. */
typedef void (*FerryFakeTap) (FerryNode *stanza, gpointer user_data);
void ferry_fake_net_set_tap (FerryFakeNet *self, FerryFakeTap tap, gpointer user_data);
/* Runs the main context until nothing is on its way and no source is ready; at most 10 s. Kept
 * stanzas of interrupted streams do not count. */
void ferry_fake_net_settle (FerryFakeNet *self);

/* --- The server ------------------------------------------------------------------------------
 */

/**
 * FerryFakeProxy:
 * @request: iq get (address query) or set (`<activate/>`) in the bytestreams namespace
 * @payload: (out) (transfer full) (nullable): child of the result
 * @condition: (out): of the error
 *
 * Returns: %TRUE for a result, %FALSE for an error
 */
typedef gboolean (*FerryFakeProxy) (FerryNode *request,
                                    FerryNode **payload,
                                    FerryStanzaCondition *condition,
                                    gpointer user_data);
/* Adds a proxy component, found with disco#items and disco#info, that @proxy answers for. */
void ferry_fake_net_add_proxy (FerryFakeNet *self,
                               const char *jid,
                               FerryFakeProxy proxy,
                               gpointer user_data);

/* --- Scripted peers --------------------------------------------------------------------------
 */

/* An address at which the test itself receives and sends. Online as soon as it exists; it
 * shows no presence unless the test sends one. */
typedef struct _FerryFakePeer FerryFakePeer;

FerryFakePeer *ferry_fake_peer_new (FerryFakeNet *net, const char *full_jid);
void ferry_fake_peer_free (FerryFakePeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryFakePeer, ferry_fake_peer_free)

/* Sends one or more stanzas; `from` is added by the server, the namespace is jabber:client. */
void ferry_fake_peer_send (FerryFakePeer *self, const char *xml, ...) G_GNUC_PRINTF (2, 3);

/**
 * ferry_fake_peer_expect:
 * @path: as of ferry_fake_match_path()
 *
 * Runs the main context until a stanza that matches has arrived, at most 20 s; then the test
 * fails. Stanzas that do not match stay for later calls.
 *
 * Returns: (transfer full): the stanza
 */
FerryNode *ferry_fake_peer_expect (FerryFakePeer *self, const char *path);
/* The same, and answers the iq with an empty result. */
FerryNode *ferry_fake_peer_expect_and_ack (FerryFakePeer *self, const char *path);
/* Fails the test if a stanza that matches has arrived and was not taken. First everything on
 * its way is delivered. */
void ferry_fake_peer_assert_none (FerryFakePeer *self, const char *path);
/* Answers @request with @payload_xml, nothing if it is %NULL, in a result. */
void ferry_fake_peer_reply (FerryFakePeer *self, FerryNode *request, const char *payload_xml);
void ferry_fake_peer_reply_error (FerryFakePeer *self,
                                  FerryNode *request,
                                  FerryStanzaCondition condition);

G_END_DECLS
