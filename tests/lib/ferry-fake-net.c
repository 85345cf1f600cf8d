/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-fake-net"
#include "ferry-fake-net-private.h"

#include "ferry-test.h"

#include "base/ferry-error.h"

#include <string.h>

/* Deliveries in one turn of the main context. */
#define MAX_PER_TURN 32

typedef enum
{
  EVENT_UP,
  EVENT_DOWN,
  EVENT_ONLINE,
  EVENT_CLOSE,
} EventKind;

typedef struct
{
  gint64 due_us;
  guint64 number; /* events due together happen in the order they were made */
  EventKind kind;
  FakeEndpoint *endpoint;
  guint epoch;
  FerryNode *stanza; /* nullable */
} Event;

typedef enum
{
  RULE_DROP,
  RULE_SWAP,
} RuleKind;

typedef struct
{
  RuleKind kind;
  guint n_left;
  FerryFakeMatch match;
  gconstpointer data;
} Rule;

struct _FerryFakeNet
{
  GObject parent_instance;

  GPtrArray *endpoints;
  GHashTable *proxies;
  GSequence *events;
  guint64 n_events;
  GSource *source;
  GHashTable *last_down_us; /* "from to" → gint64: order between two addresses */
  GArray *rules;
  GRand *shuffle; /* nullable */
  guint shuffle_ms;
  FerryFakeTap tap;
  gpointer tap_data;
};

G_DEFINE_FINAL_TYPE (FerryFakeNet, ferry_fake_net, G_TYPE_OBJECT)

/* --- Events ----------------------------------------------------------------------------------
 */

static void
event_free (gpointer data)
{
  Event *event = data;
  g_clear_pointer (&event->stanza, ferry_node_unref);
  g_free (event);
}

static int
compare_events (gconstpointer a, gconstpointer b, gpointer unused)
{
  const Event *event_a = a, *event_b = b;
  if (event_a->due_us != event_b->due_us)
    return event_a->due_us < event_b->due_us ? -1 : 1;
  return event_a->number < event_b->number ? -1 : event_a->number > event_b->number;
}

static void
arm_source (FerryFakeNet *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->events);
  const Event *event = g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
  g_source_set_ready_time (self->source, event != NULL ? event->due_us : -1);
}

/* @stanza: (transfer full) (nullable) */
static void
post (FakeEndpoint *endpoint, EventKind kind, gint64 due_us, FerryNode *stanza)
{
  FerryFakeNet *self = endpoint->net;
  Event *event = g_new0 (Event, 1);
  event->due_us = due_us;
  event->number = ++self->n_events;
  event->kind = kind;
  event->endpoint = endpoint;
  event->epoch = endpoint->epoch;
  event->stanza = stanza;
  g_sequence_insert_sorted (self->events, event, compare_events, NULL);
  arm_source (self);
}

static void
set_state (FakeEndpoint *endpoint, FerryStreamState state)
{
  endpoint->state = state;
  if (endpoint->stream != NULL)
    ferry_stream_emit_state_changed (endpoint->stream);
}

static void
arrive (FakeEndpoint *endpoint, FerryNode *stanza)
{
  if (endpoint->inbox != NULL)
    g_queue_push_tail (endpoint->inbox, ferry_node_ref (stanza));
  else if (endpoint->stream != NULL)
    ferry_stream_emit_stanza (endpoint->stream, stanza);
}

static void
happen (Event *event)
{
  FakeEndpoint *endpoint = event->endpoint;
  gboolean is_up = event->kind == EVENT_UP;

  switch (event->kind)
    {
    case EVENT_UP:
    case EVENT_DOWN:
      if (endpoint->state == FERRY_STREAM_INTERRUPTED)
        g_queue_push_tail (is_up ? &endpoint->held_up : &endpoint->held_down,
                           g_steal_pointer (&event->stanza));
      else if (is_up)
        fake_server_route (endpoint, event->stanza);
      else
        arrive (endpoint, event->stanza);
      break;
    case EVENT_ONLINE:
      set_state (endpoint, FERRY_STREAM_ONLINE);
      if (endpoint->stream != NULL)
        ferry_stream_emit_online (endpoint->stream, FALSE);
      break;
    case EVENT_CLOSE:
      fake_net_end_session (endpoint, FERRY_STREAM_OFFLINE);
      if (endpoint->stream != NULL)
        ferry_stream_emit_offline (endpoint->stream, NULL);
      break;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
dispatch_cb (gpointer user_data)
{
  g_autoptr (FerryFakeNet) self = g_object_ref (user_data);

  for (guint i = 0; i < MAX_PER_TURN; i++)
    {
      GSequenceIter *first = g_sequence_get_begin_iter (self->events);
      if (g_sequence_iter_is_end (first))
        break;
      Event *event = g_sequence_get (first);
      if (event->due_us > g_get_monotonic_time ())
        break;

      Event current = *event;
      event->stanza = NULL;
      g_sequence_remove (first);
      g_autoptr (FerryStream) alive =
          current.endpoint->stream != NULL ? g_object_ref (current.endpoint->stream) : NULL;
      if (current.epoch == current.endpoint->epoch)
        happen (&current);
      g_clear_pointer (&current.stanza, ferry_node_unref);
    }
  arm_source (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_source (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

/* --- Between endpoint and server -------------------------------------------------------------
 */

void
fake_net_send (FakeEndpoint *endpoint, FerryNode *stanza)
{
  if (endpoint->state != FERRY_STREAM_ONLINE && endpoint->state != FERRY_STREAM_INTERRUPTED)
    return;
  gint64 due_us = g_get_monotonic_time () + endpoint->up_ms * G_TIME_SPAN_MILLISECOND;
  endpoint->last_up_us = MAX (due_us, endpoint->last_up_us);
  post (endpoint, EVENT_UP, endpoint->last_up_us, ferry_node_ref (stanza));
}

static Rule *
find_rule (FerryFakeNet *self, RuleKind kind, FerryNode *stanza)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      Rule *rule = &g_array_index (self->rules, Rule, i);
      if (rule->kind == kind && rule->n_left > 0 && rule->match (stanza, rule->data))
        return rule;
    }
  return NULL;
}

gboolean
fake_net_intercept (FerryFakeNet *self, FerryNode *stanza)
{
  g_autofree char *text = ferry_node_to_string (stanza);
  g_debug ("%s", text);
  if (self->tap != NULL)
    self->tap (stanza, self->tap_data);

  Rule *rule = find_rule (self, RULE_DROP, stanza);
  if (rule == NULL)
    return FALSE;
  rule->n_left--;
  return TRUE;
}

/* @stanza: (transfer full) */
static void
post_down (FakeEndpoint *endpoint, FerryNode *stanza)
{
  FerryFakeNet *self = endpoint->net;
  const char *from = ferry_node_get_attr (stanza, "from");
  gint64 due_us = g_get_monotonic_time () + endpoint->down_ms * G_TIME_SPAN_MILLISECOND;
  if (self->shuffle != NULL)
    due_us += (gint64) (g_rand_double (self->shuffle) * self->shuffle_ms * 1000);

  char *pair =
      g_strdup_printf ("%s %s", from != NULL ? from : "", ferry_jid_get_text (endpoint->jid));
  const gint64 *last_us = g_hash_table_lookup (self->last_down_us, pair);
  if (last_us != NULL)
    due_us = MAX (due_us, *last_us);
  g_hash_table_replace (self->last_down_us, pair, g_memdup2 (&due_us, sizeof due_us));
  post (endpoint, EVENT_DOWN, due_us, stanza);
}

void
fake_net_deliver (FakeEndpoint *endpoint, FerryNode *stanza)
{
  g_autoptr (FerryNode) owned = stanza;
  if (fake_net_intercept (endpoint->net, stanza))
    return;

  Rule *rule = find_rule (endpoint->net, RULE_SWAP, stanza);
  if (rule != NULL && endpoint->swapped == NULL)
    {
      rule->n_left--;
      endpoint->swapped = g_steal_pointer (&owned);
      return;
    }
  post_down (endpoint, g_steal_pointer (&owned));
  if (endpoint->swapped != NULL)
    post_down (endpoint, g_steal_pointer (&endpoint->swapped));
}

static void
clear_held (FakeEndpoint *endpoint)
{
  g_queue_clear_full (&endpoint->held_up, (GDestroyNotify) ferry_node_unref);
  g_queue_clear_full (&endpoint->held_down, (GDestroyNotify) ferry_node_unref);
  g_clear_pointer (&endpoint->swapped, ferry_node_unref);
}

void
fake_net_end_session (FakeEndpoint *endpoint, FerryStreamState state)
{
  endpoint->epoch++;
  clear_held (endpoint);
  fake_server_withdraw_presence (endpoint);
  set_state (endpoint, state);
}

void
fake_net_open (FakeEndpoint *endpoint)
{
  set_state (endpoint, FERRY_STREAM_CONNECTING);
  post (endpoint, EVENT_ONLINE, g_get_monotonic_time (), NULL);
}

/* What was sent before still goes out. */
void
fake_net_close (FakeEndpoint *endpoint)
{
  post (endpoint, EVENT_CLOSE, MAX (g_get_monotonic_time (), endpoint->last_up_us), NULL);
}

/* --- Accidents -------------------------------------------------------------------------------
 */

void
ferry_fake_net_interrupt (FerryFakeNet *self, FerryStream *stream)
{
  FakeEndpoint *endpoint = fake_stream_get_endpoint (stream);
  g_assert_cmpint (endpoint->state, ==, FERRY_STREAM_ONLINE);
  set_state (endpoint, FERRY_STREAM_INTERRUPTED);
}

/* What was kept goes first: it is due at once, all else on its way is due later. */
void
ferry_fake_net_resume (FerryFakeNet *self, FerryStream *stream)
{
  FakeEndpoint *endpoint = fake_stream_get_endpoint (stream);
  g_assert_cmpint (endpoint->state, ==, FERRY_STREAM_INTERRUPTED);

  gint64 now_us = g_get_monotonic_time ();
  FerryNode *stanza;
  while ((stanza = g_queue_pop_head (&endpoint->held_up)) != NULL)
    post (endpoint, EVENT_UP, now_us, stanza);
  while ((stanza = g_queue_pop_head (&endpoint->held_down)) != NULL)
    post (endpoint, EVENT_DOWN, now_us, stanza);
  endpoint->last_up_us = MAX (endpoint->last_up_us, now_us);
  set_state (endpoint, FERRY_STREAM_ONLINE);
  ferry_stream_emit_online (stream, TRUE);
}

static void
lose (FerryStream *stream, FerryStreamState state)
{
  FakeEndpoint *endpoint = fake_stream_get_endpoint (stream);
  g_autoptr (FerryStream) alive = g_object_ref (stream);
  g_autoptr (GError) error =
      g_error_new (FERRY_ERROR, FERRY_ERROR_SERVER, "the test ended this session");

  fake_net_end_session (endpoint, state);
  if (state == FERRY_STREAM_CONNECTING)
    post (endpoint, EVENT_ONLINE, g_get_monotonic_time (), NULL);
  ferry_stream_emit_offline (stream, error);
}

void
ferry_fake_net_kill (FerryFakeNet *self, FerryStream *stream)
{
  lose (stream, FERRY_STREAM_OFFLINE);
}

void
ferry_fake_net_lose_session (FerryFakeNet *self, FerryStream *stream)
{
  lose (stream, FERRY_STREAM_CONNECTING);
}

/* --- The network -----------------------------------------------------------------------------
 */

void
ferry_fake_net_set_delay (FerryFakeNet *self, const char *full_jid, guint up_ms, guint down_ms)
{
  FakeEndpoint *endpoint = fake_net_get_endpoint (self, full_jid);
  endpoint->up_ms = up_ms;
  endpoint->down_ms = down_ms;
}

void
ferry_fake_net_shuffle (FerryFakeNet *self, guint32 seed, guint max_ms)
{
  g_clear_pointer (&self->shuffle, g_rand_free);
  self->shuffle = max_ms > 0 ? g_rand_new_with_seed (seed) : NULL;
  self->shuffle_ms = max_ms;
}

void
ferry_fake_net_drop_next (FerryFakeNet *self, guint n, FerryFakeMatch match, gconstpointer data)
{
  Rule rule = { RULE_DROP, n, match, data };
  g_array_append_val (self->rules, rule);
}

void
ferry_fake_net_swap_next (FerryFakeNet *self, FerryFakeMatch match, gconstpointer data)
{
  Rule rule = { RULE_SWAP, 1, match, data };
  g_array_append_val (self->rules, rule);
}

guint
ferry_fake_net_get_n_rules (FerryFakeNet *self)
{
  guint n = 0;
  for (guint i = 0; i < self->rules->len; i++)
    n += g_array_index (self->rules, Rule, i).n_left;
  return n;
}

void
ferry_fake_net_set_tap (FerryFakeNet *self, FerryFakeTap tap, gpointer user_data)
{
  self->tap = tap;
  self->tap_data = user_data;
}

void
ferry_fake_net_settle (FerryFakeNet *self)
{
  do
    {
      ferry_test_wait (g_sequence_is_empty (self->events), 10);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  while (!g_sequence_is_empty (self->events));
}

void
ferry_fake_net_add_proxy (FerryFakeNet *self,
                          const char *jid,
                          FerryFakeProxy proxy,
                          gpointer user_data)
{
  FakeProxy *entry = g_new0 (FakeProxy, 1);
  entry->func = proxy;
  entry->user_data = user_data;
  g_hash_table_replace (self->proxies, g_strdup (jid), entry);
}

/* --- Object ----------------------------------------------------------------------------------
 */

static void
endpoint_free (gpointer data)
{
  FakeEndpoint *endpoint = data;
  clear_held (endpoint);
  g_clear_pointer (&endpoint->presence, ferry_node_unref);
  ferry_jid_unref (endpoint->jid);
  g_free (endpoint);
}

FakeEndpoint *
fake_net_get_endpoint (FerryFakeNet *self, const char *full_jid)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryJid) jid = ferry_jid_new (full_jid, &error);
  g_assert_no_error (error);
  g_assert_false (ferry_jid_is_bare (jid));

  for (guint i = 0; i < self->endpoints->len; i++)
    {
      FakeEndpoint *endpoint = self->endpoints->pdata[i];
      if (ferry_jid_equal (endpoint->jid, jid))
        return endpoint;
    }

  FakeEndpoint *endpoint = g_new0 (FakeEndpoint, 1);
  endpoint->net = self;
  endpoint->jid = g_steal_pointer (&jid);
  endpoint->state = FERRY_STREAM_OFFLINE;
  g_queue_init (&endpoint->held_up);
  g_queue_init (&endpoint->held_down);
  g_ptr_array_add (self->endpoints, endpoint);
  return endpoint;
}

GPtrArray *
fake_net_get_endpoints (FerryFakeNet *self)
{
  return self->endpoints;
}

GHashTable *
fake_net_get_proxies (FerryFakeNet *self)
{
  return self->proxies;
}

FerryFakeNet *
ferry_fake_net_new (void)
{
  return g_object_new (FERRY_TYPE_FAKE_NET, NULL);
}

/* Streams and peers hold the net, so none is left here. */
static void
ferry_fake_net_finalize (GObject *object)
{
  FerryFakeNet *self = FERRY_FAKE_NET (object);

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_pointer (&self->events, g_sequence_free);
  g_clear_pointer (&self->endpoints, g_ptr_array_unref);
  g_clear_pointer (&self->proxies, g_hash_table_unref);
  g_clear_pointer (&self->last_down_us, g_hash_table_unref);
  g_clear_pointer (&self->rules, g_array_unref);
  g_clear_pointer (&self->shuffle, g_rand_free);

  G_OBJECT_CLASS (ferry_fake_net_parent_class)->finalize (object);
}

static void
ferry_fake_net_class_init (FerryFakeNetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_fake_net_finalize;
}

static void
ferry_fake_net_init (FerryFakeNet *self)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_source };

  self->endpoints = g_ptr_array_new_with_free_func (endpoint_free);
  self->proxies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->events = g_sequence_new (event_free);
  self->last_down_us = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  self->source = g_source_new (&funcs, sizeof (GSource));
  g_source_set_callback (self->source, dispatch_cb, self, NULL);
  g_source_attach (self->source, NULL);
}
