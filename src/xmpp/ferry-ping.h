/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to pings (XEP-0199). */
#pragma once

#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

/* Answers every ping that comes to @router, from whomever: an answer tells no more than any
 * other error would. Returns: an id for ferry_router_remove_handler() */
guint ferry_ping_answer (FerryRouter *router);

G_END_DECLS
