/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ferry-error.h"
#include "crypt/ferry-tls-identity.h"

#include <openssl/x509.h>
#include <string.h>

static void
test_round_trip (void)
{
  g_test_summary ("A stored key reads back as the same; two are never the same");
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTlsIdentity) one = ferry_tls_identity_generate (&error);
  g_assert_no_error (error);
  g_autoptr (FerryTlsIdentity) other = ferry_tls_identity_generate (&error);
  g_assert_no_error (error);

  g_autofree char *pem = ferry_tls_identity_to_pem (one);
  g_autoptr (FerryTlsIdentity) again = ferry_tls_identity_new_from_pem (pem, &error);
  g_assert_no_error (error);
  g_assert_true (ferry_hash_equal (ferry_tls_identity_get_fingerprint (one),
                                   ferry_tls_identity_get_fingerprint (again)));
  g_assert_false (ferry_hash_equal (ferry_tls_identity_get_fingerprint (one),
                                    ferry_tls_identity_get_fingerprint (other)));
}

static void
test_anonymous (void)
{
  g_test_summary ("The certificate tells nothing about whose it is, and is small");
  g_autoptr (FerryTlsIdentity) identity = ferry_tls_identity_generate (NULL);
  X509 *certificate = ferry_tls_identity_get_certificate (identity);
  char *name = X509_NAME_oneline (X509_get_subject_name (certificate), NULL, 0);

  g_assert_cmpstr (name, ==, "/CN=ferry");
  g_assert_cmpint (i2d_X509 (certificate, NULL), <, 500);
  OPENSSL_free (name);
}

static void
test_broken (void)
{
  g_test_summary ("What is no key with its certificate is an error");
  g_autoptr (FerryTlsIdentity) one = ferry_tls_identity_generate (NULL);
  g_autoptr (FerryTlsIdentity) other = ferry_tls_identity_generate (NULL);
  g_autofree char *pem = ferry_tls_identity_to_pem (one);
  g_autofree char *other_pem = ferry_tls_identity_to_pem (other);
  const char *certificate = strstr (other_pem, "-----BEGIN CERTIFICATE");
  g_autofree char *key = g_strndup (pem, strstr (pem, "-----BEGIN CERTIFICATE") - pem);
  g_autofree char *mixed = g_strconcat (key, certificate, NULL);
  const char *const bad[] = { "", "nonsense", key, certificate, mixed };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (ferry_tls_identity_new_from_pem (bad[i], &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_SECURITY);
    }
}

static void
test_text (void)
{
  g_test_summary ("A fingerprint reads as groups of four digits");
  FerryHash hash = { .algo = FERRY_HASH_SHA256, .digest = { 0x01, 0x23, 0xab } };
  g_autofree char *text = ferry_tls_fingerprint_to_text (&hash);

  g_assert_true (g_str_has_prefix (text, "0123 ab00 0000 "));
  g_assert_cmpuint (strlen (text), ==, 16 * 4 + 15);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tls-identity/round-trip", test_round_trip);
  g_test_add_func ("/tls-identity/anonymous", test_anonymous);
  g_test_add_func ("/tls-identity/broken", test_broken);
  g_test_add_func ("/tls-identity/text", test_text);
  return g_test_run ();
}
