/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be asked about the keys of devices. */
#include "config.h"

#include "client/ferry-control.h"

static gboolean
accept_key (FerryCore *core, FerryDeviceKey *key)
{
  return ferry_core_answer_key (core, key->account, key->device, FERRY_KEY_ACCEPT, NULL);
}

/* What people have compared is the key that the device shows now. */
static gboolean
verify_key (FerryCore *core, FerryDeviceKey *key)
{
  if (key->other != NULL)
    return ferry_core_answer_key (core, key->account, key->device, FERRY_KEY_VERIFY, NULL);
  return ferry_core_verify_key (core, key->account, key->device, TRUE, NULL);
}

static gboolean
let_once (FerryCore *core, FerryDeviceKey *key)
{
  return ferry_core_answer_key (core, key->account, key->device, FERRY_KEY_ONCE, NULL);
}

static gboolean
reject_key (FerryCore *core, FerryDeviceKey *key)
{
  return ferry_core_answer_key (core, key->account, key->device, FERRY_KEY_DECLINE, NULL);
}

static gboolean
forget_key (FerryCore *core, FerryDeviceKey *key)
{
  return ferry_core_forget_key (core, key->account, key->device, NULL);
}

FerryControlResult
ferry_control_apply_key (FerryCore *core, const char *verb, const char *device)
{
  static const struct
  {
    const char *verb;
    gboolean (*apply) (FerryCore *core, FerryDeviceKey *key);
  } verbs[] = {
    { "key-accept", accept_key }, { "key-verify", verify_key }, { "key-once", let_once },
    { "key-reject", reject_key }, { "key-forget", forget_key },
  };
  FerryControlResult result = FERRY_CONTROL_UNKNOWN;
  guint i = 0;

  while (i < G_N_ELEMENTS (verbs) && g_strcmp0 (verbs[i].verb, verb) != 0)
    i++;
  if (i == G_N_ELEMENTS (verbs))
    return FERRY_CONTROL_BAD;

  /* With every account that knows the device: it is about the device. */
  g_autoptr (GPtrArray) keys = ferry_core_list_keys (core, NULL);
  for (guint k = 0; keys != NULL && k < keys->len; k++)
    {
      FerryDeviceKey *key = keys->pdata[k];
      if (g_strcmp0 (ferry_jid_get_text (key->device), device) != 0)
        continue;
      if (verbs[i].apply (core, key))
        result = FERRY_CONTROL_DONE;
      else if (result == FERRY_CONTROL_UNKNOWN)
        result = FERRY_CONTROL_NOT_NOW;
    }
  return result;
}

GPtrArray *
ferry_control_list_keys (FerryCore *core)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr (GPtrArray) keys = ferry_core_list_keys (core, NULL);

  for (guint i = 0; keys != NULL && i < keys->len; i++)
    {
      const FerryDeviceKey *key = keys->pdata[i];
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "event", "s", "key");
      g_variant_dict_insert (&dict, "account", "s", ferry_jid_get_text (key->account));
      g_variant_dict_insert (&dict, "device", "s", ferry_jid_get_text (key->device));
      g_variant_dict_insert (&dict, "fingerprint", "s", key->fingerprint);
      g_variant_dict_insert (&dict, "seen", "x", key->seen_us / G_USEC_PER_SEC);
      g_variant_dict_insert (&dict, "verified", "b", key->is_verified);
      if (key->other != NULL)
        g_variant_dict_insert (&dict, "shown", "s", key->other);
      g_variant_dict_insert (&dict, "clear", "s", ferry_key_clear_get_name (key->clear));
      g_ptr_array_add (list, g_variant_ref_sink (g_variant_dict_end (&dict)));
    }
  return list;
}
