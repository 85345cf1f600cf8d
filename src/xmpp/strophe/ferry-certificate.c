/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-certificate.h"

G_DEFINE_BOXED_TYPE (FerryCertificate,
                     ferry_certificate,
                     ferry_certificate_ref,
                     ferry_certificate_unref)

FerryCertificate *
ferry_certificate_new (const char *host,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags problems,
                       const char *pinned)
{
  g_return_val_if_fail (host != NULL, NULL);
  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate), NULL);

  FerryCertificate *self = g_new0 (FerryCertificate, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->host = g_strdup (host);
  self->sha256 = ferry_certificate_fingerprint (certificate);
  self->pinned = g_strdup (pinned);
  self->subject = g_tls_certificate_get_subject_name (certificate);
  self->issuer = g_tls_certificate_get_issuer_name (certificate);
  self->not_before = g_tls_certificate_get_not_valid_before (certificate);
  self->not_after = g_tls_certificate_get_not_valid_after (certificate);
  self->problems = problems;

  /* A TLS backend may not be able to read the names; the dialog wants texts. */
  if (self->subject == NULL)
    self->subject = g_strdup ("");
  if (self->issuer == NULL)
    self->issuer = g_strdup ("");
  return self;
}

FerryCertificate *
ferry_certificate_ref (FerryCertificate *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_certificate_unref (FerryCertificate *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->host);
  g_free (self->sha256);
  g_free (self->pinned);
  g_free (self->subject);
  g_free (self->issuer);
  g_clear_pointer (&self->not_before, g_date_time_unref);
  g_clear_pointer (&self->not_after, g_date_time_unref);
  g_free (self);
}

char *
ferry_certificate_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;

  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate), NULL);

  g_object_get (certificate, "certificate", &der, NULL);
  g_return_val_if_fail (der != NULL, NULL);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
}
