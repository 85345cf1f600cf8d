/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-file-name.h"

#include <string.h>

/* The order of the steps matters, and each is chosen so that a second run finds nothing to do:
 *
 *   last component → NFC → remove → NFC → replace → trim → shorten → reserved → shorten
 *
 * (Removing brings characters together that compose; shortening may bring a blank or a dot to
 * the end, or leave a reserved name.) */

#define FALLBACK_NAME "file"
#define MAX_EXTENSION_BYTES 16

typedef struct
{
  gunichar first;
  gunichar last;
} Range;

/* Characters that nobody sees, or that change how their neighbours are shown. Controls,
 * unassigned and private-use characters and non-characters go by their class. */
static const Range removed_ranges[] = {
  { 0x00ad, 0x00ad },   /* soft hyphen */
  { 0x034f, 0x034f },   /* combining grapheme joiner */
  { 0x061c, 0x061c },   /* Arabic letter mark */
  { 0x115f, 0x1160 },   /* Hangul fillers */
  { 0x180e, 0x180e },   /* Mongolian vowel separator */
  { 0x200b, 0x200f },   /* zero width, left-to-right and right-to-left marks */
  { 0x2028, 0x202e },   /* separators of lines and paragraphs, embeddings, overrides */
  { 0x2060, 0x206f },   /* word joiner, invisible operators, isolates, deprecated controls */
  { 0x3164, 0x3164 },   /* Hangul filler */
  { 0xfeff, 0xfeff },   /* byte order mark */
  { 0xffa0, 0xffa0 },   /* half-width Hangul filler */
  { 0xfff9, 0xfffb },   /* interlinear annotations */
  { 0xe0000, 0xe007f }, /* tags */
};

/* Devices and files that Windows gives a meaning, also when they have an extension; somebody
 * may well look at the folder from there. */
static const char *const reserved_stems[] = {
  "con",  "prn",  "aux",  "nul",  "com0", "com1", "com2",   "com3",    "com4",
  "com5", "com6", "com7", "com8", "com9", "lpt0", "lpt1",   "lpt2",    "lpt3",
  "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "conin$", "conout$",
};
static const char *const reserved_names[] = { "desktop.ini", "thumbs.db", "autorun.inf" };

/* --- Characters ------------------------------------------------------------------------------
 */

static gboolean
is_removed (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  if (type == G_UNICODE_CONTROL || type == G_UNICODE_UNASSIGNED ||
      type == G_UNICODE_PRIVATE_USE || type == G_UNICODE_SURROGATE)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (removed_ranges); i++)
    if (c >= removed_ranges[i].first && c <= removed_ranges[i].last)
      return TRUE;
  return FALSE;
}

static gunichar
replace (gunichar c)
{
  return c < 0x80 && strchr ("<>:\"|?*", (int) c) != NULL ? '_' : c;
}

/* A mark (variation selectors are marks too) has nothing to sit on at the start. */
static gboolean
is_bad_start (gunichar c)
{
  return g_unichar_isspace (c) || g_unichar_ismark (c);
}

static gboolean
is_bad_end (gunichar c)
{
  return g_unichar_isspace (c) || c == '.';
}

/* --- Steps -----------------------------------------------------------------------------------
 */

/* Both slashes separate, on every system, and a drive's letter goes. */
static const char *
find_last_component (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (*p == '/' || *p == '\\')
      text = p + 1;
  return g_ascii_isalpha (text[0]) && text[1] == ':' ? text + 2 : text;
}

static char *
remove_hidden (const char *text)
{
  g_autofree char *composed = g_utf8_normalize (text, -1, G_NORMALIZE_NFC);
  g_autoptr (GString) kept = g_string_new (NULL);

  for (const char *p = composed; *p != '\0'; p = g_utf8_next_char (p))
    if (!is_removed (g_utf8_get_char (p)))
      g_string_append_unichar (kept, g_utf8_get_char (p));
  return g_utf8_normalize (kept->str, -1, G_NORMALIZE_NFC);
}

static GString *
replace_forbidden (const char *text)
{
  GString *name = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_string_append_unichar (name, replace (g_utf8_get_char (p)));
  return name;
}

static void
trim_start (GString *name)
{
  const char *p = name->str;
  while (*p != '\0' && is_bad_start (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  g_string_erase (name, 0, p - name->str);

  /* No hidden file, no option of a command, no home folder of a shell. */
  if (name->len > 0 && strchr (".-~", name->str[0]) != NULL)
    name->str[0] = '_';
}

static void
trim_end (GString *name)
{
  while (name->len > 0)
    {
      const char *last = g_utf8_prev_char (name->str + name->len);
      if (!is_bad_end (g_utf8_get_char (last)))
        return;
      g_string_truncate (name, last - name->str);
    }
}

/* Returns: where the extension begins, with its dot; the end if there is none, or none to keep
 */
static gsize
find_extension (const char *name, gsize length)
{
  const char *dot = strrchr (name, '.');
  if (dot == NULL || dot == name)
    return length;
  gsize at = (gsize) (dot - name);
  return length - at - 1 >= 1 && length - at - 1 <= MAX_EXTENSION_BYTES ? at : length;
}

/* Returns: @at, or where the character begins that it is inside of */
static gsize
find_character_start (const char *text, gsize at)
{
  while (at > 0 && ((guchar) text[at] & 0xc0) == 0x80)
    at--;
  return at;
}

/* Cuts before the extension until the whole is short enough; leaves no blank or dot at the end.
 */
static void
shorten (GString *name)
{
  if (name->len <= FERRY_FILE_NAME_MAX_BYTES)
    return;

  gsize extension = find_extension (name->str, name->len);
  gsize keep =
      find_character_start (name->str, FERRY_FILE_NAME_MAX_BYTES - (name->len - extension));
  g_string_erase (name, (gssize) keep, (gssize) (extension - keep));
  trim_end (name);
}

static gboolean
is_reserved (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (reserved_names); i++)
    if (g_ascii_strcasecmp (name, reserved_names[i]) == 0)
      return TRUE;

  /* Windows does not count blanks before the dot. */
  g_autofree char *stem = g_strndup (name, strcspn (name, "."));
  g_strchomp (stem);
  for (guint i = 0; i < G_N_ELEMENTS (reserved_stems); i++)
    if (g_ascii_strcasecmp (stem, reserved_stems[i]) == 0)
      return TRUE;
  return FALSE;
}

static const char *
find_extension_of_type (const char *media_type)
{
  static const struct
  {
    const char *type;
    const char *extension;
  } known[] = {
    { "application/gzip", ".gz" },  { "application/json", ".json" },
    { "application/pdf", ".pdf" },  { "application/x-tar", ".tar" },
    { "application/zip", ".zip" },  { "audio/flac", ".flac" },
    { "audio/mp4", ".m4a" },        { "audio/mpeg", ".mp3" },
    { "audio/ogg", ".ogg" },        { "audio/opus", ".opus" },
    { "audio/wav", ".wav" },        { "image/avif", ".avif" },
    { "image/gif", ".gif" },        { "image/heic", ".heic" },
    { "image/jpeg", ".jpg" },       { "image/png", ".png" },
    { "image/webp", ".webp" },      { "text/csv", ".csv" },
    { "text/markdown", ".md" },     { "text/plain", ".txt" },
    { "video/mp4", ".mp4" },        { "video/mpeg", ".mpeg" },
    { "video/quicktime", ".mov" },  { "video/webm", ".webm" },
    { "video/x-matroska", ".mkv" },
  };

  for (guint i = 0; media_type != NULL && i < G_N_ELEMENTS (known); i++)
    if (g_ascii_strcasecmp (media_type, known[i].type) == 0)
      return known[i].extension;
  return "";
}

/* --- Public ----------------------------------------------------------------------------------
 */

char *
ferry_file_name_sanitize (const char *raw, const char *media_type, gboolean *changed)
{
  g_autofree char *valid = g_utf8_make_valid (raw != NULL ? raw : "", -1);
  g_autofree char *visible = remove_hidden (find_last_component (valid));
  g_autoptr (GString) name = replace_forbidden (visible);

  trim_end (name);
  trim_start (name);
  shorten (name);
  if (name->len == 0)
    g_string_printf (name, FALLBACK_NAME "%s", find_extension_of_type (media_type));
  if (is_reserved (name->str))
    {
      g_string_prepend_c (name, '_');
      shorten (name);
    }

  if (changed != NULL)
    *changed = g_strcmp0 (raw, name->str) != 0;
  return g_strdup (name->str);
}

char *
ferry_file_name_with_number (const char *name, guint n)
{
  g_return_val_if_fail (name != NULL && *name != '\0', NULL);

  /* The split comes first: what is left of a shortened name may seem to have an extension. */
  gsize extension = find_extension (name, strlen (name));
  g_autofree char *suffix = g_strdup_printf (" (%u)%s", n, name + extension);
  gsize keep = MIN (extension, FERRY_FILE_NAME_MAX_BYTES - strlen (suffix));
  keep = find_character_start (name, keep);
  return g_strdup_printf ("%.*s%s", (int) keep, name, suffix);
}

gboolean
ferry_file_name_is_runnable (const char *name)
{
  static const char *const extensions[] = {
    "apk",      "app",  "appimage", "bash", "bat",     "bin",     "chm",        "class",
    "cmd",      "com",  "command",  "cpl",  "csh",     "deb",     "desktop",    "dll",
    "dmg",      "docm", "elf",      "exe",  "fish",    "flatpak", "flatpakref", "flatpakrepo",
    "gadget",   "hta",  "htm",      "html", "jar",     "jnlp",    "js",         "jse",
    "ksh",      "lnk",  "lua",      "mht",  "mhtml",   "mjs",     "msc",        "msi",
    "msp",      "out",  "php",      "pif",  "pkg",     "pl",      "pptm",       "ps1",
    "psm1",     "py",   "pyc",      "pyw",  "pyz",     "rb",      "reg",        "rpm",
    "run",      "scf",  "scpt",     "scr",  "service", "sh",      "shtml",      "snap",
    "so",       "svg",  "svgz",     "tcl",  "url",     "vbe",     "vbs",        "wasm",
    "workflow", "wsf",  "wsh",      "xht",  "xhtml",   "xlsm",    "xsl",        "xslt",
    "zsh",
  };
  g_return_val_if_fail (name != NULL, FALSE);

  const char *dot = strrchr (name, '.');
  for (guint i = 0; dot != NULL && i < G_N_ELEMENTS (extensions); i++)
    if (g_ascii_strcasecmp (dot + 1, extensions[i]) == 0)
      return TRUE;
  return FALSE;
}

char *
ferry_file_name_for_display (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);
  return g_strconcat ("\342\201\250", name, "\342\201\251", NULL);
}
