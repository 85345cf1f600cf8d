/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-secret-file"

#include "config.h"

#include "store/ferry-secret-file.h"

#include "base/ferry-error.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

/* Returns: (transfer full) (nullable): the object in the file, an empty one if there is no
 * file; %NULL with %FERRY_ERROR_STORE, and @is_damaged if it could be read but not understood
 */
static JsonObject *
load (const char *path, gboolean *is_damaged, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *contents = NULL;
  gsize length = 0;

  *is_damaged = FALSE;
  if (!g_file_get_contents (path, &contents, &length, &local_error))
    {
      if (g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return json_object_new ();
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE, local_error->message);
      return NULL;
    }
  if (json_parser_load_from_data (parser, contents, (gssize) length, &local_error))
    {
      JsonNode *root = json_parser_get_root (parser);
      if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
        return json_node_dup_object (root);
    }

  *is_damaged = TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "“%s” holds no secrets: %s", path,
               local_error != NULL ? local_error->message : "not an object");
  return NULL;
}

char *
ferry_secret_file_lookup (const char *path, const char *name, GError **error)
{
  g_return_val_if_fail (path != NULL && name != NULL, NULL);

  gboolean is_damaged;
  g_autoptr (JsonObject) secrets = load (path, &is_damaged, error);
  if (secrets == NULL)
    return NULL;

  /* Somebody may have edited it: a member need not be a text. */
  JsonNode *member = json_object_get_member (secrets, name);
  gboolean is_text = member != NULL && JSON_NODE_HOLDS_VALUE (member) &&
                     json_node_get_value_type (member) == G_TYPE_STRING;
  return is_text ? json_node_dup_string (member) : NULL;
}

static gboolean
save (const char *path, JsonObject *secrets, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) root = json_node_alloc ();
  json_node_init_object (root, secrets);
  g_autofree char *text = json_to_string (root, TRUE);

  if (g_file_set_contents_full (path, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                0600, &local_error))
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE, local_error->message);
  return FALSE;
}

static void
keep_damaged (const char *path)
{
  g_autofree char *damaged = g_strconcat (path, ".damaged", NULL);
  if (g_rename (path, damaged) == 0)
    g_info ("%s could not be understood and is kept as %s", path, damaged);
}

gboolean
ferry_secret_file_set (const char *path, const char *name, const char *secret, GError **error)
{
  g_return_val_if_fail (path != NULL && name != NULL, FALSE);

  g_autoptr (GError) local_error = NULL;
  gboolean is_damaged;
  g_autoptr (JsonObject) secrets = load (path, &is_damaged, &local_error);
  if (secrets == NULL && !is_damaged)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (secret == NULL && (secrets == NULL || !json_object_has_member (secrets, name)))
    return TRUE;

  if (secrets == NULL)
    {
      keep_damaged (path);
      secrets = json_object_new ();
    }
  if (secret != NULL)
    json_object_set_string_member (secrets, name, secret);
  else
    json_object_remove_member (secrets, name);
  return save (path, secrets, error);
}
