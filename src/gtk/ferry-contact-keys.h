/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryContactKeys: how files with a contact are encrypted, and by which keys their devices are
 * known: the place to compare them. */
#pragma once

#include <adwaita.h>

#include "client/ferry-core.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CONTACT_KEYS (ferry_contact_keys_get_type ())
G_DECLARE_FINAL_TYPE (FerryContactKeys, ferry_contact_keys, FERRY, CONTACT_KEYS, AdwBin)

/* To be called once. */
void ferry_contact_keys_show (FerryContactKeys *self, FerryCore *core, FerryContact *contact);

G_END_DECLS
