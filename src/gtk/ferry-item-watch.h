/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryItemWatch: tells when a property of any item of a list changes. GTK's filters and
 * sorters look at items only when they are added. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRY_TYPE_ITEM_WATCH (ferry_item_watch_get_type ())
G_DECLARE_FINAL_TYPE (FerryItemWatch, ferry_item_watch, FERRY, ITEM_WATCH, GObject)

/**
 * ferry_item_watch_new:
 * @model: a list
 * @properties: names of properties of its items, %NULL-terminated
 *
 * Signals: "added" (GObject *item), "removed" (GObject *item), "changed" (GObject *item). No
 * "added" is emitted for the items that are there already.
 */
FerryItemWatch *ferry_item_watch_new (GListModel *model, const char *const *properties);

G_END_DECLS
