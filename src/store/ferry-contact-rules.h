/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user decided about single contacts. A rule stays when the contact leaves the list:
 * whoever comes back is met as before. */
#pragma once

#include "base/ferry-jid.h"
#include "store/ferry-store.h"

G_BEGIN_DECLS

/**
 * FerryEncryption:
 * @FERRY_ENCRYPTION_AUTO: files are encrypted wherever the contact's device can
 * @FERRY_ENCRYPTION_ALWAYS: no file goes or comes in clear
 * @FERRY_ENCRYPTION_NEVER: we offer no encryption; who asks for it gets it all the same
 */
typedef enum
{
  FERRY_ENCRYPTION_AUTO,
  FERRY_ENCRYPTION_ALWAYS,
  FERRY_ENCRYPTION_NEVER,
} FerryEncryption;

const char *ferry_encryption_get_name (FerryEncryption encryption);
/* Returns: whether @name is one of "auto", "always", "never" */
gboolean ferry_encryption_from_name (const char *name, FerryEncryption *out);

/**
 * ferry_contact_rules_dup_routes:
 * @account: own address; @contact: theirs; resources do not count
 * @error: %FERRY_ERROR_STORE
 *
 * Returns: (transfer full) (nullable): the ways allowed with that contact, as they were given;
 *   %NULL without @error if there is no rule
 */
char *ferry_contact_rules_dup_routes (FerryStore *store,
                                      const FerryJid *account,
                                      const FerryJid *contact,
                                      GError **error);
/* @routes: (nullable): %NULL takes the rule away */
gboolean ferry_contact_rules_set_routes (FerryStore *store,
                                         const FerryJid *account,
                                         const FerryJid *contact,
                                         const char *routes,
                                         GError **error);
/* ALWAYS, too, if the rule cannot be read. */
FerryEncryption ferry_contact_rules_get_encryption (FerryStore *store,
                                                    const FerryJid *account,
                                                    const FerryJid *contact);
gboolean ferry_contact_rules_set_encryption (FerryStore *store,
                                             const FerryJid *account,
                                             const FerryJid *contact,
                                             FerryEncryption encryption,
                                             GError **error);

G_END_DECLS
