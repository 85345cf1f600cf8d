/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-act.h"

#include "base/ferry-error.h"
#include "gtk/ferry-context-menu.h"
#include "gtk/ferry-launch.h"
#include "model/ferry-sentence.h"
#include "transfer/ferry-transfer-guard.h"

#include <glib/gi18n.h>

#define BIT(name) (1u << FERRY_ACT_##name)

/* --- The table -------------------------------------------------------------------------------
 */

/* One of the two. */
#define KEYS (BIT (COMPARE_KEYS) | BIT (DECIDE))
/* Who has not begun can begin sooner or later. */
#define MOVES (BIT (MOVE_FIRST) | BIT (MOVE_UP) | BIT (MOVE_DOWN) | BIT (MOVE_LAST))

/* clang-format off */

/* Rows: state. What has a button, and what only the menu and the keys have besides. */
static const struct
{
  guint row;
  guint menu;
} acts[] = {
  [FERRY_TRANSFER_PREPARING]    = { KEYS | BIT (CANCEL), 0 },
  [FERRY_TRANSFER_QUEUED]       = { BIT (CANCEL), BIT (PAUSE) | MOVES },
  [FERRY_TRANSFER_WAITING_PEER] = { BIT (CANCEL), BIT (RETRY_NOW) | BIT (PAUSE) | MOVES },
  [FERRY_TRANSFER_OFFERED]      = { BIT (CANCEL), 0 },
  [FERRY_TRANSFER_CONNECTING]   = { BIT (CANCEL), BIT (PAUSE) },
  [FERRY_TRANSFER_ACTIVE]       = { BIT (PAUSE) | BIT (CANCEL), 0 },
  [FERRY_TRANSFER_STALLED]      = { BIT (RETRY_NOW) | BIT (PAUSE) | BIT (CANCEL), 0 },
  [FERRY_TRANSFER_CHECKING]     = { BIT (PAUSE) | BIT (CANCEL), 0 },
  [FERRY_TRANSFER_RECONNECTING] = { BIT (RETRY_NOW) | BIT (PAUSE) | BIT (CANCEL), 0 },
  [FERRY_TRANSFER_PAUSED]       = { BIT (RESUME) | KEYS | BIT (CANCEL), MOVES },
  [FERRY_TRANSFER_VERIFYING]    = { BIT (CANCEL), 0 },
  [FERRY_TRANSFER_DONE]         = { BIT (OPEN) | BIT (SHOW), BIT (SEND_AGAIN) | BIT (REMOVE) },
  [FERRY_TRANSFER_DECLINED]     = { BIT (SEND_AGAIN) | BIT (REMOVE), 0 },
  [FERRY_TRANSFER_CANCELLED]    = { BIT (SEND_AGAIN) | BIT (TRY_AGAIN) | BIT (REMOVE), 0 },
  [FERRY_TRANSFER_MISSED]       = { BIT (SEND_AGAIN) | BIT (REMOVE), 0 },
  [FERRY_TRANSFER_FAILED]       = { BIT (TRY_AGAIN) | BIT (REMOVE), 0 },
};

/* What the sentence of an error asks for besides. */
static const guint acts_of_remedy[] = {
  [FERRY_REMEDY_NONE]             = 0,
  [FERRY_REMEDY_RETRY]            = 0,
  [FERRY_REMEDY_SEND_AGAIN]       = BIT (SEND_AGAIN),
  [FERRY_REMEDY_CHOOSE_FOLDER]    = BIT (CHOOSE_FOLDER),
  [FERRY_REMEDY_LOCATE_FILE]      = BIT (LOCATE),
  [FERRY_REMEDY_ENTER_PASSWORD]   = 0,
  [FERRY_REMEDY_VIEW_CERTIFICATE] = 0,
  [FERRY_REMEDY_RECONNECT]        = 0,
};

typedef enum
{
  ABOUT_NOTHING,
  ABOUT_TRANSFER, /* its id */
  ABOUT_FILE,     /* its path */
} About;

static const struct
{
  const char *label;
  const char *action;
  About about;
} ways[] = {
  [FERRY_ACT_PAUSE]         = { N_ ("_Pause"), "app.pause-transfer", ABOUT_TRANSFER },
  [FERRY_ACT_RESUME]        = { N_ ("_Resume"), "app.resume-transfer", ABOUT_TRANSFER },
  [FERRY_ACT_COMPARE_KEYS]  = { N_ ("Compare _Keys…"), "win.compare-keys", ABOUT_TRANSFER },
  [FERRY_ACT_DECIDE]        = { N_ ("_Decide…"), "win.compare-keys", ABOUT_TRANSFER },
  [FERRY_ACT_RETRY_NOW]     = { N_ ("Retry _Now"), "app.retry-transfer", ABOUT_TRANSFER },
  [FERRY_ACT_TRY_AGAIN]     = { N_ ("_Try Again"), "app.retry-transfer", ABOUT_TRANSFER },
  [FERRY_ACT_SEND_AGAIN]    = { N_ ("_Send Again"), "app.send-again", ABOUT_TRANSFER },
  [FERRY_ACT_LOCATE]        = { N_ ("_Locate…"), "win.locate-file", ABOUT_TRANSFER },
  [FERRY_ACT_CHOOSE_FOLDER] = { N_ ("_Choose Folder…"), "win.choose-download-folder",
                                ABOUT_NOTHING },
  [FERRY_ACT_MOVE_FIRST]    = { N_ ("Move to the F_ront"), "app.move-first", ABOUT_TRANSFER },
  [FERRY_ACT_MOVE_UP]       = { N_ ("Move _Up"), "app.move-up", ABOUT_TRANSFER },
  [FERRY_ACT_MOVE_DOWN]     = { N_ ("Move Do_wn"), "app.move-down", ABOUT_TRANSFER },
  [FERRY_ACT_MOVE_LAST]     = { N_ ("Move to the _End"), "app.move-last", ABOUT_TRANSFER },
  [FERRY_ACT_OPEN]          = { N_ ("_Open"), "app.open-file", ABOUT_FILE },
  [FERRY_ACT_SHOW]          = { N_ ("Show in _Folder"), "app.show-file", ABOUT_FILE },
  [FERRY_ACT_DETAILS]       = { N_ ("_Details"), "win.show-details", ABOUT_TRANSFER },
  [FERRY_ACT_COPY_DETAILS]  = { N_ ("_Copy Details"), "win.copy-details", ABOUT_TRANSFER },
  [FERRY_ACT_CANCEL]        = { N_ ("Ca_ncel"), "app.cancel-transfer", ABOUT_TRANSFER },
  [FERRY_ACT_REMOVE]        = { N_ ("Re_move from the List"), "win.remove-transfer",
                                ABOUT_TRANSFER },
};
/* clang-format on */

/* --- Looking it up ---------------------------------------------------------------------------
 */

static FerryRemedy
get_remedy (FerryTransfer *transfer)
{
  FerryRemedy remedy = FERRY_REMEDY_NONE;

  if (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_FAILED)
    g_free (ferry_sentence_for_transfer_error (ferry_transfer_get_error (transfer), "", "",
                                               &remedy));
  return remedy;
}

/* Of one that waits for what the user says about a key: is there none? */
static gboolean
is_without_key (FerryTransfer *transfer)
{
  return g_error_matches (ferry_transfer_get_error (transfer), FERRY_ERROR, FERRY_ERROR_NO_KEY);
}

/* What the transfer is like decides besides its state. */
static gboolean
is_sensible (FerryAct act, FerryTransfer *transfer)
{
  gboolean is_sending = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  gboolean waits_for_key = ferry_transfer_guard_waits (transfer);
  const char *path = ferry_transfer_get_path (transfer);

  switch (act)
    {
    case FERRY_ACT_SEND_AGAIN:
      return is_sending && path != NULL;
    case FERRY_ACT_LOCATE:
      return is_sending;
    case FERRY_ACT_TRY_AGAIN:
      /* What we send is sent again where it was cancelled or refused; the rest of what comes to
       * us can be asked for, if their program sends it then. */
      return is_sending ? ferry_transfer_get_state (transfer) == FERRY_TRANSFER_FAILED &&
                              get_remedy (transfer) != FERRY_REMEDY_SEND_AGAIN
                        : ferry_transfer_get_machine (transfer)->can_ask;
    case FERRY_ACT_RETRY_NOW:
      return is_sending || ferry_transfer_get_machine (transfer)->can_ask;
    case FERRY_ACT_CHOOSE_FOLDER:
      return !is_sending;
    case FERRY_ACT_OPEN:
      return path != NULL && ferry_launch_can_open (path);
    case FERRY_ACT_SHOW:
      return path != NULL;
    case FERRY_ACT_RESUME:
      return !waits_for_key;
    case FERRY_ACT_COMPARE_KEYS:
      return waits_for_key && !is_without_key (transfer);
    case FERRY_ACT_DECIDE:
      return waits_for_key && is_without_key (transfer);
    case FERRY_ACT_PAUSE:
    case FERRY_ACT_MOVE_FIRST:
    case FERRY_ACT_MOVE_UP:
    case FERRY_ACT_MOVE_DOWN:
    case FERRY_ACT_MOVE_LAST:
    case FERRY_ACT_DETAILS:
    case FERRY_ACT_COPY_DETAILS:
    case FERRY_ACT_CANCEL:
    case FERRY_ACT_REMOVE:
    case FERRY_N_ACTS:
    default:
      return TRUE;
    }
}

gboolean
ferry_act_is_in_row (FerryAct act, FerryTransfer *transfer)
{
  g_return_val_if_fail (act < FERRY_N_ACTS, FALSE);
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), FALSE);

  FerryTransferState state = ferry_transfer_get_state (transfer);
  guint bits = acts[state].row | acts_of_remedy[get_remedy (transfer)];

  return (bits & (1u << act)) != 0 && is_sensible (act, transfer);
}

gboolean
ferry_act_is_possible (FerryAct act, FerryTransfer *transfer)
{
  g_return_val_if_fail (act < FERRY_N_ACTS, FALSE);
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), FALSE);

  const guint always = BIT (DETAILS) | BIT (COPY_DETAILS);
  guint bits = acts[ferry_transfer_get_state (transfer)].menu | always;

  if (act == FERRY_ACT_PAUSE && !ferry_transfer_can_pause (transfer))
    return FALSE;
  return ferry_act_is_in_row (act, transfer) ||
         ((bits & (1u << act)) != 0 && is_sensible (act, transfer));
}

const char *
ferry_act_get_label (FerryAct act)
{
  g_return_val_if_fail (act < FERRY_N_ACTS, NULL);

  return gettext (ways[act].label);
}

const char *
ferry_act_get_target (FerryAct act, FerryTransfer *transfer, const char **action)
{
  g_return_val_if_fail (act < FERRY_N_ACTS, NULL);
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  *action = ways[act].action;
  if (ways[act].about == ABOUT_FILE)
    return ferry_transfer_get_path (transfer);
  return ways[act].about == ABOUT_TRANSFER ? ferry_transfer_get_id (transfer) : NULL;
}

/* --- Doing it --------------------------------------------------------------------------------
 */

void
ferry_act_put_on (FerryAct act, FerryTransfer *transfer, GtkActionable *button)
{
  const char *action = NULL;
  const char *target = ferry_act_get_target (act, transfer, &action);

  gtk_actionable_set_action_target_value (button, target != NULL ? g_variant_new_string (target)
                                                                 : NULL);
  gtk_actionable_set_action_name (button, action);
}

gboolean
ferry_act_do (FerryAct act, FerryTransfer *transfer, GtkWidget *widget)
{
  const char *action = NULL;
  const char *target = ferry_act_get_target (act, transfer, &action);

  if (!ferry_act_is_possible (act, transfer))
    return FALSE;
  return target != NULL ? gtk_widget_activate_action (widget, action, "s", target)
                        : gtk_widget_activate_action (widget, action, NULL);
}

static void
append_section (GMenu *menu, FerryTransfer *transfer, FerryAct first, FerryAct last)
{
  g_autoptr (GMenu) section = g_menu_new ();

  for (FerryAct act = first; act <= last; act++)
    {
      const char *action = NULL;
      const char *target = ferry_act_get_target (act, transfer, &action);

      if (ferry_act_is_possible (act, transfer))
        ferry_context_menu_append (section, ferry_act_get_label (act), action, target);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

GMenuModel *
ferry_act_create_menu (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  GMenu *menu = g_menu_new ();

  append_section (menu, transfer, FERRY_ACT_PAUSE, FERRY_ACT_CHOOSE_FOLDER);
  append_section (menu, transfer, FERRY_ACT_MOVE_FIRST, FERRY_ACT_MOVE_LAST);
  append_section (menu, transfer, FERRY_ACT_OPEN, FERRY_ACT_SHOW);
  append_section (menu, transfer, FERRY_ACT_DETAILS, FERRY_ACT_COPY_DETAILS);
  append_section (menu, transfer, FERRY_ACT_CANCEL, FERRY_ACT_REMOVE);
  return G_MENU_MODEL (menu);
}
