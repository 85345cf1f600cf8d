/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In:  read (TLS) → look at → write into the pair; when that is full wait for room → read …
 * Out: wait for bytes in the pair → take them → write (TLS) → wait …
 * There is one buffer for each way; a buffer that cannot be emptied stops its way, which is
 * what makes a slow side hold back the other. */
#define G_LOG_DOMAIN "ferry-strophe-pump"
#include "config.h"

#include "xmpp/strophe/ferry-strophe-pump.h"

#include "base/ferry-source.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (64 * 1024)
/* Written but unacknowledged bytes this old mean that the network is gone. */
#define UNACKNOWLEDGED_LIMIT_MS 30000

struct _FerryStrophePump
{
  guint ref_count; /* the owner, and each operation under way */
  GTlsConnection *tls;
  GSocket *socket; /* below @tls */
  int fd;
  const FerryStrophePumpFuncs *funcs;
  gpointer user_data; /* %NULL funcs after ferry_strophe_pump_free() */
  GCancellable *cancellable;
  GSource *in_room;   /* waits for room in the pair */
  GSource *out_bytes; /* waits for bytes in the pair */
  gboolean has_ended;

  GString *in; /* for the library, from @in_at on */
  gsize in_at;
  GString *out; /* for the server */
  gsize n_held; /* bytes that wait for more before they go there */
  char in_buffer[BUFFER_BYTES];
};

static void read_next (FerryStrophePump *self);
static void wait_for_bytes (FerryStrophePump *self);

static void
pump_unref (gpointer data)
{
  FerryStrophePump *self = data;
  if (--self->ref_count > 0)
    return;
  /* The socket first: else TLS would say goodbye with a write that may block. */
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
  g_object_unref (self->tls);
  g_object_unref (self->cancellable);
  g_string_free (self->in, TRUE);
  g_string_free (self->out, TRUE);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryStrophePump, pump_unref)

static FerryStrophePump *
pump_ref (FerryStrophePump *self)
{
  self->ref_count++;
  return self;
}

static void
end (FerryStrophePump *self, const GError *error)
{
  if (self->funcs == NULL || self->has_ended)
    return;
  self->has_ended = TRUE;
  g_cancellable_cancel (self->cancellable);
  ferry_clear_source (&self->in_room);
  ferry_clear_source (&self->out_bytes);
  /* The library reads what is in the pair, and then the end. */
  shutdown (self->fd, SHUT_WR);
  self->funcs->ended (error, self->user_data);
}

static GSource *
watch_pair (FerryStrophePump *self, GIOCondition condition, GUnixFDSourceFunc func)
{
  GSource *source = g_unix_fd_source_new (self->fd, condition);
  g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* --- In --------------------------------------------------------------------------------------
 */

static gboolean write_in (FerryStrophePump *self);

static gboolean
has_room_cb (int fd, GIOCondition condition, gpointer user_data)
{
  FerryStrophePump *self = user_data;

  ferry_clear_source (&self->in_room);
  if (write_in (self))
    read_next (self);
  return G_SOURCE_REMOVE;
}

/* TRUE: all is written. */
static gboolean
write_in (FerryStrophePump *self)
{
  while (self->in_at < self->in->len)
    {
      gssize n = send (self->fd, self->in->str + self->in_at, self->in->len - self->in_at,
                       MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0)
        self->in_at += (gsize) n;
      else if (errno == EAGAIN)
        {
          self->in_room = watch_pair (self, G_IO_OUT, has_room_cb);
          return FALSE;
        }
      else if (errno != EINTR)
        {
          end (self, NULL); /* the library has closed its end */
          return FALSE;
        }
    }
  return TRUE;
}

static void
acknowledge_quickly (FerryStrophePump *self)
{
  /* Servers send with Nagle's algorithm; a delayed acknowledgement would cost 40 ms for each
   * stanza. The kernel forgets the wish, so it is renewed. */
  if (self->socket != NULL)
    g_socket_set_option (self->socket, IPPROTO_TCP, TCP_QUICKACK, 1, NULL);
}

static void
read_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryStrophePump) self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (self->funcs == NULL || self->has_ended)
    return;
  if (n <= 0)
    {
      end (self, error);
      return;
    }
  acknowledge_quickly (self);
  g_string_truncate (self->in, 0);
  self->in_at = 0;
  if (!self->funcs->incoming (self->in_buffer, (gsize) n, self->in, &error, self->user_data))
    {
      end (self, error);
      return;
    }
  if (write_in (self))
    read_next (self);
}

static void
read_next (FerryStrophePump *self)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (self->tls));
  g_input_stream_read_async (input, self->in_buffer, sizeof self->in_buffer, G_PRIORITY_DEFAULT,
                             self->cancellable, read_done_cb, pump_ref (self));
}

/* --- Out -------------------------------------------------------------------------------------
 */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryStrophePump) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    end (self, error);
  else if (self->funcs != NULL && !self->has_ended)
    wait_for_bytes (self);
}

static gboolean
has_bytes_cb (int fd, GIOCondition condition, gpointer user_data)
{
  FerryStrophePump *self = user_data;
  char buffer[FERRY_STROPHE_PUMP_RECORD_BYTES];
  gssize n = recv (self->fd, buffer, sizeof buffer - self->n_held, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  ferry_clear_source (&self->out_bytes);
  if (n <= 0)
    {
      end (self, NULL); /* the library has closed its end */
      return G_SOURCE_REMOVE;
    }
  g_string_truncate (self->out, 0);
  self->n_held = self->funcs->outgoing (buffer, (gsize) n, self->out, self->user_data);
  if (self->out->len == 0)
    wait_for_bytes (self);
  else
    g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (self->tls)),
                                     self->out->str, self->out->len, G_PRIORITY_DEFAULT,
                                     self->cancellable, written_cb, pump_ref (self));
  return G_SOURCE_REMOVE;
}

static void
wait_for_bytes (FerryStrophePump *self)
{
  self->out_bytes = watch_pair (self, G_IO_IN, has_bytes_cb);
}

/* --- Both ------------------------------------------------------------------------------------
 */

static GSocket *
set_up_socket (GTlsConnection *tls)
{
  g_autoptr (GIOStream) base = NULL;
  g_object_get (tls, "base-io-stream", &base, NULL);
  if (!G_IS_SOCKET_CONNECTION (base))
    return NULL;

  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (base));
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_LIMIT_MS, NULL);
  return g_object_ref (socket);
}

FerryStrophePump *
ferry_strophe_pump_new (GTlsConnection *tls,
                        int fd,
                        const FerryStrophePumpFuncs *funcs,
                        gpointer user_data)
{
  FerryStrophePump *self = g_new0 (FerryStrophePump, 1);
  self->ref_count = 1;
  self->tls = g_object_ref (tls);
  self->socket = set_up_socket (tls);
  self->fd = fd;
  self->funcs = funcs;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->in = g_string_sized_new (BUFFER_BYTES);
  self->out = g_string_sized_new (FERRY_STROPHE_PUMP_RECORD_BYTES);
  read_next (self);
  wait_for_bytes (self);
  return self;
}

gboolean
ferry_strophe_pump_is_drained (FerryStrophePump *self)
{
  int n_bytes = 0;
  return !self->has_ended && ioctl (self->fd, FIONREAD, &n_bytes) == 0 && n_bytes == 0;
}

void
ferry_strophe_pump_cut (FerryStrophePump *self, const GError *error)
{
  end (self, error);
}

void
ferry_strophe_pump_free (FerryStrophePump *self)
{
  if (self == NULL)
    return;
  self->funcs = NULL;
  g_cancellable_cancel (self->cancellable);
  ferry_clear_source (&self->in_room);
  ferry_clear_source (&self->out_bytes);
  close (self->fd);
  pump_unref (self);
}
