/* SPDX-License-Identifier: GPL-3.0-or-later */
/* open_stream → read (features) → ask_tls → read (proceed) → done */
#define G_LOG_DOMAIN "ferry-starttls"
#include "config.h"

#include "xmpp/strophe/ferry-starttls.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/strophe/ferry-stream-reader.h"

#include <string.h>

/* What a server may say in the clear before we lose patience; features are some hundred bytes.
 */
#define MAX_CLEAR_BYTES (64 * 1024)

typedef struct
{
  FerryStreamReader reader;
  char *to_write;
  char buffer[4096];
  gsize n_read;
  gboolean asked; /* <starttls/> is sent */
} Flow;

static void read_done_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
flow_free (gpointer data)
{
  Flow *flow = data;
  ferry_stream_reader_clear (&flow->reader);
  g_free (flow->to_write);
  g_free (flow);
}

static void
wrote_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  Flow *flow = g_task_get_task_data (task);
  GInputStream *input = g_io_stream_get_input_stream (g_task_get_source_object (task));
  g_input_stream_read_async (input, flow->buffer, sizeof flow->buffer, G_PRIORITY_DEFAULT,
                             g_task_get_cancellable (task), read_done_cb, g_object_ref (task));
}

static void
write_then_read (GTask *task, char *text)
{
  Flow *flow = g_task_get_task_data (task);
  GOutputStream *output = g_io_stream_get_output_stream (g_task_get_source_object (task));

  g_free (flow->to_write);
  flow->to_write = text;
  g_output_stream_write_all_async (output, text, strlen (text), G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task), wrote_cb,
                                   g_object_ref (task));
}

/* Each element decides: the next step, or the end. @n_left: bytes that came after it. */
static void
handle_node (GTask *task, const FerryNode *node, gsize n_left)
{
  Flow *flow = g_task_get_task_data (task);

  if (!flow->asked && ferry_node_is (node, "features", FERRY_NS_STREAMS))
    {
      if (ferry_node_get_child (node, "starttls", FERRY_NS_STARTTLS) == NULL)
        {
          g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_SECURITY,
                                   "the server offers no encryption");
          return;
        }
      flow->asked = TRUE;
      write_then_read (task, g_strdup ("<starttls xmlns='" FERRY_NS_STARTTLS "'/>"));
      return;
    }
  if (flow->asked && ferry_node_is (node, "proceed", FERRY_NS_STARTTLS))
    {
      /* RFC 6120 §5.3.2: bytes after it that came in the clear were slipped in by somebody. */
      if (n_left > 0)
        g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_SECURITY,
                                 "bytes in the clear between <proceed/> and TLS");
      else
        g_task_return_boolean (task, TRUE);
      return;
    }
  g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_SERVER,
                           "the server answered with <%s/> when asked for TLS",
                           ferry_node_get_name (node));
}

static void
read_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Flow *flow = g_task_get_task_data (task);
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n == 0)
    g_set_error (&error, FERRY_ERROR, FERRY_ERROR_SERVER, "the server closed the connection");
  else if (n > 0 && (flow->n_read += (gsize) n) > MAX_CLEAR_BYTES)
    g_set_error (&error, FERRY_ERROR, FERRY_ERROR_LIMIT, "too much text before TLS");

  for (gsize at = 0; error == NULL && at < (gsize) n;)
    {
      gsize n_taken;
      g_autoptr (FerryNode) node = ferry_stream_reader_read (&flow->reader, flow->buffer + at,
                                                             (gsize) n - at, &n_taken, &error);
      at += n_taken;
      if (node != NULL)
        {
          handle_node (task, node, (gsize) n - at);
          return;
        }
    }
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_input_stream_read_async (G_INPUT_STREAM (source), flow->buffer, sizeof flow->buffer,
                             G_PRIORITY_DEFAULT, g_task_get_cancellable (task), read_done_cb,
                             g_object_ref (task));
}

void
ferry_starttls_async (GIOStream *connection,
                      const char *domain,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_starttls_async);

  Flow *flow = g_new0 (Flow, 1);
  ferry_stream_reader_init (&flow->reader);
  g_task_set_task_data (task, flow, flow_free);

  /* RFC 6120 §4.7.1: no `from` in the clear. */
  write_then_read (task, g_markup_printf_escaped (
                             "<?xml version='1.0'?>"
                             "<stream:stream to='%s' version='1.0' xmlns='" FERRY_NS_CLIENT
                             "' xmlns:stream='" FERRY_NS_STREAMS "'>",
                             domain));
}

gboolean
ferry_starttls_finish (GIOStream *connection, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
