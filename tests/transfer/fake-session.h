/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session without a protocol: the test plays the peer. And a starter that hands it out. */
#pragma once

#include "transfer-test.h"

#include "signalling/ferry-session.h"
#include "transfer/ferry-transfer-starter.h"

G_BEGIN_DECLS

#define FAKE_TYPE_SESSION (fake_session_get_type ())
G_DECLARE_FINAL_TYPE (FakeSession, fake_session, FAKE, SESSION, FerrySession)

struct _FakeSession
{
  FerrySession parent_instance;

  SocketPair pair;      /* once open; "theirs" is the test's */
  gboolean keeps_quiet; /* does not end by itself when we are done */
  gboolean is_broken;   /* the peer goes before a byte can move */
  GError *better;       /* what the peer says after fail() */

  guint n_accepts;
  guint n_cancels;
  guint n_sents;
  guint n_completes;
  gboolean completed_verified;
  gboolean told_hash;
  GError *failed; /* of the last fail() */
};

FakeSession *fake_session_new (FerryDirection direction, FerryFileInfo *file);
/* The peer accepts, and a way is found. */
void fake_session_open (FakeSession *self);
/* Ends with @code of FERRY_ERROR, or well if it is -1. */
void fake_session_end (FakeSession *self, int code);

#define FAKE_TYPE_STARTER (fake_starter_get_type ())
G_DECLARE_FINAL_TYPE (FakeStarter, fake_starter, FAKE, STARTER, GObject)

struct _FakeStarter
{
  GObject parent_instance;

  gboolean keeps_quiet; /* answers only fake_starter_answer() */
  guint n_asks;
  FerryHashAlgo hash;  /* what its devices prefer */
  int fails_with;      /* code of FERRY_ERROR, -1 for success */
  GPtrArray *sessions; /* of FakeSession, in order of their birth */
  GTask *pending;
};

FakeStarter *fake_starter_new (void);
void fake_starter_answer (FakeStarter *self);
/* The @i-th session it made; fails the test if there is none. */
FakeSession *fake_starter_get_session (FakeStarter *self, guint i);

G_END_DECLS
