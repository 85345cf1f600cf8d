/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "model/ferry-offer-gatherer.h"
#include "model/ferry-sentence.h"

#define WINDOW_MS 50

typedef struct
{
  GListStore *questions;
  FerryOfferGatherer *gatherer;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->questions = g_list_store_new (FERRY_TYPE_OFFER);
  self->gatherer = ferry_offer_gatherer_new (WINDOW_MS, self->questions);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->gatherer, ferry_offer_gatherer_free);
  g_assert_finalize_object (self->questions);
}

/* Returns: (transfer full) */
static FerryOffer *
take (Fixture *self, const char *from, const char *name, gint64 size)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("me@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new (from, NULL);
  FerryOffer *offer =
      ferry_offer_new (name, account, NULL, peer, from, NULL, name, NULL, size, TRUE);

  ferry_offer_gatherer_take (self->gatherer, offer);
  return offer;
}

static guint
count_questions (Fixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->questions));
}

/* (transfer none) */
static FerryOffer *
wait_question (Fixture *self, guint i)
{
  ferry_test_wait (count_questions (self) > i, 10);
  g_autoptr (FerryOffer) question = g_list_model_get_item (G_LIST_MODEL (self->questions), i);
  return question; /* the list holds it */
}

static void
test_one (Fixture *self, gconstpointer data)
{
  g_test_summary ("What comes alone is asked about as it is, after a while");
  g_autoptr (FerryOffer) offer = take (self, "ada@example.org/dino", "a.jpg", 100);

  g_assert_cmpuint (count_questions (self), ==, 0);
  g_assert_true (wait_question (self, 0) == offer);
  g_assert_false (ferry_offer_is_group (offer));
  g_assert_false (ferry_offer_gatherer_drop (self->gatherer, offer));
}

static void
test_several (Fixture *self, gconstpointer data)
{
  g_test_summary ("What a contact offers in short order is one question, whatever it comes by");
  g_autoptr (FerryOffer) a = take (self, "ada@example.org/dino", "a.jpg", 100);
  g_autoptr (FerryOffer) other = take (self, "ben@example.org/psi", "b.jpg", 100);
  g_autoptr (FerryOffer) c = take (self, "ada@example.org/psi", "c.jpg", 20);
  g_autoptr (FerryOffer) d = take (self, "ada@example.org/dino", "d.jpg", 3);
  FerryOffer *question = wait_question (self, 0);
  GPtrArray *members = ferry_offer_get_members (question);
  g_autofree char *sentence = ferry_sentence_for_offer (question);
  g_autofree char *name = ferry_sentence_for_offer_name (question);

  g_assert_true (ferry_offer_is_group (question));
  g_assert_cmpuint (members->len, ==, 3);
  g_assert_true (members->pdata[0] == a && members->pdata[1] == c && members->pdata[2] == d);
  g_assert_cmpuint (ferry_offer_get_n_files (question), ==, 3);
  g_assert_cmpint (ferry_offer_get_size (question), ==, 123);
  g_assert_null (ferry_offer_get_batch (question));
  g_assert_nonnull (strstr (sentence, "wants to send you 3 files"));
  g_assert_nonnull (strstr (name, "and 2 more"));
  g_assert_true (wait_question (self, 1) == other);
}

static void
test_later (Fixture *self, gconstpointer data)
{
  g_test_summary ("A question that is asked stays as it is; what comes later is another");
  g_autoptr (FerryOffer) a = take (self, "ada@example.org/dino", "a.jpg", 100);
  g_autoptr (FerryOffer) b = take (self, "ada@example.org/dino", "b.jpg", -1);
  FerryOffer *first = wait_question (self, 0);
  g_autoptr (FerryOffer) c = take (self, "ada@example.org/dino", "c.jpg", 100);

  g_assert_cmpint (ferry_offer_get_size (first), ==, -1);
  g_assert_true (wait_question (self, 1) == c);
  g_assert_cmpuint (ferry_offer_get_members (first)->len, ==, 2);
}

static void
test_withdrawn (Fixture *self, gconstpointer data)
{
  g_test_summary ("Nobody is asked about what was taken back meanwhile");
  g_autoptr (FerryOffer) a = take (self, "ada@example.org/dino", "a.jpg", 100);
  g_autoptr (FerryOffer) alone = take (self, "ben@example.org/psi", "b.jpg", 100);
  g_autoptr (FerryOffer) c = take (self, "ada@example.org/dino", "c.jpg", 20);
  g_autoptr (FerryOffer) d = take (self, "ada@example.org/dino", "d.jpg", 3);

  g_assert_true (ferry_offer_gatherer_drop (self->gatherer, a));
  g_assert_true (ferry_offer_gatherer_drop (self->gatherer, alone));
  g_assert_false (ferry_offer_gatherer_drop (self->gatherer, alone));
  FerryOffer *question = wait_question (self, 0);
  g_assert_cmpuint (ferry_offer_get_n_files (question), ==, 2);
  g_assert_cmpstr (ferry_offer_get_name (question), ==, "c.jpg");
  g_assert_cmpint (ferry_offer_get_size (question), ==, 23);
  /* Its time would have been over with that of the other. */
  g_autoptr (FerryOffer) last = take (self, "eve@example.org/psi", "e.jpg", 1);
  g_assert_true (wait_question (self, 1) == last);
}

static void
test_too_large (Fixture *self, gconstpointer data)
{
  g_test_summary ("Sizes that are more than can be counted are no size");
  g_autoptr (FerryOffer) a = take (self, "ada@example.org/dino", "a.jpg", G_MAXINT64);
  g_autoptr (FerryOffer) b = take (self, "ada@example.org/dino", "b.jpg", 1);

  g_assert_cmpint (ferry_offer_get_size (wait_question (self, 0)), ==, -1);
}

static void
test_freed (Fixture *self, gconstpointer data)
{
  g_test_summary ("What waits goes with the gatherer");
  FerryOffer *a = take (self, "ada@example.org/dino", "a.jpg", 100);

  g_clear_pointer (&self->gatherer, ferry_offer_gatherer_free);
  g_assert_finalize_object (a);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function)                                                                   \
  g_test_add ("/offer-gatherer/" name, Fixture, NULL, set_up, function, tear_down)
  TEST ("one", test_one);
  TEST ("several", test_several);
  TEST ("later", test_later);
  TEST ("withdrawn", test_withdrawn);
  TEST ("too-large", test_too_large);
  TEST ("freed", test_freed);
#undef TEST
  return g_test_run ();
}
