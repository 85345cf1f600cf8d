/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Anna, a whole negotiator, and Ben, whom the test plays. */
#pragma once

#include "jingle-end.h"

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"
#define FT "urn:xmpp:jingle:apps:file-transfer:5"
#define S5B "urn:xmpp:jingle:transports:s5b:1"
#define IBB_T "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='%s' block-size='4096'/>"
#define SET "<iq type='set' id='%s' to='" ANNA "'>"
#define DESCRIPTION                                                                            \
  "<description xmlns='" FT "'><file><name>f</name><size>5</size></file></description>"
#define EXPECT_JINGLE(action) "iq[type=set]/jingle[xmlns=urn:xmpp:jingle:1][action=" action "]"

typedef struct
{
  FerryFakeNet *net;
  JingleEnd *anna;
  FerryFakePeer *ben;
  char *sid;  /* of Anna's session */
  char *tsid; /* of the transport she named last */
} Stage;

void stage_init (Stage *stage, gboolean with_s5b);
void stage_clear (Stage *stage);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* Takes Anna's action: acknowledges it, notes its session and transport. */
FerryNode *stage_take (Stage *stage, const char *path);
void stage_take_and_drop (Stage *stage, const char *path);
/* Says @inner in an action of Anna's session; @answer is the type of what she must answer. */
void stage_say (Stage *stage, const char *action, const char *inner, const char *answer);
void stage_say_transport (Stage *stage, const char *action, const char *transport);
void stage_terminate (Stage *stage, const char *reason);
void stage_wait_for_end (Stage *stage);
