/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-launch"
#include "config.h"

#include "gtk/ferry-launch.h"

#include "base/ferry-file-name.h"

gboolean
ferry_launch_can_open (const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);

  g_autofree char *name = g_path_get_basename (path);

  return !ferry_file_name_is_runnable (name);
}

static GAppLaunchContext *
dup_context (GTask *task)
{
  GdkDisplay *display = g_task_get_task_data (task);

  if (display == NULL)
    return NULL;
  return G_APP_LAUNCH_CONTEXT (gdk_display_get_app_launch_context (display));
}

static void
launched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
launch_file (GTask *task, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);
  g_autoptr (GAppLaunchContext) context = dup_context (task);

  g_app_info_launch_default_for_uri_async (uri, context, NULL, launched_cb,
                                           g_object_ref (task));
}

static GTask *
new_task (GdkDisplay *display, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  if (display != NULL)
    g_task_set_task_data (task, g_object_ref (display), g_object_unref);
  return task;
}

void
ferry_launch_open_async (const char *path,
                         GdkDisplay *display,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (path != NULL);

  g_autoptr (GTask) task = new_task (display, callback, user_data);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_task_set_source_tag (task, ferry_launch_open_async);
  if (!ferry_launch_can_open (path))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                               "%s is a program", path);
      return;
    }
  launch_file (task, file);
}

/* --- Showing: bus → ShowItems → (no file manager) the folder itself --------------------------
 */

typedef struct
{
  GTask *task;
  GFile *file;
} ShowFlow;

static void
show_flow_free (ShowFlow *flow)
{
  g_object_unref (flow->task);
  g_object_unref (flow->file);
  g_free (flow);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShowFlow, show_flow_free)

static void
open_folder (ShowFlow *flow)
{
  g_autoptr (GFile) folder = g_file_get_parent (flow->file);

  launch_file (flow->task, folder != NULL ? folder : flow->file);
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ShowFlow) flow = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    {
      g_task_return_boolean (flow->task, TRUE);
      return;
    }
  g_debug ("No file manager shows items: %s", error->message);
  open_folder (flow);
}

static void
got_bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ShowFlow) flow = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  g_autofree char *uri = g_file_get_uri (flow->file);
  const char *uris[] = { uri, NULL };

  if (bus == NULL)
    {
      g_debug ("No session bus: %s", error->message);
      open_folder (flow);
      return;
    }
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                          "org.freedesktop.FileManager1", "ShowItems",
                          g_variant_new ("(^ass)", uris, ""), NULL, G_DBUS_CALL_FLAGS_NONE,
                          5000, NULL, shown_cb, g_steal_pointer (&flow));
}

void
ferry_launch_show_async (const char *path,
                         GdkDisplay *display,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (path != NULL);

  ShowFlow *flow = g_new0 (ShowFlow, 1);

  flow->task = new_task (display, callback, user_data);
  flow->file = g_file_new_for_path (path);
  g_task_set_source_tag (flow->task, ferry_launch_show_async);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, got_bus_cb, flow);
}

gboolean
ferry_launch_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
