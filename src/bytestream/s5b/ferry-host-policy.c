/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-host-policy.h"

#include "base/ferry-error.h"

#include <string.h>

#define MAX_NAME_BYTES 253
#define MAX_LABEL_BYTES 63
#define MAX_IPV6_TEXT 45

struct _FerryHostPolicy
{
  grefcount ref_count;
  GPtrArray *own;
  guint16 own_port;
  gboolean allow_loopback;
};

FerryHostPolicy *
ferry_host_policy_new (GPtrArray *own, guint16 own_port, gboolean allow_loopback)
{
  g_return_val_if_fail (own != NULL, NULL);

  FerryHostPolicy *self = g_new0 (FerryHostPolicy, 1);
  g_ref_count_init (&self->ref_count);
  self->own = g_ptr_array_ref (own);
  self->own_port = own_port;
  self->allow_loopback = allow_loopback;
  return self;
}

FerryHostPolicy *
ferry_host_policy_ref (FerryHostPolicy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_host_policy_unref (FerryHostPolicy *self)
{
  if (self == NULL || !g_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->own);
  g_free (self);
}

/* --- Host strings ----------------------------------------------------------------------------
 */

/* Four decimals of one to three digits without leading zeros. What inet_aton() also takes
 * ("127.1", "0x7f.1", "2130706433") is a way around filters and nothing else. */
static gboolean
is_dotted_quad (const char *host)
{
  const char *p = host;
  for (guint i = 0; i < 4; i++)
    {
      size_t n_digits = strspn (p, "0123456789");
      if (n_digits == 0 || n_digits > 3 || (n_digits > 1 && p[0] == '0'))
        return FALSE;
      p += n_digits;
      if (*p++ != (i < 3 ? '.' : '\0'))
        return FALSE;
    }
  return TRUE;
}

GInetAddress *
ferry_host_parse_literal (const char *host)
{
  g_return_val_if_fail (host != NULL, NULL);

  if (is_dotted_quad (host))
    return g_inet_address_new_from_string (host);
  if (strchr (host, ':') == NULL || strlen (host) > MAX_IPV6_TEXT + 2)
    return NULL;

  size_t length = strlen (host);
  gboolean has_brackets = host[0] == '[' && host[length - 1] == ']';
  g_autofree char *inner =
      has_brackets ? g_strndup (host + 1, length - 2) : g_strndup (host, length);
  /* The digits, colons and dots leave no room for a zone. */
  if (strspn (inner, "0123456789abcdefABCDEF:.") != strlen (inner))
    return NULL;
  return g_inet_address_new_from_string (inner);
}

static gboolean
is_label (const char *label)
{
  size_t length = strlen (label);
  if (length == 0 || length > MAX_LABEL_BYTES || label[0] == '-' || label[length - 1] == '-')
    return FALSE;
  for (const char *p = label; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-')
      return FALSE;
  return TRUE;
}

gboolean
ferry_host_is_name (const char *host)
{
  static const char *const private_domains[] = { "local", "localhost", "internal", "onion" };
  g_return_val_if_fail (host != NULL, FALSE);

  if (strlen (host) > MAX_NAME_BYTES)
    return FALSE;
  g_auto (GStrv) labels = g_strsplit (host, ".", -1);
  guint n_labels = g_strv_length (labels);
  if (n_labels < 2)
    return FALSE;
  for (guint i = 0; i < n_labels; i++)
    if (!is_label (labels[i]))
      return FALSE;

  const char *top = labels[n_labels - 1];
  for (guint i = 0; i < G_N_ELEMENTS (private_domains); i++)
    if (g_ascii_strcasecmp (top, private_domains[i]) == 0)
      return FALSE;
  /* No top-level domain begins with a digit: this is an odd way of writing a number. */
  return !g_ascii_isdigit (top[0]);
}

/* --- Addresses -------------------------------------------------------------------------------
 */

typedef enum
{
  RANGE_NEVER,    /* means no other machine */
  RANGE_LOOPBACK, /* means this machine; open under the test switch */
  RANGE_PRIVATE,  /* means another machine in each network */
} RangeClass;

typedef struct
{
  const char *prefix;
  guint n_bits;
  RangeClass class;
} Range;

static const Range ranges[] = {
  { "0.0.0.0", 8, RANGE_NEVER },       { "127.0.0.0", 8, RANGE_LOOPBACK },
  { "169.254.0.0", 16, RANGE_NEVER },  { "224.0.0.0", 4, RANGE_NEVER },
  { "240.0.0.0", 4, RANGE_NEVER },     { "::", 128, RANGE_NEVER },
  { "::1", 128, RANGE_LOOPBACK },      { "fe80::", 10, RANGE_NEVER },
  { "ff00::", 8, RANGE_NEVER },        { "10.0.0.0", 8, RANGE_PRIVATE },
  { "172.16.0.0", 12, RANGE_PRIVATE }, { "192.168.0.0", 16, RANGE_PRIVATE },
  { "100.64.0.0", 10, RANGE_PRIVATE }, { "fc00::", 7, RANGE_PRIVATE },
};

static gboolean
is_in_range (GInetAddress *address, const Range *range)
{
  g_autoptr (GInetAddress) prefix = g_inet_address_new_from_string (range->prefix);
  g_autoptr (GInetAddressMask) mask = g_inet_address_mask_new (prefix, range->n_bits, NULL);
  return g_inet_address_mask_matches (mask, address);
}

/* (nullable): %NULL for an ordinary address. */
static const Range *
find_range (GInetAddress *address)
{
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (is_in_range (address, &ranges[i]))
      return &ranges[i];
  return NULL;
}

/* ::ffff:a.b.c.d is a.b.c.d to the kernel, so it is to us. */
static GInetAddress *
unmap (GInetAddress *address)
{
  static const guint8 prefix[12] = { [10] = 0xff, [11] = 0xff };
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
      memcmp (bytes, prefix, sizeof prefix) == 0)
    return g_inet_address_new_from_bytes (bytes + sizeof prefix, G_SOCKET_FAMILY_IPV4);
  return g_object_ref (address);
}

static gboolean
has_own_in_range (const FerryHostPolicy *self, const Range *range)
{
  for (guint i = 0; i < self->own->len; i++)
    if (is_in_range (self->own->pdata[i], range))
      return TRUE;
  return FALSE;
}

static gboolean
is_own (const FerryHostPolicy *self, GInetAddress *address)
{
  if (g_inet_address_get_is_loopback (address))
    return TRUE;
  for (guint i = 0; i < self->own->len; i++)
    if (g_inet_address_equal (self->own->pdata[i], address))
      return TRUE;
  return FALSE;
}

static gboolean
is_port_allowed (guint16 port)
{
  return port >= 1024 || port == 80 || port == 443 || port == 777 || port == 1080;
}

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_FORBIDDEN, reason);
  return FALSE;
}

static gboolean
is_range_allowed (const FerryHostPolicy *self, const Range *range, FerryHostKind kind)
{
  switch (range->class)
    {
    case RANGE_LOOPBACK:
      return self->allow_loopback;
    case RANGE_PRIVATE:
      return kind == FERRY_HOST_OWN_PROXY ||
             (kind == FERRY_HOST_DIRECT && has_own_in_range (self, range));
    case RANGE_NEVER:
    default:
      return FALSE;
    }
}

gboolean
ferry_host_policy_allows (const FerryHostPolicy *self,
                          GInetAddress *address,
                          guint16 port,
                          FerryHostKind kind,
                          GError **error)
{
  g_return_val_if_fail (self != NULL && address != NULL, FALSE);

  g_autoptr (GInetAddress) plain = unmap (address);
  const Range *range = find_range (plain);
  if (!is_port_allowed (port))
    return refuse (error, "the port belongs to another service");
  if (range != NULL && !is_range_allowed (self, range, kind))
    return refuse (error, "the address cannot be the peer's");
  if (port == self->own_port && is_own (self, plain))
    return refuse (error, "the address is our own");
  return TRUE;
}
