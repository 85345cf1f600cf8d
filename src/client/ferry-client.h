/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryClient: one account at work. It builds stream, router, services and negotiators and
 * wires them; it shows how the connection stands. */
#pragma once

#include "base/ferry-jid.h"
#include "xmpp/strophe/ferry-certificate.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_CLIENT_OFFLINE, /* not wanted, or "error" says what the user must do first */
  FERRY_CLIENT_CONNECTING,
  FERRY_CLIENT_ONLINE,
  FERRY_CLIENT_RETRYING, /* lost; tries again by itself */
} FerryClientState;

#define FERRY_TYPE_CLIENT (ferry_client_get_type ())
G_DECLARE_FINAL_TYPE (FerryClient, ferry_client, FERRY, CLIENT, GObject)

/* Properties, notifying: "jid" (FerryJid, bare), "state" (int), "error" (GError, nullable),
 * "certificate" (FerryCertificate, nullable: the one that was refused). */
FerryJid *ferry_client_get_jid (FerryClient *self);
FerryClientState ferry_client_get_state (FerryClient *self);
const GError *ferry_client_get_error (FerryClient *self);
/* Nullable: set together with %FERRY_ERROR_CERTIFICATE. */
FerryCertificate *ferry_client_get_certificate (FerryClient *self);

void ferry_client_connect (FerryClient *self);
void ferry_client_disconnect (FerryClient *self);
/* Pins the refused certificate and connects again. */
void ferry_client_trust_certificate (FerryClient *self);
/* A new password, kept where secrets are kept, and another try. */
void ferry_client_set_password (FerryClient *self, const char *password);

G_END_DECLS
