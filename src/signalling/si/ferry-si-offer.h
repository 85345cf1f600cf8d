/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stream initiation for files (XEP-0095, XEP-0096) as plain values: what is offered, and what
 * is answered. gabble's si-multiple is part of both: an answer with a list of ways, tried in
 * order. */
#pragma once

#include "base/ferry-node.h"
#include "base/ferry-range.h"
#include "signalling/ferry-file-info.h"
#include "signalling/ferry-security.h"

G_BEGIN_DECLS

#define FERRY_SI_MAX_ID 256

/* Ways for the bytes, as bits of a set too. */
typedef enum
{
  FERRY_SI_NO_METHOD = 0,
  FERRY_SI_S5B = 1,
  FERRY_SI_INBAND = 2,
} FerrySiMethod;

/* A list in order, without repeats. */
typedef struct
{
  guint n_items;
  FerrySiMethod items[2];
} FerrySiMethods;

void ferry_si_methods_add (FerrySiMethods *self, FerrySiMethod method);
gboolean ferry_si_methods_contain (const FerrySiMethods *self, FerrySiMethod method);
/* Those of @self that are in @allowed, a set, in the order of @self. */
FerrySiMethods ferry_si_methods_filter (const FerrySiMethods *self, guint allowed);

/* Why an offer cannot even be shown. */
typedef enum
{
  FERRY_SI_REFUSAL_NONE,
  FERRY_SI_REFUSAL_MALFORMED,
  FERRY_SI_REFUSAL_BAD_PROFILE,
  FERRY_SI_REFUSAL_NO_STREAMS,
} FerrySiRefusal;

typedef struct
{
  char *id;               /* of the stream */
  FerryFileInfo *file;    /* name and size are there; the MD5 of XEP-0096 is not kept: it proves
                             nothing */
  FerrySiMethods methods; /* those that we know */
  gboolean is_multiple;   /* the sender knows si-multiple */
  FerrySecurity security;
} FerrySiOffer;

void ferry_si_offer_free (FerrySiOffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrySiOffer, ferry_si_offer_free)

/* What is said of a file in an offer or an announcement: attributes of @holder, and the
 * <file/> in it. Returns: (transfer full) (nullable): name and size are there */
FerryFileInfo *ferry_si_file_parse (const FerryNode *holder);
void ferry_si_file_add (FerryNode *holder, const FerryFileInfo *file);

/**
 * ferry_si_offer_parse:
 * @si: (nullable): the `<si/>` of an iq of type set
 * @refusal: (out): what to answer if %NULL is returned
 * @error: %FERRY_ERROR_PROTOCOL, or %FERRY_ERROR_UNSUPPORTED for the last two refusals
 *
 * Returns: (transfer full) (nullable): an offer with at least one method
 */
FerrySiOffer *
ferry_si_offer_parse (const FerryNode *si, FerrySiRefusal *refusal, GError **error);
/* Returns: (transfer full): the `<si/>` that offers @file; with si-multiple if there is more
 * than one method */
FerryNode *ferry_si_offer_to_node (const char *id,
                                   const FerryFileInfo *file,
                                   FerrySiMethods methods,
                                   const FerrySecurity *security);

typedef struct
{
  FerrySiMethods methods; /* not empty */
  gboolean is_multiple;
  FerryRange range; /* the part that is wanted */
  FerrySecurity security;
} FerrySiAnswer;

/**
 * ferry_si_answer_parse:
 * @si: (nullable): the `<si/>` of an iq of type result
 * @size: of the file we offered
 * @out: (out caller-allocates): the answer
 * @error: %FERRY_ERROR_PROTOCOL
 *
 * XEP-0095 §4.1. si-multiple wins over the form if both are there. A length of 0 means to the
 * end, as iris reads it.
 */
gboolean
ferry_si_answer_parse (const FerryNode *si, gint64 size, FerrySiAnswer *out, GError **error);
/**
 * ferry_si_answer_to_node:
 * @methods: ways to be used; the first one only unless @is_multiple
 * @range: (nullable): the part that is wanted, only of who announced `<range/>`. gabble looks
 *   at its offset alone
 *
 * Returns: (transfer full): the `<si/>`
 */
FerryNode *ferry_si_answer_to_node (FerrySiMethods methods,
                                    gboolean is_multiple,
                                    const FerryRange *range,
                                    const FerrySecurity *security);

G_END_DECLS
