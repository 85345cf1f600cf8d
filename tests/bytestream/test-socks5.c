/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "bytestream/s5b/ferry-socks5.h"

#include <string.h>

#define HASH "972b7bf47291ca609517f67f86b5081086052dad"

/* Escaped text to bytes: "05 00" */
static GByteArray *
unhex (const char *text)
{
  GByteArray *bytes = g_byte_array_new ();
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (parts[i][0] == '\0')
        continue;
      if (strcmp (parts[i], "HASH") == 0)
        {
          g_byte_array_append (bytes, (const guint8 *) HASH, 40);
          continue;
        }
      guint8 byte = (guint8) g_ascii_strtoull (parts[i], NULL, 16);
      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

static void
assert_bytes (GByteArray *bytes, const char *expected)
{
  g_autoptr (GByteArray) wanted = unhex (expected);
  g_assert_cmpmem (bytes->data, bytes->len, wanted->data, wanted->len);
}

/* Feeds @size bytes in pieces of @piece; stops where the machine stops taking. */
static gsize
feed (FerrySocks5 *machine, GByteArray *in, gsize piece, GByteArray *out)
{
  gsize at = 0;
  while (at < in->len)
    {
      gsize n = MIN (piece, in->len - at);
      gsize taken = ferry_socks5_step (machine, in->data + at, n, out);
      at += taken;
      if (taken < n)
        break;
    }
  return at;
}

static void
test_dial (void)
{
  g_test_summary ("Every reply seen in the field is read as the specification's table says");
  static const struct
  {
    const char *what;
    const char *in; /* after the answer to the greeting */
    FerrySocks5Status status;
    gsize n_left;
  } cases[] = {
    { "the normal reply", "05 00 00 03 28 HASH 00 00", FERRY_SOCKS5_DONE, 0 },
    { "data glued to it", "05 00 00 03 28 HASH 00 00 41 42", FERRY_SOCKS5_DONE, 2 },
    { "no address (old ejabberd)", "05 00 00 00 00 00", FERRY_SOCKS5_DONE, 0 },
    { "an IPv4 address (Pidgin)", "05 00 00 01 c0 00 02 07 1f 90", FERRY_SOCKS5_DONE, 0 },
    { "an IPv6 address", "05 00 00 04 1 2 3 4 5 6 7 8 9 a b c d e f 0 1f 90 7",
      FERRY_SOCKS5_DONE, 1 },
    { "another name", "05 00 00 03 03 61 62 63 00 00", FERRY_SOCKS5_DONE, 0 },
    { "an empty name", "05 00 00 03 00 00 00", FERRY_SOCKS5_DONE, 0 },
    { "two bytes (old gabble)", "05 00", FERRY_SOCKS5_GREETED, 0 },
    { "part of a reply", "05 00 00 03 28", FERRY_SOCKS5_GREETED, 0 },
    { "Prosody refuses", "05 01 00 03 00 00 00", FERRY_SOCKS5_FAILED, 5 },
    { "Dino refuses", "05 01", FERRY_SOCKS5_FAILED, 0 },
    { "iris refuses", "05 04 00 03 00 00 00", FERRY_SOCKS5_FAILED, 5 },
    { "another version", "04 00", FERRY_SOCKS5_FAILED, 0 },
    { "an unknown address type", "05 00 00 02", FERRY_SOCKS5_FAILED, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize piece = 1; piece <= 64; piece *= 4)
      {
        g_autoptr (GByteArray) in = unhex (cases[i].in);
        g_autoptr (GByteArray) out = g_byte_array_new ();
        FerrySocks5 machine;
        g_test_message ("%s, in pieces of %zu", cases[i].what, piece);

        ferry_socks5_init_dial (&machine, HASH, out);
        assert_bytes (out, "05 01 00");
        g_byte_array_set_size (out, 0);
        g_assert_cmpuint (ferry_socks5_get_wanted (&machine), ==, 2);
        g_assert_cmpuint (ferry_socks5_step (&machine, (const guint8 *) "\5", 1, out), ==, 1);
        g_assert_cmpuint (out->len, ==, 0);
        g_assert_cmpuint (ferry_socks5_step (&machine, (const guint8 *) "\0", 1, out), ==, 1);
        assert_bytes (out, "05 01 00 03 28 HASH 00 00");
        g_assert_cmpint (ferry_socks5_get_status (&machine), ==, FERRY_SOCKS5_GREETED);

        g_byte_array_set_size (out, 0);
        gsize taken = feed (&machine, in, piece, out);
        g_assert_cmpint (ferry_socks5_get_status (&machine), ==, cases[i].status);
        g_assert_cmpuint (in->len - taken, ==, cases[i].n_left);
        g_assert_cmpuint (out->len, ==, 0);
      }
}

static void
test_dial_greeting (void)
{
  g_test_summary ("Only the method \"no authentication\" lets the request go out");
  static const char *const bad[] = { "05 ff", "05 02", "04 00", "48 54" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GByteArray) in = unhex (bad[i]);
      g_autoptr (GByteArray) out = g_byte_array_new ();
      FerrySocks5 machine;
      ferry_socks5_init_dial (&machine, HASH, out);
      ferry_socks5_step (&machine, in->data, in->len, out);
      assert_bytes (out, "05 01 00");
      g_assert_cmpint (ferry_socks5_get_status (&machine), ==, FERRY_SOCKS5_FAILED);
    }
}

static void
test_dial_quiet (void)
{
  g_test_summary ("Silence completes a two-byte reply and nothing else");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  FerrySocks5 machine;

  ferry_socks5_init_dial (&machine, HASH, out);
  ferry_socks5_quiet (&machine);
  g_assert_cmpint (ferry_socks5_get_status (&machine), ==, FERRY_SOCKS5_TALKING);
  ferry_socks5_step (&machine, (const guint8 *) "\5\0\5", 3, out);
  ferry_socks5_quiet (&machine);
  g_assert_cmpint (ferry_socks5_get_status (&machine), ==, FERRY_SOCKS5_GREETED);
  ferry_socks5_step (&machine, (const guint8 *) "\0", 1, out);
  g_assert_true (ferry_socks5_is_half_replied (&machine));
  ferry_socks5_quiet (&machine);
  g_assert_cmpint (ferry_socks5_get_status (&machine), ==, FERRY_SOCKS5_DONE);
}

static void
test_accept (void)
{
  g_test_summary ("The listening side answers every request byte by byte as specified");
  static const struct
  {
    const char *what;
    const char *in;
    const char *out; /* when the known hash is awaited */
    FerrySocks5Status status;
    gsize n_left;
  } cases[] = {
    { "the normal dialogue", "05 01 00 05 01 00 03 28 HASH 00 00",
      "05 00 05 00 00 03 28 HASH 00 00", FERRY_SOCKS5_DONE, 0 },
    { "a port, and data at once", "05 02 02 00 05 01 7f 03 28 HASH 1f 90 41",
      "05 00 05 00 00 03 28 HASH 1f 90", FERRY_SOCKS5_DONE, 1 },
    { "no methods", "05 00", "05 ff", FERRY_SOCKS5_FAILED, 0 },
    { "no good method", "05 02 01 02", "05 ff", FERRY_SOCKS5_FAILED, 0 },
    { "another version", "04 01 00", "", FERRY_SOCKS5_FAILED, 1 },
    { "HTTP", "47 45 54", "", FERRY_SOCKS5_FAILED, 1 },
    { "another command", "05 01 00 05 02 00 03 28 HASH 00 00", "05 00 05 07 00 03 00 00 00",
      FERRY_SOCKS5_FAILED, 42 },
    { "an IPv4 address", "05 01 00 05 01 00 01 7f 00 00 01 00 50", "05 00 05 08 00 03 00 00 00",
      FERRY_SOCKS5_FAILED, 5 },
    { "version changes", "05 01 00 04 01 00 03 28", "05 00", FERRY_SOCKS5_FAILED, 0 },
    { "an empty name", "05 01 00 05 01 00 03 00 00 50", "05 00 05 02 00 03 00 00 00",
      FERRY_SOCKS5_FAILED, 0 },
    { "a short name", "05 01 00 05 01 00 03 02 61 62 00 50", "05 00 05 02 00 03 02 61 62 00 00",
      FERRY_SOCKS5_FAILED, 0 },
    { "half a request", "05 01 00 05 01 00 03 28 61", "05 00", FERRY_SOCKS5_TALKING, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize piece = 1; piece <= 64; piece *= 4)
      {
        g_autoptr (GByteArray) in = unhex (cases[i].in);
        g_autoptr (GByteArray) out = g_byte_array_new ();
        FerrySocks5 machine;
        g_test_message ("%s, in pieces of %zu", cases[i].what, piece);

        ferry_socks5_init_accept (&machine);
        gsize taken = feed (&machine, in, piece, out);
        if (ferry_socks5_get_status (&machine) == FERRY_SOCKS5_ASKED)
          {
            g_assert_cmpstr (ferry_socks5_get_destination (&machine), ==, HASH);
            g_assert_cmpuint (ferry_socks5_get_wanted (&machine), ==, 0);
            ferry_socks5_answer (&machine, TRUE, out);
          }
        assert_bytes (out, cases[i].out);
        g_assert_cmpint (ferry_socks5_get_status (&machine), ==, cases[i].status);
        g_assert_cmpuint (in->len - taken, ==, cases[i].n_left);
      }
}

static void
test_accept_case (void)
{
  g_test_summary (
      "Upper case finds its hash, is echoed as it came; an unknown hash is refused");
  g_autoptr (GByteArray) in = unhex ("05 01 00 05 01 00 03 28");
  g_autofree char *upper = g_ascii_strup (HASH, -1);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  FerrySocks5 machine;

  g_byte_array_append (in, (const guint8 *) upper, 40);
  g_byte_array_append (in, (const guint8 *) "\x12\x34", 2);
  ferry_socks5_init_accept (&machine);
  feed (&machine, in, 100, out);
  g_assert_cmpstr (ferry_socks5_get_destination (&machine), ==, HASH);
  FerrySocks5 other = machine;

  g_byte_array_set_size (out, 0);
  ferry_socks5_answer (&machine, TRUE, out);
  g_assert_cmpmem (out->data + 5, 40, upper, 40);
  g_assert_cmpmem (out->data + 45, 2, "\x12\x34", 2);

  g_byte_array_set_size (out, 0);
  ferry_socks5_answer (&other, FALSE, out);
  g_assert_cmpmem (out->data, 5, "\5\2\0\3\x28", 5);
  g_assert_cmpmem (out->data + 45, out->len - 45, "\0\0", 2);
  g_assert_cmpint (ferry_socks5_get_status (&other), ==, FERRY_SOCKS5_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/socks5/dial", test_dial);
  g_test_add_func ("/bytestream/socks5/dial-greeting", test_dial_greeting);
  g_test_add_func ("/bytestream/socks5/dial-quiet", test_dial_quiet);
  g_test_add_func ("/bytestream/socks5/accept", test_accept);
  g_test_add_func ("/bytestream/socks5/accept-case", test_accept_case);
  return g_test_run ();
}
