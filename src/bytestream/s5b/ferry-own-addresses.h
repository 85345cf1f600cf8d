/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of this machine. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ferry_own_addresses_list:
 * @with_loopback: add 127.0.0.1, at the end
 *
 * Asks the kernel, which does not wait for anything.
 *
 * Returns: (transfer full) (element-type GInetAddress): addresses of interfaces that are up,
 *   neither loopback nor link-local; one of each family first, so that a short list has both
 */
GPtrArray *ferry_own_addresses_list (gboolean with_loopback);

G_END_DECLS
