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

/* Returns: (transfer full) (element-type FerryPin) (nullable): by host, then oldest first */
GPtrArray *ferry_pin_store_list (FerryStore *store, GError **error);
/* Adding what is there already keeps its date. */
gboolean ferry_pin_store_add (
    FerryStore *store, const char *host, const char *sha256, gint64 added_us, GError **error);
gboolean ferry_pin_store_remove (FerryStore *store,
                                 const char *host,
                                 const char *sha256,
                                 GError **error);
/* Returns: is that certificate trusted for that host? %FALSE too if the database fails. */
gboolean ferry_pin_store_contains (FerryStore *store, const char *host, const char *sha256);
/* Returns: (transfer full) (nullable): the newest pin of @host, to show beside a changed one */
FerryPin *ferry_pin_store_lookup (FerryStore *store, const char *host);

G_END_DECLS
