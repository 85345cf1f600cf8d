/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server says while we sign in: any bytes end in a verdict, and the verdict does not
 * depend on how they are cut. The first byte says whether a session is to be resumed. */
#include "xmpp/strophe/ferry-login.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
judge (const guint8 *data, gsize size, gsize piece, gboolean *is_done)
{
  FerryLogin login;
  gboolean ok = TRUE;

  ferry_login_init (&login, size > 0 && data[0] == 'r');
  for (gsize at = size > 0 ? 1 : 0; ok && at < size; at += piece)
    {
      g_autoptr (GError) error = NULL;
      ok = ferry_login_feed (&login, (const char *) data + at, MIN (piece, size - at), &error);
      g_assert_true (ok == (error == NULL));
    }
  *is_done = ferry_login_is_done (&login);
  ferry_login_clear (&login);
  return ok;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  gboolean is_done_whole;
  gboolean is_done_bytes;
  gboolean ok_whole = judge (data, size, size + 1, &is_done_whole);
  gboolean ok_bytes = judge (data, size, 1, &is_done_bytes);

  g_assert_true (ok_whole == ok_bytes);
  g_assert_true (is_done_whole == is_done_bytes);
  return 0;
}
