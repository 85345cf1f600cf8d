/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-link.h"

typedef struct
{
  TestLink *to;
  FerryNode *payload;
} Delivery;

static gboolean
deliver_cb (gpointer user_data)
{
  Delivery *delivery = user_data;
  ferry_link_emit_received (FERRY_LINK (delivery->to), delivery->payload);
  return G_SOURCE_REMOVE;
}

static void
delivery_free (Delivery *delivery)
{
  g_object_unref (delivery->to);
  ferry_node_unref (delivery->payload);
  g_free (delivery);
}

static void
test_link_send (FerryLink *link, FerryNode *payload)
{
  TestLink *self = TEST_LINK (link);
  g_ptr_array_add (self->sent, payload);
  if (self->twin == NULL)
    return;
  Delivery *delivery = g_new0 (Delivery, 1);
  delivery->to = g_object_ref (self->twin);
  delivery->payload = ferry_node_ref (payload);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver_cb, delivery, (GDestroyNotify) delivery_free);
}

static void
test_link_iface_init (FerryLinkInterface *iface)
{
  iface->send = test_link_send;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestLink,
                               test_link,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_LINK, test_link_iface_init))

static void
test_link_finalize (GObject *object)
{
  g_ptr_array_unref (TEST_LINK (object)->sent);
  G_OBJECT_CLASS (test_link_parent_class)->finalize (object);
}

static void
test_link_class_init (TestLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_link_finalize;
}

static void
test_link_init (TestLink *self)
{
  self->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_node_unref);
}
