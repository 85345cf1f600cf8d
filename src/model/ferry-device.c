/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-contact.h"

#include "xmpp/ferry-ns.h"

struct _FerryDevice
{
  GObject parent_instance;

  FerryJid *jid;
  char *name; /* nullable: then the resource stands in */
  FerryPresenceShow show;
  char *status; /* nullable */
  int priority;
  gint64 seen_us;
  FerryCapability capability;
  FerryDiscoInfo *info; /* nullable: it has not said */
};

typedef enum
{
  PROP_JID = 1,
  PROP_NAME,
  PROP_SHOW,
  PROP_STATUS,
  PROP_CAPABILITY,
  N_PROPS
} FerryDeviceProperty;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (FerryDevice, ferry_device, G_TYPE_OBJECT)

FerryDevice *
ferry_device_new (FerryJid *jid)
{
  g_return_val_if_fail (jid != NULL, NULL);

  FerryDevice *self = g_object_new (FERRY_TYPE_DEVICE, NULL);
  self->jid = ferry_jid_ref (jid);
  return self;
}

FerryJid *
ferry_device_get_jid (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), NULL);

  return self->jid;
}

const char *
ferry_device_get_name (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), NULL);

  if (self->name != NULL)
    return self->name;
  const char *resource = ferry_jid_get_resource (self->jid);
  return resource != NULL ? resource : ferry_jid_get_text (self->jid);
}

FerryPresenceShow
ferry_device_get_show (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), FERRY_PRESENCE_OFFLINE);

  return self->show;
}

const char *
ferry_device_get_status (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), NULL);

  return self->status;
}

int
ferry_device_get_priority (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), 0);

  return self->priority;
}

FerryCapability
ferry_device_get_capability (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), FERRY_CAPABILITY_UNKNOWN);

  return self->capability;
}

gboolean
ferry_device_can_receive (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), FALSE);

  return self->capability == FERRY_CAPABILITY_SI || self->capability == FERRY_CAPABILITY_JINGLE;
}

gboolean
ferry_device_has_feature (FerryDevice *self, const char *feature)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self) && feature != NULL, FALSE);

  return self->info != NULL && ferry_disco_info_has_feature (self->info, feature);
}

static gboolean
can_hash (FerryDevice *self, FerryHashAlgo algo)
{
  g_autofree char *feature =
      g_strconcat (FERRY_NS_HASH_NAME_PREFIX, ferry_hash_algo_get_name (algo), NULL);
  g_autoptr (FerryHasher) ours = ferry_hasher_new (algo);

  return ours != NULL && ferry_device_has_feature (self, feature);
}

FerryHashAlgo
ferry_device_pick_hash (FerryDevice *self)
{
  static const FerryHashAlgo order[] = { FERRY_HASH_SHA256,      FERRY_HASH_BLAKE2B_512,
                                         FERRY_HASH_BLAKE2B_256, FERRY_HASH_SHA512,
                                         FERRY_HASH_SHA3_256,    FERRY_HASH_SHA3_512 };
  g_return_val_if_fail (FERRY_IS_DEVICE (self), FERRY_HASH_SHA256);

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (can_hash (self, order[i]))
      return order[i];
  return FERRY_HASH_SHA256;
}

gboolean
ferry_device_is_program (FerryDevice *self, const char *name)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self) && name != NULL, FALSE);

  return g_strcmp0 (self->name, name) == 0;
}

gint64
ferry_device_get_seen_us (FerryDevice *self)
{
  g_return_val_if_fail (FERRY_IS_DEVICE (self), 0);

  return self->seen_us;
}

/* Returns: was it another text? */
static gboolean
replace_text (char **field, const char *text)
{
  if (g_strcmp0 (*field, text) == 0)
    return FALSE;
  g_free (*field);
  *field = g_strdup (text);
  return TRUE;
}

static void
set_name (FerryDevice *self, const char *name)
{
  if (replace_text (&self->name, name))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NAME]);
}

void
ferry_device_set_presence (
    FerryDevice *self, FerryPresenceShow show, const char *status, int priority, gint64 seen_us)
{
  g_return_if_fail (FERRY_IS_DEVICE (self));

  gboolean is_new_show = self->show != show;
  self->show = show;
  self->priority = priority;
  self->seen_us = seen_us;
  gboolean is_new_status = replace_text (&self->status, status);

  if (is_new_show)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SHOW]);
  if (is_new_status)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATUS]);
}

void
ferry_device_set_capability (FerryDevice *self, FerryCapability capability)
{
  g_return_if_fail (FERRY_IS_DEVICE (self));

  if (self->capability == capability)
    return;
  self->capability = capability;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAPABILITY]);
}

void
ferry_device_set_info (FerryDevice *self, FerryDiscoInfo *info)
{
  g_return_if_fail (FERRY_IS_DEVICE (self));

  g_clear_pointer (&self->info, ferry_disco_info_unref);
  self->info = info != NULL ? ferry_disco_info_ref (info) : NULL;
  set_name (self, info != NULL ? ferry_disco_info_get_name (info) : NULL);
}

static void
ferry_device_finalize (GObject *object)
{
  FerryDevice *self = FERRY_DEVICE (object);

  g_clear_pointer (&self->jid, ferry_jid_unref);
  g_clear_pointer (&self->info, ferry_disco_info_unref);
  g_free (self->name);
  g_free (self->status);

  G_OBJECT_CLASS (ferry_device_parent_class)->finalize (object);
}

static void
ferry_device_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FerryDevice *self = FERRY_DEVICE (object);

  switch ((FerryDeviceProperty) prop_id)
    {
    case PROP_JID:
      g_value_set_boxed (value, self->jid);
      break;
    case PROP_NAME:
      g_value_set_string (value, ferry_device_get_name (self));
      break;
    case PROP_SHOW:
      g_value_set_int (value, (int) self->show);
      break;
    case PROP_STATUS:
      g_value_set_string (value, self->status);
      break;
    case PROP_CAPABILITY:
      g_value_set_int (value, (int) self->capability);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_device_class_init (FerryDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = ferry_device_finalize;
  object_class->get_property = ferry_device_get_property;

  props[PROP_JID] = g_param_spec_boxed ("jid", NULL, NULL, FERRY_TYPE_JID, flags);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /* of FerryPresenceShow */
  props[PROP_SHOW] = g_param_spec_int ("show", NULL, NULL, FERRY_PRESENCE_CHAT,
                                       FERRY_PRESENCE_OFFLINE, FERRY_PRESENCE_AVAILABLE, flags);
  props[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  /* of FerryCapability */
  props[PROP_CAPABILITY] =
      g_param_spec_int ("capability", NULL, NULL, FERRY_CAPABILITY_UNKNOWN,
                        FERRY_CAPABILITY_JINGLE, FERRY_CAPABILITY_UNKNOWN, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ferry_device_init (FerryDevice *self)
{
  self->show = FERRY_PRESENCE_AVAILABLE;
}
