/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In:  the server has said something → read (TLS) all there is → look at → write into the pair.
 * Out: after each turn of the library take what it wrote → look at → write (TLS).
 * There is one buffer for each way; a buffer that cannot be emptied stops its way, which is
 * what makes a slow side hold back the other.
 *
 * Nobody waits for the pair: both its ends are served in this thread, one after the other. What
 * is waited for is the server alone, by one source that stays: each change of what a context
 * waits for costs it a wake-up. */
#define G_LOG_DOMAIN "ferry-strophe-pump"
#include "config.h"

#include "xmpp/strophe/ferry-strophe-pump.h"

#include "base/ferry-source.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/sockios.h>
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
  GTlsConnection *tls;
  GPollableInputStream *input;   /* of @tls */
  GPollableOutputStream *output; /* of @tls */
  GSocket *socket;               /* below @tls */
  int fd;
  const FerryStrophePumpFuncs *funcs;
  gpointer user_data;
  GSource *readable;   /* NULL while the pair is full */
  GSource *writable;   /* NULL unless the server takes no more */
  gboolean is_reading; /* the library; what it reads may be at its end */
  gboolean has_ended;

  GString *in; /* for the library, from @in_at on */
  gsize in_at;
  GString *out; /* for the server, from @out_at on */
  gsize out_at;
  gsize n_held; /* bytes that wait for more before they go there */
  char in_buffer[BUFFER_BYTES];
};

static void
end (FerryStrophePump *self, const GError *error)
{
  if (self->has_ended)
    return;
  self->has_ended = TRUE;
  ferry_clear_source (&self->readable);
  ferry_clear_source (&self->writable);
  /* The library reads what is in the pair, and then the end. */
  shutdown (self->fd, SHUT_WR);
  self->funcs->ended (error, self->user_data);
}

static GSource *
watch_server (FerryStrophePump *self, GIOCondition condition, GUnixFDSourceFunc func)
{
  GSource *source = g_unix_fd_source_new (g_socket_get_fd (self->socket), condition);
  /* It does not; but one that must not is taken out of the context while it is dispatched, and
   * put back, which costs two wake-ups. */
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* --- In --------------------------------------------------------------------------------------
 */

/* FALSE: the pair is full. */
static gboolean
write_in (FerryStrophePump *self)
{
  self->is_reading = TRUE;
  while (self->in_at < self->in->len)
    {
      gssize n = send (self->fd, self->in->str + self->in_at, self->in->len - self->in_at,
                       MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0)
        self->in_at += (gsize) n;
      else if (errno == EAGAIN)
        return FALSE;
      else if (errno != EINTR)
        {
          end (self, NULL); /* the library has closed its end */
          return TRUE;
        }
    }
  return TRUE;
}

static void
acknowledge_quickly (FerryStrophePump *self)
{
  /* Servers send with Nagle's algorithm; a delayed acknowledgement would cost 40 ms for each
   * stanza. The kernel forgets the wish, so it is renewed. */
  g_socket_set_option (self->socket, IPPROTO_TCP, TCP_QUICKACK, 1, NULL);
}

/* FALSE: no more for now. */
static gboolean
take_in (FerryStrophePump *self, gsize length)
{
  g_autoptr (GError) error = NULL;

  acknowledge_quickly (self);
  g_string_truncate (self->in, 0);
  self->in_at = 0;
  if (!self->funcs->incoming (self->in_buffer, length, self->in, &error, self->user_data))
    end (self, error);
  else if (!write_in (self))
    ferry_clear_source (&self->readable);
  return self->readable != NULL;
}

/* Returns: what the last read did; one yields one record of TLS at most. */
static gssize
fill_buffer (FerryStrophePump *self, gsize *length, GError **error)
{
  gssize n;

  *length = 0;
  do
    {
      n = g_pollable_input_stream_read_nonblocking (self->input, self->in_buffer + *length,
                                                    BUFFER_BYTES - *length, NULL, error);
      *length += (gsize) MAX (n, 0);
    }
  while (n > 0 && *length != BUFFER_BYTES);
  return n;
}

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  FerryStrophePump *self = user_data;
  gssize n = 1;

  g_source_set_ready_time (self->readable, -1);
  while (n > 0)
    {
      g_autoptr (GError) error = NULL;
      gsize length;

      n = fill_buffer (self, &length, &error);
      if (length > 0 && !take_in (self, length))
        break;
      if (n == 0 || (n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)))
        end (self, error);
    }
  return G_SOURCE_CONTINUE;
}

/* TLS may have read already what the socket has no more. */
static void
read_on (FerryStrophePump *self)
{
  self->readable = watch_server (self, G_IO_IN, readable_cb);
  g_source_set_ready_time (self->readable, 0);
}

/* --- Out -------------------------------------------------------------------------------------
 */

static gboolean writable_cb (int fd, GIOCondition condition, gpointer user_data);

static void
write_out (FerryStrophePump *self)
{
  g_autoptr (GError) error = NULL;

  while (self->out_at < self->out->len)
    {
      gssize n = g_pollable_output_stream_write_nonblocking (
          self->output, self->out->str + self->out_at, self->out->len - self->out_at, NULL,
          &error);
      if (n >= 0)
        self->out_at += (gsize) n;
      else
        {
          if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            end (self, error);
          else if (self->writable == NULL)
            self->writable = watch_server (self, G_IO_OUT, writable_cb);
          return;
        }
    }
  g_string_truncate (self->out, 0);
  self->out_at = 0;
  ferry_clear_source (&self->writable);
}

/* TRUE: there was so much that the pair may have been full. */
static gboolean
take_out (FerryStrophePump *self)
{
  char buffer[FERRY_STROPHE_PUMP_RECORD_BYTES];
  gboolean was_full = FALSE;
  gboolean is_empty = FALSE;

  while (!is_empty && self->out->len == 0 && !self->has_ended)
    {
      gsize room = sizeof buffer - self->n_held;
      gssize n = recv (self->fd, buffer, room, MSG_DONTWAIT);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        break;
      if (n <= 0)
        {
          end (self, NULL); /* the library has closed its end */
          break;
        }
      is_empty = (gsize) n < room;
      was_full = was_full || !is_empty;
      self->n_held = self->funcs->outgoing (buffer, (gsize) n, self->out, self->user_data);
      write_out (self);
    }
  return was_full;
}

static gboolean
writable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  FerryStrophePump *self = user_data;

  write_out (self);
  if (self->out->len == 0 && !self->has_ended)
    self->funcs->has_room (self->user_data);
  return G_SOURCE_CONTINUE;
}

/* --- Both ------------------------------------------------------------------------------------
 */

static GSocket *
set_up_socket (GTlsConnection *tls)
{
  g_autoptr (GSocketConnection) base = NULL;
  g_object_get (tls, "base-io-stream", &base, NULL);
  GSocket *socket = g_socket_connection_get_socket (base);

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
  self->tls = g_object_ref (tls);
  self->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (G_IO_STREAM (tls)));
  self->output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (G_IO_STREAM (tls)));
  self->socket = set_up_socket (tls);
  self->fd = fd;
  self->funcs = funcs;
  self->user_data = user_data;
  self->in = g_string_sized_new (BUFFER_BYTES);
  self->out = g_string_sized_new (FERRY_STROPHE_PUMP_RECORD_BYTES);
  self->is_reading = TRUE; /* as if: it has something to say first */
  read_on (self);
  return self;
}

static gboolean
has_unread (FerryStrophePump *self)
{
  int n_bytes = 0; /* with the kernel's own expenses */
  return ioctl (self->fd, SIOCOUTQ, &n_bytes) == 0 && n_bytes > 0;
}

gboolean
ferry_strophe_pump_turn (FerryStrophePump *self)
{
  gboolean is_reading = self->is_reading;

  self->is_reading = is_reading && has_unread (self);
  if (self->is_reading && self->readable != NULL)
    return TRUE;

  gboolean has_room = take_out (self);
  if (self->readable == NULL && !self->has_ended && write_in (self))
    read_on (self);
  /* What it says to what it has read goes out with its next turn. */
  return has_room || is_reading || self->has_ended;
}

gboolean
ferry_strophe_pump_is_drained (FerryStrophePump *self)
{
  return !self->has_ended && self->out->len == 0;
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
  ferry_clear_source (&self->readable);
  ferry_clear_source (&self->writable);
  close (self->fd);
  /* The socket first: else TLS would say goodbye with a write that may block. */
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->tls);
  g_string_free (self->in, TRUE);
  g_string_free (self->out, TRUE);
  g_free (self);
}
