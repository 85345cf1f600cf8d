/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests change in a FerryPump: time limits, before it runs. */
#pragma once

#include "transfer/ferry-pump-worker.h"
#include "transfer/ferry-pump.h"

G_BEGIN_DECLS

void ferry_pump_set_limits (FerryPump *self, const FerryPumpLimits *limits);

G_END_DECLS
