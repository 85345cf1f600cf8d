/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any error stanza becomes a GError with a short message from which its condition is read
 * back. */
#include "xmpp/ferry-stanza-error.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) stanza = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  if (stanza == NULL)
    return 0;

  g_autoptr (GError) error = ferry_stanza_error_parse (stanza);
  g_assert_nonnull (error);
  g_assert_cmpuint (strlen (error->message), <, 600);
  FerryStanzaCondition condition = ferry_stanza_error_get_condition (error);

  g_autoptr (FerryNode) again = ferry_node_new ("iq", "jabber:client");
  ferry_node_take_child (again, ferry_stanza_error_to_node (condition, NULL));
  g_autoptr (GError) error_again = ferry_stanza_error_parse (again);
  g_assert_cmpint (error_again->code, ==, error->code);
  return 0;
}
