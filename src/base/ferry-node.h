/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryNode: an XML element with its attributes, child elements and text; what all protocol
 * code reads and writes, so that none of it sees a parser. It is a value: built by its only
 * owner, unchangeable as soon as it is shared, and then safe in any thread. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define FERRY_TYPE_NODE (ferry_node_get_type ())

typedef struct _FerryNode FerryNode;

/* Elements nested deeper than this are refused by every parser of ours. */
#define FERRY_NODE_MAX_DEPTH 64

/* May XML 1.0 (§2.2) hold it? */
gboolean ferry_node_is_xml_char (gunichar c);

GType ferry_node_get_type (void);

/**
 * ferry_node_new:
 * @name: element name without prefix
 * @ns: (nullable): namespace; %NULL takes that of the parent it will be added to
 *
 * Returns: (transfer full): an empty element
 */
FerryNode *ferry_node_new (const char *name, const char *ns);
FerryNode *ferry_node_ref (FerryNode *self);
void ferry_node_unref (FerryNode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryNode, ferry_node_unref)

/* --- Building: only while @self has one owner ------------------------------------------------
 */

/* Sets, replaces, or with a %NULL @value leaves out an attribute. */
void ferry_node_set_attr (FerryNode *self, const char *key, const char *value);
void ferry_node_set_attr_uint (FerryNode *self, const char *key, guint64 value);
/* Sets several: key, value, …, %NULL. A pair with a %NULL value is left out. */
void ferry_node_set_attrs (FerryNode *self, ...) G_GNUC_NULL_TERMINATED;
void ferry_node_set_text (FerryNode *self, const char *text);
void ferry_node_append_text (FerryNode *self, const char *text, gssize length);

/**
 * ferry_node_take_child:
 * @self: a node with one owner
 * @child: (transfer full): a node; if it has no namespace yet it gets that of @self
 *
 * Returns: (transfer none): @child
 */
FerryNode *ferry_node_take_child (FerryNode *self, FerryNode *child);

/* Makes, adds and returns a child element; @text may be %NULL. */
FerryNode *ferry_node_add (FerryNode *self, const char *name, const char *ns, const char *text);

/* --- Reading: everything returned is borrowed and may come from a peer -----------------------
 */

const char *ferry_node_get_name (const FerryNode *self);
const char *ferry_node_get_ns (const FerryNode *self);
/* Is it this element? A %NULL @name or @ns matches any. A %NULL @self never matches. */
gboolean ferry_node_is (const FerryNode *self, const char *name, const char *ns);
const char *ferry_node_get_attr (const FerryNode *self, const char *key);
/* All character data directly inside, joined; "" if there is none. */
const char *ferry_node_get_text (const FerryNode *self);
gsize ferry_node_get_text_length (const FerryNode *self);
guint ferry_node_get_n_children (const FerryNode *self);
FerryNode *ferry_node_get_nth_child (const FerryNode *self, guint index);
/* The first child element that matches; a %NULL @name or @ns matches any. %NULL if none does.
 */
FerryNode *ferry_node_get_child (const FerryNode *self, const char *name, const char *ns);
/* Text of that child, or %NULL if there is no such child. */
const char *ferry_node_get_child_text (const FerryNode *self, const char *name, const char *ns);

/* Same name, namespace, attributes (in any order), text and children (in this order)? */
gboolean ferry_node_equal (const FerryNode *a, const FerryNode *b);

/* A copy with one owner, that may be changed; children are shared. */
FerryNode *ferry_node_copy (const FerryNode *self);

/* Calls @func for each attribute. */
typedef void (*FerryNodeAttrFunc) (const char *key, const char *value, gpointer user_data);
void
ferry_node_foreach_attr (const FerryNode *self, FerryNodeAttrFunc func, gpointer user_data);

/* --- Text ------------------------------------------------------------------------------------
 */

/**
 * ferry_node_to_string:
 * @self: a node
 *
 * Prints the element as XML on one line. Characters that XML 1.0 cannot hold (controls, U+FFFE,
 * broken UTF-8) are left out, so that a file name can never end our stream.
 *
 * Returns: (transfer full): text that ferry_node_parse() reads back
 */
char *ferry_node_to_string (const FerryNode *self);

/* The same appended to @out, for the namespace @default_ns in force around it (nullable). */
void ferry_node_print (const FerryNode *self, const char *default_ns, GString *out);

/**
 * ferry_node_parse:
 * @xml: one element, UTF-8
 * @length: bytes, or -1
 * @error: %FERRY_ERROR_PROTOCOL if @xml is not one well-formed element of bounded depth
 *
 * Reads one XML element. Entity declarations, comments and processing instructions are not
 * wanted in XMPP (RFC 6120 §11.1) and are refused or skipped.
 *
 * Returns: (transfer full) (nullable): the element
 */
FerryNode *ferry_node_parse (const char *xml, gssize length, GError **error);

G_END_DECLS
