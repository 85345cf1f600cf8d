/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryCertificate: a server's certificate that was refused, ready to be shown to the user. A
 * plain shared value. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRY_TYPE_CERTIFICATE (ferry_certificate_get_type ())

typedef struct
{
  gatomicrefcount ref_count;
  char *host;   /* domain of the account it was shown for */
  char *sha256; /* of the DER certificate: lower-case hex, 64 characters */
  char *pinned; /* nullable: the pin it does not match */
  char *subject;
  char *issuer;
  GDateTime *not_before; /* nullable */
  GDateTime *not_after;  /* nullable */
  GTlsCertificateFlags problems;
} FerryCertificate;

GType ferry_certificate_get_type (void);
/* @flags: what GIO found wrong; @pinned: (nullable) */
FerryCertificate *ferry_certificate_new (const char *host,
                                         GTlsCertificate *certificate,
                                         GTlsCertificateFlags problems,
                                         const char *pinned);
FerryCertificate *ferry_certificate_ref (FerryCertificate *self);
void ferry_certificate_unref (FerryCertificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCertificate, ferry_certificate_unref)

/* SHA-256 of a certificate's DER form, lower-case hex. */
char *ferry_certificate_fingerprint (GTlsCertificate *certificate);

G_END_DECLS
