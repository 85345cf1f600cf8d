/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryHostPolicy: which of the hosts that a peer names may be dialled. A peer must not be able
 * to use us as a port scanner or to reach services of this machine and its network through us.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a candidate is, as far as the policy cares. */
typedef enum
{
  FERRY_HOST_DIRECT,    /* the peer's own address */
  FERRY_HOST_OWN_PROXY, /* a relay of our own domain */
  FERRY_HOST_PROXY,     /* another relay */
} FerryHostKind;

typedef struct _FerryHostPolicy FerryHostPolicy;

/**
 * ferry_host_policy_new:
 * @own: (element-type GInetAddress): the addresses of this machine; a reference is taken
 * @own_port: where we listen, 0 if nowhere
 * @allow_loopback: loopback addresses may be dialled; for tests only
 *
 * Returns: (transfer full): a policy, which does not change
 */
FerryHostPolicy *
ferry_host_policy_new (GPtrArray *own, guint16 own_port, gboolean allow_loopback);
FerryHostPolicy *ferry_host_policy_ref (FerryHostPolicy *self);
void ferry_host_policy_unref (FerryHostPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryHostPolicy, ferry_host_policy_unref)

/**
 * ferry_host_parse_literal:
 * @host: what the peer wrote
 *
 * Returns: (transfer full) (nullable): the address, if @host is a dotted quad of four plain
 *   decimals or an IPv6 address without zone, with or without brackets
 */
GInetAddress *ferry_host_parse_literal (const char *host);
/* Is it a name worth looking up: letters, digits, hyphens, at least one dot, none of the
 * domains that mean this machine or network? */
gboolean ferry_host_is_name (const char *host);

/**
 * ferry_host_policy_allows:
 * @address: a literal, or what a name was resolved to; the very address that will be dialled
 * @port: TCP port
 * @kind: what is dialled
 * @error: %FERRY_ERROR_FORBIDDEN with the reason
 */
gboolean ferry_host_policy_allows (const FerryHostPolicy *self,
                                   GInetAddress *address,
                                   guint16 port,
                                   FerryHostKind kind,
                                   GError **error);

G_END_DECLS
