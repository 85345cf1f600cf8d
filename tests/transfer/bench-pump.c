/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the pump is: two processes on this machine move a file over loopback TCP, next to
 * iperf3 in the same round, because only the ratio means anything on a shared machine.
 *
 *   bench-pump [--size MIB] [--rounds N] [--folder DIR]
 */
#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/ferry-pump.h"

static int size_mib = 1024;
static int n_rounds = 3;
static char *folder = NULL;
static char *send_file = NULL; /* child: what to send */
static int port = 0;
static char *hash_name = NULL;

static GOptionEntry entries[] = {
  { "size", 0, 0, G_OPTION_ARG_INT, &size_mib, "Size of the file", "MIB" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "How often", "N" },
  { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where the files lie", "DIR" },
  { "send", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &send_file, NULL, NULL },
  { "port", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &port, NULL, NULL },
  { "hash", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &hash_name, NULL, NULL },
  { NULL },
};

static void
die (const char *doing, GError *error)
{
  g_printerr ("%s: %s\n", doing, error != NULL ? error->message : "failed");
  exit (1);
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
run_pump (FerryPump *pump)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  ferry_pump_run_async (pump, NULL, take_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (!ferry_pump_run_finish (pump, result, &error))
    die ("pump", error);
}

static void
print_usage (const char *who)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  g_print ("    %-8s %4.2f CPU s user, %4.2f system, %ld MB at most\n", who,
           (double) usage.ru_utime.tv_sec + (double) usage.ru_utime.tv_usec / 1e6,
           (double) usage.ru_stime.tv_sec + (double) usage.ru_stime.tv_usec / 1e6,
           usage.ru_maxrss / 1024);
}

static int
run_sender (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host (client, "127.0.0.1", (guint16) port, NULL, &error);
  struct stat info;

  if (connection == NULL)
    die ("connect", error);
  int fd = open (send_file, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &info) < 0)
    die (send_file, NULL);

  g_autoptr (FerryPump) pump =
      ferry_pump_new_sender (g_socket_connection_get_socket (connection), fd, 0,
                             (guint64) info.st_size, ferry_hash_algo_from_name (hash_name));
  run_pump (pump);
  close (fd);
  print_usage ("sender");
  return 0;
}

/* Returns: MB/s */
static double
receive (const char *self_path, const char *source, const char *target, const char *hash)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 free_port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *port_text = g_strdup_printf ("%u", free_port);
  g_autoptr (GSubprocess) sender =
      g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, self_path, "--send", source, "--port",
                        port_text, "--hash", hash, NULL);
  if (sender == NULL)
    die ("sender", error);
  g_autoptr (GSocketConnection) connection =
      g_socket_listener_accept (listener, NULL, NULL, &error);
  if (connection == NULL)
    die ("accept", error);

  struct stat info;
  stat (source, &info);
  unlink (target);
  int fd = open (target, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, info.st_size);
  g_autoptr (FerryPump) pump =
      ferry_pump_new_receiver (g_socket_connection_get_socket (connection), fd, 0, info.st_size,
                               ferry_hash_algo_from_name (hash));
  gint64 began_us = g_get_monotonic_time ();
  run_pump (pump);
  double seconds = (double) (g_get_monotonic_time () - began_us) / 1e6;
  close (fd);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  g_subprocess_wait_check (sender, NULL, NULL);
  return (double) info.st_size / 1e6 / seconds;
}

/* Returns: MB/s of one stream for two seconds; 0 if iperf3 is not there */
static double
run_iperf (void)
{
  g_autoptr (GSocketListener) probe = g_socket_listener_new ();
  g_autofree char *port_text =
      g_strdup_printf ("%u", g_socket_listener_add_any_inet_port (probe, NULL, NULL));
  g_socket_listener_close (probe);

  g_autoptr (GSubprocess) server = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, "iperf3", "-s", "-1", "-p", port_text, NULL);
  if (server == NULL)
    return 0;

  g_autofree char *json = NULL;
  g_usleep (300 * 1000); /* it does not tell when it listens */
  g_autoptr (GSubprocess) client =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "iperf3", "-c", "127.0.0.1", "-p",
                        port_text, "-t", "2", "-J", NULL);
  if (client == NULL || !g_subprocess_communicate_utf8 (client, NULL, NULL, &json, NULL, NULL))
    return 0;
  g_subprocess_wait (server, NULL, NULL);

  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, json, -1, NULL))
    return 0;
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  if (!json_object_has_member (root, "end"))
    return 0;
  JsonObject *end = json_object_get_object_member (root, "end");
  JsonObject *sum = json_object_get_object_member (end, "sum_received");
  return json_object_get_double_member (sum, "bits_per_second") / 8e6;
}

static void
make_source (const char *path)
{
  g_autofree guint32 *chunk = g_new (guint32, 1024 * 256);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  for (guint i = 0; i < 1024 * 256; i++)
    chunk[i] = g_random_int ();
  for (int i = 0; i < size_mib; i++)
    {
      chunk[i % 1024]++;
      if (write (fd, chunk, 1024 * 1024) != 1024 * 1024)
        die (path, NULL);
    }
  close (fd);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- measure the pump");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    die ("options", error);
  if (send_file != NULL)
    return run_sender ();

  g_autofree char *scratch =
      g_build_filename (folder != NULL ? folder : g_get_tmp_dir (), "ferry-bench-XXXXXX", NULL);
  if (g_mkdtemp (scratch) == NULL)
    die (scratch, NULL);
  g_autofree char *source = g_build_filename (scratch, "source", NULL);
  g_autofree char *target = g_build_filename (scratch, "target", NULL);
  make_source (source);

  for (int round = 0; round < n_rounds; round++)
    {
      static const char *const hashes[] = { "none", "sha-256" };
      double iperf = run_iperf ();

      g_print ("iperf3   %6.0f MB/s\n", iperf);
      for (guint i = 0; i < G_N_ELEMENTS (hashes); i++)
        {
          double speed = receive (argv[0], source, target, hashes[i]);
          g_print ("%-8s %6.0f MB/s, %.0f %% of iperf3\n", hashes[i], speed,
                   iperf > 0 ? 100 * speed / iperf : 0);
        }
    }
  print_usage ("receiver");
  unlink (source);
  unlink (target);
  rmdir (scratch);
  return 0;
}
