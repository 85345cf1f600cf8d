/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-route-badge.h"

#include "base/ferry-file-name.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

struct _FerryRouteBadge
{
  AdwBin parent_instance;

  GtkImage *icon;
  GtkLabel *label;
  GtkImage *lock;
};

G_DEFINE_FINAL_TYPE (FerryRouteBadge, ferry_route_badge, ADW_TYPE_BIN)

static const char *
get_icon (FerryRoute route)
{
  if (route & FERRY_ROUTE_INBAND)
    return "ferry-inband-symbolic";
  if (route & FERRY_ROUTE_PROXY)
    return "ferry-relay-symbolic";
  return "ferry-direct-symbolic";
}

/* Who learns what on this route. */
static char *
dup_way (FerryRoute route, const char *peer)
{
  if (route & FERRY_ROUTE_INBAND)
    return g_strdup (_ ("Through the chat servers, which is slow. Your network address stays "
                        "hidden."));
  if (route & FERRY_ROUTE_PROXY)
    return g_strdup_printf (_ ("Through a relay. %s does not see your network address."), peer);
  if (route & FERRY_ROUTE_DIRECT)
    return g_strdup_printf (_ ("From device to device. %s sees your network address."), peer);
  /* Translators: "fast mode" is when the receiver connects back to the sender's program. */
  return g_strdup_printf (_ ("From device to device, connected in the other direction (fast "
                             "mode). %s sees your network address."),
                          peer);
}

static gboolean
has_route (FerryTransfer *transfer)
{
  FerryTransferState state = ferry_transfer_get_state (transfer);

  return ferry_transfer_get_route (transfer) != FERRY_ROUTE_NONE &&
         state != FERRY_TRANSFER_CONNECTING &&
         (state == FERRY_TRANSFER_DONE || !ferry_transfer_state_is_final (state));
}

void
ferry_route_badge_show (FerryRouteBadge *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_ROUTE_BADGE (self));
  g_return_if_fail (FERRY_IS_TRANSFER (transfer));

  FerryRoute route = ferry_transfer_get_route (transfer);
  gboolean encrypted = ferry_transfer_get_encrypted (transfer);
  gboolean visible = has_route (transfer);

  gtk_widget_set_visible (GTK_WIDGET (self), visible);
  if (!visible)
    return;

  g_autofree char *peer = ferry_file_name_for_display (ferry_transfer_get_peer_name (transfer));
  g_autofree char *label = ferry_sentence_for_way (transfer);
  g_autofree char *way = dup_way (route, peer);
  g_autofree char *hint =
      g_strdup_printf ("%s\n%s", way,
                       encrypted ? _ ("The file is encrypted on the way.")
                                 : _ ("The file is not encrypted between the two devices."));

  gtk_image_set_from_icon_name (self->icon, get_icon (route));
  gtk_label_set_label (self->label, label);
  gtk_image_set_from_icon_name (self->lock, encrypted ? "channel-secure-symbolic"
                                                      : "channel-insecure-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), hint);
  if (route & FERRY_ROUTE_INBAND)
    gtk_widget_add_css_class (GTK_WIDGET (self), "slow");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "slow");
}

static void
ferry_route_badge_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), FERRY_TYPE_ROUTE_BADGE);

  G_OBJECT_CLASS (ferry_route_badge_parent_class)->dispose (object);
}

static void
ferry_route_badge_class_init (FerryRouteBadgeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_route_badge_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-route-badge.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryRouteBadge, icon);
  gtk_widget_class_bind_template_child (widget_class, FerryRouteBadge, label);
  gtk_widget_class_bind_template_child (widget_class, FerryRouteBadge, lock);
}

static void
ferry_route_badge_init (FerryRouteBadge *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
