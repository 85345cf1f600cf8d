/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "crypt/ferry-tls-agreement.h"

FerryTlsAgreement *
ferry_tls_agreement_new (FerryTlsRole role, FerryTlsIdentity *own, const FerryHash *peer)
{
  g_return_val_if_fail (own != NULL, NULL);
  g_return_val_if_fail (peer != NULL && peer->algo == FERRY_HASH_SHA256, NULL);

  FerryTlsAgreement *self = g_new0 (FerryTlsAgreement, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->role = role;
  self->own = ferry_tls_identity_ref (own);
  self->peer = *peer;
  return self;
}

FerryTlsAgreement *
ferry_tls_agreement_ref (FerryTlsAgreement *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_tls_agreement_unref (FerryTlsAgreement *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  ferry_tls_identity_unref (self->own);
  g_free (self);
}
