/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySession: one file between us and one device, agreed or being agreed. It knows who, what
 * and how far the talk has come, finds a way for the bytes (and the next way when one fails),
 * and speaks the end. It never touches the file. Jingle and SI each derive one. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-jid.h"
#include "base/ferry-range.h"
#include "bytestream/ferry-bytestream.h"
#include "crypt/ferry-tls-agreement.h"
#include "signalling/ferry-file-info.h"
#include "signalling/ferry-security.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_DIRECTION_SEND,
  FERRY_DIRECTION_RECEIVE,
} FerryDirection;

/**
 * FerrySessionState:
 * @FERRY_SESSION_OFFERED: waiting for the peer's user (send) or ours (receive)
 * @FERRY_SESSION_CONNECTING: agreed; looking for a way
 * @FERRY_SESSION_OPEN: "opened" was emitted, bytes move
 * @FERRY_SESSION_CLOSING: our part is done; waiting for the peer's word
 * @FERRY_SESSION_ENDED: "ended" was emitted
 */
typedef enum
{
  FERRY_SESSION_OFFERED,
  FERRY_SESSION_CONNECTING,
  FERRY_SESSION_OPEN,
  FERRY_SESSION_CLOSING,
  FERRY_SESSION_ENDED,
} FerrySessionState;

#define FERRY_TYPE_SESSION (ferry_session_get_type ())
G_DECLARE_DERIVABLE_TYPE (FerrySession, ferry_session, FERRY, SESSION, GObject)

/**
 * FerrySessionClass:
 * @accept: see ferry_session_accept(); the other functions likewise
 *
 * Signals:
 * "state-changed"
 * "route-changed": ferry_session_get_route() has a new value: while CONNECTING the best route
 *   being tried, from OPEN on the one taken.
 * "opened" (GSocket *socket): the pipe; connected and non-blocking. Emitted once.
 * "checksum" (FerryHash *hash as pointer): the sender's hash of the whole file arrived.
 * "note" (const char *text): a line for the connection timeline.
 * "ended" (GError *error): exactly once, last. %NULL means that both sides are content.
 *   Errors: DECLINED, CANCELLED_BY_PEER, UNSUPPORTED, UNREACHABLE, ROUTE, GONE, BUSY,
 *   FORBIDDEN, TIMEOUT, BROKEN, PEER_STORAGE, CORRUPT (the peer found the hash wrong),
 *   SECURITY, PROTOCOL, OFFLINE.
 * "finished": for the negotiator: after "ended", when the last words are answered too and the
 *   pipe is closed. The session may be forgotten.
 */
struct _FerrySessionClass
{
  GObjectClass parent_class;

  void (*accept) (FerrySession *self, FerryRoute routes);
  void (*decline) (FerrySession *self);
  void (*cancel) (FerrySession *self);
  void (*sent) (FerrySession *self, const FerryHash *hash, gboolean peer_closed);
  void (*complete) (FerrySession *self, gboolean verified);
  void (*fail) (FerrySession *self, const GError *error);
  void (*lose) (FerrySession *self, const GError *error); /* nullable */
};

/* The sid on the wire. It changes when a file is offered a second time. */
const char *ferry_session_get_id (FerrySession *self);
const char *ferry_session_get_signalling (FerrySession *self); /* "jingle" or "si" */
FerryDirection ferry_session_get_direction (FerrySession *self);
FerryJid *ferry_session_get_peer (FerrySession *self);
FerryFileInfo *ferry_session_get_file (FerrySession *self);
FerrySessionState ferry_session_get_state (FerrySession *self);
FerryRoute ferry_session_get_route (FerrySession *self);
/* The part of the file that moves, agreed from "opened" on; all of it unless somebody asked. */
const FerryRange *ferry_session_get_range (FerrySession *self);
/**
 * ferry_session_set_range:
 * @range: inside the file
 *
 * Receiving, before ferry_session_accept(): the part that we want. Only a sender that announced
 * ranges (file->ranged) understands it; others would send from the beginning, and ruin what is
 * there already. Sending: for implementations, what the peer has asked for.
 */
void ferry_session_set_range (FerrySession *self, const FerryRange *range);
/* Did the peer say that it has the whole file (`received`, or success after our last byte)? */
gboolean ferry_session_was_received (FerrySession *self);
/* Did it say `received` itself, which a program sends that has looked at its file? Some say
 * success whatever they have (Dino, Gajim). */
gboolean ferry_session_was_confirmed (FerrySession *self);
/* Has the peer promised a checksum that has not come yet? */
gboolean ferry_session_expects_checksum (FerrySession *self);

/* Has the peer said whether it encrypts? With what is asked for (XEP-0137) it says so late. */
gboolean ferry_session_knows_security (FerrySession *self);
/* @out: (out): the fingerprint (SHA-256) of the peer's key. Returns: %FALSE if what moves is
 * not encrypted, or that is not known yet */
gboolean ferry_session_get_peer_key (FerrySession *self, FerryHash *out);
/* Returns: (transfer full) (nullable): how the pipe is to be encrypted, agreed from "opened"
 * on; %NULL: not at all */
FerryTlsAgreement *ferry_session_dup_tls_agreement (FerrySession *self);

/* Receiving: take the offer, over @routes only. */
void ferry_session_accept (FerrySession *self, FerryRoute routes);
/* Receiving: say no. Ends without an error. */
void ferry_session_decline (FerrySession *self);
/* Either side, at any moment: our user stops it. Ends with %G_IO_ERROR_CANCELLED. */
void ferry_session_cancel (FerrySession *self);
/**
 * ferry_session_sent:
 * @self: an open session in which we send
 * @hash: (nullable): of the whole file, to be told to the peer if it does not know it
 * @peer_closed: the peer closed its end in order after our last byte
 *
 * Sending: all bytes are in the socket and its write side is shut. The session waits for the
 * peer's word (30 s), then "ended".
 */
void ferry_session_sent (FerrySession *self, const FerryHash *hash, gboolean peer_closed);
/* Receiving: the file is whole, synced and has its name. Tells the peer; "ended" follows. Also
 * in place of ferry_session_accept(): the file came in another session, of which the sender has
 * not heard the end. */
void ferry_session_complete (FerrySession *self, gboolean verified);
/* Either side: our part failed for @error (disk, hash, broken pipe). Tells the peer the kind of
 * failure, never a path; "ended" follows with @error. A BROKEN pipe may end with a better
 * reason that the peer gives within 5 s. */
void ferry_session_fail (FerrySession *self, const GError *error);

/* Our XMPP session, or the peer's, is gone for good. */
void ferry_session_lose (FerrySession *self, const GError *error);

/* --- For the two implementations ------------------------------------------------------------
 */
/* Servers answer for a device that has just left as one that does not know what is asked would:
 * `service-unavailable`. Its presence follows, so an offer that is refused so waits for it. */
#define FERRY_SESSION_LEAVING_MS 1500
/* How long the peer's user may take to answer an offer, whatever the peer's program thinks of
 * it: a night, and the day after it. */
#define FERRY_SESSION_ANSWER_MS (24u * 3600 * 1000)
/* construct properties: "id", "signalling", "direction", "peer", "file" */
void ferry_session_set_id (FerrySession *self, const char *id);
void ferry_session_set_state (FerrySession *self, FerrySessionState state);
/* Before the offer is made or answered: our key, if the file is to be encrypted. */
void ferry_session_set_identity (FerrySession *self, FerryTlsIdentity *own, FerryTlsRole role);
/* What our offer or answer says of it. */
FerrySecurity ferry_session_get_own_security (FerrySession *self);
/* Takes what the peer's offer or answer says. Returns: %FALSE if it is not what we say too:
 * then nothing may follow, least of all in clear */
gboolean ferry_session_take_security (FerrySession *self, const FerrySecurity *theirs);
/* For a session that lets @other do the work: what that has agreed on, and with
 * which device, is agreed. */
void ferry_session_copy_security (FerrySession *self, FerrySession *other);
/* Is @theirs what was taken before? */
gboolean ferry_session_has_security (FerrySession *self, const FerrySecurity *theirs);
void ferry_session_set_route (FerrySession *self, FerryRoute route);
void ferry_session_set_received (FerrySession *self);
void ferry_session_set_confirmed (FerrySession *self);
void ferry_session_set_expects_checksum (FerrySession *self, gboolean expects);
void ferry_session_emit_opened (FerrySession *self, GSocket *socket);
void ferry_session_emit_checksum (FerrySession *self, const FerryHash *hash);
void ferry_session_emit_note (FerrySession *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Sets ENDED and emits "ended"; later calls do nothing. */
void ferry_session_end (FerrySession *self, const GError *error);
/* Emits "finished". */
void ferry_session_finish (FerrySession *self);

G_END_DECLS
