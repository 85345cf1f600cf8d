/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that nobody can guess: iq ids, session and stream ids, candidate ids. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ferry_id_new:
 *
 * Returns: (transfer full): 20 characters of [A-Za-z0-9], about 119 random bits; the first is a
 *   letter, so that it is also a valid NMTOKEN and XML name (XEP-0047 wants that of a sid)
 */
char *ferry_id_new (void);

G_END_DECLS
