/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/ferry-contact-rules.h"

#include "store/ferry-store-private.h"

char *
ferry_contact_rules_dup_routes (FerryStore *store,
                                const FerryJid *account,
                                const FerryJid *contact,
                                GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && contact != NULL, NULL);

  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store, "SELECT routes FROM contact_rules WHERE account = ?1 AND contact = ?2", error);
  if (statement == NULL)
    return NULL;

  ferry_statement_bind (statement, "ss", ferry_jid_get_bare (account),
                        ferry_jid_get_bare (contact));
  return ferry_statement_next (statement, error) ? ferry_statement_dup_text (statement, 0)
                                                 : NULL;
}

gboolean
ferry_contact_rules_set_routes (FerryStore *store,
                                const FerryJid *account,
                                const FerryJid *contact,
                                const char *routes,
                                GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && contact != NULL, FALSE);

  if (routes == NULL)
    return ferry_store_execute (
        store, error, "DELETE FROM contact_rules WHERE account = ?1 AND contact = ?2", "ss",
        ferry_jid_get_bare (account), ferry_jid_get_bare (contact));
  return ferry_store_execute (
      store, error, "REPLACE INTO contact_rules (account, contact, routes) VALUES (?1, ?2, ?3)",
      "sss", ferry_jid_get_bare (account), ferry_jid_get_bare (contact), routes);
}
