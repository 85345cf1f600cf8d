/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryZipReader: a folder as an archive that is made while it is read, for programs that know
 * only files. Nothing in it is compressed, so that its size is known before. */
#pragma once

#include "transfer/ferry-pump.h"
#include "transfer/ferry-tree-walk.h"

G_BEGIN_DECLS

typedef struct _FerryZipReader FerryZipReader;

/* @name: of the folder that everything in the archive is in */
FerryZipReader *ferry_zip_reader_new (FerryTreeWalk *walk, const char *name);
void ferry_zip_reader_unref (gpointer reader);
/* Bytes of the whole archive. No file is read, but it may take a moment.
 * Returns: -1 on failure */
gint64 ferry_zip_reader_measure (FerryTreeWalk *walk, const char *name);
/* For ferry_pump_set_content(), with a reader; only from the beginning. A file that is not what
 * it was is a failure (%FERRY_ERROR_SOURCE): an archive has no way to say it. */
extern const FerryPumpContent ferry_zip_reader_content;

G_END_DECLS
