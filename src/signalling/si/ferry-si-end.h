/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last word in a stream initiation between two Ferrys, as a plain value:
 *
 *   <end xmlns='urn:ferry:files:0' sid='…'><paused/></end>
 *
 * XEP-0095 and XEP-0096 have none: all that others see is a stream that closes. */
#pragma once

#include "base/ferry-error.h"
#include "base/ferry-node.h"

G_BEGIN_DECLS

typedef struct
{
  const char *sid;      /* borrowed from the node */
  gboolean is_received; /* the file is whole and has its name; else: */
  FerryError code;      /* what it is for who hears it */
  const char *message;
} FerrySiEnd;

/* Returns: %FALSE if @node is none that we know */
gboolean ferry_si_end_parse (const FerryNode *node, FerrySiEnd *out);
/* @error: (nullable): why it ends here; %NULL: all has come
 * Returns: (transfer full) (nullable): %NULL for what concerns nobody else */
FerryNode *ferry_si_end_to_node (const char *sid, const GError *error);

G_END_DECLS
