/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-tree-walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-error.h"

/* Of what is left out so much is told. */
#define MAX_SKIPPED 100

typedef struct
{
  FerryTreeWalk *walk;
  GCancellable *cancellable;
} Walker;

FerryTreeWalk *
ferry_tree_walk_ref (FerryTreeWalk *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_tree_walk_unref (FerryTreeWalk *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->root >= 0)
    close (self->root);
  ferry_tree_free (self->tree);
  g_ptr_array_unref (self->paths);
  g_ptr_array_unref (self->skipped);
  g_clear_pointer (&self->list, g_bytes_unref);
  g_free (self);
}

static void
skip (FerryTreeWalk *walk, const char *path, const char *why)
{
  walk->n_skipped++;
  if (walk->skipped->len < MAX_SKIPPED)
    g_ptr_array_add (walk->skipped, g_strdup_printf ("%s: %s", path, why));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, so that the same folder gives the same list.
 * @fd: taken. Returns: (nullable) */
static GPtrArray *
list_names (int fd)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  DIR *dir = fdopendir (fd);
  struct dirent *entry;

  if (dir == NULL)
    {
      close (fd);
      return NULL;
    }
  while ((entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (dir);
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static char *
join (const char *folder, const char *name)
{
  return folder[0] == '\0' ? g_strdup (name) : g_strconcat (folder, "/", name, NULL);
}

/* @shown: the name of it in UTF-8. Two names that are not may look the same: then one gets a
 * mark. Returns: (transfer full) (nullable): its path in the tree */
static char *
add_entry (FerryTreeWalk *walk,
           const char *folder,
           const char *shown,
           const char *path,
           const struct stat *info)
{
  gboolean is_folder = S_ISDIR (info->st_mode);
  guint64 size = is_folder ? 0 : (guint64) info->st_size;
  gboolean was_valid = g_utf8_validate (path, -1, NULL);
  g_autofree char *wire = join (folder, shown);

  for (guint n = 0; n < 3; n++)
    {
      if (ferry_tree_add (walk->tree, is_folder, wire, size, info->st_mtim.tv_sec))
        {
          g_ptr_array_add (walk->paths, g_strdup (path));
          walk->n_bytes += size;
          return g_steal_pointer (&wire);
        }
      if (was_valid)
        break;
      char *marked = g_strconcat (wire, "_", NULL);
      g_free (wire);
      wire = marked;
    }
  return NULL;
}

static gboolean
walk_folder (Walker *self, int fd, const char *path, const char *folder, GError **error);

/* Returns: %FALSE if the walk ends */
static gboolean
walk_below (Walker *self,
            int folder_fd,
            const char *name,
            const char *path,
            const char *wire,
            GError **error)
{
  int fd = openat (folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd >= 0)
    return walk_folder (self, fd, path, wire, error);
  skip (self->walk, path, g_strerror (errno));
  return TRUE;
}

static gboolean
walk_entry (Walker *self,
            int folder_fd,
            const char *name,
            const char *parent,
            const char *folder,
            GError **error)
{
  g_autofree char *path = join (parent, name);
  g_autofree char *shown = g_filename_display_name (name);
  struct stat info;

  if (fstatat (folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    skip (self->walk, path, g_strerror (errno));
  else if (S_ISLNK (info.st_mode))
    skip (self->walk, path, "a link");
  else if (!S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    skip (self->walk, path, "neither a file nor a folder");
  else if (S_ISREG (info.st_mode) && faccessat (folder_fd, name, R_OK, AT_EACCESS) < 0)
    skip (self->walk, path, g_strerror (errno));
  else
    {
      g_autofree char *wire = add_entry (self->walk, folder, shown, path, &info);
      if (wire == NULL)
        skip (self->walk, path, "too long, too deep, or one too many");
      else if (S_ISDIR (info.st_mode))
        return walk_below (self, folder_fd, name, path, wire, error);
    }
  return TRUE;
}

/* @fd: taken; @path: on the disk, @folder: in the tree */
static gboolean
walk_folder (Walker *self, int fd, const char *path, const char *folder, GError **error)
{
  int names_fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  g_autoptr (GPtrArray) names = names_fd >= 0 ? list_names (names_fd) : NULL;
  gboolean goes_on = TRUE;

  if (names == NULL)
    skip (self->walk, path, g_strerror (errno));
  for (guint i = 0; names != NULL && i < names->len && goes_on; i++)
    goes_on = !g_cancellable_set_error_if_cancelled (self->cancellable, error) &&
              walk_entry (self, fd, names->pdata[i], path, folder, error);
  close (fd);
  return goes_on;
}

FerryTreeWalk *
ferry_tree_walk_run (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (FerryTreeWalk) self = g_new0 (FerryTreeWalk, 1);
  Walker walker = { self, cancellable };

  g_atomic_ref_count_init (&self->ref_count);
  self->tree = ferry_tree_new ();
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->skipped = g_ptr_array_new_with_free_func (g_free);
  self->root = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = self->root >= 0 ? fcntl (self->root, F_DUPFD_CLOEXEC, 3) : -1;
  if (fd < 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE, "Opening the folder: %s",
                   g_strerror (errno));
      return NULL;
    }
  if (!walk_folder (&walker, fd, "", "", error))
    return NULL;
  self->list = ferry_tree_to_bytes (self->tree);
  return g_steal_pointer (&self);
}
