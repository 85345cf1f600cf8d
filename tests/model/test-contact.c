/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "model/ferry-contact.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

static FerryJid *
jid (const char *text)
{
  g_autoptr (GError) error = NULL;
  FerryJid *parsed = ferry_jid_new (text, &error);
  g_assert_no_error (error);
  return parsed;
}

static FerryContact *
make_contact (const char *bare)
{
  g_autoptr (FerryJid) account = jid ("anna@north.example");
  g_autoptr (FerryJid) contact = jid (bare);
  return ferry_contact_new (account, contact);
}

static FerryDevice *
add_device (FerryContact *contact,
            const char *resource,
            FerryCapability capability,
            int priority,
            FerryPresenceShow show,
            gint64 seen_us)
{
  g_autoptr (FerryJid) full =
      ferry_jid_with_resource (ferry_contact_get_jid (contact), resource);
  g_autoptr (FerryDevice) device = ferry_device_new (full);
  ferry_device_set_capability (device, capability);
  ferry_device_set_presence (device, show, NULL, priority, seen_us);
  ferry_contact_add_device (contact, device);
  return device;
}

static void
assert_order (FerryContact *contact, const char *expected)
{
  g_autoptr (GString) order = g_string_new (NULL);
  GListModel *devices = ferry_contact_get_devices (contact);
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (FerryDevice) device = g_list_model_get_item (devices, i);
      g_string_append_printf (order, "%s ", ferry_device_get_name (device));
    }
  g_assert_cmpstr (order->str, ==, expected);
}

static void
test_order (void)
{
  g_test_summary ("Devices: protocol, then priority, show, latest presence, resource");
  g_autoptr (FerryContact) ben = make_contact ("ben@south.example");

  add_device (ben, "none", FERRY_CAPABILITY_NONE, 127, FERRY_PRESENCE_CHAT, 99);
  add_device (ben, "asked", FERRY_CAPABILITY_UNKNOWN, 127, FERRY_PRESENCE_CHAT, 99);
  add_device (ben, "si", FERRY_CAPABILITY_SI, 127, FERRY_PRESENCE_CHAT, 99);
  add_device (ben, "minus", FERRY_CAPABILITY_JINGLE, -1, FERRY_PRESENCE_CHAT, 99);
  add_device (ben, "dnd", FERRY_CAPABILITY_JINGLE, 0, FERRY_PRESENCE_DND, 99);
  add_device (ben, "away", FERRY_CAPABILITY_JINGLE, 0, FERRY_PRESENCE_AWAY, 99);
  add_device (ben, "old", FERRY_CAPABILITY_JINGLE, 0, FERRY_PRESENCE_AVAILABLE, 1);
  add_device (ben, "b-new", FERRY_CAPABILITY_JINGLE, 0, FERRY_PRESENCE_AVAILABLE, 2);
  add_device (ben, "a-new", FERRY_CAPABILITY_JINGLE, 0, FERRY_PRESENCE_AVAILABLE, 2);
  FerryDevice *high =
      add_device (ben, "high", FERRY_CAPABILITY_JINGLE, 5, FERRY_PRESENCE_DND, 0);
  assert_order (ben, "high a-new b-new old away dnd minus si asked none ");
  g_assert_true (ferry_contact_get_best_device (ben) == high);

  ferry_device_set_capability (high, FERRY_CAPABILITY_NONE);
  ferry_contact_update (ben);
  assert_order (ben, "a-new b-new old away dnd minus si asked none high ");
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  GString *seen = user_data;
  g_string_append_printf (seen, "%s ", pspec->name);
}

static void
test_notify (void)
{
  g_test_summary ("A contact tells what changed, and only that");
  g_autoptr (FerryContact) ben = make_contact ("ben@south.example");
  g_autoptr (GString) seen = g_string_new (NULL);
  g_signal_connect (ben, "notify", G_CALLBACK (count_cb), seen);

  g_assert_cmpstr (ferry_contact_get_name (ben), ==, "ben");
  g_assert_false (ferry_contact_is_online (ben));
  g_assert_false (ferry_contact_can_receive (ben));
  g_assert_null (ferry_contact_get_best_device (ben));

  FerryDevice *device =
      add_device (ben, "x", FERRY_CAPABILITY_UNKNOWN, 0, FERRY_PRESENCE_AWAY, 1);
  g_assert_nonnull (strstr (seen->str, "show "));
  g_assert_nonnull (strstr (seen->str, "is-online "));
  g_assert_nonnull (strstr (seen->str, "n-devices "));
  g_assert_nonnull (strstr (seen->str, "can-receive "));
  g_assert_null (strstr (seen->str, "status"));
  g_assert_true (ferry_contact_can_receive (ben));
  g_assert_null (ferry_contact_get_best_device (ben));
  g_assert_cmpint (ferry_contact_get_show (ben), ==, FERRY_PRESENCE_AWAY);

  g_string_truncate (seen, 0);
  ferry_contact_update (ben);
  g_assert_cmpstr (seen->str, ==, "");
  ferry_device_set_presence (device, FERRY_PRESENCE_AWAY, "at lunch", 0, 2);
  ferry_device_set_capability (device, FERRY_CAPABILITY_NONE);
  ferry_contact_update (ben);
  g_assert_cmpstr (ferry_contact_get_status (ben), ==, "at lunch");
  g_assert_cmpuint (seen->len, ==, strlen ("status can-receive "));
  g_assert_nonnull (strstr (seen->str, "status "));
  g_assert_nonnull (strstr (seen->str, "can-receive "));

  g_string_truncate (seen, 0);
  ferry_contact_set_name (ben, "Ben");
  ferry_contact_set_name (ben, "Ben");
  ferry_contact_set_subscription (ben, "both");
  ferry_contact_set_subscription (ben, "both");
  g_assert_cmpstr (seen->str, ==, "name subscription ");
  ferry_contact_set_routes (ben, FERRY_ROUTE_ALL);
  ferry_contact_set_routes (ben, FERRY_ROUTE_PROXY);
  ferry_contact_set_routes (ben, FERRY_ROUTE_PROXY);
  g_assert_cmpstr (seen->str, ==, "name subscription routes ");
  ferry_contact_set_name (ben, "");
  g_assert_cmpstr (ferry_contact_get_name (ben), ==, "ben");
  ferry_contact_set_subscription (ben, "nonsense");
  g_assert_cmpstr (ferry_contact_get_subscription (ben), ==, "none");

  ferry_contact_remove_all_devices (ben);
  g_assert_cmpint (ferry_contact_get_show (ben), ==, FERRY_PRESENCE_OFFLINE);
  g_assert_null (ferry_contact_get_status (ben));
}

static void
test_same_device (void)
{
  g_test_summary ("A device is there once, and found by its full address");
  g_autoptr (FerryContact) self = make_contact ("anna@north.example");
  g_autoptr (FerryJid) full = jid ("anna@north.example/x");

  g_assert_true (ferry_contact_is_self (self));
  add_device (self, "x", FERRY_CAPABILITY_SI, 0, FERRY_PRESENCE_AVAILABLE, 1);
  FerryDevice *again = add_device (self, "x", FERRY_CAPABILITY_SI, 0, FERRY_PRESENCE_XA, 1);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_contact_get_devices (self)), ==, 1);
  g_assert_true (ferry_contact_find_device (self, full) == again);
  ferry_contact_remove_device (self, full);
  ferry_contact_remove_device (self, full);
  g_assert_null (ferry_contact_find_device (self, full));
}

static void
set_hashes (FerryDevice *device, const char *const *names)
{
  g_autoptr (FerryDiscoInfo) info = ferry_disco_info_new ();
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *feature = g_strconcat (FERRY_NS_HASH_NAME_PREFIX, names[i], NULL);
      ferry_disco_info_add_feature (info, feature);
    }
  ferry_device_set_info (device, info);
}

static void
test_hash (void)
{
  g_test_summary ("SHA-256 where the device can or says nothing; else what it and we can");
  g_autoptr (FerryJid) full = jid ("ben@south.example/x");
  g_autoptr (FerryDevice) device = ferry_device_new (full);

  g_assert_cmpint (ferry_device_pick_hash (device), ==, FERRY_HASH_SHA256);
  set_hashes (device, (const char *const[]){ "sha-512", "sha-256", "blake2b-512", NULL });
  g_assert_cmpint (ferry_device_pick_hash (device), ==, FERRY_HASH_SHA256);
  set_hashes (device, (const char *const[]){ "sha-1", "sha-512", NULL });
  g_assert_cmpint (ferry_device_pick_hash (device), ==, FERRY_HASH_SHA512);
  set_hashes (device, (const char *const[]){ "sha3-256", NULL });
  g_assert_cmpint (ferry_device_pick_hash (device), ==, FERRY_HASH_SHA3_256);
  set_hashes (device, (const char *const[]){ "sha3-512", "blake2b-512", NULL });
  g_assert_cmpint (ferry_device_pick_hash (device), ==, FERRY_HASH_BLAKE2B_512);
  set_hashes (device, (const char *const[]){ "sha-1", "md5", NULL });
  g_assert_cmpint (ferry_device_pick_hash (device), ==, FERRY_HASH_SHA256);
}

static void
test_folders (void)
{
  g_test_summary (
      "A contact lacks folders whose devices can receive, but none of them folders");
  g_autoptr (FerryContact) ben = make_contact ("ben@south.example");
  g_autoptr (FerryDiscoInfo) info = ferry_disco_info_new ();

  ferry_disco_info_add_feature (info, FERRY_NS_FOLDER);
  g_assert_false (ferry_contact_lacks_folders (ben));
  add_device (ben, "phone", FERRY_CAPABILITY_NONE, 0, FERRY_PRESENCE_AVAILABLE, 1);
  g_assert_false (ferry_contact_lacks_folders (ben));
  add_device (ben, "old", FERRY_CAPABILITY_SI, 0, FERRY_PRESENCE_AVAILABLE, 1);
  g_assert_true (ferry_contact_lacks_folders (ben));
  ferry_device_set_info (
      add_device (ben, "desk", FERRY_CAPABILITY_JINGLE, 0, FERRY_PRESENCE_AVAILABLE, 1), info);
  g_assert_false (ferry_contact_lacks_folders (ben));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contact/order", test_order);
  g_test_add_func ("/contact/notify", test_notify);
  g_test_add_func ("/contact/same-device", test_same_device);
  g_test_add_func ("/contact/hash", test_hash);
  g_test_add_func ("/contact/folders", test_folders);
  return g_test_run ();
}
