/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libstrophe's memory, counted; see strophe-memory.c. */
#pragma once

#include <glib.h>

/* Until the context of the library goes, the test breaks off up to @n logins. */
void strophe_memory_allow_broken_logins (guint n);
