/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linked into a test, this takes the place of libstrophe's functions that make and free its
 * context, and lends it a memory that is counted: when the context goes, every stanza, text and
 * connection that we had of the library must have been given back. The leak sanitizer cannot
 * tell those from what the library itself forgets (tests/lsan.supp). */
#include "strophe-memory.h"

#include <dlfcn.h>
#include <glib.h>
#include <stdlib.h>
#include <strophe.h>

static int n_blocks;
static int n_forgotten;

static void *
take (size_t size, void *user_data)
{
  g_atomic_int_inc (&n_blocks);
  return malloc (size);
}

static void
give (void *block, void *user_data)
{
  if (block != NULL)
    g_atomic_int_add (&n_blocks, -1);
  free (block);
}

static void *
resize (void *block, size_t size, void *user_data)
{
  if (block == NULL)
    g_atomic_int_inc (&n_blocks);
  return realloc (block, size);
}

void
strophe_memory_allow_broken_logins (guint n)
{
  /* It keeps a struct and its first message of a login with SCRAM that is broken off. */
  g_atomic_int_set (&n_forgotten, 2 * (int) n);
}

xmpp_ctx_t *
xmpp_ctx_new (const xmpp_mem_t *mem, const xmpp_log_t *log)
{
  static const xmpp_mem_t counted = { .alloc = take, .free = give, .realloc = resize };
  xmpp_ctx_t *(*real) (const xmpp_mem_t *, const xmpp_log_t *) = dlsym (RTLD_NEXT, __func__);

  g_assert_null (mem);
  return real (&counted, log);
}

void
xmpp_ctx_free (xmpp_ctx_t *ctx)
{
  void (*real) (xmpp_ctx_t *) = dlsym (RTLD_NEXT, __func__);

  real (ctx);
  g_assert_cmpint (g_atomic_int_get (&n_blocks), <=, g_atomic_int_get (&n_forgotten));
  g_atomic_int_set (&n_blocks, 0);
  g_atomic_int_set (&n_forgotten, 0);
}
