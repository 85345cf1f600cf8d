/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives libstrophe a socket of ours in place of one that it would connect itself. */
#pragma once

#include <glib.h>
#include <strophe.h>

G_BEGIN_DECLS

/**
 * ferry_strophe_pair_connect:
 * @conn: a connection that is set up but not connected
 * @our_fd: (out): the other end of its socket, non-blocking; the caller closes it
 * @library_fd: (out): the library's end, which the library closes
 *
 * Returns: %FALSE with a %G_IO_ERROR if no socket can be had
 */
gboolean ferry_strophe_pair_connect (xmpp_conn_t *conn,
                                     xmpp_conn_handler callback,
                                     void *user_data,
                                     int *our_fd,
                                     int *library_fd,
                                     GError **error);

G_END_DECLS
