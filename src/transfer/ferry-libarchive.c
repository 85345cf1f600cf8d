/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-libarchive"

#include "config.h"

#include "transfer/ferry-libarchive.h"

#include <gmodule.h>

/* Of libarchive 3; its ABI has kept this name since 2012. */
#define SONAME "libarchive.so.13"

static gboolean
load (FerryLibarchive *library)
{
  GModule *module = g_module_open (SONAME, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  gboolean is_whole = module != NULL;

#define FIND(name)                                                                             \
  is_whole = is_whole && g_module_symbol (module, #name, (gpointer *) &library->name);
  FERRY_LIBARCHIVE_FUNCTIONS (FIND)
#undef FIND
  if (!is_whole)
    g_info ("no archives: %s", g_module_error ());
  return is_whole;
}

const FerryLibarchive *
ferry_libarchive_get (void)
{
  static FerryLibarchive library;
  static gsize outcome = 0; /* 1: there; 2: not */

  if (g_once_init_enter (&outcome))
    g_once_init_leave (&outcome, load (&library) ? 1 : 2);
  return outcome == 1 ? &library : NULL;
}
