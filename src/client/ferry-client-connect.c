/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an account comes online, what it does when it is, and how it goes. */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "client/ferry-client-insides.h"

#include "base/ferry-error.h"
#include "client/ferry-identity.h"
#include "store/ferry-pin-store.h"

/* How long a server may take to say goodbye; above what the stream takes for its last words. */
#define CLOSE_LIMIT_MS 13000

/* Of a program that is there, but not for others (RFC 6121 §4.7.2.3). */
#define UNAVAILABLE_PRIORITY -1

void
ferry_client_finish_close (FerryClient *self)
{
  g_clear_handle_id (&self->close_timeout_id, g_source_remove);
  g_autoptr (GTask) task = g_steal_pointer (&self->close_task);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
on_stream_offline (FerryStream *stream, const GError *error, FerryClient *self)
{
  gboolean retries = ferry_stream_get_state (stream) == FERRY_STREAM_CONNECTING;
  ferry_client_set_state (self, retries ? FERRY_CLIENT_RETRYING : FERRY_CLIENT_OFFLINE, error);
  ferry_client_finish_close (self);
}

static void
on_stream_state_changed (FerryStream *stream, FerryClient *self)
{
  if (ferry_stream_get_state (stream) == FERRY_STREAM_INTERRUPTED)
    ferry_client_set_state (self, FERRY_CLIENT_RETRYING, NULL);
}

/* --- A new session: roster, then presence, so that we know who is who --------------------- */

static void
roster_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryClient) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_roster_load_finish (FERRY_ROSTER (source), result, &error))
    g_info ("%s: no contact list: %s", ferry_jid_get_bare (self->account->jid), error->message);
  /* What is said while interrupted goes out as soon as it no longer is. */
  FerryStreamState state = ferry_stream_get_state (FERRY_STREAM (self->stream));
  if (state != FERRY_STREAM_ONLINE && state != FERRY_STREAM_INTERRUPTED)
    return;
  int priority = self->context.routes != FERRY_ROUTE_NONE ? 0 : UNAVAILABLE_PRIORITY;
  ferry_presence_announce (self->presence, priority, ferry_disco_make_caps (self->disco));
  ferry_s5b_service_find_proxies (self->s5b);
  if (state == FERRY_STREAM_ONLINE)
    ferry_client_set_state (self, FERRY_CLIENT_ONLINE, NULL);
}

static void
on_stream_online (FerryStream *stream, gboolean resumed, FerryClient *self)
{
  if (resumed)
    ferry_client_set_state (self, FERRY_CLIENT_ONLINE, NULL);
  else
    ferry_roster_load_async (self->roster, self->cancellable, roster_loaded_cb,
                             g_object_ref (self));
}

/* --- Connecting: password, key, then the stream ------------------------------------------- */

static void
on_offer_received (GObject *negotiator, FerrySession *session, FerryClient *self)
{
  ferry_client_emit_offer_received (self, session);
}

static void
connect_signals (FerryClient *self)
{
  g_signal_connect_object (self->jingle, "offer-received", G_CALLBACK (on_offer_received), self,
                           0);
  g_signal_connect_object (self->si, "offer-received", G_CALLBACK (on_offer_received), self, 0);
  g_signal_connect_object (self->sipub, "offer-received", G_CALLBACK (on_offer_received), self,
                           0);
  g_signal_connect_object (self->stream, "online", G_CALLBACK (on_stream_online), self, 0);
  g_signal_connect_object (self->stream, "offline", G_CALLBACK (on_stream_offline), self, 0);
  g_signal_connect_object (self->stream, "state-changed", G_CALLBACK (on_stream_state_changed),
                           self, 0);
}

static void
open_stream (FerryClient *self)
{
  if (self->stream == NULL)
    {
      ferry_client_build (self);
      connect_signals (self);
    }
  ferry_stream_open (FERRY_STREAM (self->stream));
}

/* Without a key nothing is encrypted, and nobody is told that it could be. */
static void
identity_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryClient) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTlsIdentity) identity = ferry_identity_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->is_wanted)
    return;
  if (identity == NULL)
    g_info ("%s: no key for transfers: %s", ferry_jid_get_bare (self->account->jid),
            error->message);
  else if (self->identity == NULL)
    self->identity = g_steal_pointer (&identity);
  open_stream (self);
}

static void
load_identity (FerryClient *self)
{
  if (self->stream != NULL)
    open_stream (self);
  else
    ferry_identity_load_async (self->context.secrets, self->account->jid, self->cancellable,
                               identity_loaded_cb, g_object_ref (self));
}

static void
password_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryClient) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = ferry_secrets_lookup_finish (FERRY_SECRETS (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->is_wanted)
    return;
  if (self->password != NULL)
    return; /* the user has given another one meanwhile */
  self->password = g_steal_pointer (&found);
  if (self->password == NULL)
    {
      g_autoptr (GError) missing =
          g_error_new (FERRY_ERROR, FERRY_ERROR_LOGIN, "there is no password: %s",
                       error != NULL ? error->message : "none is stored");
      ferry_client_set_state (self, FERRY_CLIENT_OFFLINE, missing);
      return;
    }
  load_identity (self);
}

void
ferry_client_connect (FerryClient *self)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  self->is_wanted = TRUE;
  ferry_client_set_state (self, FERRY_CLIENT_CONNECTING, NULL);
  if (self->password != NULL)
    {
      load_identity (self);
      return;
    }
  g_autofree char *name = ferry_secrets_dup_password_name (self->account->jid);
  ferry_secrets_lookup_async (self->context.secrets, name, self->cancellable, password_found_cb,
                              g_object_ref (self));
}

void
ferry_client_disconnect (FerryClient *self)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  self->is_wanted = FALSE;
  if (self->stream != NULL)
    ferry_stream_close (FERRY_STREAM (self->stream));
  else
    ferry_client_set_state (self, FERRY_CLIENT_OFFLINE, NULL);
}

void
ferry_client_trust_certificate (FerryClient *self)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  FerryCertificate *certificate = ferry_client_get_certificate (self);
  g_autoptr (GError) error = NULL;
  if (certificate == NULL)
    return;

  /* What the user trusts for this account replaces what was trusted before. */
  g_free (self->account->pin_sha256);
  self->account->pin_sha256 = g_strdup (certificate->sha256);
  if (!ferry_account_store_update (self->context.store, self->account, &error) ||
      !ferry_pin_store_add (self->context.store, certificate->host, certificate->sha256,
                            g_get_real_time (), &error))
    g_info ("the certificate could not be remembered: %s", error->message);
  ferry_strophe_stream_set_pin (self->stream, self->account->pin_sha256);
  ferry_client_connect (self);
}

static void
new_password_stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  if (!ferry_secrets_store_finish (FERRY_SECRETS (source), result, &error))
    g_info ("the password could not be kept: %s", error->message);
}

void
ferry_client_set_password (FerryClient *self, const char *password)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));
  g_return_if_fail (password != NULL);

  g_autofree char *name = ferry_secrets_dup_password_name (self->account->jid);
  g_autofree char *label =
      g_strdup_printf ("Ferry: %s", ferry_jid_get_bare (self->account->jid));
  ferry_secrets_store_async (self->context.secrets, name, label, password, NULL,
                             new_password_stored_cb, NULL);
  g_free (self->password);
  self->password = g_strdup (password);
  if (self->stream != NULL)
    ferry_strophe_stream_set_password (self->stream, password);
  ferry_client_connect (self);
}

/* --- Going -------------------------------------------------------------------------------- */

static gboolean
close_limit_cb (gpointer user_data)
{
  FerryClient *self = user_data;
  self->close_timeout_id = 0;
  ferry_client_finish_close (self);
  return G_SOURCE_REMOVE;
}

void
ferry_client_close_async (FerryClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));
  g_return_if_fail (self->close_task == NULL);

  self->close_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->close_task, ferry_client_close_async);
  if (self->stream == NULL ||
      ferry_stream_get_state (FERRY_STREAM (self->stream)) == FERRY_STREAM_OFFLINE)
    {
      ferry_client_finish_close (self);
      return;
    }
  self->close_timeout_id = g_timeout_add (CLOSE_LIMIT_MS, close_limit_cb, self);
  ferry_client_disconnect (self);
}

void
ferry_client_close_finish (FerryClient *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
