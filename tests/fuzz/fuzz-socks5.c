/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first byte chooses what the rest is: bytes for the dialling side, bytes for the listening
 * side, or the sizes of the pieces in which both sides' bytes reach each other; then they must
 * always agree on the destination. */
#include "bytestream/s5b/ferry-socks5.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define HASH "972b7bf47291ca609517f67f86b5081086052dad"

static gboolean
is_over (const FerrySocks5 *machine)
{
  FerrySocks5Status status = ferry_socks5_get_status (machine);
  return status == FERRY_SOCKS5_DONE || status == FERRY_SOCKS5_FAILED;
}

/* Never more output than the longest answers, nothing taken or said after the end. */
static void
check_alone (FerrySocks5 *machine, GByteArray *out, const guint8 *data, gsize size)
{
  gsize at = 0;
  while (at < size)
    {
      gsize wanted = ferry_socks5_get_wanted (machine);
      gsize n = MIN (size - at, (gsize) data[at] % 7 + 1);
      gsize taken = ferry_socks5_step (machine, data + at, n, out);
      g_assert_cmpuint (taken, <=, n);
      if (n <= wanted)
        g_assert_cmpuint (taken, ==, n);
      at += taken;
      if (ferry_socks5_get_status (machine) == FERRY_SOCKS5_ASKED)
        {
          g_assert_cmpuint (strlen (ferry_socks5_get_destination (machine)), <=, 40);
          ferry_socks5_answer (machine, data[at - 1] & 1, out);
        }
      if (is_over (machine))
        {
          guint before = out->len;
          g_assert_cmpuint (ferry_socks5_step (machine, data, size, out), ==, 0);
          g_assert_cmpuint (ferry_socks5_get_wanted (machine), ==, 0);
          g_assert_cmpuint (out->len, ==, before);
          break;
        }
    }
  g_assert_cmpuint (out->len, <=, 3 + 2 + FERRY_SOCKS5_MAX_BYTES);
}

/* Moves a piece of @from to @machine, as long as it is in the dialogue. */
static void
deliver (GByteArray *from, guint8 piece, FerrySocks5 *machine, GByteArray *out)
{
  gsize n = MIN (from->len, (gsize) piece % 60 + 1);
  if (n == 0)
    return;
  gsize taken = ferry_socks5_step (machine, from->data, n, out);
  g_assert_cmpuint (taken, ==, n);
  g_byte_array_remove_range (from, 0, (guint) n);
  if (ferry_socks5_get_status (machine) == FERRY_SOCKS5_ASKED)
    {
      g_assert_cmpstr (ferry_socks5_get_destination (machine), ==, HASH);
      ferry_socks5_answer (machine, TRUE, out);
    }
}

static void
check_pair (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) to_accepter = g_byte_array_new ();
  g_autoptr (GByteArray) to_dialler = g_byte_array_new ();
  FerrySocks5 dialler, accepter;

  ferry_socks5_init_dial (&dialler, HASH, to_accepter);
  ferry_socks5_init_accept (&accepter);
  for (guint i = 0; to_accepter->len > 0 || to_dialler->len > 0; i++)
    {
      guint8 piece = size > 0 ? data[i % size] : 0;
      deliver (to_accepter, piece, &accepter, to_dialler);
      deliver (to_dialler, (guint8) (piece >> 2), &dialler, to_accepter);
    }
  g_assert_cmpint (ferry_socks5_get_status (&dialler), ==, FERRY_SOCKS5_DONE);
  g_assert_cmpint (ferry_socks5_get_status (&accepter), ==, FERRY_SOCKS5_DONE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  FerrySocks5 machine;

  if (size == 0)
    return 0;
  switch (data[0] % 3)
    {
    case 0:
      ferry_socks5_init_dial (&machine, HASH, out);
      check_alone (&machine, out, data + 1, size - 1);
      break;
    case 1:
      ferry_socks5_init_accept (&machine);
      check_alone (&machine, out, data + 1, size - 1);
      break;
    default:
      check_pair (data + 1, size - 1);
      break;
    }
  return 0;
}
