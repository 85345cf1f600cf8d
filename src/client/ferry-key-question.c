/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client/ferry-key-question.h"

#include "crypt/ferry-tls-identity.h"

struct _FerryKeyQuestion
{
  GObject parent_instance;

  FerryJid *account;
  FerryJid *device;
  char *peer_name;
  char *file_name;
  char *known;
  char *other;
  gboolean is_verified;
};

static guint closed_signal;

G_DEFINE_FINAL_TYPE (FerryKeyQuestion, ferry_key_question, G_TYPE_OBJECT)

static void
ferry_key_question_finalize (GObject *object)
{
  FerryKeyQuestion *self = FERRY_KEY_QUESTION (object);

  ferry_jid_unref (self->account);
  ferry_jid_unref (self->device);
  g_free (self->peer_name);
  g_free (self->file_name);
  g_free (self->known);
  g_free (self->other);
  G_OBJECT_CLASS (ferry_key_question_parent_class)->finalize (object);
}

static void
ferry_key_question_class_init (FerryKeyQuestionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_key_question_finalize;
  closed_signal = g_signal_new ("closed", FERRY_TYPE_KEY_QUESTION, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferry_key_question_init (FerryKeyQuestion *self)
{
}

FerryKeyQuestion *
ferry_key_question_new (FerryJid *account,
                        FerryJid *device,
                        const char *peer_name,
                        const char *file_name,
                        const char *known,
                        const char *other,
                        gboolean is_verified)
{
  g_return_val_if_fail (account != NULL && device != NULL, NULL);
  g_return_val_if_fail (known != NULL, NULL);

  FerryKeyQuestion *self = g_object_new (FERRY_TYPE_KEY_QUESTION, NULL);
  self->account = ferry_jid_ref (account);
  self->device = ferry_jid_ref (device);
  self->peer_name = g_strdup (peer_name);
  self->file_name = g_strdup (file_name);
  self->known = g_strdup (known);
  self->other = g_strdup (other);
  self->is_verified = is_verified;
  return self;
}

FerryJid *
ferry_key_question_get_account (FerryKeyQuestion *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (self), NULL);
  return self->account;
}

FerryJid *
ferry_key_question_get_device (FerryKeyQuestion *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (self), NULL);
  return self->device;
}

const char *
ferry_key_question_get_peer_name (FerryKeyQuestion *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (self), NULL);
  return self->peer_name;
}

const char *
ferry_key_question_get_file_name (FerryKeyQuestion *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (self), NULL);
  return self->file_name;
}

const char *
ferry_key_question_get_known (FerryKeyQuestion *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (self), NULL);
  return self->known;
}

const char *
ferry_key_question_get_other (FerryKeyQuestion *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (self), NULL);
  return self->other;
}

gboolean
ferry_key_question_is_verified (FerryKeyQuestion *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTION (self), FALSE);
  return self->is_verified;
}

char *
ferry_key_question_dup_groups (const char *fingerprint)
{
  FerryHash hash;

  g_return_val_if_fail (fingerprint != NULL, NULL);
  if (!ferry_hash_parse_hex (FERRY_HASH_SHA256, fingerprint, &hash))
    return g_strdup (fingerprint);
  return ferry_tls_fingerprint_to_text (&hash);
}

void
ferry_key_question_close (FerryKeyQuestion *self)
{
  g_return_if_fail (FERRY_IS_KEY_QUESTION (self));
  g_signal_emit (self, closed_signal, 0);
}
