/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words between our errors and the reasons of Jingle (XEP-0166 §7.4). */
#include "config.h"

#include "signalling/jingle/ferry-jingle-machine.h"

#include <gio/gio.h>

/* What a peer hears of our failures: the kind, never a path or a host. */
static const FerryJingleReason reasons[] = {
  [FERRY_ERROR_PROTOCOL] = FERRY_JINGLE_REASON_GENERAL_ERROR,
  [FERRY_ERROR_DECLINED] = FERRY_JINGLE_REASON_DECLINE,
  [FERRY_ERROR_CANCELLED_BY_PEER] = FERRY_JINGLE_REASON_CANCEL,
  [FERRY_ERROR_UNSUPPORTED] = FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS,
  [FERRY_ERROR_UNREACHABLE] = FERRY_JINGLE_REASON_FAILED_TRANSPORT,
  [FERRY_ERROR_ROUTE] = FERRY_JINGLE_REASON_FAILED_TRANSPORT,
  [FERRY_ERROR_GONE] = FERRY_JINGLE_REASON_GONE,
  [FERRY_ERROR_BUSY] = FERRY_JINGLE_REASON_BUSY,
  [FERRY_ERROR_FORBIDDEN] = FERRY_JINGLE_REASON_DECLINE,
  [FERRY_ERROR_TIMEOUT] = FERRY_JINGLE_REASON_TIMEOUT,
  [FERRY_ERROR_BROKEN] = FERRY_JINGLE_REASON_FAILED_TRANSPORT,
  [FERRY_ERROR_CORRUPT] = FERRY_JINGLE_REASON_MEDIA_ERROR,
  [FERRY_ERROR_TOO_MUCH] = FERRY_JINGLE_REASON_MEDIA_ERROR,
  [FERRY_ERROR_NO_SPACE] = FERRY_JINGLE_REASON_FAILED_APPLICATION,
  [FERRY_ERROR_SOURCE] = FERRY_JINGLE_REASON_FAILED_APPLICATION,
  [FERRY_ERROR_TARGET] = FERRY_JINGLE_REASON_FAILED_APPLICATION,
  [FERRY_ERROR_PEER_STORAGE] = FERRY_JINGLE_REASON_FAILED_APPLICATION,
  [FERRY_ERROR_SECURITY] = FERRY_JINGLE_REASON_SECURITY_ERROR,
  [FERRY_ERROR_LOGIN] = FERRY_JINGLE_REASON_GONE,
  [FERRY_ERROR_CERTIFICATE] = FERRY_JINGLE_REASON_GONE,
  [FERRY_ERROR_SERVER] = FERRY_JINGLE_REASON_GONE,
  [FERRY_ERROR_CONFLICT] = FERRY_JINGLE_REASON_GONE,
  [FERRY_ERROR_OFFLINE] = FERRY_JINGLE_REASON_GONE,
  [FERRY_ERROR_LIMIT] = FERRY_JINGLE_REASON_BUSY,
  [FERRY_ERROR_STORE] = FERRY_JINGLE_REASON_FAILED_APPLICATION,
  [FERRY_ERROR_PAUSED] = FERRY_JINGLE_REASON_CANCEL,
  [FERRY_ERROR_OTHER_KEY] = FERRY_JINGLE_REASON_SECURITY_ERROR,
  [FERRY_ERROR_NO_KEY] = FERRY_JINGLE_REASON_SECURITY_ERROR,
  [FERRY_ERROR_UNENCRYPTED] = FERRY_JINGLE_REASON_SECURITY_ERROR,
};

static const struct
{
  FerryError code;
  const char *message;
} meanings[] = {
  [FERRY_JINGLE_REASON_NONE] = { FERRY_ERROR_CANCELLED_BY_PEER,
                                 "The peer ended the session without a reason" },
  [FERRY_JINGLE_REASON_ALTERNATIVE_SESSION] = { FERRY_ERROR_CANCELLED_BY_PEER,
                                                "The peer prefers another session" },
  [FERRY_JINGLE_REASON_BUSY] = { FERRY_ERROR_BUSY, "The peer is busy" },
  [FERRY_JINGLE_REASON_CANCEL] = { FERRY_ERROR_CANCELLED_BY_PEER, "The peer cancelled" },
  [FERRY_JINGLE_REASON_CONNECTIVITY_ERROR] = { FERRY_ERROR_UNREACHABLE,
                                               "The peer found no connection" },
  [FERRY_JINGLE_REASON_DECLINE] = { FERRY_ERROR_DECLINED, "The peer declined" },
  [FERRY_JINGLE_REASON_EXPIRED] = { FERRY_ERROR_TIMEOUT, "The session expired" },
  [FERRY_JINGLE_REASON_FAILED_APPLICATION] = { FERRY_ERROR_PEER_STORAGE,
                                               "The peer could not read or store the file" },
  [FERRY_JINGLE_REASON_FAILED_TRANSPORT] = { FERRY_ERROR_UNREACHABLE,
                                             "All connections failed for the peer" },
  [FERRY_JINGLE_REASON_GENERAL_ERROR] = { FERRY_ERROR_PROTOCOL,
                                          "The peer ended the session with a general error" },
  [FERRY_JINGLE_REASON_GONE] = { FERRY_ERROR_GONE, "The peer goes offline" },
  [FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS] = { FERRY_ERROR_UNSUPPORTED,
                                                    "The peer cannot do it this way" },
  [FERRY_JINGLE_REASON_MEDIA_ERROR] = { FERRY_ERROR_CORRUPT,
                                        "The peer found the received file wrong" },
  [FERRY_JINGLE_REASON_SECURITY_ERROR] = { FERRY_ERROR_SECURITY,
                                           "The peer gave up for security" },
  [FERRY_JINGLE_REASON_SUCCESS] = { FERRY_ERROR_PROTOCOL,
                                    "The peer says success before there was a connection" },
  [FERRY_JINGLE_REASON_TIMEOUT] = { FERRY_ERROR_TIMEOUT, "The peer waited too long" },
  [FERRY_JINGLE_REASON_UNSUPPORTED_APPLICATIONS] = { FERRY_ERROR_UNSUPPORTED,
                                                     "The peer does not take files this way" },
  [FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS] = { FERRY_ERROR_UNSUPPORTED,
                                                   "No way of connecting that both know" },
};

FerryJingleReason
ferry_jingle_reason_for_error (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FERRY_JINGLE_REASON_CANCEL;
  if (error->domain == FERRY_ERROR && (guint) error->code < G_N_ELEMENTS (reasons))
    return reasons[error->code];
  return FERRY_JINGLE_REASON_FAILED_APPLICATION;
}

GError *
ferry_jingle_reason_to_error (FerryJingleReason reason, const char *text)
{
  GError *error =
      g_error_new_literal (FERRY_ERROR, (int) meanings[reason].code, meanings[reason].message);
  if (text != NULL && text[0] != '\0')
    {
      g_autofree char *message = g_strdup_printf ("%s: %s", error->message, text);
      g_free (error->message);
      error->message = g_steal_pointer (&message);
    }
  return error;
}
