/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-file-thread.h"

/* The thread borrows it; the main context owns it, and joins the thread before it lets go. */
typedef struct
{
  GTask *task;
  FerryFileWork work;
  gpointer data;
  GCancellable *cancellable;
  GMainContext *context;
  GThread *thread;
  gboolean done;
  GError *error;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_object (&job->task);
  g_clear_error (&job->error);
  g_free (job);
}

static gboolean
finished_cb (gpointer user_data)
{
  Job *job = user_data;

  if (job->thread != NULL)
    g_thread_join (g_steal_pointer (&job->thread));
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_boolean (job->task, job->done);
  return G_SOURCE_REMOVE;
}

static void
post (Job *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  /* Not g_main_context_invoke(), which may call from this very thread. */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, finished_cb, job, job_free);
  g_source_attach (source, job->context);
}

static gpointer
run_thread (gpointer data)
{
  Job *job = data;

  job->done = job->work (job->data, job->cancellable, &job->error);
  post (job);
  return NULL;
}

void
ferry_file_thread_run (GTask *task, FerryFileWork work)
{
  Job *job = g_new0 (Job, 1);

  g_task_set_check_cancellable (task, FALSE);
  job->task = task;
  job->work = work;
  job->data = g_task_get_task_data (task);
  job->cancellable = g_task_get_cancellable (task);
  job->context = g_task_get_context (task);
  job->thread = g_thread_try_new ("ferry-file", run_thread, job, &job->error);
  if (job->thread == NULL)
    post (job);
}
