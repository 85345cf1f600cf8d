/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jingle-stage.h"

void
stage_init (Stage *stage, gboolean with_s5b)
{
  stage->net = ferry_fake_net_new ();
  stage->anna = jingle_end_new (stage->net, ANNA, with_s5b);
  stage->ben = ferry_fake_peer_new (stage->net, BEN);
}

void
stage_clear (Stage *stage)
{
  if (stage->anna->session != NULL)
    ferry_session_cancel (stage->anna->session);
  ferry_fake_net_settle (stage->net);
  jingle_end_free (stage->anna);
  ferry_fake_peer_free (stage->ben);
  g_object_unref (stage->net);
  g_free (stage->sid);
  g_free (stage->tsid);
}

static FerryNode *
get_transport (FerryNode *iq)
{
  FerryNode *jingle = ferry_node_get_child (iq, "jingle", NULL);
  FerryNode *content = ferry_node_get_child (jingle, "content", NULL);
  return ferry_node_get_child (content, "transport", NULL);
}

FerryNode *
stage_take (Stage *stage, const char *path)
{
  FerryNode *iq = ferry_fake_peer_expect_and_ack (stage->ben, path);
  FerryNode *jingle = ferry_node_get_child (iq, "jingle", NULL);

  g_free (stage->sid);
  stage->sid = g_strdup (ferry_node_get_attr (jingle, "sid"));
  if (ferry_node_get_child (jingle, "content", NULL) != NULL && get_transport (iq) != NULL)
    {
      g_free (stage->tsid);
      stage->tsid = g_strdup (ferry_node_get_attr (get_transport (iq), "sid"));
    }
  return iq;
}

void
stage_take_and_drop (Stage *stage, const char *path)
{
  g_autoptr (FerryNode) iq = stage_take (stage, path);
}

void
stage_say (Stage *stage, const char *action, const char *inner, const char *answer)
{
  static guint n_ids;
  g_autofree char *id = g_strdup_printf ("b%u", ++n_ids);
  g_autofree char *path = g_strdup_printf ("iq[type=%s][id=%s]", answer, id);

  ferry_fake_peer_send (stage->ben,
                        SET "<jingle xmlns='urn:xmpp:jingle:1' action='%s' sid='%s'>%s"
                            "</jingle></iq>",
                        id, action, stage->sid, inner);
  g_autoptr (FerryNode) reply = ferry_fake_peer_expect (stage->ben, path);
}

void
stage_say_transport (Stage *stage, const char *action, const char *transport)
{
  g_autofree char *inner =
      g_strdup_printf ("<content creator='initiator' name='file'>%s</content>", transport);
  stage_say (stage, action, inner, "result");
}

void
stage_terminate (Stage *stage, const char *reason)
{
  g_autofree char *inner = g_strdup_printf ("<reason><%s/></reason>", reason);
  stage_say (stage, "session-terminate", inner, "result");
}

void
stage_wait_for_end (Stage *stage)
{
  ferry_test_wait (stage->anna->n_ended > 0, 10);
}
