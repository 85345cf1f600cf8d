/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySessionTable: the sessions of one account that something is still to be done for. It
 * knows which is meant, how many there may be, and which of them are lost when somebody goes.
 */
#pragma once

#include "signalling/ferry-session.h"
#include "xmpp/ferry-stream.h"

G_BEGIN_DECLS

typedef struct _FerrySessionTable FerrySessionTable;

/* Returns: whether @session is the one that @data is about */
typedef gboolean (*FerrySessionMatchFunc) (FerrySession *session, gconstpointer data);

/**
 * ferry_session_table_new:
 * @stream: whose end is the end of all sessions, unless it is resumed
 *
 * Returns: (transfer full): free with ferry_session_table_free()
 */
FerrySessionTable *ferry_session_table_new (FerryStream *stream);
void ferry_session_table_free (FerrySessionTable *self);

/* Holds @session until it has "finished". */
void ferry_session_table_add (FerrySessionTable *self, FerrySession *session);
guint ferry_session_table_get_n_sessions (FerrySessionTable *self);
/* By peer and id: Psi counts its stream ids, so two peers use the same one.
 * @kind: the protocol's type of session
 * Returns: (transfer none) (nullable) */
FerrySession *
ferry_session_table_find (FerrySessionTable *self, GType kind, FerryJid *peer, const char *id);
/* Returns: (transfer none) (nullable): the first of @kind with @peer that @matches */
FerrySession *ferry_session_table_find_match (FerrySessionTable *self,
                                              GType kind,
                                              FerryJid *peer,
                                              FerrySessionMatchFunc matches,
                                              gconstpointer data);

/* May there be one more with the device @peer? */
gboolean ferry_session_table_has_room (FerrySessionTable *self, FerryJid *peer);
/* … one more whose offer waits for our user? */
gboolean ferry_session_table_has_room_for_offer (FerrySessionTable *self, FerryJid *peer);

/* The device @peer has left, if @presence says so: no session with it can go on. */
void ferry_session_table_take_presence (FerrySessionTable *self,
                                        FerryNode *presence,
                                        FerryJid *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrySessionTable, ferry_session_table_free)

G_END_DECLS
