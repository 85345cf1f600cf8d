/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-fake-net-private.h"

#include "ferry-test.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define PATIENCE_S 20

struct _FerryFakePeer
{
  FerryFakeNet *net;
  FakeEndpoint *endpoint;
  GQueue inbox; /* of FerryNode */
};

/* --- Paths -----------------------------------------------------------------------------------
 */

/* Compares with one `[key]` or `[key=value]`, without the brackets. */
static gboolean
matches_attr (const FerryNode *node, const char *spec)
{
  const char *equals = strchr (spec, '=');
  g_autofree char *key =
      equals != NULL ? g_strndup (spec, (gsize) (equals - spec)) : g_strdup (spec);
  const char *value =
      strcmp (key, "xmlns") == 0 ? ferry_node_get_ns (node) : ferry_node_get_attr (node, key);
  return value != NULL && (equals == NULL || strcmp (value, equals + 1) == 0);
}

static gboolean
matches_steps (const FerryNode *node, const char *path)
{
  size_t length = strcspn (path, "[/");
  g_autofree char *name = g_strndup (path, length);
  if (strcmp (name, "*") != 0 && !ferry_node_is (node, name, NULL))
    return FALSE;

  const char *p = path + length;
  while (*p == '[')
    {
      size_t n = strcspn (p + 1, "]");
      g_autofree char *spec = g_strndup (p + 1, n);
      g_assert_cmpint (p[1 + n], ==, ']');
      if (!matches_attr (node, spec))
        return FALSE;
      p += n + 2;
    }
  if (*p == '\0')
    return TRUE;

  g_assert_cmpint (*p, ==, '/');
  for (guint i = 0; i < ferry_node_get_n_children (node); i++)
    if (matches_steps (ferry_node_get_nth_child (node, i), p + 1))
      return TRUE;
  return FALSE;
}

gboolean
ferry_fake_match_path (FerryNode *node, gconstpointer path)
{
  return matches_steps (node, path);
}

/* --- The peer --------------------------------------------------------------------------------
 */

FerryFakePeer *
ferry_fake_peer_new (FerryFakeNet *net, const char *full_jid)
{
  FakeEndpoint *endpoint = fake_net_get_endpoint (net, full_jid);
  g_assert_true (endpoint->stream == NULL && endpoint->inbox == NULL);

  FerryFakePeer *self = g_new0 (FerryFakePeer, 1);
  self->net = g_object_ref (net);
  self->endpoint = endpoint;
  g_queue_init (&self->inbox);
  endpoint->inbox = &self->inbox;
  endpoint->state = FERRY_STREAM_ONLINE;
  return self;
}

void
ferry_fake_peer_free (FerryFakePeer *self)
{
  if (self == NULL)
    return;
  self->endpoint->inbox = NULL;
  fake_net_end_session (self->endpoint, FERRY_STREAM_OFFLINE);
  g_queue_clear_full (&self->inbox, (GDestroyNotify) ferry_node_unref);
  g_object_unref (self->net);
  g_free (self);
}

void
ferry_fake_peer_send (FerryFakePeer *self, const char *xml, ...)
{
  va_list args;
  va_start (args, xml);
  g_autofree char *text = g_strdup_vprintf (xml, args);
  va_end (args);

  g_autofree char *wrapped =
      g_strdup_printf ("<stream xmlns='" FERRY_NS_CLIENT "'>%s</stream>", text);
  g_autoptr (FerryNode) stream = ferry_test_node (wrapped);
  for (guint i = 0; i < ferry_node_get_n_children (stream); i++)
    fake_net_send (self->endpoint, ferry_node_get_nth_child (stream, i));
}

static FerryNode *
take_match (FerryFakePeer *self, const char *path)
{
  for (GList *link = self->inbox.head; link != NULL; link = link->next)
    if (matches_steps (link->data, path))
      {
        FerryNode *stanza = link->data;
        g_queue_delete_link (&self->inbox, link);
        return stanza;
      }
  return NULL;
}

static void
print_inbox (FerryFakePeer *self)
{
  for (GList *link = self->inbox.head; link != NULL; link = link->next)
    {
      g_autofree char *text = ferry_node_to_string (link->data);
      g_printerr ("  has: %s\n", text);
    }
}

FerryNode *
ferry_fake_peer_expect (FerryFakePeer *self, const char *path)
{
  gint64 deadline_us =
      g_get_monotonic_time () + (gint64) (PATIENCE_S * ferry_test_patience () * 1e6);
  FerryNode *stanza;

  while ((stanza = take_match (self, path)) == NULL)
    {
      if (g_get_monotonic_time () > deadline_us)
        {
          print_inbox (self);
          g_error ("%s did not receive %s", ferry_jid_get_text (self->endpoint->jid), path);
        }
      ferry_test_iterate (deadline_us);
    }
  return stanza;
}

FerryNode *
ferry_fake_peer_expect_and_ack (FerryFakePeer *self, const char *path)
{
  FerryNode *request = ferry_fake_peer_expect (self, path);
  ferry_fake_peer_reply (self, request, NULL);
  return request;
}

void
ferry_fake_peer_assert_none (FerryFakePeer *self, const char *path)
{
  ferry_fake_net_settle (self->net);
  g_autoptr (FerryNode) stanza = take_match (self, path);
  if (stanza == NULL)
    return;
  g_autofree char *text = ferry_node_to_string (stanza);
  g_error ("%s received %s", ferry_jid_get_text (self->endpoint->jid), text);
}

static void
answer (FerryFakePeer *self, FerryNode *request, const char *type, FerryNode *payload)
{
  g_autoptr (FerryNode) iq = ferry_node_new ("iq", FERRY_NS_CLIENT);
  ferry_node_set_attrs (iq, "type", type, "id", ferry_node_get_attr (request, "id"), "to",
                        ferry_node_get_attr (request, "from"), NULL);
  if (payload != NULL)
    ferry_node_take_child (iq, payload);
  fake_net_send (self->endpoint, iq);
}

void
ferry_fake_peer_reply (FerryFakePeer *self, FerryNode *request, const char *payload_xml)
{
  answer (self, request, "result", payload_xml != NULL ? ferry_test_node (payload_xml) : NULL);
}

void
ferry_fake_peer_reply_error (FerryFakePeer *self,
                             FerryNode *request,
                             FerryStanzaCondition condition)
{
  answer (self, request, "error", ferry_stanza_error_to_node (condition, NULL));
}
