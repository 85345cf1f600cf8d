/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/jingle/ferry-jingle-ibb.h"

#include "base/ferry-decimal.h"
#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_BLOCK_SIZE 65535
#define MAX_SID 256

FerryJingleIbb *
ferry_jingle_ibb_new (const char *sid, guint block_size)
{
  FerryJingleIbb *self = g_new0 (FerryJingleIbb, 1);
  self->sid = g_strdup (sid);
  self->block_size = block_size;
  return self;
}

void
ferry_jingle_ibb_free (FerryJingleIbb *self)
{
  g_free (self->sid);
  g_free (self);
}

FerryJingleIbb *
ferry_jingle_ibb_parse (FerryNode *transport, GError **error)
{
  const char *sid = NULL;
  guint64 block_size = 0;

  if (ferry_node_is (transport, "transport", FERRY_NS_JINGLE_IBB))
    {
      sid = ferry_node_get_attr (transport, "sid");
      ferry_decimal_parse (ferry_node_get_attr (transport, "block-size"), MAX_BLOCK_SIZE,
                           &block_size);
    }
  if (sid == NULL || sid[0] == '\0' || strlen (sid) > MAX_SID || block_size == 0)
    {
      g_set_error_literal (
          error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
          "In-band transport without a valid sid and block-size (XEP-0261 §2)");
      return NULL;
    }
  return ferry_jingle_ibb_new (sid, (guint) block_size);
}

FerryNode *
ferry_jingle_ibb_to_node (const FerryJingleIbb *self)
{
  FerryNode *transport = ferry_node_new ("transport", FERRY_NS_JINGLE_IBB);
  ferry_node_set_attr_uint (transport, "block-size", self->block_size);
  ferry_node_set_attr (transport, "sid", self->sid);
  return transport;
}
