/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryContactListView: contacts in the sections Online and Offline, with a filter. The sidebar
 * and the choice of a recipient are both this. */
#pragma once

#include <adwaita.h>

#include "model/ferry-contact.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CONTACT_LIST_VIEW (ferry_contact_list_view_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryContactListView, ferry_contact_list_view, FERRY, CONTACT_LIST_VIEW, AdwBin)

/* Properties: "with-actions" (boolean, construct: rows send files), "search-mode" (boolean).
 * Signals: "contact-activated" (FerryContact), "selection-changed", "files-dropped"
 * (FerryContact, GListModel of GFile). */
void ferry_contact_list_view_set_contacts (FerryContactListView *self, GListModel *contacts);
/* Returns: (nullable): borrowed */
FerryContact *ferry_contact_list_view_get_selected (FerryContactListView *self);
void ferry_contact_list_view_select (FerryContactListView *self, FerryContact *contact);
void ferry_contact_list_view_start_search (FerryContactListView *self);

G_END_DECLS
