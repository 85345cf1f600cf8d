/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-strophe-node.h"

#include <string.h>

/* Key, value, key, value …; no real element has more. */
#define MAX_ATTRIBUTES 64

/* The library drops the prefix of an attribute. The one attribute with a prefix that XMPP knows
 * gets it back; no protocol has one that is called so without. */
static const char *
get_full_name (const char *attribute)
{
  return strcmp (attribute, "lang") == 0 ? "xml:lang" : attribute;
}

static void
copy_attributes (FerryNode *node, xmpp_stanza_t *stanza)
{
  const char *attributes[2 * MAX_ATTRIBUTES];
  int n = xmpp_stanza_get_attributes (stanza, attributes, G_N_ELEMENTS (attributes));

  for (int i = 0; i + 1 < n; i += 2)
    if (strcmp (attributes[i], "xmlns") != 0)
      ferry_node_set_attr (node, get_full_name (attributes[i]), attributes[i + 1]);
}

/* The guard has limited the depth. */
static void
copy_content (FerryNode *node, xmpp_stanza_t *stanza)
{
  const char *ns = xmpp_stanza_get_ns (stanza);

  copy_attributes (node, stanza);
  for (xmpp_stanza_t *child = xmpp_stanza_get_children (stanza); child != NULL;
       child = xmpp_stanza_get_next (child))
    {
      if (xmpp_stanza_is_text (child))
        {
          const char *text = xmpp_stanza_get_text_ptr (child);
          if (text != NULL)
            ferry_node_append_text (node, text, -1);
          continue;
        }
      const char *name = xmpp_stanza_get_name (child);
      const char *child_ns = xmpp_stanza_get_ns (child);
      if (name == NULL)
        continue;
      /* Without a namespace of its own it shares its parent's. */
      gboolean is_same = g_strcmp0 (child_ns, ns) == 0;
      copy_content (
          ferry_node_take_child (node, ferry_node_new (name, is_same ? NULL : child_ns)),
          child);
    }
}

FerryNode *
ferry_strophe_node_convert (xmpp_stanza_t *stanza)
{
  FerryNode *node = ferry_node_new (xmpp_stanza_get_name (stanza), xmpp_stanza_get_ns (stanza));
  copy_content (node, stanza);
  return node;
}
