/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps: export_async → write_slice (again and again, when nobody else wants to run) →
 * replaced_cb. */
#include "config.h"

#include "store/ferry-history-export.h"

#include "store/ferry-history-private.h"

#include <json-glib/json-glib.h>

/* The longest a slice may keep a window from drawing. */
#define SLICE_US 4000

typedef struct
{
  GFile *file;
  FerryHistoryFormat format;
  GArray *seqs; /* of gint64: the rows, newest first */
  guint next;
  GString *text;
} Export;

static void
export_free (gpointer data)
{
  Export *export = data;

  g_clear_object (&export->file);
  g_clear_pointer (&export->seqs, g_array_unref);
  if (export->text != NULL)
    g_string_free (export->text, TRUE);
  g_free (export);
}

/* --- One entry -------------------------------------------------------------------------------
 */

static void
insert_string (GVariantDict *dict, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert (dict, key, "s", value);
}

static char *
dup_time (FerryHistoryEntry *entry)
{
  g_autoptr (GDateTime) ended =
      g_date_time_new_from_unix_utc (ferry_history_entry_get_ended_us (entry) / G_USEC_PER_SEC);

  return ended != NULL ? g_date_time_format_iso8601 (ended) : NULL;
}

static const char *
get_direction (FerryHistoryEntry *entry)
{
  return ferry_history_entry_is_outgoing (entry) ? "send" : "receive";
}

GVariant *
ferry_history_entry_to_variant (FerryHistoryEntry *self)
{
  g_return_val_if_fail (FERRY_IS_HISTORY_ENTRY (self), NULL);

  GVariantDict dict;
  gint64 size = ferry_history_entry_get_size (self);
  g_autofree char *when = dup_time (self);

  g_variant_dict_init (&dict, NULL);
  insert_string (&dict, "event", "history");
  insert_string (&dict, "id", ferry_history_entry_get_id (self));
  insert_string (&dict, "direction", get_direction (self));
  insert_string (&dict, "peer", ferry_history_entry_get_peer (self));
  insert_string (&dict, "name", ferry_history_entry_get_name (self));
  if (size >= 0)
    g_variant_dict_insert (&dict, "size", "x", size);
  insert_string (&dict, "path", ferry_history_entry_get_path (self));
  insert_string (&dict, "route", ferry_history_entry_get_route (self));
  g_variant_dict_insert (&dict, "encrypted", "b", ferry_history_entry_is_encrypted (self));
  if (ferry_history_entry_is_encrypted (self))
    g_variant_dict_insert (&dict, "key_verified", "b",
                           ferry_history_entry_is_key_verified (self));
  g_variant_dict_insert (&dict, "received", "b", ferry_history_entry_was_received (self));
  insert_string (&dict, "verified", ferry_history_entry_get_verified (self));
  insert_string (&dict, "sha256", ferry_history_entry_get_sha256 (self));
  insert_string (&dict, "outcome", ferry_history_entry_get_outcome (self));
  insert_string (&dict, "error", ferry_history_entry_get_error_code (self));
  insert_string (&dict, "ended", when);
  return g_variant_dict_end (&dict);
}

static void
append_json (GString *text, FerryHistoryEntry *entry)
{
  g_autoptr (GVariant) object = g_variant_ref_sink (ferry_history_entry_to_variant (entry));
  g_autoptr (JsonNode) root = json_gvariant_serialize (object);
  g_autofree char *line = json_to_string (root, FALSE);

  g_string_append_printf (text, "%s\n", line);
}

/* File names are chosen by others, and a spreadsheet computes what begins like a formula; an
 * apostrophe before it says that it is text. */
static void
append_field (GString *text, const char *value)
{
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append_c (text, ',');
  if (value == NULL)
    return;
  g_string_append_c (text, '"');
  if (*value != '\0' && strchr ("=+-@\t\r", *value) != NULL)
    g_string_append_c (text, '\'');
  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

static void
append_csv (GString *text, FerryHistoryEntry *entry)
{
  gint64 size = ferry_history_entry_get_size (entry);
  g_autofree char *amount = size >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, size) : NULL;
  g_autofree char *when = dup_time (entry);
  const char *const fields[] = {
    when != NULL ? when : "",
    get_direction (entry),
    ferry_history_entry_get_peer (entry),
    ferry_history_entry_get_peer_name (entry),
    ferry_history_entry_get_name (entry),
    amount,
    ferry_history_entry_get_outcome (entry),
    ferry_history_entry_get_error_code (entry),
    ferry_history_entry_get_route (entry),
    ferry_history_entry_is_encrypted (entry) ? "yes" : "no",
    ferry_history_entry_was_received (entry) ? "yes" : "no",
    ferry_history_entry_get_verified (entry),
    ferry_history_entry_get_sha256 (entry),
    ferry_history_entry_get_path (entry),
  };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    append_field (text, fields[i]);
  g_string_append (text, "\r\n");
}

#define CSV_TITLES                                                                             \
  "ended,direction,peer,peer "                                                                 \
  "name,name,size,outcome,error,route,encrypted,received,verified,sha256,path\r\n"

/* --- All of them -----------------------------------------------------------------------------
 */

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Returns: FALSE if the database could not be read */
static gboolean
append_next (FerryHistory *self, Export *export, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gint64 seq = g_array_index (export->seqs, gint64, export->next++);
  g_autoptr (FerryTransferRow) row =
      ferry_transfer_store_lookup_seq (ferry_history_get_store (self), seq, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (row == NULL) /* removed meanwhile */
    return TRUE;

  g_autoptr (FerryHistoryEntry) entry = ferry_history_entry_new_take (g_steal_pointer (&row));
  if (export->format == FERRY_HISTORY_JSON)
    append_json (export->text, entry);
  else
    append_csv (export->text, entry);
  return TRUE;
}

static gboolean
write_slice (gpointer user_data)
{
  GTask *task = user_data;
  Export *export = g_task_get_task_data (task);
  gint64 until_us = g_get_monotonic_time () + SLICE_US;
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  while (export->next < export->seqs->len)
    {
      if (!append_next (g_task_get_source_object (task), export, &error))
        {
          g_task_return_error (task, error);
          return G_SOURCE_REMOVE;
        }
      if (g_get_monotonic_time () >= until_us)
        return G_SOURCE_CONTINUE;
    }

  g_autoptr (GBytes) bytes = g_string_free_to_bytes (g_steal_pointer (&export->text));
  g_file_replace_contents_bytes_async (export->file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE,
                                       g_task_get_cancellable (task), replaced_cb,
                                       g_object_ref (task));
  return G_SOURCE_REMOVE;
}

void
ferry_history_export_async (FerryHistory *self,
                            GFile *file,
                            FerryHistoryFormat format,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (FERRY_IS_HISTORY (self));
  g_return_if_fail (G_IS_FILE (file));

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Export *export = g_new0 (Export, 1);

  export->file = g_object_ref (file);
  export->format = format;
  export->seqs = ferry_history_dup_seqs (self);
  export->text = g_string_new (format == FERRY_HISTORY_CSV ? CSV_TITLES : NULL);
  g_task_set_source_tag (task, ferry_history_export_async);
  g_task_set_task_data (task, export, export_free);
  g_idle_add_full (G_PRIORITY_LOW, write_slice, g_steal_pointer (&task), g_object_unref);
}

gboolean
ferry_history_export_finish (FerryHistory *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
