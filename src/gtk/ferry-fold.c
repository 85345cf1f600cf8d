/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-fold.h"

static gboolean
orientation_for_folded (GBinding *binding,
                        const GValue *folded,
                        GValue *orientation,
                        gpointer user_data)
{
  g_value_set_enum (orientation, g_value_get_boolean (folded) ? GTK_ORIENTATION_VERTICAL
                                                              : GTK_ORIENTATION_HORIZONTAL);
  return TRUE;
}

void
ferry_fold_box (GtkWidget *widget, GType above, const char *property, GtkBox *box)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (GTK_IS_BOX (box));

  GtkWidget *holder = gtk_widget_get_ancestor (widget, above);

  if (holder != NULL)
    g_object_bind_property_full (holder, property, box, "orientation", G_BINDING_SYNC_CREATE,
                                 orientation_for_folded, NULL, NULL, NULL);
}
