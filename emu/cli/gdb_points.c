/*
 * gdb's breakpoints and watchpoints; see gdb_server.h.
 *
 *     Z TYPE , ADDRESS , LENGTH    and z
 *
 * Breakpoints of memory and of hardware are one here, and hold in every space
 * and privilege, as those of a debugger without an operating system do.
 */
#include <stdlib.h>

#include "cli/gdb_server.h"

enum { Z_BREAK, Z_HARD_BREAK, Z_WRITE, Z_READ, Z_ACCESS };

/* A number in hex behind a comma, or at the start. */
static bool take_number(const char **text, bool comma, uint64_t *number)
{
    char *end;

    if (comma && *(*text)++ != ',')
        return false;
    *number = strtoull(*text, &end, 16);
    if (end == *text)
        return false;
    *text = end;
    return true;
}

static unsigned find(const struct gdb_server *g, const struct gdb_point *like)
{
    unsigned i = 0;

    while (i < g->points && !(g->point[i].type == like->type &&
                              g->point[i].address == like->address &&
                              g->point[i].length == like->length))
        i++;
    return i;
}

static int add(struct gdb_server *g, struct gdb_point *p)
{
    struct rvemu_point point = {.kind = RVEMU_POINT_BREAK, .va = p->address};
    struct rvemu_error error;

    if (p->type >= Z_WRITE) {
        point.kind = RVEMU_POINT_WATCH;
        point.is_physical = g->is_physical;
        point.first = p->address;
        point.last = p->address + (p->length ? p->length - 1 : 0);
        point.writes = p->type != Z_READ;
        point.reads = p->type != Z_WRITE;
    }
    if (g->points == GDB_POINTS_MAX)
        return -1;
    p->number = rvemu_point_add(g->debugger, &point, &error);
    if (p->number < 0)
        return -1;
    g->point[g->points++] = *p;
    return 1;
}

static void drop(struct gdb_server *g, unsigned at)
{
    rvemu_point_remove(g->debugger, g->point[at].number);
    g->point[at] = g->point[--g->points];
}

int gdb_point_set(struct gdb_server *g, const char *text, bool on)
{
    struct gdb_point p = {0};
    uint64_t type;
    unsigned at;

    if (!take_number(&text, false, &type) || type > Z_ACCESS)
        return 0;
    if (!take_number(&text, true, &p.address) ||
        !take_number(&text, true, &p.length))
        return -1;
    p.type = type == Z_HARD_BREAK ? Z_BREAK : (unsigned)type;
    p.length = p.type == Z_BREAK ? 0 : p.length;
    at = find(g, &p);
    if (on)
        return at < g->points ? 1 : add(g, &p);
    if (at < g->points)
        drop(g, at);
    return 1;
}

void gdb_points_clear(struct gdb_server *g)
{
    while (g->points)
        drop(g, 0);
}

const struct gdb_point *gdb_point_find(const struct gdb_server *g, int number)
{
    for (unsigned i = 0; i < g->points; i++)
        if (g->point[i].number == number)
            return &g->point[i];
    return NULL;
}
