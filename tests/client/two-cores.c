/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "two-cores.h"

#include "base/ferry-error.h"
#include "ferry-test.h"

#define ONLINE_LIMIT_S 30
#define TRANSFER_LIMIT_S 60

/* --- One side --------------------------------------------------------------------------------
 */

void
side_open (Side *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryProfile) profile = ferry_profile_open (self->folder, &error);

  g_assert_no_error (error);
  self->core = ferry_core_new (profile);
  ferry_core_set_download_folder (self->core, self->downloads);
}

void
side_flush (Side *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferry_core_flush_async (self->core, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  ferry_core_flush_finish (self->core, result, &error);
  g_assert_no_error (error);
}

void
side_close (Side *self)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (self->core == NULL)
    return;
  ferry_core_stop_async (self->core, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 15);
  ferry_core_stop_finish (self->core, result);
  g_clear_object (&result);
  side_flush (self);
  g_assert_finalize_object (g_steal_pointer (&self->core));
}

FerryClient *
side_get_client (Side *self)
{
  g_autoptr (FerryClient) client =
      g_list_model_get_item (ferry_core_get_clients (self->core), 0);
  g_assert_nonnull (client);
  return client; /* the list holds it */
}

void
side_wait_online (Side *self)
{
  ferry_test_wait (ferry_client_get_state (side_get_client (self)) == FERRY_CLIENT_ONLINE,
                   ONLINE_LIMIT_S);
}

static gboolean
has_device (Side *self, FerryJid *peer)
{
  GListModel *contacts = ferry_core_get_contacts (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (contacts); i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, i);
      if (ferry_jid_equal_bare (ferry_contact_get_jid (contact), peer))
        return ferry_contact_can_receive (contact);
    }
  return FALSE;
}

void
side_wait_device (Side *self, FerryJid *peer)
{
  ferry_test_wait (has_device (self, peer), ONLINE_LIMIT_S);
}

FerryTransfer *
side_send (
    Side *self, TwoCores *cores, Side *to, const char *name, guint64 size, FerryRoute routes)
{
  g_autofree char *path = g_build_filename (cores->source, name, NULL);

  ferry_test_write_file (path, size, (guint32) size + 1);
  return ferry_core_send (self->core, NULL, to->jid, path, routes);
}

static FerryOffer *
find_offer (Side *self, const char *name)
{
  GListModel *offers = ferry_core_get_offers (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (offers); i++)
    {
      g_autoptr (FerryOffer) offer = g_list_model_get_item (offers, i);
      if (g_str_equal (ferry_offer_get_name (offer), name))
        return offer; /* the list holds it */
    }
  return NULL;
}

FerryOffer *
side_wait_offer (Side *self, const char *name)
{
  ferry_test_wait (find_offer (self, name) != NULL, 30);
  return find_offer (self, name);
}

void
assert_ends (FerryTransfer *transfer, FerryTransferState state, int error)
{
  ferry_test_wait (ferry_transfer_is_finished (transfer), TRANSFER_LIMIT_S);
  if (error < 0)
    g_assert_no_error (ferry_transfer_get_error (transfer));
  else
    g_assert_error (ferry_transfer_get_error (transfer), FERRY_ERROR, error);
  g_assert_cmpint (ferry_transfer_get_state (transfer), ==, state);
}

void
assert_history (Side *self, const char *name, const char *outcome, const char *error_code)
{
  GListModel *history = G_LIST_MODEL (ferry_core_get_history (self->core));

  ferry_history_refresh (ferry_core_get_history (self->core));
  for (guint i = 0; i < g_list_model_get_n_items (history); i++)
    {
      g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (history, i);
      if (!g_str_equal (ferry_history_entry_get_name (entry), name))
        continue;
      g_assert_cmpstr (ferry_history_entry_get_outcome (entry), ==, outcome);
      g_assert_cmpstr (ferry_history_entry_get_error_code (entry), ==, error_code);
      return;
    }
  g_error ("the history has no “%s”", name);
}

/* --- Both ------------------------------------------------------------------------------------
 */

FerryAccount *
two_cores_make_account (TwoCores *self, const char *name)
{
  g_autofree char *text = g_strdup_printf ("%s@%s", name, self->server->domain);
  g_autoptr (FerryJid) jid = ferry_jid_new (text, NULL);
  FerryAccount *account = ferry_account_new (jid);

  account->host = g_strdup ("127.0.0.1");
  account->port = self->server->c2s_port;
  account->pin_sha256 = g_strdup (self->server->pin_sha256);
  return account;
}

static void
set_up_side (TwoCores *self, Side *side, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryAccount) account = two_cores_make_account (self, name);

  side->folder = ferry_test_make_folder ();
  side->downloads = ferry_test_make_folder ();
  side->jid = ferry_jid_ref (account->jid);
  side_open (side);
  ferry_core_add_account (side->core, account, "secret", &error);
  g_assert_no_error (error);
  side_flush (side);
  ferry_core_start (side->core);
}

void
two_cores_set_up (TwoCores *self, gconstpointer data)
{
  self->server = ferry_prosody_start (NULL);
  self->source = ferry_test_make_folder ();
  set_up_side (self, &self->alice, "alice");
  set_up_side (self, &self->bob, "bob");
  side_wait_online (&self->alice);
  side_wait_online (&self->bob);
  side_wait_device (&self->alice, self->bob.jid);
  side_wait_device (&self->bob, self->alice.jid);
}

static void
tear_down_side (Side *self)
{
  side_close (self);
  ferry_test_remove_folder (self->folder);
  ferry_test_remove_folder (self->downloads);
  g_free (self->folder);
  g_free (self->downloads);
  ferry_jid_unref (self->jid);
}

void
two_cores_tear_down (TwoCores *self, gconstpointer data)
{
  tear_down_side (&self->alice);
  tear_down_side (&self->bob);
  ferry_prosody_stop (self->server);
  ferry_test_remove_folder (self->source);
  g_free (self->source);
}
