/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryWindow, for the files that hold one concern of it each. */
#pragma once

#include "gtk/ferry-contact-list-view.h"
#include "gtk/ferry-history-view.h"
#include "gtk/ferry-setup-page.h"
#include "gtk/ferry-transfers-view.h"
#include "gtk/ferry-window.h"

G_BEGIN_DECLS

struct _FerryWindow
{
  AdwApplicationWindow parent_instance;

  FerryCore *core;
  GSettings *settings;           /* nullable: the schema is not installed */
  GtkFileChooserNative *chooser; /* nullable: the one that is open */

  AdwToast *removal; /* nullable: of rows that are hidden, and go with it */

  AdwToastOverlay *toasts;
  GtkStack *stack;
  FerrySetupPage *setup;
  AdwLeaflet *leaflet;
  FerryContactListView *contacts;
  GtkWidget *status_list;
  GtkLabel *summary;
  GtkRevealer *offers_revealer;
  GtkScrolledWindow *offers_scroller;
  guint offers_id;
  GtkListBox *offers_list;
  AdwViewSwitcherTitle *switcher_title;
  AdwViewSwitcherBar *switcher_bar;
  guint switcher_id;
  AdwViewStack *views;
  AdwViewStackPage *transfers_page;
  FerryTransfersView *transfers;
  FerryHistoryView *history;
};

/* ferry-window-actions.c */
void ferry_window_class_init_actions (FerryWindowClass *klass);
/* Returns: (transfer none) (nullable): the contact with that bare address */
FerryContact *ferry_window_find_contact (FerryWindow *self, const char *bare);
/* @id: (nullable): %NULL is the oldest. Returns: (transfer full) (nullable) */
FerryOffer *ferry_window_dup_offer (FerryWindow *self, const char *id);
/* Returns: (transfer full) (nullable) */
FerryTransfer *ferry_window_dup_transfer (FerryWindow *self, const char *id);

/* ferry-window-choosers.c */
void ferry_window_class_init_choosers (FerryWindowClass *klass);

/* ferry-window-send.c */
void ferry_window_class_init_send (FerryWindowClass *klass);
void ferry_window_init_drop (FerryWindow *self);

/* ferry-window-undo.c */
void ferry_window_class_init_undo (FerryWindowClass *klass);
guint ferry_window_get_toast_seconds (void);
/* @sent: of FerryTransfer, held that long */
void ferry_window_offer_undo (FerryWindow *self, const char *text, GListModel *sent);

G_END_DECLS
