/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryInquiries: asks devices what they can do, and asks again those that cannot say just now.
 * One inquiry per device; it ends with an answer, when it is dropped, or when there is no hope.
 */
#pragma once

#include "xmpp/ferry-disco.h"

G_BEGIN_DECLS

typedef struct _FerryInquiries FerryInquiries;

/**
 * FerryInquiryFunc:
 * @jid: the device that was asked
 * @info: (nullable): what it can do; %NULL: it would not say, and is not asked any more
 */
typedef void (*FerryInquiryFunc) (FerryJid *jid, FerryDiscoInfo *info, gpointer user_data);

/* @func is called in the main context, never from inside these functions. */
FerryInquiries *
ferry_inquiries_new (FerryDisco *disco, FerryInquiryFunc func, gpointer user_data);
void ferry_inquiries_free (FerryInquiries *self);
/**
 * ferry_inquiries_begin:
 * @jid: a device of which a presence has come
 * @caps: (nullable): the mark in it
 *
 * Asks it now. After silence, an error of the network, or “service-unavailable” (which servers
 * say of devices that are not there just now) it is asked twice more.
 */
void ferry_inquiries_begin (FerryInquiries *self, FerryJid *jid, const FerryCaps *caps);
/**
 * ferry_inquiries_doubt:
 * @jid: a device that did not take notice of something important
 *
 * Asks it for a sign of life, what it can do, until it gives one. Its server may keep a session
 * that nobody will come back to, or that sleeps. Who is doubted again and again is asked later
 * and later.
 */
void ferry_inquiries_doubt (FerryInquiries *self, FerryJid *jid);
/* Of the device as it is now enough is known. */
void ferry_inquiries_settle (FerryInquiries *self, const FerryJid *jid);
/* It went. */
void ferry_inquiries_drop (FerryInquiries *self, const FerryJid *jid);
void ferry_inquiries_drop_all (FerryInquiries *self);

G_END_DECLS
