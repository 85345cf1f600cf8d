/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts of a core: they come, go, and have troubles that the user can end. */
#include "two-cores.h"

#include "base/ferry-error.h"
#include "ferry-test.h"

static FerryClient *
add_account (TwoCores *self, Side *side, FerryAccount *account, const char *password)
{
  g_autoptr (GError) error = NULL;
  FerryClient *client = ferry_core_add_account (side->core, account, password, &error);

  g_assert_no_error (error);
  ferry_client_connect (client);
  return client;
}

static void
wait_error (FerryClient *client, FerryError code)
{
  ferry_test_wait (ferry_client_get_error (client) != NULL &&
                       ferry_client_get_state (client) == FERRY_CLIENT_OFFLINE,
                   30);
  g_assert_error (ferry_client_get_error (client), FERRY_ERROR, (int) code);
}

static void
test_password (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A wrong password is said, a right one given later is used and kept");
  g_autoptr (FerryAccount) account = two_cores_make_account (self, "alice");
  FerryClient *client = add_account (self, &self->alice, account, "wrong");

  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_clients (self->alice.core)), ==,
                    1);
  wait_error (client, FERRY_ERROR_LOGIN);
  ferry_client_set_password (client, "secret");
  side_wait_online (&self->alice);
  g_assert_no_error (ferry_client_get_error (client));

  side_close (&self->alice);
  side_open (&self->alice);
  ferry_core_start (self->alice.core);
  side_wait_online (&self->alice);
}

static void
test_password_meanwhile (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A password that is given while the kept one is looked up is the one");
  g_autoptr (FerryAccount) account = two_cores_make_account (self, "alice");
  wait_error (add_account (self, &self->alice, account, "wrong"), FERRY_ERROR_LOGIN);

  side_close (&self->alice);
  side_open (&self->alice);
  ferry_core_start (self->alice.core);
  ferry_client_set_password (side_get_client (&self->alice), "secret");
  side_wait_online (&self->alice);
}

static void
test_certificate (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A certificate that nobody vouches for is shown, and trusted when told so");
  g_autoptr (FerryAccount) account = two_cores_make_account (self, "alice");
  g_clear_pointer (&account->pin_sha256, g_free);
  FerryClient *client = add_account (self, &self->alice, account, "secret");

  wait_error (client, FERRY_ERROR_CERTIFICATE);
  FerryCertificate *certificate = ferry_client_get_certificate (client);
  g_assert_nonnull (certificate);
  g_assert_cmpstr (certificate->sha256, ==, self->server->pin_sha256);
  ferry_client_trust_certificate (client);
  side_wait_online (&self->alice);
  g_assert_null (ferry_client_get_certificate (client));

  side_close (&self->alice);
  side_open (&self->alice);
  ferry_core_start (self->alice.core);
  side_wait_online (&self->alice);
}

static void
test_wrong_pin (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A certificate other than the trusted one is refused, whatever it says");
  g_autoptr (FerryAccount) account = two_cores_make_account (self, "alice");
  account->pin_sha256[0] = account->pin_sha256[0] == '0' ? '1' : '0';
  FerryClient *client = add_account (self, &self->alice, account, "secret");

  wait_error (client, FERRY_ERROR_CERTIFICATE);
}

static void
test_remove (TwoCores *self, gconstpointer data)
{
  g_test_summary ("An account that is removed goes offline, with its contacts and for good");
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_true (
      ferry_core_remove_account (self->alice.core, side_get_client (&self->alice), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_clients (self->alice.core)), ==,
                    0);
  ferry_test_wait (g_list_model_get_n_items (ferry_core_get_contacts (self->alice.core)) == 0,
                   10);

  side_close (&self->alice);
  side_open (&self->alice);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_clients (self->alice.core)), ==,
                    0);
}

static void
test_remove_under_way (TwoCores *self, gconstpointer data)
{
  g_test_summary ("An account that is removed takes what it was doing with it");
  FerryTransfer *sent = side_send (&self->alice, self, &self->bob, "orphan", 64 * 1024 * 1024,
                                   FERRY_ROUTE_INBAND);
  FerryTransfer *received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "orphan"), NULL);
  ferry_test_wait (ferry_transfer_get_n_done (received) > 0, 30);

  g_assert_true (
      ferry_core_remove_account (self->alice.core, side_get_client (&self->alice), NULL));
  ferry_test_wait (ferry_transfer_is_finished (sent), 30);
  ferry_test_wait (ferry_transfer_is_finished (received), 30);
  g_assert_cmpint (ferry_transfer_get_state (received), ==, FERRY_TRANSFER_FAILED);
}

static void
test_away_and_back (TwoCores *self, gconstpointer data)
{
  g_test_summary ("What is sent to one who is signing out, or has, arrives when they are back");
  ferry_client_disconnect (side_get_client (&self->bob));
  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "later", 1000, FERRY_ROUTE_ALL);
  ferry_test_wait (
      ferry_client_get_state (side_get_client (&self->bob)) == FERRY_CLIENT_OFFLINE, 10);
  ferry_client_connect (side_get_client (&self->bob));
  side_wait_online (&self->bob);
  ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "later"), NULL);
  assert_ends (sent, FERRY_TRANSFER_DONE, -1);
}

static void
test_left_while_asked (TwoCores *self, gconstpointer data)
{
  g_test_summary ("Whoever leaves without an answer is asked again when they are back");
  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "question", 1000, FERRY_ROUTE_ALL);

  side_wait_offer (&self->bob, "question");
  ferry_client_disconnect (side_get_client (&self->bob));
  ferry_test_wait (ferry_transfer_get_state (sent) == FERRY_TRANSFER_WAITING_PEER, 30);
  g_assert_true (ferry_jid_equal (ferry_transfer_get_peer (sent), self->bob.jid));
  ferry_test_wait (
      ferry_client_get_state (side_get_client (&self->bob)) == FERRY_CLIENT_OFFLINE, 10);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==, 0);

  ferry_client_connect (side_get_client (&self->bob));
  side_wait_online (&self->bob);
  ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "question"), NULL);
  assert_ends (sent, FERRY_TRANSFER_DONE, -1);
}

#define ADD(path, function)                                                                    \
  g_test_add ("/core/accounts/" path, TwoCores, NULL, two_cores_set_up, function,              \
              two_cores_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("password", test_password);
  ADD ("password-meanwhile", test_password_meanwhile);
  ADD ("certificate", test_certificate);
  ADD ("wrong-pin", test_wrong_pin);
  ADD ("remove", test_remove);
  ADD ("remove-under-way", test_remove_under_way);
  ADD ("away-and-back", test_away_and_back);
  ADD ("left-while-asked", test_left_while_asked);
  return g_test_run ();
}
