/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-certificate-dialog.h"

#include <glib/gi18n.h>

struct _FerryCertificateDialog
{
  AdwWindow parent_instance;

  FerryClient *client;

  GtkLabel *problems;
  AdwActionRow *subject;
  AdwActionRow *issuer;
  AdwActionRow *validity;
  AdwActionRow *fingerprint;
  AdwActionRow *pinned;
};

G_DEFINE_FINAL_TYPE (FerryCertificateDialog, ferry_certificate_dialog, ADW_TYPE_WINDOW)

static const struct
{
  GTlsCertificateFlags flag;
  const char *sentence; /* with the account's server */
} problem_sentences[] = {
  { G_TLS_CERTIFICATE_BAD_IDENTITY, N_ ("The certificate is not for %s.") },
  { G_TLS_CERTIFICATE_UNKNOWN_CA, N_ ("Nobody your computer knows vouches for %s.") },
  { G_TLS_CERTIFICATE_EXPIRED, N_ ("The certificate of %s has expired.") },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, N_ ("The certificate of %s is not valid yet.") },
  { G_TLS_CERTIFICATE_REVOKED, N_ ("The certificate of %s was revoked.") },
  { G_TLS_CERTIFICATE_INSECURE, N_ ("The certificate of %s uses methods that are not safe.") },
  { G_TLS_CERTIFICATE_GENERIC_ERROR, N_ ("The certificate of %s could not be checked.") },
};

static char *
dup_problems (const FerryCertificate *certificate)
{
  g_autoptr (GStrvBuilder) sentences = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (problem_sentences); i++)
    if (certificate->problems & problem_sentences[i].flag)
      {
        g_autofree char *sentence =
            g_strdup_printf (gettext (problem_sentences[i].sentence), certificate->host);

        g_strv_builder_add (sentences, sentence);
      }
  if (certificate->pinned != NULL)
    g_strv_builder_add (sentences,
                        _ ("It is not the certificate you trusted for this server before. "
                           "Somebody may be listening in, or the server has a new one."));

  g_auto (GStrv) strv = g_strv_builder_end (sentences);

  return g_strjoinv ("\n", strv);
}

/* Sixty-four digits as sixteen groups of four, so that two people can compare them. */
static char *
dup_grouped (const char *hex)
{
  g_autoptr (GString) grouped = g_string_new (NULL);

  for (guint i = 0; hex[i] != '\0'; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (grouped, ' ');
      g_string_append_c (grouped, g_ascii_toupper (hex[i]));
    }
  return g_string_free (g_steal_pointer (&grouped), FALSE);
}

static void
set_row (AdwActionRow *row, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text != NULL ? text : "", -1);

  gtk_widget_set_visible (GTK_WIDGET (row), text != NULL && *text != '\0');
  adw_action_row_set_subtitle (row, markup);
}

static void
fill (FerryCertificateDialog *self, const FerryCertificate *certificate)
{
  g_autofree char *problems = dup_problems (certificate);
  g_autofree char *fingerprint = dup_grouped (certificate->sha256);
  g_autofree char *pinned =
      certificate->pinned != NULL ? dup_grouped (certificate->pinned) : NULL;

  gtk_label_set_label (self->problems, problems);
  set_row (self->subject, certificate->subject);
  set_row (self->issuer, certificate->issuer);
  set_row (self->fingerprint, fingerprint);
  set_row (self->pinned, pinned);
  if (certificate->not_before != NULL && certificate->not_after != NULL)
    {
      g_autofree char *from = g_date_time_format (certificate->not_before, "%x");
      g_autofree char *to = g_date_time_format (certificate->not_after, "%x");
      /* Translators: two dates. */
      g_autofree char *validity = g_strdup_printf (_ ("%s to %s"), from, to);

      set_row (self->validity, validity);
    }
  else
    set_row (self->validity, NULL);
}

static gboolean
close_cb (gpointer user_data)
{
  gtk_window_close (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_response (FerryCertificateDialog *self, const char *response)
{
  if (!g_str_equal (response, "trust"))
    return;
  ferry_client_trust_certificate (self->client);
  /* Not before the question, which looks at its parent once more when it closes. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_cb, g_object_ref (self), g_object_unref);
}

static void
on_trust (FerryCertificateDialog *self)
{
  const char *domain = ferry_jid_get_domain (ferry_client_get_jid (self->client));
  GtkWidget *dialog =
      adw_message_dialog_new (GTK_WINDOW (self), _ ("Trust This Certificate?"), NULL);
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_format_body (
      message,
      /* Translators: %s is a server. */
      _ ("Do this only if the people who run %s told you this fingerprint. Whoever owns the "
         "certificate can read your password and your messages."),
      domain);
  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "trust", _ ("_Trust"),
                                    NULL);
  adw_message_dialog_set_response_appearance (message, "trust", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (message, "cancel");
  adw_message_dialog_set_close_response (message, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
ferry_certificate_dialog_dispose (GObject *object)
{
  FerryCertificateDialog *self = FERRY_CERTIFICATE_DIALOG (object);

  g_clear_object (&self->client);

  G_OBJECT_CLASS (ferry_certificate_dialog_parent_class)->dispose (object);
}

static void
ferry_certificate_dialog_class_init (FerryCertificateDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_certificate_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-certificate-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryCertificateDialog, problems);
  gtk_widget_class_bind_template_child (widget_class, FerryCertificateDialog, subject);
  gtk_widget_class_bind_template_child (widget_class, FerryCertificateDialog, issuer);
  gtk_widget_class_bind_template_child (widget_class, FerryCertificateDialog, validity);
  gtk_widget_class_bind_template_child (widget_class, FerryCertificateDialog, fingerprint);
  gtk_widget_class_bind_template_child (widget_class, FerryCertificateDialog, pinned);
  gtk_widget_class_bind_template_callback (widget_class, on_trust);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ferry_certificate_dialog_init (FerryCertificateDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_certificate_dialog_new (FerryClient *client)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (client), NULL);
  g_return_val_if_fail (ferry_client_get_certificate (client) != NULL, NULL);

  FerryCertificateDialog *self = g_object_new (FERRY_TYPE_CERTIFICATE_DIALOG, NULL);

  self->client = g_object_ref (client);
  fill (self, ferry_client_get_certificate (client));
  return GTK_WIDGET (self);
}
