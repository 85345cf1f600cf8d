/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-file-name.h"

#include <string.h>

#define RLO "\342\200\256"
#define ZWSP "\342\200\213"

/* What every result is, whatever came in. */
static void
assert_safe (const char *name)
{
  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_cmpuint (strlen (name), >, 0);
  g_assert_cmpuint (strlen (name), <=, FERRY_FILE_NAME_MAX_BYTES);
  g_assert_null (strpbrk (name, "/\\<>:\"|?*"));
  g_assert_null (strchr (".-~ ", name[0]));
  g_assert_false (g_str_has_suffix (name, ".") || g_str_has_suffix (name, " "));
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      g_assert_false (g_unichar_iscntrl (c));
      g_assert_true (g_unichar_isdefined (c));
      g_assert_false (c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
                      (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
                      c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f));
    }

  g_autofree char *nfc = g_utf8_normalize (name, -1, G_NORMALIZE_NFC);
  g_assert_cmpstr (nfc, ==, name);
  gboolean changed = TRUE;
  g_autofree char *again = ferry_file_name_sanitize (name, "image/png", &changed);
  g_assert_cmpstr (again, ==, name);
  g_assert_false (changed);
}

static void
test_table (void)
{
  g_test_summary ("Hostile and odd names, and what becomes of them");
  static const struct
  {
    const char *raw;
    const char *name;
  } cases[] = {
    { "notes.txt", "notes.txt" },
    { "A name with blanks & (signs) – and dashes.tar.gz",
      "A name with blanks & (signs) – and dashes.tar.gz" },
    { "\346\226\207\344\273\266 \360\237\222\276.pdf",
      "\346\226\207\344\273\266 \360\237\222\276.pdf" },
    { NULL, "file" },
    { "", "file" },
    { ".", "file" },
    { "..", "file" },
    { "...", "file" },
    { " ", "file" },
    { " \t \302\240 \343\200\200", "file" },
    { "/", "file" },
    { "a/", "file" },
    { "../../.bashrc", "_bashrc" },
    { "/etc/passwd", "passwd" },
    { "a/b", "b" },
    { "a\\b", "b" },
    { "a/b\\c/d\\e.txt", "e.txt" },
    { "C:\\x\\y.txt", "y.txt" },
    { "C:y.txt", "y.txt" },
    { "C:", "file" },
    { "C:D:y.txt", "D_y.txt" },
    { "CC:y.txt", "CC_y.txt" },
    { "%2e%2e%2fx", "%2e%2e%2fx" },
    { "..%5cx", "_.%5cx" },
    { "NUL", "_NUL" },
    { "con.txt", "_con.txt" },
    { "Con .tar.gz", "_Con .tar.gz" },
    { "com5", "_com5" },
    { "COM10", "COM10" },
    { "LpT9.x", "_LpT9.x" },
    { "CONIN$", "_CONIN$" },
    { "conout$.txt", "_conout$.txt" },
    { "console.txt", "console.txt" },
    { "con" ZWSP ".txt", "_con.txt" },
    { "Desktop.INI", "_Desktop.INI" },
    { "Thumbs.db", "_Thumbs.db" },
    { "AUTORUN.inf", "_AUTORUN.inf" },
    { "autorun.inf.txt", "autorun.inf.txt" },
    { RLO "gpj.exe", "gpj.exe" },
    { "photo" RLO "gpj.exe", "photogpj.exe" },
    { "\342\201\246a\342\201\251.txt", "a.txt" },
    { "a\330\234b", "ab" },
    { "a\nb\tc\x7f"
      "d\302\205",
      "abcd" },
    { "a\342\200\250b", "ab" },
    { "\357\273\277bom.txt", "bom.txt" },
    { "in\302\255visible", "invisible" },
    { "private\356\200\200.txt", "private.txt" },
    { "non\357\277\276character", "noncharacter" },
    { "tag\363\240\201\201", "tag" },
    { "\357\270\217x", "x" },
    { "\342\235\244\357\270\217.png", "\342\235\244\357\270\217.png" },
    { "\314\201x", "x" },
    { " \314\201 x", "x" },
    { "\343\205\244", "file" },
    { "u\314\210ber.txt", "\303\274ber.txt" },
    { "u" ZWSP "\314\210ber.txt", "\303\274ber.txt" },
    { "e\314\201", "\303\251" },
    { "<a>:\"b\"|c?*", "_a___b__c__" },
    { "a:b?.txt", "b_.txt" },
    { "file.txt ", "file.txt" },
    { "file.txt. . .", "file.txt" },
    { " file.txt", "file.txt" },
    { "-rf", "_rf" },
    { "--help", "_-help" },
    { "~", "_" },
    { "~root", "_root" },
    { ".hidden", "_hidden" },
    { " .hidden", "_hidden" },
    { ZWSP ".hidden", "_hidden" },
    { "\xff\xfe", "\357\277\275\357\277\275" },
    { "a\xffz.txt", "a\357\277\275z.txt" },
    { "\300\256\300\256/x", "x" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean changed = FALSE;
      g_autofree char *name = ferry_file_name_sanitize (cases[i].raw, NULL, &changed);
      g_test_message ("%u: %s", i, name);
      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_cmpint (changed, ==, g_strcmp0 (cases[i].raw, cases[i].name) != 0);
      assert_safe (name);
    }
}

static void
test_length (void)
{
  g_test_summary ("A long name keeps its extension, whole characters, and a sound end");
  g_autofree char *long_stem = g_strnfill (4000, 'a');
  g_autofree char *with_extension = g_strconcat (long_stem, ".tar.zst", NULL);
  g_autofree char *name = ferry_file_name_sanitize (with_extension, NULL, NULL);
  g_assert_cmpuint (strlen (name), ==, 200);
  g_assert_true (g_str_has_suffix (name, "aaa.zst"));
  assert_safe (name);

  g_autofree char *long_extension = g_strconcat ("b.", long_stem, NULL);
  g_autofree char *cut = ferry_file_name_sanitize (long_extension, NULL, NULL);
  g_assert_cmpuint (strlen (cut), ==, 200);
  assert_safe (cut);

  /* 2, 3 and 4 bytes a character, at every place of the cut. */
  static const char *const letters[] = { "\303\244", "\346\226\207", "\360\237\222\276" };
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    for (guint shift = 0; shift < 5; shift++)
      {
        g_autoptr (GString) text = g_string_new (NULL);
        for (guint k = 0; k < shift; k++)
          g_string_append_c (text, 'x');
        while (text->len < 400)
          g_string_append (text, letters[i]);
        g_string_append (text, ".jpeg");
        g_autofree char *short_name = ferry_file_name_sanitize (text->str, NULL, NULL);
        g_assert_cmpuint (strlen (short_name), >, 196);
        g_assert_true (g_str_has_suffix (short_name, ".jpeg"));
        assert_safe (short_name);
      }

  g_autofree char *blanks = g_strnfill (300, ' ');
  g_autofree char *hidden_device = g_strconcat ("con", blanks, "x", NULL);
  g_autofree char *device = ferry_file_name_sanitize (hidden_device, NULL, NULL);
  g_assert_cmpstr (device, ==, "_con");
  g_autofree char *hidden_device_txt = g_strconcat ("con", blanks, "x.txt", NULL);
  g_autofree char *device_txt = ferry_file_name_sanitize (hidden_device_txt, NULL, NULL);
  g_assert_true (g_str_has_prefix (device_txt, "_con "));
  g_autofree char *long_device = g_strdup_printf ("con.%0194d z", 0);
  g_autofree char *cut_device = ferry_file_name_sanitize (long_device, NULL, NULL);
  g_assert_true (g_str_has_prefix (cut_device, "_con.000"));
  assert_safe (cut_device);
  assert_safe (device_txt);
}

static void
test_media_type (void)
{
  g_test_summary ("A nameless file gets the extension of its type, if that is a known one");
  g_autofree char *picture = ferry_file_name_sanitize ("", "Image/PNG", NULL);
  g_autofree char *unknown = ferry_file_name_sanitize ("..", "application/x-../../sh", NULL);
  g_autofree char *named = ferry_file_name_sanitize ("picture", "image/png", NULL);
  g_assert_cmpstr (picture, ==, "file.png");
  g_assert_cmpstr (unknown, ==, "file");
  g_assert_cmpstr (named, ==, "picture");
}

static void
test_number (void)
{
  g_test_summary ("The number comes before the extension, and the whole stays short and safe");
  static const struct
  {
    const char *name;
    guint n;
    const char *numbered;
  } cases[] = {
    { "a.txt", 1, "a (1).txt" },
    { "a", 999, "a (999)" },
    { "a.tar.gz", 2, "a.tar (2).gz" },
    { "_bashrc", 1, "_bashrc (1)" },
    { "a.this is no extension", 1, "a.this is no extension (1)" },
    { "\303\244.pdf", G_MAXUINT, "\303\244 (4294967295).pdf" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *numbered = ferry_file_name_with_number (cases[i].name, cases[i].n);
      g_assert_cmpstr (numbered, ==, cases[i].numbered);
      assert_safe (numbered);
    }

  g_autofree char *many = g_strnfill (400, 'a');
  g_autofree char *with_extension = g_strconcat (many, ".pdf", NULL);
  g_autofree char *name = ferry_file_name_sanitize (with_extension, NULL, NULL);
  g_autofree char *numbered = ferry_file_name_with_number (name, 12);
  g_assert_cmpuint (strlen (numbered), ==, 200);
  g_assert_true (g_str_has_suffix (numbered, "a (12).pdf"));
  assert_safe (numbered);
}

static void
test_number_of_dotted (void)
{
  g_test_summary ("A number is not put before what only shortening made an extension");
  g_autofree char *stem = g_strnfill (175, 'a');
  g_autofree char *name = g_strconcat (stem, ".bcdefgh 1234567 x", NULL);
  g_autofree char *numbered = ferry_file_name_with_number (name, 4294967295);
  g_assert_true (g_str_has_suffix (numbered, " (4294967295)"));
  assert_safe (numbered);
}

static void
test_runnable (void)
{
  g_test_summary ("What a desktop would run is known by its last extension");
  static const char *const runnable[] = { "a.exe",      "A.EXE",  "a.pdf.desktop", "x.sh",
                                          "x.JS",       "x.jar",  "x.scr",         "x.lnk",
                                          "x.AppImage", "x.html", "x.svg",         "gpj.exe" };
  static const char *const harmless[] = { "a.pdf", "exe", "a.exe.txt", "a", "a.jpg", "sh.txt" };
  for (guint i = 0; i < G_N_ELEMENTS (runnable); i++)
    g_assert_true (ferry_file_name_is_runnable (runnable[i]));
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    g_assert_false (ferry_file_name_is_runnable (harmless[i]));
}

static void
test_display (void)
{
  g_test_summary ("For display a name is isolated from the text around it");
  g_autofree char *shown = ferry_file_name_for_display ("a.txt");
  g_assert_cmpstr (shown, ==, "\u2068a.txt\u2069");
}

/* Characters that are somehow special, mixed at random. */
static void
test_random (void)
{
  g_test_summary ("20 000 mixtures of awkward characters are all made safe");
  static const gunichar awkward[] = {
    '.',     '.',      ' ',    '-',    '~',    '/',    '\\',   ':',     'C',     'o',
    'n',     '_',      '<',    '*',    0x7f,   0x0a,   0x85,   0xa0,    0xad,    0x301,
    0x308,   0x338,    'e',    'u',    0x34f,  0x61c,  0x1100, 0x1161,  0x11a8,  0x115f,
    0x1160,  0x200b,   0x200d, 0x200e, 0x202e, 0x2028, 0x2066, 0x2126,  0x212a,  0x3000,
    0x3164,  0xac00,   0xe000, 0xfe0f, 0xfeff, 0xfffe, 0xfb1d, 0x1d15e, 0x1f4be, 0xe0041,
    0xe0100, 0x10ffff, 0x958,  0x9cb,  0x9c7,  0x9be,  0x344,  0x345,   0x37e,   0x1fee,
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      guint length = (guint) g_rand_int_range (rand, 0, i % 10 == 0 ? 300 : 12);
      for (guint k = 0; k < length; k++)
        g_string_append_unichar (text,
                                 awkward[g_rand_int_range (rand, 0, G_N_ELEMENTS (awkward))]);
      g_autofree char *name = ferry_file_name_sanitize (text->str, NULL, NULL);
      g_autofree char *numbered = ferry_file_name_with_number (name, i + 1);
      assert_safe (name);
      assert_safe (numbered);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file-name/table", test_table);
  g_test_add_func ("/file-name/length", test_length);
  g_test_add_func ("/file-name/media-type", test_media_type);
  g_test_add_func ("/file-name/number", test_number);
  g_test_add_func ("/file-name/number-of-dotted", test_number_of_dotted);
  g_test_add_func ("/file-name/runnable", test_runnable);
  g_test_add_func ("/file-name/display", test_display);
  g_test_add_func ("/file-name/random", test_random);
  return g_test_run ();
}
