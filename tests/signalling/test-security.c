/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How offers and answers agree on TLS inside the bytestream, by Jingle and by SI; and that
 * nothing goes in clear that was offered encrypted. */
#include "jingle-end.h"

#include "crypt/ferry-tls-identity.h"

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"
#define HASH "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
#define FINGERPRINT(algo, text) "<fingerprint algo='" algo "'>" text "</fingerprint>"
#define TLS(content) "<security xmlns='urn:ferry:tls:0'>" content "</security>"
#define GOOD TLS (FINGERPRINT ("sha-256", HASH))

static void
test_parse (void)
{
  g_test_summary ("One element with one SHA-256 is TLS; anything else is not to be taken");
  static const struct
  {
    const char *children;
    FerrySecurityKind kind;
  } cases[] = {
    { "", FERRY_SECURITY_NONE },
    { "<other/>", FERRY_SECURITY_NONE },
    { GOOD, FERRY_SECURITY_TLS },
    { TLS ("<x xmlns='y'/>" FINGERPRINT ("sha-256", "\n " HASH "\n")), FERRY_SECURITY_TLS },
    { GOOD GOOD, FERRY_SECURITY_OTHER },
    { GOOD "<security xmlns='urn:xmpp:jingle:jet:0'/>", FERRY_SECURITY_OTHER },
    { "<security xmlns='urn:xmpp:jingle:jet:0'/>" GOOD, FERRY_SECURITY_OTHER },
    { "<security xmlns='urn:xmpp:jingle:jet:0'/>", FERRY_SECURITY_OTHER },
    { "<security/>", FERRY_SECURITY_OTHER },
    { TLS (""), FERRY_SECURITY_OTHER },
    { TLS (FINGERPRINT ("sha-1", HASH)), FERRY_SECURITY_OTHER },
    { TLS ("<fingerprint>" HASH "</fingerprint>"), FERRY_SECURITY_OTHER },
    { TLS (FINGERPRINT ("sha-256", "AAAA")), FERRY_SECURITY_OTHER },
    { TLS (FINGERPRINT ("sha-256", HASH) FINGERPRINT ("sha-256", HASH)), FERRY_SECURITY_OTHER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = g_strdup_printf ("<a xmlns='b'>%s</a>", cases[i].children);
      g_autoptr (FerryNode) node = ferry_test_node (xml);
      FerrySecurity security = ferry_security_parse (node);
      g_test_message ("%s", xml);
      g_assert_cmpint (security.kind, ==, cases[i].kind);

      g_autoptr (FerryNode) printed = ferry_node_new ("a", "b");
      ferry_security_add_to (&security, printed);
      FerrySecurity again = ferry_security_parse (printed);
      g_assert_true (ferry_security_equal (&security, &again));
    }
  g_assert_cmpint (ferry_security_parse (NULL).kind, ==, FERRY_SECURITY_NONE);
}

/* --- Two of us -------------------------------------------------------------------------------
 */

typedef struct
{
  FerryFakeNet *net;
  FerryTlsIdentity *own[2];
  JingleEnd *anna;
  JingleEnd *ben;
} Pair;

static FerryTlsIdentity *
get_identity (FerryJid *peer, gboolean offers, gpointer user_data)
{
  return user_data;
}

static void
encrypt (JingleEnd *end, FerryTlsIdentity *identity)
{
  ferry_signalling_set_identity_func (end->signalling, get_identity, identity);
}

static void
set_up (Pair *pair, gconstpointer si)
{
  JingleEnd *(*make) (FerryFakeNet *, const char *, gboolean) =
      si != NULL ? jingle_end_new_si : jingle_end_new;

  pair->net = ferry_fake_net_new ();
  pair->anna = make (pair->net, ANNA, FALSE);
  pair->ben = make (pair->net, BEN, FALSE);
  for (guint i = 0; i < 2; i++)
    pair->own[i] = ferry_tls_identity_generate (NULL);
}

static void
tear_down (Pair *pair, gconstpointer si)
{
  ferry_fake_net_settle (pair->net);
  jingle_end_free (pair->anna);
  jingle_end_free (pair->ben);
  for (guint i = 0; i < 2; i++)
    ferry_tls_identity_unref (pair->own[i]);
  g_object_unref (pair->net);
}

static void
test_agreed (Pair *pair, gconstpointer si)
{
  g_test_summary ("Both know the other's key, and who offered is the TLS client");
  encrypt (pair->anna, pair->own[0]);
  encrypt (pair->ben, pair->own[1]);
  jingle_end_offer (pair->anna, BEN, 100000, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair->anna->n_ended > 0 && pair->ben->n_ended > 0, 20);
  g_assert_no_error (pair->anna->error);

  g_autoptr (FerryTlsAgreement) anna = ferry_session_dup_tls_agreement (pair->anna->session);
  g_autoptr (FerryTlsAgreement) ben = ferry_session_dup_tls_agreement (pair->ben->session);
  g_assert_cmpint (anna->role, ==, FERRY_TLS_CLIENT);
  g_assert_cmpint (ben->role, ==, FERRY_TLS_SERVER);
  g_assert_true (
      ferry_hash_equal (&anna->peer, ferry_tls_identity_get_fingerprint (pair->own[1])));
  g_assert_true (
      ferry_hash_equal (&ben->peer, ferry_tls_identity_get_fingerprint (pair->own[0])));
}

static void
test_plain (Pair *pair, gconstpointer si)
{
  g_test_summary ("Offered in clear it goes in clear, also to one who could encrypt");
  encrypt (pair->ben, pair->own[1]);
  jingle_end_offer (pair->anna, BEN, 1000, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair->anna->n_ended > 0 && pair->ben->n_ended > 0, 20);
  g_assert_no_error (pair->anna->error);
  g_assert_null (ferry_session_dup_tls_agreement (pair->anna->session));
  g_assert_null (ferry_session_dup_tls_agreement (pair->ben->session));
}

static void
test_no_key (Pair *pair, gconstpointer si)
{
  g_test_summary ("Who has no key refuses an encrypted offer, and nobody is asked");
  encrypt (pair->anna, pair->own[0]);
  jingle_end_offer (pair->anna, BEN, 1000, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair->anna->n_ended > 0, 20);
  g_assert_nonnull (pair->anna->error);
  g_assert_cmpuint (pair->ben->n_offers, ==, 0);
}

/* --- Somebody in between ---------------------------------------------------------------------
 */

#define FORM(value)                                                                            \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "          \
  "type='submit'><field var='stream-method'><value>" value "</value></field></x></feature>"

static void
test_stripped_answer (Pair *pair, gconstpointer si)
{
  g_test_summary ("An answer without its key, or with two, opens no stream");
  static const char *const answers[] = { "", GOOD GOOD, TLS ("") };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *jid = g_strdup_printf ("carl@south.example/%u", i);
      g_autoptr (FerryFakePeer) carl = ferry_fake_peer_new (pair->net, jid);
      jingle_end_reset (pair->anna);
      if (i == 0)
        encrypt (pair->anna, pair->own[0]);
      jingle_end_offer (pair->anna, jid, 1000, FERRY_ROUTE_INBAND);

      if (si != NULL)
        {
          g_autofree char *payload =
              g_strdup_printf ("<si xmlns='http://jabber.org/protocol/si'>%s%s</si>",
                               FORM ("http://jabber.org/protocol/ibb"), answers[i]);
          g_autoptr (FerryNode) offer =
              ferry_fake_peer_expect (carl, "iq[type=set]/si/security/fingerprint");
          ferry_fake_peer_reply (carl, offer, payload);
        }
      else
        {
          g_autoptr (FerryNode) offer = ferry_fake_peer_expect_and_ack (
              carl, "iq[type=set]/jingle[action=session-initiate]/content/security");
          FerryNode *jingle = ferry_node_get_nth_child (offer, 0);
          FerryNode *transport =
              ferry_node_get_child (ferry_node_get_nth_child (jingle, 0), "transport", NULL);
          ferry_fake_peer_send (
              carl,
              "<iq type='set' to='" ANNA "' id='a'><jingle xmlns='urn:xmpp:jingle:1' "
              "action='session-accept' sid='%s'><content creator='initiator' name='%s'>"
              "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='%s' "
              "block-size='4096'/>%s</content></jingle></iq>",
              ferry_node_get_attr (jingle, "sid"),
              ferry_node_get_attr (ferry_node_get_nth_child (jingle, 0), "name"),
              ferry_node_get_attr (transport, "sid"), answers[i]);
          g_autoptr (FerryNode) end = ferry_fake_peer_expect_and_ack (
              carl, "iq[type=set]/jingle[action=session-terminate]/reason/security-error");
        }
      ferry_test_wait (pair->anna->n_ended > 0, 20);
      g_assert_error (pair->anna->error, FERRY_ERROR, FERRY_ERROR_SECURITY);
      ferry_fake_peer_assert_none (carl, "iq[type=set]/open");
    }
}

#define ADD(path, function)                                                                    \
  g_test_add ("/security/jingle/" path, Pair, NULL, set_up, function, tear_down);              \
  g_test_add ("/security/si/" path, Pair, "si", set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/security/parse", test_parse);
  ADD ("agreed", test_agreed);
  ADD ("plain", test_plain);
  ADD ("no-key", test_no_key);
  ADD ("stripped-answer", test_stripped_answer);
  return g_test_run ();
}
