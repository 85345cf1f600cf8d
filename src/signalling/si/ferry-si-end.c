/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/si/ferry-si-end.h"

#include "signalling/si/ferry-si-offer.h"
#include "xmpp/ferry-ns.h"

#include <gio/gio.h>
#include <string.h>

typedef enum
{
  WORD_NONE,
  WORD_PAUSED,
  WORD_CANCELLED,
  WORD_BROKEN,
  WORD_GONE,
  WORD_STORAGE,
  WORD_CORRUPT,
  WORD_SECURITY,
  WORD_RECEIVED,
} Word;

static const struct
{
  const char *name;
  FerryError code;
  const char *message;
} words[] = {
  [WORD_PAUSED] = { "paused", FERRY_ERROR_PAUSED, "The peer goes on later" },
  [WORD_CANCELLED] = { "cancelled", FERRY_ERROR_CANCELLED_BY_PEER, "The peer cancelled" },
  [WORD_BROKEN] = { "broken", FERRY_ERROR_BROKEN, "The connection broke for the peer" },
  [WORD_GONE] = { "gone", FERRY_ERROR_GONE, "The peer goes offline" },
  [WORD_STORAGE] = { "storage", FERRY_ERROR_PEER_STORAGE,
                     "The peer could not read or store the file" },
  [WORD_CORRUPT] = { "corrupt", FERRY_ERROR_CORRUPT, "The peer found the received file wrong" },
  [WORD_SECURITY] = { "security", FERRY_ERROR_SECURITY, "The peer gave up for security" },
  [WORD_RECEIVED] = { .name = "received" },
};

/* What a peer hears of our failures: the kind, never a path. */
static const Word word_for[] = {
  [FERRY_ERROR_PROTOCOL] = WORD_CANCELLED,   [FERRY_ERROR_TIMEOUT] = WORD_BROKEN,
  [FERRY_ERROR_BROKEN] = WORD_BROKEN,        [FERRY_ERROR_CORRUPT] = WORD_CORRUPT,
  [FERRY_ERROR_TOO_MUCH] = WORD_CORRUPT,     [FERRY_ERROR_NO_SPACE] = WORD_STORAGE,
  [FERRY_ERROR_SOURCE] = WORD_STORAGE,       [FERRY_ERROR_TARGET] = WORD_STORAGE,
  [FERRY_ERROR_SECURITY] = WORD_SECURITY,    [FERRY_ERROR_OFFLINE] = WORD_GONE,
  [FERRY_ERROR_PAUSED] = WORD_PAUSED,        [FERRY_ERROR_OTHER_KEY] = WORD_SECURITY,
  [FERRY_ERROR_UNENCRYPTED] = WORD_SECURITY,
};

gboolean
ferry_si_end_parse (const FerryNode *node, FerrySiEnd *out)
{
  const char *sid =
      ferry_node_is (node, "end", FERRY_NS_FILES) ? ferry_node_get_attr (node, "sid") : NULL;

  if (sid == NULL || sid[0] == '\0' || strlen (sid) > FERRY_SI_MAX_ID)
    return FALSE;
  for (guint i = WORD_PAUSED; i < G_N_ELEMENTS (words); i++)
    if (ferry_node_get_child (node, words[i].name, FERRY_NS_FILES) != NULL)
      {
        *out = (FerrySiEnd){ sid, i == WORD_RECEIVED, words[i].code, words[i].message };
        return TRUE;
      }
  return FALSE;
}

static Word
choose_word (const GError *error)
{
  if (error == NULL)
    return WORD_RECEIVED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return WORD_CANCELLED;
  if (error->domain != FERRY_ERROR)
    return WORD_STORAGE;
  return (guint) error->code < G_N_ELEMENTS (word_for) ? word_for[error->code] : WORD_NONE;
}

FerryNode *
ferry_si_end_to_node (const char *sid, const GError *error)
{
  Word word = choose_word (error);

  if (word == WORD_NONE)
    return NULL;
  FerryNode *node = ferry_node_new ("end", FERRY_NS_FILES);
  ferry_node_set_attr (node, "sid", sid);
  ferry_node_add (node, words[word].name, FERRY_NS_FILES, NULL);
  return node;
}
