/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/ibb/ferry-ibb-wire.h"

#include "base/ferry-decimal.h"
#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <openssl/evp.h>
#include <string.h>

#define BASE64_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define XML_SPACE " \t\r\n"

static gboolean
parse_sid (const FerryNode *node, const char *name, const char **sid, GError **error)
{
  if (!ferry_node_is (node, name, FERRY_NS_IBB))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "Not an in-band <%s/>", name);
      return FALSE;
    }

  const char *value = ferry_node_get_attr (node, "sid");
  gsize length = value != NULL ? strlen (value) : 0;
  if (length < 1 || length > FERRY_IBB_MAX_SID)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "In-band <%s/> without a stream id of 1 to %d bytes", name,
                   FERRY_IBB_MAX_SID);
      return FALSE;
    }
  *sid = value;
  return TRUE;
}

static gboolean
parse_stanza (const char *value, FerryIbbStanza *out)
{
  if (value == NULL)
    *out = FERRY_IBB_STANZA_UNSAID;
  else if (strcmp (value, "iq") == 0)
    *out = FERRY_IBB_STANZA_IQ;
  else if (strcmp (value, "message") == 0)
    *out = FERRY_IBB_STANZA_MESSAGE;
  else
    return FALSE;
  return TRUE;
}

gboolean
ferry_ibb_open_parse (const FerryNode *node, FerryIbbOpen *out, GError **error)
{
  FerryIbbOpen open = { 0 };
  guint64 block_size;

  if (!parse_sid (node, "open", &open.sid, error))
    return FALSE;
  if (!ferry_decimal_parse (ferry_node_get_attr (node, "block-size"), FERRY_IBB_MAX_BLOCK_SIZE,
                            &block_size) ||
      block_size == 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "In-band block size is not 1 to %d", FERRY_IBB_MAX_BLOCK_SIZE);
      return FALSE;
    }
  if (!parse_stanza (ferry_node_get_attr (node, "stanza"), &open.stanza))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "In-band blocks are neither iqs nor messages");
      return FALSE;
    }

  open.block_size = (guint) block_size;
  *out = open;
  return TRUE;
}

FerryNode *
ferry_ibb_open_to_node (const FerryIbbOpen *open)
{
  static const char *const names[] = {
    [FERRY_IBB_STANZA_UNSAID] = NULL,
    [FERRY_IBB_STANZA_IQ] = "iq",
    [FERRY_IBB_STANZA_MESSAGE] = "message",
  };
  FerryNode *node = ferry_node_new ("open", FERRY_NS_IBB);

  ferry_node_set_attr (node, "sid", open->sid);
  ferry_node_set_attr_uint (node, "block-size", open->block_size);
  ferry_node_set_attr (node, "stanza", names[open->stanza]);
  return node;
}

gboolean
ferry_ibb_data_parse (const FerryNode *node, FerryIbbData *out, GError **error)
{
  FerryIbbData data = { 0 };
  guint64 seq;

  if (!parse_sid (node, "data", &data.sid, error))
    return FALSE;
  if (!ferry_decimal_parse (ferry_node_get_attr (node, "seq"), G_MAXUINT16, &seq))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "In-band sequence number is not 0 to %d", G_MAXUINT16);
      return FALSE;
    }

  data.seq = (guint16) seq;
  data.text = ferry_node_get_text (node);
  data.text_length = ferry_node_get_text_length (node);
  *out = data;
  return TRUE;
}

/* Copies @text without its white space, run by run. */
static char *
dup_without_space (const char *text, gsize *length)
{
  char *out = g_malloc (*length + 1);
  gsize size = 0;

  for (;;)
    {
      text += strspn (text, XML_SPACE);
      gsize run = strcspn (text, XML_SPACE);
      if (run == 0)
        break;
      memcpy (out + size, text, run);
      size += run;
      text += run;
    }
  out[size] = '\0';
  *length = size;
  return out;
}

/* Is it whole groups of the alphabet, with at most two `=` at the end? EVP_DecodeBlock takes
 * much more than that. */
static gboolean
measure_base64 (const char *text, gsize length, guint *n_padding)
{
  gsize n_digits = strspn (text, BASE64_ALPHABET);

  *n_padding = (guint) MIN (length - n_digits, 3);
  return length % 4 == 0 && *n_padding <= 2 && strncmp (text + n_digits, "==", *n_padding) == 0;
}

GBytes *
ferry_ibb_data_decode (const FerryIbbData *self, guint block_size, GError **error)
{
  const char *text = self->text;
  gsize length = self->text_length;
  g_autofree char *joined = NULL;
  guint n_padding;

  if (text[strcspn (text, XML_SPACE)] != '\0')
    text = joined = dup_without_space (text, &length);
  if (!measure_base64 (text, length, &n_padding))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "In-band data is not base64");
      return NULL;
    }

  gsize size = length / 4 * 3 - n_padding;
  if (size > block_size)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "In-band block of %" G_GSIZE_FORMAT " bytes, agreed were %u", size,
                   block_size);
      return NULL;
    }
  if (size == 0)
    return g_bytes_new_static ("", 0);

  /* The padding decodes to bytes of its own; bits set in them were hidden behind it. */
  g_autofree guint8 *bytes = g_malloc (size + n_padding);
  EVP_DecodeBlock (bytes, (const guint8 *) text, (int) length);
  if (n_padding > 0 && bytes[size] != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "In-band base64 has stray bits");
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

FerryNode *
ferry_ibb_data_to_node (const char *sid, guint16 seq, gconstpointer data, gsize size)
{
  g_return_val_if_fail (size <= FERRY_IBB_MAX_BLOCK_SIZE, NULL);

  FerryNode *node = ferry_node_new ("data", FERRY_NS_IBB);
  ferry_node_set_attr (node, "sid", sid);
  ferry_node_set_attr_uint (node, "seq", seq);

  g_autofree char *text = g_malloc ((size + 2) / 3 * 4 + 1);
  int length = EVP_EncodeBlock ((guint8 *) text, data, (int) size);
  ferry_node_append_text (node, text, length);
  return node;
}

FerryNode *
ferry_ibb_close_to_node (const char *sid)
{
  FerryNode *node = ferry_node_new ("close", FERRY_NS_IBB);
  ferry_node_set_attr (node, "sid", sid);
  return node;
}
