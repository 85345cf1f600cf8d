/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-application.h"

#include <glib/gi18n.h>

int
main (int argc, char *argv[])
{
  bindtextdomain (GETTEXT_PACKAGE, FERRY_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  g_autoptr (FerryApplication) application = ferry_application_new (NULL);

  return g_application_run (G_APPLICATION (application), argc, argv);
}
