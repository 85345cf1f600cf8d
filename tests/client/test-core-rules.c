/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways that a user allows with a contact: no file takes another one. */
#include "two-cores.h"

#include "base/ferry-error.h"
#include "ferry-test.h"

#define SIZE 70001

static void
allow (Side *self, Side *peer, FerryRoute routes)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      ferry_core_set_contact_routes (self->core, self->jid, peer->jid, routes, &error));
  g_assert_no_error (error);
}

static FerryContact *
find_contact (Side *self, Side *peer)
{
  GListModel *contacts = ferry_core_get_contacts (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (contacts); i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, i);
      if (ferry_jid_equal_bare (ferry_contact_get_jid (contact), peer->jid))
        return contact; /* the list holds it */
    }
  return NULL;
}

/* The file must go by one of @routes. */
static void
move_file (TwoCores *self, FerryRoute routes)
{
  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "file", SIZE, FERRY_ROUTE_ALL);
  FerryTransfer *received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "file"), NULL);

  assert_ends (sent, FERRY_TRANSFER_DONE, -1);
  assert_ends (received, FERRY_TRANSFER_DONE, -1);
  g_assert_cmpint (ferry_transfer_get_route (sent) & routes, !=, 0);
  g_assert_cmpint (ferry_transfer_get_route (received) & routes, !=, 0);
}

static const FerryCapability protocols[] = { FERRY_CAPABILITY_JINGLE, FERRY_CAPABILITY_SI };

static void
test_kept (TwoCores *self, gconstpointer data)
{
  g_test_summary ("Either side's rule decides about the way, whatever else is possible");
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      ferry_core_set_protocol (self->alice.core, protocols[i]);
      allow (&self->alice, &self->bob, FERRY_ROUTE_PROXY);
      move_file (self, FERRY_ROUTE_PROXY);
      allow (&self->alice, &self->bob, FERRY_ROUTE_INBAND);
      move_file (self, FERRY_ROUTE_INBAND);
      allow (&self->alice, &self->bob, FERRY_ROUTE_ALL);

      allow (&self->bob, &self->alice, FERRY_ROUTE_PROXY);
      move_file (self, FERRY_ROUTE_PROXY);
      allow (&self->bob, &self->alice, FERRY_ROUTE_INBAND);
      move_file (self, FERRY_ROUTE_INBAND);
      allow (&self->bob, &self->alice, FERRY_ROUTE_ALL);
      move_file (self, FERRY_ROUTE_DIRECT | FERRY_ROUTE_FAST);
    }
}

static void
test_not_widened (TwoCores *self, gconstpointer data)
{
  g_test_summary ("Where the rules leave no way, the file stays where it is, and that is said");
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      ferry_core_set_protocol (self->alice.core, protocols[i]);
      allow (&self->alice, &self->bob, FERRY_ROUTE_PROXY);
      allow (&self->bob, &self->alice, FERRY_ROUTE_ALL);
      FerryTransfer *asked =
          side_send (&self->alice, self, &self->bob, "asked", SIZE, FERRY_ROUTE_DIRECT);
      assert_ends (asked, FERRY_TRANSFER_FAILED, FERRY_ERROR_ROUTE);

      allow (&self->bob, &self->alice, FERRY_ROUTE_INBAND);
      FerryTransfer *sent =
          side_send (&self->alice, self, &self->bob, "both", SIZE, FERRY_ROUTE_ALL);
      FerryTransfer *received =
          ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "both"), NULL);
      ferry_test_wait (ferry_transfer_is_finished (sent), 60);
      ferry_test_wait (ferry_transfer_is_finished (received), 60);
      g_assert_cmpint (ferry_transfer_get_state (sent), ==, FERRY_TRANSFER_FAILED);
      g_assert_cmpint (ferry_transfer_get_state (received), ==, FERRY_TRANSFER_FAILED);
      g_assert_cmpuint (ferry_transfer_get_n_done (sent), ==, 0);
    }
}

static void
test_restart (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A rule outlives the program; the contact shows it from the first moment");
  allow (&self->bob, &self->alice, FERRY_ROUTE_PROXY);
  g_assert_cmpint (ferry_contact_get_routes (find_contact (&self->bob, &self->alice)), ==,
                   FERRY_ROUTE_PROXY);
  side_close (&self->bob);
  side_open (&self->bob);
  g_assert_cmpint (
      ferry_core_get_contact_routes (self->bob.core, self->bob.jid, self->alice.jid), ==,
      FERRY_ROUTE_PROXY);
  ferry_core_start (self->bob.core);
  side_wait_online (&self->bob);
  side_wait_device (&self->bob, self->alice.jid);
  FerryContact *alice = find_contact (&self->bob, &self->alice);
  g_assert_cmpint (ferry_contact_get_routes (alice), ==, FERRY_ROUTE_PROXY);
  allow (&self->bob, &self->alice, FERRY_ROUTE_ALL);
  g_assert_cmpint (ferry_contact_get_routes (alice), ==, FERRY_ROUTE_ALL);
}

static void
test_folders (TwoCores *self, gconstpointer data)
{
  g_test_summary ("How folders go to other programs is asked, until the user has said it");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (ferry_core_get_folder_way (self->alice.core), ==, FERRY_FOLDER_ASK);
  g_assert_true (ferry_core_set_folder_way (self->alice.core, FERRY_FOLDER_FILES, &error));
  g_assert_no_error (error);
  g_assert_cmpint (ferry_core_get_folder_way (self->alice.core), ==, FERRY_FOLDER_FILES);
  g_assert_true (ferry_core_set_folder_way (self->alice.core, FERRY_FOLDER_ASK, &error));
  g_assert_cmpint (ferry_core_get_folder_way (self->alice.core), ==, FERRY_FOLDER_ASK);
}

#define ADD(path, function)                                                                    \
  g_test_add ("/core/rules/" path, TwoCores, NULL, two_cores_set_up, function,                 \
              two_cores_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("kept", test_kept);
  ADD ("not-widened", test_not_widened);
  ADD ("restart", test_restart);
  ADD ("folders", test_folders);
  return g_test_run ();
}
