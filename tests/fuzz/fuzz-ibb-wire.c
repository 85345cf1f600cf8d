/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML text → open, data or close: what was accepted is within its limits, and builds to what
 * reads the same again. */
#include "bytestream/ibb/ferry-ibb-wire.h"

#include <string.h>

#define BLOCK_SIZE 48

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_open (const FerryIbbOpen *open)
{
  FerryIbbOpen again;
  g_autoptr (FerryNode) node = ferry_ibb_open_to_node (open);

  g_assert_cmpuint (open->block_size, >=, 1);
  g_assert_cmpuint (open->block_size, <=, FERRY_IBB_MAX_BLOCK_SIZE);
  g_assert_true (ferry_ibb_open_parse (node, &again, NULL));
  g_assert_cmpstr (again.sid, ==, open->sid);
  g_assert_cmpuint (again.block_size, ==, open->block_size);
  g_assert_cmpint (again.stanza, ==, open->stanza);
}

static void
check_data (const FerryIbbData *data)
{
  g_autoptr (GBytes) bytes = ferry_ibb_data_decode (data, BLOCK_SIZE, NULL);
  if (bytes == NULL)
    return;

  gsize size;
  gconstpointer block = g_bytes_get_data (bytes, &size);
  g_assert_cmpuint (size, <=, BLOCK_SIZE);

  /* Strict decoding has one encoding for each block, white space aside. */
  FerryIbbData again;
  g_autoptr (FerryNode) node = ferry_ibb_data_to_node (data->sid, data->seq, block, size);
  g_assert_true (ferry_ibb_data_parse (node, &again, NULL));
  g_assert_cmpuint (again.seq, ==, data->seq);
  const char *a = data->text;
  for (const char *b = again.text; *b != '\0'; a++, b++)
    {
      a += strspn (a, " \t\r\n");
      g_assert_cmpint (*a, ==, *b);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  FerryIbbOpen open;
  FerryIbbData block;

  if (node == NULL)
    return 0;
  if (ferry_ibb_open_parse (node, &open, NULL))
    check_open (&open);
  if (ferry_ibb_data_parse (node, &block, NULL))
    check_data (&block);
  return 0;
}
