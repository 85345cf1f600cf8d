/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-batch.h"

#include "model/ferry-batch-total.h"

/* Each file notifies several times a second, and there may be thousands. */
#define SUM_MS 50
/* The peer offers the next file when it has a place for it. One that failed there never comes.
 */
#define PATIENCE_MS 5000

struct _FerryBatch
{
  GObject parent_instance;

  FerryBatchInfo info;
  FerryDirection direction;
  char *peer_name;
  char *name;
  GPtrArray *transfers; /* of FerryTransfer */
  guint n_seen;         /* also those that were taken off */
  FerryBatchTotal total;
  guint sum_id;
  guint patience_id; /* 0: nothing more is waited for, or there is no need to */
  gboolean is_given_up;
};

typedef enum
{
  PROP_ID = 1,
  PROP_DIRECTION,
  PROP_PEER_NAME,
  PROP_NAME,
  PROP_N_FILES,
  PROP_N_FILES_DONE,
  PROP_N_FILES_FAILED,
  PROP_SIZE,
  PROP_N_DONE,
  PROP_FRACTION,
  PROP_SPEED,
  PROP_SECONDS_LEFT,
  PROP_STATE,
  PROP_FOREMOST,
  PROP_IS_FINISHED,
  N_PROPS
} FerryBatchProperty;

static GParamSpec *props[N_PROPS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryBatch,
                               ferry_batch,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* --- The list --------------------------------------------------------------------------------
 */

static GType
get_item_type (GListModel *model)
{
  return FERRY_TYPE_TRANSFER;
}

static guint
get_n_items (GListModel *model)
{
  return FERRY_BATCH (model)->transfers->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  FerryBatch *self = FERRY_BATCH (model);

  return position < self->transfers->len
             ? g_object_ref (g_ptr_array_index (self->transfers, position))
             : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* --- What it comes to ------------------------------------------------------------------------
 */

static void queue_sum (FerryBatch *self);

static gboolean
give_up_cb (gpointer user_data)
{
  FerryBatch *self = user_data;

  self->patience_id = 0;
  self->is_given_up = TRUE;
  queue_sum (self);
  return G_SOURCE_REMOVE;
}

static void
sum_up (FerryBatch *self)
{
  const FerryBatchTotal before = self->total;
  const FerryBatchTotal total = ferry_batch_total_compute (
      self->transfers, &self->info, self->n_seen >= self->info.n_transfers, self->is_given_up);

  self->total = total;
  if (total.state != FERRY_TRANSFER_WAITING_PEER || self->direction == FERRY_DIRECTION_SEND)
    g_clear_handle_id (&self->patience_id, g_source_remove);
  else if (self->patience_id == 0)
    self->patience_id = g_timeout_add (PATIENCE_MS, give_up_cb, self);
  g_object_freeze_notify (G_OBJECT (self));
  if (total.n_files != before.n_files)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_FILES]);
  if (total.n_files_done != before.n_files_done)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_FILES_DONE]);
  if (total.n_files_failed != before.n_files_failed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_FILES_FAILED]);
  if (total.size != before.size)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SIZE]);
  if (total.n_done != before.n_done)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_DONE]);
  if (total.fraction < before.fraction || total.fraction > before.fraction)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FRACTION]);
  if (total.speed < before.speed || total.speed > before.speed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SPEED]);
  if (total.seconds_left != before.seconds_left)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SECONDS_LEFT]);
  if (total.state != before.state)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOREMOST]);
  if (total.is_finished != before.is_finished)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_FINISHED]);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
sum_up_cb (gpointer user_data)
{
  FerryBatch *self = user_data;

  self->sum_id = 0;
  sum_up (self);
  return G_SOURCE_REMOVE;
}

static void
queue_sum (FerryBatch *self)
{
  if (self->sum_id == 0)
    self->sum_id = g_timeout_add (SUM_MS, sum_up_cb, self);
}

void
ferry_batch_insert (FerryBatch *self, guint position, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_BATCH (self));
  g_return_if_fail (FERRY_IS_TRANSFER (transfer));
  g_return_if_fail (position <= self->transfers->len);

  g_ptr_array_insert (self->transfers, (int) position, g_object_ref (transfer));
  self->n_seen++;
  self->is_given_up = FALSE;
  ferry_batch_info_set (&self->info, ferry_transfer_get_batch (transfer));
  g_clear_handle_id (&self->patience_id, g_source_remove);
  g_signal_connect_object (transfer, "notify", G_CALLBACK (queue_sum), self, G_CONNECT_SWAPPED);
  if (self->transfers->len == 1)
    sum_up (self);
  else
    queue_sum (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

gboolean
ferry_batch_remove (FerryBatch *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), TRUE);

  guint position;
  if (g_ptr_array_find (self->transfers, transfer, &position))
    {
      g_signal_handlers_disconnect_by_data (transfer, self);
      if (self->total.foremost == transfer)
        self->total.foremost = NULL;
      g_ptr_array_remove_index (self->transfers, position);
      queue_sum (self);
      g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
    }
  return self->transfers->len == 0;
}

/* --- The object ------------------------------------------------------------------------------
 */

static void
ferry_batch_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FerryBatch *self = FERRY_BATCH (object);

  switch ((FerryBatchProperty) prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->info.id);
      break;
    case PROP_DIRECTION:
      g_value_set_int (value, (int) self->direction);
      break;
    case PROP_PEER_NAME:
      g_value_set_string (value, self->peer_name);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_N_FILES:
      g_value_set_uint (value, self->total.n_files);
      break;
    case PROP_N_FILES_DONE:
      g_value_set_uint (value, self->total.n_files_done);
      break;
    case PROP_N_FILES_FAILED:
      g_value_set_uint (value, self->total.n_files_failed);
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, self->total.size);
      break;
    case PROP_N_DONE:
      g_value_set_uint64 (value, self->total.n_done);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, self->total.fraction);
      break;
    case PROP_SPEED:
      g_value_set_double (value, self->total.speed);
      break;
    case PROP_SECONDS_LEFT:
      g_value_set_int (value, self->total.seconds_left);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->total.state);
      break;
    case PROP_FOREMOST:
      g_value_set_object (value, self->total.foremost);
      break;
    case PROP_IS_FINISHED:
      g_value_set_boolean (value, self->total.is_finished);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_batch_finalize (GObject *object)
{
  FerryBatch *self = FERRY_BATCH (object);

  g_clear_handle_id (&self->sum_id, g_source_remove);
  g_clear_handle_id (&self->patience_id, g_source_remove);
  g_ptr_array_unref (self->transfers);
  ferry_batch_info_clear (&self->info);
  g_free (self->peer_name);
  g_free (self->name);

  G_OBJECT_CLASS (ferry_batch_parent_class)->finalize (object);
}

static void
ferry_batch_class_init (FerryBatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = ferry_batch_finalize;
  object_class->get_property = ferry_batch_get_property;

  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  props[PROP_DIRECTION] =
      g_param_spec_int ("direction", NULL, NULL, 0, FERRY_DIRECTION_RECEIVE, 0, flags);
  props[PROP_PEER_NAME] = g_param_spec_string ("peer-name", NULL, NULL, NULL, flags);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  props[PROP_N_FILES] = g_param_spec_uint ("n-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_FILES_DONE] =
      g_param_spec_uint ("n-files-done", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_FILES_FAILED] =
      g_param_spec_uint ("n-files-failed", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /* bytes; -1 while unknown */
  props[PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1, flags);
  props[PROP_N_DONE] = g_param_spec_uint64 ("n-done", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, flags);
  /* bytes a second */
  props[PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  props[PROP_SECONDS_LEFT] =
      g_param_spec_int ("seconds-left", NULL, NULL, -1, G_MAXINT, -1, flags);
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, FERRY_TYPE_TRANSFER_STATE,
                                         FERRY_TRANSFER_PREPARING, flags);
  props[PROP_FOREMOST] =
      g_param_spec_object ("foremost", NULL, NULL, FERRY_TYPE_TRANSFER, flags);
  props[PROP_IS_FINISHED] = g_param_spec_boolean ("is-finished", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ferry_batch_init (FerryBatch *self)
{
  self->transfers = g_ptr_array_new_with_free_func (g_object_unref);
  self->total = (FerryBatchTotal){ .size = -1, .seconds_left = -1 };
}

FerryBatch *
ferry_batch_new (FerryTransfer *first)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (first), NULL);
  g_return_val_if_fail (ferry_transfer_get_batch (first) != NULL, NULL);

  FerryBatch *self = g_object_new (FERRY_TYPE_BATCH, NULL);
  self->direction = ferry_transfer_get_direction (first);
  self->peer_name = g_strdup (ferry_transfer_get_peer_name (first));
  self->name = g_strdup (ferry_transfer_get_name (first));
  ferry_batch_insert (self, 0, first);
  return self;
}

const char *
ferry_batch_get_id (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), NULL);

  return self->info.id;
}

FerryDirection
ferry_batch_get_direction (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), FERRY_DIRECTION_SEND);

  return self->direction;
}

const char *
ferry_batch_get_peer_name (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), NULL);

  return self->peer_name;
}

const char *
ferry_batch_get_name (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), NULL);

  return self->name;
}

guint
ferry_batch_get_n_files (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), 0);

  return self->total.n_files;
}

guint
ferry_batch_get_n_files_done (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), 0);

  return self->total.n_files_done;
}

guint
ferry_batch_get_n_files_failed (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), 0);

  return self->total.n_files_failed;
}

gint64
ferry_batch_get_size (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), -1);

  return self->total.size;
}

guint64
ferry_batch_get_n_done (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), 0);

  return self->total.n_done;
}

double
ferry_batch_get_fraction (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), 0);

  return self->total.fraction;
}

double
ferry_batch_get_speed (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), 0);

  return self->total.speed;
}

int
ferry_batch_get_seconds_left (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), -1);

  return self->total.seconds_left;
}

FerryTransferState
ferry_batch_get_state (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), FERRY_TRANSFER_FAILED);

  return self->total.state;
}

gboolean
ferry_batch_is_finished (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), FALSE);

  return self->total.is_finished;
}

FerryTransfer *
ferry_batch_get_foremost (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), NULL);

  return self->total.foremost;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  gint64 one = ferry_transfer_get_place (*(FerryTransfer *const *) a);
  gint64 other = ferry_transfer_get_place (*(FerryTransfer *const *) b);

  return (one > other) - (one < other);
}

GPtrArray *
ferry_batch_dup_waiting (FerryBatch *self)
{
  g_return_val_if_fail (FERRY_IS_BATCH (self), NULL);

  GPtrArray *waiting = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->transfers->len; i++)
    {
      FerryTransfer *transfer = self->transfers->pdata[i];
      FerryTransferPhase phase =
          ferry_transfer_machine_get_phase (ferry_transfer_get_machine (transfer));
      if (phase != FERRY_TRANSFER_WANTS_ATTEMPT && phase != FERRY_TRANSFER_WANTS_NO_MORE)
        g_ptr_array_add (waiting, g_object_ref (transfer));
    }
  g_ptr_array_sort (waiting, compare_places);
  return waiting;
}
