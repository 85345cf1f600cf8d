/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/ferry-history-private.h"

/* A pasted book is not a search. */
#define MAX_WORDS 16
#define MAX_WORD_BYTES 128

/* The same classes as the tokenizer of transfer_words has. */
static gboolean
is_word_char (gunichar c)
{
  switch ((int) g_unichar_type (c))
    {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_OTHER_SYMBOL:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
has_word_char (const char *word)
{
  for (const char *p = word; *p != '\0'; p = g_utf8_next_char (p))
    if (is_word_char (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

/* Inside quotes FTS5 knows no syntax; a quote is doubled. The star outside makes the last token
 * of the word a prefix: "img_20"* finds IMG_2041. */
static void
append_word (GString *query, const char *word)
{
  gsize n_bytes = 0;

  g_string_append_c (query, '"');
  for (const char *p = word; *p != '\0' && n_bytes < MAX_WORD_BYTES; p = g_utf8_next_char (p))
    {
      if (*p == '"')
        g_string_append_c (query, '"');
      g_string_append_unichar (query, g_utf8_get_char (p));
      n_bytes += (gsize) (g_utf8_next_char (p) - p);
    }
  g_string_append (query, "\"* ");
}

char *
ferry_history_query_new (const char *text)
{
  if (text == NULL)
    return NULL;

  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) words = g_strsplit_set (valid, " \t\n\r\v\f", -1);
  g_autoptr (GString) query = g_string_new (NULL);
  guint n_words = 0;

  for (guint i = 0; words[i] != NULL && n_words < MAX_WORDS; i++)
    if (has_word_char (words[i]))
      {
        append_word (query, words[i]);
        n_words++;
      }
  return n_words > 0 ? g_strdup (query->str) : NULL;
}
