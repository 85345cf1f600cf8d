/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryS5bListener: the one TCP port on which peers reach all bytestreams of an account. The
 * destination they ask for in the SOCKS5 dialogue tells whose connection it is. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* At most so many connections that have not yet named an awaited destination; when more come
 * the oldest is closed. */
#define FERRY_S5B_LISTENER_MAX_PENDING 16
/* At most so many open connections for one destination. */
#define FERRY_S5B_LISTENER_MAX_PER_DESTINATION 4

typedef struct _FerryS5bListener FerryS5bListener;

/* @socket: non-blocking, after a successful dialogue; take a reference to keep it */
typedef void (*FerryS5bIncomingFunc) (GSocket *socket, gpointer user_data);

/**
 * ferry_s5b_listener_new:
 * @port: TCP port, 0 for any
 * @error: those of GIO, when nothing can be bound
 *
 * Listens at once, on IPv6 and IPv4, or on IPv4 alone where there is no IPv6.
 *
 * Returns: (transfer full) (nullable): the listener
 */
FerryS5bListener *ferry_s5b_listener_new (guint16 port, GError **error);
/* Closes the port and what has not been handed over. */
void ferry_s5b_listener_free (FerryS5bListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryS5bListener, ferry_s5b_listener_free)

guint16 ferry_s5b_listener_get_port (FerryS5bListener *self);
guint ferry_s5b_listener_get_n_pending (FerryS5bListener *self);

/**
 * ferry_s5b_listener_expect:
 * @destination: 40 lower-case hex digits
 * @func: gets each connection that asks for it, until ferry_s5b_listener_forget()
 */
void ferry_s5b_listener_expect (FerryS5bListener *self,
                                const char *destination,
                                FerryS5bIncomingFunc func,
                                gpointer user_data);
void ferry_s5b_listener_forget (FerryS5bListener *self, const char *destination);

G_END_DECLS
