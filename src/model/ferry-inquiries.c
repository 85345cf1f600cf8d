/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-inquiries"
#include "config.h"

#include "model/ferry-inquiries.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-stanza-error.h"

/* Asked so often, it will not answer. */
#define MAX_FAILURES 3
/* Pauses after the first failure, the second …; the last one stays. */
static const guint pauses_s[] = { 1, 3, 30, 120, 600 };

typedef struct
{
  FerryInquiries *owner; /* NULL: dropped; the answer will free it */
  FerryJid *jid;
  FerryCaps *caps; /* nullable */
  gboolean is_asking;
  gboolean is_persistent;
  guint n_failures;
  guint pause_id;
} Inquiry;

struct _FerryInquiries
{
  FerryDisco *disco;
  FerryInquiryFunc func;
  gpointer user_data;
  GHashTable *table;  /* FerryJid → Inquiry */
  GHashTable *doubts; /* FerryJid → how often it was doubted in this life */
};

static void
inquiry_free (Inquiry *inquiry)
{
  ferry_jid_unref (inquiry->jid);
  ferry_caps_free (inquiry->caps);
  g_free (inquiry);
}

static void
inquiry_drop (gpointer data)
{
  Inquiry *inquiry = data;

  g_clear_handle_id (&inquiry->pause_id, g_source_remove);
  inquiry->owner = NULL;
  if (!inquiry->is_asking)
    inquiry_free (inquiry);
}

static void
end (Inquiry *inquiry, FerryDiscoInfo *info)
{
  FerryInquiries *self = inquiry->owner;
  g_autoptr (FerryJid) jid = ferry_jid_ref (inquiry->jid);

  g_hash_table_remove (self->table, jid);
  self->func (jid, info, self->user_data);
}

/* Is it only that it cannot say it now? */
static gboolean
may_pass (const GError *error)
{
  return g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_GONE) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_BUSY) ||
         ferry_stanza_error_get_condition (error) == FERRY_STANZA_SERVICE_UNAVAILABLE;
}

static void ask (Inquiry *inquiry);

static gboolean
pause_ended_cb (gpointer user_data)
{
  Inquiry *inquiry = user_data;

  inquiry->pause_id = 0;
  ask (inquiry);
  return G_SOURCE_REMOVE;
}

static void
rest (Inquiry *inquiry)
{
  guint step = MIN (inquiry->n_failures, G_N_ELEMENTS (pauses_s)) - 1;
  inquiry->pause_id = g_timeout_add_seconds (pauses_s[step], pause_ended_cb, inquiry);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Inquiry *inquiry = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryDiscoInfo) info =
      ferry_disco_query_finish (FERRY_DISCO (source), result, &error);

  inquiry->is_asking = FALSE;
  if (inquiry->owner == NULL)
    {
      inquiry_free (inquiry);
      return;
    }
  if (info == NULL)
    g_debug ("%s does not say what it can do: %s", ferry_jid_get_text (inquiry->jid),
             error->message);
  /* With the session all that was known of devices ends. */
  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_OFFLINE))
    {
      g_hash_table_remove (inquiry->owner->table, inquiry->jid);
      return;
    }
  inquiry->n_failures++;
  if (info != NULL || !may_pass (error) ||
      (inquiry->n_failures >= MAX_FAILURES && !inquiry->is_persistent))
    end (inquiry, info);
  else
    rest (inquiry);
}

static void
ask (Inquiry *inquiry)
{
  inquiry->is_asking = TRUE;
  ferry_disco_query_async (inquiry->owner->disco, inquiry->jid, inquiry->caps, NULL,
                           answered_cb, inquiry);
}

static Inquiry *
add (FerryInquiries *self, FerryJid *jid, const FerryCaps *caps)
{
  Inquiry *inquiry = g_new0 (Inquiry, 1);

  inquiry->owner = self;
  inquiry->jid = ferry_jid_ref (jid);
  inquiry->caps = ferry_caps_copy (caps);
  g_hash_table_replace (self->table, inquiry->jid, inquiry);
  return inquiry;
}

void
ferry_inquiries_begin (FerryInquiries *self, FerryJid *jid, const FerryCaps *caps)
{
  g_return_if_fail (self != NULL && jid != NULL);

  Inquiry *inquiry = g_hash_table_lookup (self->table, jid);
  /* A question on its way is answered by the device as it is now. */
  if (inquiry == NULL || !inquiry->is_asking || inquiry->is_persistent ||
      !ferry_caps_equal (inquiry->caps, caps))
    ask (add (self, jid, caps));
}

void
ferry_inquiries_doubt (FerryInquiries *self, FerryJid *jid)
{
  g_return_if_fail (self != NULL && jid != NULL);

  guint n_doubts = GPOINTER_TO_UINT (g_hash_table_lookup (self->doubts, jid)) + 1;
  g_hash_table_replace (self->doubts, ferry_jid_ref (jid), GUINT_TO_POINTER (n_doubts));

  /* Not by its mark: what that means is known without asking. */
  Inquiry *inquiry = add (self, jid, NULL);
  ferry_disco_forget (self->disco, jid);
  inquiry->is_persistent = TRUE;
  inquiry->n_failures = n_doubts;
  rest (inquiry);
}

void
ferry_inquiries_settle (FerryInquiries *self, const FerryJid *jid)
{
  g_return_if_fail (self != NULL && jid != NULL);

  g_hash_table_remove (self->table, jid);
}

void
ferry_inquiries_drop (FerryInquiries *self, const FerryJid *jid)
{
  g_return_if_fail (self != NULL && jid != NULL);

  g_hash_table_remove (self->table, jid);
  g_hash_table_remove (self->doubts, jid);
}

void
ferry_inquiries_drop_all (FerryInquiries *self)
{
  g_return_if_fail (self != NULL);

  g_hash_table_remove_all (self->table);
  g_hash_table_remove_all (self->doubts);
}

FerryInquiries *
ferry_inquiries_new (FerryDisco *disco, FerryInquiryFunc func, gpointer user_data)
{
  g_return_val_if_fail (FERRY_IS_DISCO (disco) && func != NULL, NULL);

  FerryInquiries *self = g_new0 (FerryInquiries, 1);
  self->disco = g_object_ref (disco);
  self->func = func;
  self->user_data = user_data;
  self->table = g_hash_table_new_full (ferry_jid_hash, ferry_jid_equal, NULL, inquiry_drop);
  self->doubts = g_hash_table_new_full (ferry_jid_hash, ferry_jid_equal,
                                        (GDestroyNotify) ferry_jid_unref, NULL);
  return self;
}

void
ferry_inquiries_free (FerryInquiries *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->table);
  g_hash_table_unref (self->doubts);
  g_object_unref (self->disco);
  g_free (self);
}
