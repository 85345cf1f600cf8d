/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/si/ferry-si-offer.h"

#include "base/ferry-decimal.h"
#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_NAME 1023
#define MAX_FIELDS 8
#define MAX_OPTIONS 16
#define STREAM_METHOD "stream-method"

static const struct
{
  FerrySiMethod method;
  const char *ns;
} known_methods[] = {
  { FERRY_SI_S5B, FERRY_NS_BYTESTREAMS },
  { FERRY_SI_INBAND, FERRY_NS_IBB },
};

/* --- Methods ---------------------------------------------------------------------------------
 */

void
ferry_si_methods_add (FerrySiMethods *self, FerrySiMethod method)
{
  if (method != FERRY_SI_NO_METHOD && !ferry_si_methods_contain (self, method))
    self->items[self->n_items++] = method;
}

gboolean
ferry_si_methods_contain (const FerrySiMethods *self, FerrySiMethod method)
{
  for (guint i = 0; i < self->n_items; i++)
    {
      if (self->items[i] == method)
        return TRUE;
    }
  return FALSE;
}

FerrySiMethods
ferry_si_methods_filter (const FerrySiMethods *self, guint allowed)
{
  FerrySiMethods found = { 0 };

  for (guint i = 0; i < self->n_items; i++)
    {
      if ((self->items[i] & allowed) != 0)
        ferry_si_methods_add (&found, self->items[i]);
    }
  return found;
}

static FerrySiMethod
method_from_ns (const char *ns)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_methods); i++)
    {
      if (strcmp (known_methods[i].ns, ns) == 0)
        return known_methods[i].method;
    }
  return FERRY_SI_NO_METHOD;
}

static const char *
method_get_ns (FerrySiMethod method)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_methods); i++)
    {
      if (known_methods[i].method == method)
        return known_methods[i].ns;
    }
  return NULL;
}

/* Psi breaks its lines: blanks around a value mean nothing. */
static void
add_value (FerrySiMethods *methods, const FerryNode *value)
{
  if (value == NULL || ferry_node_get_text_length (value) > FERRY_SI_MAX_ID)
    return;
  g_autofree char *ns = g_strstrip (g_strdup (ferry_node_get_text (value)));
  ferry_si_methods_add (methods, method_from_ns (ns));
}

/* --- The form of XEP-0020 --------------------------------------------------------------------
 */

/* (nullable) */
static const FerryNode *
find_stream_method (const FerryNode *si)
{
  const FerryNode *feature = ferry_node_get_child (si, "feature", FERRY_NS_FEATURE_NEG);
  const FerryNode *form =
      feature != NULL ? ferry_node_get_child (feature, "x", FERRY_NS_DATA_FORMS) : NULL;
  guint n_fields = 0;

  for (guint i = 0; form != NULL && i < ferry_node_get_n_children (form); i++)
    {
      const FerryNode *field = ferry_node_get_nth_child (form, i);
      if (!ferry_node_is (field, "field", FERRY_NS_DATA_FORMS))
        continue;
      if (g_strcmp0 (ferry_node_get_attr (field, "var"), STREAM_METHOD) == 0)
        return field;
      if (++n_fields == MAX_FIELDS)
        break;
    }
  return NULL;
}

static FerrySiMethods
read_options (const FerryNode *field)
{
  FerrySiMethods methods = { 0 };
  guint n_options = 0;

  for (guint i = 0; i < ferry_node_get_n_children (field) && n_options < MAX_OPTIONS; i++)
    {
      const FerryNode *option = ferry_node_get_nth_child (field, i);
      if (!ferry_node_is (option, "option", FERRY_NS_DATA_FORMS))
        continue;
      n_options++;
      add_value (&methods, ferry_node_get_child (option, "value", FERRY_NS_DATA_FORMS));
    }
  return methods;
}

/* Direct children of <si-multiple/>, in its namespace. */
static FerrySiMethods
read_multiple (const FerryNode *multiple)
{
  FerrySiMethods methods = { 0 };
  guint n_values = 0;

  for (guint i = 0; i < ferry_node_get_n_children (multiple) && n_values < MAX_OPTIONS; i++)
    {
      const FerryNode *value = ferry_node_get_nth_child (multiple, i);
      if (!ferry_node_is (value, "value", FERRY_NS_SI_MULTIPLE))
        continue;
      n_values++;
      add_value (&methods, value);
    }
  return methods;
}

static FerryNode *
add_form (FerryNode *si, const char *form_type)
{
  FerryNode *feature = ferry_node_add (si, "feature", FERRY_NS_FEATURE_NEG, NULL);
  FerryNode *form = ferry_node_add (feature, "x", FERRY_NS_DATA_FORMS, NULL);
  ferry_node_set_attr (form, "type", form_type);
  FerryNode *field = ferry_node_add (form, "field", NULL, NULL);
  ferry_node_set_attr (field, "var", STREAM_METHOD);
  return field;
}

/* --- Offer -----------------------------------------------------------------------------------
 */

void
ferry_si_offer_free (FerrySiOffer *self)
{
  g_free (self->id);
  g_clear_pointer (&self->file, ferry_file_info_unref);
  g_free (self);
}

static gboolean
is_length (const char *text, gsize max)
{
  return text != NULL && text[0] != '\0' && strlen (text) <= max;
}

/* gabble puts the media type on the file, XEP-0095 on the stream. */
FerryFileInfo *
ferry_si_file_parse (const FerryNode *holder)
{
  const FerryNode *node = ferry_node_get_child (holder, "file", FERRY_NS_SI_FILE);
  guint64 size;

  if (node == NULL || !is_length (ferry_node_get_attr (node, "name"), MAX_NAME) ||
      !ferry_decimal_parse (ferry_node_get_attr (node, "size"), FERRY_SIZE_MAX, &size))
    return NULL;

  FerryFileInfo *file = ferry_file_info_new (ferry_node_get_attr (node, "name"), (gint64) size);
  const char *media_type = ferry_node_get_attr (holder, "mime-type");
  ferry_file_info_read_media_type (
      file, media_type != NULL ? media_type : ferry_node_get_attr (node, "mime-type"));
  ferry_file_info_read_desc (file, ferry_node_get_child_text (node, "desc", FERRY_NS_SI_FILE));
  ferry_file_info_read_date (file, ferry_node_get_attr (node, "date"));
  file->ranged = ferry_node_get_child (node, "range", FERRY_NS_SI_FILE) != NULL;
  const FerryNode *transfer = ferry_node_get_child (node, "transfer", FERRY_NS_FILES);
  if (transfer != NULL)
    ferry_file_info_read_transfer_id (file, ferry_node_get_attr (transfer, "id"));
  ferry_file_info_read_batch (file, ferry_node_get_child (node, "batch", FERRY_NS_FILES));
  if (!ferry_file_info_read_folder (file, node))
    g_clear_pointer (&file, ferry_file_info_unref);
  return file;
}

static FerrySiOffer *
refuse (FerrySiRefusal *out, FerrySiRefusal refusal, GError **error)
{
  static const char *const messages[] = {
    [FERRY_SI_REFUSAL_MALFORMED] =
        "Offer without an id, a name or a possible size (XEP-0095, XEP-0096)",
    [FERRY_SI_REFUSAL_BAD_PROFILE] = "Offer of something else than a file",
    [FERRY_SI_REFUSAL_NO_STREAMS] = "Offer without a way of connecting that we know",
  };
  g_set_error_literal (error, FERRY_ERROR,
                       refusal == FERRY_SI_REFUSAL_MALFORMED ? FERRY_ERROR_PROTOCOL
                                                             : FERRY_ERROR_UNSUPPORTED,
                       messages[refusal]);
  *out = refusal;
  return NULL;
}

FerrySiOffer *
ferry_si_offer_parse (const FerryNode *si, FerrySiRefusal *refusal, GError **error)
{
  *refusal = FERRY_SI_REFUSAL_NONE;
  if (!ferry_node_is (si, "si", FERRY_NS_SI))
    return refuse (refusal, FERRY_SI_REFUSAL_MALFORMED, error);
  if (g_strcmp0 (ferry_node_get_attr (si, "profile"), FERRY_NS_SI_FILE) != 0)
    return refuse (refusal, FERRY_SI_REFUSAL_BAD_PROFILE, error);

  const char *id = ferry_node_get_attr (si, "id");
  g_autoptr (FerryFileInfo) file = ferry_si_file_parse (si);
  if (!is_length (id, FERRY_SI_MAX_ID) || file == NULL)
    return refuse (refusal, FERRY_SI_REFUSAL_MALFORMED, error);

  /* Example 9 of XEP-0137 has no form at all: then SOCKS5 is meant. */
  FerrySiMethods methods = { 1, { FERRY_SI_S5B } };
  if (ferry_node_get_child (si, "feature", FERRY_NS_FEATURE_NEG) != NULL)
    {
      const FerryNode *field = find_stream_method (si);
      if (field == NULL)
        return refuse (refusal, FERRY_SI_REFUSAL_MALFORMED, error);
      methods = read_options (field);
    }
  if (methods.n_items == 0)
    return refuse (refusal, FERRY_SI_REFUSAL_NO_STREAMS, error);

  FerrySiOffer *self = g_new0 (FerrySiOffer, 1);
  self->id = g_strdup (id);
  self->file = g_steal_pointer (&file);
  self->methods = methods;
  self->is_multiple = ferry_node_get_child (si, "si-multiple", FERRY_NS_SI_MULTIPLE) != NULL;
  self->security = ferry_security_parse (si);
  return self;
}

void
ferry_si_file_add (FerryNode *holder, const FerryFileInfo *file)
{
  g_return_if_fail (file->name != NULL && file->size >= 0);

  g_autofree char *date = ferry_file_info_format_date (file);
  ferry_node_set_attrs (holder, "mime-type", file->media_type, "profile", FERRY_NS_SI_FILE,
                        NULL);
  FerryNode *node = ferry_node_add (holder, "file", FERRY_NS_SI_FILE, NULL);

  ferry_node_set_attrs (node, "name", file->name, "mime-type", file->media_type, "date", date,
                        NULL);
  ferry_node_set_attr_uint (node, "size", (guint64) file->size);
  if (file->desc != NULL)
    ferry_node_add (node, "desc", NULL, file->desc);
  if (file->ranged)
    ferry_node_add (node, "range", NULL, NULL);
  ferry_file_info_add_ids (file, node);
  ferry_file_info_add_folder (file, node);
}

FerryNode *
ferry_si_offer_to_node (const char *id,
                        const FerryFileInfo *file,
                        FerrySiMethods methods,
                        const FerrySecurity *security)
{
  g_return_val_if_fail (file->name != NULL && file->size >= 0, NULL);

  FerryNode *si = ferry_node_new ("si", FERRY_NS_SI);
  ferry_node_set_attr (si, "id", id);
  ferry_si_file_add (si, file);
  /* gabble refuses any other type of field, iris reads the first field only. */
  FerryNode *field = add_form (si, "form");
  ferry_node_set_attr (field, "type", "list-single");
  for (guint i = 0; i < methods.n_items; i++)
    {
      FerryNode *option = ferry_node_add (field, "option", NULL, NULL);
      ferry_node_add (option, "value", NULL, method_get_ns (methods.items[i]));
    }
  if (methods.n_items > 1)
    ferry_node_add (si, "si-multiple", FERRY_NS_SI_MULTIPLE, NULL);
  ferry_security_add_to (security, si);
  return si;
}

/* --- Answer ----------------------------------------------------------------------------------
 */

static gboolean
fail (GError **error, const char *message)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "The peer's answer %s", message);
  return FALSE;
}

static gboolean
parse_range (const FerryNode *si, gint64 size, FerryRange *out)
{
  const FerryNode *file = ferry_node_get_child (si, "file", FERRY_NS_SI_FILE);
  const FerryNode *range =
      file != NULL ? ferry_node_get_child (file, "range", FERRY_NS_SI_FILE) : NULL;

  return range == NULL || ferry_range_parse (ferry_node_get_attr (range, "offset"),
                                             ferry_node_get_attr (range, "length"), size, out);
}

gboolean
ferry_si_answer_parse (const FerryNode *si, gint64 size, FerrySiAnswer *out, GError **error)
{
  g_return_val_if_fail (size >= 0, FALSE);

  FerrySiAnswer answer = { .range = FERRY_RANGE_WHOLE };
  if (!ferry_node_is (si, "si", FERRY_NS_SI))
    return fail (error, "has no <si/>");

  const FerryNode *multiple = ferry_node_get_child (si, "si-multiple", FERRY_NS_SI_MULTIPLE);
  const FerryNode *field = find_stream_method (si);
  if (multiple != NULL)
    answer.methods = read_multiple (multiple);
  else if (field != NULL)
    add_value (&answer.methods, ferry_node_get_child (field, "value", FERRY_NS_DATA_FORMS));
  answer.is_multiple = multiple != NULL;

  if (answer.methods.n_items == 0)
    return fail (error, "names no way of connecting that we know");
  if (!parse_range (si, size, &answer.range))
    return fail (error, "asks for an impossible part of the file");
  answer.security = ferry_security_parse (si);
  *out = answer;
  return TRUE;
}

static void
add_range (FerryNode *si, const FerryRange *range)
{
  FerryNode *node =
      ferry_node_add (ferry_node_add (si, "file", FERRY_NS_SI_FILE, NULL), "range", NULL, NULL);
  g_autofree char *offset = g_strdup_printf ("%" G_GUINT64_FORMAT, range->offset);

  ferry_node_set_attr (node, "offset", offset);
  if (range->length > 0)
    {
      g_autofree char *length = g_strdup_printf ("%" G_GINT64_FORMAT, range->length);
      ferry_node_set_attr (node, "length", length);
    }
}

FerryNode *
ferry_si_answer_to_node (FerrySiMethods methods,
                         gboolean is_multiple,
                         const FerryRange *range,
                         const FerrySecurity *security)
{
  g_return_val_if_fail (methods.n_items > 0, NULL);

  FerryNode *si = ferry_node_new ("si", FERRY_NS_SI);
  if (range != NULL)
    add_range (si, range);
  ferry_security_add_to (security, si);
  if (!is_multiple)
    {
      FerryNode *field = add_form (si, "submit");
      ferry_node_add (field, "value", NULL, method_get_ns (methods.items[0]));
      return si;
    }

  FerryNode *multiple = ferry_node_add (si, "si-multiple", FERRY_NS_SI_MULTIPLE, NULL);
  for (guint i = 0; i < methods.n_items; i++)
    ferry_node_add (multiple, "value", NULL, method_get_ns (methods.items[i]));
  return si;
}
