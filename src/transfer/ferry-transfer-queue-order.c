/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose turn it is: the limits of the queue, and its order. */
#include "config.h"

#include "transfer/ferry-transfer-queue-private.h"

/* A contact who does not answer keeps others from nothing, and many files at once ask few
 * questions at once. */
#define MAX_STARTED_PER_PEER 3

typedef FerryTransferQueueEntry Entry;

/* What is under way in one direction. */
typedef struct
{
  guint n_busy;
  guint n_started;
  FerryJid *peers[FERRY_TRANSFER_QUEUE_MAX_STARTED];
} Load;

static Entry *
get_entry (FerryTransferQueue *self, guint i)
{
  return g_ptr_array_index (self->entries, i);
}

/* Waiting for an answer costs nothing, so it keeps nobody from moving bytes. */
static gboolean
is_busy (Entry *entry)
{
  return ferry_transfer_get_state (entry->transfer) != FERRY_TRANSFER_OFFERED;
}

static void
measure (FerryTransferQueue *self, Load loads[FERRY_DIRECTION_RECEIVE + 1])
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = get_entry (self, i);
      Load *load = &loads[ferry_transfer_get_direction (entry->transfer)];
      if (!entry->started)
        continue;
      load->n_busy += is_busy (entry) ? 1 : 0;
      if (load->n_started < G_N_ELEMENTS (load->peers))
        load->peers[load->n_started] = ferry_transfer_get_peer (entry->transfer);
      load->n_started++;
    }
}

static guint
count_of_peer (const Load *load, FerryJid *peer)
{
  guint n = 0;

  for (guint i = 0; i < MIN (load->n_started, G_N_ELEMENTS (load->peers)); i++)
    n += ferry_jid_equal_bare (load->peers[i], peer) ? 1 : 0;
  return n;
}

static gboolean
is_ready (Entry *entry)
{
  const FerryBatchInfo *batch = ferry_transfer_get_batch (entry->transfer);

  return !entry->started && entry->hold_id == 0 &&
         ferry_transfer_get_state (entry->transfer) == FERRY_TRANSFER_QUEUED &&
         (batch == NULL || batch->size >= 0 ||
          ferry_transfer_get_direction (entry->transfer) == FERRY_DIRECTION_RECEIVE);
}

/* The first of its contact goes before the second of another. */
Entry *
ferry_transfer_queue_find_next (FerryTransferQueue *self)
{
  Load loads[FERRY_DIRECTION_RECEIVE + 1] = { 0 };
  Entry *second = NULL;

  measure (self, loads);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = get_entry (self, i);
      FerryDirection direction = ferry_transfer_get_direction (entry->transfer);
      const Load *load = &loads[direction];
      if (load->n_busy >= self->limits[direction] ||
          load->n_started >= FERRY_TRANSFER_QUEUE_MAX_STARTED || !is_ready (entry))
        continue;
      guint n_of_peer = count_of_peer (load, ferry_transfer_get_peer (entry->transfer));
      if (n_of_peer == 0)
        return entry;
      if (second == NULL && n_of_peer < MAX_STARTED_PER_PEER)
        second = entry;
    }
  return second;
}

void
ferry_transfer_queue_set_limits (FerryTransferQueue *self, guint n_up, guint n_down)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  self->limits[FERRY_DIRECTION_SEND] = CLAMP (n_up, 1, FERRY_TRANSFER_QUEUE_MAX_LIMIT);
  self->limits[FERRY_DIRECTION_RECEIVE] = CLAMP (n_down, 1, FERRY_TRANSFER_QUEUE_MAX_LIMIT);
  ferry_transfer_queue_schedule (self);
}

/* --- The order -------------------------------------------------------------------------------
 */

static gint64
get_place (Entry *entry)
{
  return ferry_transfer_get_place (entry->transfer);
}

static void
set_place (Entry *entry, gint64 place)
{
  ferry_transfer_set_place (entry->transfer, place);
}

/* Takes @entry over. What is restored comes in its old order, and keeps its place. */
void
ferry_transfer_queue_place_last (FerryTransferQueue *self, Entry *entry)
{
  Entry *last = self->entries->len > 0 ? get_entry (self, self->entries->len - 1) : NULL;

  if (last != NULL && get_place (entry) <= get_place (last))
    set_place (entry, get_place (last) + 1);
  g_ptr_array_add (self->entries, entry);
}

static void
swap (FerryTransferQueue *self, guint a, guint b)
{
  Entry *first = get_entry (self, a), *second = get_entry (self, b);
  gint64 place = get_place (first);

  self->entries->pdata[a] = second;
  self->entries->pdata[b] = first;
  set_place (first, get_place (second));
  set_place (second, place);
}

/* Is it one that @entry could be moved past: of its direction, and not under way? */
static gboolean
is_beside (Entry *entry, Entry *other)
{
  return other != entry && !other->started &&
         ferry_transfer_get_direction (other->transfer) ==
             ferry_transfer_get_direction (entry->transfer);
}

/* Returns: the next such one in the direction of @step; G_MAXUINT for none */
static guint
find_beside (FerryTransferQueue *self, guint position, int step)
{
  for (gint64 i = (gint64) position + step; i >= 0 && i < self->entries->len; i += step)
    if (is_beside (get_entry (self, position), get_entry (self, (guint) i)))
      return (guint) i;
  return G_MAXUINT;
}

/* To the very front, or the very end. */
static void
move_to_edge (FerryTransferQueue *self, guint position, gboolean to_front)
{
  Entry *entry = g_ptr_array_steal_index (self->entries, position);
  guint last = self->entries->len - 1;

  if (to_front)
    set_place (entry, get_place (get_entry (self, 0)) - 1);
  else
    set_place (entry, get_place (get_entry (self, last)) + 1);
  g_ptr_array_insert (self->entries, to_front ? 0 : -1, entry);
}

gboolean
ferry_transfer_queue_move (FerryTransferQueue *self,
                           FerryTransfer *transfer,
                           FerryTransferMove move)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  guint position, beside;
  gboolean goes_up = move == FERRY_TRANSFER_MOVE_UP || move == FERRY_TRANSFER_MOVE_FIRST;

  if (entry == NULL || entry->started || !g_ptr_array_find (self->entries, entry, &position))
    return FALSE;
  beside = find_beside (self, position, goes_up ? -1 : 1);
  if (beside == G_MAXUINT)
    return FALSE;
  if (move == FERRY_TRANSFER_MOVE_UP || move == FERRY_TRANSFER_MOVE_DOWN)
    swap (self, position, beside);
  else
    move_to_edge (self, position, goes_up);
  ferry_transfer_queue_schedule (self);
  return TRUE;
}

/* Lets the entry at @from stand at @to, and each in between one place further. */
static void
shift (FerryTransferQueue *self, guint from, guint to)
{
  guint low = MIN (from, to), n = MAX (from, to) - low + 1;
  g_autofree gint64 *places = g_new (gint64, n);

  for (guint i = 0; i < n; i++)
    places[i] = get_place (get_entry (self, low + i));
  g_ptr_array_insert (self->entries, (int) to, g_ptr_array_steal_index (self->entries, from));
  for (guint i = 0; i < n; i++)
    set_place (get_entry (self, low + i), places[i]);
}

static gboolean
find_waiting (FerryTransferQueue *self, FerryTransfer *transfer, guint *position)
{
  Entry *entry = ferry_transfer_queue_find (self, transfer);

  return entry != NULL && !entry->started && g_ptr_array_find (self->entries, entry, position);
}

gboolean
ferry_transfer_queue_move_to (FerryTransferQueue *self,
                              FerryTransfer *transfer,
                              FerryTransfer *other)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);

  guint from, to;

  if (transfer == other || !find_waiting (self, transfer, &from) ||
      !find_waiting (self, other, &to))
    return FALSE;
  shift (self, from, to);
  ferry_transfer_queue_schedule (self);
  return TRUE;
}

void
ferry_transfer_queue_count_ahead (FerryTransferQueue *self)
{
  Load loads[FERRY_DIRECTION_RECEIVE + 1] = { 0 };
  guint n_ahead[FERRY_DIRECTION_RECEIVE + 1];

  measure (self, loads);
  for (guint i = 0; i < G_N_ELEMENTS (loads); i++)
    n_ahead[i] = loads[i].n_started;
  for (guint i = 0; i < self->entries->len; i++)
    {
      FerryTransfer *transfer = get_entry (self, i)->transfer;
      FerryDirection direction = ferry_transfer_get_direction (transfer);
      if (ferry_transfer_get_state (transfer) != FERRY_TRANSFER_QUEUED)
        continue;
      ferry_transfer_set_n_ahead (transfer,
                                  MIN (n_ahead[direction], FERRY_TRANSFER_MANY_AHEAD));
      n_ahead[direction]++;
    }
}
