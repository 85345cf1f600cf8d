/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryIbbService: takes every in-band iq of one account to the stream it belongs to, by
 * (peer, sid), and refuses the rest (XEP-0047). */
#pragma once

#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

#define FERRY_TYPE_IBB_SERVICE (ferry_ibb_service_get_type ())
G_DECLARE_FINAL_TYPE (FerryIbbService, ferry_ibb_service, FERRY, IBB_SERVICE, GObject)

FerryIbbService *ferry_ibb_service_new (FerryRouter *router);

G_END_DECLS
