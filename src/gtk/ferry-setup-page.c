/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-setup-page.h"

#include "base/ferry-decimal.h"
#include "base/ferry-error.h"
#include "gtk/ferry-certificate-dialog.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

struct _FerrySetupPage
{
  AdwBin parent_instance;

  FerryCore *core;
  FerryClient *client; /* nullable: the account being tried; borrowed from the core's list */

  AdwEntryRow *address;
  AdwPasswordEntryRow *password;
  AdwEntryRow *server;
  AdwEntryRow *port;
  GtkWidget *address_error_row;
  GtkLabel *address_error;
  GtkWidget *password_error_row;
  GtkLabel *password_error;
  GtkWidget *server_error_row;
  GtkLabel *server_error;
  GtkStack *button_stack;
  GtkButton *connect;
  GtkButton *certificate;
  AdwExpanderRow *advanced;
};

G_DEFINE_FINAL_TYPE (FerrySetupPage, ferry_setup_page, ADW_TYPE_BIN)

enum
{
  DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void on_client_changed (FerrySetupPage *self);

static void
set_error (GtkWidget *row, GtkLabel *label, GtkWidget *field, const char *text)
{
  if (text != NULL)
    {
      gtk_label_set_label (label, text);
      gtk_widget_add_css_class (field, "error");
    }
  else
    gtk_widget_remove_css_class (field, "error");
  gtk_widget_set_visible (row, text != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (field), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
}

static void
show_address_error (FerrySetupPage *self, const char *text)
{
  set_error (self->address_error_row, self->address_error, GTK_WIDGET (self->address), text);
}

static void
show_password_error (FerrySetupPage *self, const char *text)
{
  set_error (self->password_error_row, self->password_error, GTK_WIDGET (self->password), text);
}

static void
show_server_error (FerrySetupPage *self, const char *text)
{
  set_error (self->server_error_row, self->server_error, GTK_WIDGET (self->advanced), text);
}

static void
clear_errors (FerrySetupPage *self)
{
  show_address_error (self, NULL);
  show_password_error (self, NULL);
  show_server_error (self, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->certificate), FALSE);
}

static void
update_sensitivity (FerrySetupPage *self)
{
  gboolean filled = *gtk_editable_get_text (GTK_EDITABLE (self->address)) != '\0' &&
                    *gtk_editable_get_text (GTK_EDITABLE (self->password)) != '\0';

  gtk_widget_set_sensitive (GTK_WIDGET (self->connect), filled);
}

static void
on_edited (FerrySetupPage *self)
{
  clear_errors (self);
  update_sensitivity (self);
}

static void
set_busy (FerrySetupPage *self, gboolean busy)
{
  gtk_stack_set_visible_child_name (self->button_stack, busy ? "busy" : "idle");
  gtk_widget_set_sensitive (GTK_WIDGET (self->address), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->password), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->advanced), !busy);
}

/* The account is not kept unless it could sign in once. */
static void
forget_client (FerrySetupPage *self)
{
  g_autoptr (FerryClient) client = g_steal_pointer (&self->client);

  if (client == NULL)
    return;
  g_signal_handlers_disconnect_by_func (client, on_client_changed, self);
  g_autoptr (GError) error = NULL;
  if (!ferry_core_remove_account (self->core, client, &error))
    g_info ("the account could not be forgotten: %s", error->message);
}

static void
show_account_error (FerrySetupPage *self, const GError *error, const char *server)
{
  g_autofree char *text = ferry_sentence_for_account_error (error, server, NULL);

  set_busy (self, FALSE);
  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_LOGIN))
    {
      show_password_error (self, text);
      gtk_widget_grab_focus (GTK_WIDGET (self->password));
    }
  else if (*gtk_editable_get_text (GTK_EDITABLE (self->server)) != '\0' &&
           g_error_matches (error, FERRY_ERROR, FERRY_ERROR_SERVER))
    show_server_error (self, text);
  else
    show_address_error (self, text);
  gtk_widget_set_visible (GTK_WIDGET (self->certificate),
                          g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CERTIFICATE));
}

static void
on_client_changed (FerrySetupPage *self)
{
  FerryClientState state = ferry_client_get_state (self->client);
  const GError *error = ferry_client_get_error (self->client);
  const char *domain = ferry_jid_get_domain (ferry_client_get_jid (self->client));

  if (state == FERRY_CLIENT_ONLINE)
    {
      g_signal_handlers_disconnect_by_func (self->client, on_client_changed, self);
      g_clear_object (&self->client);
      set_busy (self, FALSE);
      gtk_editable_set_text (GTK_EDITABLE (self->password), "");
      g_signal_emit (self, signals[DONE], 0);
      return;
    }
  if (state == FERRY_CLIENT_CONNECTING || error == NULL)
    {
      set_busy (self, TRUE);
      return;
    }

  show_account_error (self, error, domain);
  /* With a refused certificate the client stays, so that it can be told to trust it. */
  if (!g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CERTIFICATE))
    forget_client (self);
}

static gboolean
read_port (FerrySetupPage *self, guint16 *port)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->port));
  guint64 number = 0;

  if (*text != '\0' && (!ferry_decimal_parse (text, G_MAXUINT16, &number) || number == 0))
    return FALSE;
  *port = (guint16) number;
  return TRUE;
}

static FerryJid *
read_address (FerrySetupPage *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->address))));
  g_autoptr (FerryJid) jid = ferry_jid_new (text, NULL);

  if (jid == NULL || ferry_jid_get_local (jid) == NULL)
    return NULL;
  return ferry_jid_dup_bare (jid);
}

static void
on_connect (FerrySetupPage *self)
{
  g_autoptr (FerryJid) jid = read_address (self);
  g_autofree char *host =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->server))));
  guint16 port = 0;
  g_autoptr (GError) error = NULL;

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->connect)))
    return;
  clear_errors (self);
  if (jid == NULL)
    {
      show_address_error (self, _ ("An address looks like name@example.org."));
      gtk_widget_grab_focus (GTK_WIDGET (self->address));
      return;
    }
  if (!read_port (self, &port))
    {
      show_server_error (self, _ ("A port is a number from 1 to 65535."));
      return;
    }

  forget_client (self);
  set_busy (self, TRUE);

  g_autoptr (FerryAccount) account = ferry_account_new (jid);
  account->host = *host != '\0' ? g_steal_pointer (&host) : NULL;
  account->port = port;
  FerryClient *client = ferry_core_add_account (
      self->core, account, gtk_editable_get_text (GTK_EDITABLE (self->password)), &error);

  if (client == NULL)
    {
      show_account_error (self, error, ferry_jid_get_domain (jid));
      return;
    }
  self->client = g_object_ref (client);
  g_signal_connect_object (client, "notify", G_CALLBACK (on_client_changed), self,
                           G_CONNECT_SWAPPED);
  ferry_client_connect (client);
  on_client_changed (self);
}

static void
on_cancel (FerrySetupPage *self)
{
  forget_client (self);
  set_busy (self, FALSE);
}

static void
on_view_certificate (FerrySetupPage *self)
{
  if (self->client == NULL || ferry_client_get_certificate (self->client) == NULL)
    return;

  GtkWidget *dialog = ferry_certificate_dialog_new (self->client);

  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
ferry_setup_page_dispose (GObject *object)
{
  FerrySetupPage *self = FERRY_SETUP_PAGE (object);

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_func (self->client, on_client_changed, self);
  g_clear_object (&self->client);
  g_clear_object (&self->core);
  gtk_widget_dispose_template (GTK_WIDGET (self), FERRY_TYPE_SETUP_PAGE);

  G_OBJECT_CLASS (ferry_setup_page_parent_class)->dispose (object);
}

static gboolean
ferry_setup_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (FERRY_SETUP_PAGE (widget)->address));
}

static void
ferry_setup_page_class_init (FerrySetupPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_setup_page_dispose;
  widget_class->grab_focus = ferry_setup_page_grab_focus;

  signals[DONE] = g_signal_new ("done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-setup-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, address);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, password);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, server);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, port);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, address_error_row);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, address_error);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, password_error_row);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, password_error);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, server_error_row);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, server_error);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, button_stack);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, connect);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, certificate);
  gtk_widget_class_bind_template_child (widget_class, FerrySetupPage, advanced);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_connect);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_view_certificate);
}

static void
ferry_setup_page_init (FerrySetupPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update_sensitivity (self);
}

void
ferry_setup_page_set_core (FerrySetupPage *self, FerryCore *core)
{
  g_return_if_fail (FERRY_IS_SETUP_PAGE (self));
  g_return_if_fail (FERRY_IS_CORE (core));

  g_set_object (&self->core, core);
}
