/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a stream makes itself known to the service. */
#pragma once

#include "bytestream/ibb/ferry-ibb-service.h"

G_BEGIN_DECLS

/**
 * FerryIbbInput:
 * @stanza: an iq of type set that must be answered, or a message
 * @payload: its `<open/>`, `<data/>` or `<close/>`, not parsed yet
 *
 * Called for what the stream's peer sends with the stream's id.
 */
typedef void (*FerryIbbInput) (FerryNode *stanza, FerryNode *payload, gpointer user_data);

/**
 * ferry_ibb_service_register:
 *
 * Returns: an entry for ferry_ibb_service_unregister(); %NULL if this peer has 8 streams
 *   already, or one of this id
 */
gpointer ferry_ibb_service_register (FerryIbbService *self,
                                     FerryJid *peer,
                                     const char *sid,
                                     FerryIbbInput input,
                                     gpointer user_data);
void ferry_ibb_service_unregister (FerryIbbService *self, gpointer entry);
FerryRouter *ferry_ibb_service_get_router (FerryIbbService *self);

G_END_DECLS
