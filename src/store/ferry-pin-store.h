/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates that the user trusts for a host although no authority vouches for them. */
#pragma once

#include "store/ferry-store.h"

G_BEGIN_DECLS

/* @host: domain, any case; @sha256: hex SHA-256 of the certificate (DER), any case;
 * @added_us: wall clock */
typedef struct
{
  char *host;
  char *sha256;
  gint64 added_us;
} FerryPin;

void ferry_pin_free (FerryPin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryPin, ferry_pin_free)

/* Adding what is there already makes it the newest: a server may go back to an old one. */
gboolean ferry_pin_store_add (
    FerryStore *store, const char *host, const char *sha256, gint64 added_us, GError **error);
/* Returns: (transfer full) (nullable): the newest pin of @host, to show beside a changed one */
FerryPin *ferry_pin_store_lookup (FerryStore *store, const char *host);

G_END_DECLS
