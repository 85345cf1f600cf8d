/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-session-table.h"

#include "base/ferry-error.h"

#define MAX_OFFERS_PER_CONTACT 5 /* waiting for our user, by bare JID */
#define MAX_OFFERS 50
#define MAX_SESSIONS_PER_PEER 16
#define MAX_SESSIONS 128

struct _FerrySessionTable
{
  FerryStream *stream;
  gulong offline_handler;
  gulong online_handler;
  GPtrArray *sessions; /* of FerrySession */
};

/* --- Which one -------------------------------------------------------------------------------
 */

static gboolean
has_id (FerrySession *session, gconstpointer id)
{
  return g_str_equal (ferry_session_get_id (session), id);
}

FerrySession *
ferry_session_table_find_match (FerrySessionTable *self,
                                GType kind,
                                FerryJid *peer,
                                FerrySessionMatchFunc matches,
                                gconstpointer data)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      FerrySession *session = self->sessions->pdata[i];
      if (G_TYPE_CHECK_INSTANCE_TYPE (session, kind) &&
          ferry_jid_equal (ferry_session_get_peer (session), peer) && matches (session, data))
        return session;
    }
  return NULL;
}

FerrySession *
ferry_session_table_find (FerrySessionTable *self, GType kind, FerryJid *peer, const char *id)
{
  return ferry_session_table_find_match (self, kind, peer, has_id, id);
}

guint
ferry_session_table_get_n_sessions (FerrySessionTable *self)
{
  return self->sessions->len;
}

static void
on_finished (FerrySession *session, gpointer user_data)
{
  FerrySessionTable *self = user_data;

  g_signal_handlers_disconnect_by_data (session, self);
  g_ptr_array_remove (self->sessions, session);
}

void
ferry_session_table_add (FerrySessionTable *self, FerrySession *session)
{
  g_ptr_array_add (self->sessions, g_object_ref (session));
  g_signal_connect (session, "finished", G_CALLBACK (on_finished), self);
}

/* --- How many --------------------------------------------------------------------------------
 */

/* What has ended, and only has its last words answered or its pipe closed, is no burden. */
gboolean
ferry_session_table_has_room (FerrySessionTable *self, FerryJid *peer)
{
  guint n_live = 0, n_of_peer = 0;

  for (guint i = 0; i < self->sessions->len; i++)
    {
      FerrySession *session = self->sessions->pdata[i];
      if (ferry_session_get_state (session) == FERRY_SESSION_ENDED)
        continue;
      n_live++;
      n_of_peer += ferry_jid_equal (ferry_session_get_peer (session), peer) ? 1 : 0;
    }
  return n_live < MAX_SESSIONS && n_of_peer < MAX_SESSIONS_PER_PEER;
}

gboolean
ferry_session_table_has_room_for_offer (FerrySessionTable *self, FerryJid *peer)
{
  guint n_offers = 0, n_of_contact = 0;

  for (guint i = 0; i < self->sessions->len; i++)
    {
      FerrySession *session = self->sessions->pdata[i];
      if (ferry_session_get_direction (session) != FERRY_DIRECTION_RECEIVE ||
          ferry_session_get_state (session) != FERRY_SESSION_OFFERED)
        continue;
      n_offers++;
      n_of_contact += ferry_jid_equal_bare (ferry_session_get_peer (session), peer) ? 1 : 0;
    }
  return n_offers < MAX_OFFERS && n_of_contact < MAX_OFFERS_PER_CONTACT &&
         ferry_session_table_has_room (self, peer);
}

/* --- Who goes away ---------------------------------------------------------------------------
 */

/* Ending sessions changes the table: look at a copy. @peer: (nullable): all */
static void
lose (FerrySessionTable *self, FerryJid *peer, FerryError code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, code, message);
  g_autoptr (GPtrArray) sessions =
      g_ptr_array_copy (self->sessions, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
  g_ptr_array_set_free_func (sessions, g_object_unref);

  for (guint i = 0; i < sessions->len; i++)
    {
      if (peer == NULL || ferry_jid_equal (ferry_session_get_peer (sessions->pdata[i]), peer))
        ferry_session_lose (sessions->pdata[i], error);
    }
}

void
ferry_session_table_take_presence (FerrySessionTable *self, FerryNode *presence, FerryJid *peer)
{
  if (g_strcmp0 (ferry_node_get_attr (presence, "type"), "unavailable") == 0)
    lose (self, peer, FERRY_ERROR_GONE, "The peer's device went offline");
}

static void
on_offline (FerryStream *stream, const GError *cause, gpointer user_data)
{
  lose (user_data, NULL, FERRY_ERROR_OFFLINE, "Our own session was lost");
}

/* A new session without the end of the old one having been told: the same. */
static void
on_online (FerryStream *stream, gboolean resumed, gpointer user_data)
{
  if (!resumed)
    on_offline (stream, NULL, user_data);
}

/* --- Making and clearing away ----------------------------------------------------------------
 */

FerrySessionTable *
ferry_session_table_new (FerryStream *stream)
{
  FerrySessionTable *self = g_new0 (FerrySessionTable, 1);

  self->stream = g_object_ref (stream);
  self->offline_handler = g_signal_connect (stream, "offline", G_CALLBACK (on_offline), self);
  self->online_handler = g_signal_connect (stream, "online", G_CALLBACK (on_online), self);
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
ferry_session_table_free (FerrySessionTable *self)
{
  g_clear_signal_handler (&self->offline_handler, self->stream);
  g_clear_signal_handler (&self->online_handler, self->stream);
  for (guint i = 0; i < self->sessions->len; i++)
    g_signal_handlers_disconnect_by_data (self->sessions->pdata[i], self);
  g_ptr_array_unref (self->sessions);
  g_object_unref (self->stream);
  g_free (self);
}
