/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-file-info.h"

#include "base/ferry-decimal.h"
#include "base/ferry-tree.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_DESC 2048
#define MAX_MEDIA_TYPE 127
#define MAX_DATE 64
#define MAX_TRANSFER_ID 64 /* also that of a batch */
#define MAX_BATCH 1000000

G_DEFINE_BOXED_TYPE (FerryFileInfo, ferry_file_info, ferry_file_info_ref, ferry_file_info_unref)

FerryFileInfo *
ferry_file_info_new (const char *name, gint64 size)
{
  g_return_val_if_fail (size >= -1, NULL);

  FerryFileInfo *self = g_new0 (FerryFileInfo, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->size = size;
  return self;
}

FerryFileInfo *
ferry_file_info_ref (FerryFileInfo *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_file_info_unref (FerryFileInfo *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->media_type);
  g_free (self->desc);
  g_free (self->transfer_id);
  ferry_batch_info_clear (&self->batch);
  g_clear_pointer (&self->date, g_date_time_unref);
  g_clear_pointer (&self->plain, ferry_file_info_unref);
  g_free (self);
}

/* --- What a peer says of a file -------------------------------------------------------------
 */

static char *
dup_media_type (const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;
  const char *slash = text != NULL ? strchr (text, '/') : NULL;

  if (slash == NULL || slash == text || slash[1] == '\0' || length > MAX_MEDIA_TYPE ||
      strchr (slash + 1, '/') != NULL)
    return NULL;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (text[i]) && strchr ("!#$&-^_.+/", text[i]) == NULL)
        return NULL;
    }
  return g_ascii_strdown (text, -1);
}

/* XEP-0082, and what Gajim makes of it: `2026-11-21T02:28:53.045050+00:00Z`. */
static GDateTime *
parse_date (const char *text)
{
  if (text == NULL || strlen (text) > MAX_DATE)
    return NULL;

  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, utc);
  if (date == NULL && g_str_has_suffix (text, "Z"))
    {
      g_autofree char *without = g_strndup (text, strlen (text) - 1);
      date = g_date_time_new_from_iso8601 (without, utc);
    }
  if (date == NULL || g_date_time_get_year (date) < 1970)
    return NULL;
  return g_date_time_to_utc (date);
}

static char *
dup_desc (const char *text)
{
  if (text == NULL || text[0] == '\0')
    return NULL;
  /* Cut between characters: the node holds valid UTF-8. */
  gsize length = strlen (text);
  if (length > MAX_DESC)
    {
      length = MAX_DESC;
      while (length > 0 && ((guchar) text[length] & 0xc0) == 0x80)
        length--;
    }
  return g_strndup (text, length);
}

void
ferry_file_info_read_media_type (FerryFileInfo *self, const char *text)
{
  g_free (self->media_type);
  self->media_type = dup_media_type (text);
}

void
ferry_file_info_read_desc (FerryFileInfo *self, const char *text)
{
  g_free (self->desc);
  self->desc = dup_desc (text);
}

void
ferry_file_info_read_date (FerryFileInfo *self, const char *text)
{
  g_clear_pointer (&self->date, g_date_time_unref);
  self->date = parse_date (text);
}

void
ferry_file_info_read_transfer_id (FerryFileInfo *self, const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;

  g_clear_pointer (&self->transfer_id, g_free);
  if (length > 0 && length <= MAX_TRANSFER_ID)
    self->transfer_id = g_strdup (text);
}

void
ferry_file_info_read_batch (FerryFileInfo *self, const FerryNode *batch)
{
  const char *id = batch != NULL ? ferry_node_get_attr (batch, "id") : NULL;
  guint64 n_transfers, n_files, size;

  ferry_batch_info_clear (&self->batch);
  if (id == NULL || id[0] == '\0' || strlen (id) > MAX_TRANSFER_ID ||
      !ferry_decimal_parse (ferry_node_get_attr (batch, "transfers"), MAX_BATCH,
                            &n_transfers) ||
      !ferry_decimal_parse (ferry_node_get_attr (batch, "files"), G_MAXINT, &n_files) ||
      !ferry_decimal_parse (ferry_node_get_attr (batch, "size"), FERRY_SIZE_MAX, &size) ||
      n_transfers < 2)
    return;
  self->batch.id = g_strdup (id);
  self->batch.n_transfers = (guint) n_transfers;
  self->batch.n_files = (guint) n_files;
  self->batch.size = (gint64) size;
}

void
ferry_file_info_add_ids (const FerryFileInfo *self, FerryNode *file)
{
  if (self->transfer_id != NULL)
    ferry_node_set_attr (ferry_node_add (file, "transfer", FERRY_NS_FILES, NULL), "id",
                         self->transfer_id);
  if (self->batch.id == NULL || self->batch.n_transfers < 2 || self->batch.size < 0)
    return;
  FerryNode *batch = ferry_node_add (file, "batch", FERRY_NS_FILES, NULL);
  ferry_node_set_attr (batch, "id", self->batch.id);
  ferry_node_set_attr_uint (batch, "transfers", self->batch.n_transfers);
  ferry_node_set_attr_uint (batch, "files", self->batch.n_files);
  ferry_node_set_attr_uint (batch, "size", (guint64) self->batch.size);
}

void
ferry_file_info_forget_ids (FerryFileInfo *self)
{
  g_clear_pointer (&self->transfer_id, g_free);
  ferry_batch_info_clear (&self->batch);
}

gboolean
ferry_file_info_read_folder (FerryFileInfo *self, const FerryNode *file)
{
  const FerryNode *folder = ferry_node_get_child (file, "folder", FERRY_NS_FOLDER);
  guint64 n_files, list_bytes;

  if (folder == NULL)
    return TRUE;
  if (!ferry_decimal_parse (ferry_node_get_attr (folder, "files"), FERRY_TREE_MAX_ENTRIES,
                            &n_files) ||
      !ferry_decimal_parse (ferry_node_get_attr (folder, "list"), FERRY_TREE_MAX_LIST_BYTES,
                            &list_bytes) ||
      self->size < (gint64) (list_bytes + n_files * FERRY_TREE_TRAILER_BYTES) ||
      (n_files == 0 && self->size > (gint64) list_bytes))
    return FALSE;
  self->is_folder = TRUE;
  self->n_files = (guint) n_files;
  self->list_bytes = (guint) list_bytes;
  return TRUE;
}

void
ferry_file_info_add_folder (const FerryFileInfo *self, FerryNode *file)
{
  if (!self->is_folder)
    return;
  FerryNode *folder = ferry_node_add (file, "folder", FERRY_NS_FOLDER, NULL);
  ferry_node_set_attr_uint (folder, "files", self->n_files);
  ferry_node_set_attr_uint (folder, "list", self->list_bytes);
}

char *
ferry_file_info_format_date (const FerryFileInfo *self)
{
  if (self->date == NULL)
    return NULL;
  g_autoptr (GDateTime) utc = g_date_time_to_utc (self->date);
  return g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ");
}
