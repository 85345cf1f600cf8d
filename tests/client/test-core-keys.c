/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device shows another key than the one that it is known by, or none: the user is asked. */
#include "two-cores.h"

#include "base/ferry-error.h"
#include "client/ferry-client-insides.h"
#include "ferry-test.h"

#define SIZE 70001
#define NOBODYS_KEY "00000000000000000000000000000000ffffffffffffffffffffffffffffffff"

static const FerryCapability protocols[] = { FERRY_CAPABILITY_JINGLE, FERRY_CAPABILITY_SI };

static FerryKeyQuestion *
wait_question (Side *self)
{
  GListModel *questions = ferry_core_get_key_questions (self->core);

  ferry_test_wait (g_list_model_get_n_items (questions) == 1, 30);
  g_autoptr (FerryKeyQuestion) question = g_list_model_get_item (questions, 0);
  g_assert_cmpstr (ferry_key_question_get_known (question), ==, NOBODYS_KEY);
  g_assert_cmpstr (ferry_key_question_get_other (question), !=, NOBODYS_KEY);
  return question; /* the list holds it */
}

static void
answer (Side *self, FerryKeyAnswer what)
{
  FerryKeyQuestion *question = wait_question (self);
  g_autoptr (GError) error = NULL;

  ferry_core_answer_key (self->core, ferry_key_question_get_account (question),
                         ferry_key_question_get_device (question), what, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_key_questions (self->core)), ==,
                    0);
}

/* The devices that @self knows are known by a key that none of them has. */
static void
confuse (Side *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) keys = ferry_core_list_keys (self->core, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (keys->len, >, 0);
  for (guint i = 0; i < keys->len; i++)
    {
      FerryDeviceKey *key = keys->pdata[i];
      g_free (key->fingerprint);
      key->fingerprint = g_strdup (NOBODYS_KEY);
      ferry_key_store_put (ferry_profile_get_store (ferry_core_get_profile (self->core)), key,
                           &error);
      g_assert_no_error (error);
    }
}

static void
offer_and_accept (TwoCores *self, FerryTransfer **sent, FerryTransfer **received)
{
  *sent = side_send (&self->alice, self, &self->bob, "file", SIZE, FERRY_ROUTE_ALL);
  *received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "file"), NULL);
}

static void
assert_arrives (FerryTransfer *sent, FerryTransfer *received)
{
  assert_ends (sent, FERRY_TRANSFER_DONE, -1);
  assert_ends (received, FERRY_TRANSFER_DONE, -1);
  g_assert_true (ferry_transfer_get_encrypted (sent));
  g_assert_true (ferry_transfer_get_encrypted (received));
  ferry_test_assert_files_equal (ferry_transfer_get_path (sent),
                                 ferry_transfer_get_path (received));
}

static void
test_receiver (TwoCores *self, gconstpointer data)
{
  g_test_summary ("The receiver holds the offer open while its user is asked");
  FerryTransfer *sent, *received;

  offer_and_accept (self, &sent, &received);
  assert_arrives (sent, received);
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      ferry_core_set_protocol (self->alice.core, protocols[i]);
      confuse (&self->bob);
      offer_and_accept (self, &sent, &received);
      wait_question (&self->bob);
      g_assert_cmpint (ferry_transfer_get_state (sent), ==, FERRY_TRANSFER_OFFERED);
      answer (&self->bob, FERRY_KEY_VERIFY);
      assert_arrives (sent, received);
      g_assert_true (ferry_transfer_get_key_verified (received));
      g_assert_false (ferry_transfer_get_key_verified (sent));

      confuse (&self->bob);
      offer_and_accept (self, &sent, &received);
      answer (&self->bob, FERRY_KEY_DECLINE);
      assert_ends (received, FERRY_TRANSFER_FAILED, FERRY_ERROR_OTHER_KEY);
      ferry_test_wait (ferry_transfer_is_finished (sent), 30);
      g_assert_cmpint (ferry_transfer_get_state (sent), !=, FERRY_TRANSFER_DONE);
    }
}

static void
test_withdrawn (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A question about an offer that was taken back is none any more");
  FerryTransfer *sent, *received;

  offer_and_accept (self, &sent, &received);
  assert_arrives (sent, received);
  confuse (&self->bob);
  offer_and_accept (self, &sent, &received);
  wait_question (&self->bob);
  ferry_core_cancel (self->alice.core, sent);
  GListModel *questions = ferry_core_get_key_questions (self->bob.core);
  ferry_test_wait (g_list_model_get_n_items (questions) == 0, 30);
  assert_ends (received, FERRY_TRANSFER_FAILED, FERRY_ERROR_CANCELLED_BY_PEER);
}

static void
test_sender (TwoCores *self, gconstpointer data)
{
  g_test_summary ("The sender's attempt ends while its user is asked; the answer resumes or "
                  "fails the transfer");
  FerryTransfer *sent, *received;

  offer_and_accept (self, &sent, &received);
  assert_arrives (sent, received);
  confuse (&self->alice);
  offer_and_accept (self, &sent, &received);
  ferry_test_wait (ferry_transfer_get_state (sent) == FERRY_TRANSFER_PAUSED, 30);
  g_assert_cmpint (ferry_transfer_get_pause (sent), ==, FERRY_TRANSFER_PAUSE_KEY);
  ferry_test_wait (ferry_transfer_get_pause (received) == FERRY_TRANSFER_PAUSE_PEER, 30);
  answer (&self->alice, FERRY_KEY_ACCEPT);
  assert_arrives (sent, received);

  confuse (&self->alice);
  offer_and_accept (self, &sent, &received);
  ferry_test_wait (ferry_transfer_get_state (sent) == FERRY_TRANSFER_PAUSED, 30);
  answer (&self->alice, FERRY_KEY_DECLINE);
  assert_ends (sent, FERRY_TRANSFER_FAILED, FERRY_ERROR_OTHER_KEY);
  ferry_core_cancel (self->bob.core, received);
}

/* --- A device that encrypted before ----------------------------------------------------------
 */

static void
encrypt (Side *self, Side *with, FerryEncryption rule)
{
  g_autoptr (GError) error = NULL;

  ferry_core_set_contact_encryption (self->core, self->jid, with->jid, rule, &error);
  g_assert_no_error (error);
}

static FerryKeyQuestion *
wait_no_key (Side *self)
{
  GListModel *questions = ferry_core_get_key_questions (self->core);

  ferry_test_wait (g_list_model_get_n_items (questions) == 1, 30);
  g_autoptr (FerryKeyQuestion) question = g_list_model_get_item (questions, 0);
  g_assert_null (ferry_key_question_get_other (question));
  return question; /* the list holds it */
}

static void
answer_no_key (Side *self, FerryKeyAnswer what)
{
  FerryKeyQuestion *question = wait_no_key (self);
  g_autoptr (FerryJid) account = ferry_jid_ref (ferry_key_question_get_account (question));
  g_autoptr (FerryJid) device = ferry_jid_ref (ferry_key_question_get_device (question));
  g_autoptr (GError) error = NULL;

  /* There is nothing to compare. */
  g_assert_false (
      ferry_core_answer_key (self->core, account, device, FERRY_KEY_VERIFY, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  ferry_core_answer_key (self->core, account, device, what, &error);
  g_assert_no_error (error);
}

static void
assert_arrives_in_clear (FerryTransfer *sent, FerryTransfer *received)
{
  assert_ends (sent, FERRY_TRANSFER_DONE, -1);
  assert_ends (received, FERRY_TRANSFER_DONE, -1);
  g_assert_false (ferry_transfer_get_encrypted (sent));
  g_assert_false (ferry_transfer_get_encrypted (received));
}

static void
test_receiver_in_clear (TwoCores *self, gconstpointer data)
{
  g_test_summary ("What comes in clear from a device that encrypted waits for an answer, which "
                  "is given once, or until it encrypts again");
  FerryTransfer *sent, *received;

  offer_and_accept (self, &sent, &received);
  assert_arrives (sent, received);
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      ferry_core_set_protocol (self->alice.core, protocols[i]);
      encrypt (&self->alice, &self->bob, FERRY_ENCRYPTION_NEVER);
      offer_and_accept (self, &sent, &received);
      wait_no_key (&self->bob);
      g_assert_cmpint (ferry_transfer_get_state (sent), ==, FERRY_TRANSFER_OFFERED);
      answer_no_key (&self->bob, FERRY_KEY_ONCE);
      assert_arrives_in_clear (sent, received);

      offer_and_accept (self, &sent, &received);
      answer_no_key (&self->bob, FERRY_KEY_DECLINE);
      assert_ends (received, FERRY_TRANSFER_FAILED, FERRY_ERROR_NO_KEY);
      ferry_test_wait (ferry_transfer_is_finished (sent), 30);
      g_assert_cmpint (ferry_transfer_get_state (sent), !=, FERRY_TRANSFER_DONE);

      offer_and_accept (self, &sent, &received);
      answer_no_key (&self->bob, FERRY_KEY_ACCEPT);
      assert_arrives_in_clear (sent, received);
      offer_and_accept (self, &sent, &received);
      assert_arrives_in_clear (sent, received);

      encrypt (&self->alice, &self->bob, FERRY_ENCRYPTION_AUTO);
      offer_and_accept (self, &sent, &received);
      assert_arrives (sent, received);
    }
}

/* A Ferry whose key is not to be had does not encrypt. */
static void
lose_key (Side *self)
{
  g_clear_pointer (&side_get_client (self)->identity, ferry_tls_identity_unref);
}

static void
forget_keys (Side *self)
{
  g_autoptr (GPtrArray) keys = ferry_core_list_keys (self->core, NULL);

  for (guint i = 0; i < keys->len; i++)
    {
      FerryDeviceKey *key = keys->pdata[i];
      ferry_core_forget_key (self->core, key->account, key->device, NULL);
    }
}

static void
test_sender_in_clear (TwoCores *self, gconstpointer data)
{
  g_test_summary (
      "What would go in clear to a device that encrypted is not even offered before "
      "the user has answered");
  GListModel *offers = G_LIST_MODEL (ferry_core_get_offers (self->bob.core));
  FerryTransfer *sent, *received;

  offer_and_accept (self, &sent, &received);
  assert_arrives (sent, received);
  lose_key (&self->alice);
  forget_keys (&self->bob);

  sent = side_send (&self->alice, self, &self->bob, "file", SIZE, FERRY_ROUTE_ALL);
  wait_no_key (&self->alice);
  ferry_test_wait (ferry_transfer_get_state (sent) == FERRY_TRANSFER_PAUSED, 30);
  g_assert_cmpint (ferry_transfer_get_pause (sent), ==, FERRY_TRANSFER_PAUSE_KEY);
  g_assert_error (ferry_transfer_get_error (sent), FERRY_ERROR, FERRY_ERROR_NO_KEY);
  g_assert_cmpuint (g_list_model_get_n_items (offers), ==, 0);
  answer_no_key (&self->alice, FERRY_KEY_ONCE);
  received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "file"), NULL);
  assert_arrives_in_clear (sent, received);

  sent = side_send (&self->alice, self, &self->bob, "file", SIZE, FERRY_ROUTE_ALL);
  answer_no_key (&self->alice, FERRY_KEY_DECLINE);
  assert_ends (sent, FERRY_TRANSFER_FAILED, FERRY_ERROR_NO_KEY);
  g_assert_cmpuint (g_list_model_get_n_items (offers), ==, 0);

  sent = side_send (&self->alice, self, &self->bob, "file", SIZE, FERRY_ROUTE_ALL);
  answer_no_key (&self->alice, FERRY_KEY_ACCEPT);
  received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "file"), NULL);
  assert_arrives_in_clear (sent, received);
  offer_and_accept (self, &sent, &received);
  assert_arrives_in_clear (sent, received);
}

/* The devices that @self knows become other devices of the same contacts. */
static void
rename_devices (Side *self)
{
  FerryStore *store = ferry_profile_get_store (ferry_core_get_profile (self->core));
  g_autoptr (GPtrArray) keys = ferry_core_list_keys (self->core, NULL);

  for (guint i = 0; i < keys->len; i++)
    {
      FerryDeviceKey *key = keys->pdata[i];
      g_autofree char *text = g_strdup_printf ("%s/old", ferry_jid_get_bare (key->device));

      ferry_key_store_remove (store, key->account, key->device, NULL);
      ferry_jid_unref (key->device);
      key->device = ferry_jid_new (text, NULL);
      ferry_key_store_put (store, key, NULL);
    }
}

static void
test_new_ferry_in_clear (TwoCores *self, gconstpointer data)
{
  g_test_summary (
      "A Ferry that is new should encrypt as the contact's others do; what is decided "
      "of it is kept, and ends when it shows a key");
  FerryTransfer *sent, *received;

  offer_and_accept (self, &sent, &received);
  assert_arrives (sent, received);
  rename_devices (&self->bob);
  encrypt (&self->alice, &self->bob, FERRY_ENCRYPTION_NEVER);
  offer_and_accept (self, &sent, &received);
  g_assert_cmpstr (ferry_key_question_get_known (wait_no_key (&self->bob)), ==, "");
  answer_no_key (&self->bob, FERRY_KEY_ACCEPT);
  assert_arrives_in_clear (sent, received);
  offer_and_accept (self, &sent, &received);
  assert_arrives_in_clear (sent, received);

  encrypt (&self->alice, &self->bob, FERRY_ENCRYPTION_AUTO);
  offer_and_accept (self, &sent, &received);
  assert_arrives (sent, received);
  g_autoptr (GPtrArray) keys = ferry_core_list_keys (self->bob.core, NULL);
  g_assert_cmpuint (keys->len, ==, 2);
  for (guint i = 0; i < keys->len; i++)
    {
      FerryDeviceKey *key = keys->pdata[i];
      g_assert_cmpint (key->clear, ==, FERRY_KEY_CLEAR_NOT);
      g_assert_cmpuint (strlen (key->fingerprint), ==, 64);
    }
}

static void
test_away (TwoCores *self, gconstpointer data)
{
  g_test_summary (
      "A device that is away does not encrypt, and nobody is asked why: what it was "
      "offered before waits for it");
  FerryTransfer *first, *there;

  offer_and_accept (self, &first, &there);
  assert_arrives (first, there);
  side_send (&self->alice, self, &self->bob, "later.bin", SIZE, FERRY_ROUTE_ALL);
  side_wait_offer (&self->bob, "later.bin");
  side_close (&self->alice);
  side_close (&self->bob);
  side_open (&self->alice);
  ferry_core_start (self->alice.core);
  side_wait_online (&self->alice);

  g_autoptr (FerryTransfer) later =
      g_list_model_get_item (ferry_core_get_transfers (self->alice.core), 0);
  g_assert_cmpstr (ferry_transfer_get_name (later), ==, "later.bin");
  ferry_test_wait (ferry_transfer_get_state (later) == FERRY_TRANSFER_WAITING_PEER, 30);
  side_open (&self->bob);
  ferry_core_start (self->bob.core);
  ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "later.bin"), NULL);
  assert_ends (later, FERRY_TRANSFER_DONE, -1);
  g_assert_true (ferry_transfer_get_encrypted (later));
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_key_questions (self->alice.core)),
                    ==, 0);
}

#define ADD(path, function)                                                                    \
  g_test_add ("/core/keys/" path, TwoCores, NULL, two_cores_set_up, function,                  \
              two_cores_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("receiver", test_receiver);
  ADD ("withdrawn", test_withdrawn);
  ADD ("sender", test_sender);
  ADD ("receiver-in-clear", test_receiver_in_clear);
  ADD ("sender-in-clear", test_sender_in_clear);
  ADD ("new-ferry-in-clear", test_new_ferry_in_clear);
  ADD ("away", test_away);
  return g_test_run ();
}
