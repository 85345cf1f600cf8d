/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTlsAgreement: what two devices have agreed in the signalling about the encryption of one
 * bytestream: who each of them is, and which role is ours. Immutable; any thread may use it. */
#pragma once

#include "crypt/ferry-tls-identity.h"

G_BEGIN_DECLS

/**
 * FerryTlsRole:
 * @FERRY_TLS_CLIENT: of who sent the offer, whatever the direction of file and connection
 * @FERRY_TLS_SERVER: of who answered it
 */
typedef enum
{
  FERRY_TLS_CLIENT,
  FERRY_TLS_SERVER,
} FerryTlsRole;

typedef struct
{
  gatomicrefcount ref_count;
  FerryTlsRole role;
  FerryTlsIdentity *own;
  FerryHash peer; /* fingerprint of the only key that is accepted */
} FerryTlsAgreement;

/* @peer: SHA-256, as ferry_tls_identity_get_fingerprint() has it */
FerryTlsAgreement *
ferry_tls_agreement_new (FerryTlsRole role, FerryTlsIdentity *own, const FerryHash *peer);
FerryTlsAgreement *ferry_tls_agreement_ref (FerryTlsAgreement *self);
void ferry_tls_agreement_unref (FerryTlsAgreement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTlsAgreement, ferry_tls_agreement_unref)

G_END_DECLS
