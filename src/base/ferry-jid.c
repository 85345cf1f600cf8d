/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-jid.h"

#include "base/ferry-error.h"

#include <gio/gio.h>
#include <string.h>

/* RFC 7622 §3.1: each part is at most this long, after preparation. */
#define MAX_PART_BYTES 1023

struct _FerryJid
{
  gatomicrefcount ref_count;
  char *local; /* nullable */
  char *domain;
  char *resource; /* nullable */
  char *bare;
  char *text;
};

G_DEFINE_BOXED_TYPE (FerryJid, ferry_jid, ferry_jid_ref, ferry_jid_unref)

static gboolean
has_fitting_length (const char *part)
{
  size_t length = strlen (part);
  return length > 0 && length <= MAX_PART_BYTES;
}

static gboolean
is_control (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_CONTROL || type == G_UNICODE_SURROGATE ||
         type == G_UNICODE_UNASSIGNED || type == G_UNICODE_LINE_SEPARATOR ||
         type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* RFC 7622 §3.3: UsernameCaseMapped, and without the characters XMPP reserves. */
static char *
prepare_local (const char *raw)
{
  g_autofree char *lower = g_utf8_strdown (raw, -1);
  g_autofree char *local = g_utf8_normalize (lower, -1, G_NORMALIZE_NFC);

  if (local == NULL || !has_fitting_length (local))
    return NULL;
  for (const char *p = local; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (is_control (c) || g_unichar_isspace (c) ||
          (c < 0x80 && strchr ("\"&'/:<>@", (int) c)))
        return NULL;
    }
  return g_steal_pointer (&local);
}

static gboolean
has_domain_characters (const char *name)
{
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (is_control (c) || g_unichar_isspace (c) ||
          (c < 0x80 && !g_ascii_isalnum ((char) c) && !strchr ("-._", (int) c)))
        return FALSE;
    }
  return TRUE;
}

/* Also a second dot at the end makes one; only the first is taken off. */
static gboolean
has_empty_label (const char *name)
{
  return g_str_has_prefix (name, ".") || g_str_has_suffix (name, ".") ||
         strstr (name, "..") != NULL;
}

/* RFC 7622 §3.2: an IP literal or a name; compared in its Unicode form. */
static char *
prepare_domain (const char *raw)
{
  size_t length = strlen (raw);
  if (length > 0 && raw[length - 1] == '.')
    length--;
  g_autofree char *name = g_strndup (raw, length);

  if (!has_fitting_length (name))
    return NULL;
  if (name[0] == '[')
    {
      g_autofree char *inner = g_strndup (name + 1, strlen (name) - 1);
      size_t n = strlen (inner);
      if (n < 2 || inner[n - 1] != ']')
        return NULL;
      inner[n - 1] = '\0';
      return g_hostname_is_ip_address (inner) ? g_ascii_strdown (name, -1) : NULL;
    }
  if (!has_domain_characters (name) || has_empty_label (name))
    return NULL;
  g_autofree char *unicode = g_hostname_to_unicode (name);
  if (unicode == NULL || !has_fitting_length (unicode) || !has_domain_characters (unicode) ||
      has_empty_label (unicode))
    return NULL;
  /* RFC 5891 §4.4: an A-label that stands for anything but its U-label is none. */
  g_autofree char *again = g_hostname_to_unicode (unicode);
  return g_strcmp0 (again, unicode) == 0 ? g_steal_pointer (&unicode) : NULL;
}

/* RFC 7622 §3.4: OpaqueString. */
static char *
prepare_resource (const char *raw)
{
  g_autoptr (GString) mapped = g_string_new (NULL);
  for (const char *p = raw; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (is_control (c))
        return NULL;
      g_string_append_unichar (mapped,
                               g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR ? ' ' : c);
    }
  g_autofree char *resource = g_utf8_normalize (mapped->str, -1, G_NORMALIZE_NFC);
  return resource != NULL && has_fitting_length (resource) ? g_steal_pointer (&resource) : NULL;
}

/* Takes the three prepared parts. */
static FerryJid *
jid_new_take (char *local, char *domain, char *resource)
{
  FerryJid *self = g_new0 (FerryJid, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->local = local;
  self->domain = domain;
  self->resource = resource;
  self->bare = local != NULL ? g_strconcat (local, "@", domain, NULL) : g_strdup (domain);
  self->text =
      resource != NULL ? g_strconcat (self->bare, "/", resource, NULL) : g_strdup (self->bare);
  return self;
}

FerryJid *
ferry_jid_new (const char *text, GError **error)
{
  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "an address is missing or not UTF-8");
      return NULL;
    }

  /* RFC 7622 §3.1: first the resource is cut off at the first slash, then the local part at the
   * first at-sign. */
  const char *slash = strchr (text, '/');
  g_autofree char *bare =
      slash != NULL ? g_strndup (text, (gsize) (slash - text)) : g_strdup (text);
  const char *at = strchr (bare, '@');
  g_autofree char *raw_local = at != NULL ? g_strndup (bare, (gsize) (at - bare)) : NULL;

  g_autofree char *local = raw_local != NULL ? prepare_local (raw_local) : NULL;
  g_autofree char *domain = prepare_domain (at != NULL ? at + 1 : bare);
  g_autofree char *resource = slash != NULL ? prepare_resource (slash + 1) : NULL;
  if (domain == NULL || (raw_local != NULL && local == NULL) ||
      (slash != NULL && resource == NULL))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "not an XMPP address");
      return NULL;
    }
  return jid_new_take (g_steal_pointer (&local), g_steal_pointer (&domain),
                       g_steal_pointer (&resource));
}

FerryJid *
ferry_jid_with_resource (const FerryJid *self, const char *resource)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_autofree char *prepared = NULL;
  if (resource != NULL)
    {
      prepared = g_utf8_validate (resource, -1, NULL) ? prepare_resource (resource) : NULL;
      if (prepared == NULL)
        return NULL;
    }
  return jid_new_take (g_strdup (self->local), g_strdup (self->domain),
                       g_steal_pointer (&prepared));
}

FerryJid *
ferry_jid_dup_bare (const FerryJid *self)
{
  return ferry_jid_with_resource (self, NULL);
}

FerryJid *
ferry_jid_ref (FerryJid *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_jid_unref (FerryJid *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->local);
  g_free (self->domain);
  g_free (self->resource);
  g_free (self->bare);
  g_free (self->text);
  g_free (self);
}

const char *
ferry_jid_get_local (const FerryJid *self)
{
  return self->local;
}

const char *
ferry_jid_get_domain (const FerryJid *self)
{
  return self->domain;
}

const char *
ferry_jid_get_resource (const FerryJid *self)
{
  return self->resource;
}

const char *
ferry_jid_get_text (const FerryJid *self)
{
  return self->text;
}

const char *
ferry_jid_get_bare (const FerryJid *self)
{
  return self->bare;
}

gboolean
ferry_jid_is_bare (const FerryJid *self)
{
  return self->resource == NULL;
}

gboolean
ferry_jid_equal (gconstpointer a, gconstpointer b)
{
  const FerryJid *jid_a = a, *jid_b = b;
  return jid_a == jid_b ||
         (jid_a != NULL && jid_b != NULL && strcmp (jid_a->text, jid_b->text) == 0);
}

guint
ferry_jid_hash (gconstpointer self)
{
  return g_str_hash (((const FerryJid *) self)->text);
}

gboolean
ferry_jid_equal_bare (const FerryJid *a, const FerryJid *b)
{
  return a != NULL && b != NULL && strcmp (a->bare, b->bare) == 0;
}
