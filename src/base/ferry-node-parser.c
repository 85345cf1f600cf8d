/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text to FerryNode, on GMarkup: no DTDs, no entity declarations, namespaces resolved here. */
#include "config.h"

#include "base/ferry-node.h"

#include "base/ferry-error.h"

#include <string.h>

typedef struct
{
  FerryNode *node;
  GHashTable
      *prefixes; /* prefix ("" for the default) → namespace; NULL if none declared here */
} Level;

typedef struct
{
  GArray *levels; /* of Level, outermost first */
  FerryNode *root;
} Parser;

static void
level_clear (gpointer data)
{
  Level *level = data;
  g_clear_pointer (&level->node, ferry_node_unref);
  g_clear_pointer (&level->prefixes, g_hash_table_unref);
}

static const char *
look_up_prefix (Parser *parser, GHashTable *innermost, const char *prefix)
{
  const char *ns = innermost != NULL ? g_hash_table_lookup (innermost, prefix) : NULL;
  for (guint i = parser->levels->len; ns == NULL && i > 0; i--)
    {
      const Level *level = &g_array_index (parser->levels, Level, i - 1);
      if (level->prefixes != NULL)
        ns = g_hash_table_lookup (level->prefixes, prefix);
    }
  return ns;
}

static GHashTable *
collect_prefixes (const char **names, const char **values)
{
  GHashTable *prefixes = NULL;
  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean is_default = strcmp (names[i], "xmlns") == 0;
      if (!is_default && !g_str_has_prefix (names[i], "xmlns:"))
        continue;
      if (prefixes == NULL)
        prefixes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (prefixes, g_strdup (is_default ? "" : names[i] + strlen ("xmlns:")),
                           g_strdup (values[i]));
    }
  return prefixes;
}

/* GMarkup lets through what XML 1.0 §2.2 forbids: most control characters, U+FFFE, U+FFFF. */
static gboolean
check_chars (const char *text, gsize length, GError **error)
{
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (!ferry_node_is_xml_char (c))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "no character of XML: %u", c);
          return FALSE;
        }
    }
  return TRUE;
}

static void
on_start (GMarkupParseContext *context,
          const char *qname,
          const char **names,
          const char **values,
          gpointer user_data,
          GError **error)
{
  Parser *parser = user_data;

  if (parser->levels->len >= FERRY_NODE_MAX_DEPTH || parser->root != NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   parser->root != NULL ? "more than one root element" : "nested too deeply");
      return;
    }
  for (guint i = 0; names[i] != NULL; i++)
    if (!check_chars (values[i], strlen (values[i]), error))
      return;

  g_autoptr (GHashTable) prefixes = collect_prefixes (names, values);
  const char *colon = strchr (qname, ':');
  if (colon != NULL && (colon[1] == '\0' || strchr (colon + 1, ':') != NULL))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "not a name: %s", qname);
      return;
    }
  g_autofree char *prefix =
      colon != NULL ? g_strndup (qname, (gsize) (colon - qname)) : g_strdup ("");
  const char *ns = look_up_prefix (parser, prefixes, prefix);
  if (ns == NULL && colon != NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "undeclared prefix");
      return;
    }

  Level level = { .node = ferry_node_new (colon != NULL ? colon + 1 : qname, ns) };
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], "xmlns") != 0 && !g_str_has_prefix (names[i], "xmlns:"))
      ferry_node_set_attr (level.node, names[i], values[i]);
  level.prefixes = g_steal_pointer (&prefixes);
  g_array_append_val (parser->levels, level);
}

static void
on_end (GMarkupParseContext *context, const char *qname, gpointer user_data, GError **error)
{
  Parser *parser = user_data;
  Level *level = &g_array_index (parser->levels, Level, parser->levels->len - 1);
  FerryNode *node = g_steal_pointer (&level->node);

  g_array_set_size (parser->levels, parser->levels->len - 1);
  if (parser->levels->len == 0)
    parser->root = node;
  else
    ferry_node_take_child (g_array_index (parser->levels, Level, parser->levels->len - 1).node,
                           node);
}

static void
on_text (GMarkupParseContext *context,
         const char *text,
         gsize length,
         gpointer user_data,
         GError **error)
{
  Parser *parser = user_data;
  if (check_chars (text, length, error) && parser->levels->len > 0)
    ferry_node_append_text (g_array_index (parser->levels, Level, parser->levels->len - 1).node,
                            text, (gssize) length);
}

FerryNode *
ferry_node_parse (const char *xml, gssize length, GError **error)
{
  static const GMarkupParser callbacks = { .start_element = on_start,
                                           .end_element = on_end,
                                           .text = on_text };
  g_return_val_if_fail (xml != NULL, NULL);

  /* GMarkup goes on after broken UTF-8 in CDATA and then warns; so nothing broken reaches it.
   */
  if (!g_utf8_validate (xml, length, NULL))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "not UTF-8");
      return NULL;
    }

  Parser parser = { .levels = g_array_new (FALSE, FALSE, sizeof (Level)) };
  g_array_set_clear_func (parser.levels, level_clear);
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&callbacks, G_MARKUP_TREAT_CDATA_AS_TEXT, &parser, NULL);
  g_autoptr (GError) local_error = NULL;
  gboolean ok = g_markup_parse_context_parse (context, xml, length, &local_error) &&
                g_markup_parse_context_end_parse (context, &local_error);

  g_array_unref (parser.levels);
  if (ok && parser.root != NULL)
    return parser.root;

  g_clear_pointer (&parser.root, ferry_node_unref);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "not an XML element: %s",
               local_error != NULL ? local_error->message : "empty");
  return NULL;
}
