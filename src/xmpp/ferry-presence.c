/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-presence"
#include "config.h"

#include "xmpp/ferry-presence.h"

#include "base/ferry-decimal.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_PER_ACCOUNT 50
#define MAX_IN_ALL 20000
#define MAX_STATUS_BYTES 1023

/* --- One presence ----------------------------------------------------------------------------
 */

void
ferry_presence_info_free (FerryPresenceInfo *self)
{
  if (self == NULL)
    return;
  ferry_jid_unref (self->jid);
  ferry_caps_free (self->caps);
  g_free (self->status);
  g_free (self);
}

static FerryShow
read_show (const FerryNode *stanza)
{
  static const struct
  {
    const char *name;
    FerryShow show;
  } shows[] = { { "chat", FERRY_SHOW_CHAT },
                { "away", FERRY_SHOW_AWAY },
                { "xa", FERRY_SHOW_XA },
                { "dnd", FERRY_SHOW_DND } };
  const char *text = ferry_node_get_child_text (stanza, "show", FERRY_NS_CLIENT);

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (shows); i++)
    if (strcmp (text, shows[i].name) == 0)
      return shows[i].show;
  return FERRY_SHOW_AVAILABLE;
}

static int
read_priority (const FerryNode *stanza)
{
  const char *text = ferry_node_get_child_text (stanza, "priority", FERRY_NS_CLIENT);
  gboolean is_negative = text != NULL && *text == '-';
  guint64 value = 0;

  if (!ferry_decimal_parse (is_negative ? text + 1 : text, is_negative ? 128 : 127, &value))
    return 0;
  return is_negative ? -(int) value : (int) value;
}

static char *
read_status (const FerryNode *stanza)
{
  const char *text = ferry_node_get_child_text (stanza, "status", FERRY_NS_CLIENT);
  if (text == NULL || *text == '\0')
    return NULL;
  if (strlen (text) <= MAX_STATUS_BYTES)
    return g_strdup (text);
  const char *end = g_utf8_find_prev_char (text, text + MAX_STATUS_BYTES + 1);
  return end != NULL ? g_strndup (text, (gsize) (end - text)) : NULL;
}

FerryPresenceInfo *
ferry_presence_info_parse (const FerryNode *stanza, FerryJid *from, gint64 now_us)
{
  g_return_val_if_fail (stanza != NULL && from != NULL, NULL);

  if (!ferry_node_is (stanza, "presence", NULL) ||
      ferry_node_get_attr (stanza, "type") != NULL || ferry_jid_is_bare (from))
    return NULL;

  FerryPresenceInfo *self = g_new0 (FerryPresenceInfo, 1);
  self->jid = ferry_jid_ref (from);
  self->show = read_show (stanza);
  self->status = read_status (stanza);
  self->priority = read_priority (stanza);
  self->caps = ferry_caps_parse (stanza);
  self->seen_us = now_us;
  return self;
}

/* --- The object ------------------------------------------------------------------------------
 */

struct _FerryPresence
{
  GObject parent_instance;

  FerryRouter *router;
  GHashTable *accounts; /* bare text → GPtrArray of FerryPresenceInfo */
  guint n_presences;
  FerryNode *own;    /* nullable: what was announced, without address */
  GHashTable *shown; /* FerryJid → count: sent to directly */
  guint handler_id;
};

enum
{
  CHANGED,
  GONE,
  CLEARED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryPresence, ferry_presence, G_TYPE_OBJECT)

/* --- Others ----------------------------------------------------------------------------------
 */

static gboolean
find_position (GPtrArray *resources, const FerryJid *full, guint *position)
{
  for (guint i = 0; resources != NULL && i < resources->len; i++)
    if (ferry_jid_equal (((FerryPresenceInfo *) resources->pdata[i])->jid, full))
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

static void
take_presence (FerryPresence *self, FerryPresenceInfo *info)
{
  g_autoptr (FerryPresenceInfo) owned = info;
  g_autoptr (FerryJid) jid = ferry_jid_ref (info->jid);
  const char *bare = ferry_jid_get_bare (jid);
  GPtrArray *resources = g_hash_table_lookup (self->accounts, bare);
  guint position;

  if (find_position (resources, jid, &position))
    {
      g_ptr_array_remove_index (resources, position);
      self->n_presences--;
    }
  else if (self->n_presences >= MAX_IN_ALL ||
           (resources != NULL && resources->len >= MAX_PER_ACCOUNT))
    {
      g_debug ("too many presences; one is not kept");
      return;
    }
  if (resources == NULL)
    {
      resources = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_presence_info_free);
      g_hash_table_insert (self->accounts, g_strdup (bare), resources);
    }
  g_ptr_array_add (resources, g_steal_pointer (&owned));
  self->n_presences++;
  g_signal_emit (self, signals[CHANGED], 0, jid);
}

static void
remove_resource (FerryPresence *self, const FerryJid *full)
{
  g_autoptr (FerryJid) jid = ferry_jid_ref ((FerryJid *) full);
  GPtrArray *resources = g_hash_table_lookup (self->accounts, ferry_jid_get_bare (jid));
  guint position;

  if (!find_position (resources, jid, &position))
    return;
  g_ptr_array_remove_index (resources, position);
  self->n_presences--;
  if (resources->len == 0)
    g_hash_table_remove (self->accounts, ferry_jid_get_bare (jid));
  g_signal_emit (self, signals[GONE], 0, jid);
}

static void
remove_account (FerryPresence *self, const FerryJid *jid)
{
  GPtrArray *resources;
  while ((resources = g_hash_table_lookup (self->accounts, ferry_jid_get_bare (jid))) != NULL)
    remove_resource (self, ((FerryPresenceInfo *) resources->pdata[0])->jid);
}

static void
on_presence (FerryRouter *router, FerryNode *stanza, FerryJid *from, gpointer user_data)
{
  FerryPresence *self = user_data;
  const char *type = ferry_node_get_attr (stanza, "type");

  /* People in a room are not devices of the room; our own presence comes back to us. */
  if (ferry_node_get_child (stanza, "x", FERRY_NS_MUC_USER) != NULL ||
      ferry_jid_equal (from, ferry_router_get_jid (router)))
    return;

  if (type == NULL && !ferry_jid_is_bare (from))
    take_presence (self, ferry_presence_info_parse (stanza, from, g_get_monotonic_time ()));
  else if (g_strcmp0 (type, "unavailable") == 0 && !ferry_jid_is_bare (from))
    remove_resource (self, from);
  else if (g_strcmp0 (type, "unavailable") == 0 || g_strcmp0 (type, "error") == 0)
    remove_account (self, from);
}

const FerryPresenceInfo *
ferry_presence_lookup (FerryPresence *self, const FerryJid *full)
{
  guint position;
  g_return_val_if_fail (FERRY_IS_PRESENCE (self) && full != NULL, NULL);

  GPtrArray *resources = g_hash_table_lookup (self->accounts, ferry_jid_get_bare (full));
  return find_position (resources, full, &position) ? resources->pdata[position] : NULL;
}

void
ferry_presence_foreach_of (FerryPresence *self,
                           const FerryJid *jid,
                           FerryPresenceFunc func,
                           gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PRESENCE (self) && jid != NULL && func != NULL);

  GPtrArray *resources = g_hash_table_lookup (self->accounts, ferry_jid_get_bare (jid));
  for (guint i = 0; resources != NULL && i < resources->len; i++)
    func (resources->pdata[i], user_data);
}

/* --- Ours ------------------------------------------------------------------------------------
 */

void
ferry_presence_announce (FerryPresence *self, int priority, FerryNode *caps)
{
  g_return_if_fail (FERRY_IS_PRESENCE (self) && caps != NULL);
  g_return_if_fail (priority >= -128 && priority <= 127);

  g_autofree char *text = g_strdup_printf ("%d", priority);
  g_clear_pointer (&self->own, ferry_node_unref);
  self->own = ferry_node_new ("presence", FERRY_NS_CLIENT);
  ferry_node_add (self->own, "priority", NULL, text);
  ferry_node_take_child (self->own, caps);
  ferry_router_send (self->router, ferry_node_ref (self->own));
}

static void
send_directed (FerryPresence *self, FerryJid *jid, gboolean is_available)
{
  FerryNode *presence = is_available && self->own != NULL
                            ? ferry_node_copy (self->own)
                            : ferry_node_new ("presence", FERRY_NS_CLIENT);
  ferry_node_set_attrs (presence, "to", ferry_jid_get_text (jid), "type",
                        is_available ? NULL : "unavailable", NULL);
  ferry_router_send (self->router, presence);
}

void
ferry_presence_show_to (FerryPresence *self, FerryJid *jid)
{
  g_return_if_fail (FERRY_IS_PRESENCE (self) && jid != NULL);

  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->shown, jid));
  g_hash_table_replace (self->shown, ferry_jid_ref (jid), GUINT_TO_POINTER (n + 1));
  if (n == 0)
    send_directed (self, jid, TRUE);
}

void
ferry_presence_hide_from (FerryPresence *self, FerryJid *jid)
{
  g_return_if_fail (FERRY_IS_PRESENCE (self) && jid != NULL);

  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->shown, jid));
  if (n > 1)
    g_hash_table_replace (self->shown, ferry_jid_ref (jid), GUINT_TO_POINTER (n - 1));
  else if (g_hash_table_remove (self->shown, jid))
    send_directed (self, jid, FALSE);
}

gboolean
ferry_presence_is_shown_to (FerryPresence *self, const FerryJid *jid)
{
  GHashTableIter iter;
  gpointer shown;
  g_return_val_if_fail (FERRY_IS_PRESENCE (self) && jid != NULL, FALSE);

  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, &shown, NULL))
    if (ferry_jid_equal_bare (shown, jid))
      return TRUE;
  return FALSE;
}

/* --- Sessions --------------------------------------------------------------------------------
 */

/* Presence belongs to a session: ours and theirs (RFC 6121 §4.5). */
static void
forget_session (FerryPresence *self)
{
  gboolean had_any = self->n_presences > 0;

  g_hash_table_remove_all (self->accounts);
  g_hash_table_remove_all (self->shown);
  self->n_presences = 0;
  g_clear_pointer (&self->own, ferry_node_unref);
  if (had_any)
    g_signal_emit (self, signals[CLEARED], 0);
}

static void
on_online (FerryStream *stream, gboolean resumed, FerryPresence *self)
{
  if (!resumed)
    forget_session (self);
}

static void
on_offline (FerryStream *stream, const GError *error, FerryPresence *self)
{
  forget_session (self);
}

FerryPresence *
ferry_presence_new (FerryRouter *router)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);

  FerryPresence *self = g_object_new (FERRY_TYPE_PRESENCE, NULL);
  FerryStream *stream = ferry_router_get_stream (router);
  self->router = g_object_ref (router);
  self->handler_id = ferry_router_add_presence_handler (router, on_presence, self);
  g_signal_connect_object (stream, "online", G_CALLBACK (on_online), self, 0);
  g_signal_connect_object (stream, "offline", G_CALLBACK (on_offline), self, 0);
  return self;
}

static void
ferry_presence_dispose (GObject *object)
{
  FerryPresence *self = FERRY_PRESENCE (object);

  if (self->router != NULL)
    ferry_router_remove_handler (self->router, self->handler_id);
  g_clear_object (&self->router);

  G_OBJECT_CLASS (ferry_presence_parent_class)->dispose (object);
}

static void
ferry_presence_finalize (GObject *object)
{
  FerryPresence *self = FERRY_PRESENCE (object);

  g_clear_pointer (&self->accounts, g_hash_table_unref);
  g_clear_pointer (&self->shown, g_hash_table_unref);
  g_clear_pointer (&self->own, ferry_node_unref);

  G_OBJECT_CLASS (ferry_presence_parent_class)->finalize (object);
}

static void
ferry_presence_class_init (FerryPresenceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_presence_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_presence_finalize;

  signals[CHANGED] = g_signal_new ("changed", FERRY_TYPE_PRESENCE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, FERRY_TYPE_JID);
  signals[GONE] = g_signal_new ("gone", FERRY_TYPE_PRESENCE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, FERRY_TYPE_JID);
  signals[CLEARED] = g_signal_new ("cleared", FERRY_TYPE_PRESENCE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferry_presence_init (FerryPresence *self)
{
  self->accounts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                          (GDestroyNotify) g_ptr_array_unref);
  self->shown = g_hash_table_new_full (ferry_jid_hash, ferry_jid_equal,
                                       (GDestroyNotify) ferry_jid_unref, NULL);
}
