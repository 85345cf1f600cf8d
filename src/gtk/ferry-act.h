/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user can do with a transfer in its present state: one table for the buttons of its
 * row, its menu and its keys. What is done are the actions of the application and the window.
 */
#pragma once

#include <gtk/gtk.h>

#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_ACT_PAUSE,
  FERRY_ACT_RESUME,
  FERRY_ACT_COMPARE_KEYS, /* the peer's device shows another key than before */
  FERRY_ACT_DECIDE,       /* … or none any more */
  FERRY_ACT_RETRY_NOW,    /* at once, whatever it waits for */
  FERRY_ACT_TRY_AGAIN,
  FERRY_ACT_SEND_AGAIN,
  FERRY_ACT_LOCATE,
  FERRY_ACT_CHOOSE_FOLDER,
  FERRY_ACT_MOVE_FIRST, /* in the queue */
  FERRY_ACT_MOVE_UP,
  FERRY_ACT_MOVE_DOWN,
  FERRY_ACT_MOVE_LAST,
  FERRY_ACT_OPEN,
  FERRY_ACT_SHOW,
  FERRY_ACT_DETAILS,
  FERRY_ACT_COPY_DETAILS,
  FERRY_ACT_CANCEL,
  FERRY_ACT_REMOVE,
  FERRY_N_ACTS
} FerryAct;

/* Does the row have a button for it? */
gboolean ferry_act_is_in_row (FerryAct act, FerryTransfer *transfer);
/* Can it be done at all? */
gboolean ferry_act_is_possible (FerryAct act, FerryTransfer *transfer);
/* With a mnemonic. */
const char *ferry_act_get_label (FerryAct act);
/* The name of its action, and the text that it is about. Returns: the target, borrowed from
 * @transfer; %NULL if the action has none */
const char *ferry_act_get_target (FerryAct act, FerryTransfer *transfer, const char **action);
/* Lets @widget, a button, do it. */
void ferry_act_put_on (FerryAct act, FerryTransfer *transfer, GtkActionable *button);
/* Does it, if it is possible. Returns: was it? */
gboolean ferry_act_do (FerryAct act, FerryTransfer *transfer, GtkWidget *widget);
/* Returns: (transfer full): all that is possible, for a context menu */
GMenuModel *ferry_act_create_menu (FerryTransfer *transfer);

G_END_DECLS
