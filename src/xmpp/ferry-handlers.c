/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-handlers.h"

#include <string.h>

typedef struct
{
  gatomicrefcount ref_count;
  guint id;
  char *ns;   /* nullable */
  char *kind; /* "iq", "message" or "presence" */
  GCallback func;
  gpointer user_data;
  gboolean is_removed;
} Handler;

struct _FerryHandlers
{
  GPtrArray *list; /* of Handler, newest last */
  guint last_id;
};

static void
handler_unref (gpointer data)
{
  Handler *handler = data;
  if (!g_atomic_ref_count_dec (&handler->ref_count))
    return;
  g_free (handler->ns);
  g_free (handler->kind);
  g_free (handler);
}

static gpointer
handler_ref (gconstpointer data, gpointer unused)
{
  Handler *handler = (Handler *) data;
  g_atomic_ref_count_inc (&handler->ref_count);
  return handler;
}

/* Walks are over a copy. */
static GPtrArray *
copy_list (FerryHandlers *self)
{
  return g_ptr_array_copy (self->list, handler_ref, NULL);
}

gboolean
ferry_handlers_offer (FerryHandlers *self, FerryRouter *router, FerryNode *iq, FerryJid *from)
{
  const char *ns = ferry_node_get_ns (ferry_node_get_nth_child (iq, 0));
  g_autoptr (GPtrArray) list = copy_list (self);

  for (guint i = list->len; i > 0; i--)
    {
      const Handler *handler = list->pdata[i - 1];
      if (!handler->is_removed && strcmp (handler->kind, "iq") == 0 &&
          g_strcmp0 (handler->ns, ns) == 0 &&
          ((FerryRequestFunc) handler->func) (router, iq, from, handler->user_data))
        return TRUE;
    }
  return FALSE;
}

void
ferry_handlers_show (FerryHandlers *self,
                     FerryRouter *router,
                     FerryNode *stanza,
                     FerryJid *from)
{
  g_autoptr (GPtrArray) list = copy_list (self);

  for (guint i = list->len; i > 0; i--)
    {
      const Handler *handler = list->pdata[i - 1];
      if (!handler->is_removed && ferry_node_is (stanza, handler->kind, NULL) &&
          (handler->ns == NULL || ferry_node_get_child (stanza, NULL, handler->ns) != NULL))
        ((FerryStanzaFunc) handler->func) (router, stanza, from, handler->user_data);
    }
}

guint
ferry_handlers_add (
    FerryHandlers *self, const char *kind, const char *ns, GCallback func, gpointer user_data)
{
  Handler *handler = g_new0 (Handler, 1);
  g_atomic_ref_count_init (&handler->ref_count);
  handler->id = ++self->last_id;
  handler->kind = g_strdup (kind);
  handler->ns = g_strdup (ns);
  handler->func = func;
  handler->user_data = user_data;
  g_ptr_array_add (self->list, handler);
  return handler->id;
}

void
ferry_handlers_remove (FerryHandlers *self, guint id)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      Handler *handler = self->list->pdata[i];
      if (handler->id != id)
        continue;
      handler->is_removed = TRUE;
      g_ptr_array_remove_index (self->list, i);
      return;
    }
}

FerryHandlers *
ferry_handlers_new (void)
{
  FerryHandlers *self = g_new0 (FerryHandlers, 1);
  self->list = g_ptr_array_new_with_free_func (handler_unref);
  return self;
}

void
ferry_handlers_free (FerryHandlers *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->list);
  g_free (self);
}
