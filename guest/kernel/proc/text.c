/*
 * The contents of the files in /proc, in the formats of Linux where it has
 * such a file. /proc/vmstat and /proc/frames are ours:
 *
 *   vmstat   `name value` lines; the names are those of struct vmstat, and
 *            frames_total, frames_free, frames_<type>
 *   frames   one line for each frame a process or the page cache holds:
 *            physical address, type, count
 */
#include "proc/text.h"

#include "check/selfcheck.h"
#include "fs/inode.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "ram/frames.h"
#include "task/sched.h"
#include "task/task.h"
#include "task/timer.h"

void text_add_bytes(struct text *t, const void *bytes, size_t n)
{
    if (t->len + n <= t->size)
        memcpy(t->buf + t->len, bytes, n);
    t->len += n;
}

void text_add(struct text *t, const char *fmt, ...)
{
    size_t room = t->len < t->size ? t->size - t->len : 0;
    va_list ap;

    va_start(ap, fmt);
    t->len += (size_t)vsnprintf(t->buf + t->len, room, fmt, ap);
    va_end(ap);
}

static const char *const type_names[FRAME_TYPES] = {
    "reserved", "free", "kernel", "table", "anon", "cache",
};

void text_vmstat(struct text *t)
{
    const struct {
        const char *name;
        u64 value;
    } rows[] = {
        {"forks", vmstat.forks},
        {"eager_copies", vmstat.eager_copies},
        {"shared_pages", vmstat.shared_pages},
        {"demand_faults", vmstat.demand_faults},
        {"cow_copies", vmstat.cow_copies},
        {"cow_reuses", vmstat.cow_reuses},
        {"spurious_faults", vmstat.spurious},
        {"refused_faults", vmstat.segv},
        {"satp_writes", vmstat.satp_writes},
        {"asid_rollovers", vmstat.asid_rollovers},
        {"switches", sched_switches()},
        {"tasks", task_count()},
        {"selfchecks", selfcheck_runs()},
        {"frames_total", frames_total()},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        text_add(t, "%s %lu\n", rows[i].name, rows[i].value);
    for (unsigned i = 0; i < FRAME_TYPES; i++)
        text_add(t, "frames_%s %lu\n", type_names[i],
                 frames_of_type((enum frame_type)i));
}

void text_meminfo(struct text *t)
{
    text_add(t, "MemTotal: %10lu kB\nMemFree:  %10lu kB\n", frames_total() * 4,
             frames_free_count() * 4);
}

void text_frames(struct text *t)
{
    for (u64 pfn = frames_first_pfn(); pfn < frames_known_pfn(); pfn++) {
        const struct frame *f = frame_of(pfn << PAGE_SHIFT);

        if (f->type == FRAME_ANON || f->type == FRAME_CACHE)
            text_add(t, "0x%lx %s %u\n", pfn << PAGE_SHIFT, type_names[f->type],
                     f->ref);
    }
}

static const char *area_name(const struct vma *vma)
{
    if (vma->flags & VM_STACK)
        return "[stack]";
    if (vma->flags & VM_HEAP)
        return "[heap]";
    return vma->start == SIGRETURN_VA ? "[vdso]" : "";
}

void text_maps(struct text *t, const struct task *task)
{
    if (!task->mm)
        return;
    list_for_each (at, &task->mm->vmas) {
        const struct vma *vma = list_entry(at, struct vma, link);
        const char *name = area_name(vma);

        text_add(t, "%08lx-%08lx %c%c%c%c %08lx 00:01 %-10lu", vma->start,
                 vma->end, vma->flags & VM_READ ? 'r' : '-',
                 vma->flags & VM_WRITE ? 'w' : '-',
                 vma->flags & VM_EXEC ? 'x' : '-',
                 vma->flags & VM_SHARED ? 's' : 'p', vma->offset,
                 vma->file && !*name ? vma->file->ino : 0);
        if (vma->file && vma->file == task->mm->exe)
            name = task->comm;
        text_add(t, *name ? " %s\n" : "%s\n", name);
    }
}

static char state_letter(const struct task *task)
{
    if (task->state == TASK_ZOMBIE)
        return 'Z';
    return task->state == TASK_RUNNING ? 'R' : 'S';
}

static u64 virtual_size(const struct task *task)
{
    u64 size = 0;

    if (!task->mm)
        return 0;
    list_for_each (at, &task->mm->vmas) {
        const struct vma *vma = list_entry(at, struct vma, link);

        size += vma->end - vma->start;
    }
    return size;
}

/* The 52 fields of proc(5); those that this kernel does not keep are 0. */
void text_stat(struct text *t, const struct task *task)
{
    text_add(t, "%d (%s) %c %d %d %d 1280 -1 0 0 0 0 0 %lu 0 0 0 20 0 1 0 ",
             task->pid, task->comm, state_letter(task), task->parent->pid,
             task->pgid, task->sid,
             task->run_ticks * USER_HZ / TICKS_PER_SECOND);
    text_add(t, "%lu %lu %lu", task->start_time / (time_hz() / USER_HZ),
             virtual_size(task), task->mm ? task->mm->resident : 0);
    for (unsigned field = 25; field <= 52; field++)
        text_add(t, " 0");
    text_add(t, "\n");
}

void text_status(struct text *t, const struct task *task)
{
    text_add(t, "Name:\t%s\nState:\t%c\nPid:\t%d\nPPid:\t%d\n", task->comm,
             state_letter(task), task->pid, task->parent->pid);
    text_add(t, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
    if (task->mm)
        text_add(t, "VmSize:\t%8lu kB\nVmRSS:\t%8lu kB\n",
                 virtual_size(task) / 1024, task->mm->resident * 4);
}

void text_cmdline(struct text *t, const struct task *task)
{
    u64 at = task->mm ? task->mm->arg_start : 0;
    char part[64];

    while (task->mm && at < task->mm->arg_end) {
        size_t n = min_u64(sizeof(part), task->mm->arg_end - at);

        n = mm_read(task->mm, at, part, n);
        if (!n)
            break;
        text_add_bytes(t, part, n);
        at += n;
    }
}
