/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an offer says about encryption is a whole fingerprint, nothing, or refused; and it
 * prints to what reads the same. */
#include "signalling/ferry-security.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Returns: does any child claim to be about encryption? */
static gboolean
has_claim (const FerryNode *parent)
{
  for (guint i = 0; i < ferry_node_get_n_children (parent); i++)
    if (g_str_equal (ferry_node_get_name (ferry_node_get_nth_child (parent, i)), "security"))
      return TRUE;
  return FALSE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) parent = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  if (parent == NULL)
    return 0;

  FerrySecurity security = ferry_security_parse (parent);
  g_assert_cmpint (security.kind != FERRY_SECURITY_NONE, ==, has_claim (parent));
  g_assert_cmpint (security.fingerprint.algo, ==,
                   security.kind == FERRY_SECURITY_TLS ? FERRY_HASH_SHA256 : FERRY_HASH_NONE);

  g_autoptr (FerryNode) printed = ferry_node_new ("si", NULL);
  ferry_security_add_to (&security, printed);
  FerrySecurity again = ferry_security_parse (printed);
  g_assert_true (ferry_security_equal (&again, &security));
  return 0;
}
