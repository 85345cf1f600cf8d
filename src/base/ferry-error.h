/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ferry's one error domain. Each code is a case that somebody handles differently; the message
 * of the GError says what happened and is meant for the log, not for the user. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FERRY_ERROR (ferry_error_quark ())

/**
 * FerryError:
 * @FERRY_ERROR_PROTOCOL: the peer or the server broke a rule; the message names the rule
 * @FERRY_ERROR_DECLINED: the peer's user said no to an offer
 * @FERRY_ERROR_CANCELLED_BY_PEER: the peer ended a transfer that was under way
 * @FERRY_ERROR_UNSUPPORTED: the peer does not know what was asked of it
 * @FERRY_ERROR_UNREACHABLE: no way of moving bytes to the peer is left
 * @FERRY_ERROR_ROUTE: the only routes that work are ones the user did not allow
 * @FERRY_ERROR_GONE: the peer went offline, or its device is not there
 * @FERRY_ERROR_BUSY: the peer or the server asks us to come back later
 * @FERRY_ERROR_FORBIDDEN: the server or the peer does not allow it
 * @FERRY_ERROR_TIMEOUT: no answer in the time of this step
 * @FERRY_ERROR_BROKEN: the connection broke before all bytes had moved
 * @FERRY_ERROR_CORRUPT: all bytes came, the hash differs
 * @FERRY_ERROR_TOO_MUCH: the peer sent more than it announced
 * @FERRY_ERROR_NO_SPACE: the disk is full, or the file does not fit on it
 * @FERRY_ERROR_SOURCE: our source file is gone, unreadable, or changed while it was sent
 * @FERRY_ERROR_TARGET: the folder to save in cannot be written
 * @FERRY_ERROR_PEER_STORAGE: the peer could not read or store the file
 * @FERRY_ERROR_SECURITY: encryption or its identity check failed
 * @FERRY_ERROR_LOGIN: the server refused the user name or the password
 * @FERRY_ERROR_CERTIFICATE: the server's certificate is neither valid nor pinned
 * @FERRY_ERROR_SERVER: the server cannot be found, reached, or is not an XMPP server
 * @FERRY_ERROR_CONFLICT: the account was signed in elsewhere with the same device name
 * @FERRY_ERROR_OFFLINE: we are not connected
 * @FERRY_ERROR_LIMIT: one of Ferry's limits for hostile input was met
 * @FERRY_ERROR_STORE: the profile or its database cannot be used
 * @FERRY_ERROR_PAUSED: one side has stopped for a while, and will go on
 * @FERRY_ERROR_OTHER_KEY: the device shows another key than the user knows it by
 * @FERRY_ERROR_NO_KEY: the device has encrypted before, and does not now
 * @FERRY_ERROR_UNENCRYPTED: the device cannot encrypt, and the user wants it for that contact
 */
typedef enum
{
  FERRY_ERROR_PROTOCOL,
  FERRY_ERROR_DECLINED,
  FERRY_ERROR_CANCELLED_BY_PEER,
  FERRY_ERROR_UNSUPPORTED,
  FERRY_ERROR_UNREACHABLE,
  FERRY_ERROR_ROUTE,
  FERRY_ERROR_GONE,
  FERRY_ERROR_BUSY,
  FERRY_ERROR_FORBIDDEN,
  FERRY_ERROR_TIMEOUT,
  FERRY_ERROR_BROKEN,
  FERRY_ERROR_CORRUPT,
  FERRY_ERROR_TOO_MUCH,
  FERRY_ERROR_NO_SPACE,
  FERRY_ERROR_SOURCE,
  FERRY_ERROR_TARGET,
  FERRY_ERROR_PEER_STORAGE,
  FERRY_ERROR_SECURITY,
  FERRY_ERROR_LOGIN,
  FERRY_ERROR_CERTIFICATE,
  FERRY_ERROR_SERVER,
  FERRY_ERROR_CONFLICT,
  FERRY_ERROR_OFFLINE,
  FERRY_ERROR_LIMIT,
  FERRY_ERROR_STORE,
  FERRY_ERROR_PAUSED,
  FERRY_ERROR_OTHER_KEY,
  FERRY_ERROR_NO_KEY,
  FERRY_ERROR_UNENCRYPTED,
} FerryError;

GQuark ferry_error_quark (void);

/**
 * ferry_error_get_code_name:
 * @error: any error
 *
 * Returns: a stable kebab-case word for programs that read Ferry's output, for instance
 *   `unreachable`; `cancelled` for %G_IO_ERROR_CANCELLED; `failed` for foreign domains
 */
const char *ferry_error_get_code_name (const GError *error);
/**
 * ferry_error_new_from_code_name:
 * @name: (nullable): what ferry_error_get_code_name() returned once
 * @message: (nullable): for the log
 *
 * Returns: (transfer full): such an error; %G_IO_ERROR_FAILED for a name that says nothing
 */
GError *ferry_error_new_from_code_name (const char *name, const char *message);

G_END_DECLS
