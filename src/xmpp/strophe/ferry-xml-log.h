/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stanzas as text for a log that users may show to others: without file contents. Passwords
 * never come this way, since signing in is not made of stanzas. */
#pragma once

#include "base/ferry-node.h"

G_BEGIN_DECLS

typedef void (*FerryXmlLogFunc) (gboolean is_outgoing, const char *xml, gpointer user_data);

/* Returns: (transfer full): @stanza as XML; the text of `<data/>` elements of XEP-0047 and
 * other text of more than 1 KiB is replaced by its length */
char *ferry_xml_log_format (const FerryNode *stanza);

/* Gives @stanza to @func (nullable), and to the debug log of the domain "ferry-xml". */
void ferry_xml_log (const FerryNode *stanza,
                    gboolean is_outgoing,
                    FerryXmlLogFunc func,
                    gpointer user_data);

G_END_DECLS
