/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every test needs: waiting for a condition without sleeping, scratch folders, files of
 * known content. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-node.h"

G_BEGIN_DECLS

/* How much longer than elsewhere everything may take: FERRY_TEST_PATIENCE, or 1. */
double ferry_test_patience (void);

/* Runs the default main context until @condition holds; fails the test after @seconds. */
#define ferry_test_wait(condition, seconds)                                                    \
  G_STMT_START                                                                                 \
  {                                                                                            \
    gint64 ferry_test_deadline_ =                                                              \
        g_get_monotonic_time () + (gint64) ((seconds) *ferry_test_patience () * 1e6);          \
    while (!(condition))                                                                       \
      {                                                                                        \
        if (g_get_monotonic_time () > ferry_test_deadline_)                                    \
          g_error ("%s:%d: not within %g s: %s", __FILE__, __LINE__, (double) (seconds),       \
                   #condition);                                                                \
        ferry_test_iterate (ferry_test_deadline_);                                             \
      }                                                                                        \
  }                                                                                            \
  G_STMT_END

/* One turn of the default main context that lasts until @deadline_us at most. */
void ferry_test_iterate (gint64 deadline_us);

/* A GAsyncReadyCallback that stores the result in the GAsyncResult * that @user_data points to.
 */
void ferry_test_take_result (GObject *source, GAsyncResult *result, gpointer user_data);

/* Returns: (transfer full): a new empty folder; ferry_test_remove_folder() empties and removes
 * it */
char *ferry_test_make_folder (void);
void ferry_test_remove_folder (const char *path);

/* Writes @size bytes of a fixed random sequence that @seed begins. */
void ferry_test_write_file (const char *path, guint64 size, guint32 seed);
/* Fails the test unless both files hold the same bytes. */
void ferry_test_assert_files_equal (const char *a, const char *b);

/* Parses @xml; fails the test if it cannot be. Returns: (transfer full) */
FerryNode *ferry_test_node (const char *xml);
/* Compares trees and prints both on a difference. */
void ferry_test_assert_node (FerryNode *node, const char *expected_xml);

G_END_DECLS
