/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real window on a core that is filled with sample data and never connects: what the
 * display tests and the pictures show.
 *
 * usage: ferry-sample FOLDER SCENE [WIDTH HEIGHT], with a scene of: setup, empty, offer, full,
 * batch, states
 */
#include "config.h"

#include "gtk/ferry-application.h"

#include "base/ferry-error.h"
#include "store/ferry-account-store.h"
#include "store/ferry-key-store.h"
#include "store/ferry-transfer-store.h"
#include "xmpp/ferry-ns.h"

#include <glib/gi18n.h>

#define HOUR ((gint64) 3600 * G_USEC_PER_SEC)

static FerryJid *
jid (const char *text)
{
  g_autoptr (GError) error = NULL;
  FerryJid *self = ferry_jid_new (text, &error);

  g_assert_no_error (error);
  return self;
}

static void
append (GListModel *list, gpointer item)
{
  g_list_store_append (G_LIST_STORE (list), item);
  g_object_unref (item);
}

/* --- People ----------------------------------------------------------------------------------
 */

static const struct
{
  const char *address;
  const char *name;
  FerryPresenceShow show;
  const char *status;
  guint n_devices;
  FerryCapability capability;
  gboolean has_ferry; /* so that it knows folders */
} people[] = {
  { "ada@example.org", "Ada Lovelace", FERRY_PRESENCE_AVAILABLE, NULL, 2,
    FERRY_CAPABILITY_JINGLE, TRUE },
  { "grace@example.org", "Grace Hopper", FERRY_PRESENCE_CHAT, "At the machine", 1,
    FERRY_CAPABILITY_JINGLE },
  { "linus@example.net", "Linus", FERRY_PRESENCE_AWAY, "Back in an hour", 1,
    FERRY_CAPABILITY_SI },
  { "barbara@example.net", "Barbara Liskov", FERRY_PRESENCE_DND, NULL, 1,
    FERRY_CAPABILITY_NONE },
  { "edsger@example.org", "Edsger Dijkstra", FERRY_PRESENCE_OFFLINE, NULL, 0,
    FERRY_CAPABILITY_UNKNOWN },
  { "hedy@example.net", "Hedy Lamarr", FERRY_PRESENCE_OFFLINE, NULL, 0,
    FERRY_CAPABILITY_UNKNOWN },
  { "alan@example.org", "Alan", FERRY_PRESENCE_OFFLINE, NULL, 0, FERRY_CAPABILITY_UNKNOWN },
};

static void
add_people (FerryCore *core, FerryJid *account)
{
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    {
      g_autoptr (FerryJid) bare = jid (people[i].address);
      FerryContact *contact = ferry_contact_new (account, bare);

      ferry_contact_set_name (contact, people[i].name);
      ferry_contact_set_subscription (contact, "both");
      for (guint n = 0; n < people[i].n_devices; n++)
        {
          g_autofree char *resource = g_strdup_printf ("device-%u", n);
          g_autoptr (FerryJid) full = ferry_jid_with_resource (bare, resource);
          g_autoptr (FerryDevice) device = ferry_device_new (full);
          g_autoptr (FerryDiscoInfo) info = ferry_disco_info_new ();

          ferry_device_set_presence (device, people[i].show, people[i].status, 0, n);
          ferry_device_set_capability (device, people[i].capability);
          ferry_disco_info_add_identity (info, "client", "pc", NULL, resource);
          ferry_disco_info_add_feature (info, FERRY_NS_FOLDER);
          if (people[i].has_ferry)
            ferry_device_set_info (device, info);
          ferry_contact_add_device (contact, device);
        }
      append (ferry_core_get_contacts (core), contact);
    }
}

/* --- Offers ----------------------------------------------------------------------------------
 */

/* A session with nobody at the other end: it takes the answer and stays there. */
#define SAMPLE_TYPE_SESSION (sample_session_get_type ())
G_DECLARE_FINAL_TYPE (SampleSession, sample_session, SAMPLE, SESSION, FerrySession)

struct _SampleSession
{
  FerrySession parent_instance;
};

G_DEFINE_FINAL_TYPE (SampleSession, sample_session, FERRY_TYPE_SESSION)

static void
sample_session_accept (FerrySession *session, FerryRoute routes)
{
  ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
}

static void
sample_session_decline (FerrySession *session)
{
  ferry_session_end (session, NULL);
}

static void
sample_session_cancel (FerrySession *session)
{
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");

  ferry_session_end (session, error);
}

static void
sample_session_fail (FerrySession *session, const GError *error)
{
  ferry_session_end (session, error);
}

static void
sample_session_class_init (SampleSessionClass *klass)
{
  FerrySessionClass *session_class = FERRY_SESSION_CLASS (klass);

  session_class->accept = sample_session_accept;
  session_class->decline = sample_session_decline;
  session_class->cancel = sample_session_cancel;
  session_class->fail = sample_session_fail;
}

static void
sample_session_init (SampleSession *self)
{
}

static const struct
{
  const char *id;
  const char *peer;
  const char *peer_name;
  const char *device_name;
  const char *name;
  const char *raw_name;
  gint64 size;
  gboolean is_known;
} offers[] = {
  { "offer-1", "grace@example.org/device-0", "Grace Hopper", "Laptop", "IMG_2041.jpg", NULL,
    4820000, TRUE },
  { "offer-2", "mallory@example.com/x", "mallory@example.com", NULL, "invoice_fdp.exe",
    "invoice_\342\200\256fdp.exe", 310000, FALSE },
};

static void
add_offers (FerryCore *core, FerryJid *account, guint n_offers)
{
  for (guint i = 0; i < n_offers; i++)
    {
      g_autoptr (FerryJid) peer = jid (offers[i].peer);
      g_autoptr (FerryFileInfo) file = ferry_file_info_new (offers[i].name, offers[i].size);
      g_autoptr (FerrySession) session =
          g_object_new (SAMPLE_TYPE_SESSION, "id", offers[i].id, "signalling", "jingle",
                        "direction", FERRY_DIRECTION_RECEIVE, "peer", peer, "file", file, NULL);

      append (ferry_core_get_offers (core),
              ferry_offer_new (offers[i].id, account, session, peer, offers[i].peer_name,
                               offers[i].device_name, offers[i].name, offers[i].raw_name,
                               offers[i].size, offers[i].is_known));
    }
}

/* --- Transfers -------------------------------------------------------------------------------
 */

typedef struct
{
  FerryDirection direction;
  const char *peer;
  const char *peer_name;
  const char *name;
  gint64 size;
  guint64 n_done;
  double speed;
  FerryTransferState state;
  FerryRoute route;
  gboolean encrypted;
  const char *verified;
  FerryError error; /* PROTOCOL, the first, for none */
  FerryTransferPause pause;
  FerryTransferLink link;
  guint n_ahead;
  const FerryBatchInfo *batch;
  gboolean is_fixed; /* the peer's program cannot continue files */
} SampleTransfer;

static const SampleTransfer transfers[] = {
  { FERRY_DIRECTION_SEND, "ada@example.org", "Ada Lovelace", "thesis-draft.pdf", 48200000,
    31000000, 6.1e6, FERRY_TRANSFER_ACTIVE, FERRY_ROUTE_DIRECT, TRUE, NULL, 0 },
  { FERRY_DIRECTION_RECEIVE, "linus@example.net", "Linus",
    "field-recording-of-the-harbour.flac", 310400000, 77600000, 4.2e5, FERRY_TRANSFER_ACTIVE,
    FERRY_ROUTE_INBAND, FALSE, NULL, 0 },
  { FERRY_DIRECTION_SEND, "edsger@example.org", "Edsger Dijkstra", "notes.zip", 3100000, 0, 0,
    FERRY_TRANSFER_WAITING_PEER, FERRY_ROUTE_NONE, FALSE, NULL, 0 },
  { FERRY_DIRECTION_SEND, "grace@example.org", "Grace Hopper", "poster.svg", 820000, 0, 0,
    FERRY_TRANSFER_OFFERED, FERRY_ROUTE_NONE, FALSE, NULL, 0 },
  { FERRY_DIRECTION_RECEIVE, "ada@example.org", "Ada Lovelace", "talk.mp4", 1240000000,
    1240000000, 0, FERRY_TRANSFER_DONE, FERRY_ROUTE_PROXY, TRUE, "sha-256", 0 },
  { FERRY_DIRECTION_SEND, "grace@example.org", "Grace Hopper", "letter.odt", 42000, 0, 0,
    FERRY_TRANSFER_DECLINED, FERRY_ROUTE_NONE, FALSE, NULL, 0 },
  { FERRY_DIRECTION_SEND, "linus@example.net", "Linus", "backup.tar.xz", 2100000000, 31000000,
    0, FERRY_TRANSFER_FAILED, FERRY_ROUTE_DIRECT, FALSE, NULL, FERRY_ERROR_BROKEN },
};

/* One of each state. */
#define STATE(name_, state_, done_, ...)                                                       \
  {                                                                                            \
    .direction = FERRY_DIRECTION_SEND, .peer = "ada@example.org", .peer_name = "Ada Lovelace", \
    .name = name_, .size = 40000000, .n_done = done_, .state = FERRY_TRANSFER_##state_,        \
    __VA_ARGS__                                                                                \
  }
/* clang-format off */
static const SampleTransfer states[] = {
  STATE ("preparing.bin", PREPARING, 0, ),
  STATE ("queued.bin", QUEUED, 0, .n_ahead = 2),
  STATE ("connecting.bin", CONNECTING, 0, .route = FERRY_ROUTE_PROXY),
  STATE ("active.bin", ACTIVE, 20000000, .speed = 1e6, .route = FERRY_ROUTE_DIRECT),
  STATE ("again.bin", ACTIVE, 20000000, .speed = 1e6, .route = FERRY_ROUTE_DIRECT,
    .is_fixed = TRUE),
  STATE ("stalled.bin", STALLED, 20000000, .route = FERRY_ROUTE_DIRECT),
  STATE ("reconnecting.bin", RECONNECTING, 20000000, ),
  STATE ("checking.bin", CHECKING, 12000000, ),
  STATE ("verifying.bin", VERIFYING, 40000000, .route = FERRY_ROUTE_DIRECT),
  STATE ("waiting.bin", WAITING_PEER, 0, ),
  STATE ("offline.bin", WAITING_PEER, 0, .link = FERRY_TRANSFER_LINK_NO_SERVER),
  STATE ("no-network.bin", WAITING_PEER, 0, .link = FERRY_TRANSFER_LINK_NO_NETWORK),
  STATE ("offered.bin", OFFERED, 0, ),
  STATE ("paused.bin", PAUSED, 20000000, .pause = FERRY_TRANSFER_PAUSE_USER),
  STATE ("paused-there.bin", PAUSED, 20000000, .pause = FERRY_TRANSFER_PAUSE_PEER),
  STATE ("full-disk.bin", PAUSED, 20000000, .pause = FERRY_TRANSFER_PAUSE_SPACE),
  STATE ("other-key.bin", PAUSED, 20000000, .pause = FERRY_TRANSFER_PAUSE_KEY),
  STATE ("no-key.bin", PAUSED, 20000000, .pause = FERRY_TRANSFER_PAUSE_KEY,
    .error = FERRY_ERROR_NO_KEY),
  STATE ("done.pdf", DONE, 40000000, .route = FERRY_ROUTE_DIRECT, .verified = "sha-256"),
  STATE ("declined.bin", DECLINED, 0, ),
  STATE ("cancelled.bin", CANCELLED, 20000000, ),
  STATE ("missed.bin", MISSED, 0, ),
  STATE ("failed.bin", FAILED, 20000000, .error = FERRY_ERROR_SOURCE),
};
/* clang-format on */
#undef STATE

/* @is_newest: they stand at the head of the list */
static void
add_transfers (FerryCore *core,
               FerryJid *account,
               const char *folder,
               const SampleTransfer *samples,
               guint n_samples,
               gboolean is_newest)
{
  GListStore *store = G_LIST_STORE (ferry_core_get_transfers (core));
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = 0; i < n_samples; i++)
    {
      guint n_known = g_list_model_get_n_items (G_LIST_MODEL (store));
      g_autofree char *id = g_strdup_printf ("transfer-%u", n_known);
      g_autofree char *path = g_build_filename (folder, samples[i].name, NULL);
      g_autoptr (FerryJid) peer = jid (samples[i].peer);
      g_autoptr (FerryTransfer) transfer =
          ferry_transfer_new (id, account, samples[i].direction, peer, samples[i].peer_name,
                              samples[i].name, samples[i].size);

      ferry_transfer_set_path (transfer, path);
      ferry_transfer_set_route (transfer, samples[i].route);
      ferry_transfer_set_encrypted (transfer, samples[i].encrypted);
      ferry_transfer_set_verified (transfer, samples[i].verified);
      ferry_transfer_set_state (transfer, samples[i].state);
      ferry_transfer_set_pause (transfer, samples[i].pause);
      ferry_transfer_set_starts_over (transfer, samples[i].is_fixed);
      ferry_transfer_set_n_ahead (transfer, samples[i].n_ahead);
      ferry_transfer_set_batch (transfer, samples[i].batch);
      ferry_transfer_set_quiet_seconds (transfer, 20);
      /* A steady rate over the last six seconds. */
      for (int second = 6; second >= 0; second--)
        ferry_transfer_set_n_done (transfer,
                                   samples[i].n_done - (guint64) (samples[i].speed * second),
                                   now_us - second * G_USEC_PER_SEC);
      if (samples[i].error != FERRY_ERROR_PROTOCOL)
        {
          g_autoptr (GError) error =
              g_error_new_literal (FERRY_ERROR, samples[i].error, "sample");

          ferry_transfer_set_error (transfer, error);
        }
      g_list_store_insert (store, is_newest ? 0 : n_known, transfer);
      /* The core sees that nothing is connected here. */
      ferry_transfer_set_link (transfer, samples[i].link);
    }
}

/* Photos that are sent together: some have arrived, one moves, others wait. */
static void
add_batch (FerryCore *core, FerryJid *account, const char *folder)
{
  const FerryBatchInfo info = {
    .id = (char *) "photos", .n_transfers = 12, .n_files = 12, .size = 12 * 4800000
  };
  const guint n_done = 5;
  SampleTransfer photo = { .direction = FERRY_DIRECTION_SEND,
                           .peer = "grace@example.org",
                           .peer_name = "Grace Hopper",
                           .size = info.size / info.n_transfers,
                           .encrypted = TRUE };

  for (guint i = 1; i <= info.n_transfers; i++)
    {
      gboolean is_moving = i == n_done + 1;
      g_autofree char *name = g_strdup_printf ("harbour-%02u.jpg", i);

      photo.name = name;
      photo.state = i <= n_done ? FERRY_TRANSFER_DONE
                    : is_moving ? FERRY_TRANSFER_ACTIVE
                                : FERRY_TRANSFER_QUEUED;
      photo.route = i <= n_done + 1 ? FERRY_ROUTE_PROXY : FERRY_ROUTE_NONE;
      photo.verified = i <= n_done ? "sha-256" : NULL;
      photo.n_done = i <= n_done ? (guint64) photo.size : is_moving ? 3100000 : 0;
      photo.speed = is_moving ? 5e5 : 0;
      photo.n_ahead = i - n_done;
      photo.batch = &info;
      add_transfers (core, account, folder, &photo, 1, TRUE);
    }
}

/* --- Keys ------------------------------------------------------------------------------------
 */

#define KNOWN "1f825aa2f0020ef7cf91dfa30da4668d791c5d4824fc8e41354b89ec05795ab3"
#define OTHER "9a0364b9e99bb480dd25e1f0284c8555b3f1f2a4d8a0c1e2a7b1c6d5e4f30912"

/* Ada's second device shows another key than before; her first does not. */
static void
add_keys (FerryCore *core, FerryStore *store, FerryJid *account)
{
  static const struct
  {
    const char *device;
    const char *other;
  } keys[] = { { "ada@example.org/device-0", NULL }, { "ada@example.org/device-1", OTHER } };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (FerryJid) device = jid (keys[i].device);
      g_autoptr (FerryDeviceKey) key = ferry_device_key_new (account, device, KNOWN, 1);
      g_autoptr (GError) error = NULL;

      key->other = g_strdup (keys[i].other);
      key->other_us = keys[i].other != NULL ? 2 : 0;
      ferry_key_store_put (store, key, &error);
      g_assert_no_error (error);
      if (keys[i].other != NULL)
        append (ferry_core_get_key_questions (core),
                ferry_key_question_new (account, device, "Ada Lovelace", "other-key.bin", KNOWN,
                                        OTHER, FALSE));
    }
}

/* --- History ---------------------------------------------------------------------------------
 */

static const struct
{
  gboolean is_outgoing;
  const char *peer;
  const char *peer_name;
  const char *name;
  gint64 size;
  const char *outcome;
  const char *route;
  const char *verified;
  gint64 age;
} past[] = {
  { FALSE, "grace@example.org", "Grace Hopper", "compiler-notes.txt", 18400, "done", "direct",
    "sha-256", 50 * HOUR },
  { TRUE, "ada@example.org", "Ada Lovelace", "engine-drawings.zip", 73000000, "done", "direct",
    "sha-256", 74 * HOUR },
  { FALSE, "hedy@example.net", "Hedy Lamarr", "frequency-table.ods", 96000, "done", "inband",
    "size", 200 * HOUR },
  { FALSE, "alan@example.org", "Alan", "crossword.pdf", 210000, "missed", NULL, NULL,
    500 * HOUR },
};

static void
add_history (FerryStore *store, FerryJid *account, const char *folder)
{
  gint64 now_us = g_get_real_time ();

  for (guint i = 0; i < G_N_ELEMENTS (past); i++)
    {
      g_autoptr (FerryTransferRow) row = ferry_transfer_row_new ();
      g_autoptr (GError) error = NULL;

      row->id = g_strdup_printf ("past-%u", i);
      row->account = g_strdup (ferry_jid_get_text (account));
      row->peer = g_strdup (past[i].peer);
      row->peer_name = g_strdup (past[i].peer_name);
      row->is_outgoing = past[i].is_outgoing;
      row->name = g_strdup (past[i].name);
      row->size = past[i].size;
      row->path = g_build_filename (folder, past[i].name, NULL);
      row->route = g_strdup (past[i].route);
      row->verified = g_strdup (past[i].verified);
      row->state = g_strdup (past[i].outcome);
      row->created_us = now_us - past[i].age;
      row->ended_us = now_us - past[i].age;
      row->is_listed = FALSE;
      ferry_transfer_store_insert (store, row, &error);
      g_assert_no_error (error);
      ferry_transfer_store_set_timeline (store, row->id,
                                         "  0.021 s  offered\n"
                                         "  2.840 s  connecting\n"
                                         "  2.871 s  Direct: trying 192.0.2.7 port 5086\n"
                                         "  2.902 s  Direct: connected to 192.0.2.7 port 5086\n"
                                         "  2.950 s  Using this way: direct\n",
                                         &error);
      g_assert_no_error (error);
    }
}

static void
on_window_added (GtkApplication *application, GtkWindow *window, const int *size)
{
  if (GTK_IS_APPLICATION_WINDOW (window))
    gtk_window_set_default_size (window, size[0], size[1]);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;

  if (argc != 3 && argc != 5)
    {
      g_printerr (
          "usage: ferry-sample FOLDER setup|empty|offer|full|batch|states [WIDTH HEIGHT]\n");
      return 1;
    }

  /* The translations of the build, which are not installed yet. */
  if (g_getenv ("FERRY_LOCALE_DIR") != NULL)
    bindtextdomain (GETTEXT_PACKAGE, g_getenv ("FERRY_LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  const char *folder = argv[1];
  const char *scene = argv[2];
  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);

  g_assert_no_error (error);

  FerryStore *store = ferry_profile_get_store (profile);
  g_autoptr (FerryJid) me = jid ("me@example.org");
  g_autofree char *downloads = g_build_filename (folder, "Downloads", NULL);
  const int size[] = { argc == 5 ? atoi (argv[3]) : 980, argc == 5 ? atoi (argv[4]) : 640 };
  gboolean has_batch = g_str_equal (scene, "batch");
  gboolean full = has_batch || g_str_equal (scene, "full");

  if (!g_str_equal (scene, "setup"))
    {
      g_autoptr (FerryAccount) account = ferry_account_new (me);

      ferry_account_store_add (store, account, &error);
      g_assert_no_error (error);
    }
  if (full)
    add_history (store, me, downloads);

  g_autoptr (FerryCore) core = ferry_core_new (profile);

  g_mkdir_with_parents (downloads, 0700);
  ferry_core_set_download_folder (core, downloads);
  if (!g_str_equal (scene, "setup") && !g_str_equal (scene, "empty"))
    add_people (core, me);
  if (has_batch)
    add_batch (core, me, downloads);
  if (full)
    add_transfers (core, me, downloads, transfers, G_N_ELEMENTS (transfers), FALSE);
  if (g_str_equal (scene, "states"))
    add_keys (core, store, me);
  if (g_str_equal (scene, "states"))
    add_transfers (core, me, downloads, states, G_N_ELEMENTS (states), FALSE);
  if (full || g_str_equal (scene, "offer"))
    add_offers (core, me, full ? 1 : G_N_ELEMENTS (offers));

  g_autoptr (FerryApplication) application = ferry_application_new (core);

  g_signal_connect (application, "window-added", G_CALLBACK (on_window_added), (gpointer) size);

  return g_application_run (G_APPLICATION (application), 1, argv);
}
