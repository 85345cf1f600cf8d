/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS 1.3 with mutual self-signed certificates, each known by the fingerprint of its key. The
 * fingerprint came by the signalling; names, dates and issuers say nothing here. */
#define G_LOG_DOMAIN "ferry-channel"

#include "config.h"

#include "crypt/ferry-channel-private.h"

#include "base/ferry-error.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define ALPN                                                                                   \
  "\x07"                                                                                       \
  "ferry/0"
#define SUITES "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
/* One leaf certificate; ours has 300 bytes. */
#define MAX_CERTIFICATE_BYTES 4096
/* Records have 16 KiB at most. One call of the system for each would cost more than to encrypt
 * it: so several are read, and written, at once. */
#define READ_AHEAD_BYTES (128 * 1024)
#define OUT_BYTES (128 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SSL_CTX, SSL_CTX_free)

/* --- The socket below ------------------------------------------------------------------------
 */

/* Returns: 0 when all that is encrypted is in the socket, or a negative errno */
static int
flush (FerryChannel *self)
{
  while (self->out_begin < self->out_end)
    {
      gssize n = send (self->fd, self->out + self->out_begin, self->out_end - self->out_begin,
                       MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        self->wants = POLLOUT;
      if (n < 0)
        return -errno;
      self->out_begin += (gsize) n;
    }
  self->out_begin = self->out_end = 0;
  return 0;
}

/* OpenSSL's own BIO writes each record by itself, and in a way that raises SIGPIPE. */
static int
bio_write (BIO *bio, const char *data, int size)
{
  FerryChannel *self = BIO_get_data (bio);
  int result = OUT_BYTES - self->out_end < (gsize) size ? flush (self) : 0;
  gsize n = MIN ((gsize) size, OUT_BYTES - self->out_end);

  BIO_clear_retry_flags (bio);
  if (n == 0)
    {
      errno = -result;
      if (result == -EAGAIN)
        BIO_set_retry_write (bio);
      return -1;
    }
  memcpy (self->out + self->out_end, data, n);
  self->out_end += n;
  return (int) n;
}

static int
bio_read (BIO *bio, char *buffer, int size)
{
  FerryChannel *self = BIO_get_data (bio);
  gssize n = recv (self->fd, buffer, (gsize) size, MSG_DONTWAIT);

  BIO_clear_retry_flags (bio);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    BIO_set_retry_read (bio);
  else if (n == 0)
    BIO_set_flags (bio, BIO_FLAGS_IN_EOF);
  return (int) n;
}

static long
bio_control (BIO *bio, int command, long argument, void *pointer)
{
  if (command == BIO_CTRL_EOF)
    return BIO_test_flags (bio, BIO_FLAGS_IN_EOF) != 0;
  return command == BIO_CTRL_FLUSH;
}

static int
bio_create (BIO *bio)
{
  BIO_set_init (bio, 1);
  return 1;
}

static const BIO_METHOD *
get_bio_method (void)
{
  static gsize shared = 0;

  if (g_once_init_enter (&shared))
    {
      BIO_METHOD *method = BIO_meth_new (BIO_get_new_index () | BIO_TYPE_SOURCE_SINK, "ferry");
      BIO_meth_set_write (method, bio_write);
      BIO_meth_set_read (method, bio_read);
      BIO_meth_set_ctrl (method, bio_control);
      BIO_meth_set_create (method, bio_create);
      g_once_init_leave (&shared, (gsize) method);
    }
  return (const BIO_METHOD *) shared;
}

/* --- Setting up ------------------------------------------------------------------------------
 */

/* The only check there is. Without time: a peer must not measure how much of a fingerprint it
 * has right. */
static int
verify_peer (X509_STORE_CTX *store, void *user_data)
{
  FerryChannel *self = user_data;
  X509 *leaf = X509_STORE_CTX_get0_cert (store);
  STACK_OF (X509) *chain = X509_STORE_CTX_get0_untrusted (store);
  FerryHash fingerprint = { 0 };

  if (leaf != NULL && sk_X509_num (chain) == 1 &&
      i2d_X509 (leaf, NULL) <= MAX_CERTIFICATE_BYTES &&
      ferry_tls_fingerprint_certificate (leaf, &fingerprint) &&
      CRYPTO_memcmp (fingerprint.digest, self->agreement->peer.digest,
                     ferry_hash_algo_get_length (FERRY_HASH_SHA256)) == 0)
    return 1;
  X509_STORE_CTX_set_error (store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

static int
select_alpn (SSL *ssl,
             const unsigned char **out,
             unsigned char *out_length,
             const unsigned char *offered,
             unsigned int n_offered,
             void *user_data)
{
  unsigned char *chosen = NULL;

  if (SSL_select_next_proto (&chosen, out_length, (const guchar *) ALPN, sizeof ALPN - 1,
                             offered, n_offered) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *
context_new (FerryChannel *self, FerryTlsAgreement *agreement)
{
  gboolean is_server = agreement->role == FERRY_TLS_SERVER;
  g_autoptr (SSL_CTX) context =
      SSL_CTX_new (is_server ? TLS_server_method () : TLS_client_method ());
  if (context == NULL)
    return NULL;

  SSL_CTX_set_mode (context,
                    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options (context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets (context, 0);
  SSL_CTX_set_max_cert_list (context, 2 * MAX_CERTIFICATE_BYTES);
  SSL_CTX_set_read_ahead (context, 1);
  SSL_CTX_set_default_read_buffer_len (context, READ_AHEAD_BYTES);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback (context, verify_peer, self);
  if (is_server)
    SSL_CTX_set_alpn_select_cb (context, select_alpn, NULL);

  if (SSL_CTX_set_min_proto_version (context, TLS1_3_VERSION) == 1 &&
      SSL_CTX_set_ciphersuites (context, SUITES) == 1 &&
      (is_server ||
       SSL_CTX_set_alpn_protos (context, (const guchar *) ALPN, sizeof ALPN - 1) == 0) &&
      SSL_CTX_use_certificate (context, ferry_tls_identity_get_certificate (agreement->own)) ==
          1 &&
      SSL_CTX_use_PrivateKey (context, ferry_tls_identity_get_key (agreement->own)) == 1)
    return g_steal_pointer (&context);
  return NULL;
}

gboolean
ferry_channel_start_tls (FerryChannel *self, FerryTlsAgreement *agreement, GError **error)
{
  g_return_val_if_fail (self->ssl == NULL && agreement != NULL, FALSE);

  g_autoptr (SSL_CTX) context = context_new (self, agreement);
  BIO *bio = context != NULL ? BIO_new (get_bio_method ()) : NULL;
  self->ssl = bio != NULL ? SSL_new (context) : NULL;
  if (self->ssl == NULL)
    {
      BIO_free (bio);
      ERR_clear_error ();
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_SECURITY, "Cannot set up TLS 1.3");
      return FALSE;
    }

  self->agreement = ferry_tls_agreement_ref (agreement);
  self->out = g_malloc (OUT_BYTES);
  BIO_set_data (bio, self);
  SSL_set_bio (self->ssl, bio, bio);
  if (agreement->role == FERRY_TLS_SERVER)
    SSL_set_accept_state (self->ssl);
  else
    SSL_set_connect_state (self->ssl);
  return TRUE;
}

void
ferry_channel_tls_clear (FerryChannel *self)
{
  g_clear_pointer (&self->ssl, SSL_free);
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->agreement, ferry_tls_agreement_unref);
}

/* --- Moving bytes ----------------------------------------------------------------------------
 */

/* What a call of the library that returned @result means. */
static int
get_outcome (FerryChannel *self, int result)
{
  int errnum = errno;
  int outcome = -EBADMSG;

  switch (SSL_get_error (self->ssl, result))
    {
    case SSL_ERROR_WANT_READ:
      self->wants = POLLIN;
      outcome = -EAGAIN;
      break;
    case SSL_ERROR_WANT_WRITE:
      self->wants = POLLOUT;
      outcome = -EAGAIN;
      break;
    case SSL_ERROR_ZERO_RETURN:
      outcome = 0;
      break;
    case SSL_ERROR_SYSCALL:
      outcome = errnum != 0 ? -errnum : -ECONNRESET;
      break;
    case SSL_ERROR_SSL:
    default:
      if (ERR_GET_REASON (ERR_peek_error ()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        {
          self->was_cut = TRUE;
          outcome = 0;
        }
      else
        g_debug ("TLS: %s", ERR_reason_error_string (ERR_peek_error ()));
      break;
    }
  ERR_clear_error ();
  if (outcome != -EAGAIN)
    flush (self); /* the alert, if there is one */
  return outcome;
}

int
ferry_channel_handshake (FerryChannel *self)
{
  const unsigned char *protocol = NULL;
  unsigned int length = 0;

  errno = 0;
  int result = SSL_do_handshake (self->ssl);
  int flushed = flush (self);
  if (result != 1)
    {
      int outcome = get_outcome (self, result);
      return outcome != 0 ? outcome : -ECONNRESET;
    }
  if (flushed != 0)
    return flushed;
  /* A server that knows no ALPN lets it pass in silence. */
  SSL_get0_alpn_selected (self->ssl, &protocol, &length);
  return length == sizeof ALPN - 2 ? 0 : -EBADMSG;
}

gssize
ferry_channel_tls_read (FerryChannel *self, gpointer buffer, gsize size)
{
  errno = 0;
  int n = SSL_read (self->ssl, buffer, (int) MIN (size, G_MAXINT));
  return n > 0 ? n : get_outcome (self, n);
}

/* Takes as many records as there is room for, and writes them to the socket together. What the
 * socket does not take now goes with the next call, or the end. */
gssize
ferry_channel_tls_write (FerryChannel *self, gconstpointer data, gsize size)
{
  gsize n_taken = 0;
  int n = 0;

  int flushed = flush (self);
  if (flushed != 0)
    return flushed;
  errno = 0;
  while (n_taken < size && OUT_BYTES - self->out_end > SSL3_RT_MAX_PACKET_SIZE)
    {
      n = SSL_write (self->ssl, (const guint8 *) data + n_taken,
                     (int) MIN (size - n_taken, SSL3_RT_MAX_PLAIN_LENGTH));
      if (n <= 0)
        break;
      n_taken += (gsize) n;
    }
  if (n_taken == 0)
    {
      int outcome = get_outcome (self, n);
      return outcome != 0 ? outcome : -EPIPE;
    }
  flushed = flush (self);
  return flushed == 0 || flushed == -EAGAIN ? (gssize) n_taken : flushed;
}

int
ferry_channel_tls_close_notify (FerryChannel *self)
{
  errno = 0;
  /* 0: said, and the peer's is still to come, which is for reading to find. */
  int result = self->said_end ? 0 : SSL_shutdown (self->ssl);

  self->said_end = TRUE;
  if (result < 0 && get_outcome (self, result) == -EAGAIN)
    self->said_end = FALSE;
  return flush (self) == -EAGAIN || !self->said_end ? -EAGAIN : 0;
}
