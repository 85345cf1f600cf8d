/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-ibb-pair"

#include "config.h"

#include "bytestream/ibb/ferry-ibb-pair.h"

#include <glib/gstdio.h>
#include <sys/socket.h>

/* Small, so that "written" means nearly "taken", and progress shown above is honest. */
#define BUFFER_BYTES (16 * 1024)

typedef struct
{
  GSource parent;
  FerryIbbPair *pair;
  gpointer tag;           /* of the descriptor, NULL while nothing is waited for */
  GIOCondition condition; /* waited for */
} PairSource;

struct _FerryIbbPair
{
  FerryIbbPairFuncs funcs;
  gpointer user_data;
  GSocket *near;
  GSocket *far; /* until taken */
  GSource *source;
  gboolean is_waiting; /* for something to read, once */
  GQueue unwritten;    /* of GBytes */
  gsize n_written;     /* of the first of them */
  gboolean shut_when_written;
  gboolean gone, told_gone;
};

/* The descriptor is left out altogether when nothing is wanted: poll() reports a hang-up even
 * to those who did not ask, and would spin. */
static void
update_source (FerryIbbPair *self)
{
  PairSource *source = (PairSource *) self->source;
  GIOCondition wanted = 0;

  if (self->is_waiting)
    wanted |= G_IO_IN;
  if (!g_queue_is_empty (&self->unwritten) && !self->told_gone)
    wanted |= G_IO_OUT; /* also when gone: the next turn tells */
  if (wanted == source->condition)
    return;

  source->condition = wanted;
  if (source->tag != NULL && wanted != 0)
    g_source_modify_unix_fd (self->source, source->tag, wanted);
  else if (source->tag != NULL)
    {
      g_source_remove_unix_fd (self->source, source->tag);
      source->tag = NULL;
    }
  else
    source->tag = g_source_add_unix_fd (self->source, g_socket_get_fd (self->near), wanted);
}

/* Writes what fits. Returns: how many blocks got done */
static guint
write_some (FerryIbbPair *self)
{
  guint n_done = 0;
  GBytes *block;

  while (!self->gone && (block = g_queue_peek_head (&self->unwritten)) != NULL)
    {
      g_autoptr (GError) error = NULL;
      gsize size;
      const char *data = g_bytes_get_data (block, &size);
      gssize n = size == self->n_written ? 0
                                         : g_socket_send (self->near, data + self->n_written,
                                                          size - self->n_written, NULL, &error);

      if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      if (n < 0)
        {
          self->gone = TRUE;
          break;
        }
      self->n_written += (gsize) n;
      if (self->n_written == size)
        {
          g_bytes_unref (g_queue_pop_head (&self->unwritten));
          self->n_written = 0;
          n_done++;
        }
    }

  if (self->shut_when_written && g_queue_is_empty (&self->unwritten))
    g_socket_shutdown (self->near, FALSE, TRUE, NULL);
  update_source (self);
  return n_done;
}

/* The callbacks may free the pair, which destroys the source. */
static gboolean
pair_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  PairSource *pair_source = (PairSource *) source;
  FerryIbbPair *self = pair_source->pair;
  if (pair_source->tag == NULL) /* an earlier callback of this turn stopped it */
    return G_SOURCE_CONTINUE;
  GIOCondition ready = g_source_query_unix_fd (source, pair_source->tag);

  if ((pair_source->condition & G_IO_OUT) != 0 && (ready & ~G_IO_IN) != 0)
    {
      guint n_done = write_some (self);
      gboolean gone = self->gone;
      self->told_gone = gone;
      update_source (self);
      for (; n_done > 0 && !g_source_is_destroyed (source); n_done--)
        self->funcs.written (self->user_data);
      if (gone && !g_source_is_destroyed (source))
        self->funcs.gone (self->user_data);
    }
  if (!g_source_is_destroyed (source) && self->is_waiting && (ready & ~G_IO_OUT) != 0)
    {
      self->is_waiting = FALSE;
      self->funcs.readable (self->user_data);
      if (!g_source_is_destroyed (source))
        update_source (self);
    }
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs pair_source_funcs = { .dispatch = pair_dispatch };

static GSocket *
wrap_socket (int fd, GError **error)
{
  const int size = BUFFER_BYTES;
  GSocket *socket = g_socket_new_from_fd (fd, error);

  if (socket == NULL)
    {
      g_close (fd, NULL);
      return NULL;
    }
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, size, NULL);
  return socket;
}

FerryIbbPair *
ferry_ibb_pair_new (const FerryIbbPairFuncs *funcs, gpointer user_data, GError **error)
{
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
    {
      int saved = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   "No socket pair for an in-band stream: %s", g_strerror (saved));
      return NULL;
    }

  g_autoptr (GSocket) near = wrap_socket (fds[0], error);
  g_autoptr (GSocket) far = wrap_socket (fds[1], near != NULL ? error : NULL);
  if (near == NULL || far == NULL)
    return NULL;

  FerryIbbPair *self = g_new0 (FerryIbbPair, 1);
  self->funcs = *funcs;
  self->user_data = user_data;
  self->near = g_steal_pointer (&near);
  self->far = g_steal_pointer (&far);
  self->source = g_source_new (&pair_source_funcs, sizeof (PairSource));
  ((PairSource *) self->source)->pair = self;
  g_source_set_static_name (self->source, "ferry-ibb-pair");
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

void
ferry_ibb_pair_free (FerryIbbPair *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_queue_clear_full (&self->unwritten, (GDestroyNotify) g_bytes_unref);
  g_clear_object (&self->near);
  g_clear_object (&self->far);
  g_free (self);
}

GSocket *
ferry_ibb_pair_take_far (FerryIbbPair *self)
{
  return g_steal_pointer (&self->far);
}

GBytes *
ferry_ibb_pair_read (FerryIbbPair *self, guint max_size, gboolean *is_eof)
{
  *is_eof = FALSE;
  if (self->is_waiting)
    return NULL;

  g_autoptr (GError) error = NULL;
  g_autofree char *buffer = g_malloc (max_size);
  gssize n = g_socket_receive (self->near, buffer, max_size, NULL, &error);

  self->is_waiting = n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  *is_eof = n <= 0 && !self->is_waiting;
  update_source (self);
  return n > 0 ? g_bytes_new_take (g_steal_pointer (&buffer), (gsize) n) : NULL;
}

gsize
ferry_ibb_pair_get_available (FerryIbbPair *self)
{
  gssize n = g_socket_get_available_bytes (self->near);
  return n > 0 ? (gsize) n : 0;
}

gboolean
ferry_ibb_pair_write (FerryIbbPair *self, GBytes *block)
{
  gboolean first = g_queue_is_empty (&self->unwritten);

  g_queue_push_tail (&self->unwritten, g_bytes_ref (block));
  if (!first)
    return FALSE;
  return write_some (self) == 1;
}

void
ferry_ibb_pair_shut (FerryIbbPair *self)
{
  self->is_waiting = FALSE;
  g_socket_shutdown (self->near, TRUE, FALSE, NULL);
  self->shut_when_written = TRUE;
  write_some (self);
}
