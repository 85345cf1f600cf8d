/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/ferry-history-private.h"

#include <string.h>

struct _FerryHistoryEntry
{
  GObject parent_instance;

  FerryTransferRow *row;
};

G_DEFINE_FINAL_TYPE (FerryHistoryEntry, ferry_history_entry, G_TYPE_OBJECT)

typedef enum
{
  PROP_ID = 1,
  PROP_IS_OUTGOING,
  PROP_PEER,
  PROP_PEER_NAME,
  PROP_NAME,
  PROP_SIZE,
  PROP_PATH,
  PROP_ROUTE,
  PROP_VERIFIED,
  PROP_SHA256,
  PROP_OUTCOME,
  PROP_ERROR_CODE,
  PROP_ENDED_US,
  N_PROPS
} FerryHistoryEntryProperty;

static GParamSpec *props[N_PROPS];

static void
ferry_history_entry_finalize (GObject *object)
{
  FerryHistoryEntry *self = FERRY_HISTORY_ENTRY (object);

  g_clear_pointer (&self->row, ferry_transfer_row_free);

  G_OBJECT_CLASS (ferry_history_entry_parent_class)->finalize (object);
}

static void
ferry_history_entry_get_property (GObject *object,
                                  guint prop_id,
                                  GValue *value,
                                  GParamSpec *pspec)
{
  FerryTransferRow *row = FERRY_HISTORY_ENTRY (object)->row;

  switch ((FerryHistoryEntryProperty) prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, row->id);
      break;
    case PROP_IS_OUTGOING:
      g_value_set_boolean (value, row->is_outgoing);
      break;
    case PROP_PEER:
      g_value_set_string (value, row->peer);
      break;
    case PROP_PEER_NAME:
      g_value_set_string (value, row->peer_name);
      break;
    case PROP_NAME:
      g_value_set_string (value, row->name);
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, row->size);
      break;
    case PROP_PATH:
      g_value_set_string (value, row->path);
      break;
    case PROP_ROUTE:
      g_value_set_string (value, row->route);
      break;
    case PROP_VERIFIED:
      g_value_set_string (value, row->verified);
      break;
    case PROP_SHA256:
      g_value_set_string (value, row->sha256);
      break;
    case PROP_OUTCOME:
      g_value_set_string (value, row->state);
      break;
    case PROP_ERROR_CODE:
      g_value_set_string (value, row->error_code);
      break;
    case PROP_ENDED_US:
      g_value_set_int64 (value, row->ended_us);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_string (FerryHistoryEntryProperty prop, const char *name)
{
  props[prop] =
      g_param_spec_string (name, NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
ferry_history_entry_class_init (FerryHistoryEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ferry_history_entry_finalize;
  object_class->get_property = ferry_history_entry_get_property;

  install_string (PROP_ID, "id");
  install_string (PROP_PEER, "peer");
  install_string (PROP_PEER_NAME, "peer-name");
  install_string (PROP_NAME, "name");
  install_string (PROP_PATH, "path");
  install_string (PROP_ROUTE, "route");
  install_string (PROP_VERIFIED, "verified");
  install_string (PROP_SHA256, "sha256");
  install_string (PROP_OUTCOME, "outcome");
  install_string (PROP_ERROR_CODE, "error-code");
  props[PROP_IS_OUTGOING] = g_param_spec_boolean ("is-outgoing", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /* bytes, -1 if it never was known */
  props[PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1,
                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_ENDED_US] = g_param_spec_int64 ("ended-us", NULL, NULL, 0, G_MAXINT64, 0,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ferry_history_entry_init (FerryHistoryEntry *self)
{
}

/* The history shows the contact, not the device. */
static void
cut_resource (char *jid)
{
  char *slash = strchr (jid, '/');
  if (slash != NULL)
    *slash = '\0';
}

FerryHistoryEntry *
ferry_history_entry_new_take (FerryTransferRow *row)
{
  FerryHistoryEntry *self = g_object_new (FERRY_TYPE_HISTORY_ENTRY, NULL);
  self->row = row;
  cut_resource (row->peer);
  return self;
}

#define DEFINE_GETTER(type, function, field)                                                   \
  type ferry_history_entry_##function (FerryHistoryEntry *self)                                \
  {                                                                                            \
    g_return_val_if_fail (FERRY_IS_HISTORY_ENTRY (self), 0);                                   \
    return self->row->field;                                                                   \
  }

DEFINE_GETTER (const char *, get_id, id)
DEFINE_GETTER (gboolean, is_outgoing, is_outgoing)
DEFINE_GETTER (const char *, get_peer, peer)
DEFINE_GETTER (const char *, get_peer_name, peer_name)
DEFINE_GETTER (const char *, get_name, name)
DEFINE_GETTER (gint64, get_size, size)
DEFINE_GETTER (const char *, get_path, path)
DEFINE_GETTER (const char *, get_route, route)
DEFINE_GETTER (gboolean, is_encrypted, encrypted)
DEFINE_GETTER (gboolean, is_key_verified, is_key_verified)
DEFINE_GETTER (const char *, get_verified, verified)
DEFINE_GETTER (const char *, get_sha256, sha256)
DEFINE_GETTER (const char *, get_outcome, state)
DEFINE_GETTER (const char *, get_error_code, error_code)
DEFINE_GETTER (gint64, get_ended_us, ended_us)

gboolean
ferry_history_entry_was_received (FerryHistoryEntry *self)
{
  g_return_val_if_fail (FERRY_IS_HISTORY_ENTRY (self), FALSE);

  return self->row->is_outgoing ? self->row->is_received
                                : g_strcmp0 (self->row->state, "done") == 0;
}
