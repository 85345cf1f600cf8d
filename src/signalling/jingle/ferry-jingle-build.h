/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The actions that Ferry sends, as nodes. */
#pragma once

#include "signalling/jingle/ferry-jingle-file.h"
#include "signalling/jingle/ferry-jingle-machine.h"

G_BEGIN_DECLS

/* @transport: (transfer full): what we offer. Returns: (transfer full) */
FerryNode *ferry_jingle_build_initiate (const char *sid,
                                        FerryJid *own,
                                        const char *content,
                                        const FerryFileInfo *file,
                                        const FerrySecurity *security,
                                        FerryNode *transport);
/* @range: (nullable): the part that we want; only of who announced `<range/>` */
FerryNode *ferry_jingle_build_accept (const char *sid,
                                      FerryJid *own,
                                      const char *content,
                                      const FerryFileInfo *file,
                                      const FerryRange *range,
                                      const FerrySecurity *security,
                                      FerryNode *transport);
/* @error: (nullable): what went wrong; the peer hears its kind only */
FerryNode *
ferry_jingle_build_terminate (const char *sid, FerryJingleReason reason, const GError *error);
/* An action that says one thing about the transport of our content. @transport: (transfer full)
 */
FerryNode *ferry_jingle_build_transport (FerryJingleActionType type,
                                         const char *sid,
                                         const char *content,
                                         FerryNode *transport);
/* content-remove of what we do not want, content-reject of what was added: @names of char *. */
FerryNode *ferry_jingle_build_contents (FerryJingleActionType type,
                                        const char *sid,
                                        FerryJingleRole creator,
                                        GPtrArray *names);
/* @payload: (transfer full) */
FerryNode *ferry_jingle_build_info (const char *sid, FerryNode *payload);

/* The transport to be named in a transport-reject: its kind and stream id, nothing of the
 * peer's making beyond that. */
FerryNode *ferry_jingle_build_rejected (FerryNode *transport);

G_END_DECLS
