/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/si/ferry-sipub.h"

#include "base/ferry-error.h"
#include "signalling/si/ferry-si-offer.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

static const char *const namespaces[] = { FERRY_NS_SIPUB, FERRY_NS_SIPUB_COCCINELLA };

/* Returns: (nullable): the namespace of @node if it is called @name in one of them */
static const char *
find_ns (const FerryNode *node, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (namespaces); i++)
    if (ferry_node_is (node, name, namespaces[i]))
      return namespaces[i];
  return NULL;
}

/* (nullable) */
static const char *
read_id (const FerryNode *node, const char *key)
{
  const char *id = ferry_node_get_attr (node, key);
  return id != NULL && id[0] != '\0' && strlen (id) <= FERRY_SI_MAX_ID ? id : NULL;
}

/* --- What is published -----------------------------------------------------------------------
 */

void
ferry_sipub_free (FerrySipub *self)
{
  g_free (self->id);
  g_clear_pointer (&self->owner, ferry_jid_unref);
  g_clear_pointer (&self->file, ferry_file_info_unref);
  g_free (self);
}

FerrySipub *
ferry_sipub_parse (const FerryNode *sipub, GError **error)
{
  const char *ns = find_ns (sipub, "sipub");
  const char *id = ns != NULL ? read_id (sipub, "id") : NULL;

  if (id == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "Announcement without an id (XEP-0137)");
      return NULL;
    }
  if (g_strcmp0 (ferry_node_get_attr (sipub, "profile"), FERRY_NS_SI_FILE) != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                   "Announcement of something else than a file");
      return NULL;
    }
  const char *from = ferry_node_get_attr (sipub, "from");
  g_autoptr (FerryJid) owner = from != NULL ? ferry_jid_new (from, error) : NULL;
  if (from != NULL && owner == NULL)
    return NULL;
  g_autoptr (FerryFileInfo) file = ferry_si_file_parse (sipub);
  if (file == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "Announcement without a name or a possible size");
      return NULL;
    }

  FerrySipub *self = g_new0 (FerrySipub, 1);
  self->id = g_strdup (id);
  self->owner = g_steal_pointer (&owner);
  self->file = g_steal_pointer (&file);
  self->ns = ns;
  return self;
}

FerryNode *
ferry_sipub_to_node (const FerrySipub *self)
{
  FerryNode *node = ferry_node_new ("sipub", self->ns);

  ferry_node_set_attrs (node, "id", self->id, "from",
                        self->owner != NULL ? ferry_jid_get_text (self->owner) : NULL, NULL);
  ferry_si_file_add (node, self->file);
  return node;
}

static void
read_into (GPtrArray *list, const FerryNode *node, gboolean needs_owner)
{
  if (list->len == FERRY_SIPUB_MAX_LIST || find_ns (node, "sipub") == NULL)
    return;
  g_autoptr (FerrySipub) sipub = ferry_sipub_parse (node, NULL);
  if (sipub != NULL && (sipub->owner != NULL || !needs_owner))
    g_ptr_array_add (list, g_steal_pointer (&sipub));
}

static void
read_event (GPtrArray *list, const FerryNode *event)
{
  const FerryNode *items =
      event != NULL ? ferry_node_get_child (event, "items", FERRY_NS_PUBSUB_EVENT) : NULL;

  for (guint i = 0; items != NULL && i < ferry_node_get_n_children (items); i++)
    {
      const FerryNode *item = ferry_node_get_nth_child (items, i);
      if (ferry_node_is (item, "item", FERRY_NS_PUBSUB_EVENT))
        for (guint k = 0; k < ferry_node_get_n_children (item); k++)
          read_into (list, ferry_node_get_nth_child (item, k), TRUE);
    }
}

GPtrArray *
ferry_sipub_list (const FerryNode *message)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_sipub_free);

  for (guint i = 0; i < ferry_node_get_n_children (message); i++)
    read_into (list, ferry_node_get_nth_child (message, i), FALSE);
  read_event (list, ferry_node_get_child (message, "event", FERRY_NS_PUBSUB_EVENT));
  return list;
}

/* --- Question and answer ---------------------------------------------------------------------
 */

FerryNode *
ferry_sipub_start_to_node (const FerrySipub *self)
{
  FerryNode *start = ferry_node_new ("start", self->ns);
  ferry_node_set_attr (start, "id", self->id);
  return start;
}

const char *
ferry_sipub_start_parse (const FerryNode *start)
{
  return find_ns (start, "start") != NULL ? read_id (start, "id") : NULL;
}

FerryNode *
ferry_sipub_starting_to_node (const char *ns, const char *sid)
{
  FerryNode *starting = ferry_node_new ("starting", ns);
  ferry_node_set_attr (starting, "sid", sid);
  return starting;
}

const char *
ferry_sipub_starting_parse (const FerryNode *iq)
{
  for (guint i = 0; i < G_N_ELEMENTS (namespaces); i++)
    {
      const FerryNode *starting = ferry_node_get_child (iq, "starting", namespaces[i]);
      if (starting != NULL)
        return read_id (starting, "sid");
    }
  return NULL;
}
