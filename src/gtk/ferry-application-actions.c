/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The actions that a notification, a row and a key share. Their targets are ids and paths,
 * because they come back through D-Bus. */
#define G_LOG_DOMAIN "ferry-application"
#include "config.h"

#include "gtk/ferry-application-private.h"

#include "client/ferry-control.h"
#include "gtk/ferry-launch.h"
#include "gtk/ferry-window.h"

#include <glib/gi18n.h>

static FerryOffer *
dup_offer (FerryApplication *self, GVariant *parameter)
{
  FerryCore *core = ferry_application_get_core (self);
  GListModel *offers = core != NULL ? ferry_core_get_offers (core) : NULL;
  const char *id = g_variant_get_string (parameter, NULL);

  for (guint i = 0; offers != NULL && i < g_list_model_get_n_items (offers); i++)
    {
      g_autoptr (FerryOffer) offer = g_list_model_get_item (offers, i);

      if (g_str_equal (ferry_offer_get_id (offer), id))
        return g_steal_pointer (&offer);
    }
  return NULL;
}

static FerryTransfer *
dup_transfer (FerryApplication *self, GVariant *parameter)
{
  FerryCore *core = ferry_application_get_core (self);
  GListModel *transfers = core != NULL ? ferry_core_get_transfers (core) : NULL;
  const char *id = g_variant_get_string (parameter, NULL);

  for (guint i = 0; transfers != NULL && i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);

      if (g_str_equal (ferry_transfer_get_id (transfer), id))
        return g_steal_pointer (&transfer);
    }
  return NULL;
}

static FerryWindow *
get_window (FerryApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  while (window != NULL && !FERRY_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  return window != NULL ? FERRY_WINDOW (window) : NULL;
}

/* --- Offers ----------------------------------------------------------------------------------
 */

static void
accept_offer (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;
  g_autoptr (FerryOffer) offer = dup_offer (self, parameter);
  FerryWindow *window = get_window (self);

  if (offer == NULL)
    return;
  ferry_core_accept_offer (ferry_application_get_core (self), offer, NULL);
  if (window != NULL)
    ferry_window_show_transfers (window);
}

static void
decline_offer (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;
  g_autoptr (FerryOffer) offer = dup_offer (self, parameter);

  if (offer != NULL)
    ferry_core_decline_offer (ferry_application_get_core (self), offer);
}

/* --- Transfers -------------------------------------------------------------------------------
 */

static void
show_transfers (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;

  g_application_activate (G_APPLICATION (self));

  FerryWindow *window = get_window (self);

  if (window != NULL)
    ferry_window_show_transfers (window);
}

/* What can be done with one, and with all of a batch, by the words of the command line. */
static void
change (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const struct
  {
    const char *action;
    const char *verb;
  } verbs[] = {
    { "cancel-transfer", "cancel" }, { "pause-transfer", "pause" },
    { "resume-transfer", "resume" }, { "retry-transfer", "retry" },
    { "move-first", "move-first" },  { "move-up", "move-up" },
    { "move-down", "move-down" },    { "move-last", "move-last" },
  };
  FerryCore *core = ferry_application_get_core (user_data);
  const char *name = g_action_get_name (G_ACTION (action));

  for (guint i = 0; core != NULL && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (verbs[i].action, name))
      ferry_control_apply (core, verbs[i].verb, g_variant_get_string (parameter, NULL));
}

/* To the place of another one. */
static void
move_to (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryCore *core = ferry_application_get_core (user_data);
  const char *id, *other;

  g_variant_get (parameter, "(&s&s)", &id, &other);
  if (core != NULL)
    ferry_core_move_to (core, id, other);
}

static void
send_again (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;
  FerryCore *core = ferry_application_get_core (self);
  g_autoptr (FerryTransfer) transfer = dup_transfer (self, parameter);

  /* What has arrived goes as a new transfer, which takes the place of the old row. */
  if (transfer != NULL && !ferry_core_retry (core, transfer) &&
      ferry_core_send_again (core, transfer) != NULL)
    ferry_core_remove_transfer (core, transfer);
}

/* --- Keys ------------------------------------------------------------------------------------
 */

static void
compare_keys (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;

  show_transfers (NULL, NULL, self);

  FerryWindow *window = get_window (self);

  if (window != NULL)
    gtk_widget_activate_action_variant (GTK_WIDGET (window), "win.answer-key", parameter);
}

static void
decline_key (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryCore *core = ferry_application_get_core (user_data);
  const char *account_text = NULL, *device_text = NULL;

  g_variant_get (parameter, "(&s&s)", &account_text, &device_text);

  g_autoptr (FerryJid) account = ferry_jid_new (account_text, NULL);
  g_autoptr (FerryJid) device = ferry_jid_new (device_text, NULL);
  g_autoptr (GError) error = NULL;

  if (core != NULL && account != NULL && device != NULL &&
      !ferry_core_answer_key (core, account, device, FERRY_KEY_DECLINE, &error))
    g_info ("The answer about a key could not be kept: %s", error->message);
}

/* --- Files -----------------------------------------------------------------------------------
 */

static void
launched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryApplication) self = user_data;
  g_autoptr (GError) error = NULL;
  FerryWindow *window = get_window (self);

  if (ferry_launch_finish (result, &error))
    return;
  g_debug ("Could not open: %s", error->message);
  if (window != NULL)
    ferry_window_toast (window, _ ("No program on this computer opens this file."));
}

/* Returns: (nullable): the path, unless the file is gone; then the user is told so */
static const char *
get_existing_path (FerryApplication *self, GVariant *parameter)
{
  const char *path = g_variant_get_string (parameter, NULL);
  FerryWindow *window = get_window (self);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return path;
  if (window != NULL)
    {
      g_autofree char *name = g_filename_display_basename (path);
      /* Translators: %s is a file name. */
      g_autofree char *text = g_strdup_printf (_ ("“%s” was moved or deleted."), name);

      ferry_window_toast (window, text);
    }
  return NULL;
}

static void
open_file (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;
  const char *path = get_existing_path (self, parameter);

  if (path != NULL)
    ferry_launch_open_async (path, gdk_display_get_default (), launched_cb,
                             g_object_ref (self));
}

static void
show_file (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;
  const char *path = get_existing_path (self, parameter);

  if (path != NULL)
    ferry_launch_show_async (path, gdk_display_get_default (), launched_cb,
                             g_object_ref (self));
}

/* --- The program -----------------------------------------------------------------------------
 */

static void
on_quit_response (FerryApplication *self, const char *response)
{
  if (g_str_equal (response, "quit"))
    ferry_application_shut_down (self);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryApplication *self = user_data;
  FerryWindow *window = get_window (self);
  guint n_left = ferry_application_count_unfinished (self);

  /* Who quits from the notification of a closed window has read what is left. */
  if (n_left == 0 || window == NULL || !gtk_widget_get_visible (GTK_WIDGET (window)))
    {
      ferry_application_shut_down (self);
      return;
    }

  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (window), _ ("Quit Ferry?"), NULL);
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_format_body (
      message,
      ngettext ("%u transfer will continue when you next start Ferry.",
                "%u transfers will continue when you next start Ferry.", n_left),
      n_left);
  adw_message_dialog_add_responses (message, "stay", _ ("_Keep Running"), "quit", _ ("_Quit"),
                                    NULL);
  adw_message_dialog_set_response_appearance (message, "quit", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (message, "stay");
  adw_message_dialog_set_close_response (message, "stay");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_quit_response), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FerryWindow *window = get_window (user_data);

  /* clang-format off */
  adw_show_about_window (GTK_WINDOW (window),
                         "application-name", _ ("Ferry"),
                         "application-icon", FERRY_APP_ID,
                         "version", FERRY_VERSION,
                         "developer-name", _ ("The Ferry developers"),
                         "comments", _ ("Send files to your XMPP contacts, from device to device."),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: put your name here. */
                         "translator-credits", _ ("translator-credits"),
                         NULL);
  /* clang-format on */
}

void
ferry_application_init_actions (FerryApplication *self)
{
  static const GActionEntry actions[] = {
    { "accept-offer", accept_offer, "s", NULL, NULL, { 0 } },
    { "decline-offer", decline_offer, "s", NULL, NULL, { 0 } },
    { "show-transfers", show_transfers, NULL, NULL, NULL, { 0 } },
    { "cancel-transfer", change, "s", NULL, NULL, { 0 } },
    { "pause-transfer", change, "s", NULL, NULL, { 0 } },
    { "resume-transfer", change, "s", NULL, NULL, { 0 } },
    { "retry-transfer", change, "s", NULL, NULL, { 0 } },
    { "move-first", change, "s", NULL, NULL, { 0 } },
    { "move-up", change, "s", NULL, NULL, { 0 } },
    { "move-down", change, "s", NULL, NULL, { 0 } },
    { "move-last", change, "s", NULL, NULL, { 0 } },
    { "move-to", move_to, "(ss)", NULL, NULL, { 0 } },
    { "send-again", send_again, "s", NULL, NULL, { 0 } },
    { "compare-keys", compare_keys, "(ss)", NULL, NULL, { 0 } },
    { "decline-key", decline_key, "(ss)", NULL, NULL, { 0 } },
    { "open-file", open_file, "s", NULL, NULL, { 0 } },
    { "show-file", show_file, "s", NULL, NULL, { 0 } },
    { "about", about, NULL, NULL, NULL, { 0 } },
    { "quit", quit, NULL, NULL, NULL, { 0 } },
  };
  static const struct
  {
    const char *action;
    const char *keys[3];
  } accels[] = {
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
    { "app.pause-all", { "<Control><Shift>p" } },
    { "app.resume-all", { "<Control><Shift>r" } },
    { "win.show-preferences", { "<Control>comma" } },
    { "win.show-shortcuts", { "<Control>question" } },
    { "win.send-files", { "<Control>o" } },
    { "win.send-folder", { "<Control><Shift>o" } },
    { "win.search", { "<Control>f" } },
    { "win.show-view::transfers", { "<Control>1" } },
    { "win.show-view::history", { "<Control>2" } },
    { "win.accept-first", { "<Control>Return", "<Control>KP_Enter" } },
    { "win.decline-first", { "<Control>d" } },
    { "win.back", { "<Alt>Left" } },
    { "win.forward", { "<Alt>Right" } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accels[i].action,
                                           accels[i].keys);
}
