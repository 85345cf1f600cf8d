/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-tree-place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void
ferry_tree_place_init (FerryTreePlace *self, int root)
{
  *self = (FerryTreePlace){ .root = root, .fd = -1 };
}

void
ferry_tree_place_clear (FerryTreePlace *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_clear_pointer (&self->path, g_free);
}

/* Returns: a new descriptor; -1 with errno */
static int
walk_to (int root, const char *path)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);
  int fd = dup (root);

  for (guint i = 0; fd >= 0 && components[i] != NULL; i++)
    {
      int next = openat (fd, components[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      int errnum = errno;
      close (fd);
      errno = errnum;
      fd = next;
    }
  return fd;
}

int
ferry_tree_place_enter (FerryTreePlace *self, const char *path, const char **name)
{
  const char *slash = strrchr (path, '/');

  *name = slash != NULL ? slash + 1 : path;
  if (slash == NULL)
    return self->root;

  g_autofree char *folder = g_strndup (path, (gsize) (slash - path));
  if (self->fd >= 0 && g_str_equal (self->path, folder))
    return self->fd;
  ferry_tree_place_clear (self);
  self->fd = walk_to (self->root, folder);
  if (self->fd >= 0)
    self->path = g_steal_pointer (&folder);
  return self->fd;
}
