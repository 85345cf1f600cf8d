/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-profile"

#include "config.h"

#include "store/ferry-profile.h"

#include "base/ferry-error.h"
#include "store/ferry-store-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DATABASE_NAME "ferry.db"
#define LOCK_NAME "lock"

struct _FerryProfile
{
  GObject parent_instance;

  char *folder;
  gboolean is_default;
  int lock_fd; /* -1 until locked */
  FerryStore *store;
  char *rescued_path; /* nullable */
};

G_DEFINE_FINAL_TYPE (FerryProfile, ferry_profile, G_TYPE_OBJECT)

static void
ferry_profile_finalize (GObject *object)
{
  FerryProfile *self = FERRY_PROFILE (object);

  /* The database is closed before the next process may open it. */
  g_clear_object (&self->store);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_free (self->folder);
  g_free (self->rescued_path);

  G_OBJECT_CLASS (ferry_profile_parent_class)->finalize (object);
}

static void
ferry_profile_class_init (FerryProfileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_profile_finalize;
}

static void
ferry_profile_init (FerryProfile *self)
{
  self->lock_fd = -1;
}

static void G_GNUC_PRINTF (4, 5)
    set_error_from_errno (GError **error, int code, int saved_errno, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *doing = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, FERRY_ERROR, code, "%s: %s", doing, g_strerror (saved_errno));
}

/* --- Folder ----------------------------------------------------------------------------------
 */

static char *
dup_default_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "ferry", NULL);
}

char *
ferry_profile_dup_folder (const char *folder)
{
  g_autofree char *default_folder = dup_default_folder ();

  if (folder == NULL)
    folder = g_getenv ("FERRY_PROFILE");
  if (folder == NULL || *folder == '\0')
    folder = default_folder;
  return g_canonicalize_filename (folder, NULL);
}

static void
choose_folder (FerryProfile *self, const char *folder)
{
  g_autofree char *default_folder = dup_default_folder ();

  self->folder = ferry_profile_dup_folder (folder);
  self->is_default = strcmp (self->folder, default_folder) == 0;
}

/* Only we may look into a profile. A folder that holds something else, given by mistake, keeps
 * its mode: what we put into it is private anyway. */
static gboolean
prepare_folder (FerryProfile *self, GError **error)
{
  g_autofree char *database = g_build_filename (self->folder, DATABASE_NAME, NULL);

  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    {
      set_error_from_errno (error, FERRY_ERROR_STORE, errno, "Could not make the folder “%s”",
                            self->folder);
      return FALSE;
    }
  if (g_file_test (database, G_FILE_TEST_EXISTS) && g_chmod (self->folder, 0700) != 0)
    g_info ("%s: the mode of the folder stays: %s", self->folder, g_strerror (errno));
  return TRUE;
}

/* The lock belongs to the open file, so a crash frees it, and a second profile object in this
 * process is refused like another process. */
static gboolean
lock_folder (FerryProfile *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, LOCK_NAME, NULL);
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  self->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock_fd < 0)
    {
      set_error_from_errno (error, FERRY_ERROR_STORE, errno, "Could not open “%s”", path);
      return FALSE;
    }
  if (fcntl (self->lock_fd, F_OFD_SETLK, &whole) == 0)
    return TRUE;

  int saved_errno = errno;
  gboolean is_taken = saved_errno == EAGAIN || saved_errno == EACCES;
  set_error_from_errno (error, is_taken ? FERRY_ERROR_BUSY : FERRY_ERROR_STORE, saved_errno,
                        "Could not lock the profile “%s”", self->folder);
  return FALSE;
}

/* --- Database --------------------------------------------------------------------------------
 */

/* Moves the database with its journal, which may hold what the file has not yet. */
static gboolean
move_aside (FerryProfile *self, const char *database, GError **error)
{
  static const char *const suffixes[] = { "", "-wal" };
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *rescued = g_strdup_printf ("%s.damaged-%s", database, stamp);

  for (guint n = 1; g_file_test (rescued, G_FILE_TEST_EXISTS); n++)
    {
      g_free (rescued);
      rescued = g_strdup_printf ("%s.damaged-%s-%u", database, stamp, n);
    }
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (database, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (rescued, suffixes[i], NULL);
      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          set_error_from_errno (error, FERRY_ERROR_STORE, errno, "Could not move “%s” aside",
                                from);
          return FALSE;
        }
    }
  g_autofree char *shm = g_strconcat (database, "-shm", NULL);
  g_unlink (shm);
  self->rescued_path = g_steal_pointer (&rescued);
  return TRUE;
}

static gboolean
open_store (FerryProfile *self, GError **error)
{
  g_autofree char *database = g_build_filename (self->folder, DATABASE_NAME, NULL);
  g_autoptr (GError) local_error = NULL;
  FerrySchemaFault fault;

  self->store = ferry_store_open_with_fault (database, &fault, &local_error);
  if (self->store == NULL && fault == FERRY_SCHEMA_FAULT_DAMAGED)
    {
      g_info ("%s: %s; it is moved aside", database, local_error->message);
      g_clear_error (&local_error);
      if (!move_aside (self, database, error))
        return FALSE;
      self->store = ferry_store_open (database, &local_error);
    }
  if (self->store == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s: ", database);
      return FALSE;
    }
  return TRUE;
}

FerryProfile *
ferry_profile_open (const char *folder, GError **error)
{
  g_autoptr (FerryProfile) self = g_object_new (FERRY_TYPE_PROFILE, NULL);

  choose_folder (self, folder);
  if (!prepare_folder (self, error) || !lock_folder (self, error) || !open_store (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
ferry_profile_get_folder (FerryProfile *self)
{
  g_return_val_if_fail (FERRY_IS_PROFILE (self), NULL);
  return self->folder;
}

gboolean
ferry_profile_is_default (FerryProfile *self)
{
  g_return_val_if_fail (FERRY_IS_PROFILE (self), FALSE);
  return self->is_default;
}

FerryStore *
ferry_profile_get_store (FerryProfile *self)
{
  g_return_val_if_fail (FERRY_IS_PROFILE (self), NULL);
  return self->store;
}

const char *
ferry_profile_get_rescued_path (FerryProfile *self)
{
  g_return_val_if_fail (FERRY_IS_PROFILE (self), NULL);
  return self->rescued_path;
}
