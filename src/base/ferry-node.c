/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-node.h"

#include <string.h>

typedef struct
{
  char *key;
  char *value;
} Attr;

struct _FerryNode
{
  gatomicrefcount ref_count;
  char *name;
  char *ns;            /* a GRefString, shared by parent and children; NULL until known */
  GArray *attrs;       /* of Attr, NULL while empty */
  GPtrArray *children; /* of FerryNode, NULL while empty */
  GString *text;       /* NULL while empty */
};

G_DEFINE_BOXED_TYPE (FerryNode, ferry_node, ferry_node_ref, ferry_node_unref)

static void
attr_clear (gpointer data)
{
  Attr *attr = data;
  g_free (attr->key);
  g_free (attr->value);
}

FerryNode *
ferry_node_new (const char *name, const char *ns)
{
  g_return_val_if_fail (name != NULL, NULL);

  FerryNode *self = g_new0 (FerryNode, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->ns = ns != NULL ? g_ref_string_new (ns) : NULL;
  return self;
}

FerryNode *
ferry_node_ref (FerryNode *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_node_unref (FerryNode *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->name);
  g_clear_pointer (&self->ns, g_ref_string_release);
  g_clear_pointer (&self->attrs, g_array_unref);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_free (self);
}

static gboolean
is_sole_owner (const FerryNode *self)
{
  return g_atomic_ref_count_compare ((gatomicrefcount *) &self->ref_count, 1);
}

static Attr *
find_attr (const FerryNode *self, const char *key)
{
  for (guint i = 0; self->attrs != NULL && i < self->attrs->len; i++)
    {
      Attr *attr = &g_array_index (self->attrs, Attr, i);
      if (strcmp (attr->key, key) == 0)
        return attr;
    }
  return NULL;
}

void
ferry_node_set_attr (FerryNode *self, const char *key, const char *value)
{
  g_return_if_fail (self != NULL && is_sole_owner (self));
  g_return_if_fail (key != NULL);

  if (value == NULL)
    return;

  Attr *old = find_attr (self, key);
  if (old != NULL)
    {
      g_free (old->value);
      old->value = g_strdup (value);
      return;
    }

  if (self->attrs == NULL)
    {
      self->attrs = g_array_sized_new (FALSE, FALSE, sizeof (Attr), 4);
      g_array_set_clear_func (self->attrs, attr_clear);
    }
  Attr attr = { g_strdup (key), g_strdup (value) };
  g_array_append_val (self->attrs, attr);
}

void
ferry_node_set_attr_uint (FerryNode *self, const char *key, guint64 value)
{
  char text[21];
  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, value);
  ferry_node_set_attr (self, key, text);
}

void
ferry_node_set_attrs (FerryNode *self, ...)
{
  va_list args;
  const char *key;

  va_start (args, self);
  while ((key = va_arg (args, const char *)) != NULL)
    ferry_node_set_attr (self, key, va_arg (args, const char *));
  va_end (args);
}

void
ferry_node_set_text (FerryNode *self, const char *text)
{
  g_return_if_fail (self != NULL && is_sole_owner (self));

  if (self->text != NULL)
    g_string_truncate (self->text, 0);
  if (text != NULL)
    ferry_node_append_text (self, text, -1);
}

void
ferry_node_append_text (FerryNode *self, const char *text, gssize length)
{
  g_return_if_fail (self != NULL && is_sole_owner (self));

  if (self->text == NULL)
    self->text = g_string_new (NULL);
  g_string_append_len (self->text, text, length);
}

/* A subtree is built before its parent is known: what has no namespace yet takes the parent's.
 */
static void
inherit_ns (FerryNode *self, char *ns)
{
  if (self->ns != NULL || ns == NULL)
    return;
  self->ns = g_ref_string_acquire (ns);
  for (guint i = 0; self->children != NULL && i < self->children->len; i++)
    inherit_ns (self->children->pdata[i], ns);
}

FerryNode *
ferry_node_take_child (FerryNode *self, FerryNode *child)
{
  g_return_val_if_fail (self != NULL && is_sole_owner (self), child);
  g_return_val_if_fail (child != NULL && child != self, child);

  inherit_ns (child, self->ns);
  if (self->children == NULL)
    self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_node_unref);
  g_ptr_array_add (self->children, child);
  return child;
}

FerryNode *
ferry_node_add (FerryNode *self, const char *name, const char *ns, const char *text)
{
  FerryNode *child = ferry_node_new (name, ns);
  if (text != NULL)
    ferry_node_set_text (child, text);
  return ferry_node_take_child (self, child);
}

const char *
ferry_node_get_name (const FerryNode *self)
{
  return self->name;
}

const char *
ferry_node_get_ns (const FerryNode *self)
{
  return self->ns;
}

gboolean
ferry_node_is (const FerryNode *self, const char *name, const char *ns)
{
  return self != NULL && (name == NULL || strcmp (self->name, name) == 0) &&
         (ns == NULL || g_strcmp0 (self->ns, ns) == 0);
}

const char *
ferry_node_get_attr (const FerryNode *self, const char *key)
{
  const Attr *attr = find_attr (self, key);
  return attr != NULL ? attr->value : NULL;
}

const char *
ferry_node_get_text (const FerryNode *self)
{
  return self->text != NULL ? self->text->str : "";
}

gsize
ferry_node_get_text_length (const FerryNode *self)
{
  return self->text != NULL ? self->text->len : 0;
}

guint
ferry_node_get_n_children (const FerryNode *self)
{
  return self->children != NULL ? self->children->len : 0;
}

FerryNode *
ferry_node_get_nth_child (const FerryNode *self, guint index)
{
  g_return_val_if_fail (index < ferry_node_get_n_children (self), NULL);

  return self->children->pdata[index];
}

FerryNode *
ferry_node_get_child (const FerryNode *self, const char *name, const char *ns)
{
  for (guint i = 0; i < ferry_node_get_n_children (self); i++)
    if (ferry_node_is (self->children->pdata[i], name, ns))
      return self->children->pdata[i];
  return NULL;
}

const char *
ferry_node_get_child_text (const FerryNode *self, const char *name, const char *ns)
{
  const FerryNode *child = ferry_node_get_child (self, name, ns);
  return child != NULL ? ferry_node_get_text (child) : NULL;
}

static guint
count_attrs (const FerryNode *self)
{
  return self->attrs != NULL ? self->attrs->len : 0;
}

gboolean
ferry_node_equal (const FerryNode *a, const FerryNode *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || strcmp (a->name, b->name) != 0 ||
      g_strcmp0 (a->ns, b->ns) != 0 ||
      strcmp (ferry_node_get_text (a), ferry_node_get_text (b)) != 0 ||
      count_attrs (a) != count_attrs (b) ||
      ferry_node_get_n_children (a) != ferry_node_get_n_children (b))
    return FALSE;

  for (guint i = 0; i < count_attrs (a); i++)
    {
      const Attr *attr = &g_array_index (a->attrs, Attr, i);
      if (g_strcmp0 (ferry_node_get_attr (b, attr->key), attr->value) != 0)
        return FALSE;
    }
  for (guint i = 0; i < ferry_node_get_n_children (a); i++)
    if (!ferry_node_equal (a->children->pdata[i], b->children->pdata[i]))
      return FALSE;
  return TRUE;
}

FerryNode *
ferry_node_copy (const FerryNode *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  FerryNode *copy = ferry_node_new (self->name, NULL);
  copy->ns = self->ns != NULL ? g_ref_string_acquire (self->ns) : NULL;
  for (guint i = 0; i < count_attrs (self); i++)
    {
      const Attr *attr = &g_array_index (self->attrs, Attr, i);
      ferry_node_set_attr (copy, attr->key, attr->value);
    }
  if (self->text != NULL)
    ferry_node_append_text (copy, self->text->str, (gssize) self->text->len);
  for (guint i = 0; i < ferry_node_get_n_children (self); i++)
    ferry_node_take_child (copy, ferry_node_ref (self->children->pdata[i]));
  return copy;
}

void
ferry_node_foreach_attr (const FerryNode *self, FerryNodeAttrFunc func, gpointer user_data)
{
  for (guint i = 0; i < count_attrs (self); i++)
    {
      const Attr *attr = &g_array_index (self->attrs, Attr, i);
      func (attr->key, attr->value, user_data);
    }
}

gboolean
ferry_node_is_xml_char (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

static void
print_escaped (const char *text, gboolean in_attr, GString *out)
{
  /* Base64 of file blocks is by far the most of what is printed: take runs of what needs no
   * escaping in one piece. */
  for (const char *p = text; *p != '\0';)
    {
      size_t plain =
          strspn (p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
      if (plain > 0)
        {
          g_string_append_len (out, p, (gssize) plain);
          p += plain;
          continue;
        }

      gunichar c = g_utf8_get_char_validated (p, -1);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          p++;
          continue;
        }
      if (c == '&')
        g_string_append (out, "&amp;");
      else if (c == '<')
        g_string_append (out, "&lt;");
      else if (c == '>')
        g_string_append (out, "&gt;");
      else if (in_attr && c == '\'')
        g_string_append (out, "&apos;");
      else if (c == '\r' || (in_attr && (c == '\t' || c == '\n')))
        g_string_append_printf (out, "&#%u;", c); /* else the reader would normalise it away */
      else if (ferry_node_is_xml_char (c))
        g_string_append_unichar (out, c);
      p = g_utf8_next_char (p);
    }
}

static void
print_attr (const char *key, const char *value, gpointer user_data)
{
  GString *out = user_data;
  g_string_append_printf (out, " %s='", key);
  print_escaped (value, TRUE, out);
  g_string_append_c (out, '\'');
}

void
ferry_node_print (const FerryNode *self, const char *default_ns, GString *out)
{
  g_string_append_c (out, '<');
  g_string_append (out, self->name);
  if (self->ns != NULL && g_strcmp0 (self->ns, default_ns) != 0)
    print_attr ("xmlns", self->ns, out);
  ferry_node_foreach_attr (self, print_attr, out);

  if (ferry_node_get_text_length (self) == 0 && ferry_node_get_n_children (self) == 0)
    {
      g_string_append (out, "/>");
      return;
    }
  g_string_append_c (out, '>');
  print_escaped (ferry_node_get_text (self), FALSE, out);
  for (guint i = 0; i < ferry_node_get_n_children (self); i++)
    ferry_node_print (self->children->pdata[i], self->ns != NULL ? self->ns : default_ns, out);
  g_string_append_printf (out, "</%s>", self->name);
}

char *
ferry_node_to_string (const FerryNode *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  GString *out = g_string_new (NULL);
  ferry_node_print (self, NULL, out);
  return g_string_free (out, FALSE);
}
