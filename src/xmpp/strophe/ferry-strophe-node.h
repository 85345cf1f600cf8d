/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From libstrophe's trees to Ferry's. */
#pragma once

#include <strophe.h>

#include "base/ferry-node.h"

G_BEGIN_DECLS

/* Returns: (transfer full): a copy that other threads may have */
FerryNode *ferry_strophe_node_convert (xmpp_stanza_t *stanza);

G_END_DECLS
