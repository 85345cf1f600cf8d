/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryFileInfo: what an offer says of a file, or of a folder that goes as one stream. A plain
 * value, the same for SI and Jingle. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-batch-info.h"
#include "base/ferry-hash.h"
#include "base/ferry-node.h"

G_BEGIN_DECLS

#define FERRY_TYPE_FILE_INFO (ferry_file_info_get_type ())

typedef struct _FerryFileInfo FerryFileInfo;

struct _FerryFileInfo
{
  gatomicrefcount ref_count;
  char *name;  /* as the peer wrote it: NOT a file name before the sanitiser saw it; nullable */
  gint64 size; /* bytes, -1 if the offer does not say */
  char *media_type;        /* nullable; `type/subtype` */
  char *desc;              /* nullable; at most 2048 bytes */
  GDateTime *date;         /* nullable; modification time, UTC */
  FerryHash hash;          /* of the whole file; algo FERRY_HASH_NONE if not known (yet) */
  FerryHashAlgo hash_used; /* promised for later, or NONE */
  gboolean ranged;         /* the sender can begin at an offset */
  char *transfer_id;       /* nullable; by which a Ferry knows the file on its way again */
  FerryBatchInfo batch;    /* what a Ferry sends it together with */
  gboolean is_folder;      /* @size is that of the stream (base/ferry-tree.h) */
  guint n_files;           /* in the folder */
  guint list_bytes;        /* with which the stream of a folder begins */
  FerryFileInfo *plain;    /* nullable; the same for those who do not know folders; ours only */
};

GType ferry_file_info_get_type (void);
FerryFileInfo *ferry_file_info_new (const char *name, gint64 size);
FerryFileInfo *ferry_file_info_ref (FerryFileInfo *self);
void ferry_file_info_unref (FerryFileInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryFileInfo, ferry_file_info_unref)

/* Take over what a peer wrote, in the limits for it. What makes no sense is left out: it is no
 * reason to refuse a file. @text: (nullable) */
void ferry_file_info_read_media_type (FerryFileInfo *self, const char *text);
void ferry_file_info_read_desc (FerryFileInfo *self, const char *text);
void ferry_file_info_read_date (FerryFileInfo *self, const char *text);
void ferry_file_info_read_transfer_id (FerryFileInfo *self, const char *text);
/* @batch: (nullable): `<batch xmlns='urn:ferry:files:0' id= transfers= files= size=/>` */
void ferry_file_info_read_batch (FerryFileInfo *self, const FerryNode *batch);
/* What a Ferry says to another one: by which names it knows the file and its batch. */
void ferry_file_info_add_ids (const FerryFileInfo *self, FerryNode *file);
/* Nothing of that: for programs that may be strict about what they do not know. */
void ferry_file_info_forget_ids (FerryFileInfo *self);
/**
 * ferry_file_info_read_folder:
 * @file: the element that tells of the file
 *
 * Takes over `<folder xmlns='urn:ferry:folder:0' files= list=/>`, if it is there. The size has
 * been read before.
 *
 * Returns: %FALSE if it makes no sense: the bytes of a folder are not those of a file, so this
 *   is a reason to refuse
 */
gboolean ferry_file_info_read_folder (FerryFileInfo *self, const FerryNode *file);
/* Says it, of a folder; of a file nothing. */
void ferry_file_info_add_folder (const FerryFileInfo *self, FerryNode *file);
/* Returns: (transfer full) (nullable): the date as XEP-0082 writes it, in UTC */
char *ferry_file_info_format_date (const FerryFileInfo *self);

G_END_DECLS
