/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-sm.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

/* Sent since the last question; fewer wait until somebody thinks of ferry_sm_ask(). */
#define STANZAS_PER_QUESTION 32
/* Bytes of stanzas that are kept for a server that does not acknowledge. */
#define MAX_UNACKED_BYTES (1024 * 1024)

FerrySm *
ferry_sm_new (void)
{
  return g_new0 (FerrySm, 1);
}

void
ferry_sm_free (FerrySm *self)
{
  if (self == NULL)
    return;
  ferry_xml_queue_clear (&self->unacked);
  g_free (self->id);
  g_free (self);
}

void
ferry_sm_enable (FerrySm *self, const FerryNode *enabled)
{
  const char *resume = ferry_node_get_attr (enabled, "resume");

  if (self->is_enabled)
    return;
  self->is_enabled = TRUE;
  if (g_strcmp0 (resume, "true") == 0 || g_strcmp0 (resume, "1") == 0)
    self->id = g_strdup (ferry_node_get_attr (enabled, "id"));
}

gboolean
ferry_sm_sent (FerrySm *self, char *xml)
{
  if (!self->is_enabled)
    {
      g_free (xml);
      return FALSE;
    }
  ferry_xml_queue_push (&self->unacked, xml);
  self->n_unasked++;
  return (ferry_sm_is_full (self) || self->n_unasked >= STANZAS_PER_QUESTION) &&
         ferry_sm_ask (self);
}

gboolean
ferry_sm_is_full (const FerrySm *self)
{
  return self->unacked.n_bytes >= MAX_UNACKED_BYTES;
}

gboolean
ferry_sm_is_settled (const FerrySm *self)
{
  return self->unacked.texts.length == 0;
}

gboolean
ferry_sm_ask (FerrySm *self)
{
  if (self->is_asking)
    return FALSE;
  self->is_asking = TRUE;
  self->n_unasked = 0;
  return TRUE;
}

void
ferry_sm_handled (FerrySm *self)
{
  if (self->is_enabled)
    self->n_handled++;
}

gboolean
ferry_sm_acknowledge (FerrySm *self, const FerryNode *answer, GError **error)
{
  const char *text = ferry_node_get_attr (answer, "h");
  guint64 h;

  self->is_asking = FALSE;
  /* The counters wrap (XEP-0198 §4), so the distance is what counts. */
  if (!self->is_enabled || text == NULL ||
      !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &h, NULL) ||
      (guint32) h - self->n_acked > self->unacked.texts.length)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "the server acknowledges stanzas that were never sent");
      return FALSE;
    }
  while (self->n_acked != (guint32) h)
    {
      g_free (ferry_xml_queue_pop (&self->unacked));
      self->n_acked++;
    }
  return TRUE;
}

void
ferry_sm_resend (FerrySm *self, FerryXmlQueue *outbox)
{
  ferry_xml_queue_prepend (outbox, &self->unacked);
  self->is_asking = FALSE;
  self->n_unasked = 0;
}

char *
ferry_sm_print_answer (const FerrySm *self)
{
  return g_strdup_printf ("<a xmlns='" FERRY_NS_SM "' h='%u'/>", self->n_handled);
}

char *
ferry_sm_print_resume (const FerrySm *self)
{
  return g_markup_printf_escaped ("<resume xmlns='" FERRY_NS_SM "' previd='%s' h='%u'/>",
                                  self->id, self->n_handled);
}
