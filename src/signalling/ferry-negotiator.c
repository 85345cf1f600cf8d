/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-negotiator.h"

G_DEFINE_INTERFACE (FerryNegotiator, ferry_negotiator, G_TYPE_OBJECT)

static guint offer_received_signal;

static void
ferry_negotiator_default_init (FerryNegotiatorInterface *iface)
{
  offer_received_signal =
      g_signal_new ("offer-received", FERRY_TYPE_NEGOTIATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, FERRY_TYPE_SESSION);
}

FerrySession *
ferry_negotiator_offer (FerryNegotiator *self,
                        FerryJid *peer,
                        FerryFileInfo *file,
                        FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_NEGOTIATOR (self), NULL);
  g_return_val_if_fail (peer != NULL && !ferry_jid_is_bare (peer), NULL);
  g_return_val_if_fail (file != NULL && file->size >= 0, NULL);

  return FERRY_NEGOTIATOR_GET_IFACE (self)->offer (self, peer, file, routes);
}

void
ferry_negotiator_emit_offer_received (FerryNegotiator *self, FerrySession *session)
{
  g_signal_emit (self, offer_received_signal, 0, session);
}
