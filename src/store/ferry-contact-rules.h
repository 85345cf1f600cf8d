/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user decided about single contacts. A rule stays when the contact leaves the list:
 * whoever comes back is met as before. */
#pragma once

#include "base/ferry-jid.h"
#include "store/ferry-store.h"

G_BEGIN_DECLS

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

G_END_DECLS
