/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryControl: how a second ferry-cli reaches the Ferry that uses the profile: a Unix socket
 * in the profile's folder, which is closed to others. It needs no session bus, so that it works
 * on a server and inside a test, and there is exactly one for each profile.
 *
 * A request is one line: `list`, or `pause`, `resume`, `cancel`, `retry` and the id of a
 * transfer; `keys`, or what is done with one. The answer is lines, and then the end: for the
 * lists one a{sv} as text for each, else one word of ferry_control_words. */
#pragma once

#include "client/ferry-core.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_CONTROL_DONE,
  FERRY_CONTROL_UNKNOWN, /* no such transfer */
  FERRY_CONTROL_NOT_NOW, /* its state is none for that */
  FERRY_CONTROL_BAD,     /* no such request */
} FerryControlResult;

#define FERRY_TYPE_CONTROL (ferry_control_get_type ())
G_DECLARE_FINAL_TYPE (FerryControl, ferry_control, FERRY, CONTROL, GObject)

/* Listens until it goes. @core: (unowned): must outlive it
 * Returns: (nullable): @error says why there can be no socket; Ferry works without */
FerryControl *ferry_control_new (FerryCore *core, GError **error);

/* Does what a line asks for, also without a socket. @verb: `pause`, … */
FerryControlResult ferry_control_apply (FerryCore *core, const char *verb, const char *id);
/* Returns: (transfer full) (element-type GVariant): one floating-free a{sv} for each transfer
 */
GPtrArray *ferry_control_list (FerryCore *core);

/* The same about keys: `key-accept`, `key-verify`, `key-once`, `key-reject`, `key-forget` and
 * the full address of a device (ferry-control-keys.c). */
FerryControlResult
ferry_control_apply_key (FerryCore *core, const char *verb, const char *device);
/* Returns: (transfer full) (element-type GVariant): one a{sv} for each key */
GPtrArray *ferry_control_list_keys (FerryCore *core);

/* The other end, blocking: for a command.
 * @folder: of the profile. @request: one line without its end
 * Returns: (transfer full) (nullable): the lines of the answer; %NULL if nobody listens */
char **ferry_control_ask (const char *folder, const char *request, GError **error);
FerryControlResult ferry_control_result_from_word (const char *word);

G_END_DECLS
