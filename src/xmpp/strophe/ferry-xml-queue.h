/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryXmlQueue: printed stanzas in a row, and how much memory they take. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GQueue texts; /* of char * */
  gsize n_bytes;
} FerryXmlQueue;

#define FERRY_XML_QUEUE_INIT                                                                   \
  {                                                                                            \
    G_QUEUE_INIT, 0                                                                            \
  }

void ferry_xml_queue_clear (FerryXmlQueue *self);
/* @xml: (transfer full) */
void ferry_xml_queue_push (FerryXmlQueue *self, char *xml);
/* Returns: (transfer full) (nullable): the oldest */
char *ferry_xml_queue_pop (FerryXmlQueue *self);
/* Puts all of @other, in order, before what is here. */
void ferry_xml_queue_prepend (FerryXmlQueue *self, FerryXmlQueue *other);
gboolean ferry_xml_queue_is_empty (const FerryXmlQueue *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryXmlQueue, ferry_xml_queue_clear)

G_END_DECLS
