/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryCaps: the capabilities mark in a presence (XEP-0115), and FerryCapsCache: what is known
 * to stand behind such marks, kept in a file between runs. */
#pragma once

#include "xmpp/ferry-disco-info.h"

G_BEGIN_DECLS

typedef struct
{
  char *node; /* may be "" */
  char *ver;
  char *hash; /* nullable: the legacy form, in which ver is a version and means nothing to us */
} FerryCaps;

/* @presence: a presence. Returns: (transfer full) (nullable): %NULL if it has no usable mark */
FerryCaps *ferry_caps_parse (const FerryNode *presence);
FerryCaps *ferry_caps_copy (const FerryCaps *self);
void ferry_caps_free (FerryCaps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCaps, ferry_caps_free)
gboolean ferry_caps_equal (const FerryCaps *a, const FerryCaps *b);

typedef struct _FerryCapsCache FerryCapsCache;

/**
 * ferry_caps_cache_new:
 * @path: (nullable): file to load from and keep; a damaged or missing one is an empty one
 */
FerryCapsCache *ferry_caps_cache_new (const char *path);
/* Writes what has changed. */
void ferry_caps_cache_free (FerryCapsCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCapsCache, ferry_caps_cache_free)
/* (nullable) (transfer none) */
FerryDiscoInfo *ferry_caps_cache_lookup (FerryCapsCache *self, const FerryCaps *caps);
/* Takes @info up if it is what @caps promises, whoever sent it. Returns: was it? */
gboolean
ferry_caps_cache_add (FerryCapsCache *self, const FerryCaps *caps, FerryDiscoInfo *info);
guint ferry_caps_cache_get_size (FerryCapsCache *self);

G_END_DECLS
