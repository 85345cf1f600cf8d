/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "crypt/ferry-tls-identity.h"

#include "base/ferry-error.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Nobody looks at the dates; a certificate just has to have some. */
#define VALID_DAYS (100 * 365)
#define SERIAL_BITS 64

struct _FerryTlsIdentity
{
  gatomicrefcount ref_count;
  EVP_PKEY *key;
  X509 *certificate;
  FerryHash fingerprint;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIGNUM, BN_free)

/* The library's reason, and an empty queue for whoever comes next in this thread. */
static void
set_error (GError **error, const char *doing)
{
  const char *reason = ERR_reason_error_string (ERR_peek_last_error ());
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_SECURITY, "%s: %s", doing,
               reason != NULL ? reason : "no reason given");
  ERR_clear_error ();
}

gboolean
ferry_tls_fingerprint_certificate (X509 *certificate, FerryHash *out)
{
  unsigned char *der = NULL;
  int length = i2d_X509_PUBKEY (X509_get_X509_PUBKEY (certificate), &der);

  if (length <= 0)
    return FALSE;
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  if (hasher != NULL)
    {
      ferry_hasher_update (hasher, der, (gsize) length);
      ferry_hasher_finish (hasher, out);
    }
  OPENSSL_free (der);
  return hasher != NULL;
}

char *
ferry_tls_fingerprint_to_text (const FerryHash *fingerprint)
{
  g_return_val_if_fail (fingerprint != NULL, NULL);

  g_autofree char *hex = ferry_hash_to_hex (fingerprint);
  GString *text = g_string_new (NULL);
  for (gsize i = 0; hex[i] != '\0'; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, hex[i]);
    }
  return g_string_free (text, FALSE);
}

static FerryTlsIdentity *
identity_new (EVP_PKEY *key, X509 *certificate, GError **error)
{
  FerryHash fingerprint;

  if (X509_check_private_key (certificate, key) != 1)
    {
      set_error (error, "The key is not that of the certificate");
      return NULL;
    }
  if (!ferry_tls_fingerprint_certificate (certificate, &fingerprint))
    {
      set_error (error, "Reading the key of the certificate");
      return NULL;
    }

  FerryTlsIdentity *self = g_new0 (FerryTlsIdentity, 1);
  g_atomic_ref_count_init (&self->ref_count);
  EVP_PKEY_up_ref (key);
  X509_up_ref (certificate);
  self->key = key;
  self->certificate = certificate;
  self->fingerprint = fingerprint;
  return self;
}

static gboolean
set_serial (X509 *certificate)
{
  g_autoptr (BIGNUM) serial = BN_new ();

  return serial != NULL &&
         BN_rand (serial, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER (serial, X509_get_serialNumber (certificate)) != NULL;
}

static X509 *
sign_certificate (EVP_PKEY *key)
{
  g_autoptr (X509) certificate = X509_new ();
  if (certificate == NULL)
    return NULL;

  X509_NAME *name = X509_get_subject_name (certificate);
  if (X509_set_version (certificate, X509_VERSION_3) == 1 && set_serial (certificate) &&
      X509_gmtime_adj (X509_getm_notBefore (certificate), -24 * 60 * 60) != NULL &&
      X509_time_adj_ex (X509_getm_notAfter (certificate), VALID_DAYS, 0, NULL) != NULL &&
      X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guchar *) "ferry", -1, -1,
                                  0) == 1 &&
      X509_set_issuer_name (certificate, name) == 1 &&
      X509_set_pubkey (certificate, key) == 1 &&
      X509_sign (certificate, key, EVP_sha256 ()) > 0)
    return g_steal_pointer (&certificate);
  return NULL;
}

FerryTlsIdentity *
ferry_tls_identity_generate (GError **error)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509) certificate = key != NULL ? sign_certificate (key) : NULL;

  if (certificate == NULL)
    {
      set_error (error, "Making a key");
      return NULL;
    }
  return identity_new (key, certificate, error);
}

FerryTlsIdentity *
ferry_tls_identity_new_from_pem (const char *pem, GError **error)
{
  g_return_val_if_fail (pem != NULL, NULL);

  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, -1);
  g_autoptr (EVP_PKEY) key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  g_autoptr (X509) certificate = key != NULL ? PEM_read_bio_X509 (bio, NULL, NULL, NULL) : NULL;

  if (certificate == NULL)
    {
      set_error (error, "Reading the stored key");
      return NULL;
    }
  return identity_new (key, certificate, error);
}

char *
ferry_tls_identity_to_pem (FerryTlsIdentity *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *text = NULL;
  if (PEM_write_bio_PKCS8PrivateKey (bio, self->key, NULL, NULL, 0, NULL, NULL) != 1 ||
      PEM_write_bio_X509 (bio, self->certificate) != 1)
    g_error ("no memory for a key of 200 bytes");
  long length = BIO_get_mem_data (bio, &text);
  return g_strndup (text, (gsize) length);
}

FerryTlsIdentity *
ferry_tls_identity_ref (FerryTlsIdentity *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_tls_identity_unref (FerryTlsIdentity *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  EVP_PKEY_free (self->key);
  X509_free (self->certificate);
  g_free (self);
}

const FerryHash *
ferry_tls_identity_get_fingerprint (FerryTlsIdentity *self)
{
  return &self->fingerprint;
}

EVP_PKEY *
ferry_tls_identity_get_key (FerryTlsIdentity *self)
{
  return self->key;
}

X509 *
ferry_tls_identity_get_certificate (FerryTlsIdentity *self)
{
  return self->certificate;
}
