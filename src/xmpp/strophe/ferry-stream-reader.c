/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-stream-reader.h"

#include "base/ferry-error.h"

#include <string.h>

void
ferry_stream_reader_init (FerryStreamReader *self)
{
  ferry_xml_guard_init (&self->guard);
  self->header = g_string_new (NULL);
  self->stanza = g_string_new (NULL);
  self->is_open = FALSE;
}

void
ferry_stream_reader_clear (FerryStreamReader *self)
{
  if (self->header != NULL)
    g_string_free (g_steal_pointer (&self->header), TRUE);
  if (self->stanza != NULL)
    g_string_free (g_steal_pointer (&self->stanza), TRUE);
}

void
ferry_stream_reader_restart (FerryStreamReader *self)
{
  ferry_xml_guard_init (&self->guard);
  g_string_truncate (self->header, 0);
  g_string_truncate (self->stanza, 0);
  self->is_open = FALSE;
}

/* The name of the root as it stands in its tag, with the prefix. */
static char *
dup_root_name (const char *header)
{
  const char *tag = strrchr (header, '<');
  gsize length = strcspn (tag + 1, " \t\r\n/>");
  return g_strndup (tag + 1, length);
}

static FerryNode *
parse_stanza (FerryStreamReader *self, GError **error)
{
  g_autofree char *root_name = dup_root_name (self->header->str);
  g_autofree char *document =
      g_strconcat (self->header->str, self->stanza->str, "</", root_name, ">", NULL);
  g_autoptr (FerryNode) root = ferry_node_parse (document, -1, error);

  g_string_truncate (self->stanza, 0);
  if (root == NULL)
    return NULL;
  if (ferry_node_get_n_children (root) != 1)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "the server's stream is broken");
      return NULL;
    }
  return ferry_node_ref (ferry_node_get_nth_child (root, 0));
}

FerryNode *
ferry_stream_reader_read (
    FerryStreamReader *self, const char *data, gsize length, gsize *n_taken, GError **error)
{
  *n_taken = 0;
  while (*n_taken < length)
    {
      gsize n;
      const char *piece = data + *n_taken;
      FerryXmlGuardEvent event =
          ferry_xml_guard_step (&self->guard, piece, length - *n_taken, &n);
      g_string_append_len (self->is_open ? self->stanza : self->header, piece, (gssize) n);
      *n_taken += n;

      switch (event)
        {
        case FERRY_XML_GUARD_MORE:
          break;
        case FERRY_XML_GUARD_STREAM_START:
          self->is_open = TRUE;
          break;
        case FERRY_XML_GUARD_STANZA:
          return parse_stanza (self, error);
        case FERRY_XML_GUARD_STREAM_END:
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_SERVER, "the server closed the stream");
          return NULL;
        case FERRY_XML_GUARD_FAILED:
        default:
          ferry_xml_guard_set_error (&self->guard, error);
          return NULL;
        }
    }
  return NULL;
}
