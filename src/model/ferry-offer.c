/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-offer.h"

struct _FerryOffer
{
  GObject parent_instance;

  char *id;
  FerryJid *account;
  FerrySession *session; /* nullable */
  FerryJid *peer;
  char *peer_name;
  char *device_name; /* nullable */
  char *name;
  char *raw_name; /* nullable */
  gint64 size;    /* -1: unknown */
  gboolean is_known;
  gboolean is_closed;
  FerryBatchInfo batch;
  GPtrArray *members; /* of FerryOffer; only ourselves, unowned, if we are no group */
  gboolean is_group;
};

G_DEFINE_FINAL_TYPE (FerryOffer, ferry_offer, G_TYPE_OBJECT)

typedef enum
{
  PROP_PEER_NAME = 1,
  PROP_DEVICE_NAME,
  PROP_NAME,
  PROP_RAW_NAME,
  PROP_SIZE,
  PROP_IS_KNOWN,
  PROP_MEDIA_TYPE,
  PROP_IS_FOLDER,
  PROP_N_FILES,
  PROP_IS_BATCH,
  N_PROPS
} FerryOfferProperty;

static GParamSpec *props[N_PROPS];

enum
{
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
get_media_type (FerryOffer *self)
{
  FerryFileInfo *file = self->session != NULL ? ferry_session_get_file (self->session) : NULL;

  return file != NULL ? file->media_type : NULL;
}

static void
ferry_offer_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FerryOffer *self = FERRY_OFFER (object);

  switch ((FerryOfferProperty) prop_id)
    {
    case PROP_PEER_NAME:
      g_value_set_string (value, self->peer_name);
      break;
    case PROP_DEVICE_NAME:
      g_value_set_string (value, self->device_name);
      break;
    case PROP_NAME:
      g_value_set_string (value, ferry_offer_get_name (self));
      break;
    case PROP_RAW_NAME:
      g_value_set_string (value, self->raw_name);
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, ferry_offer_get_size (self));
      break;
    case PROP_IS_KNOWN:
      g_value_set_boolean (value, self->is_known);
      break;
    case PROP_MEDIA_TYPE:
      g_value_set_string (value, get_media_type (self));
      break;
    case PROP_IS_FOLDER:
      g_value_set_boolean (value, ferry_offer_is_folder (self));
      break;
    case PROP_N_FILES:
      g_value_set_uint (value, ferry_offer_get_n_files (self));
      break;
    case PROP_IS_BATCH:
      g_value_set_boolean (value, self->is_group);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_offer_dispose (GObject *object)
{
  FerryOffer *self = FERRY_OFFER (object);

  g_clear_object (&self->session);

  G_OBJECT_CLASS (ferry_offer_parent_class)->dispose (object);
}

static void
ferry_offer_finalize (GObject *object)
{
  FerryOffer *self = FERRY_OFFER (object);

  g_free (self->id);
  g_clear_pointer (&self->account, ferry_jid_unref);
  g_clear_pointer (&self->peer, ferry_jid_unref);
  g_free (self->peer_name);
  g_free (self->device_name);
  g_free (self->name);
  g_free (self->raw_name);
  ferry_batch_info_clear (&self->batch);
  g_ptr_array_unref (self->members);

  G_OBJECT_CLASS (ferry_offer_parent_class)->finalize (object);
}

static GParamSpec *
string_prop (const char *name)
{
  return g_param_spec_string (name, NULL, NULL, NULL,
                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
ferry_offer_class_init (FerryOfferClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_offer_get_property;
  object_class->dispose = ferry_offer_dispose;
  object_class->finalize = ferry_offer_finalize;

  props[PROP_PEER_NAME] = string_prop ("peer-name");
  props[PROP_DEVICE_NAME] = string_prop ("device-name");
  props[PROP_NAME] = string_prop ("name");
  props[PROP_RAW_NAME] = string_prop ("raw-name");
  props[PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1,
                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_IS_KNOWN] = g_param_spec_boolean ("is-known", NULL, NULL, FALSE,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_MEDIA_TYPE] = string_prop ("media-type");
  props[PROP_IS_FOLDER] = g_param_spec_boolean ("is-folder", NULL, NULL, FALSE,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_N_FILES] = g_param_spec_uint ("n-files", NULL, NULL, 0, G_MAXUINT, 0,
                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_IS_BATCH] = g_param_spec_boolean ("is-batch", NULL, NULL, FALSE,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferry_offer_init (FerryOffer *self)
{
  self->size = -1;
}

/* Senders choose the ids of their batches, and may choose the same. */
static void
take_batch (FerryOffer *self, const FerryBatchInfo *theirs)
{
  if (theirs->id == NULL)
    return;
  ferry_batch_info_set (&self->batch, theirs);
  g_free (self->batch.id);
  self->batch.id = g_strdup_printf ("%s/%s", theirs->id, ferry_jid_get_bare (self->peer));
}

FerryOffer *
ferry_offer_new (const char *id,
                 FerryJid *account,
                 FerrySession *session,
                 FerryJid *peer,
                 const char *peer_name,
                 const char *device_name,
                 const char *name,
                 const char *raw_name,
                 gint64 size,
                 gboolean is_known)
{
  g_return_val_if_fail (id != NULL && account != NULL && peer != NULL, NULL);
  g_return_val_if_fail (peer_name != NULL && name != NULL, NULL);
  g_return_val_if_fail (session == NULL || FERRY_IS_SESSION (session), NULL);

  FerryOffer *self = g_object_new (FERRY_TYPE_OFFER, NULL);

  self->id = g_strdup (id);
  self->account = ferry_jid_ref (account);
  g_set_object (&self->session, session);
  self->peer = ferry_jid_ref (peer);
  self->peer_name = g_strdup (peer_name);
  self->device_name = g_strdup (device_name);
  self->name = g_strdup (name);
  self->raw_name = g_strdup (raw_name);
  self->size = MAX (size, -1);
  self->is_known = is_known;
  if (session != NULL)
    take_batch (self, &ferry_session_get_file (session)->batch);
  self->members = g_ptr_array_new ();
  g_ptr_array_add (self->members, self);
  return self;
}

FerryOffer *
ferry_offer_new_group (FerryOffer *first)
{
  g_return_val_if_fail (FERRY_IS_OFFER (first), NULL);

  FerryOffer *self = ferry_offer_new (first->id, first->account, NULL, first->peer,
                                      first->peer_name, first->device_name, first->name,
                                      first->raw_name, first->size, first->is_known);
  self->is_group = TRUE;
  g_set_object (&self->session, first->session);
  ferry_batch_info_set (&self->batch, &first->batch);
  g_ptr_array_unref (self->members);
  self->members = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->members, g_object_ref (first));
  return self;
}

gboolean
ferry_offer_is_group (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), FALSE);

  return self->is_group;
}

void
ferry_offer_add_member (FerryOffer *self, FerryOffer *member)
{
  g_return_if_fail (FERRY_IS_OFFER (self) && self->is_group);
  g_return_if_fail (FERRY_IS_OFFER (member));

  g_ptr_array_add (self->members, g_object_ref (member));
}

gboolean
ferry_offer_remove_member (FerryOffer *self, FerryOffer *member)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), TRUE);

  if (!self->is_group)
    return TRUE;
  g_ptr_array_remove (self->members, member);
  return self->members->len == 0;
}

GPtrArray *
ferry_offer_get_members (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->members;
}

const FerryBatchInfo *
ferry_offer_get_batch (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->batch.id != NULL ? &self->batch : NULL;
}

const char *
ferry_offer_get_id (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->id;
}

FerryJid *
ferry_offer_get_account (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->account;
}

FerrySession *
ferry_offer_get_session (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->session;
}

FerryJid *
ferry_offer_get_peer (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->peer;
}

const char *
ferry_offer_get_peer_name (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->peer_name;
}

const char *
ferry_offer_get_device_name (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->device_name;
}

const char *
ferry_offer_get_name (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  if (self->is_group && self->members->len > 0)
    return ((FerryOffer *) self->members->pdata[0])->name;
  return self->name;
}

const char *
ferry_offer_get_raw_name (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), NULL);

  return self->raw_name;
}

/* -1 if that of one is unknown, or all together are more than anybody has. */
static gint64
add_sizes (GPtrArray *offers)
{
  gint64 sum = 0;

  for (guint i = 0; i < offers->len; i++)
    {
      const FerryOffer *offer = offers->pdata[i];
      if (offer->size < 0 || offer->size > G_MAXINT64 - sum)
        return -1;
      sum += offer->size;
    }
  return sum;
}

gint64
ferry_offer_get_size (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), -1);

  if (!self->is_group)
    return self->size;
  return self->batch.id != NULL ? self->batch.size : add_sizes (self->members);
}

gboolean
ferry_offer_is_folder (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), FALSE);

  return !self->is_group && self->session != NULL &&
         ferry_session_get_file (self->session)->is_folder;
}

guint
ferry_offer_get_n_files (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), 0);

  if (self->is_group)
    return self->batch.id != NULL ? self->batch.n_files : self->members->len;
  return ferry_offer_is_folder (self) ? ferry_session_get_file (self->session)->n_files : 0;
}

gboolean
ferry_offer_is_known (FerryOffer *self)
{
  g_return_val_if_fail (FERRY_IS_OFFER (self), FALSE);

  return self->is_known;
}

void
ferry_offer_close (FerryOffer *self)
{
  g_return_if_fail (FERRY_IS_OFFER (self));

  if (self->is_closed)
    return;
  self->is_closed = TRUE;
  g_signal_emit (self, signals[CLOSED], 0);
}
