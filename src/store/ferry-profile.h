/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryProfile: the folder in which one user's Ferry keeps everything, used by one process at a
 * time. It opens the database and guards the lock. */
#pragma once

#include <gio/gio.h>

#include "store/ferry-store.h"

G_BEGIN_DECLS

#define FERRY_TYPE_PROFILE (ferry_profile_get_type ())
G_DECLARE_FINAL_TYPE (FerryProfile, ferry_profile, FERRY, PROFILE, GObject)

/**
 * ferry_profile_open:
 * @folder: (nullable): the profile's folder, made if missing (0700); %NULL takes FERRY_PROFILE
 *   from the environment, else XDG_DATA_HOME/ferry
 * @error: %FERRY_ERROR_BUSY when another process uses it, %FERRY_ERROR_STORE else
 *
 * A database that cannot be read is moved aside, not deleted, and a new one begun;
 * ferry_profile_get_rescued_path() then names the copy.
 *
 * Returns: (transfer full) (nullable): the profile, locked until finalised
 */
FerryProfile *ferry_profile_open (const char *folder, GError **error);
const char *ferry_profile_get_folder (FerryProfile *self);
/* Returns: (transfer full): the folder that ferry_profile_open() would take for @folder */
char *ferry_profile_dup_folder (const char *folder);
/* Is it the user's own profile, not a throw-away one? Only that one uses the desktop's keyring.
 */
gboolean ferry_profile_is_default (FerryProfile *self);
FerryStore *ferry_profile_get_store (FerryProfile *self);
const char *ferry_profile_get_rescued_path (FerryProfile *self); /* nullable */

G_END_DECLS
