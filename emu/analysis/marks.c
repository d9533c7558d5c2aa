/* Names from marks; see marks.h and the table in mark.h. */
#include "analysis/marks.h"

#include <string.h>

#include "../guest/include/uapi/mark.h"
#include "base/bits.h"

#define AREAS 32
#define PROCESSES_MAX 65536 /* a guest may mark as many pids as it likes */

struct area {
    u64 start;
    u64 end;
    unsigned kind;
};

struct process {
    u64 pid;
    char name[PROGRAM_TEXT];
    unsigned areas;
    unsigned next_area; /* the oldest is replaced when all are taken */
    struct area area[AREAS];
};

/* The record of a pid, made when there is none; NULL when that fails, and
 * its space then goes without a name. */
static struct process *process_of(struct marks *marks, u64 pid)
{
    struct process *process = map_get(&marks->process, pid);

    if (process || marks->process.count >= PROCESSES_MAX)
        return process;
    process = arena_take(marks->process.arena, sizeof(*process));
    if (process && !map_put(&marks->process, pid, process)) {
        arena_give(marks->process.arena, process);
        return NULL;
    }
    if (process)
        process->pid = pid;
    return process;
}

static void set_name(struct process *process, u64 word)
{
    for (unsigned i = 0; i < 8; i++) {
        char c = (char)(word >> (8 * i));

        process->name[i] = c && (c < ' ' || c > '~') ? '.' : c;
        if (!c)
            break;
    }
}

static void set_space(struct marks *marks, struct process *process, u64 satp)
{
    u64 root = bits(satp, 43, 0);

    if (root && bits(satp, 63, 60) && marks->space.count < PROCESSES_MAX)
        map_put(&marks->space, root, process);
}

static void add_area(struct process *process, u64 start, u64 end, u64 kind)
{
    unsigned at = process->next_area;

    for (unsigned i = 0; i < process->areas; i++) {
        if (process->area[i].start == start)
            at = i;
    }
    process->area[at] = (struct area){start, end, (unsigned)kind};
    if (at == process->next_area)
        process->next_area = (at + 1) % AREAS;
    if (process->areas < AREAS && at == process->areas)
        process->areas++;
}

static void take_fork(struct marks *marks, u64 parent, struct process *child)
{
    const struct process *from = map_get(&marks->process, parent);
    u64 pid = child->pid;

    if (from)
        *child = *from;
    else
        *child = (struct process){0};
    child->pid = pid;
}

void marks_take(struct marks *marks, const struct rvemu_event *event)
{
    const struct rvemu_ev_mark *mark = &event->mark;
    struct process *process;

    if (event->priv != 1)
        return;
    if (mark->id == MARK_VERSION)
        marks->believed = mark->a0 == MARK_MAGIC && mark->a1 == MARK_ABI;
    if (!marks->believed || mark->id < MARK_SWITCH || mark->id > MARK_AREA)
        return;
    process = process_of(marks, mark->id == MARK_FORK ? mark->a1 : mark->a0);
    if (!process)
        return;
    switch (mark->id) {
    case MARK_FORK:
        take_fork(marks, mark->a0, process);
        set_space(marks, process, mark->a2);
        break;
    case MARK_EXEC:
        process->areas = process->next_area = 0;
        set_name(process, mark->a2);
        set_space(marks, process, mark->a1);
        break;
    case MARK_SWITCH:
        set_name(process, mark->a2);
        set_space(marks, process, mark->a1);
        break;
    case MARK_AREA: add_area(process, mark->a1, mark->a2, mark->a3); break;
    default: break; /* a process that exits keeps its name till the end */
    }
}

void marks_forget(struct marks *marks, u64 root)
{
    map_remove(&marks->space, root);
}

bool marks_name_space(const struct marks *marks, u64 root,
                      struct space_name *name)
{
    const struct process *process = map_get(&marks->space, root);

    if (!process)
        return false;
    name->has_pid = true;
    name->pid = process->pid;
    memcpy(name->program, process->name, PROGRAM_TEXT);
    return true;
}

unsigned marks_find_area(const struct marks *marks, u64 root, u64 va)
{
    const struct process *process = map_get(&marks->space, root);

    for (unsigned i = 0; process && i < process->areas; i++) {
        const struct area *area = &process->area[i];

        if (va >= area->start && va < area->end && area->kind <= MARK_AREA_MMAP)
            return area->kind;
    }
    return 0;
}
