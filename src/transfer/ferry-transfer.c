/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer"

#include "config.h"

#include "transfer/ferry-transfer.h"

#include "transfer/ferry-speed.h"

/* A peer can cause notes, so their number has an end. */
#define MAX_NOTES 200

struct _FerryTransfer
{
  GObject parent_instance;

  char *id;
  FerryJid *account;
  FerryDirection direction;
  FerryJid *peer;
  char *peer_name;
  char *name;
  gint64 size;

  guint64 n_done;
  FerrySpeed speed;
  double shown_speed;
  int seconds_left;

  FerryTransferState state;
  FerryRoute route;
  char *signalling;
  gboolean encrypted;
  gboolean received;
  gboolean held;
  char *verified;
  FerryHash *hash;
  char *path;
  GError *error;
  gint64 started_us;
  gint64 ended_us;

  gint64 created_us; /* monotonic: where the timeline begins */
  GString *timeline;
  guint n_notes;
};

typedef enum
{
  PROP_ID = 1,
  PROP_DIRECTION,
  PROP_PEER_NAME,
  PROP_NAME,
  PROP_SIZE,
  PROP_N_DONE,
  PROP_FRACTION,
  PROP_SPEED,
  PROP_SECONDS_LEFT,
  PROP_STATE,
  PROP_ROUTE,
  PROP_ENCRYPTED,
  PROP_RECEIVED,
  PROP_IS_HELD,
  PROP_VERIFIED,
  PROP_PATH,
  PROP_ERROR,
  PROP_IS_FINISHED,
  N_PROPS
} FerryTransferProperty;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (FerryTransfer, ferry_transfer, G_TYPE_OBJECT)

static const char *
get_state_name (FerryTransferState state)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (FERRY_TYPE_TRANSFER_STATE);
  return g_enum_get_value (klass, (int) state)->value_nick;
}

/* Returns: whether it was another string */
static gboolean
replace_string (char **where, const char *value)
{
  if (g_strcmp0 (*where, value) == 0)
    return FALSE;
  g_free (*where);
  *where = g_strdup (value);
  return TRUE;
}

static void
notify (FerryTransfer *self, FerryTransferProperty prop)
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
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_ROUTE:
      g_value_set_uint (value, self->route);
      break;
    case PROP_ENCRYPTED:
      g_value_set_boolean (value, self->encrypted);
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
  props[PROP_RECEIVED] = g_param_spec_boolean ("received", NULL, NULL, FALSE, flags);
  props[PROP_IS_HELD] = g_param_spec_boolean ("is-held", NULL, NULL, FALSE, flags);
  props[PROP_VERIFIED] = g_param_spec_string ("verified", NULL, NULL, NULL, flags);
  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  props[PROP_IS_FINISHED] = g_param_spec_boolean ("is-finished", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ferry_transfer_init (FerryTransfer *self)
{
  self->size = -1;
  self->seconds_left = -1;
  self->state = FERRY_TRANSFER_PREPARING;
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

  if (self->state == FERRY_TRANSFER_DONE)
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
  return self->state;
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
  return ferry_transfer_state_is_final (self->state);
}

char *
ferry_transfer_dup_timeline (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return g_strndup (self->timeline->str, self->timeline->len);
}

static void
show_speed (FerryTransfer *self, double speed, int seconds_left)
{
  if (speed != self->shown_speed)
    {
      self->shown_speed = speed;
      notify (self, PROP_SPEED);
    }
  if (seconds_left != self->seconds_left)
    {
      self->seconds_left = seconds_left;
      notify (self, PROP_SECONDS_LEFT);
    }
}

void
ferry_transfer_set_state (FerryTransfer *self, FerryTransferState state)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (state <= FERRY_TRANSFER_FAILED);

  if (state == self->state)
    return;

  gboolean was_finished = ferry_transfer_is_finished (self);
  g_debug ("%s: %s → %s", self->id, get_state_name (self->state), get_state_name (state));
  ferry_transfer_add_note (self, get_state_name (state));
  self->state = state;

  g_object_freeze_notify (G_OBJECT (self));
  notify (self, PROP_STATE);
  if (was_finished != ferry_transfer_is_finished (self))
    notify (self, PROP_IS_FINISHED);
  if (state == FERRY_TRANSFER_DONE)
    notify (self, PROP_FRACTION);
  if (state != FERRY_TRANSFER_ACTIVE && state != FERRY_TRANSFER_STALLED)
    {
      ferry_speed_clear (&self->speed);
      show_speed (self, 0, -1);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
ferry_transfer_set_error (FerryTransfer *self, const GError *error)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (error == NULL && self->error == NULL)
    return;

  g_clear_error (&self->error);
  if (error != NULL)
    {
      self->error = g_error_copy (error);
      ferry_transfer_add_note (self, error->message);
    }
  notify (self, PROP_ERROR);
}

void
ferry_transfer_set_peer (FerryTransfer *self, FerryJid *peer)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (peer != NULL);

  ferry_jid_ref (peer);
  g_clear_pointer (&self->peer, ferry_jid_unref);
  self->peer = peer;
}

void
ferry_transfer_set_name (FerryTransfer *self, const char *name)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (replace_string (&self->name, name))
    notify (self, PROP_NAME);
}

void
ferry_transfer_set_size (FerryTransfer *self, gint64 size)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (size >= -1);

  if (size == self->size)
    return;
  self->size = size;
  notify (self, PROP_SIZE);
  notify (self, PROP_FRACTION);
}

void
ferry_transfer_set_n_done (FerryTransfer *self, guint64 n_done, gint64 now_us)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  guint64 size = self->size > 0 ? (guint64) self->size : 0;

  g_object_freeze_notify (G_OBJECT (self));
  if (n_done != self->n_done)
    {
      self->n_done = n_done;
      notify (self, PROP_N_DONE);
      notify (self, PROP_FRACTION);
    }
  ferry_speed_add (&self->speed, n_done, now_us);
  show_speed (self, ferry_speed_get (&self->speed),
              size > n_done ? ferry_speed_get_seconds_left (&self->speed, size - n_done) : -1);
  g_object_thaw_notify (G_OBJECT (self));
}

void
ferry_transfer_set_route (FerryTransfer *self, FerryRoute route)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (route == self->route)
    return;
  self->route = route;
  notify (self, PROP_ROUTE);
}

void
ferry_transfer_set_signalling (FerryTransfer *self, const char *signalling)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  replace_string (&self->signalling, signalling);
}

void
ferry_transfer_set_encrypted (FerryTransfer *self, gboolean encrypted)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (!encrypted == !self->encrypted)
    return;
  self->encrypted = encrypted;
  notify (self, PROP_ENCRYPTED);
}

void
ferry_transfer_set_received (FerryTransfer *self, gboolean received)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (!received == !self->received)
    return;
  self->received = received;
  notify (self, PROP_RECEIVED);
}

void
ferry_transfer_set_held (FerryTransfer *self, gboolean held)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (!held == !self->held)
    return;
  self->held = held;
  notify (self, PROP_IS_HELD);
}

void
ferry_transfer_set_verified (FerryTransfer *self, const char *verified)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (replace_string (&self->verified, verified))
    notify (self, PROP_VERIFIED);
}

void
ferry_transfer_set_hash (FerryTransfer *self, const FerryHash *hash)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  FerryHash *copy = ferry_hash_copy (hash);
  ferry_hash_free (self->hash);
  self->hash = copy;
}

void
ferry_transfer_set_path (FerryTransfer *self, const char *path)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (replace_string (&self->path, path))
    notify (self, PROP_PATH);
}

void
ferry_transfer_set_times (FerryTransfer *self, gint64 started_us, gint64 ended_us)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->started_us = started_us;
  self->ended_us = ended_us;
}

void
ferry_transfer_set_timeline (FerryTransfer *self, const char *timeline)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  g_string_assign (self->timeline, timeline != NULL ? timeline : "");
}

void
ferry_transfer_add_note (FerryTransfer *self, const char *text)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (text != NULL);

  if (self->n_notes == MAX_NOTES)
    return;
  self->n_notes++;

  gint64 ms = (g_get_monotonic_time () - self->created_us) / 1000;
  g_autofree char *line =
      g_strdup (self->n_notes < MAX_NOTES ? text : "(no further notes are kept)");
  g_strdelimit (line, "\r\n", ' ');
  g_string_append_printf (self->timeline, "%3d.%03d s  %s\n", (int) (ms / 1000),
                          (int) (ms % 1000), line);
}
