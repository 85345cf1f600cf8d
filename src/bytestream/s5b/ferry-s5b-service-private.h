/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What FerryS5bBytestream needs of the service. */
#pragma once

#include "bytestream/s5b/ferry-host-policy.h"
#include "bytestream/s5b/ferry-proxy-finder.h"
#include "bytestream/s5b/ferry-race.h"
#include "bytestream/s5b/ferry-s5b-listener.h"
#include "bytestream/s5b/ferry-s5b-service.h"

G_BEGIN_DECLS

FerryRouter *ferry_s5b_service_get_router (FerryS5bService *self);
/* (nullable): %NULL if the port could not be opened */
FerryS5bListener *ferry_s5b_service_get_listener (FerryS5bService *self);
FerryProxyFinder *ferry_s5b_service_get_proxy_finder (FerryS5bService *self);
/* Returns: (transfer full) (element-type GInetAddress): what to offer, as of now */
GPtrArray *ferry_s5b_service_list_addresses (FerryS5bService *self);
/* Returns: (transfer full): the policy for the network as of now */
FerryHostPolicy *ferry_s5b_service_make_policy (FerryS5bService *self);
/* What is dialled, as the policy sees it. */
FerryHostKind ferry_s5b_service_get_kind (FerryS5bService *self,
                                          const FerryCandidate *candidate);

/* Does @peer dial lists from their end? */
gboolean ferry_s5b_service_is_backwards (FerryS5bService *self, FerryJid *peer);

/* Counts one more dial for @peer. Returns: %FALSE if there were too many of late: nobody shall
 * scan ports through us. */
gboolean ferry_s5b_service_take_dial (FerryS5bService *self, const FerryJid *peer);
/* One that was answered, or that nobody needed any more, does not count: many small files are
 * no scan. */
void ferry_s5b_service_give_dial_back (FerryS5bService *self, const FerryJid *peer);

/* The limits of all races: (nullable): %NULL, those of their rules, except in tests. Not
 * copied.
 */
const FerryRaceTimes *ferry_s5b_service_get_times (FerryS5bService *self);
void ferry_s5b_service_set_times (FerryS5bService *self, const FerryRaceTimes *times);

G_END_DECLS
