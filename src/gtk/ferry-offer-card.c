/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-offer-card.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-fold.h"
#include "model/ferry-sentence.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _FerryOfferCard
{
  GtkListBoxRow parent_instance;

  AdwAvatar *avatar;
  GtkLabel *title;
  GtkLabel *file;
  GtkLabel *details;
  GtkLabel *privacy;
  GtkWidget *warning_box;
  GtkLabel *warning;
  GtkLabel *folder;
  GtkLabel *space;
  GtkBox *answers;
  GtkButton *save_in;
  GtkButton *decline;
  GtkButton *accept;
};

G_DEFINE_FINAL_TYPE (FerryOfferCard, ferry_offer_card, GTK_TYPE_LIST_BOX_ROW)

static char *
dup_title (FerryOffer *offer)
{
  if (ferry_offer_is_known (offer))
    return ferry_sentence_for_offer (offer);

  g_autofree char *peer_name = ferry_file_name_for_display (ferry_offer_get_peer_name (offer));
  guint n_files = ferry_offer_get_n_files (offer);

  if (ferry_offer_is_group (offer))
    /* Translators: %s is an address, %u a number of files. */
    return g_strdup_printf (ngettext ("Someone you do not know (%s) wants to send you %u file",
                                      "Someone you do not know (%s) wants to send you %u files",
                                      n_files),
                            peer_name, n_files);
  /* Translators: %s is an address. */
  return g_strdup_printf (ferry_offer_is_folder (offer)
                              ? _ ("Someone you do not know (%s) wants to send you a folder")
                              : _ ("Someone you do not know (%s) wants to send you a file"),
                          peer_name);
}

static char *
dup_details (FerryOffer *offer)
{
  gint64 size = ferry_offer_get_size (offer);
  const char *device_name = ferry_offer_get_device_name (offer);
  g_autofree char *amount =
      size >= 0 ? g_format_size ((guint64) size) : g_strdup (_ ("Unknown size"));

  if (device_name == NULL)
    return g_steal_pointer (&amount);

  g_autofree char *device = ferry_file_name_for_display (device_name);

  /* Translators: the size of a file and the device it comes from: "48.2 MB · from Laptop". */
  return g_strdup_printf (_ ("%s · from %s"), amount, device);
}

/* Characters that have no look of their own, or change the look of others, are spelt out. */
static char *
dup_visible (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autoptr (GString) visible = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT)
        g_string_append_printf (visible, "[U+%04X]", c);
      else
        g_string_append_unichar (visible, c);
    }
  return g_string_free (g_steal_pointer (&visible), FALSE);
}

static void
set_target (GtkButton *button, const char *id)
{
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", id);
}

static void
fill (FerryOfferCard *self, FerryOffer *offer, const char *folder)
{
  const char *id = ferry_offer_get_id (offer);
  const char *raw_name = ferry_offer_get_raw_name (offer);
  g_autofree char *title = dup_title (offer);
  g_autofree char *name = ferry_sentence_for_offer_name (offer);
  g_autofree char *details = dup_details (offer);
  g_autofree char *folder_name = g_filename_display_basename (folder);
  /* Translators: %s is a folder. */
  g_autofree char *save_to = g_strdup_printf (_ ("Save to %s"), folder_name);
  /* Translators: sentence, file and details of an offer, for a screen reader. */
  g_autofree char *label = g_strdup_printf (_ ("%s: %s, %s"), title, name, details);

  adw_avatar_set_text (self->avatar, ferry_offer_get_peer_name (offer));
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->file, name);
  gtk_label_set_label (self->details, details);
  gtk_label_set_label (self->folder, save_to);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->folder), folder);
  gtk_widget_set_visible (self->warning_box, raw_name != NULL);
  if (raw_name != NULL)
    {
      g_autofree char *visible = dup_visible (raw_name);
      /* Translators: %s is a file name that cannot be used as it is. */
      g_autofree char *warning =
          g_strdup_printf (_ ("The name it came with, “%s”, cannot be used here."), visible);

      gtk_label_set_label (self->warning, warning);
    }
  set_target (self->save_in, id);
  set_target (self->decline, id);
  set_target (self->accept, id);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
space_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryOfferCard) self = user_data;
  g_autoptr (GFileInfo) info =
      g_file_query_filesystem_info_finish (G_FILE (source), result, NULL);

  if (info == NULL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
    return;

  g_autofree char *amount =
      g_format_size (g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE));
  /* Translators: the amount of space where a file would be saved, as in "212 GB free". */
  g_autofree char *text = g_strdup_printf (_ ("%s free"), amount);

  gtk_label_set_label (self->space, text);
  gtk_widget_set_visible (GTK_WIDGET (self->space), TRUE);
}

/* The folder may be on a disk that takes its time. */
static void
look_for_space (FerryOfferCard *self, const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);

  g_file_query_filesystem_info_async (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE,
                                      G_PRIORITY_DEFAULT, NULL, space_found_cb,
                                      g_object_ref (self));
}

/* In a narrow window the folder goes above the buttons. */
static void
ferry_offer_card_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ferry_offer_card_parent_class)->root (widget);
  ferry_fold_box (widget, ADW_TYPE_LEAFLET, "folded", FERRY_OFFER_CARD (widget)->answers);
}

static void
ferry_offer_card_class_init (FerryOfferCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->root = ferry_offer_card_root;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-offer-card.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, avatar);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, title);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, file);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, details);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, privacy);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, warning_box);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, warning);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, folder);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, space);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, answers);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, save_in);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, decline);
  gtk_widget_class_bind_template_child (widget_class, FerryOfferCard, accept);
}

static void
ferry_offer_card_init (FerryOfferCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_offer_card_new (FerryOffer *offer, const char *folder, FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_OFFER (offer), NULL);
  g_return_val_if_fail (folder != NULL, NULL);

  FerryOfferCard *self = g_object_new (FERRY_TYPE_OFFER_CARD, NULL);
  g_autofree char *privacy =
      ferry_sentence_for_privacy (routes, ferry_offer_get_peer_name (offer));

  fill (self, offer, folder);
  gtk_label_set_label (self->privacy, privacy);
  look_for_space (self, folder);
  return GTK_WIDGET (self);
}
