/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-tree-writer-private.h"

#include "transfer/ferry-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The end of a file that is not whole is fetched again: it may not have reached the disk. */
#define OVERLAP_BYTES (64 * 1024)

static gboolean
read_list (FerryTreeWriter *self)
{
  int fd = openat (self->root, LIST_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;
  gboolean is_there = fd >= 0 && fstat (fd, &info) == 0 && info.st_size == self->list_bytes;
  gsize n_read = 0;

  g_byte_array_set_size (self->list, is_there ? self->list_bytes : 0);
  while (is_there && n_read < self->list_bytes)
    {
      gssize n = read (fd, self->list->data + n_read, self->list_bytes - n_read);
      if (n < 0 && errno == EINTR)
        continue;
      is_there = n > 0;
      n_read += n > 0 ? (gsize) n : 0;
    }
  ferry_tree_writer_close_fd (&fd);
  return is_there && ferry_tree_writer_parse_list (self, NULL) &&
         ferry_tree_writer_open_state (self, 0);
}

/* Is the entry at the index dealt with? After a crash of the system a file may be shorter. */
static gboolean
is_settled (FerryTreeWriter *self, const FerryTreeEntry *entry)
{
  const char *name;
  int folder = ferry_tree_place_enter (&self->place, entry->path, &name);
  guint8 state = STATE_OPEN;
  struct stat info;

  if (entry->is_folder)
    return folder >= 0 && fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR (info.st_mode);
  if (pread (self->state_fd, &state, 1, self->index) != 1)
    return FALSE;
  if (state == STATE_FAILED)
    return TRUE;
  return state == STATE_WHOLE && folder >= 0 &&
         fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (info.st_mode) &&
         (guint64) info.st_size == entry->size;
}

static void
pass_settled (FerryTreeWriter *self)
{
  for (; self->index < ferry_tree_get_n_entries (self->tree); self->index++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, self->index);
      guint8 state = STATE_OPEN;
      if (!is_settled (self, entry))
        return;
      if (entry->is_folder)
        continue;
      atomic_fetch_add (&self->n_done, 1);
      if (pread (self->state_fd, &state, 1, self->index) == 1 && state == STATE_FAILED)
        ferry_tree_writer_count_failed (self, entry);
    }
}

static gboolean
is_file_left (FerryTreeWriter *self)
{
  for (guint i = self->index; i < ferry_tree_get_n_entries (self->tree); i++)
    if (!ferry_tree_get_entry (self->tree, i)->is_folder)
      return TRUE;
  return FALSE;
}

/* Nobody can be asked for nothing, so the last file comes once more where all are there.
 * Returns: %FALSE if there is no file at all */
static gboolean
leave_one_open (FerryTreeWriter *self)
{
  if (is_file_left (self))
    return TRUE;
  while (self->index > 0)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, --self->index);
      if (entry->is_folder)
        continue;
      atomic_fetch_sub (&self->n_done, 1);
      return TRUE;
    }
  return FALSE;
}

/* Bytes of the file at the index that are worth keeping. */
static guint64
get_begun (FerryTreeWriter *self, const FerryTreeEntry *entry)
{
  struct stat info;

  if (fstatat (self->root, FILE_NAME, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
      !S_ISREG (info.st_mode) || info.st_size <= OVERLAP_BYTES ||
      (guint64) info.st_size > entry->size)
    return 0;
  return (guint64) info.st_size - OVERLAP_BYTES;
}

guint64
ferry_tree_writer_restore (FerryTreeWriter *self)
{
  ferry_tree_writer_start_over (self);
  if (!read_list (self))
    {
      /* Of another list, or half of one: nothing of it may be among what comes now. */
      ferry_folder_clear (self->root);
      ferry_tree_writer_start_over (self);
      return 0;
    }
  pass_settled (self);
  if (!leave_one_open (self))
    {
      ferry_tree_writer_start_over (self);
      return 0;
    }
  /* A folder that is missing is made when the next file comes. */
  for (guint i = self->index;; i++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, i);
      if (entry->is_folder)
        continue;
      self->at = entry->start + (i == self->index ? get_begun (self, entry) : 0);
      return self->at;
    }
}
