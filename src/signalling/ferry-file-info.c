/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-file-info.h"

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
  g_clear_pointer (&self->date, g_date_time_unref);
  g_free (self);
}
