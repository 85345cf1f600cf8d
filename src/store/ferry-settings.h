/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small settings of a profile: a key and a text or a number. What only the window cares about
 * (sizes, columns) is in GSettings; here is what the core needs, also without a window. */
#pragma once

#include "store/ferry-store.h"

G_BEGIN_DECLS

/**
 * ferry_settings_dup_string:
 * @key: name of the setting
 * @fallback: (nullable): what to return when it is not set
 *
 * Returns: (transfer full) (nullable): the value
 */
char *ferry_settings_dup_string (FerryStore *store, const char *key, const char *fallback);
gint64 ferry_settings_get_int (FerryStore *store, const char *key, gint64 fallback);
/* A %NULL @value takes the setting away. Errors: %FERRY_ERROR_STORE */
gboolean ferry_settings_set_string (FerryStore *store,
                                    const char *key,
                                    const char *value,
                                    GError **error);
gboolean
ferry_settings_set_int (FerryStore *store, const char *key, gint64 value, GError **error);

/* Returns: (transfer full): `ferry-` and 6 random characters, made once for each profile: the
 * resource by which servers and contacts know this installation */
char *ferry_settings_dup_resource (FerryStore *store);

/* Returns: (transfer full): where received files go; at first the user's folder of downloads */
char *ferry_settings_dup_download_folder (FerryStore *store);
/* A %NULL @folder goes back to the user's folder of downloads. */
gboolean
ferry_settings_set_download_folder (FerryStore *store, const char *folder, GError **error);

G_END_DECLS
