/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-socks5.h"

#include <string.h>

#define VERSION 0x05
#define METHOD_NONE 0x00
#define METHOD_REFUSED 0xff
#define COMMAND_CONNECT 0x01
#define REPLY_SUCCESS 0x00
#define REPLY_NOT_ALLOWED 0x02
#define REPLY_BAD_COMMAND 0x07
#define REPLY_BAD_ADDRESS_TYPE 0x08

enum
{
  ADDRESS_NONE = 0, /* ejabberd before 2.0.2 replies so */
  ADDRESS_IPV4 = 1,
  ADDRESS_NAME = 3,
  ADDRESS_IPV6 = 4,
};

typedef enum
{
  STATE_METHOD,        /* DIAL: greeting sent */
  STATE_REPLY,         /* DIAL: request sent */
  STATE_REPLY_ADDRESS, /* DIAL: success, address type expected */
  STATE_BOUND_LENGTH,  /* DIAL: length of the name in the reply expected */
  STATE_BOUND,         /* DIAL: rest of the reply expected */
  STATE_GREETING,      /* ACCEPT: version and number of methods expected */
  STATE_METHODS,       /* ACCEPT: list of methods expected */
  STATE_REQUEST,       /* ACCEPT: request expected, up to the length of the name */
  STATE_DESTINATION,   /* ACCEPT: name and port expected */
  STATE_ASKED,         /* ACCEPT: our user decides */
  STATE_DONE,
  STATE_FAILED,
  N_STATES
} State;

static void
enter (FerrySocks5 *self, State state, gsize n_needed)
{
  self->state = state;
  self->n_needed = n_needed;
  self->n_have = 0;
}

static void
fail (FerrySocks5 *self)
{
  enter (self, STATE_FAILED, 0);
}

static void
put (GByteArray *out, const guint8 *bytes, guint size)
{
  g_byte_array_append (out, bytes, size);
}

/* --- Dialling side ---------------------------------------------------------------------------
 */

static void
read_method (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  if (bytes[0] != VERSION || bytes[1] != METHOD_NONE)
    {
      fail (self);
      return;
    }

  guint8 length = (guint8) strlen (self->destination);
  put (out, (guint8[]){ VERSION, COMMAND_CONNECT, 0, ADDRESS_NAME, length }, 5);
  put (out, (const guint8 *) self->destination, length);
  put (out, (guint8[]){ 0, 0 }, 2);
  enter (self, STATE_REPLY, 2);
}

/* A refusal is not read further: Dino sends these two bytes only, and closes. */
static void
read_reply (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  if (bytes[0] != VERSION || bytes[1] != REPLY_SUCCESS)
    fail (self);
  else
    enter (self, STATE_REPLY_ADDRESS, 2);
}

/* BND.ADDR and BND.PORT are passed over unread: Pidgin puts its own address there. */
static void
read_reply_address (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  switch (bytes[1])
    {
    case ADDRESS_NONE:
      enter (self, STATE_BOUND, 2);
      break;
    case ADDRESS_IPV4:
      enter (self, STATE_BOUND, 4 + 2);
      break;
    case ADDRESS_IPV6:
      enter (self, STATE_BOUND, 16 + 2);
      break;
    case ADDRESS_NAME:
      enter (self, STATE_BOUND_LENGTH, 1);
      break;
    default:
      fail (self);
      break;
    }
}

static void
read_bound_length (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  enter (self, STATE_BOUND, (gsize) bytes[0] + 2);
}

static void
read_bound (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  enter (self, STATE_DONE, 0);
}

/* --- Listening side --------------------------------------------------------------------------
 */

static void
read_greeting (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  if (bytes[0] != VERSION)
    fail (self);
  else if (bytes[1] == 0)
    {
      put (out, (guint8[]){ VERSION, METHOD_REFUSED }, 2);
      fail (self);
    }
  else
    enter (self, STATE_METHODS, bytes[1]);
}

static void
read_methods (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  if (memchr (bytes, METHOD_NONE, self->n_needed) != NULL)
    {
      put (out, (guint8[]){ VERSION, METHOD_NONE }, 2);
      enter (self, STATE_REQUEST, 5);
    }
  else
    {
      put (out, (guint8[]){ VERSION, METHOD_REFUSED }, 2);
      fail (self);
    }
}

static void
refuse (FerrySocks5 *self, guint8 reply, GByteArray *out)
{
  put (out, (guint8[]){ VERSION, reply, 0, ADDRESS_NAME, 0, 0, 0 }, 7);
  fail (self);
}

static void
read_request (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  if (bytes[0] != VERSION)
    fail (self);
  else if (bytes[1] != COMMAND_CONNECT)
    refuse (self, REPLY_BAD_COMMAND, out);
  else if (bytes[3] != ADDRESS_NAME)
    refuse (self, REPLY_BAD_ADDRESS_TYPE, out);
  else
    {
      self->request[0] = bytes[4];
      enter (self, STATE_DESTINATION, (gsize) bytes[4] + 2);
    }
}

/* The reply echoes what came, byte for byte: Dino insists on that. */
static void
reply_to_request (FerrySocks5 *self, guint8 reply, GByteArray *out)
{
  put (out, (guint8[]){ VERSION, reply, 0, ADDRESS_NAME }, 4);
  put (out, self->request, (guint) self->n_request);
}

static void
refuse_destination (FerrySocks5 *self, GByteArray *out)
{
  memset (self->request + self->n_request - 2, 0, 2);
  reply_to_request (self, REPLY_NOT_ALLOWED, out);
  fail (self);
}

static void
read_destination (FerrySocks5 *self, const guint8 *bytes, GByteArray *out)
{
  gsize length = self->request[0];

  memcpy (self->request + 1, bytes, length + 2);
  self->n_request = 1 + length + 2;
  if (length != FERRY_SOCKS5_HASH_LENGTH)
    {
      refuse_destination (self, out);
      return;
    }
  for (gsize i = 0; i < length; i++)
    self->destination[i] = g_ascii_tolower ((char) bytes[i]);
  self->destination[length] = '\0';
  enter (self, STATE_ASKED, 0);
}

/* --- The table -------------------------------------------------------------------------------
 */

/* What is done when the bytes that a state needs are complete. A state without a reader takes
 * no bytes. */
/* clang-format off */
static const struct
{
  FerrySocks5Status status;
  void (*read) (FerrySocks5 *self, const guint8 *bytes, GByteArray *out);
} states[N_STATES] = {
  /*                       tells the driver        needs bytes  then goes to                  */
  [STATE_METHOD]        = { FERRY_SOCKS5_TALKING, read_method },        /* 2: REPLY           */
  [STATE_REPLY]         = { FERRY_SOCKS5_GREETED, read_reply },         /* 2: REPLY_ADDRESS   */
  [STATE_REPLY_ADDRESS] = { FERRY_SOCKS5_GREETED, read_reply_address }, /* 2: BOUND(_LENGTH)  */
  [STATE_BOUND_LENGTH]  = { FERRY_SOCKS5_GREETED, read_bound_length },  /* 1: BOUND           */
  [STATE_BOUND]         = { FERRY_SOCKS5_GREETED, read_bound },         /* 2..257: DONE       */
  [STATE_GREETING]      = { FERRY_SOCKS5_TALKING, read_greeting },      /* 2: METHODS         */
  [STATE_METHODS]       = { FERRY_SOCKS5_TALKING, read_methods },       /* 1..255: REQUEST    */
  [STATE_REQUEST]       = { FERRY_SOCKS5_TALKING, read_request },       /* 5: DESTINATION     */
  [STATE_DESTINATION]   = { FERRY_SOCKS5_TALKING, read_destination },   /* 2..257: ASKED      */
  [STATE_ASKED]         = { FERRY_SOCKS5_ASKED,   NULL },               /* answer: DONE       */
  [STATE_DONE]          = { FERRY_SOCKS5_DONE,    NULL },
  [STATE_FAILED]        = { FERRY_SOCKS5_FAILED,  NULL },
};
/* clang-format on */

void
ferry_socks5_init_dial (FerrySocks5 *self, const char *destination, GByteArray *out)
{
  g_return_if_fail (self != NULL && destination != NULL && out != NULL);
  g_return_if_fail (strlen (destination) <= FERRY_SOCKS5_MAX_DESTINATION);

  *self = (FerrySocks5){ 0 };
  g_strlcpy (self->destination, destination, sizeof self->destination);
  enter (self, STATE_METHOD, 2);
  put (out, (guint8[]){ VERSION, 1, METHOD_NONE }, 3);
}

void
ferry_socks5_init_accept (FerrySocks5 *self)
{
  g_return_if_fail (self != NULL);

  *self = (FerrySocks5){ 0 };
  enter (self, STATE_GREETING, 2);
}

gsize
ferry_socks5_step (FerrySocks5 *self, const guint8 *data, gsize size, GByteArray *out)
{
  g_return_val_if_fail (self != NULL && out != NULL, 0);

  gsize n_taken = 0;
  while (n_taken < size && states[self->state].read != NULL)
    {
      gsize n = MIN (self->n_needed - self->n_have, size - n_taken);
      memcpy (self->bytes + self->n_have, data + n_taken, n);
      self->n_have += n;
      n_taken += n;
      if (self->n_have == self->n_needed)
        states[self->state].read (self, self->bytes, out);
    }
  return n_taken;
}

void
ferry_socks5_answer (FerrySocks5 *self, gboolean is_awaited, GByteArray *out)
{
  g_return_if_fail (self != NULL && self->state == STATE_ASKED && out != NULL);

  if (!is_awaited)
    {
      refuse_destination (self, out);
      return;
    }
  reply_to_request (self, REPLY_SUCCESS, out);
  enter (self, STATE_DONE, 0);
}

gboolean
ferry_socks5_is_half_replied (const FerrySocks5 *self)
{
  return self->state == STATE_REPLY_ADDRESS && self->n_have == 0;
}

void
ferry_socks5_quiet (FerrySocks5 *self)
{
  g_return_if_fail (self != NULL);

  if (ferry_socks5_is_half_replied (self))
    enter (self, STATE_DONE, 0);
}

FerrySocks5Status
ferry_socks5_get_status (const FerrySocks5 *self)
{
  return states[self->state].status;
}

gsize
ferry_socks5_get_wanted (const FerrySocks5 *self)
{
  return self->n_needed - self->n_have;
}

const char *
ferry_socks5_get_destination (const FerrySocks5 *self)
{
  return self->destination;
}
