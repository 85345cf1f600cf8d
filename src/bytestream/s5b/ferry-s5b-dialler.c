/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps:
 *
 *   look_up → resolved_cb → try_address → connected_cb → say → readable_cb … → done
 *                             ↑  ↑                                   │
 *                             │  └── again, after 200 ms ── refused ─┤
 *                             └── next address, other destination ───┘
 */
#define G_LOG_DOMAIN "ferry-s5b-dialler"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-dialler.h"

#include "base/ferry-error.h"
#include "base/ferry-source.h"
#include "bytestream/s5b/ferry-socks5.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define MAX_ADDRESSES 4
#define LOOK_UP_MS 5000
#define ATTEMPT_MS 10000
#define CONNECT_MS 8000
#define GREETING_MS 4000
#define REPLY_MS 6000
#define FIRST_REPLY_MS 2000 /* when there is another destination to try */
#define QUIET_MS 2000
#define AGAIN_MS 200

typedef struct
{
  FerryCandidate *candidate;
  FerryHostKind kind;
  FerryHostPolicy *policy;
  char *destinations[2];
  guint destination; /* index of the one being tried */
  FerryDialStageFunc stage_func;
  gpointer stage_data;

  GList *addresses; /* of GInetAddress; the first is being tried */
  gboolean was_tried_again;
  GSocket *socket;
  FerrySocks5 machine;
  gboolean is_greeted;

  GSource *io;
  GSource *step_timer;
  GSource *attempt_timer;
  GSource *cancelled;
  GCancellable *look_up;
} Dial;

static void try_address (GTask *task);

static void
free_addresses (GList *addresses)
{
  g_list_free_full (addresses, g_object_unref);
}

static void
stop (Dial *dial)
{
  ferry_clear_source (&dial->io);
  ferry_clear_source (&dial->step_timer);
  ferry_clear_source (&dial->attempt_timer);
  ferry_clear_source (&dial->cancelled);
  if (dial->look_up != NULL)
    g_cancellable_cancel (dial->look_up);
}

static void
dial_free (Dial *dial)
{
  stop (dial);
  ferry_candidate_free (dial->candidate);
  ferry_host_policy_unref (dial->policy);
  g_free (dial->destinations[0]);
  g_free (dial->destinations[1]);
  g_clear_pointer (&dial->addresses, free_addresses);
  g_clear_object (&dial->socket);
  g_clear_object (&dial->look_up);
  g_free (dial);
}

/* --- The end ---------------------------------------------------------------------------------
 */

/* The task has one reference of its own until it returns. */
static void
end_with_error (GTask *task, GError *error)
{
  Dial *dial = g_task_get_task_data (task);
  stop (dial);
  g_clear_object (&dial->socket);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
done (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  stop (dial);
  g_socket_set_keepalive (dial->socket, TRUE);
  g_task_return_pointer (task, g_steal_pointer (&dial->socket), g_object_unref);
  g_object_unref (task);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  GError *error = NULL;
  g_cancellable_set_error_if_cancelled (cancellable, &error);
  end_with_error (user_data, error);
  return G_SOURCE_REMOVE;
}

static GSource *
start_timer (GTask *task, guint ms, GSourceFunc func)
{
  GSource *timer = g_timeout_source_new (ms);
  g_source_set_callback (timer, func, task, NULL);
  g_source_attach (timer, g_task_get_context (task));
  return timer;
}

static void
limit_step (GTask *task, guint ms, GSourceFunc func)
{
  Dial *dial = g_task_get_task_data (task);
  ferry_clear_source (&dial->step_timer);
  dial->step_timer = start_timer (task, ms, func);
}

static gboolean
attempt_timeout_cb (gpointer user_data)
{
  end_with_error (user_data,
                  g_error_new (FERRY_ERROR, FERRY_ERROR_TIMEOUT, "the attempt took too long"));
  return G_SOURCE_REMOVE;
}

/* --- When something fails --------------------------------------------------------------------
 */

static gboolean
again_cb (gpointer user_data)
{
  try_address (user_data);
  return G_SOURCE_REMOVE;
}

/* Goes on with what is left to try; takes @error. */
static void
fail_try (GTask *task, GError *error)
{
  Dial *dial = g_task_get_task_data (task);
  gboolean is_refused = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  g_debug ("%s: %s", dial->candidate->cid, error->message);
  ferry_clear_source (&dial->io);
  ferry_clear_source (&dial->step_timer);
  if (dial->socket != NULL)
    g_socket_close (dial->socket, NULL);
  g_clear_object (&dial->socket);

  if (dial->is_greeted && dial->destination == 0 && dial->destinations[1] != NULL)
    {
      dial->destination = 1;
      g_error_free (error);
      try_address (task);
    }
  else if (is_refused && !dial->was_tried_again)
    {
      dial->was_tried_again = TRUE;
      g_error_free (error);
      limit_step (task, AGAIN_MS, again_cb);
    }
  else if (!dial->is_greeted && dial->addresses->next != NULL)
    {
      g_object_unref (dial->addresses->data);
      dial->addresses = g_list_delete_link (dial->addresses, dial->addresses);
      g_error_free (error);
      try_address (task);
    }
  else
    end_with_error (task, error);
}

static gboolean
step_timeout_cb (gpointer user_data)
{
  fail_try (user_data, g_error_new (FERRY_ERROR, FERRY_ERROR_TIMEOUT, "no answer"));
  return G_SOURCE_REMOVE;
}

/* --- The dialogue ----------------------------------------------------------------------------
 */

/* Each message goes out in one write (Prosody and Gajim read no other way); its few bytes fit
 * into any new socket. */
static gboolean
say (Dial *dial, GByteArray *out, GError **error)
{
  if (out->len == 0)
    return TRUE;
  gssize n = g_socket_send (dial->socket, (const char *) out->data, out->len, NULL, error);
  if (n >= 0 && (guint) n < out->len)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_BROKEN, "the connection takes no bytes");
  return n == (gssize) out->len;
}

static gboolean
quiet_cb (gpointer user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);

  ferry_socks5_quiet (&dial->machine);
  done (task);
  return G_SOURCE_REMOVE;
}

/* Takes what has arrived, but never a byte of the stream behind the dialogue.
 * Returns: %FALSE at the end or on an error */
static gboolean
take_bytes (Dial *dial, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 bytes[FERRY_SOCKS5_MAX_BYTES];
  gsize wanted = MIN (ferry_socks5_get_wanted (&dial->machine), sizeof bytes);
  gssize n = g_socket_receive (dial->socket, (char *) bytes, wanted, NULL, error);

  if (n <= 0)
    {
      if (n == 0)
        g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "closed instead of an answer");
      return FALSE;
    }
  ferry_socks5_step (&dial->machine, bytes, (gsize) n, out);
  if (ferry_socks5_get_status (&dial->machine) == FERRY_SOCKS5_FAILED)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "refused in the SOCKS5 dialogue");
      return FALSE;
    }
  return say (dial, out, error);
}

static void
tell_stage (GTask *task, FerryDialStage stage)
{
  Dial *dial = g_task_get_task_data (task);
  if (dial->stage_func != NULL)
    dial->stage_func (stage, dial->stage_data);
}

static void
greeted (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  gboolean has_more = dial->destination == 0 && dial->destinations[1] != NULL;

  dial->is_greeted = TRUE;
  limit_step (task, has_more ? FIRST_REPLY_MS : REPLY_MS, step_timeout_cb);
  tell_stage (task, FERRY_DIAL_GREETED);
}

static gboolean
readable_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);
  FerrySocks5Status before = ferry_socks5_get_status (&dial->machine);
  g_autoptr (GError) error = NULL;

  if (!take_bytes (dial, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
      fail_try (task, g_steal_pointer (&error));
      return G_SOURCE_REMOVE;
    }

  FerrySocks5Status status = ferry_socks5_get_status (&dial->machine);
  if (status == FERRY_SOCKS5_DONE)
    {
      done (task);
      return G_SOURCE_REMOVE;
    }
  if (ferry_socks5_is_half_replied (&dial->machine))
    limit_step (task, QUIET_MS, quiet_cb);
  else if (status == FERRY_SOCKS5_GREETED && before == FERRY_SOCKS5_TALKING)
    greeted (task);
  return G_SOURCE_CONTINUE;
}

/* --- Connecting ------------------------------------------------------------------------------
 */

static void
watch (GTask *task, GIOCondition condition, GSocketSourceFunc func)
{
  Dial *dial = g_task_get_task_data (task);
  ferry_clear_source (&dial->io);
  dial->io = g_socket_create_source (dial->socket, condition, NULL);
  g_source_set_callback (dial->io, G_SOURCE_FUNC (func), task, NULL);
  g_source_attach (dial->io, g_task_get_context (task));
}

static void
begin_dialogue (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  /* Whoever hears of the connection may cancel, which shows in the main loop only. */
  tell_stage (task, FERRY_DIAL_CONNECTED);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    return;

  ferry_socks5_init_dial (&dial->machine, dial->destinations[dial->destination], out);
  limit_step (task, GREETING_MS, step_timeout_cb);
  watch (task, G_IO_IN, readable_cb);
  if (!say (dial, out, &error))
    fail_try (task, g_steal_pointer (&error));
}

static gboolean
connected_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_socket_check_connect_result (socket, &error))
    begin_dialogue (task);
  else
    fail_try (task, g_steal_pointer (&error));
  return G_SOURCE_REMOVE;
}

/* The policy sees the very address that is connected to. */
static GSocket *
begin_connecting (Dial *dial, GInetAddress *address, GError **error)
{
  if (!ferry_host_policy_allows (dial->policy, address, dial->candidate->port, dial->kind,
                                 error))
    return NULL;

  g_autoptr (GSocket) socket = g_socket_new (
      g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);

  g_autoptr (GSocketAddress) target =
      g_inet_socket_address_new (address, dial->candidate->port);
  g_autoptr (GError) local_error = NULL;
  if (!g_socket_connect (socket, target, NULL, &local_error) &&
      !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_PENDING))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return g_steal_pointer (&socket);
}

static void
try_address (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  dial->socket = begin_connecting (dial, dial->addresses->data, &error);
  if (dial->socket == NULL)
    {
      fail_try (task, g_steal_pointer (&error));
      return;
    }
  /* With more addresses to come no single one gets all the time. */
  limit_step (task, dial->addresses->next != NULL ? CONNECT_MS / MAX_ADDRESSES : CONNECT_MS,
              step_timeout_cb);
  watch (task, G_IO_OUT, connected_cb);
}

/* --- Looking up ------------------------------------------------------------------------------
 */

static void
resolved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Dial *dial = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);

  if (g_task_get_completed (task) || g_cancellable_is_cancelled (dial->look_up))
    {
      g_clear_pointer (&addresses, free_addresses);
      return;
    }
  g_clear_object (&dial->look_up);
  if (addresses == NULL)
    {
      end_with_error (task, g_steal_pointer (&error));
      return;
    }

  GList *rest = g_list_nth (addresses, MAX_ADDRESSES);
  if (rest != NULL)
    {
      rest->prev->next = NULL;
      rest->prev = NULL;
      free_addresses (rest);
    }
  dial->addresses = addresses;
  try_address (task);
}

static gboolean
look_up_timeout_cb (gpointer user_data)
{
  end_with_error (user_data, g_error_new (FERRY_ERROR, FERRY_ERROR_TIMEOUT,
                                          "the name could not be looked up in time"));
  return G_SOURCE_REMOVE;
}

static void
look_up (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  const char *host = dial->candidate->host;
  GInetAddress *literal = ferry_host_parse_literal (host);

  if (literal != NULL)
    {
      dial->addresses = g_list_append (NULL, literal);
      try_address (task);
    }
  else if (!ferry_host_is_name (host))
    end_with_error (task, g_error_new (FERRY_ERROR, FERRY_ERROR_FORBIDDEN,
                                       "the host is neither an address nor a usable name"));
  else
    {
      g_autoptr (GResolver) resolver = g_resolver_get_default ();
      dial->look_up = g_cancellable_new ();
      limit_step (task, LOOK_UP_MS, look_up_timeout_cb);
      g_resolver_lookup_by_name_async (resolver, host, dial->look_up, resolved_cb,
                                       g_object_ref (task));
    }
}

void
ferry_s5b_dial_async (const FerryCandidate *candidate,
                      FerryHostKind kind,
                      FerryHostPolicy *policy,
                      const char *destination,
                      const char *other_destination,
                      FerryDialStageFunc stage_func,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (candidate != NULL && policy != NULL && destination != NULL);

  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_s5b_dial_async);

  Dial *dial = g_new0 (Dial, 1);
  dial->candidate = ferry_candidate_copy (candidate);
  dial->kind = kind;
  dial->policy = ferry_host_policy_ref (policy);
  dial->destinations[0] = g_strdup (destination);
  dial->destinations[1] = g_strdup (other_destination);
  dial->stage_func = stage_func;
  dial->stage_data = user_data;
  g_task_set_task_data (task, dial, (GDestroyNotify) dial_free);

  dial->attempt_timer = start_timer (task, ATTEMPT_MS, attempt_timeout_cb);
  if (cancellable != NULL)
    {
      dial->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (dial->cancelled, G_SOURCE_FUNC (cancelled_cb), task, NULL);
      g_source_attach (dial->cancelled, g_task_get_context (task));
    }
  look_up (task);
}

GSocket *
ferry_s5b_dial_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
