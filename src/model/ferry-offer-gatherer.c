/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-offer-gatherer.h"

struct _FerryOfferGatherer
{
  guint window_ms;
  GListStore *questions;
  GPtrArray *waiting; /* of Waiting */
};

typedef struct
{
  FerryOfferGatherer *gatherer;
  FerryOffer *group;
  guint timeout_id;
} Waiting;

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;

  g_clear_handle_id (&waiting->timeout_id, g_source_remove);
  g_object_unref (waiting->group);
  g_free (waiting);
}

static gboolean
is_of_same (FerryOffer *a, FerryOffer *b)
{
  return ferry_jid_equal (ferry_offer_get_account (a), ferry_offer_get_account (b)) &&
         ferry_jid_equal_bare (ferry_offer_get_peer (a), ferry_offer_get_peer (b));
}

static gboolean
window_over_cb (gpointer user_data)
{
  Waiting *waiting = user_data;
  FerryOfferGatherer *self = waiting->gatherer;
  g_autoptr (FerryOffer) group = g_object_ref (waiting->group);
  GPtrArray *members = ferry_offer_get_members (group);

  waiting->timeout_id = 0;
  g_ptr_array_remove (self->waiting, waiting);
  g_list_store_append (self->questions, members->len > 1 ? group : members->pdata[0]);
  return G_SOURCE_REMOVE;
}

void
ferry_offer_gatherer_take (FerryOfferGatherer *self, FerryOffer *offer)
{
  g_return_if_fail (self != NULL && FERRY_IS_OFFER (offer));

  for (guint i = 0; i < self->waiting->len; i++)
    {
      Waiting *waiting = self->waiting->pdata[i];
      if (!is_of_same (waiting->group, offer))
        continue;
      ferry_offer_add_member (waiting->group, offer);
      return;
    }

  Waiting *waiting = g_new0 (Waiting, 1);
  waiting->gatherer = self;
  waiting->group = ferry_offer_new_group (offer);
  waiting->timeout_id = g_timeout_add (self->window_ms, window_over_cb, waiting);
  g_ptr_array_add (self->waiting, waiting);
}

gboolean
ferry_offer_gatherer_drop (FerryOfferGatherer *self, FerryOffer *offer)
{
  g_return_val_if_fail (self != NULL && FERRY_IS_OFFER (offer), FALSE);

  for (guint i = 0; i < self->waiting->len; i++)
    {
      Waiting *waiting = self->waiting->pdata[i];
      if (!g_ptr_array_find (ferry_offer_get_members (waiting->group), offer, NULL))
        continue;
      if (ferry_offer_remove_member (waiting->group, offer))
        g_ptr_array_remove_index (self->waiting, i);
      return TRUE;
    }
  return FALSE;
}

FerryOfferGatherer *
ferry_offer_gatherer_new (guint window_ms, GListStore *questions)
{
  g_return_val_if_fail (G_IS_LIST_STORE (questions), NULL);

  FerryOfferGatherer *self = g_new0 (FerryOfferGatherer, 1);

  self->window_ms = window_ms;
  self->questions = g_object_ref (questions);
  self->waiting = g_ptr_array_new_with_free_func (waiting_free);
  return self;
}

void
ferry_offer_gatherer_free (FerryOfferGatherer *self)
{
  g_ptr_array_unref (self->waiting);
  g_object_unref (self->questions);
  g_free (self);
}
