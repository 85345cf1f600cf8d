/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySecurity: what an offer or its answer says about TLS inside the bytestream: an element
 * `<security xmlns='urn:ferry:tls:0'/>` with the fingerprint of the key, the same in Jingle's
 * `<content/>` and in SI's `<si/>`. */
#pragma once

#include "base/ferry-hash.h"
#include "base/ferry-node.h"

G_BEGIN_DECLS

/**
 * FerrySecurityKind:
 * @FERRY_SECURITY_NONE: nothing: in clear
 * @FERRY_SECURITY_TLS: by the key that is named
 * @FERRY_SECURITY_OTHER: another way of encrypting (XEP-0391), several, or something malformed:
 *   nothing that may be taken, least of all in clear
 */
typedef enum
{
  FERRY_SECURITY_NONE,
  FERRY_SECURITY_TLS,
  FERRY_SECURITY_OTHER,
} FerrySecurityKind;

typedef struct
{
  FerrySecurityKind kind;
  FerryHash fingerprint; /* TLS: SHA-256 of the public key */
} FerrySecurity;

/* @parent: (nullable): a `<content/>` or `<si/>` */
FerrySecurity ferry_security_parse (const FerryNode *parent);
/* Adds the element, or nothing for %FERRY_SECURITY_NONE. */
void ferry_security_add_to (const FerrySecurity *self, FerryNode *parent);
gboolean ferry_security_equal (const FerrySecurity *a, const FerrySecurity *b);

G_END_DECLS
