/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPresence: shows our presence, and keeps track of that of others (RFC 6121 §4). */
#pragma once

#include "xmpp/ferry-caps.h"
#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_SHOW_CHAT,
  FERRY_SHOW_AVAILABLE,
  FERRY_SHOW_AWAY,
  FERRY_SHOW_XA,
  FERRY_SHOW_DND,
} FerryShow;

/* One resource, as its last presence says. */
typedef struct
{
  FerryJid *jid; /* full */
  FerryShow show;
  char *status;    /* nullable; at most 1023 bytes */
  int priority;    /* -128 … 127 */
  FerryCaps *caps; /* nullable */
  gint64 seen_us;  /* monotonic */
} FerryPresenceInfo;

void ferry_presence_info_free (FerryPresenceInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryPresenceInfo, ferry_presence_info_free)

/**
 * ferry_presence_info_parse:
 * @stanza: a presence
 * @from: its sender, a full address
 *
 * What is malformed in it reads as if it were absent.
 *
 * Returns: (transfer full) (nullable): %NULL unless the presence says "available"
 */
FerryPresenceInfo *
ferry_presence_info_parse (const FerryNode *stanza, FerryJid *from, gint64 now_us);

#define FERRY_TYPE_PRESENCE (ferry_presence_get_type ())
G_DECLARE_FINAL_TYPE (FerryPresence, ferry_presence, FERRY, PRESENCE, GObject)

/* Signals: "changed" (FerryJid *full): came or is different; "gone" (FerryJid *full);
 * "cleared": all are gone, because the session ended. */
FerryPresence *ferry_presence_new (FerryRouter *router);

/**
 * ferry_presence_announce:
 * @priority: -128 … 127; a negative one keeps messages away but not files
 * @caps: (transfer full): the `<c/>` of ferry_disco_make_caps()
 *
 * Shows us as available to all who are subscribed; after the roster has come, in each new
 * session.
 */
void ferry_presence_announce (FerryPresence *self, int priority, FerryNode *caps);
/* Shows us to one who is not subscribed (many programs refuse strangers), until it is taken
 * back. Each call needs its own counterpart. */
void ferry_presence_show_to (FerryPresence *self, FerryJid *jid);
void ferry_presence_hide_from (FerryPresence *self, FerryJid *jid);
/* Was it sent to that account? */
gboolean ferry_presence_is_shown_to (FerryPresence *self, const FerryJid *jid);

/* (nullable) */
const FerryPresenceInfo *ferry_presence_lookup (FerryPresence *self, const FerryJid *full);
typedef void (*FerryPresenceFunc) (const FerryPresenceInfo *info, gpointer user_data);
/* Calls @func for each available resource of an account. */
void ferry_presence_foreach_of (FerryPresence *self,
                                const FerryJid *jid,
                                FerryPresenceFunc func,
                                gpointer user_data);

G_END_DECLS
