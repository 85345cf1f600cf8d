/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryCore, which has a file for each thing it does: ferry-core.c (lists, start
 * and stop), -accounts.c, -contacts.c (what is decided about contacts), -keys.c (by which
 * keys devices are known), -links.c (are we online?), -offers.c (what others send),
 * -transfers.c (what a user does with files), -batches.c (with several at once), -folders.c,
 * -rates.c. */
#pragma once

#include "client/ferry-client-private.h"
#include "client/ferry-control.h"
#include "client/ferry-core-starter.h"
#include "client/ferry-core.h"
#include "client/ferry-key-guard.h"
#include "client/ferry-transfer-recorder.h"
#include "model/ferry-offer-gatherer.h"
#include "transfer/ferry-transfer-queue.h"

G_BEGIN_DECLS

struct _FerryCore
{
  GObject parent_instance;

  FerryProfile *profile;
  FerrySecrets *secrets;
  FerryStropheThread *thread;
  FILE *xml_log; /* NULL: the traffic is not written anywhere */
  char *caps_cache_path;
  char *download_folder;
  FerryRoute routes; /* ways on which files may come to us */
  gboolean is_idle;  /* what is in the queue stays there */

  guint n_secrets_pending;
  GPtrArray *flush_tasks; /* of GTask: who waits for them */
  GError *secret_error;   /* the first that failed since the last flush */

  GListStore *clients;
  GListStore *contacts;
  GListStore *offers;
  FerryOfferGatherer *gatherer; /* NULL: every offer is a question at once */
  GListStore *transfers;
  FerryBatchList *rows;
  GHashTable *declined; /* batch → how many offers of it are still to be declined */
  FerryHistory *history;
  FerryTransferRecorder *recorder;
  FerryCoreStarter *starter;
  FerryTransferQueue *queue;
  FerryKeyGuard *guard;
  FerryControl *control; /* nullable */
  GNetworkMonitor *monitor;
};

/* (nullable): the client of an own bare JID */
FerryClient *ferry_core_find_client (FerryCore *self, const FerryJid *account);
void ferry_core_load_accounts (FerryCore *self);
/* What a client's "offer-received" does. */
void ferry_core_take_offer_in (FerryClient *client, FerrySession *session, FerryCore *self);
/* Contacts that come into the list get what was decided about them. */
void ferry_core_init_contacts (FerryCore *self);
void ferry_core_init_queue (FerryCore *self);
/* The queue asks for keys from now on. */
void ferry_core_init_keys (FerryCore *self);
/* Transfers know how their accounts are linked; after the accounts. */
void ferry_core_init_links (FerryCore *self);
/* An account is linked, or no more. */
void ferry_core_show_links (FerryCore *self);
/* What the profile says of them; after the queue. */
void ferry_core_init_rates (FerryCore *self);
void ferry_core_init_limits (FerryCore *self);
/* An offer of a file that stopped on its way is no question any more.
 * Returns: whether it was one */
gboolean ferry_core_take_rest (FerryCore *self, FerryClient *client, FerrySession *session);
/* Nor is one of a file that has come: its sender is told, if it never heard so.
 * Returns: whether it was one */
gboolean ferry_core_has_come (FerryCore *self, FerryClient *client, FerrySession *session);
/* For ferry_client_set_request_func(). @user_data: the core */
FerryJingleRequestAnswer ferry_core_take_request (FerryClient *client,
                                                  FerryJid *peer,
                                                  const FerryFileInfo *file,
                                                  gpointer user_data);
/* What waits for an account that is no more would wait for ever. */
void ferry_core_cancel_account (FerryCore *self, FerryJid *account);
void ferry_core_learn_peer (FerryCore *self, FerryTransfer *transfer, FerrySession *session);

/* @batch: (nullable) */
typedef struct
{
  FerryRoute routes;
  guint hold_ms;
  gboolean is_published;
  const FerryBatchInfo *batch;
} FerrySend;

/* Returns: (transfer none) (nullable): its transfer, in the queue */
FerryTransfer *ferry_core_queue_file (
    FerryCore *self, FerryJid *account, FerryJid *to, const char *path, const FerrySend *what);
/* Batches that nobody has looked at before Ferry ended. */
void ferry_core_init_batches (FerryCore *self);

G_END_DECLS
