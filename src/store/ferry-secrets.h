/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySecrets: keeps passwords and keys: with the desktop's keyring (Secret Service) when one
 * answers, else in a file of the profile that only the user can read. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-jid.h"
#include "store/ferry-profile.h"

G_BEGIN_DECLS

/**
 * FerrySecretsFlags:
 * @FERRY_SECRETS_NONE: use an unlocked keyring, never ask the user to unlock one
 * @FERRY_SECRETS_FILE_ONLY: never use a keyring: for tests and throw-away profiles
 * @FERRY_SECRETS_INTERACTIVE: the keyring may ask the user: only where there is a desktop
 */
typedef enum
{
  FERRY_SECRETS_NONE = 0,
  FERRY_SECRETS_FILE_ONLY = 1 << 0,
  FERRY_SECRETS_INTERACTIVE = 1 << 1,
} FerrySecretsFlags;

#define FERRY_TYPE_SECRETS (ferry_secrets_get_type ())
G_DECLARE_FINAL_TYPE (FerrySecrets, ferry_secrets, FERRY, SECRETS, GObject)

/* @folder: where the file is, `secrets.json`, if one is needed */
FerrySecrets *ferry_secrets_new (const char *folder, FerrySecretsFlags flags);
/* The same for a profile; only the default profile uses a keyring. */
FerrySecrets *ferry_secrets_new_for_profile (FerryProfile *profile, FerrySecretsFlags flags);

/* Returns: (nullable): where secrets are kept: "secret-service" or "file"; %NULL until
 * something was asked for the first time */
const char *ferry_secrets_get_backend (FerrySecrets *self);

/* Returns: (transfer full): the name of an account's password, for the functions below */
char *ferry_secrets_dup_password_name (FerryJid *account);
/* … and of its key inside bytestreams. Returns: (transfer full) */
char *ferry_secrets_dup_identity_name (FerryJid *account);

/**
 * ferry_secrets_lookup_async:
 * @name: what the secret is called
 *
 * Looks for a secret in the keyring, then in the file. A keyring that does not answer within 3
 * s is not asked again.
 */
void ferry_secrets_lookup_async (FerrySecrets *self,
                                 const char *name,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Returns: (transfer full) (nullable): the secret; %NULL without an error if there is none;
 * errors: %FERRY_ERROR_STORE */
char *ferry_secrets_lookup_finish (FerrySecrets *self, GAsyncResult *result, GError **error);

/**
 * ferry_secrets_store_async:
 * @name: what the secret is called; one stored under it before is replaced
 * @label: what the user reads in the keyring's own window
 * @secret: the secret, UTF-8
 */
void ferry_secrets_store_async (FerrySecrets *self,
                                const char *name,
                                const char *label,
                                const char *secret,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ferry_secrets_store_finish (FerrySecrets *self, GAsyncResult *result, GError **error);

/* Removes a secret from wherever it is; that there is none is no error. */
void ferry_secrets_clear_async (FerrySecrets *self,
                                const char *name,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ferry_secrets_clear_finish (FerrySecrets *self, GAsyncResult *result, GError **error);

G_END_DECLS
