/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-application"
#include "config.h"

#include "gtk/ferry-application-private.h"

#include "base/ferry-error.h"
#include "base/ferry-lateness.h"
#include "gtk/ferry-hider.h"
#include "gtk/ferry-inhibitor.h"
#include "gtk/ferry-notifier.h"
#include "gtk/ferry-pauser.h"
#include "gtk/ferry-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

struct _FerryApplication
{
  AdwApplication parent_instance;

  char *profile_folder; /* nullable: the usual one */
  FerryCore *core;
  FerryNotifier *notifier;
  FerryInhibitor *inhibitor;
  FerryHider *hider;
  FerryPauser *pauser;
  FerryLateness *lateness; /* nullable: not asked for */
  gboolean is_stopping;
};

G_DEFINE_FINAL_TYPE (FerryApplication, ferry_application, ADW_TYPE_APPLICATION)

/* Without a profile there is nothing to show but the reason. */
static void
show_profile_error (FerryApplication *self, const GError *error)
{
  gboolean busy = g_error_matches (error, FERRY_ERROR, FERRY_ERROR_BUSY);
  GtkWidget *dialog = adw_message_dialog_new (
      NULL, _ ("Ferry Cannot Start"),
      busy ? _ ("Another program uses Ferry’s profile, perhaps ferry-cli.")
           : _ ("Ferry’s files could not be opened."));

  g_info ("Could not open the profile: %s", error->message);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "quit", _ ("_Quit"));
  g_signal_connect_object (dialog, "response", G_CALLBACK (g_application_quit), self,
                           G_CONNECT_SWAPPED);
  gtk_application_add_window (GTK_APPLICATION (self), GTK_WINDOW (dialog));
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
ensure_core (FerryApplication *self)
{
  g_autoptr (GError) error = NULL;

  if (self->core == NULL)
    {
      g_autoptr (FerryProfile) profile = ferry_profile_open (self->profile_folder, &error);

      if (profile == NULL)
        {
          show_profile_error (self, error);
          return FALSE;
        }
      self->core = ferry_core_new (profile);
      ferry_core_start (self->core);
    }
  if (self->notifier == NULL)
    self->notifier = ferry_notifier_new (G_APPLICATION (self), self->core);
  if (self->inhibitor == NULL)
    self->inhibitor =
        ferry_inhibitor_new (GTK_APPLICATION (self), ferry_core_get_transfers (self->core));
  if (self->hider == NULL)
    self->hider =
        ferry_hider_new (GTK_APPLICATION (self), ferry_core_get_transfers (self->core));
  if (self->pauser == NULL)
    self->pauser = ferry_pauser_new (G_ACTION_MAP (self), self->core);
  return TRUE;
}

static FerryWindow *
ensure_window (FerryApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  while (window != NULL && !FERRY_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  if (window != NULL)
    return FERRY_WINDOW (window);
  return ferry_window_new (self, self->core);
}

static void
ferry_application_activate (GApplication *app)
{
  FerryApplication *self = FERRY_APPLICATION (app);

  if (ensure_core (self))
    gtk_window_present (GTK_WINDOW (ensure_window (self)));
}

static void
ferry_application_open (GApplication *app, GFile **files, int n_files, const char *hint)
{
  FerryApplication *self = FERRY_APPLICATION (app);
  g_autoptr (GListStore) list = g_list_store_new (G_TYPE_FILE);

  if (!ensure_core (self))
    return;

  FerryWindow *window = ensure_window (self);

  for (int i = 0; i < n_files; i++)
    g_list_store_append (list, files[i]);
  gtk_window_present (GTK_WINDOW (window));
  ferry_window_send_files (window, NULL, G_LIST_MODEL (list));
}

/* The end of the login session, or Ctrl+C: nobody can be asked any more. */
static gboolean
on_terminated (gpointer user_data)
{
  ferry_application_shut_down (user_data);
  return G_SOURCE_CONTINUE;
}

static void
ferry_application_startup (GApplication *app)
{
  G_APPLICATION_CLASS (ferry_application_parent_class)->startup (app);
  g_unix_signal_add (SIGINT, on_terminated, app);
  g_unix_signal_add (SIGTERM, on_terminated, app);
  gtk_window_set_default_icon_name (FERRY_APP_ID);
  ferry_application_init_actions (FERRY_APPLICATION (app));
}

static int
ferry_application_handle_local_options (GApplication *app, GVariantDict *options)
{
  FerryApplication *self = FERRY_APPLICATION (app);

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("ferry %s\n", FERRY_VERSION);
      return 0;
    }
  if (g_variant_dict_contains (options, "measure"))
    self->lateness = ferry_lateness_start ();
  g_variant_dict_lookup (options, "profile", "^ay", &self->profile_folder);
  /* The window of another profile is another program. */
  if (self->profile_folder != NULL || g_getenv ("FERRY_PROFILE") != NULL)
    g_application_set_flags (app, g_application_get_flags (app) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryApplication) self = user_data;

  ferry_core_stop_finish (FERRY_CORE (source), result);
  g_application_quit (G_APPLICATION (self));
}

void
ferry_application_shut_down (FerryApplication *self)
{
  if (self->is_stopping)
    return;
  self->is_stopping = TRUE;
  if (self->core == NULL)
    {
      g_application_quit (G_APPLICATION (self));
      return;
    }

  /* Signing out takes a moment; nobody has to look at it. */
  for (GList *item = gtk_application_get_windows (GTK_APPLICATION (self)); item != NULL;
       item = item->next)
    {
      if (FERRY_IS_WINDOW (item->data))
        ferry_window_settle (item->data);
      gtk_widget_set_visible (item->data, FALSE);
    }
  ferry_core_stop_async (self->core, stopped_cb, g_object_ref (self));
}

static void
ferry_application_shutdown (GApplication *app)
{
  FerryApplication *self = FERRY_APPLICATION (app);

  /* As ferry-cli says it. */
  if (self->lateness != NULL)
    g_print ("{\"event\":\"measured\",\"lateness_ms\":%.3f}\n",
             ferry_lateness_stop (g_steal_pointer (&self->lateness)));
  g_clear_object (&self->notifier);
  g_clear_object (&self->inhibitor);
  g_clear_object (&self->hider);
  g_clear_object (&self->pauser);
  G_APPLICATION_CLASS (ferry_application_parent_class)->shutdown (app);
  g_clear_object (&self->core);
}

static void
ferry_application_finalize (GObject *object)
{
  FerryApplication *self = FERRY_APPLICATION (object);

  g_clear_object (&self->core);
  g_free (self->profile_folder);

  G_OBJECT_CLASS (ferry_application_parent_class)->finalize (object);
}

static void
ferry_application_class_init (FerryApplicationClass *klass)
{
  GApplicationClass *app_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ferry_application_finalize;
  app_class->startup = ferry_application_startup;
  app_class->activate = ferry_application_activate;
  app_class->open = ferry_application_open;
  app_class->shutdown = ferry_application_shutdown;
  app_class->handle_local_options = ferry_application_handle_local_options;
}

static void
ferry_application_init (FerryApplication *self)
{
  static const GOptionEntry options[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, NULL,
      N_ ("Keep accounts, history and settings in DIR"), N_ ("DIR") },
    { "measure", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

FerryApplication *
ferry_application_new (FerryCore *core)
{
  g_return_val_if_fail (core == NULL || FERRY_IS_CORE (core), NULL);

  FerryApplication *self = g_object_new (FERRY_TYPE_APPLICATION, "application-id", FERRY_APP_ID,
                                         "flags", G_APPLICATION_HANDLES_OPEN, NULL);

  g_set_object (&self->core, core);
  return self;
}

void
ferry_application_close_window (FerryApplication *self, GtkWindow *window)
{
  g_return_if_fail (FERRY_IS_APPLICATION (self));

  if (self->hider == NULL || !ferry_hider_hide (self->hider, window))
    ferry_application_shut_down (self);
}

guint
ferry_application_count_unfinished (FerryApplication *self)
{
  return self->hider != NULL ? ferry_hider_count_unfinished (self->hider) : 0;
}

FerryCore *
ferry_application_get_core (FerryApplication *self)
{
  g_return_val_if_fail (FERRY_IS_APPLICATION (self), NULL);

  return self->core;
}
