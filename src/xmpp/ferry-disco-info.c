/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-disco-info.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_IDENTITIES 32
#define MAX_FEATURES 512
#define MAX_FORMS 16
#define MAX_CHILDREN 2048 /* looked at in the query; 512 in each form and field */
#define MAX_FORM_CHILDREN 512
#define MAX_VALUE_BYTES 1023

typedef struct
{
  char *category;
  char *type;
  char *lang; /* "" without one */
  char *name; /* "" without one */
} Identity;

typedef struct
{
  char *var;
  GPtrArray *values; /* of char, sorted */
} Field;

/* An extension (XEP-0128) with a hidden FORM_TYPE. Its node is kept to be printed again. */
typedef struct
{
  char *form_type;
  GPtrArray *fields; /* of Field, sorted, without FORM_TYPE */
} Form;

struct _FerryDiscoInfo
{
  gatomicrefcount ref_count;
  GPtrArray *identities; /* of Identity, sorted */
  GPtrArray *features;   /* of char, sorted */
  GPtrArray *forms;      /* of Form, sorted */
  gboolean is_ambiguous; /* must not be trusted by its hash */
};

G_DEFINE_BOXED_TYPE (FerryDiscoInfo,
                     ferry_disco_info,
                     ferry_disco_info_ref,
                     ferry_disco_info_unref)

static void
identity_free (gpointer data)
{
  Identity *identity = data;
  g_free (identity->category);
  g_free (identity->type);
  g_free (identity->lang);
  g_free (identity->name);
  g_free (identity);
}

static void
field_free (gpointer data)
{
  Field *field = data;
  g_free (field->var);
  g_ptr_array_unref (field->values);
  g_free (field);
}

static void
form_free (gpointer data)
{
  Form *form = data;
  g_free (form->form_type);
  g_ptr_array_unref (form->fields);
  g_free (form);
}

FerryDiscoInfo *
ferry_disco_info_new (void)
{
  FerryDiscoInfo *self = g_new0 (FerryDiscoInfo, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->identities = g_ptr_array_new_with_free_func (identity_free);
  self->features = g_ptr_array_new_with_free_func (g_free);
  self->forms = g_ptr_array_new_with_free_func (form_free);
  return self;
}

FerryDiscoInfo *
ferry_disco_info_ref (FerryDiscoInfo *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_disco_info_unref (FerryDiscoInfo *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_ptr_array_unref (self->identities);
  g_ptr_array_unref (self->features);
  g_ptr_array_unref (self->forms);
  g_free (self);
}

/* --- Sorted lists: bytewise, as i;octet wants ------------------------------------------------
 */

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static int
compare_identities (gconstpointer a, gconstpointer b)
{
  const Identity *one = *(const Identity *const *) a, *two = *(const Identity *const *) b;
  int order = strcmp (one->category, two->category);
  if (order == 0)
    order = strcmp (one->type, two->type);
  if (order == 0)
    order = strcmp (one->lang, two->lang);
  return order != 0 ? order : strcmp (one->name, two->name);
}

static int
compare_fields (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const Field *const *) a)->var, (*(const Field *const *) b)->var);
}

static int
compare_forms (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const Form *const *) a)->form_type, (*(const Form *const *) b)->form_type);
}

static gboolean
has_neighbours_alike (GPtrArray *sorted, GCompareFunc compare)
{
  for (guint i = 1; i < sorted->len; i++)
    if (compare (&sorted->pdata[i - 1], &sorted->pdata[i]) == 0)
      return TRUE;
  return FALSE;
}

static void
add_identity (FerryDiscoInfo *self,
              const char *category,
              const char *type,
              const char *lang,
              const char *name)
{
  Identity *identity = g_new0 (Identity, 1);
  identity->category = g_strdup (category);
  identity->type = g_strdup (type);
  identity->lang = g_strdup (lang != NULL ? lang : "");
  identity->name = g_strdup (name != NULL ? name : "");
  g_ptr_array_add (self->identities, identity);
}

void
ferry_disco_info_add_identity (FerryDiscoInfo *self,
                               const char *category,
                               const char *type,
                               const char *lang,
                               const char *name)
{
  g_return_if_fail (self != NULL && category != NULL && type != NULL);

  add_identity (self, category, type, lang, name);
  g_ptr_array_sort (self->identities, compare_identities);
}

void
ferry_disco_info_add_feature (FerryDiscoInfo *self, const char *feature)
{
  g_return_if_fail (self != NULL && feature != NULL);

  g_ptr_array_add (self->features, g_strdup (feature));
  g_ptr_array_sort (self->features, compare_texts);
}

/* --- Reading ---------------------------------------------------------------------------------
 */

static gboolean
is_fitting (const char *text)
{
  return text != NULL && *text != '\0' && strlen (text) <= MAX_VALUE_BYTES;
}

static void
parse_identity (FerryDiscoInfo *self, const FerryNode *node)
{
  const char *category = ferry_node_get_attr (node, "category");
  const char *type = ferry_node_get_attr (node, "type");
  const char *lang = ferry_node_get_attr (node, "xml:lang");
  const char *name = ferry_node_get_attr (node, "name");

  if (is_fitting (category) && is_fitting (type) &&
      (lang == NULL || strlen (lang) <= MAX_VALUE_BYTES) &&
      (name == NULL || strlen (name) <= MAX_VALUE_BYTES) &&
      self->identities->len < MAX_IDENTITIES)
    add_identity (self, category, type, lang, name);
}

static void
parse_feature (FerryDiscoInfo *self, const FerryNode *node)
{
  const char *var = ferry_node_get_attr (node, "var");
  if (is_fitting (var) && self->features->len < MAX_FEATURES)
    g_ptr_array_add (self->features, g_strdup (var));
}

static Field *
parse_field (const FerryNode *node)
{
  const char *var = ferry_node_get_attr (node, "var");
  if (!ferry_node_is (node, "field", FERRY_NS_DATA_FORMS) || !is_fitting (var))
    return NULL;

  Field *field = g_new0 (Field, 1);
  field->var = g_strdup (var);
  field->values = g_ptr_array_new_with_free_func (g_free);
  guint n = MIN (ferry_node_get_n_children (node), MAX_FORM_CHILDREN);
  for (guint i = 0; i < n; i++)
    {
      const FerryNode *value = ferry_node_get_nth_child (node, i);
      if (ferry_node_is (value, "value", FERRY_NS_DATA_FORMS))
        g_ptr_array_add (field->values, g_strdup (ferry_node_get_text (value)));
    }
  g_ptr_array_sort (field->values, compare_texts);
  return field;
}

/* Takes the type of the form from its FORM_TYPE field; %FALSE if the form has none that
 * counts. */
static gboolean
read_form_type (FerryDiscoInfo *self, Form *form, const FerryNode *node, const Field *field)
{
  if (strcmp (field->var, "FORM_TYPE") != 0)
    return FALSE;
  if (g_strcmp0 (ferry_node_get_attr (node, "type"), "hidden") == 0 && field->values->len > 0 &&
      form->form_type == NULL)
    form->form_type = g_strdup (field->values->pdata[0]);
  /* XEP-0115 §5.4, rule 3.5 */
  if (field->values->len > 1 &&
      strcmp (field->values->pdata[0], field->values->pdata[field->values->len - 1]) != 0)
    self->is_ambiguous = TRUE;
  return TRUE;
}

static void
parse_form (FerryDiscoInfo *self, const FerryNode *node)
{
  Form *form = g_new0 (Form, 1);
  form->fields = g_ptr_array_new_with_free_func (field_free);

  guint n = MIN (ferry_node_get_n_children (node), MAX_FORM_CHILDREN);
  for (guint i = 0; i < n; i++)
    {
      const FerryNode *child = ferry_node_get_nth_child (node, i);
      Field *field = parse_field (child);
      if (field == NULL)
        continue;
      if (read_form_type (self, form, child, field))
        field_free (field);
      else
        g_ptr_array_add (form->fields, field);
    }
  g_ptr_array_sort (form->fields, compare_fields);

  if (form->form_type != NULL && self->forms->len < MAX_FORMS)
    g_ptr_array_add (self->forms, form);
  else
    form_free (form);
}

FerryDiscoInfo *
ferry_disco_info_parse (const FerryNode *query, GError **error)
{
  if (!ferry_node_is (query, "query", FERRY_NS_DISCO_INFO))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "no disco#info in the answer");
      return NULL;
    }

  FerryDiscoInfo *self = ferry_disco_info_new ();
  guint n = MIN (ferry_node_get_n_children (query), MAX_CHILDREN);
  for (guint i = 0; i < n; i++)
    {
      const FerryNode *child = ferry_node_get_nth_child (query, i);
      if (ferry_node_is (child, "identity", FERRY_NS_DISCO_INFO))
        parse_identity (self, child);
      else if (ferry_node_is (child, "feature", FERRY_NS_DISCO_INFO))
        parse_feature (self, child);
      else if (ferry_node_is (child, "x", FERRY_NS_DATA_FORMS))
        parse_form (self, child);
    }

  g_ptr_array_sort (self->identities, compare_identities);
  g_ptr_array_sort (self->features, compare_texts);
  g_ptr_array_sort (self->forms, compare_forms);
  self->is_ambiguous |= has_neighbours_alike (self->identities, compare_identities) ||
                        has_neighbours_alike (self->features, compare_texts) ||
                        has_neighbours_alike (self->forms, compare_forms);
  return self;
}

/* --- Writing ---------------------------------------------------------------------------------
 */

static FerryNode *
add_field (FerryNode *form, const char *var, const char *type)
{
  FerryNode *field = ferry_node_add (form, "field", NULL, NULL);
  ferry_node_set_attrs (field, "var", var, "type", type, NULL);
  return field;
}

static void
add_form (FerryNode *query, const Form *form)
{
  FerryNode *x = ferry_node_add (query, "x", FERRY_NS_DATA_FORMS, NULL);
  ferry_node_set_attr (x, "type", "result");
  ferry_node_add (add_field (x, "FORM_TYPE", "hidden"), "value", NULL, form->form_type);
  for (guint i = 0; i < form->fields->len; i++)
    {
      const Field *field = form->fields->pdata[i];
      FerryNode *node = add_field (x, field->var, NULL);
      for (guint k = 0; k < field->values->len; k++)
        ferry_node_add (node, "value", NULL, field->values->pdata[k]);
    }
}

FerryNode *
ferry_disco_info_to_node (const FerryDiscoInfo *self, const char *node)
{
  g_return_val_if_fail (self != NULL, NULL);

  FerryNode *query = ferry_node_new ("query", FERRY_NS_DISCO_INFO);
  ferry_node_set_attr (query, "node", node);
  for (guint i = 0; i < self->identities->len; i++)
    {
      const Identity *identity = self->identities->pdata[i];
      ferry_node_set_attrs (ferry_node_add (query, "identity", NULL, NULL), "category",
                            identity->category, "type", identity->type, "xml:lang",
                            *identity->lang != '\0' ? identity->lang : NULL, "name",
                            *identity->name != '\0' ? identity->name : NULL, NULL);
    }
  for (guint i = 0; i < self->features->len; i++)
    ferry_node_set_attr (ferry_node_add (query, "feature", NULL, NULL), "var",
                         self->features->pdata[i]);
  for (guint i = 0; i < self->forms->len; i++)
    add_form (query, self->forms->pdata[i]);
  return query;
}

/* --- Asking ----------------------------------------------------------------------------------
 */

gboolean
ferry_disco_info_has_feature (const FerryDiscoInfo *self, const char *feature)
{
  g_return_val_if_fail (self != NULL && feature != NULL, FALSE);

  for (guint i = 0; i < self->features->len; i++)
    if (strcmp (self->features->pdata[i], feature) == 0)
      return TRUE;
  return FALSE;
}

const char *
ferry_disco_info_get_name (const FerryDiscoInfo *self)
{
  const char *any = NULL;
  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->identities->len; i++)
    {
      const Identity *identity = self->identities->pdata[i];
      if (*identity->name == '\0')
        continue;
      if (strcmp (identity->category, "client") == 0)
        return identity->name;
      if (any == NULL)
        any = identity->name;
    }
  return any;
}

/* --- Capabilities ----------------------------------------------------------------------------
 */

/* XEP-0115 §5.1: a "<" inside a value is written as in XML, so that no value can look like the
 * end of one and the beginning of another. */
static void
append_value (GString *out, const char *text, char end)
{
  for (const char *p = text; *p != '\0'; p++)
    if (*p == '<')
      g_string_append (out, "&lt;");
    else
      g_string_append_c (out, *p);
  g_string_append_c (out, end);
}

char *
ferry_disco_info_dup_caps_text (const FerryDiscoInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  GString *out = g_string_new (NULL);
  for (guint i = 0; i < self->identities->len; i++)
    {
      const Identity *identity = self->identities->pdata[i];
      append_value (out, identity->category, '/');
      append_value (out, identity->type, '/');
      append_value (out, identity->lang, '/');
      append_value (out, identity->name, '<');
    }
  for (guint i = 0; i < self->features->len; i++)
    append_value (out, self->features->pdata[i], '<');
  for (guint i = 0; i < self->forms->len; i++)
    {
      const Form *form = self->forms->pdata[i];
      append_value (out, form->form_type, '<');
      for (guint k = 0; k < form->fields->len; k++)
        {
          const Field *field = form->fields->pdata[k];
          append_value (out, field->var, '<');
          for (guint v = 0; v < field->values->len; v++)
            append_value (out, field->values->pdata[v], '<');
        }
    }
  return g_string_free (out, FALSE);
}

char *
ferry_disco_info_dup_ver (const FerryDiscoInfo *self, FerryHashAlgo algo)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_autoptr (FerryHasher) hasher = algo != FERRY_HASH_NONE ? ferry_hasher_new (algo) : NULL;
  if (hasher == NULL)
    return NULL;

  g_autofree char *text = ferry_disco_info_dup_caps_text (self);
  FerryHash hash;
  ferry_hasher_update (hasher, text, strlen (text));
  ferry_hasher_finish (hasher, &hash);
  return ferry_hash_to_base64 (&hash);
}

gboolean
ferry_disco_info_verify (const FerryDiscoInfo *self, const char *hash, const char *ver)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->is_ambiguous || hash == NULL || ver == NULL)
    return FALSE;
  g_autofree char *own = ferry_disco_info_dup_ver (self, ferry_hash_algo_from_name (hash));
  return g_strcmp0 (own, ver) == 0;
}
