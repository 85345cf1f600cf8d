/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two negotiators and a SOCKS5 relay between them (XEP-0065 §6, XEP-0260 §2.5). */
#include "jingle-end.h"

#include "base/ferry-hash.h"
#include "bytestream/s5b/ferry-s5b-listener.h"
#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"
#define RELAY "relay.north.example"
#define JINGLE_OFFER                                                                           \
  "iq[type=set]/jingle[action=session-initiate]/content/transport[dstaddr]/"                   \
  "candidate[type=proxy]"
#define SI_OFFER "iq[type=set]/query[sid]/streamhost/proxy"

/* It joins the two connections for the destination of the offer that it saw going by. */
typedef struct
{
  FerryS5bListener *listener;
  char *destination;
  GPtrArray *sockets;
  GSource *source;
  gboolean is_active, refuses, holds;
  GByteArray *held; /* received from one, not yet taken by the other */
} Relay;

/* The ends' roles are not known: whoever speaks first is heard. */
static gboolean
relay_copy (gpointer user_data)
{
  Relay *relay = user_data;

  for (guint i = 0; i < 2 && !relay->holds; i++)
    {
      GSocket *from = relay->sockets->pdata[i], *to = relay->sockets->pdata[1 - i];
      char bytes[65536];
      gssize n =
          relay->held->len > 0 ? 0 : g_socket_receive (from, bytes, sizeof bytes, NULL, NULL);
      if (n > 0)
        g_byte_array_append (relay->held, (guint8 *) bytes, (guint) n);
      if (relay->held->len == 0)
        continue;
      n = g_socket_send (to, (char *) relay->held->data, relay->held->len, NULL, NULL);
      if (n > 0)
        g_byte_array_remove_range (relay->held, 0, (guint) n);
      return G_SOURCE_CONTINUE;
    }
  return G_SOURCE_CONTINUE;
}

static void
on_incoming (GSocket *socket, gpointer user_data)
{
  Relay *relay = user_data;
  g_ptr_array_add (relay->sockets, g_object_ref (socket));
}

static void
on_stanza (FerryNode *stanza, gpointer user_data)
{
  Relay *relay = user_data;

  if (relay->destination != NULL)
    return;
  if (ferry_fake_match_path (stanza, JINGLE_OFFER))
    {
      FerryNode *jingle = ferry_node_get_child (stanza, "jingle", NULL);
      FerryNode *content = ferry_node_get_child (jingle, "content", NULL);
      FerryNode *transport = ferry_node_get_child (content, "transport", NULL);
      relay->destination = g_strdup (ferry_node_get_attr (transport, "dstaddr"));
    }
  else if (ferry_fake_match_path (stanza, SI_OFFER))
    relay->destination = ferry_hash_sha1_hex (
        ferry_node_get_attr (ferry_node_get_child (stanza, "query", NULL), "sid"), ANNA, BEN,
        NULL);
  else
    return;
  ferry_s5b_listener_expect (relay->listener, relay->destination, on_incoming, relay);
}

static gboolean
on_request (FerryNode *request,
            FerryNode **payload,
            FerryStanzaCondition *condition,
            gpointer user_data)
{
  Relay *relay = user_data;
  FerryNode *query = ferry_node_get_child (request, "query", FERRY_NS_BYTESTREAMS);
  const char *target = ferry_node_get_child_text (query, "activate", FERRY_NS_BYTESTREAMS);

  if (target == NULL)
    {
      *payload = ferry_node_new ("query", FERRY_NS_BYTESTREAMS);
      FerryNode *host = ferry_node_add (*payload, "streamhost", NULL, NULL);
      ferry_node_set_attrs (host, "jid", RELAY, "host", "127.0.0.1", NULL);
      ferry_node_set_attr_uint (host, "port", ferry_s5b_listener_get_port (relay->listener));
      return TRUE;
    }
  if (relay->refuses || relay->sockets->len != 2)
    {
      *condition = FERRY_STANZA_NOT_ALLOWED;
      return FALSE;
    }
  relay->is_active = TRUE;
  relay->source = g_timeout_source_new (0);
  g_source_set_callback (relay->source, relay_copy, relay, NULL);
  g_source_attach (relay->source, NULL);
  return TRUE;
}

typedef JingleEnd *(*EndFunc) (FerryFakeNet *net, const char *full_jid, gboolean with_s5b);

typedef struct
{
  FerryFakeNet *net;
  Relay relay;
  JingleEnd *anna;
  JingleEnd *ben;
} Scene;

static void
scene_init (Scene *scene, EndFunc make_end)
{
  *scene = (Scene){ .net = ferry_fake_net_new () };
  scene->relay.listener = ferry_s5b_listener_new (0, NULL);
  scene->relay.sockets = g_ptr_array_new_with_free_func (g_object_unref);
  scene->relay.held = g_byte_array_new ();
  ferry_fake_net_set_tap (scene->net, on_stanza, &scene->relay);
  ferry_fake_net_add_proxy (scene->net, RELAY, on_request, &scene->relay);
  scene->anna = make_end (scene->net, ANNA, TRUE);
  scene->ben = make_end (scene->net, BEN, TRUE);
  ferry_s5b_service_find_proxies (scene->anna->s5b);
  scene->ben->routes = FERRY_ROUTE_PROXY | FERRY_ROUTE_INBAND;
}

static void
scene_clear (Scene *scene)
{
  Relay *relay = &scene->relay;

  if (relay->source != NULL)
    {
      g_source_destroy (relay->source);
      g_source_unref (relay->source);
    }
  jingle_end_free (scene->anna);
  jingle_end_free (scene->ben);
  ferry_fake_net_set_tap (scene->net, NULL, NULL);
  g_ptr_array_unref (relay->sockets);
  g_byte_array_unref (relay->held);
  g_free (relay->destination);
  ferry_s5b_listener_free (relay->listener);
  g_object_unref (scene->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static void
assert_arrived (Scene *scene, FerryRoute route)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (scene->anna->content, &size);

  ferry_test_wait (scene->ben->n_ended > 0, 20);
  g_assert_no_error (scene->ben->error);
  g_assert_cmpint (ferry_session_get_route (scene->ben->session), ==, route);
  g_assert_cmpmem (scene->ben->bytes->data, scene->ben->bytes->len, data, size);
}

static void
run (EndFunc make_end, gboolean refuses)
{
  g_auto (Scene) scene = { 0 };
  scene_init (&scene, make_end);

  scene.relay.refuses = refuses;
  jingle_end_offer (scene.anna, BEN, refuses ? 5000 : 1024 * 1024,
                    FERRY_ROUTE_PROXY | (refuses ? FERRY_ROUTE_INBAND : 0));
  assert_arrived (&scene, refuses ? FERRY_ROUTE_INBAND : FERRY_ROUTE_PROXY);
  ferry_test_wait (scene.anna->n_ended > 0, 20);
  g_assert_no_error (scene.anna->error);
  g_assert_cmpint (scene.relay.is_active, ==, !refuses);
  if (make_end == jingle_end_new)
    g_assert_true (ferry_session_was_received (scene.anna->session));
}

static void
test_jingle (void)
{
  g_test_summary ("Neither wants a direct connection: the file goes through the relay");
  run (jingle_end_new, FALSE);
}

static void
test_jingle_refuses (void)
{
  g_test_summary ("The relay does not activate the stream: transport-replace, and in-band");
  run (jingle_end_new, TRUE);
}

static void
test_si (void)
{
  g_test_summary ("Stream initiation: the file goes through the relay");
  run (jingle_end_new_si, FALSE);
}

static void
test_si_refuses (void)
{
  g_test_summary (
      "Stream initiation has no word for a relay that is not activated: the receiver, "
      "who thinks that it is connected, takes the file in-band all the same");
  run (jingle_end_new_si, TRUE);
}

static void
test_si_gone (void)
{
  g_test_summary (
      "The receiver's session is lost while the first bytes are in the relay: they arrive");
  g_auto (Scene) scene = { 0 };
  scene_init (&scene, jingle_end_new_si);

  scene.relay.holds = TRUE;
  jingle_end_offer (scene.anna, BEN, 5000, FERRY_ROUTE_PROXY);
  ferry_test_wait (scene.relay.is_active && scene.anna->socket != NULL, 20);
  g_assert_null (scene.ben->socket);
  ferry_fake_net_kill (scene.net, scene.ben->stream);
  /* The net does not come to rest while the relay runs. */
  ferry_test_wait (scene.ben->socket != NULL, 20);
  g_assert_cmpuint (scene.ben->n_ended, ==, 0);
  scene.relay.holds = FALSE;
  assert_arrived (&scene, FERRY_ROUTE_PROXY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/jingle/relayed", test_jingle);
  g_test_add_func ("/relay/jingle/refuses", test_jingle_refuses);
  g_test_add_func ("/relay/si/relayed", test_si);
  g_test_add_func ("/relay/si/refuses", test_si_refuses);
  g_test_add_func ("/relay/si/gone", test_si_gone);
  return g_test_run ();
}
