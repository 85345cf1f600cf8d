/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-settings"

#include "config.h"

#include "store/ferry-settings.h"

#include "base/ferry-id.h"
#include "store/ferry-store-private.h"

#define KEY_RESOURCE "resource"
#define KEY_DOWNLOAD_FOLDER "download-folder"
#define N_RESOURCE_CHARS 6

#define SQL_GET "SELECT value FROM settings WHERE key = ?1"
#define SQL_SET "REPLACE INTO settings (key, value) VALUES (?1, ?2)"

/* Returns: (nullable): the statement on the row of @key, if there is one */
static FerryStatement *
find_row (FerryStore *store, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryStatement) statement = ferry_store_prepare (store, SQL_GET, &error);

  if (statement != NULL)
    {
      ferry_statement_bind (statement, "s", key);
      if (ferry_statement_next (statement, &error))
        return g_steal_pointer (&statement);
    }
  if (error != NULL)
    g_info ("%s: %s", key, error->message);
  return NULL;
}

char *
ferry_settings_dup_string (FerryStore *store, const char *key, const char *fallback)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL, NULL);

  g_autoptr (FerryStatement) row = find_row (store, key);
  return row != NULL ? ferry_statement_dup_text (row, 0) : g_strdup (fallback);
}

gint64
ferry_settings_get_int (FerryStore *store, const char *key, gint64 fallback)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL, fallback);

  g_autoptr (FerryStatement) row = find_row (store, key);
  return row != NULL ? ferry_statement_get_int (row, 0) : fallback;
}

gboolean
ferry_settings_set_string (FerryStore *store,
                           const char *key,
                           const char *value,
                           GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL, FALSE);

  if (value == NULL)
    return ferry_store_execute (store, error, "DELETE FROM settings WHERE key = ?1", "s", key);
  return ferry_store_execute (store, error, SQL_SET, "ss", key, value);
}

gboolean
ferry_settings_set_int (FerryStore *store, const char *key, gint64 value, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL, FALSE);

  return ferry_store_execute (store, error, SQL_SET, "sI", key, value);
}

char *
ferry_settings_dup_resource (FerryStore *store)
{
  g_autofree char *kept = ferry_settings_dup_string (store, KEY_RESOURCE, NULL);
  if (kept != NULL)
    return g_steal_pointer (&kept);

  g_autoptr (GError) error = NULL;
  g_autofree char *id = ferry_id_new ();
  g_autofree char *resource = g_strdup_printf ("ferry-%.*s", N_RESOURCE_CHARS, id);
  if (!ferry_settings_set_string (store, KEY_RESOURCE, resource, &error))
    g_info ("the resource is not kept: %s", error->message);
  return g_steal_pointer (&resource);
}

char *
ferry_settings_dup_download_folder (FerryStore *store)
{
  g_autofree char *folder = ferry_settings_dup_string (store, KEY_DOWNLOAD_FOLDER, NULL);
  if (folder != NULL)
    return g_steal_pointer (&folder);

  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  return downloads != NULL ? g_strdup (downloads)
                           : g_build_filename (g_get_home_dir (), "Downloads", NULL);
}

gboolean
ferry_settings_set_download_folder (FerryStore *store, const char *folder, GError **error)
{
  return ferry_settings_set_string (store, KEY_DOWNLOAD_FOLDER, folder, error);
}
