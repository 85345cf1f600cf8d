/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryBytestream: a pipe to one peer, eventually. Whatever carries the bytes below, what comes
 * out is one connected, non-blocking stream socket, and nobody above can tell the difference.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerryRoute:
 * @FERRY_ROUTE_DIRECT: a TCP connection between the two machines
 * @FERRY_ROUTE_FAST: the same, made in the other direction by fast mode (SI only)
 * @FERRY_ROUTE_PROXY: through a SOCKS5 relay
 * @FERRY_ROUTE_INBAND: through the XMPP servers, slowly
 *
 * A set: which routes are allowed, or which one was taken.
 */
typedef enum /*< flags >*/
{
  FERRY_ROUTE_NONE = 0,
  FERRY_ROUTE_DIRECT = 1 << 0,
  FERRY_ROUTE_FAST = 1 << 1,
  FERRY_ROUTE_PROXY = 1 << 2,
  FERRY_ROUTE_INBAND = 1 << 3,
  FERRY_ROUTE_ALL =
      FERRY_ROUTE_DIRECT | FERRY_ROUTE_FAST | FERRY_ROUTE_PROXY | FERRY_ROUTE_INBAND,
} FerryRoute;

/* The word of the command line and the store: "direct", "fast", "proxy", "inband"; NULL for
 * NONE and for sets. */
const char *ferry_route_get_name (FerryRoute route);
FerryRoute ferry_route_from_name (const char *name);
/* The best of several. */
FerryRoute ferry_route_get_best (FerryRoute routes);

/* A set as text: "any" for all, else names with commas between them; "none". */
char *ferry_routes_to_text (FerryRoute routes);
/* Returns: %FERRY_ROUTE_NONE if there is any word that names no route: what is not understood
 * allows nothing */
FerryRoute ferry_routes_from_text (const char *text);

#define FERRY_TYPE_BYTESTREAM (ferry_bytestream_get_type ())
G_DECLARE_INTERFACE (FerryBytestream, ferry_bytestream, FERRY, BYTESTREAM, GObject)

/**
 * FerryBytestreamInterface:
 * @open_async: find the way and open it; may be called once
 * @open_finish: (transfer full): the connected, non-blocking stream socket. Errors:
 *   %FERRY_ERROR_UNREACHABLE when no candidate worked (the signalling may then fall back)
 * @close_async: after our last byte went into the socket (and, when sending, after
 *   shutdown (SHUT_WR)): wait until it has left this program. Immediately done for TCP, for
 *   in-band when the last block was acknowledged and `<close/>` exchanged.
 * @close_finish: %FALSE with the reason if the pipe ended for another reason than our or the
 *   peer's orderly close; asked also when the socket showed EOF too early
 * @get_route: the route taken, %FERRY_ROUTE_NONE until open
 *
 * Dropping the last reference closes everything at once.
 */
struct _FerryBytestreamInterface
{
  GTypeInterface parent_iface;

  void (*open_async) (FerryBytestream *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
  GSocket *(*open_finish) (FerryBytestream *self, GAsyncResult *result, GError **error);
  void (*close_async) (FerryBytestream *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*close_finish) (FerryBytestream *self, GAsyncResult *result, GError **error);
  FerryRoute (*get_route) (FerryBytestream *self);
};

void ferry_bytestream_open_async (FerryBytestream *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GSocket *
ferry_bytestream_open_finish (FerryBytestream *self, GAsyncResult *result, GError **error);
void ferry_bytestream_close_async (FerryBytestream *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
ferry_bytestream_close_finish (FerryBytestream *self, GAsyncResult *result, GError **error);
FerryRoute ferry_bytestream_get_route (FerryBytestream *self);

G_END_DECLS
