/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a server counts: what it has not acknowledged is kept, in order, and no more than
 * that is taken for acknowledged. Input: commands of one byte, some with an argument. */
#include "xmpp/strophe/ferry-sm.h"

#include "xmpp/ferry-ns.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  FerrySm *sm;
  guint n_sent;
} Session;

static void
check (const Session *session)
{
  const GList *first = session->sm->unacked.texts.head;

  g_assert_cmpuint (session->sm->n_acked + session->sm->unacked.texts.length, ==,
                    session->n_sent);
  if (first != NULL)
    g_assert_cmpuint (g_ascii_strtoull (first->data, NULL, 10), ==, session->sm->n_acked);
}

static void
say (Session *session)
{
  ferry_sm_sent (session->sm, g_strdup_printf ("%u", session->n_sent));
  if (session->n_sent % 3 == 0)
    ferry_sm_ask (session->sm);
  session->n_sent++;
}

/* @text: up to its first byte that is no printable ASCII */
static void
acknowledge (Session *session, const guint8 *text, gsize size)
{
  g_autoptr (FerryNode) answer = ferry_node_new ("a", FERRY_NS_SM);
  gsize length = 0;

  while (length < size && length < 12 && g_ascii_isprint (text[length]))
    length++;
  g_autofree char *h = g_strndup ((const char *) text, length);
  ferry_node_set_attr (answer, "h", h);
  g_autoptr (GError) error = NULL;
  gboolean ok = ferry_sm_acknowledge (session->sm, answer, &error);
  g_assert_true (ok == (error == NULL));
}

/* The connection broke, and the session goes on by another one. */
static void
resume (Session *session)
{
  g_auto (FerryXmlQueue) outbox = FERRY_XML_QUEUE_INIT;

  ferry_sm_resend (session->sm, &outbox);
  g_assert_true (ferry_xml_queue_is_empty (&session->sm->unacked));
  while (!ferry_xml_queue_is_empty (&outbox))
    ferry_sm_sent (session->sm, ferry_xml_queue_pop (&outbox));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerrySm) sm = ferry_sm_new ();
  g_autoptr (FerryNode) enabled = ferry_node_new ("enabled", FERRY_NS_SM);
  Session session = { .sm = sm };

  ferry_node_set_attrs (enabled, "resume", "true", "id", "s", NULL);
  ferry_sm_enable (sm, enabled);
  for (gsize i = 0; i < size; i++)
    {
      switch (data[i] % 4)
        {
        case 0:
          say (&session);
          break;
        case 1:
          ferry_sm_handled (sm);
          break;
        case 2:
          acknowledge (&session, data + i + 1, size - i - 1);
          break;
        default:
          resume (&session);
          break;
        }
      check (&session);
    }
  return 0;
}
