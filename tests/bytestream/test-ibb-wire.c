/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/ibb/ferry-ibb-wire.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define IBB "xmlns='http://jabber.org/protocol/ibb' "

static void
test_open (void)
{
  g_test_summary ("<open/> has a stream id, a size of 1 to 65535 and perhaps a kind of stanza");
  static const struct
  {
    const char *xml;
    guint block_size; /* 0: refused */
    FerryIbbStanza stanza;
  } cases[] = {
    { "<open " IBB "sid='a' block-size='4096' stanza='iq'/>", 4096, FERRY_IBB_STANZA_IQ },
    { "<open " IBB "sid='a' block-size='1' stanza='message'/>", 1, FERRY_IBB_STANZA_MESSAGE },
    { "<open " IBB "sid='a' block-size='65535'/>", 65535, FERRY_IBB_STANZA_UNSAID },
    { "<open " IBB "sid='a' block-size='0'/>", 0, 0 },
    { "<open " IBB "sid='a' block-size='65536'/>", 0, 0 },
    { "<open " IBB "sid='a' block-size='-1'/>", 0, 0 },
    { "<open " IBB "sid='a' block-size='4096 '/>", 0, 0 },
    { "<open " IBB "sid='a'/>", 0, 0 },
    { "<open " IBB "sid='' block-size='4096'/>", 0, 0 },
    { "<open " IBB "block-size='4096'/>", 0, 0 },
    { "<open " IBB "sid='a' block-size='4096' stanza='presence'/>", 0, 0 },
    { "<open xmlns='urn:other' sid='a' block-size='4096'/>", 0, 0 },
    { "<data " IBB "sid='a' block-size='4096'/>", 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryNode) node = ferry_test_node (cases[i].xml);
      g_autoptr (GError) error = NULL;
      FerryIbbOpen open = { 0 };

      g_test_message ("%s", cases[i].xml);
      if (ferry_ibb_open_parse (node, &open, &error))
        {
          g_autoptr (FerryNode) again = ferry_ibb_open_to_node (&open);
          g_assert_true (ferry_node_equal (node, again));
          g_assert_cmpint (open.stanza, ==, cases[i].stanza);
        }
      else
        g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
      g_assert_cmpuint (open.block_size, ==, cases[i].block_size);
    }
}

static void
test_data (void)
{
  g_test_summary ("Base64 is read strictly, white space aside, and within the block size of 8");
  static const struct
  {
    const char *seq;
    const char *text;
    const char *bytes; /* NULL: refused */
  } cases[] = {
    { "0", "", "" },
    { "65535", "QQ==", "A" },
    { "1", "QUI=", "AB" },
    { "1", "QUJD", "ABC" },
    { "1", " QU\n\tJD\r\n", "ABC" },
    { "1", "Q U I = ", "AB" },
    { "1", "QUJDREVGR0g=", "ABCDEFGH" },
    { "1", "QUJDREVGR0hJ", NULL }, /* 9 bytes */
    { "65536", "QUJD", NULL },
    { "-1", "QUJD", NULL },
    { "", "QUJD", NULL },
    { "1", "QUJ", NULL },
    { "1", "Q", NULL },
    { "1", "QR==", NULL }, /* bits below the padding */
    { "1", "QUJ=", NULL },
    { "1", "Q===", NULL },
    { "1", "====", NULL },
    { "1", "QQ==QQ==", NULL }, /* padding inside */
    { "1", "QQ=Q", NULL },
    { "1", "QUJD=", NULL },
    { "1", "QUJD----", NULL },
    { "1", "QU-_", NULL },
    { "1", "QUJ\302\240", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryNode) node = ferry_node_new ("data", "http://jabber.org/protocol/ibb");
      g_autoptr (GBytes) bytes = NULL;
      FerryIbbData data;

      g_test_message ("%s “%s”", cases[i].seq, cases[i].text);
      ferry_node_set_attrs (node, "sid", "a", "seq", cases[i].seq, NULL);
      ferry_node_set_text (node, cases[i].text);
      if (ferry_ibb_data_parse (node, &data, NULL))
        bytes = ferry_ibb_data_decode (&data, 8, NULL);
      if (cases[i].bytes == NULL)
        g_assert_null (bytes);
      else
        g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                         cases[i].bytes, strlen (cases[i].bytes));
    }
}

static void
test_data_sizes (void)
{
  g_test_summary ("Blocks of every size come back as they were");
  g_autofree guint8 *block = g_malloc (FERRY_IBB_MAX_BLOCK_SIZE);
  static const gsize sizes[] = { 0, 1, 2, 3, 4, 5, 1023, 1024, 4096, 65534, 65535 };

  for (guint i = 0; i < FERRY_IBB_MAX_BLOCK_SIZE; i++)
    block[i] = (guint8) (i * 37 + i / 256);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      FerryIbbData data;
      g_autoptr (FerryNode) node = ferry_ibb_data_to_node ("sid", 7, block, sizes[i]);
      g_assert_true (ferry_ibb_data_parse (node, &data, NULL));
      g_autoptr (GBytes) bytes = ferry_ibb_data_decode (&data, (guint) sizes[i], NULL);
      g_assert_nonnull (bytes);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), block,
                       sizes[i]);
      if (sizes[i] > 0)
        g_assert_null (ferry_ibb_data_decode (&data, (guint) sizes[i] - 1, NULL));
    }
}

static void
test_close (void)
{
  g_test_summary ("<close/> names the stream");
  g_autoptr (FerryNode) node = ferry_ibb_close_to_node ("abc");

  g_assert_true (ferry_node_is (node, "close", FERRY_NS_IBB));
  g_assert_cmpstr (ferry_node_get_attr (node, "sid"), ==, "abc");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ibb/wire/open", test_open);
  g_test_add_func ("/ibb/wire/data", test_data);
  g_test_add_func ("/ibb/wire/data-sizes", test_data_sizes);
  g_test_add_func ("/ibb/wire/close", test_close);
  return g_test_run ();
}
