/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "si-wire.h"

#include "jingle-end.h"

#include "base/ferry-hash.h"
#include "bytestream/s5b/ferry-s5b-dialler.h"

static gboolean
readable_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  SiWire *self = user_data;
  char bytes[4096];
  gssize n = g_socket_receive (socket, bytes, sizeof bytes, NULL, NULL);

  if (n > 0)
    g_byte_array_append (self->bytes, (guint8 *) bytes, (guint) n);
  self->has_ended = n <= 0;
  return n > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

SiWire *
si_wire_new (GSocket *socket)
{
  SiWire *self = g_new0 (SiWire, 1);

  g_assert_nonnull (socket);
  self->socket = socket;
  self->bytes = g_byte_array_new ();
  self->source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (readable_cb), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

void
si_wire_free (SiWire *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

SiWire *
si_wire_dial_port (guint16 port, const char *sid, const char *owner, const char *dialler)
{
  g_autofree char *destination = ferry_hash_sha1_hex (sid, owner, dialler, NULL);
  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  g_autoptr (FerryHostPolicy) policy = ferry_host_policy_new (own, 0, TRUE);
  g_autoptr (FerryJid) jid = ferry_jid_new (owner, NULL);
  g_autoptr (FerryCandidate) candidate =
      ferry_candidate_new ("1", "127.0.0.1", port, jid, 1, FERRY_CANDIDATE_DIRECT);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferry_s5b_dial_async (candidate, FERRY_HOST_DIRECT, policy, destination, NULL, NULL, NULL,
                        ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  GSocket *socket = ferry_s5b_dial_finish (result, &error);
  g_assert_no_error (error);
  return si_wire_new (socket);
}

SiWire *
si_wire_dial (FerryNode *query, const char *sid, const char *owner, const char *dialler)
{
  guint16 port = 0;

  for (guint i = 0; i < ferry_node_get_n_children (query); i++)
    {
      FerryNode *host = ferry_node_get_nth_child (query, i);
      if (g_strcmp0 (ferry_node_get_attr (host, "host"), "127.0.0.1") == 0 &&
          g_strcmp0 (ferry_node_get_attr (host, "jid"), owner) == 0)
        port = (guint16) g_ascii_strtoull (ferry_node_get_attr (host, "port"), NULL, 10);
    }
  return si_wire_dial_port (port, sid, owner, dialler);
}

void
si_wire_send (SiWire *self, const void *bytes, gsize size)
{
  g_assert_cmpint (g_socket_send (self->socket, bytes, size, NULL, NULL), ==, (gssize) size);
}

void
si_wire_send_go_and_file (SiWire *self, gsize size)
{
  g_autoptr (GBytes) content = jingle_test_content (size);
  g_autoptr (GByteArray) all = g_byte_array_new ();

  g_byte_array_append (all, (const guint8 *) "\r", 1);
  g_byte_array_append (all, g_bytes_get_data (content, NULL), (guint) size);
  si_wire_send (self, all->data, all->len);
}

void
si_wire_assert_file (SiWire *self, const char *first, gsize size)
{
  g_autoptr (GBytes) content = jingle_test_content (size);
  gsize skip = strlen (first);

  ferry_test_wait (self->has_ended, 10);
  g_assert_cmpuint (self->bytes->len, ==, size + skip);
  g_assert_cmpmem (self->bytes->data, skip, first, skip);
  g_assert_cmpmem (self->bytes->data + skip, size, g_bytes_get_data (content, NULL), size);
}
