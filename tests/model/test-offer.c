/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "model/ferry-offer.h"

static FerryOffer *
new_offer (gint64 size)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("me@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new ("ada@example.org/laptop", NULL);

  return ferry_offer_new ("id-1", account, NULL, peer, "Ada", "Laptop", "a.pdf", "../a.pdf",
                          size, TRUE);
}

static void
test_properties (void)
{
  g_test_summary ("What an offer was made with can be read by name and by property");
  g_autoptr (FerryOffer) offer = new_offer (1234);
  g_autofree char *peer_name = NULL;
  g_autofree char *device_name = NULL;
  g_autofree char *name = NULL;
  g_autofree char *raw_name = NULL;
  g_autofree char *media_type = NULL;
  gint64 size;
  gboolean is_known;

  g_object_get (offer, "peer-name", &peer_name, "device-name", &device_name, "name", &name,
                "raw-name", &raw_name, "media-type", &media_type, "size", &size, "is-known",
                &is_known, NULL);
  g_assert_cmpstr (peer_name, ==, "Ada");
  g_assert_cmpstr (device_name, ==, "Laptop");
  g_assert_cmpstr (name, ==, "a.pdf");
  g_assert_cmpstr (raw_name, ==, "../a.pdf");
  g_assert_null (media_type);
  g_assert_cmpint (size, ==, 1234);
  g_assert_true (is_known);

  g_assert_cmpstr (ferry_offer_get_id (offer), ==, "id-1");
  g_assert_cmpstr (ferry_offer_get_peer_name (offer), ==, peer_name);
  g_assert_cmpstr (ferry_offer_get_device_name (offer), ==, device_name);
  g_assert_cmpstr (ferry_offer_get_name (offer), ==, name);
  g_assert_cmpstr (ferry_offer_get_raw_name (offer), ==, raw_name);
  g_assert_cmpint (ferry_offer_get_size (offer), ==, size);
  g_assert_cmpstr (ferry_jid_get_text (ferry_offer_get_peer (offer)), ==,
                   "ada@example.org/laptop");
  g_assert_cmpstr (ferry_jid_get_text (ferry_offer_get_account (offer)), ==, "me@example.org");
  g_assert_null (ferry_offer_get_session (offer));
}

static void
test_unknown_size (void)
{
  g_test_summary ("Every negative size means the same: unknown");
  g_autoptr (FerryOffer) offer = new_offer (-77);

  g_assert_cmpint (ferry_offer_get_size (offer), ==, -1);
}

static void
count (FerryOffer *offer, guint *n_closed)
{
  (*n_closed)++;
}

static void
test_closed_once (void)
{
  g_test_summary ("An offer is closed once, however many reasons there are");
  g_autoptr (FerryOffer) offer = new_offer (1);
  guint n_closed = 0;

  g_signal_connect (offer, "closed", G_CALLBACK (count), &n_closed);
  ferry_offer_close (offer);
  ferry_offer_close (offer);
  g_assert_cmpuint (n_closed, ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/offer/properties", test_properties);
  g_test_add_func ("/offer/unknown-size", test_unknown_size);
  g_test_add_func ("/offer/closed-once", test_closed_once);
  return g_test_run ();
}
