/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/ferry-contact-rules.h"

#include "store/ferry-store-private.h"

static const char *const encryption_names[] = {
  [FERRY_ENCRYPTION_AUTO] = "auto",
  [FERRY_ENCRYPTION_ALWAYS] = "always",
  [FERRY_ENCRYPTION_NEVER] = "never",
};

const char *
ferry_encryption_get_name (FerryEncryption encryption)
{
  return encryption_names[encryption];
}

gboolean
ferry_encryption_from_name (const char *name, FerryEncryption *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (encryption_names); i++)
    if (g_strcmp0 (name, encryption_names[i]) == 0)
      {
        *out = (FerryEncryption) i;
        return TRUE;
      }
  return FALSE;
}

/* Returns: (nullable): what stands in the row of the contact, without @error if it is empty or
 * there is none */
static char *
dup_value (FerryStore *store,
           const char *sql,
           const FerryJid *account,
           const FerryJid *contact,
           GError **error)
{
  g_autoptr (FerryStatement) statement = ferry_store_prepare (store, sql, error);
  if (statement == NULL)
    return NULL;

  ferry_statement_bind (statement, "ss", ferry_jid_get_bare (account),
                        ferry_jid_get_bare (contact));
  return ferry_statement_next (statement, error) ? ferry_statement_dup_text (statement, 0)
                                                 : NULL;
}

char *
ferry_contact_rules_dup_routes (FerryStore *store,
                                const FerryJid *account,
                                const FerryJid *contact,
                                GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && contact != NULL, NULL);

  return dup_value (store,
                    "SELECT nullif (routes, '') FROM contact_rules"
                    " WHERE account = ?1 AND contact = ?2",
                    account, contact, error);
}

gboolean
ferry_contact_rules_set_routes (FerryStore *store,
                                const FerryJid *account,
                                const FerryJid *contact,
                                const char *routes,
                                GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && contact != NULL, FALSE);

  return ferry_store_execute (
      store, error,
      "INSERT INTO contact_rules (account, contact, routes) VALUES (?1, ?2, ?3)"
      " ON CONFLICT DO UPDATE SET routes = excluded.routes",
      "sss", ferry_jid_get_bare (account), ferry_jid_get_bare (contact),
      routes != NULL ? routes : "");
}

FerryEncryption
ferry_contact_rules_get_encryption (FerryStore *store,
                                    const FerryJid *account,
                                    const FerryJid *contact)
{
  FerryEncryption encryption = FERRY_ENCRYPTION_AUTO;

  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && contact != NULL,
                        FERRY_ENCRYPTION_ALWAYS);

  g_autoptr (GError) error = NULL;
  g_autofree char *name = dup_value (store,
                                     "SELECT encryption FROM contact_rules"
                                     " WHERE account = ?1 AND contact = ?2",
                                     account, contact, &error);
  /* There may be a rule, or one of a newer Ferry: better no file than one in clear. */
  if (error != NULL || (name != NULL && !ferry_encryption_from_name (name, &encryption)))
    return FERRY_ENCRYPTION_ALWAYS;
  return encryption;
}

gboolean
ferry_contact_rules_set_encryption (FerryStore *store,
                                    const FerryJid *account,
                                    const FerryJid *contact,
                                    FerryEncryption encryption,
                                    GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && contact != NULL, FALSE);

  return ferry_store_execute (
      store, error,
      "INSERT INTO contact_rules (account, contact, routes, encryption)"
      " VALUES (?1, ?2, '', ?3)"
      " ON CONFLICT DO UPDATE SET encryption = excluded.encryption",
      "sss", ferry_jid_get_bare (account), ferry_jid_get_bare (contact),
      encryption != FERRY_ENCRYPTION_AUTO ? ferry_encryption_get_name (encryption) : NULL);
}
