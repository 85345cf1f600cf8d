/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-control"

#include "config.h"

#include "client/ferry-control.h"

#include "base/ferry-error.h"
#include "model/ferry-sentence.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKET_NAME "control"
#define MAX_REQUEST 4096 /* an address can have 3071 bytes */
#define TIMEOUT_S 5

struct _FerryControl
{
  GObject parent_instance;

  FerryCore *core; /* unowned */
  int folder_fd;
  GSocketService *service;
};

G_DEFINE_FINAL_TYPE (FerryControl, ferry_control, G_TYPE_OBJECT)

static const char *const words[] = {
  [FERRY_CONTROL_DONE] = "done",
  [FERRY_CONTROL_UNKNOWN] = "unknown",
  [FERRY_CONTROL_NOT_NOW] = "not-now",
  [FERRY_CONTROL_BAD] = "bad",
};

FerryControlResult
ferry_control_result_from_word (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (words[i], word) == 0)
      return i;
  return FERRY_CONTROL_BAD;
}

/* --- What can be asked ----------------------------------------------------------------------
 */

static gboolean
cancel (FerryCore *core, FerryTransfer *transfer)
{
  if (ferry_transfer_is_finished (transfer))
    return FALSE;
  ferry_core_cancel (core, transfer);
  return TRUE;
}

typedef gboolean (*Apply) (FerryCore *core, FerryTransfer *transfer);

/* With each of them for which it makes sense now. */
static FerryControlResult
apply_to_batch (FerryCore *core, FerryBatch *batch, Apply apply)
{
  g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean is_done = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (batch)); i++)
    g_ptr_array_add (transfers, g_list_model_get_item (G_LIST_MODEL (batch), i));
  for (guint i = 0; i < transfers->len; i++)
    is_done = apply (core, transfers->pdata[i]) || is_done;
  return is_done ? FERRY_CONTROL_DONE : FERRY_CONTROL_NOT_NOW;
}

/* One after the other, so that none passes another of them; and no more as soon as one is where
 * it cannot go further. */
static FerryControlResult
move_batch (FerryCore *core, FerryBatch *batch, FerryTransferMove move)
{
  g_autoptr (GPtrArray) waiting = ferry_batch_dup_waiting (batch);
  gboolean from_behind = move == FERRY_TRANSFER_MOVE_FIRST || move == FERRY_TRANSFER_MOVE_DOWN;
  guint n_moved = 0;

  while (n_moved < waiting->len)
    {
      guint i = from_behind ? waiting->len - 1 - n_moved : n_moved;
      if (!ferry_core_move (core, waiting->pdata[i], move))
        break;
      n_moved++;
    }
  return n_moved > 0 ? FERRY_CONTROL_DONE : FERRY_CONTROL_NOT_NOW;
}

static gboolean
find_move (const char *verb, FerryTransferMove *move)
{
  static const char *const verbs[] = {
    [FERRY_TRANSFER_MOVE_FIRST] = "move-first",
    [FERRY_TRANSFER_MOVE_UP] = "move-up",
    [FERRY_TRANSFER_MOVE_DOWN] = "move-down",
    [FERRY_TRANSFER_MOVE_LAST] = "move-last",
  };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_strcmp0 (verbs[i], verb) == 0)
      {
        *move = i;
        return TRUE;
      }
  return FALSE;
}

FerryControlResult
ferry_control_apply (FerryCore *core, const char *verb, const char *id)
{
  static const struct
  {
    const char *verb;
    Apply apply;
  } verbs[] = {
    { "pause", ferry_core_pause },
    { "resume", ferry_core_resume },
    { "cancel", cancel },
    { "retry", ferry_core_retry },
  };
  FerryTransfer *transfer = ferry_core_find_transfer (core, id);
  FerryBatch *batch = ferry_core_find_batch (core, id);
  FerryTransferMove move;
  Apply apply = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_strcmp0 (verbs[i].verb, verb) == 0)
      apply = verbs[i].apply;
  if (apply == NULL && !find_move (verb, &move))
    return FERRY_CONTROL_BAD;
  if (batch == NULL && transfer == NULL)
    return FERRY_CONTROL_UNKNOWN;
  if (batch != NULL)
    return apply != NULL ? apply_to_batch (core, batch, apply) : move_batch (core, batch, move);
  return (apply != NULL ? apply (core, transfer) : ferry_core_move (core, transfer, move))
             ? FERRY_CONTROL_DONE
             : FERRY_CONTROL_NOT_NOW;
}

static GVariant *
describe (FerryTransfer *transfer)
{
  gboolean is_sending = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  FerryTransferState state = ferry_transfer_get_state (transfer);
  const GError *error = ferry_transfer_get_error (transfer);
  const char *path = ferry_transfer_get_path (transfer);
  g_autofree char *text = ferry_sentence_for_transfer (transfer);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "event", "s", "transfer");
  g_variant_dict_insert (&dict, "id", "s", ferry_transfer_get_id (transfer));
  g_variant_dict_insert (&dict, "direction", "s", is_sending ? "send" : "receive");
  g_variant_dict_insert (&dict, "peer", "s",
                         ferry_jid_get_text (ferry_transfer_get_peer (transfer)));
  g_variant_dict_insert (&dict, "name", "s", ferry_transfer_get_name (transfer));
  g_variant_dict_insert (&dict, "state", "s", ferry_transfer_state_get_name (state));
  g_variant_dict_insert (&dict, "text", "s", text);
  if (state == FERRY_TRANSFER_QUEUED)
    g_variant_dict_insert (&dict, "ahead", "x", (gint64) ferry_transfer_get_n_ahead (transfer));
  g_variant_dict_insert (&dict, "size", "x", ferry_transfer_get_size (transfer));
  g_variant_dict_insert (&dict, "bytes", "x", (gint64) ferry_transfer_get_n_done (transfer));
  if (ferry_transfer_get_batch (transfer) != NULL)
    g_variant_dict_insert (&dict, "batch", "s", ferry_transfer_get_batch (transfer)->id);
  g_variant_dict_insert (&dict, "encrypted", "b", ferry_transfer_get_encrypted (transfer));
  if (ferry_transfer_get_encrypted (transfer))
    g_variant_dict_insert (&dict, "key_verified", "b",
                           ferry_transfer_get_key_verified (transfer));
  g_variant_dict_insert (&dict, "received", "b", ferry_transfer_get_received (transfer));
  if (ferry_transfer_get_verified (transfer) != NULL)
    g_variant_dict_insert (&dict, "verified", "s", ferry_transfer_get_verified (transfer));
  if (ferry_transfer_is_folder (transfer))
    {
      g_variant_dict_insert (&dict, "files", "x",
                             (gint64) ferry_transfer_get_n_files (transfer));
      g_variant_dict_insert (&dict, "files_done", "x",
                             (gint64) ferry_transfer_get_n_files_done (transfer));
      g_variant_dict_insert (&dict, "files_failed", "x",
                             (gint64) ferry_transfer_get_n_files_failed (transfer));
      if (ferry_transfer_get_failed_files (transfer) != NULL)
        g_variant_dict_insert (&dict, "failed", "^as",
                               ferry_transfer_get_failed_files (transfer));
    }
  if (path != NULL && g_utf8_validate (path, -1, NULL))
    g_variant_dict_insert (&dict, "path", "s", path);
  if (error != NULL)
    g_variant_dict_insert (&dict, "error", "s", ferry_error_get_code_name (error));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

GPtrArray *
ferry_control_list (FerryCore *core)
{
  GListModel *transfers = ferry_core_get_transfers (core);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (guint i = g_list_model_get_n_items (transfers); i > 0; i--)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i - 1);
      g_ptr_array_add (list, describe (transfer));
    }
  return list;
}

/* --- Answering ------------------------------------------------------------------------------
 */

/* @list: (transfer full) */
static char *
print_list (GPtrArray *objects)
{
  g_autoptr (GPtrArray) list = objects;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      g_variant_print_string (list->pdata[i], text, TRUE);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static char *
make_answer (FerryControl *self, const char *request)
{
  g_auto (GStrv) parts = g_strsplit (request, " ", 2);

  if (g_strcmp0 (parts[0], "list") == 0)
    return print_list (ferry_control_list (self->core));
  if (g_strcmp0 (parts[0], "keys") == 0)
    return print_list (ferry_control_list_keys (self->core));
  FerryControlResult result = FERRY_CONTROL_BAD;
  if (parts[0] != NULL && g_str_has_prefix (parts[0], "key-"))
    result = ferry_control_apply_key (self->core, parts[0], parts[1]);
  else if (parts[0] != NULL)
    result = ferry_control_apply (self->core, parts[0], parts[1]);
  return g_strdup_printf ("%s\n", words[result]);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GSocketConnection) connection = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_io_stream_close_async (G_IO_STREAM (connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

typedef struct
{
  FerryControl *control;
  GSocketConnection *connection;
  GDataInputStream *input;
} Visit;

static void
visit_free (Visit *visit)
{
  g_object_unref (visit->control);
  g_object_unref (visit->connection);
  g_object_unref (visit->input);
  g_free (visit);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *visit = user_data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish_utf8 (visit->input, result, NULL, NULL);

  if (line != NULL && strlen (line) <= MAX_REQUEST && visit->control->core != NULL)
    {
      char *answer = make_answer (visit->control, line);
      GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (visit->connection));

      g_object_set_data_full (G_OBJECT (visit->connection), "answer", answer, g_free);
      g_output_stream_write_all_async (output, answer, strlen (answer), G_PRIORITY_DEFAULT,
                                       NULL, answered_cb, g_object_ref (visit->connection));
    }
  visit_free (visit);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             FerryControl *self)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  Visit *visit = g_new0 (Visit, 1);

  g_socket_set_timeout (g_socket_connection_get_socket (connection), TIMEOUT_S);
  visit->control = g_object_ref (self);
  visit->connection = g_object_ref (connection);
  visit->input = g_data_input_stream_new (input);
  g_data_input_stream_read_line_async (visit->input, G_PRIORITY_DEFAULT, NULL, asked_cb, visit);
  return TRUE;
}

/* --- The socket -----------------------------------------------------------------------------
 */

/* Through its folder's descriptor, as the path of a socket may have only 107 bytes. */
static GSocketAddress *
make_address (int folder_fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/" SOCKET_NAME, folder_fd);
  return g_unix_socket_address_new (path);
}

static int
open_folder (const char *folder, GError **error)
{
  int fd = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", folder,
                 g_strerror (errno));
  return fd;
}

static void
ferry_control_dispose (GObject *object)
{
  FerryControl *self = FERRY_CONTROL (object);

  self->core = NULL;
  if (self->service != NULL)
    {
      g_socket_service_stop (self->service);
      g_socket_listener_close (G_SOCKET_LISTENER (self->service));
      unlinkat (self->folder_fd, SOCKET_NAME, 0);
    }
  g_clear_object (&self->service);
  if (self->folder_fd >= 0)
    close (self->folder_fd);
  self->folder_fd = -1;
  G_OBJECT_CLASS (ferry_control_parent_class)->dispose (object);
}

static void
ferry_control_class_init (FerryControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_control_dispose;
}

static void
ferry_control_init (FerryControl *self)
{
  self->folder_fd = -1;
}

FerryControl *
ferry_control_new (FerryCore *core, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (core), NULL);

  g_autoptr (FerryControl) self = g_object_new (FERRY_TYPE_CONTROL, NULL);
  self->folder_fd =
      open_folder (ferry_profile_get_folder (ferry_core_get_profile (core)), error);
  if (self->folder_fd < 0)
    return NULL;

  g_autoptr (GSocketAddress) address = make_address (self->folder_fd);
  g_autoptr (GSocketService) service = g_socket_service_new ();
  /* The profile is locked: what is there is of a Ferry that is no more. */
  unlinkat (self->folder_fd, SOCKET_NAME, 0);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL,
                                      NULL, error))
    return NULL;
  fchmodat (self->folder_fd, SOCKET_NAME, 0600, 0);
  self->core = core;
  self->service = g_steal_pointer (&service);
  g_signal_connect_object (self->service, "incoming", G_CALLBACK (on_incoming), self, 0);
  return g_steal_pointer (&self);
}

char **
ferry_control_ask (const char *folder, const char *request, GError **error)
{
  int folder_fd = open_folder (folder, error);
  if (folder_fd < 0)
    return NULL;

  g_autoptr (GSocketAddress) address = make_address (folder_fd);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_timeout (client, TIMEOUT_S);
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
  close (folder_fd);
  if (connection == NULL)
    return NULL;

  g_autofree char *line = g_strdup_printf ("%s\n", request);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  if (!g_output_stream_write_all (output, line, strlen (line), NULL, NULL, error))
    return NULL;

  g_autoptr (GDataInputStream) input =
      g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_autoptr (GError) local = NULL;
  char *answer;
  while ((answer = g_data_input_stream_read_line_utf8 (input, NULL, NULL, &local)) != NULL)
    {
      g_strv_builder_add (lines, answer);
      g_free (answer);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_strv_builder_end (lines);
}
