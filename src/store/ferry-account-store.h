/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The accounts of a profile, without their passwords: those are with ferry-secrets.h. */
#pragma once

#include "base/ferry-jid.h"
#include "store/ferry-store.h"

G_BEGIN_DECLS

#define FERRY_TYPE_ACCOUNT (ferry_account_get_type ())

/**
 * FerryAccount:
 * @id: the row, 0 while it is in none
 * @jid: own bare address
 * @host: (nullable): server instead of what DNS says
 * @port: 0 for what DNS says
 * @resource: (nullable): device name instead of ferry_settings_dup_resource()
 * @ca_file: (nullable): PEM file of authorities to trust instead of the system's
 * @pin_sha256: (nullable): the only certificate to accept, lower-case hex of its SHA-256
 * @enabled: is it to be connected?
 * @proxies: (nullable): addresses of relays to use besides those that the server names
 *
 * A value: change it only while nobody else holds a reference, then
 * ferry_account_store_update().
 */
typedef struct
{
  gint64 id;
  FerryJid *jid;
  char *host;
  guint16 port;
  char *resource;
  char *ca_file;
  char *pin_sha256;
  gboolean enabled;
  char **proxies;

  /*< private >*/
  gatomicrefcount ref_count;
} FerryAccount;

GType ferry_account_get_type (void);
/* @jid: (transfer none): its resource, if any, is left away. The account is enabled. */
FerryAccount *ferry_account_new (FerryJid *jid);
FerryAccount *ferry_account_ref (FerryAccount *self);
void ferry_account_unref (FerryAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryAccount, ferry_account_unref)

/* Returns: (transfer full) (element-type FerryAccount) (nullable): in the order they were
 * added; %NULL with %FERRY_ERROR_STORE */
GPtrArray *ferry_account_store_list (FerryStore *store, GError **error);
/* Stores it and sets @account->id; %FERRY_ERROR_CONFLICT if that address is there already. */
gboolean ferry_account_store_add (FerryStore *store, FerryAccount *account, GError **error);
/* Stores all fields in the row @account->id. */
gboolean ferry_account_store_update (FerryStore *store, FerryAccount *account, GError **error);
/* What it sent and received stays in the history. */
gboolean ferry_account_store_remove (FerryStore *store, gint64 id, GError **error);

G_END_DECLS
