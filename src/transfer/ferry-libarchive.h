/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libarchive, loaded when the first archive is made: with the ten libraries that it needs it
 * costs every Ferry 3 MB of memory, and most never make an archive. */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>

G_BEGIN_DECLS

/* What Ferry uses of it, under the names of the library. */
#define FERRY_LIBARCHIVE_FUNCTIONS(X)                                                          \
  X (archive_entry_free)                                                                       \
  X (archive_entry_new)                                                                        \
  X (archive_entry_set_filetype)                                                               \
  X (archive_entry_set_mtime)                                                                  \
  X (archive_entry_set_pathname_utf8)                                                          \
  X (archive_entry_set_perm)                                                                   \
  X (archive_entry_set_size)                                                                   \
  X (archive_error_string)                                                                     \
  X (archive_write_close)                                                                      \
  X (archive_write_data)                                                                       \
  X (archive_write_finish_entry)                                                               \
  X (archive_write_free)                                                                       \
  X (archive_write_header)                                                                     \
  X (archive_write_new)                                                                        \
  X (archive_write_open)                                                                       \
  X (archive_write_set_bytes_per_block)                                                        \
  X (archive_write_set_format_zip)                                                             \
  X (archive_write_set_options)                                                                \
  X (archive_write_zip_set_compression_store)

typedef struct
{
#define FERRY_LIBARCHIVE_MEMBER(name) __typeof__ (name) *name;
  FERRY_LIBARCHIVE_FUNCTIONS (FERRY_LIBARCHIVE_MEMBER)
#undef FERRY_LIBARCHIVE_MEMBER
} FerryLibarchive;

/* Returns: (transfer none) (nullable): %NULL if the library is not there. In any thread */
const FerryLibarchive *ferry_libarchive_get (void);

G_END_DECLS
