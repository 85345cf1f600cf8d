/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-error.h"

#include <gio/gio.h>

G_DEFINE_QUARK (ferry_error, ferry_error)

static const char *const code_names[] = {
  [FERRY_ERROR_PROTOCOL] = "protocol",
  [FERRY_ERROR_DECLINED] = "declined",
  [FERRY_ERROR_CANCELLED_BY_PEER] = "cancelled-by-peer",
  [FERRY_ERROR_UNSUPPORTED] = "unsupported",
  [FERRY_ERROR_UNREACHABLE] = "unreachable",
  [FERRY_ERROR_ROUTE] = "route-not-allowed",
  [FERRY_ERROR_GONE] = "gone",
  [FERRY_ERROR_BUSY] = "busy",
  [FERRY_ERROR_FORBIDDEN] = "forbidden",
  [FERRY_ERROR_TIMEOUT] = "timeout",
  [FERRY_ERROR_BROKEN] = "broken",
  [FERRY_ERROR_CORRUPT] = "corrupt",
  [FERRY_ERROR_TOO_MUCH] = "too-much",
  [FERRY_ERROR_NO_SPACE] = "no-space",
  [FERRY_ERROR_SOURCE] = "source",
  [FERRY_ERROR_TARGET] = "target",
  [FERRY_ERROR_PEER_STORAGE] = "peer-storage",
  [FERRY_ERROR_SECURITY] = "security",
  [FERRY_ERROR_LOGIN] = "login",
  [FERRY_ERROR_CERTIFICATE] = "certificate",
  [FERRY_ERROR_SERVER] = "server",
  [FERRY_ERROR_CONFLICT] = "conflict",
  [FERRY_ERROR_OFFLINE] = "offline",
  [FERRY_ERROR_LIMIT] = "limit",
  [FERRY_ERROR_STORE] = "store",
  [FERRY_ERROR_PAUSED] = "paused",
  [FERRY_ERROR_OTHER_KEY] = "other-key",
  [FERRY_ERROR_NO_KEY] = "no-key",
  [FERRY_ERROR_UNENCRYPTED] = "unencrypted",
};

const char *
ferry_error_get_code_name (const GError *error)
{
  g_return_val_if_fail (error != NULL, "failed");

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "cancelled";
  if (error->domain == FERRY_ERROR && (guint) error->code < G_N_ELEMENTS (code_names))
    return code_names[error->code];
  return "failed";
}

GError *
ferry_error_new_from_code_name (const char *name, const char *message)
{
  if (message == NULL)
    message = "no details were kept";
  for (guint i = 0; i < G_N_ELEMENTS (code_names); i++)
    if (g_strcmp0 (code_names[i], name) == 0)
      return g_error_new_literal (FERRY_ERROR, (gint) i, message);
  return g_error_new_literal (
      G_IO_ERROR, g_strcmp0 (name, "cancelled") == 0 ? G_IO_ERROR_CANCELLED : G_IO_ERROR_FAILED,
      message);
}
