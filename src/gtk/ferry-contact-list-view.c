/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-contact-list-view.h"

#include "gtk/ferry-contact-row.h"
#include "gtk/ferry-item-watch.h"

#include <glib/gi18n.h>

struct _FerryContactListView
{
  AdwBin parent_instance;

  gboolean with_actions;
  char *needle; /* nullable; case-folded search text */
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;
  FerryItemWatch *watch;

  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (FerryContactListView, ferry_contact_list_view, ADW_TYPE_BIN)

typedef enum
{
  PROP_WITH_ACTIONS = 1,
  PROP_SEARCH_MODE,
  N_PROPS
} FerryContactListViewProperty;

static GParamSpec *props[N_PROPS];

enum
{
  CONTACT_ACTIVATED,
  SELECTION_CHANGED,
  FILES_DROPPED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
matches_search (gpointer item, gpointer user_data)
{
  FerryContactListView *self = user_data;

  if (self->needle == NULL)
    return TRUE;

  g_autofree char *name = g_utf8_casefold (ferry_contact_get_name (item), -1);

  return strstr (name, self->needle) != NULL ||
         strstr (ferry_jid_get_text (ferry_contact_get_jid (item)), self->needle) != NULL;
}

static int
compare_contacts (gconstpointer a, gconstpointer b, gpointer user_data)
{
  FerryContact *left = (FerryContact *) a;
  FerryContact *right = (FerryContact *) b;
  gboolean left_online = ferry_contact_is_online (left);

  if (left_online != ferry_contact_is_online (right))
    return left_online ? -1 : 1;
  return g_utf8_collate (ferry_contact_get_name (left), ferry_contact_get_name (right));
}

static gboolean
is_online_row (GtkListBoxRow *row)
{
  return ferry_contact_is_online (ferry_contact_row_get_contact (FERRY_CONTACT_ROW (row)));
}

static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  gboolean online = is_online_row (row);

  if (before != NULL && is_online_row (before) == online)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }

  GtkWidget *label = gtk_label_new (online ? C_ ("contact section", "Online")
                                           : C_ ("contact section", "Offline"));

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "section");
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_list_box_row_set_header (row, label);
}

static void
on_row_files_dropped (FerryContactRow *row, GListModel *files, FerryContactListView *self)
{
  g_signal_emit (self, signals[FILES_DROPPED], 0, ferry_contact_row_get_contact (row), files);
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  FerryContactListView *self = user_data;
  GtkWidget *row = ferry_contact_row_new (item, self->with_actions);

  g_signal_connect_object (row, "files-dropped", G_CALLBACK (on_row_files_dropped), self, 0);
  return row;
}

static void
update_page (FerryContactListView *self)
{
  guint n_all = 0;
  GListModel *all =
      self->filtered != NULL ? gtk_filter_list_model_get_model (self->filtered) : NULL;

  if (all != NULL)
    n_all = g_list_model_get_n_items (all);
  if (n_all == 0)
    gtk_stack_set_visible_child_name (self->stack, "empty");
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->sorted)) == 0)
    gtk_stack_set_visible_child_name (self->stack, "no-results");
  else
    gtk_stack_set_visible_child_name (self->stack, "list");
}

static void
on_contact_changed (FerryContactListView *self)
{
  gtk_filter_changed (gtk_filter_list_model_get_filter (self->filtered),
                      GTK_FILTER_CHANGE_DIFFERENT);
  gtk_sorter_changed (gtk_sort_list_model_get_sorter (self->sorted),
                      GTK_SORTER_CHANGE_DIFFERENT);
  gtk_list_box_invalidate_headers (self->list);
}

static void
on_search_changed (FerryContactListView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  g_free (self->needle);
  self->needle = *text != '\0' ? g_utf8_casefold (text, -1) : NULL;
  if (self->filtered != NULL)
    gtk_filter_changed (gtk_filter_list_model_get_filter (self->filtered),
                        GTK_FILTER_CHANGE_DIFFERENT);
}

/* Enter in the search takes the first contact found. */
static void
on_search_activated (FerryContactListView *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, 0);

  if (row == NULL)
    return;
  gtk_list_box_select_row (self->list, row);
  gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
on_clear_search (FerryContactListView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
}

static void
on_row_activated (FerryContactListView *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[CONTACT_ACTIVATED], 0,
                 ferry_contact_row_get_contact (FERRY_CONTACT_ROW (row)));
}

static void
on_selected (FerryContactListView *self)
{
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

static void
on_search_mode_changed (FerryContactListView *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SEARCH_MODE]);
}

static void
ferry_contact_list_view_get_property (GObject *object,
                                      guint prop_id,
                                      GValue *value,
                                      GParamSpec *pspec)
{
  FerryContactListView *self = FERRY_CONTACT_LIST_VIEW (object);

  switch ((FerryContactListViewProperty) prop_id)
    {
    case PROP_WITH_ACTIONS:
      g_value_set_boolean (value, self->with_actions);
      break;
    case PROP_SEARCH_MODE:
      g_value_set_boolean (value, gtk_search_bar_get_search_mode (self->search_bar));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_contact_list_view_set_property (GObject *object,
                                      guint prop_id,
                                      const GValue *value,
                                      GParamSpec *pspec)
{
  FerryContactListView *self = FERRY_CONTACT_LIST_VIEW (object);

  switch ((FerryContactListViewProperty) prop_id)
    {
    case PROP_WITH_ACTIONS:
      self->with_actions = g_value_get_boolean (value);
      break;
    case PROP_SEARCH_MODE:
      gtk_search_bar_set_search_mode (self->search_bar, g_value_get_boolean (value));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_contact_list_view_dispose (GObject *object)
{
  FerryContactListView *self = FERRY_CONTACT_LIST_VIEW (object);

  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->watch);
  g_clear_object (&self->sorted);
  g_clear_object (&self->filtered);
  gtk_widget_dispose_template (GTK_WIDGET (self), FERRY_TYPE_CONTACT_LIST_VIEW);

  G_OBJECT_CLASS (ferry_contact_list_view_parent_class)->dispose (object);
}

static void
ferry_contact_list_view_finalize (GObject *object)
{
  FerryContactListView *self = FERRY_CONTACT_LIST_VIEW (object);

  g_free (self->needle);

  G_OBJECT_CLASS (ferry_contact_list_view_parent_class)->finalize (object);
}

static void
install_signals (GType type)
{
  signals[CONTACT_ACTIVATED] =
      g_signal_new ("contact-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, FERRY_TYPE_CONTACT);
  signals[SELECTION_CHANGED] = g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST, 0,
                                             NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FILES_DROPPED] =
      g_signal_new ("files-dropped", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                    2, FERRY_TYPE_CONTACT, G_TYPE_LIST_MODEL);
}

static void
ferry_contact_list_view_class_init (FerryContactListViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ferry_contact_list_view_get_property;
  object_class->set_property = ferry_contact_list_view_set_property;
  object_class->dispose = ferry_contact_list_view_dispose;
  object_class->finalize = ferry_contact_list_view_finalize;

  props[PROP_WITH_ACTIONS] = g_param_spec_boolean ("with-actions", NULL, NULL, FALSE,
                                                   G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                       G_PARAM_STATIC_STRINGS);
  props[PROP_SEARCH_MODE] = g_param_spec_boolean ("search-mode", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                      G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals (G_TYPE_FROM_CLASS (klass));

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-contact-list-view.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryContactListView, search_bar);
  gtk_widget_class_bind_template_child (widget_class, FerryContactListView, search_entry);
  gtk_widget_class_bind_template_child (widget_class, FerryContactListView, stack);
  gtk_widget_class_bind_template_child (widget_class, FerryContactListView, list);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_search_mode_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_clear_search);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
}

static void
ferry_contact_list_view_init (FerryContactListView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->list, update_header, NULL, NULL);
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  gtk_search_bar_set_key_capture_widget (self->search_bar, GTK_WIDGET (self));
}

void
ferry_contact_list_view_set_contacts (FerryContactListView *self, GListModel *contacts)
{
  g_return_if_fail (FERRY_IS_CONTACT_LIST_VIEW (self));
  g_return_if_fail (G_IS_LIST_MODEL (contacts));
  g_return_if_fail (self->filtered == NULL);

  static const char *const watched[] = { "name", "is-online", NULL };
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (matches_search, self, NULL));
  GtkSorter *sorter = GTK_SORTER (gtk_custom_sorter_new (compare_contacts, NULL, NULL));

  self->watch = ferry_item_watch_new (contacts, watched);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (on_contact_changed), self,
                           G_CONNECT_SWAPPED);
  self->filtered = gtk_filter_list_model_new (g_object_ref (contacts), filter);
  self->sorted = gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->filtered)), sorter);
  g_signal_connect_object (self->sorted, "items-changed", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->sorted), create_row, self, NULL);
  update_page (self);
}

FerryContact *
ferry_contact_list_view_get_selected (FerryContactListView *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT_LIST_VIEW (self), NULL);

  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  return row != NULL ? ferry_contact_row_get_contact (FERRY_CONTACT_ROW (row)) : NULL;
}

void
ferry_contact_list_view_select (FerryContactListView *self, FerryContact *contact)
{
  g_return_if_fail (FERRY_IS_CONTACT_LIST_VIEW (self));

  GtkListBoxRow *row = NULL;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (ferry_contact_row_get_contact (FERRY_CONTACT_ROW (row)) == contact)
      gtk_list_box_select_row (self->list, row);
}

void
ferry_contact_list_view_start_search (FerryContactListView *self)
{
  g_return_if_fail (FERRY_IS_CONTACT_LIST_VIEW (self));

  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
