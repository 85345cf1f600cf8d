/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryRoster: the account's contact list on the server (RFC 6121 §2). */
#pragma once

#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

typedef struct
{
  FerryJid *jid;            /* bare */
  char *name;               /* nullable; at most 1023 bytes */
  const char *subscription; /* "none", "to", "from", "both", "remove"; static */
  gboolean is_asking;       /* we asked and wait for an answer */
  char **groups;            /* at most 50 */
} FerryRosterItem;

void ferry_roster_item_free (FerryRosterItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryRosterItem, ferry_roster_item_free)

/* Reads one `<item/>`. Returns: (transfer full) (nullable): %NULL with %FERRY_ERROR_PROTOCOL */
FerryRosterItem *ferry_roster_item_parse (const FerryNode *node, GError **error);
/* Reads the items of a `<query/>`, at most 10000; malformed ones are left out. Returns:
 * (transfer container) (element-type FerryRosterItem) */
GPtrArray *ferry_roster_parse (const FerryNode *query);

#define FERRY_TYPE_ROSTER (ferry_roster_get_type ())
G_DECLARE_FINAL_TYPE (FerryRoster, ferry_roster, FERRY, ROSTER, GObject)

/* Signals: "changed" (FerryJid *bare): the item is new or different; "removed" (FerryJid
 * *bare): it is gone. */
FerryRoster *ferry_roster_new (FerryRouter *router);

/* Gets the whole list; after each new session, before presence is sent. */
void ferry_roster_load_async (FerryRoster *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ferry_roster_load_finish (FerryRoster *self, GAsyncResult *result, GError **error);

/* (nullable) */
const FerryRosterItem *ferry_roster_lookup (FerryRoster *self, const FerryJid *jid);
typedef void (*FerryRosterFunc) (const FerryRosterItem *item, gpointer user_data);
void ferry_roster_foreach (FerryRoster *self, FerryRosterFunc func, gpointer user_data);
/* May this contact see our presence (subscription "from" or "both")? */
gboolean ferry_roster_may_see_us (FerryRoster *self, const FerryJid *jid);

G_END_DECLS
