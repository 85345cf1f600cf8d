/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryCoreStarter: finds the account, the device and the protocol for a file that wants to go
 * out, and makes the offer. */
#pragma once

#include "client/ferry-core.h"
#include "transfer/ferry-transfer-starter.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CORE_STARTER (ferry_core_starter_get_type ())
G_DECLARE_FINAL_TYPE (FerryCoreStarter, ferry_core_starter, FERRY, CORE_STARTER, GObject)

/* @core: (unowned): must outlive the starter */
FerryCoreStarter *ferry_core_starter_new (FerryCore *core);
/* The one protocol to be spoken, whatever the device says; %FERRY_CAPABILITY_UNKNOWN: the
 * better one that it has. */
void ferry_core_starter_set_protocol (FerryCoreStarter *self, FerryCapability protocol);

G_END_DECLS
