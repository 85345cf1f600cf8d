/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-transfer-private.h"

static GParamSpec *props[N_PROPS];
static guint journal_changed_signal;

G_DEFINE_FINAL_TYPE (FerryTransfer, ferry_transfer, G_TYPE_OBJECT)

void
ferry_transfer_notify (FerryTransfer *self, FerryTransferProperty prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
ferry_transfer_finalize (GObject *object)
{
  FerryTransfer *self = FERRY_TRANSFER (object);

  g_free (self->id);
  g_clear_pointer (&self->account, ferry_jid_unref);
  g_clear_pointer (&self->peer, ferry_jid_unref);
  g_free (self->peer_name);
  g_free (self->name);
  g_free (self->signalling);
  g_free (self->verified);
  ferry_hash_free (self->hash);
  g_free (self->path);
  g_free (self->journal.part_path);
  g_free (self->journal.source_key);
  g_free (self->journal.peer_id);
  ferry_batch_info_clear (&self->journal.batch);
  g_strfreev (self->failed_files);
  g_clear_error (&self->error);
  g_string_free (self->timeline, TRUE);

  G_OBJECT_CLASS (ferry_transfer_parent_class)->finalize (object);
}

static void
ferry_transfer_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FerryTransfer *self = FERRY_TRANSFER (object);

  switch ((FerryTransferProperty) prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
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
    case PROP_SIZE:
      g_value_set_int64 (value, self->size);
      break;
    case PROP_N_DONE:
      g_value_set_uint64 (value, self->n_done);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, ferry_transfer_get_fraction (self));
      break;
    case PROP_SPEED:
      g_value_set_double (value, self->shown_speed);
      break;
    case PROP_SECONDS_LEFT:
      g_value_set_int (value, self->seconds_left);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->machine.state);
      break;
    case PROP_ROUTE:
      g_value_set_uint (value, self->route);
      break;
    case PROP_ENCRYPTED:
      g_value_set_boolean (value, self->encrypted);
      break;
    case PROP_KEY_VERIFIED:
      g_value_set_boolean (value, self->key_verified);
      break;
    case PROP_RECEIVED:
      g_value_set_boolean (value, self->received);
      break;
    case PROP_IS_HELD:
      g_value_set_boolean (value, self->held);
      break;
    case PROP_VERIFIED:
      g_value_set_string (value, self->verified);
      break;
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_IS_FINISHED:
      g_value_set_boolean (value, ferry_transfer_is_finished (self));
      break;
    case PROP_IS_FOLDER:
      g_value_set_boolean (value, self->is_folder);
      break;
    case PROP_N_FILES:
      g_value_set_uint (value, self->n_files);
      break;
    case PROP_N_FILES_DONE:
      g_value_set_uint (value, self->n_files_done);
      break;
    case PROP_N_FILES_FAILED:
      g_value_set_uint (value, self->n_files_failed);
      break;
    case PROP_PLACE:
      g_value_set_int64 (value, self->journal.place);
      break;
    case PROP_LINK:
      g_value_set_int (value, (int) self->link);
      break;
    case PROP_N_AHEAD:
      g_value_set_uint (value, self->n_ahead);
      break;
    case PROP_QUIET_SECONDS:
      g_value_set_uint (value, self->quiet_seconds);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_transfer_class_init (FerryTransferClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = ferry_transfer_finalize;
  object_class->get_property = ferry_transfer_get_property;

  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  props[PROP_DIRECTION] =
      g_param_spec_int ("direction", NULL, NULL, 0, FERRY_DIRECTION_RECEIVE, 0, flags);
  props[PROP_PEER_NAME] = g_param_spec_string ("peer-name", NULL, NULL, NULL, flags);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
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
  props[PROP_ROUTE] =
      g_param_spec_uint ("route", NULL, NULL, 0, FERRY_ROUTE_ALL, FERRY_ROUTE_NONE, flags);
  props[PROP_ENCRYPTED] = g_param_spec_boolean ("encrypted", NULL, NULL, FALSE, flags);
  props[PROP_KEY_VERIFIED] = g_param_spec_boolean ("key-verified", NULL, NULL, FALSE, flags);
  props[PROP_RECEIVED] = g_param_spec_boolean ("received", NULL, NULL, FALSE, flags);
  props[PROP_IS_HELD] = g_param_spec_boolean ("is-held", NULL, NULL, FALSE, flags);
  props[PROP_VERIFIED] = g_param_spec_string ("verified", NULL, NULL, NULL, flags);
  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  props[PROP_IS_FINISHED] = g_param_spec_boolean ("is-finished", NULL, NULL, FALSE, flags);
  props[PROP_IS_FOLDER] = g_param_spec_boolean ("is-folder", NULL, NULL, FALSE, flags);
  props[PROP_N_FILES] = g_param_spec_uint ("n-files", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_FILES_DONE] =
      g_param_spec_uint ("n-files-done", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_FILES_FAILED] =
      g_param_spec_uint ("n-files-failed", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_PLACE] =
      g_param_spec_int64 ("place", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_LINK] =
      g_param_spec_int ("link", NULL, NULL, 0, FERRY_TRANSFER_LINK_NO_NETWORK, 0, flags);
  props[PROP_N_AHEAD] =
      g_param_spec_uint ("n-ahead", NULL, NULL, 0, FERRY_TRANSFER_MANY_AHEAD, 0, flags);
  props[PROP_QUIET_SECONDS] =
      g_param_spec_uint ("quiet-seconds", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  journal_changed_signal =
      g_signal_new ("journal-changed", FERRY_TYPE_TRANSFER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
ferry_transfer_init (FerryTransfer *self)
{
  self->size = -1;
  self->seconds_left = -1;
  self->machine.state = FERRY_TRANSFER_PREPARING;
  self->journal.routes = FERRY_ROUTE_ALL;
  self->wanted_us = g_get_real_time ();
  self->created_us = g_get_monotonic_time ();
  self->timeline = g_string_new (NULL);
}

FerryTransfer *
ferry_transfer_new (const char *id,
                    FerryJid *account,
                    FerryDirection direction,
                    FerryJid *peer,
                    const char *peer_name,
                    const char *name,
                    gint64 size)
{
  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (account != NULL, NULL);
  g_return_val_if_fail (peer != NULL, NULL);
  g_return_val_if_fail (size >= -1, NULL);

  FerryTransfer *self = g_object_new (FERRY_TYPE_TRANSFER, NULL);
  self->id = g_strdup (id);
  self->account = ferry_jid_ref (account);
  self->direction = direction;
  self->machine.is_sending = direction == FERRY_DIRECTION_SEND;
  self->peer = ferry_jid_ref (peer);
  self->peer_name = g_strdup (peer_name);
  self->name = g_strdup (name);
  self->size = size;
  return self;
}

const char *
ferry_transfer_get_id (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->id;
}

FerryJid *
ferry_transfer_get_account (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->account;
}

FerryDirection
ferry_transfer_get_direction (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FERRY_DIRECTION_SEND);
  return self->direction;
}

FerryJid *
ferry_transfer_get_peer (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->peer;
}

const char *
ferry_transfer_get_peer_name (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->peer_name;
}

const char *
ferry_transfer_get_name (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->name;
}

gint64
ferry_transfer_get_size (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), -1);
  return self->size;
}

guint64
ferry_transfer_get_n_done (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->n_done;
}

double
ferry_transfer_get_fraction (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);

  if (self->machine.state == FERRY_TRANSFER_DONE)
    return 1;
  if (self->size <= 0)
    return 0;
  return MIN (1.0, (double) self->n_done / (double) self->size);
}

double
ferry_transfer_get_speed (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->shown_speed;
}

int
ferry_transfer_get_seconds_left (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), -1);
  return self->seconds_left;
}

FerryTransferState
ferry_transfer_get_state (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FERRY_TRANSFER_FAILED);
  return self->machine.state;
}

FerryRoute
ferry_transfer_get_route (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FERRY_ROUTE_NONE);
  return self->route;
}

const char *
ferry_transfer_get_signalling (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->signalling;
}

gboolean
ferry_transfer_get_encrypted (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);
  return self->encrypted;
}

gboolean
ferry_transfer_is_held (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);
  return self->held;
}

gboolean
ferry_transfer_get_key_verified (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);

  return self->key_verified;
}

gboolean
ferry_transfer_get_received (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);
  return self->received;
}

const char *
ferry_transfer_get_verified (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->verified;
}

const FerryHash *
ferry_transfer_get_hash (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->hash;
}

const char *
ferry_transfer_get_path (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->path;
}

const GError *
ferry_transfer_get_error (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->error;
}

gint64
ferry_transfer_get_started_us (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->started_us;
}

gint64
ferry_transfer_get_ended_us (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->ended_us;
}

gboolean
ferry_transfer_is_finished (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);
  return ferry_transfer_state_is_final (self->machine.state);
}

FerryTransferPause
ferry_transfer_get_pause (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FERRY_TRANSFER_PAUSE_NONE);
  return self->machine.pause;
}

gboolean
ferry_transfer_can_pause (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);
  return self->direction == FERRY_DIRECTION_SEND || self->ranged;
}

FerryTransferLink
ferry_transfer_get_link (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FERRY_TRANSFER_LINK_UP);
  return self->link;
}

guint
ferry_transfer_get_n_ahead (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->n_ahead;
}

guint
ferry_transfer_get_quiet_seconds (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->quiet_seconds;
}

guint
ferry_transfer_get_n_tries (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->machine.n_tries;
}

int
ferry_transfer_get_retry_seconds (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);

  gint64 left_us = self->retry_at_us - g_get_monotonic_time ();
  return left_us > 0 ? (int) (left_us / G_USEC_PER_SEC) + 1 : 0;
}

FerryTransferGuess
ferry_transfer_get_guess (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FERRY_TRANSFER_NO_GUESS);

  return self->guess;
}

gboolean
ferry_transfer_get_starts_over (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);
  return self->starts_over;
}

gint64
ferry_transfer_get_created_us (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->wanted_us;
}

const FerryTransferMachine *
ferry_transfer_get_machine (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return &self->machine;
}

FerryTransferJournal *
ferry_transfer_get_journal (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return &self->journal;
}

void
ferry_transfer_emit_journal_changed (FerryTransfer *self)
{
  g_signal_emit (self, journal_changed_signal, 0);
}

gint64
ferry_transfer_get_place (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);

  return self->journal.place;
}

char *
ferry_transfer_dup_timeline (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return g_strndup (self->timeline->str, self->timeline->len);
}
