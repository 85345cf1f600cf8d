/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryRouter: hands each arriving stanza to the one place that wants it. Replies are matched
 * by id AND sender, every request gets exactly one answer, and every question has a time limit.
 */
#pragma once

#include <gio/gio.h>

#include "base/ferry-node.h"
#include "xmpp/ferry-stanza-error.h"
#include "xmpp/ferry-stream.h"

G_BEGIN_DECLS

#define FERRY_TYPE_ROUTER (ferry_router_get_type ())
G_DECLARE_FINAL_TYPE (FerryRouter, ferry_router, FERRY, ROUTER, GObject)

FerryRouter *ferry_router_new (FerryStream *stream);
FerryStream *ferry_router_get_stream (FerryRouter *self);
/* The own full JID; (nullable): %NULL before the first session. */
FerryJid *ferry_router_get_jid (FerryRouter *self);

/**
 * ferry_router_query_async:
 * @self: a router
 * @type: "get" or "set"
 * @to: (nullable): whom to ask; %NULL asks the own account
 * @payload: (transfer full): the one child of the iq
 * @timeout_ms: time limit; 0 takes the default of 60 s. It stands still while the stream is
 *   interrupted.
 * @cancellable: (nullable): stops waiting; a late answer is then ignored
 * @callback: called in the main context
 * @user_data: for @callback
 *
 * Sends an iq and waits for its answer.
 */
void ferry_router_query_async (FerryRouter *self,
                               const char *type,
                               const FerryJid *to,
                               FerryNode *payload,
                               guint timeout_ms,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/**
 * ferry_router_query_finish:
 * @error: from the table of ferry-stanza-error.h for an error answer (ask
 *   ferry_stanza_error_get_condition() for the condition); %FERRY_ERROR_TIMEOUT;
 *   %FERRY_ERROR_OFFLINE when the session ended first
 *
 * Returns: (transfer full): the whole answering iq of type result
 */
FerryNode *ferry_router_query_finish (FerryRouter *self, GAsyncResult *result, GError **error);

/**
 * FerryRequestFunc:
 * @request: an iq of type get or set; its `from` parses, and is absent only for the server
 * @from: (nullable): the sender; %NULL for the own server or account
 *
 * Returns: %TRUE if the handler has answered or will answer with ferry_router_reply() or
 *   ferry_router_reply_error(); %FALSE lets the next handler see it, in the end the router
 *   answers service-unavailable
 */
typedef gboolean (*FerryRequestFunc) (FerryRouter *router,
                                      FerryNode *request,
                                      FerryJid *from,
                                      gpointer user_data);

/* Handlers see requests whose payload (first child element) is in @ns, newest handler first.
 * Returns: an id for ferry_router_remove_handler(), never 0 */
guint ferry_router_add_request_handler (FerryRouter *self,
                                        const char *ns,
                                        FerryRequestFunc func,
                                        gpointer user_data);

/**
 * ferry_router_let_repeats_through:
 * @self: a router
 * @ns: a namespace of request payloads
 *
 * A request that comes twice (as happens after a resumed stream) is carried out once; its
 * repeat gets the first answer again. Handlers of @ns see repeats too, and judge them
 * themselves.
 */
void ferry_router_let_repeats_through (FerryRouter *self, const char *ns);

/* A message or presence; @from is never %NULL (the own bare JID when the stanza has none). */
typedef void (*FerryStanzaFunc) (FerryRouter *router,
                                 FerryNode *stanza,
                                 FerryJid *from,
                                 gpointer user_data);
/* Sees messages that have a child element in @ns. */
guint ferry_router_add_message_handler (FerryRouter *self,
                                        const char *ns,
                                        FerryStanzaFunc func,
                                        gpointer user_data);
guint
ferry_router_add_presence_handler (FerryRouter *self, FerryStanzaFunc func, gpointer user_data);
void ferry_router_remove_handler (FerryRouter *self, guint id);

/* @payload: (transfer full) (nullable): child of the result */
void ferry_router_reply (FerryRouter *self, FerryNode *request, FerryNode *payload);
/* @detail: (transfer full) (nullable): application-specific child of <error/> */
void ferry_router_reply_error (FerryRouter *self,
                               FerryNode *request,
                               FerryStanzaCondition condition,
                               FerryNode *detail);
/* Sends a message or presence as it is. @stanza: (transfer full) */
void ferry_router_send (FerryRouter *self, FerryNode *stanza);

G_END_DECLS
