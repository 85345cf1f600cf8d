/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-xml"
#include "config.h"

#include "xmpp/strophe/ferry-xml-log.h"

#include "xmpp/ferry-ns.h"

#define MAX_TEXT_BYTES 1024

static void
copy_attr (const char *key, const char *value, gpointer user_data)
{
  ferry_node_set_attr (user_data, key, value);
}

static FerryNode *
cut_contents (const FerryNode *node)
{
  FerryNode *copy = ferry_node_new (ferry_node_get_name (node), ferry_node_get_ns (node));
  gsize length = ferry_node_get_text_length (node);

  ferry_node_foreach_attr (node, copy_attr, copy);
  if (length > MAX_TEXT_BYTES || (length > 0 && ferry_node_is (node, "data", FERRY_NS_IBB)))
    {
      g_autofree char *note = g_strdup_printf ("[%" G_GSIZE_FORMAT " bytes]", length);
      ferry_node_set_text (copy, note);
    }
  else if (length > 0)
    ferry_node_set_text (copy, ferry_node_get_text (node));
  for (guint i = 0; i < ferry_node_get_n_children (node); i++)
    ferry_node_take_child (copy, cut_contents (ferry_node_get_nth_child (node, i)));
  return copy;
}

char *
ferry_xml_log_format (const FerryNode *stanza)
{
  g_autoptr (FerryNode) copy = cut_contents (stanza);
  return ferry_node_to_string (copy);
}

void
ferry_xml_log (const FerryNode *stanza,
               gboolean is_outgoing,
               FerryXmlLogFunc func,
               gpointer user_data)
{
  if (func == NULL && g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN))
    return;

  g_autofree char *text = ferry_xml_log_format (stanza);
  g_debug ("%s %s", is_outgoing ? "→" : "←", text);
  if (func != NULL)
    func (is_outgoing, text, user_data);
}
