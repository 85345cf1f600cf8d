/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slow calls, mostly on files, each in a thread of its own: a network disk that hangs must stop
 * neither the main loop nor the file operations of others, as GLib's shared pool would. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerryFileWork:
 * @data: the task data of the task
 * @cancellable: (nullable): to be looked at between slow calls
 *
 * Runs in the thread, and may touch nothing but @data.
 */
typedef gboolean (*FerryFileWork) (gpointer data, GCancellable *cancellable, GError **error);

/**
 * ferry_file_thread_run:
 * @task: (transfer full): with its task data set
 * @work: what to do
 *
 * Returns the task, a boolean, in its own context when @work is done. Cancelling does not
 * return it early: only @work knows whether the deed was done.
 */
void ferry_file_thread_run (GTask *task, FerryFileWork work);

G_END_DECLS
