/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryJid: an XMPP address (RFC 7622), parsed, normalised, immutable and ref-counted.
 * Addresses are compared in this form only, never as the strings that came over the wire. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define FERRY_TYPE_JID (ferry_jid_get_type ())

typedef struct _FerryJid FerryJid;

GType ferry_jid_get_type (void);

/**
 * ferry_jid_new:
 * @text: (nullable): `[local@]domain[/resource]`, at most 1023 bytes a part
 * @error: %FERRY_ERROR_PROTOCOL if it is not an address
 *
 * The domain and the local part are case-folded, all parts are brought to NFC.
 *
 * Returns: (transfer full) (nullable): the address
 */
FerryJid *ferry_jid_new (const char *text, GError **error);
/* Returns: (transfer full): @self with another resource; %NULL @resource gives the bare
 * address; (nullable): %NULL if @resource cannot be one */
FerryJid *ferry_jid_with_resource (const FerryJid *self, const char *resource);
FerryJid *ferry_jid_dup_bare (const FerryJid *self);
FerryJid *ferry_jid_ref (FerryJid *self);
void ferry_jid_unref (FerryJid *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryJid, ferry_jid_unref)

const char *ferry_jid_get_local (const FerryJid *self); /* nullable */
const char *ferry_jid_get_domain (const FerryJid *self);
const char *ferry_jid_get_resource (const FerryJid *self); /* nullable */
/* The whole address, normalised. */
const char *ferry_jid_get_text (const FerryJid *self);
/* The address without its resource. */
const char *ferry_jid_get_bare (const FerryJid *self);
gboolean ferry_jid_is_bare (const FerryJid *self);

gboolean ferry_jid_equal (gconstpointer a, gconstpointer b);
guint ferry_jid_hash (gconstpointer self);
/* Same account, whatever the resources? */
gboolean ferry_jid_equal_bare (const FerryJid *a, const FerryJid *b);

G_END_DECLS
