/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of an offer, on its card and in its notification. */
#include "config.h"

#include "base/ferry-file-name.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n-lib.h>

char *
ferry_sentence_for_wish (const char *peer_name, guint n_files)
{
  g_return_val_if_fail (peer_name != NULL, NULL);

  g_autofree char *peer = ferry_file_name_for_display (peer_name);

  /* Translators: %s is a person, %u a number of files. */
  return g_strdup_printf (
      ngettext ("%s wants to send you %u file", "%s wants to send you %u files", n_files), peer,
      n_files);
}

char *
ferry_sentence_for_offer (FerryOffer *offer)
{
  g_return_val_if_fail (FERRY_IS_OFFER (offer), NULL);

  if (ferry_offer_is_group (offer))
    return ferry_sentence_for_wish (ferry_offer_get_peer_name (offer),
                                    ferry_offer_get_n_files (offer));

  g_autofree char *peer = ferry_file_name_for_display (ferry_offer_get_peer_name (offer));

  /* Translators: %s is a person. */
  return g_strdup_printf (ferry_offer_is_folder (offer) ? _ ("%s wants to send you a folder")
                                                        : _ ("%s wants to send you a file"),
                          peer);
}

char *
ferry_sentence_for_offer_name (FerryOffer *offer)
{
  g_return_val_if_fail (FERRY_IS_OFFER (offer), NULL);

  const char *name = ferry_offer_get_name (offer);
  guint n_files = ferry_offer_get_n_files (offer);

  return ferry_offer_is_group (offer)
             ? ferry_sentence_for_several (name, n_files)
             : ferry_sentence_for_name (name, ferry_offer_is_folder (offer), n_files);
}
