/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-xml-guard.h"

#include "base/ferry-error.h"
#include "base/ferry-node.h"

#include <string.h>

typedef enum
{
  TEXT,
  AFTER_LT,     /* < */
  START_TAG,    /* <name … */
  DOUBLE_QUOTE, /* <name a="… */
  SINGLE_QUOTE,
  EMPTY_TAG,        /* <name … / */
  END_TAG,          /* </… */
  DECLARATION,      /* <?… */
  DECLARATION_MARK, /* <?… ? */
  AFTER_BANG,       /* <! */
  COMMENT_OPEN,     /* <!- */
  CDATA_OPEN,       /* <![… */
  COMMENT,
  COMMENT_DASH,
  COMMENT_DASHES,
  CDATA,
  CDATA_BRACKET,
  CDATA_BRACKETS,
  ENDED, /* </stream:stream> was seen */
  FAILED,
} State;

static const char cdata_start[] = "[CDATA[";

void
ferry_xml_guard_init (FerryXmlGuard *self)
{
  *self = (FerryXmlGuard){ .state = TEXT };
}

static State
refuse (FerryXmlGuard *self, gboolean is_limit, const char *reason)
{
  self->reason = reason;
  self->is_limit = is_limit;
  return FAILED;
}

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static gboolean
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_' || c == ':' || (guchar) c >= 0x80;
}

static State
open_element (FerryXmlGuard *self)
{
  self->depth++;
  self->n_elements = self->depth <= 2 ? 1 : self->n_elements + 1;
  if (self->depth > FERRY_NODE_MAX_DEPTH + 1)
    return refuse (self, TRUE, "elements nested too deeply");
  if (self->n_elements > FERRY_XML_GUARD_MAX_ELEMENTS)
    return refuse (self, TRUE, "too many elements in a stanza");
  return START_TAG;
}

static State
text_byte (FerryXmlGuard *self, char c)
{
  if (c == '<')
    {
      if (self->depth < 2)
        self->n_bytes = 1;
      return AFTER_LT;
    }
  /* Stricter than XML before the stream: it also keeps the parser from guessing UTF-16. */
  if (self->depth < 2 && !is_space (c))
    return refuse (self, FALSE, "text outside of a stanza");
  return TEXT;
}

static State
tag_begin (FerryXmlGuard *self, char c)
{
  gboolean is_first = !self->began;

  self->began = TRUE;
  if (c == '/')
    return self->depth > 0 ? END_TAG : refuse (self, FALSE, "end tag without an element");
  if (c == '?')
    return is_first ? DECLARATION : refuse (self, FALSE, "processing instruction");
  if (c == '!')
    {
      self->n_matched = 0;
      return AFTER_BANG;
    }
  return is_name_start (c) ? open_element (self) : refuse (self, FALSE, "not a tag");
}

static State
bang_byte (FerryXmlGuard *self, char c)
{
  if (self->state == AFTER_BANG && c == '-')
    return COMMENT_OPEN;
  if (self->state == COMMENT_OPEN && c == '-')
    return COMMENT;
  if (self->state != COMMENT_OPEN && self->depth >= 2 && c == cdata_start[self->n_matched])
    {
      self->n_matched++;
      return cdata_start[self->n_matched] == '\0' ? CDATA : CDATA_OPEN;
    }
  return refuse (self, FALSE, "document type or declaration");
}

static State
next_state (FerryXmlGuard *self, char c)
{
  switch ((State) self->state)
    {
    case TEXT:
      return text_byte (self, c);
    case AFTER_LT:
      return tag_begin (self, c);
    case START_TAG:
      if (c == '<')
        return refuse (self, FALSE, "tag inside a tag");
      return c == '>'    ? TEXT
             : c == '/'  ? EMPTY_TAG
             : c == '"'  ? DOUBLE_QUOTE
             : c == '\'' ? SINGLE_QUOTE
                         : START_TAG;
    case DOUBLE_QUOTE:
    case SINGLE_QUOTE:
      if (c == '<')
        return refuse (self, FALSE, "tag inside an attribute");
      return c == (self->state == DOUBLE_QUOTE ? '"' : '\'') ? START_TAG : (State) self->state;
    case EMPTY_TAG:
      if (c != '>')
        return refuse (self, FALSE, "slash inside a tag");
      self->depth--;
      return self->depth > 0 ? TEXT : ENDED;
    case END_TAG:
      if (c == '<' || c == '"' || c == '\'' || c == '/')
        return refuse (self, FALSE, "end tag that is none");
      if (c != '>')
        return END_TAG;
      self->depth--;
      return self->depth > 0 ? TEXT : ENDED;
    case DECLARATION:
    case DECLARATION_MARK:
      if (c == '<' || (c == '>' && self->state == DECLARATION))
        return refuse (self, FALSE, "unfinished XML declaration");
      return c == '>' ? TEXT : c == '?' ? DECLARATION_MARK : DECLARATION;
    case AFTER_BANG:
    case COMMENT_OPEN:
    case CDATA_OPEN:
      return bang_byte (self, c);
    case COMMENT:
      return c == '-' ? COMMENT_DASH : COMMENT;
    case COMMENT_DASH:
      return c == '-' ? COMMENT_DASHES : COMMENT;
    case COMMENT_DASHES:
      return c == '>' ? TEXT : refuse (self, FALSE, "dashes inside a comment");
    case CDATA:
      return c == ']' ? CDATA_BRACKET : CDATA;
    case CDATA_BRACKET:
      return c == ']' ? CDATA_BRACKETS : CDATA;
    case CDATA_BRACKETS:
      return c == '>' ? TEXT : c == ']' ? CDATA_BRACKETS : CDATA;
    case ENDED:
      return is_space (c) ? ENDED : refuse (self, FALSE, "bytes after the end of the stream");
    case FAILED:
    default:
      return FAILED;
    }
}

/* What happened between @before and now, if somebody has to know. */
static FerryXmlGuardEvent
find_event (const FerryXmlGuard *self, State before)
{
  if (self->state == FAILED)
    return FERRY_XML_GUARD_FAILED;
  if (self->state == ENDED && before != ENDED)
    return FERRY_XML_GUARD_STREAM_END;
  if (self->state == TEXT && self->depth == 1)
    {
      if (before == START_TAG)
        return FERRY_XML_GUARD_STREAM_START;
      if (before == END_TAG || before == EMPTY_TAG)
        return FERRY_XML_GUARD_STANZA;
    }
  return FERRY_XML_GUARD_MORE;
}

/* Inside a stanza most bytes are text in which only "<" means anything. */
static gsize
skip_text (const FerryXmlGuard *self, const char *data, gsize length)
{
  if (self->state != TEXT || self->depth < 2)
    return 0;

  const char *tag = memchr (data, '<', length);
  return tag != NULL ? (gsize) (tag - data) : length;
}

FerryXmlGuardEvent
ferry_xml_guard_step (FerryXmlGuard *self, const char *data, gsize length, gsize *n_taken)
{
  FerryXmlGuardEvent event = FERRY_XML_GUARD_MORE;
  gsize at = 0;

  while (at < length && event == FERRY_XML_GUARD_MORE)
    {
      gsize n_skipped = skip_text (self, data + at, length - at);
      if (n_skipped == 0)
        {
          State before = self->state;
          self->state = next_state (self, data[at]);
          event = find_event (self, before);
          n_skipped = 1;
        }
      at += n_skipped;
      self->n_bytes += n_skipped;
      if (self->n_bytes > FERRY_XML_GUARD_MAX_STANZA_BYTES && event != FERRY_XML_GUARD_FAILED)
        {
          /* White space between stanzas belongs to none and may go on for ever. */
          if (self->state == ENDED || (self->depth < 2 && self->state == TEXT))
            self->n_bytes = 0;
          else
            {
              self->state = refuse (self, TRUE, "stanza too large");
              event = FERRY_XML_GUARD_FAILED;
            }
        }
    }
  *n_taken = at;
  return self->state == FAILED ? FERRY_XML_GUARD_FAILED : event;
}

void
ferry_xml_guard_set_error (const FerryXmlGuard *self, GError **error)
{
  g_return_if_fail (self->reason != NULL);

  g_set_error (error, FERRY_ERROR, self->is_limit ? FERRY_ERROR_LIMIT : FERRY_ERROR_PROTOCOL,
               "the server sent what it must not: %s", self->reason);
}
