/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A FerryLink that keeps what is said, and delivers it to its twin if it has one. */
#pragma once

#include "bytestream/ferry-link.h"

G_BEGIN_DECLS

#define TEST_TYPE_LINK (test_link_get_type ())
G_DECLARE_FINAL_TYPE (TestLink, test_link, TEST, LINK, GObject)

struct _TestLink
{
  GObject parent_instance;
  TestLink *twin;  /* not owned */
  GPtrArray *sent; /* of FerryNode */
};

G_END_DECLS
