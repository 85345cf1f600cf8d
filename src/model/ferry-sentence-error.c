/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went wrong, and what helps. */
#include "config.h"

#include "model/ferry-sentence.h"

#include "base/ferry-error.h"
#include "model/ferry-sentence-private.h"

#include <glib/gi18n-lib.h>

static FerryRemedy
remedy_for_transfer (const GError *error)
{
  if (error == NULL || error->domain != FERRY_ERROR)
    return FERRY_REMEDY_RETRY;

  switch ((FerryError) error->code)
    {
    case FERRY_ERROR_DECLINED:
    case FERRY_ERROR_CANCELLED_BY_PEER:
    case FERRY_ERROR_TIMEOUT:
    case FERRY_ERROR_CORRUPT:
    case FERRY_ERROR_PEER_STORAGE:
      return FERRY_REMEDY_SEND_AGAIN;
    case FERRY_ERROR_NO_SPACE:
    case FERRY_ERROR_TARGET:
      return FERRY_REMEDY_CHOOSE_FOLDER;
    case FERRY_ERROR_SOURCE:
      return FERRY_REMEDY_LOCATE_FILE;
    case FERRY_ERROR_LOGIN:
      return FERRY_REMEDY_ENTER_PASSWORD;
    case FERRY_ERROR_CERTIFICATE:
      return FERRY_REMEDY_VIEW_CERTIFICATE;
    case FERRY_ERROR_CONFLICT:
    case FERRY_ERROR_OFFLINE:
      return FERRY_REMEDY_RECONNECT;
    case FERRY_ERROR_UNREACHABLE:
    case FERRY_ERROR_ROUTE:
    case FERRY_ERROR_GONE:
    case FERRY_ERROR_BUSY:
    case FERRY_ERROR_BROKEN:
    case FERRY_ERROR_SERVER:
    case FERRY_ERROR_SECURITY:
    case FERRY_ERROR_OTHER_KEY:
    case FERRY_ERROR_NO_KEY:
    case FERRY_ERROR_UNENCRYPTED:
      return FERRY_REMEDY_RETRY;
    case FERRY_ERROR_PROTOCOL:
    case FERRY_ERROR_UNSUPPORTED:
    case FERRY_ERROR_FORBIDDEN:
    case FERRY_ERROR_TOO_MUCH:
    case FERRY_ERROR_LIMIT:
    case FERRY_ERROR_STORE:
    case FERRY_ERROR_PAUSED:
    default:
      return FERRY_REMEDY_NONE;
    }
}

static char *
transfer_error_text (const GError *error, const char *peer, const char *file)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_strdup (_ ("Cancelled"));
  if (error == NULL || error->domain != FERRY_ERROR)
    /* Translators: %s is a file name. */
    return g_strdup_printf (_ ("“%s” could not be transferred."), file);

  switch ((FerryError) error->code)
    {
    case FERRY_ERROR_PROTOCOL:
      /* Translators: in all these sentences %s is the name of a person, except between
       * quotation marks, where it is the name of a file. */
      return g_strdup_printf (_ ("%s’s program sent something Ferry does not understand."),
                              peer);
    case FERRY_ERROR_DECLINED:
      return g_strdup_printf (_ ("%s declined “%s”."), peer, file);
    case FERRY_ERROR_CANCELLED_BY_PEER:
      return g_strdup_printf (_ ("%s cancelled “%s”."), peer, file);
    case FERRY_ERROR_UNSUPPORTED:
      return g_strdup_printf (_ ("None of %s’s devices can receive files right now."), peer);
    case FERRY_ERROR_UNREACHABLE:
      return g_strdup_printf (_ ("Could not connect to %s directly or through a relay."), peer);
    case FERRY_ERROR_ROUTE:
      return g_strdup_printf (_ ("The only way left to reach %s is one you do not allow."),
                              peer);
    case FERRY_ERROR_GONE:
      return g_strdup_printf (_ ("%s went offline before “%s” was complete."), peer, file);
    case FERRY_ERROR_BUSY:
      return g_strdup_printf (_ ("%s is busy with other transfers."), peer);
    case FERRY_ERROR_FORBIDDEN:
      return g_strdup_printf (_ ("The server does not let you send files to %s."), peer);
    case FERRY_ERROR_TIMEOUT:
      return g_strdup_printf (_ ("%s did not answer."), peer);
    case FERRY_ERROR_BROKEN:
      return g_strdup_printf (_ ("The connection to %s broke before “%s” was complete."), peer,
                              file);
    case FERRY_ERROR_CORRUPT:
      return g_strdup_printf (_ ("“%s” was damaged on the way. The damaged copy was not kept."),
                              file);
    case FERRY_ERROR_TOO_MUCH:
      return g_strdup_printf (_ ("%s’s computer sent more than it had announced."), peer);
    case FERRY_ERROR_NO_SPACE:
      return g_strdup_printf (_ ("There is not enough space to save “%s”."), file);
    case FERRY_ERROR_SOURCE:
      return g_strdup_printf (_ ("“%s” was moved, deleted, changed, or may not be read."),
                              file);
    case FERRY_ERROR_TARGET:
      return g_strdup_printf (_ ("“%s” could not be saved: the folder cannot be written."),
                              file);
    case FERRY_ERROR_PEER_STORAGE:
      return g_strdup_printf (_ ("%s’s computer could not read or save “%s”."), peer, file);
    case FERRY_ERROR_SECURITY:
      return g_strdup_printf (
          _ ("The connection was not made with %s’s device. Nothing was accepted."), peer);
    case FERRY_ERROR_OTHER_KEY:
      return g_strdup_printf (
          _ ("%s’s device shows another key than before. “%s” was not transferred."), peer,
          file);
    case FERRY_ERROR_NO_KEY:
      return g_strdup_printf (_ ("%s’s Ferry used to encrypt, and does not now. “%s” was not "
                                 "transferred."),
                              peer, file);
    case FERRY_ERROR_UNENCRYPTED:
      return g_strdup_printf (
          _ ("You allow only encrypted files with %s, and that device cannot encrypt."), peer);
    case FERRY_ERROR_LOGIN:
      return g_strdup (_ ("The server did not accept your password."));
    case FERRY_ERROR_CERTIFICATE:
      return g_strdup (_ ("The connection to your server is not secure."));
    case FERRY_ERROR_SERVER:
      return g_strdup (_ ("Could not reach your server. Check your connection."));
    case FERRY_ERROR_CONFLICT:
      return g_strdup (_ ("This account was signed in elsewhere with the same device name."));
    case FERRY_ERROR_OFFLINE:
      return g_strdup (_ ("You are not connected."));
    case FERRY_ERROR_LIMIT:
      return g_strdup_printf (_ ("%s’s program sent more than Ferry is willing to handle."),
                              peer);
    case FERRY_ERROR_STORE:
      return g_strdup (_ ("Ferry’s records could not be written."));
    case FERRY_ERROR_PAUSED:
      return g_strdup_printf (_ ("%s paused “%s”."), peer, file);
    default:
      return g_strdup_printf (_ ("“%s” could not be transferred."), file);
    }
}

char *
ferry_sentence_for_transfer_error (const GError *error,
                                   const char *peer_name,
                                   const char *file_name,
                                   FerryRemedy *remedy)
{
  g_autofree char *peer = ferry_sentence_isolate (peer_name);
  g_autofree char *file = ferry_sentence_isolate (file_name);

  if (remedy != NULL)
    *remedy = remedy_for_transfer (error);
  return transfer_error_text (error, peer, file);
}

char *
ferry_sentence_for_account_error (const GError *error, const char *server, FerryRemedy *remedy)
{
  g_autofree char *host = ferry_sentence_isolate (server);
  FerryRemedy way_out = FERRY_REMEDY_RECONNECT;
  char *text = NULL;

  if (error == NULL || error->domain != FERRY_ERROR)
    /* Translators: in these sentences %s is a server, for instance "example.org". */
    text = g_strdup_printf (_ ("Could not connect to %s."), host);
  else if (error->code == FERRY_ERROR_LOGIN)
    {
      text = g_strdup (_ ("The server did not accept your password."));
      way_out = FERRY_REMEDY_ENTER_PASSWORD;
    }
  else if (error->code == FERRY_ERROR_CERTIFICATE)
    {
      text = g_strdup_printf (_ ("The identity of %s could not be verified."), host);
      way_out = FERRY_REMEDY_VIEW_CERTIFICATE;
    }
  else if (error->code == FERRY_ERROR_SECURITY)
    text = g_strdup_printf (_ ("%s does not offer a secure connection."), host);
  else if (error->code == FERRY_ERROR_CONFLICT)
    text = g_strdup (_ ("This account was signed in elsewhere with the same device name."));
  else if (error->code == FERRY_ERROR_STORE)
    text = g_strdup (_ ("The account could not be saved on this computer."));
  else if (error->code == FERRY_ERROR_PROTOCOL || error->code == FERRY_ERROR_LIMIT)
    text = g_strdup_printf (_ ("%s sent something Ferry does not understand."), host);
  else if (error->code == FERRY_ERROR_FORBIDDEN)
    text = g_strdup_printf (_ ("%s does not let this account sign in."), host);
  else if (error->code == FERRY_ERROR_BUSY)
    text = g_strdup_printf (_ ("%s asks to come back later."), host);
  else
    text = g_strdup_printf (_ ("Could not reach %s. Check your connection."), host);

  if (remedy != NULL)
    *remedy = way_out;
  return text;
}
