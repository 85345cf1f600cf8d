/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTlsIdentity: the key by which an account is known inside bytestreams, and a self-signed
 * certificate of it. It never changes, so any thread may use it. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-hash.h"

typedef struct evp_pkey_st EVP_PKEY;
typedef struct x509_st X509;

G_BEGIN_DECLS

typedef struct _FerryTlsIdentity FerryTlsIdentity;

/* Makes an EC P-256 key and a certificate without any name in it that tells whose it is.
 * Errors: %FERRY_ERROR_SECURITY */
FerryTlsIdentity *ferry_tls_identity_generate (GError **error);
/**
 * ferry_tls_identity_new_from_pem:
 * @pem: a private key and its certificate, as ferry_tls_identity_to_pem() writes them
 *
 * Errors: %FERRY_ERROR_SECURITY if one is missing or they do not belong together
 */
FerryTlsIdentity *ferry_tls_identity_new_from_pem (const char *pem, GError **error);
/* Returns: (transfer full): with the private key, so it is a secret */
char *ferry_tls_identity_to_pem (FerryTlsIdentity *self);
FerryTlsIdentity *ferry_tls_identity_ref (FerryTlsIdentity *self);
void ferry_tls_identity_unref (FerryTlsIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTlsIdentity, ferry_tls_identity_unref)

/* SHA-256 of the SubjectPublicKeyInfo in DER (RFC 7469 §2.4 pins the same), which a renewed
 * certificate of the same key keeps. */
const FerryHash *ferry_tls_identity_get_fingerprint (FerryTlsIdentity *self);
/* The same of any certificate. Returns: %FALSE if it has no key that can be read */
gboolean ferry_tls_fingerprint_certificate (X509 *certificate, FerryHash *out);
/**
 * ferry_tls_fingerprint_to_text:
 * @fingerprint: SHA-256
 *
 * Returns: (transfer full): 16 groups of 4 hexadecimal digits, which two people can compare
 */
char *ferry_tls_fingerprint_to_text (const FerryHash *fingerprint);

/* For the channel. Returns: (transfer none) */
EVP_PKEY *ferry_tls_identity_get_key (FerryTlsIdentity *self);
X509 *ferry_tls_identity_get_certificate (FerryTlsIdentity *self);

G_END_DECLS
