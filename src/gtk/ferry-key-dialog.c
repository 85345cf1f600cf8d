/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-key-dialog"
#include "config.h"

#include "gtk/ferry-key-dialog.h"

#include "base/ferry-file-name.h"

#include <glib/gi18n.h>

struct _FerryKeyDialog
{
  AdwWindow parent_instance;

  FerryCore *core;
  FerryKeyQuestion *question;

  GtkLabel *explanation;
  AdwActionRow *other;
  AdwActionRow *known;
  GtkWidget *keys;
  AdwActionRow *own;
  GtkWidget *own_group;
  GtkButton *decline;
  GtkButton *once;
  GtkButton *accept;
  GtkWidget *verify;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (FerryKeyDialog, ferry_key_dialog, ADW_TYPE_WINDOW)

static gboolean
close_cb (gpointer user_data)
{
  gtk_window_close (user_data);
  return G_SOURCE_REMOVE;
}

/* Answered, here or elsewhere. Not at once: a button of ours may be what answered. */
static void
on_closed (FerryKeyDialog *self)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_cb, g_object_ref (self), g_object_unref);
}

static void
answer (FerryKeyDialog *self, FerryKeyAnswer answer)
{
  g_autoptr (GError) error = NULL;

  if (ferry_core_answer_key (self->core, ferry_key_question_get_account (self->question),
                             ferry_key_question_get_device (self->question), answer, &error))
    return;
  g_info ("the answer could not be kept: %s", error->message);
  gtk_label_set_label (self->problem, _ ("Your choice could not be saved."));
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
}

static void
on_decline (FerryKeyDialog *self)
{
  answer (self, FERRY_KEY_DECLINE);
}

static void
on_accept (FerryKeyDialog *self)
{
  answer (self, FERRY_KEY_ACCEPT);
}

static void
on_once (FerryKeyDialog *self)
{
  answer (self, FERRY_KEY_ONCE);
}

static void
on_verify (FerryKeyDialog *self)
{
  answer (self, FERRY_KEY_VERIFY);
}

/* The device does not encrypt any more: there is no key to look at. */
static void
fill_without_key (FerryKeyDialog *self, const char *peer, const char *file)
{
  /* Translators: the first %s is a file name, all others are the name of one person. */
  g_autofree char *text = g_strdup_printf (
      _ ("“%s” waits, because %s’s Ferry used to encrypt, and does not now. That is so when "
         "another program has taken its place – or when somebody in between wants to read "
         "along. "
         "Ask %s in another way, by telephone for instance, which program they use."),
      file, peer, peer);

  gtk_window_set_title (GTK_WINDOW (self), _ ("No Longer Encrypted"));
  gtk_label_set_label (self->explanation, text);
  gtk_widget_set_visible (self->keys, FALSE);
  gtk_widget_set_visible (self->own_group, FALSE);
  gtk_button_set_label (self->decline, _ ("_Do Not Transfer"));
  gtk_widget_set_visible (GTK_WIDGET (self->once), TRUE);
  gtk_button_set_label (self->accept, _ ("_Always Transfer in Clear With This Device"));
  gtk_widget_set_visible (self->verify, FALSE);
}

static void
fill_with_keys (FerryKeyDialog *self, const char *peer, const char *file)
{
  g_autofree char *known =
      ferry_key_question_dup_groups (ferry_key_question_get_known (self->question));
  g_autofree char *other =
      ferry_key_question_dup_groups (ferry_key_question_get_other (self->question));
  g_autofree char *own =
      ferry_core_dup_own_key (self->core, ferry_key_question_get_account (self->question));
  /* Translators: the first %s is a file name, all others are the name of one person. */
  g_autofree char *text = g_strdup_printf (
      _ ("“%s” waits, because %s’s device shows another key than before. That is so after "
         "Ferry was set up anew there – or when somebody else is listening. Ask %s in another "
         "way, by telephone for instance, whether the new key is theirs."),
      file, peer, peer);

  gtk_label_set_label (self->explanation, text);
  adw_action_row_set_subtitle (self->known, known);
  adw_action_row_set_subtitle (self->other, other);
  if (ferry_key_question_is_verified (self->question))
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->known),
                                   _ ("The Key Until Now, Which You Compared"));
  gtk_widget_set_visible (self->own_group, own != NULL);
  adw_action_row_set_subtitle (self->own, own != NULL ? own : "");
}

static void
fill (FerryKeyDialog *self)
{
  g_autofree char *peer =
      ferry_file_name_for_display (ferry_key_question_get_peer_name (self->question));
  g_autofree char *file =
      ferry_file_name_for_display (ferry_key_question_get_file_name (self->question));

  if (ferry_key_question_get_other (self->question) != NULL)
    fill_with_keys (self, peer, file);
  else
    fill_without_key (self, peer, file);
}

static void
ferry_key_dialog_dispose (GObject *object)
{
  FerryKeyDialog *self = FERRY_KEY_DIALOG (object);

  g_clear_object (&self->question);
  g_clear_object (&self->core);

  G_OBJECT_CLASS (ferry_key_dialog_parent_class)->dispose (object);
}

static void
ferry_key_dialog_class_init (FerryKeyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_key_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, explanation);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, other);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, known);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, own);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, own_group);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, keys);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, decline);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, once);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, accept);
  gtk_widget_class_bind_template_child (widget_class, FerryKeyDialog, verify);
  gtk_widget_class_bind_template_callback (widget_class, on_decline);
  gtk_widget_class_bind_template_callback (widget_class, on_once);
  gtk_widget_class_bind_template_callback (widget_class, on_accept);
  gtk_widget_class_bind_template_callback (widget_class, on_verify);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ferry_key_dialog_init (FerryKeyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_key_dialog_new (FerryCore *core, FerryKeyQuestion *question)
{
  g_return_val_if_fail (FERRY_IS_CORE (core), NULL);
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (question), NULL);

  FerryKeyDialog *self = g_object_new (FERRY_TYPE_KEY_DIALOG, NULL);

  self->core = g_object_ref (core);
  self->question = g_object_ref (question);
  g_signal_connect_object (question, "closed", G_CALLBACK (on_closed), self, G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}
