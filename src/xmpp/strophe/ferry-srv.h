/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySrvTarget: a place where a domain's XMPP service may be, and the order in which to try
 * several of them (RFC 2782, XEP-0368). Pure. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *host;
  guint16 port;
  gboolean is_direct_tls; /* TLS from the first byte, else STARTTLS */
  guint16 priority;       /* lower first */
  guint16 weight;         /* share among those of one priority */
} FerrySrvTarget;

FerrySrvTarget *ferry_srv_target_new (const char *host, guint16 port, gboolean is_direct_tls);
void ferry_srv_target_free (FerrySrvTarget *self);

/* Appends what GIO's resolver found, without the entries that say "no such service". */
void ferry_srv_add_records (GPtrArray *targets, const GList *records, gboolean is_direct_tls);

/* Sorts by priority and, within one priority, draws by weight; both kinds are mixed (XEP-0368
 * §3). */
void ferry_srv_order (GPtrArray *targets, GRand *rand);

G_END_DECLS
