/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-contact.h"

#include "xmpp/ferry-ns.h"

#include <string.h>

struct _FerryContact
{
  GObject parent_instance;

  FerryJid *account;
  FerryJid *jid;
  char *name;               /* nullable: none in the roster */
  const char *subscription; /* interned */
  GListStore *devices;      /* of FerryDevice, best first */
  FerryRoute routes;        /* that the user allows */

  /* As last notified. */
  FerryPresenceShow show;
  char *status; /* nullable */
  guint n_devices;
  gboolean can_receive;
};

typedef enum
{
  PROP_JID = 1,
  PROP_NAME,
  PROP_SHOW,
  PROP_STATUS,
  PROP_IS_ONLINE,
  PROP_N_DEVICES,
  PROP_CAN_RECEIVE,
  PROP_SUBSCRIPTION,
  PROP_IS_SELF,
  PROP_ROUTES,
  N_PROPS
} FerryContactProperty;

enum
{
  DEVICES_CHANGED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryContact, ferry_contact, G_TYPE_OBJECT)

FerryContact *
ferry_contact_new (FerryJid *account, FerryJid *jid)
{
  g_return_val_if_fail (account != NULL && jid != NULL, NULL);

  FerryContact *self = g_object_new (FERRY_TYPE_CONTACT, NULL);
  self->account = ferry_jid_dup_bare (account);
  self->jid = ferry_jid_dup_bare (jid);
  return self;
}

/* --- Reading ---------------------------------------------------------------------------------
 */

FerryJid *
ferry_contact_get_account (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), NULL);

  return self->account;
}

FerryJid *
ferry_contact_get_jid (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), NULL);

  return self->jid;
}

const char *
ferry_contact_get_name (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), NULL);

  if (self->name != NULL)
    return self->name;
  const char *local = ferry_jid_get_local (self->jid);
  return local != NULL ? local : ferry_jid_get_text (self->jid);
}

FerryPresenceShow
ferry_contact_get_show (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FERRY_PRESENCE_OFFLINE);

  return self->show;
}

const char *
ferry_contact_get_status (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), NULL);

  return self->status;
}

gboolean
ferry_contact_is_online (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FALSE);

  return self->n_devices > 0;
}

gboolean
ferry_contact_can_receive (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FALSE);

  return self->can_receive;
}

const char *
ferry_contact_get_subscription (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), NULL);

  return self->subscription;
}

gboolean
ferry_contact_is_self (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FALSE);

  return ferry_jid_equal (self->account, self->jid);
}

FerryRoute
ferry_contact_get_routes (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FERRY_ROUTE_NONE);

  return self->routes;
}

GListModel *
ferry_contact_get_devices (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), NULL);

  return G_LIST_MODEL (self->devices);
}

/* Borrowed: the list keeps it. */
static FerryDevice *
get_device (FerryContact *self, guint position)
{
  g_autoptr (FerryDevice) device =
      g_list_model_get_item (G_LIST_MODEL (self->devices), position);
  return device;
}

FerryDevice *
ferry_contact_get_best_device (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), NULL);

  FerryDevice *first = get_device (self, 0);
  return first != NULL && ferry_device_can_receive (first) ? first : NULL;
}

gboolean
ferry_contact_is_undecided (FerryContact *self)
{
  FerryDevice *device;
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FALSE);

  for (guint i = 0; (device = get_device (self, i)) != NULL; i++)
    if (ferry_device_get_capability (device) == FERRY_CAPABILITY_UNKNOWN)
      return TRUE;
  return FALSE;
}

gboolean
ferry_contact_is_unable (FerryContact *self)
{
  FerryDevice *device;
  gboolean is_there = FALSE;
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FALSE);

  for (guint i = 0; (device = get_device (self, i)) != NULL; i++)
    {
      if (ferry_device_get_capability (device) != FERRY_CAPABILITY_NONE)
        return FALSE;
      is_there = is_there || ferry_device_get_priority (device) >= 0;
    }
  return is_there;
}

static gboolean
find_position (FerryContact *self, const FerryJid *full, guint *position)
{
  FerryDevice *device;
  for (guint i = 0; (device = get_device (self, i)) != NULL; i++)
    if (ferry_jid_equal (ferry_device_get_jid (device), full))
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
ferry_contact_lacks_folders (FerryContact *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (self), FALSE);

  GListModel *devices = ferry_contact_get_devices (self);
  gboolean any = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (FerryDevice) device = g_list_model_get_item (devices, i);

      if (ferry_device_has_feature (device, FERRY_NS_FOLDER))
        return FALSE;
      any = any || ferry_device_can_receive (device);
    }
  return any;
}

FerryDevice *
ferry_contact_find_device (FerryContact *self, const FerryJid *full)
{
  guint position;
  g_return_val_if_fail (FERRY_IS_CONTACT (self) && full != NULL, NULL);

  return find_position (self, full, &position) ? get_device (self, position) : NULL;
}

/* --- Order -----------------------------------------------------------------------------------
 */

static int
rank_capability (FerryDevice *device)
{
  switch (ferry_device_get_capability (device))
    {
    case FERRY_CAPABILITY_JINGLE:
      return 0;
    case FERRY_CAPABILITY_SI:
      return 1;
    case FERRY_CAPABILITY_UNKNOWN:
      return 2;
    case FERRY_CAPABILITY_NONE:
    default:
      return 3;
    }
}

static int
compare_devices (gconstpointer a, gconstpointer b, gpointer unused)
{
  FerryDevice *device_a = (FerryDevice *) a, *device_b = (FerryDevice *) b;
  gint64 seen_a = ferry_device_get_seen_us (device_a);
  gint64 seen_b = ferry_device_get_seen_us (device_b);
  int order = rank_capability (device_a) - rank_capability (device_b);

  if (order == 0)
    order = ferry_device_get_priority (device_b) - ferry_device_get_priority (device_a);
  if (order == 0)
    order = (int) ferry_device_get_show (device_a) - (int) ferry_device_get_show (device_b);
  if (order == 0)
    order = (seen_a < seen_b) - (seen_a > seen_b);
  if (order == 0)
    order = strcmp (ferry_jid_get_text (ferry_device_get_jid (device_a)),
                    ferry_jid_get_text (ferry_device_get_jid (device_b)));
  return order;
}

static gboolean
is_sorted (FerryContact *self)
{
  FerryDevice *device, *next;
  for (guint i = 0;
       (device = get_device (self, i)) != NULL && (next = get_device (self, i + 1)) != NULL;
       i++)
    if (compare_devices (device, next, NULL) > 0)
      return FALSE;
  return TRUE;
}

/* Whoever shows the list loses its selection when all of it is replaced: only when needed. */
static void
sort_devices (FerryContact *self)
{
  if (!is_sorted (self))
    g_list_store_sort (self->devices, compare_devices, NULL);
}

/* --- Changing --------------------------------------------------------------------------------
 */

static gboolean
may_receive (FerryContact *self)
{
  FerryDevice *device;
  for (guint i = 0; (device = get_device (self, i)) != NULL; i++)
    if (ferry_device_get_capability (device) != FERRY_CAPABILITY_NONE)
      return TRUE;
  return FALSE;
}

void
ferry_contact_update (FerryContact *self)
{
  g_return_if_fail (FERRY_IS_CONTACT (self));

  sort_devices (self);
  FerryDevice *best = get_device (self, 0);
  GObject *object = G_OBJECT (self);
  g_object_freeze_notify (object);

  FerryPresenceShow show = best != NULL ? ferry_device_get_show (best) : FERRY_PRESENCE_OFFLINE;
  if (show != self->show)
    g_object_notify_by_pspec (object, props[PROP_SHOW]);
  self->show = show;

  const char *status = best != NULL ? ferry_device_get_status (best) : NULL;
  if (g_strcmp0 (status, self->status) != 0)
    {
      g_free (self->status);
      self->status = g_strdup (status);
      g_object_notify_by_pspec (object, props[PROP_STATUS]);
    }

  guint n_devices = g_list_model_get_n_items (G_LIST_MODEL (self->devices));
  if (n_devices != self->n_devices)
    g_object_notify_by_pspec (object, props[PROP_N_DEVICES]);
  if ((n_devices > 0) != (self->n_devices > 0))
    g_object_notify_by_pspec (object, props[PROP_IS_ONLINE]);
  self->n_devices = n_devices;

  gboolean can_receive = may_receive (self);
  if (can_receive != self->can_receive)
    g_object_notify_by_pspec (object, props[PROP_CAN_RECEIVE]);
  self->can_receive = can_receive;

  g_object_thaw_notify (object);
  g_signal_emit (self, signals[DEVICES_CHANGED], 0);
}

void
ferry_contact_set_name (FerryContact *self, const char *name)
{
  g_return_if_fail (FERRY_IS_CONTACT (self));

  if (name != NULL && *name == '\0')
    name = NULL;
  if (g_strcmp0 (self->name, name) == 0)
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NAME]);
}

void
ferry_contact_set_subscription (FerryContact *self, const char *subscription)
{
  static const char *const known[] = { "to", "from", "both" };
  const char *new_value = "none";
  g_return_if_fail (FERRY_IS_CONTACT (self));

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_strcmp0 (subscription, known[i]) == 0)
      new_value = known[i];
  if (strcmp (self->subscription, new_value) == 0)
    return;
  self->subscription = new_value;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SUBSCRIPTION]);
}

void
ferry_contact_set_routes (FerryContact *self, FerryRoute routes)
{
  g_return_if_fail (FERRY_IS_CONTACT (self));

  if (self->routes == routes)
    return;
  self->routes = routes;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ROUTES]);
}

void
ferry_contact_add_device (FerryContact *self, FerryDevice *device)
{
  g_return_if_fail (FERRY_IS_CONTACT (self) && FERRY_IS_DEVICE (device));

  ferry_contact_remove_device (self, ferry_device_get_jid (device));
  g_list_store_insert_sorted (self->devices, device, compare_devices, NULL);
  ferry_contact_update (self);
}

void
ferry_contact_remove_device (FerryContact *self, const FerryJid *full)
{
  guint position;
  g_return_if_fail (FERRY_IS_CONTACT (self) && full != NULL);

  if (!find_position (self, full, &position))
    return;
  g_list_store_remove (self->devices, position);
  ferry_contact_update (self);
}

void
ferry_contact_remove_all_devices (FerryContact *self)
{
  g_return_if_fail (FERRY_IS_CONTACT (self));

  if (g_list_model_get_n_items (G_LIST_MODEL (self->devices)) > 0)
    g_list_store_remove_all (self->devices);
  ferry_contact_update (self);
}

/* --- Object ----------------------------------------------------------------------------------
 */

static void
ferry_contact_finalize (GObject *object)
{
  FerryContact *self = FERRY_CONTACT (object);

  g_clear_pointer (&self->account, ferry_jid_unref);
  g_clear_pointer (&self->jid, ferry_jid_unref);
  g_clear_object (&self->devices);
  g_free (self->name);
  g_free (self->status);

  G_OBJECT_CLASS (ferry_contact_parent_class)->finalize (object);
}

static void
ferry_contact_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FerryContact *self = FERRY_CONTACT (object);

  switch ((FerryContactProperty) prop_id)
    {
    case PROP_JID:
      g_value_set_boxed (value, self->jid);
      break;
    case PROP_NAME:
      g_value_set_string (value, ferry_contact_get_name (self));
      break;
    case PROP_SHOW:
      g_value_set_int (value, (int) self->show);
      break;
    case PROP_STATUS:
      g_value_set_string (value, self->status);
      break;
    case PROP_IS_ONLINE:
      g_value_set_boolean (value, ferry_contact_is_online (self));
      break;
    case PROP_N_DEVICES:
      g_value_set_uint (value, self->n_devices);
      break;
    case PROP_CAN_RECEIVE:
      g_value_set_boolean (value, self->can_receive);
      break;
    case PROP_SUBSCRIPTION:
      g_value_set_string (value, self->subscription);
      break;
    case PROP_IS_SELF:
      g_value_set_boolean (value, ferry_contact_is_self (self));
      break;
    case PROP_ROUTES:
      g_value_set_uint (value, self->routes);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_contact_class_init (FerryContactClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = ferry_contact_finalize;
  object_class->get_property = ferry_contact_get_property;

  props[PROP_JID] = g_param_spec_boxed ("jid", NULL, NULL, FERRY_TYPE_JID, flags);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /* of FerryPresenceShow */
  props[PROP_SHOW] = g_param_spec_int ("show", NULL, NULL, FERRY_PRESENCE_CHAT,
                                       FERRY_PRESENCE_OFFLINE, FERRY_PRESENCE_OFFLINE, flags);
  props[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  props[PROP_IS_ONLINE] = g_param_spec_boolean ("is-online", NULL, NULL, FALSE, flags);
  props[PROP_N_DEVICES] = g_param_spec_uint ("n-devices", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_CAN_RECEIVE] = g_param_spec_boolean ("can-receive", NULL, NULL, FALSE, flags);
  props[PROP_SUBSCRIPTION] = g_param_spec_string ("subscription", NULL, NULL, "none", flags);
  props[PROP_IS_SELF] = g_param_spec_boolean ("is-self", NULL, NULL, FALSE, flags);
  props[PROP_ROUTES] =
      g_param_spec_uint ("routes", NULL, NULL, 0, FERRY_ROUTE_ALL, FERRY_ROUTE_ALL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[DEVICES_CHANGED] =
      g_signal_new ("devices-changed", FERRY_TYPE_CONTACT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
ferry_contact_init (FerryContact *self)
{
  self->devices = g_list_store_new (FERRY_TYPE_DEVICE);
  self->show = FERRY_PRESENCE_OFFLINE;
  self->subscription = "none";
  self->routes = FERRY_ROUTE_ALL;
}
