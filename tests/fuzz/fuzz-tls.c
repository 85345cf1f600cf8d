/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever bytes come instead of a TLS handshake, in either role, somebody without the right
 * key is never taken for the peer. Input: the role, then what comes. */
#include "crypt/ferry-channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static FerryTlsIdentity *
get_identity (void)
{
  static FerryTlsIdentity *identity = NULL;

  if (identity == NULL)
    identity = ferry_tls_identity_generate (NULL);
  return identity;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FerryHash stranger = { .algo = FERRY_HASH_SHA256 };
  FerryTlsRole role = size > 0 && data[0] % 2 == 0 ? FERRY_TLS_SERVER : FERRY_TLS_CLIENT;
  g_autoptr (FerryTlsAgreement) agreement =
      ferry_tls_agreement_new (role, get_identity (), &stranger);
  FerryChannel channel;
  int pair[2];

  if (size < 2)
    return 0;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), ==, 0);
  /* What the socket does not take has not come. */
  g_assert_cmpint (send (pair[1], data + 1, size - 1, MSG_NOSIGNAL), >, 0);
  shutdown (pair[1], SHUT_WR);

  ferry_channel_init (&channel, pair[0]);
  g_assert_true (ferry_channel_start_tls (&channel, agreement, NULL));
  int result = -EAGAIN;
  for (guint i = 0; result == -EAGAIN; i++)
    {
      g_assert_cmpuint (i, <, 1000);
      result = ferry_channel_handshake (&channel);
    }
  g_assert_cmpint (result, <, 0);
  ferry_channel_clear (&channel);
  close (pair[1]);
  return 0;
}
