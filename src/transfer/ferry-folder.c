/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-file-name.h"
#include "transfer/ferry-disk.h"

#define MAX_NUMBER 999

/* Returns: (transfer full): the same for names that some system takes for one */
static char *
fold_name (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  return g_utf8_casefold (normal, -1);
}

/* Returns: (transfer full) (element-type utf8): folded names; empty if it cannot be listed */
static GHashTable *
list_names (int folder_fd)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int fd = openat (folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return names;
    }
  while ((entry = readdir (dir)) != NULL)
    g_hash_table_add (names, fold_name (entry->d_name));
  closedir (dir);
  return names;
}

static gboolean
is_folder (int folder_fd, const char *name)
{
  struct stat info;

  return fstatat (folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (info.st_mode);
}

/* An empty folder is replaced by a rename, as an empty file is. */
static int
rename_folder_over_own (int folder_fd, const char *part, const char *name)
{
  if (mkdirat (folder_fd, name, 0700) < 0)
    return -errno;
  if (renameat (folder_fd, part, folder_fd, name) == 0)
    return 0;

  int errnum = errno;
  unlinkat (folder_fd, name, AT_REMOVEDIR);
  return -errnum;
}

/* Claims the name with an empty file first, which the rename then replaces. */
static int
rename_over_own (int folder_fd, const char *part, const char *name)
{
  int fd = openat (folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    return -errno;
  close (fd);
  if (renameat (folder_fd, part, folder_fd, name) == 0)
    return 0;

  int errnum = errno;
  unlinkat (folder_fd, name, 0);
  return -errnum;
}

/* Returns: 0, -EEXIST if the name is taken, or another negative errno */
static int
rename_no_replace (int folder_fd, const char *part, const char *name)
{
  if (renameat2 (folder_fd, part, folder_fd, name, RENAME_NOREPLACE) == 0)
    return 0;
  /* FUSE and old network file systems lack the flag. */
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
    return -errno;

  if (is_folder (folder_fd, part))
    return rename_folder_over_own (folder_fd, part, name);
  if (linkat (folder_fd, part, folder_fd, name, 0) == 0)
    {
      unlinkat (folder_fd, part, 0);
      return 0;
    }
  return errno == EEXIST ? -EEXIST : rename_over_own (folder_fd, part, name);
}

/* What looks like an extension is none in the name of a folder. */
static char *
number_name (const char *name, guint n, gboolean is_of_folder)
{
  if (n == 0)
    return g_strdup (name);
  return is_of_folder ? g_strdup_printf ("%s (%u)", name, n)
                      : ferry_file_name_with_number (name, n);
}

char *
ferry_folder_publish (int folder_fd, const char *part, const char *name, GError **error)
{
  g_autoptr (GHashTable) taken = list_names (folder_fd);
  gboolean is_of_folder = is_folder (folder_fd, part);

  for (guint n = 0; n <= MAX_NUMBER; n++)
    {
      g_autofree char *candidate = number_name (name, n, is_of_folder);
      g_autofree char *folded = fold_name (candidate);
      if (g_hash_table_contains (taken, folded))
        continue;

      int result = rename_no_replace (folder_fd, part, candidate);
      if (result == 0)
        return g_steal_pointer (&candidate);
      if (result != -EEXIST)
        {
          ferry_disk_set_error (error, "Naming the file", -result);
          return NULL;
        }
    }
  ferry_disk_set_error (error, "Naming the file", EEXIST);
  return NULL;
}

/* @fd: taken */
static void
remove_all_in (int fd)
{
  DIR *dir = fdopendir (fd);
  struct dirent *entry;

  if (dir == NULL)
    {
      close (fd);
      return;
    }
  while ((entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      ferry_folder_remove (dirfd (dir), entry->d_name);
  closedir (dir);
}

void
ferry_folder_remove (int folder_fd, const char *name)
{
  if (unlinkat (folder_fd, name, 0) == 0 || (errno != EISDIR && errno != EPERM))
    return;

  int fd = openat (folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    remove_all_in (fd);
  unlinkat (folder_fd, name, AT_REMOVEDIR);
}

void
ferry_folder_clear (int folder_fd)
{
  int fd = openat (folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0)
    remove_all_in (fd);
}
