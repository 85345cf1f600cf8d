/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "store/ferry-account-store.h"
#include "store/ferry-contact-rules.h"
#include "store/ferry-key-store.h"
#include "store/ferry-pin-store.h"
#include "store/ferry-settings.h"
#include "store/ferry-store-private.h"

#include <string.h>

static FerryStore *
open_store (void)
{
  g_autoptr (GError) error = NULL;
  FerryStore *store = ferry_store_open (":memory:", &error);
  g_assert_no_error (error);
  return store;
}

static FerryAccount *
make_account (const char *jid_text)
{
  g_autoptr (FerryJid) jid = ferry_jid_new (jid_text, NULL);
  g_assert_nonnull (jid);
  return ferry_account_new (jid);
}

static GPtrArray *
list_accounts (FerryStore *store)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *accounts = ferry_account_store_list (store, &error);
  g_assert_no_error (error);
  return accounts;
}

static void
test_accounts (void)
{
  g_test_summary ("Every field comes back; an address is there once; order is kept");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (FerryAccount) ada = make_account ("Ada@Example.org/laptop");
  g_autoptr (FerryAccount) ben = make_account ("ben@example.org");
  g_autoptr (FerryAccount) ada_again = make_account ("ada@example.org");
  g_autoptr (GError) error = NULL;

  ben->host = g_strdup ("xmpp.example.org");
  ben->port = 65535;
  ben->resource = g_strdup ("desk'; DROP TABLE accounts; --");
  ben->ca_file = g_strdup ("/etc/ca.pem");
  ben->pin_sha256 = g_strdup ("abcd");
  ben->enabled = FALSE;
  ben->proxies = g_strsplit ("relay.example.org|proxy.example.net", "|", -1);
  g_assert_true (ferry_account_store_add (store, ada, &error));
  g_assert_true (ferry_account_store_add (store, ben, &error));
  g_assert_no_error (error);
  g_assert_false (ferry_account_store_add (store, ada_again, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_cmpint (ada_again->id, ==, 0);

  g_autoptr (GPtrArray) accounts = list_accounts (store);
  g_assert_cmpuint (accounts->len, ==, 2);
  FerryAccount *first = accounts->pdata[0], *second = accounts->pdata[1];
  g_assert_cmpstr (ferry_jid_get_text (first->jid), ==, "ada@example.org");
  g_assert_cmpint (first->id, ==, ada->id);
  g_assert_null (first->host);
  g_assert_null (first->resource);
  g_assert_cmpuint (first->port, ==, 0);
  g_assert_true (first->enabled);
  g_assert_cmpstr (second->host, ==, ben->host);
  g_assert_cmpuint (second->port, ==, 65535);
  g_assert_cmpstr (second->resource, ==, ben->resource);
  g_assert_cmpstr (second->ca_file, ==, ben->ca_file);
  g_assert_cmpstr (second->pin_sha256, ==, ben->pin_sha256);
  g_assert_false (second->enabled);
  g_assert_null (first->proxies);
  g_assert_cmpuint (g_strv_length (second->proxies), ==, 2);
  g_assert_cmpstr (second->proxies[1], ==, "proxy.example.net");

  ada->enabled = FALSE;
  ada->port = 5223;
  g_assert_true (ferry_account_store_update (store, ada, &error));
  g_assert_true (ferry_account_store_remove (store, ben->id, &error));
  g_assert_no_error (error);
  g_assert_false (ferry_account_store_update (store, ben, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_autoptr (GPtrArray) rest = list_accounts (store);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_cmpuint (((FerryAccount *) rest->pdata[0])->port, ==, 5223);
  g_assert_false (((FerryAccount *) rest->pdata[0])->enabled);
}

static void
test_account_ids (void)
{
  g_test_summary ("The id of a removed account is not given to another one");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (FerryAccount) ada = make_account ("ada@example.org");
  g_autoptr (FerryAccount) ben = make_account ("ben@example.org");
  g_assert_true (ferry_account_store_add (store, ada, NULL));
  g_assert_true (ferry_account_store_remove (store, ada->id, NULL));
  g_assert_true (ferry_account_store_add (store, ben, NULL));
  g_assert_cmpint (ben->id, >, ada->id);
}

static void
assert_pin (FerryStore *store, const char *host, const char *sha256, gint64 added_us)
{
  g_autoptr (FerryPin) pin = ferry_pin_store_lookup (store, host);

  g_assert_nonnull (pin);
  g_assert_cmpstr (pin->sha256, ==, sha256);
  g_assert_cmpint (pin->added_us, ==, added_us);
}

static void
test_pins (void)
{
  g_test_summary (
      "The certificate that the user trusted last for a host counts, in any case of "
      "letters, also when that is an old one again");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (GError) error = NULL;

  g_assert_null (ferry_pin_store_lookup (store, "nowhere.org"));
  ferry_pin_store_add (store, "Example.ORG", "AABB", 1000, &error);
  assert_pin (store, "EXAMPLE.org", "aabb", 1000);
  ferry_pin_store_add (store, "example.org", "ccdd", 2000, &error);
  ferry_pin_store_add (store, "other.org", "eeff", 500, &error);
  assert_pin (store, "example.org", "ccdd", 2000);
  assert_pin (store, "other.org", "eeff", 500);
  ferry_pin_store_add (store, "example.org", "aabb", 3000, &error);
  assert_pin (store, "example.org", "aabb", 3000);
  g_assert_no_error (error);
}

static void
test_settings (void)
{
  g_test_summary ("Settings keep texts and numbers, fall back, and can be taken away");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (GError) error = NULL;
  g_autofree char *unset = ferry_settings_dup_string (store, "k", "fallback");
  g_assert_cmpstr (unset, ==, "fallback");
  g_assert_cmpint (ferry_settings_get_int (store, "k", -7), ==, -7);

  ferry_settings_set_int (store, "k", G_MAXINT64, &error);
  g_assert_cmpint (ferry_settings_get_int (store, "k", 0), ==, G_MAXINT64);
  ferry_settings_set_string (store, "k", "a 'quoted' 💾 text", &error);
  g_autofree char *text = ferry_settings_dup_string (store, "k", NULL);
  g_assert_cmpstr (text, ==, "a 'quoted' 💾 text");
  ferry_settings_set_string (store, "k", NULL, &error);
  g_autofree char *gone = ferry_settings_dup_string (store, "k", NULL);
  g_assert_null (gone);
  g_assert_no_error (error);

  g_autofree char *downloads = ferry_settings_dup_download_folder (store);
  g_assert_true (g_path_is_absolute (downloads));
  ferry_settings_set_download_folder (store, "/tmp/elsewhere", &error);
  g_autofree char *elsewhere = ferry_settings_dup_download_folder (store);
  g_assert_cmpstr (elsewhere, ==, "/tmp/elsewhere");
  ferry_settings_set_download_folder (store, NULL, &error);
  g_autofree char *back = ferry_settings_dup_download_folder (store);
  g_assert_cmpstr (back, ==, downloads);
  g_assert_no_error (error);
}

static void
test_resource (void)
{
  g_test_summary ("An installation keeps its resource; two have different ones");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (FerryStore) other = open_store ();
  g_autofree char *first = ferry_settings_dup_resource (store);
  g_autofree char *again = ferry_settings_dup_resource (store);
  g_autofree char *others = ferry_settings_dup_resource (other);
  g_assert_true (g_regex_match_simple ("^ferry-[A-Za-z0-9]{6}$", first, 0, 0));
  g_assert_cmpstr (first, ==, again);
  g_assert_cmpstr (first, !=, others);
}

static void
test_device_keys (void)
{
  g_test_summary ("A device is known by one key, with what else it has shown");
  g_autoptr (FerryStore) store = ferry_store_open (":memory:", NULL);
  g_autoptr (FerryJid) ada = ferry_jid_new ("ada@example.org/here", NULL);
  g_autoptr (FerryJid) ben = ferry_jid_new ("ben@example.org/ferry-1", NULL);
  g_autoptr (FerryJid) phone = ferry_jid_new ("ben@example.org/ferry-2", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ferry_key_store_lookup (store, ada, ben, &error));
  g_assert_no_error (error);
  g_autoptr (FerryDeviceKey) first = ferry_device_key_new (ada, ben, "aa", 1000);
  g_autoptr (FerryDeviceKey) second = ferry_device_key_new (ada, phone, "bb", 2000);
  g_assert_true (ferry_key_store_put (store, second, &error));
  g_assert_true (ferry_key_store_put (store, first, &error));
  first->is_verified = TRUE;
  first->other = g_strdup ("cc");
  first->other_us = 3000;
  first->clear = FERRY_KEY_CLEAR_ASKED;
  g_assert_true (ferry_key_store_put (store, first, &error));
  g_assert_no_error (error);

  g_autoptr (GPtrArray) keys = ferry_key_store_list (store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (keys->len, ==, 2);
  FerryDeviceKey *kept = keys->pdata[0];
  g_assert_cmpstr (ferry_jid_get_text (kept->account), ==, "ada@example.org");
  g_assert_cmpstr (ferry_jid_get_text (kept->device), ==, "ben@example.org/ferry-1");
  g_assert_cmpstr (kept->fingerprint, ==, "aa");
  g_assert_cmpint (kept->seen_us, ==, 1000);
  g_assert_true (kept->is_verified);
  g_assert_cmpstr (kept->other, ==, "cc");
  g_assert_cmpint (kept->other_us, ==, 3000);
  g_assert_cmpint (kept->clear, ==, FERRY_KEY_CLEAR_ASKED);

  g_assert_true (ferry_key_store_remove (store, ada, ben, &error));
  g_assert_null (ferry_key_store_lookup (store, ada, ben, &error));
  g_autoptr (FerryDeviceKey) other = ferry_key_store_lookup (store, ada, phone, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (other->fingerprint, ==, "bb");
  g_assert_false (other->is_verified);
  g_assert_null (other->other);
}

static void
test_encryption_rules (void)
{
  g_test_summary ("The rules for ways and for encryption leave each other alone");
  g_autoptr (FerryStore) store = ferry_store_open (":memory:", NULL);
  g_autoptr (FerryJid) ada = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) ben = ferry_jid_new ("ben@example.org/x", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (ferry_contact_rules_get_encryption (store, ada, ben), ==,
                   FERRY_ENCRYPTION_AUTO);
  g_assert_true (
      ferry_contact_rules_set_encryption (store, ada, ben, FERRY_ENCRYPTION_NEVER, &error));
  g_assert_null (ferry_contact_rules_dup_routes (store, ada, ben, &error));
  g_assert_true (ferry_contact_rules_set_routes (store, ada, ben, "proxy", &error));
  g_assert_cmpint (ferry_contact_rules_get_encryption (store, ada, ben), ==,
                   FERRY_ENCRYPTION_NEVER);
  g_assert_true (
      ferry_contact_rules_set_encryption (store, ada, ben, FERRY_ENCRYPTION_ALWAYS, &error));
  g_assert_true (ferry_contact_rules_set_routes (store, ada, ben, NULL, &error));
  g_assert_cmpint (ferry_contact_rules_get_encryption (store, ada, ben), ==,
                   FERRY_ENCRYPTION_ALWAYS);
  g_assert_null (ferry_contact_rules_dup_routes (store, ada, ben, &error));
  g_assert_true (
      ferry_contact_rules_set_encryption (store, ada, ben, FERRY_ENCRYPTION_AUTO, &error));
  g_assert_cmpint (ferry_contact_rules_get_encryption (store, ada, ben), ==,
                   FERRY_ENCRYPTION_AUTO);
  g_assert_no_error (error);

  /* What a newer Ferry may have written is no reason to send in clear. */
  g_assert_true (ferry_store_execute (store, &error,
                                      "UPDATE contact_rules SET encryption = 'quantum'", ""));
  g_assert_cmpint (ferry_contact_rules_get_encryption (store, ada, ben), ==,
                   FERRY_ENCRYPTION_ALWAYS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/accounts/fields", test_accounts);
  g_test_add_func ("/accounts/ids", test_account_ids);
  g_test_add_func ("/accounts/pins", test_pins);
  g_test_add_func ("/accounts/settings", test_settings);
  g_test_add_func ("/accounts/resource", test_resource);
  g_test_add_func ("/store/device-keys", test_device_keys);
  g_test_add_func ("/store/encryption-rules", test_encryption_rules);
  return g_test_run ();
}
