/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve (both SRV services) → for each target until one works:
 *   connect (TCP) → [starttls] → handshake (certificate) → done
 * Every step has a time limit and the whole has one. A refused certificate ends the search: the
 * user has to see it, and another server of the same domain must not hide it. */
#define G_LOG_DOMAIN "ferry-connector"
#include "config.h"

#include "xmpp/strophe/ferry-connector.h"

#include "base/ferry-error.h"
#include "xmpp/strophe/ferry-srv.h"
#include "xmpp/strophe/ferry-starttls.h"

#define TOTAL_LIMIT_MS 30000
#define RESOLVE_LIMIT_MS 10000
#define CONNECT_LIMIT_MS 10000
#define STARTTLS_LIMIT_MS 8000
#define HANDSHAKE_LIMIT_MS 8000

#define PORT_STARTTLS 5222
#define PORT_DIRECT_TLS 5223

typedef struct
{
  FerryConnectorSettings *settings;
  GPtrArray *targets; /* of FerrySrvTarget */
  guint next_target;
  guint n_lookups; /* that have not answered yet */

  GCancellable *step; /* of the step that runs; cancelled by its limit or by the caller */
  GSource *step_limit;
  gint64 end_us;
  gulong cancelled_id;
  gboolean is_late;

  GSocketConnection *socket;
  GTlsConnection *tls;
  FerryCertificate *refused;
  GError *last_error; /* why the last target failed */
} Flow;

static void try_next_target (GTask *task);

FerryConnectorSettings *
ferry_connector_settings_copy (const FerryConnectorSettings *settings)
{
  FerryConnectorSettings *copy = g_new0 (FerryConnectorSettings, 1);
  copy->domain = g_strdup (settings->domain);
  copy->host = g_strdup (settings->host);
  copy->port = settings->port;
  copy->direct_tls = settings->direct_tls;
  copy->pin_sha256 = g_strdup (settings->pin_sha256);
  copy->ca_file = g_strdup (settings->ca_file);
  return copy;
}

void
ferry_connector_settings_free (FerryConnectorSettings *settings)
{
  if (settings == NULL)
    return;
  g_free (settings->domain);
  g_free (settings->host);
  g_free (settings->pin_sha256);
  g_free (settings->ca_file);
  g_free (settings);
}

static void
end_step (Flow *flow)
{
  if (flow->step_limit != NULL)
    g_source_destroy (flow->step_limit);
  g_clear_pointer (&flow->step_limit, g_source_unref);
}

static void
flow_free (gpointer data)
{
  Flow *flow = data;
  end_step (flow);
  ferry_connector_settings_free (flow->settings);
  g_ptr_array_unref (flow->targets);
  g_clear_object (&flow->step);
  g_clear_object (&flow->socket);
  g_clear_object (&flow->tls);
  g_clear_pointer (&flow->refused, ferry_certificate_unref);
  g_clear_error (&flow->last_error);
  g_free (flow);
}

static gboolean
step_late_cb (gpointer user_data)
{
  Flow *flow = user_data;
  flow->is_late = TRUE;
  g_cancellable_cancel (flow->step);
  return G_SOURCE_REMOVE;
}

/* Returns: (transfer none): what the new step must be given */
static GCancellable *
begin_step (GTask *task, guint limit_ms)
{
  Flow *flow = g_task_get_task_data (task);
  gint64 left_ms = (flow->end_us - g_get_monotonic_time ()) / 1000;

  end_step (flow);
  flow->is_late = FALSE;
  g_clear_object (&flow->step);
  flow->step = g_cancellable_new ();
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    g_cancellable_cancel (flow->step);
  flow->step_limit = g_timeout_source_new ((guint) CLAMP (left_ms, 1, (gint64) limit_ms));
  g_source_set_callback (flow->step_limit, step_late_cb, flow, NULL);
  g_source_attach (flow->step_limit, g_task_get_context (task));
  return flow->step;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Flow *flow = user_data;
  g_cancellable_cancel (flow->step);
}

static void
finish (GTask *task, GError *error)
{
  Flow *flow = g_task_get_task_data (task);

  end_step (flow);
  g_cancellable_disconnect (g_task_get_cancellable (task), flow->cancelled_id);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&flow->tls), g_object_unref);
}

static const FerrySrvTarget *
current_target (Flow *flow)
{
  return flow->targets->pdata[flow->next_target - 1];
}

/* This target is of no use; takes @error. */
static void
target_failed (GTask *task, const char *what, GError *error)
{
  Flow *flow = g_task_get_task_data (task);
  const FerrySrvTarget *target = current_target (flow);
  int code = g_error_matches (error, FERRY_ERROR, FERRY_ERROR_SECURITY) ? FERRY_ERROR_SECURITY
                                                                        : FERRY_ERROR_SERVER;

  g_clear_error (&flow->last_error);
  flow->last_error =
      g_error_new (FERRY_ERROR, code, "could not %s %s port %u: %s", what, target->host,
                   target->port, flow->is_late ? "no answer in time" : error->message);
  g_debug ("%s", flow->last_error->message);
  g_error_free (error);
  g_clear_object (&flow->tls);
  g_clear_object (&flow->socket);
  try_next_target (task);
}

/* What is wrong with the certificate in the eyes of the system, for the user's question. */
static GTlsCertificateFlags
judge (Flow *flow, GTlsCertificate *certificate)
{
  g_autoptr (GTlsDatabase) database =
      g_tls_backend_get_default_database (g_tls_backend_get_default ());
  g_autoptr (GSocketConnectable) identity =
      g_network_address_new (flow->settings->domain, PORT_STARTTLS);

  return g_tls_database_verify_chain (database, certificate,
                                      G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity,
                                      NULL, G_TLS_DATABASE_VERIFY_NONE, NULL, NULL);
}

static gboolean
accept_certificate_cb (GTlsConnection *connection,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags problems,
                       gpointer user_data)
{
  Flow *flow = user_data;
  const char *pin = flow->settings->pin_sha256;
  g_autofree char *fingerprint = ferry_certificate_fingerprint (certificate);

  if (pin != NULL && g_ascii_strcasecmp (pin, fingerprint) == 0)
    return TRUE;

  if (pin != NULL)
    problems = judge (flow, certificate);
  g_clear_pointer (&flow->refused, ferry_certificate_unref);
  flow->refused = ferry_certificate_new (flow->settings->domain, certificate, problems, pin);
  return FALSE;
}

/* A certificate that is valid for everybody else is still not the pinned one. */
static gboolean
check_pin (Flow *flow)
{
  GTlsCertificate *certificate = g_tls_connection_get_peer_certificate (flow->tls);

  if (flow->settings->pin_sha256 == NULL)
    return TRUE;
  return certificate != NULL &&
         accept_certificate_cb (flow->tls, certificate,
                                g_tls_connection_get_peer_certificate_errors (flow->tls), flow);
}

static void
handshake_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Flow *flow = g_task_get_task_data (task);
  gboolean ok = g_tls_connection_handshake_finish (flow->tls, result, &error);

  if (flow->refused == NULL && ok && check_pin (flow))
    finish (task, NULL);
  else if (flow->refused != NULL)
    finish (task, g_error_new (FERRY_ERROR, FERRY_ERROR_CERTIFICATE,
                               "the certificate of %s is not trusted", flow->settings->domain));
  else
    {
      if (error == NULL)
        g_set_error (&error, FERRY_ERROR, FERRY_ERROR_SECURITY, "no certificate");
      target_failed (task, "encrypt the connection with", g_steal_pointer (&error));
    }
}

/* Made by hand, because only the constructor's properties keep GIO from reading the system's
 * whole list of authorities (7 MB of memory), which neither a pin nor a CA file needs. */
static GTlsConnection *
new_tls_connection (Flow *flow, GSocketConnectable *identity, GError **error)
{
  GType type = g_tls_backend_get_client_connection_type (g_tls_backend_get_default ());
  g_autoptr (GTlsDatabase) database = NULL;

  if (flow->settings->pin_sha256 == NULL && flow->settings->ca_file == NULL)
    return g_initable_new (type, NULL, error, "base-io-stream", flow->socket, "server-identity",
                           identity, NULL);
  if (flow->settings->pin_sha256 == NULL)
    {
      database = g_tls_file_database_new (flow->settings->ca_file, error);
      if (database == NULL)
        return NULL;
    }
  return g_initable_new (type, NULL, error, "base-io-stream", flow->socket, "server-identity",
                         identity, "database", database, NULL);
}

static void
handshake (GTask *task)
{
  Flow *flow = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  /* The certificate is for the domain of the account, wherever its server may stand. */
  g_autoptr (GSocketConnectable) identity =
      g_network_address_new (flow->settings->domain, PORT_STARTTLS);

  flow->tls = new_tls_connection (flow, identity, &error);
  if (flow->tls == NULL)
    {
      target_failed (task, "encrypt the connection with", g_steal_pointer (&error));
      return;
    }
  if (current_target (flow)->is_direct_tls)
    g_tls_connection_set_advertised_protocols (flow->tls,
                                               (const char *[]){ "xmpp-client", NULL });
  g_signal_connect (flow->tls, "accept-certificate", G_CALLBACK (accept_certificate_cb), flow);
  g_tls_connection_handshake_async (flow->tls, G_PRIORITY_DEFAULT,
                                    begin_step (task, HANDSHAKE_LIMIT_MS), handshake_done_cb,
                                    g_object_ref (task));
}

static void
starttls_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ferry_starttls_finish (G_IO_STREAM (source), result, &error))
    handshake (task);
  else
    target_failed (task, "agree on encryption with", error);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  Flow *flow = g_task_get_task_data (task);
  flow->socket =
      g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);

  if (flow->socket == NULL)
    target_failed (task, "connect to", error);
  else if (current_target (flow)->is_direct_tls)
    handshake (task);
  else
    ferry_starttls_async (G_IO_STREAM (flow->socket), flow->settings->domain,
                          begin_step (task, STARTTLS_LIMIT_MS), starttls_done_cb,
                          g_object_ref (task));
}

/* No proxy leads to a server on this very machine: it would look for one on its own. */
static gboolean
is_own_machine (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return g_ascii_strcasecmp (host, "localhost") == 0 ||
         (address != NULL && g_inet_address_get_is_loopback (address));
}

static void
try_next_target (GTask *task)
{
  Flow *flow = g_task_get_task_data (task);

  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      finish (task, g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled"));
      return;
    }
  if (flow->next_target == flow->targets->len || g_get_monotonic_time () > flow->end_us)
    {
      finish (task, g_steal_pointer (&flow->last_error));
      return;
    }

  flow->next_target++;
  const FerrySrvTarget *target = current_target (flow);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (client, !is_own_machine (target->host));
  g_debug ("trying %s port %u%s", target->host, target->port,
           target->is_direct_tls ? " (direct TLS)" : "");
  g_socket_client_connect_to_host_async (client, target->host, target->port,
                                         begin_step (task, CONNECT_LIMIT_MS), connected_cb,
                                         g_object_ref (task));
}

static void
resolved (GTask *task)
{
  Flow *flow = g_task_get_task_data (task);
  g_autoptr (GRand) rand = g_rand_new ();

  ferry_srv_order (flow->targets, rand);
  /* RFC 6120 §3.2.2 */
  if (flow->targets->len == 0)
    g_ptr_array_add (flow->targets,
                     ferry_srv_target_new (flow->settings->domain, PORT_STARTTLS, FALSE));
  try_next_target (task);
}

static void
looked_up (GTask *task, GAsyncResult *result, gboolean is_direct_tls)
{
  Flow *flow = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *records = g_resolver_lookup_service_finish (resolver, result, &error);

  if (error != NULL)
    g_debug ("SRV records of %s: %s", flow->settings->domain, error->message);
  ferry_srv_add_records (flow->targets, records, is_direct_tls);
  g_resolver_free_targets (records);
  if (--flow->n_lookups == 0)
    resolved (task);
}

static void
looked_up_starttls_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  looked_up (task, result, FALSE);
}

static void
looked_up_direct_tls_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  looked_up (task, result, TRUE);
}

static void
resolve (GTask *task)
{
  Flow *flow = g_task_get_task_data (task);
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GCancellable *step = begin_step (task, RESOLVE_LIMIT_MS);

  flow->n_lookups = 2;
  g_resolver_lookup_service_async (resolver, "xmpps-client", "tcp", flow->settings->domain,
                                   step, looked_up_direct_tls_cb, g_object_ref (task));
  g_resolver_lookup_service_async (resolver, "xmpp-client", "tcp", flow->settings->domain, step,
                                   looked_up_starttls_cb, g_object_ref (task));
}

void
ferry_connector_connect_async (const FerryConnectorSettings *settings,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (settings != NULL && settings->domain != NULL);

  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_connector_connect_async);

  Flow *flow = g_new0 (Flow, 1);
  flow->settings = ferry_connector_settings_copy (settings);
  flow->targets = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_srv_target_free);
  flow->end_us = g_get_monotonic_time () + TOTAL_LIMIT_MS * 1000;
  flow->step = g_cancellable_new ();
  g_task_set_task_data (task, flow, flow_free);
  if (cancellable != NULL)
    flow->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), flow, NULL);

  if (settings->host != NULL)
    {
      guint16 usual = settings->direct_tls ? PORT_DIRECT_TLS : PORT_STARTTLS;
      g_ptr_array_add (flow->targets,
                       ferry_srv_target_new (settings->host,
                                             settings->port != 0 ? settings->port : usual,
                                             settings->direct_tls));
      try_next_target (task);
    }
  else if (g_hostname_is_ip_address (settings->domain))
    resolved (task);
  else
    resolve (task);
}

GTlsConnection *
ferry_connector_connect_finish (GAsyncResult *result,
                                FerryCertificate **refused,
                                GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  Flow *flow = g_task_get_task_data (G_TASK (result));
  if (refused != NULL)
    *refused = g_steal_pointer (&flow->refused);
  return g_task_propagate_pointer (G_TASK (result), error);
}
