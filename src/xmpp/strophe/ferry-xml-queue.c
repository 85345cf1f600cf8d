/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-xml-queue.h"

#include <string.h>

void
ferry_xml_queue_clear (FerryXmlQueue *self)
{
  g_queue_clear_full (&self->texts, g_free);
  self->n_bytes = 0;
}

void
ferry_xml_queue_push (FerryXmlQueue *self, char *xml)
{
  g_queue_push_tail (&self->texts, xml);
  self->n_bytes += strlen (xml);
}

char *
ferry_xml_queue_pop (FerryXmlQueue *self)
{
  char *xml = g_queue_pop_head (&self->texts);
  if (xml != NULL)
    self->n_bytes -= strlen (xml);
  return xml;
}

void
ferry_xml_queue_prepend (FerryXmlQueue *self, FerryXmlQueue *other)
{
  char *xml;

  while ((xml = g_queue_pop_tail (&other->texts)) != NULL)
    g_queue_push_head (&self->texts, xml);
  self->n_bytes += other->n_bytes;
  other->n_bytes = 0;
}

gboolean
ferry_xml_queue_is_empty (const FerryXmlQueue *self)
{
  return self->texts.length == 0;
}
