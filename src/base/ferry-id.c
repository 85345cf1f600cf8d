/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-id.h"

#include <openssl/rand.h>

#define ID_LENGTH 20

char *
ferry_id_new (void)
{
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  char id[ID_LENGTH + 1];
  guint n = 0;

  while (n < ID_LENGTH)
    {
      guint8 random[ID_LENGTH];
      if (RAND_bytes (random, sizeof random) != 1)
        g_error ("The system's random number generator does not work");
      for (guint i = 0; i < sizeof random && n < ID_LENGTH; i++)
        {
          /* 62 does not divide 256: values that would favour the first letters are redrawn. */
          guint8 index = random[i] & 63;
          if (index < (n == 0 ? 52 : 62))
            id[n++] = alphabet[index];
        }
    }
  id[n] = '\0';
  return g_strdup (id);
}
