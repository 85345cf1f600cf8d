/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What GLib has for the ids of sources (g_clear_handle_id), for the sources themselves. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Removes *@source from its context, if there is one, and forgets it. */
static inline void
ferry_clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

G_END_DECLS
