/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryContactList that its second file works on. */
#pragma once

#include "model/ferry-contact-list.h"
#include "model/ferry-inquiries.h"

G_BEGIN_DECLS

struct _FerryContactList
{
  GObject parent_instance;

  FerryJid *account;
  GListStore *store;
  FerryRoster *roster;
  FerryPresence *presence;
  FerryDisco *disco;
  FerryInquiries *inquiries;
  GHashTable *contacts; /* bare FerryJid → FerryContact */
  GPtrArray *waiters;   /* of Waiter, who want a device picked */
};

/* Something about @jid has changed: whoever waits for its devices may be answered now. */
void ferry_contact_list_check_waiters (FerryContactList *self, const FerryJid *jid);
/* Answers all who wait, whatever is known. */
void ferry_contact_list_end_waiting (FerryContactList *self);

G_END_DECLS
