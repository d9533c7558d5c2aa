/*
 * Invariants, recomputed from scratch and compared:
 *
 *   1  a frame's count is its leaf slots, plus the page cache, plus pins
 *   2  a free frame has count 0 and nobody maps it; all frames add up
 *   3  a private page that is writable has a count of 1
 *   4  a present entry lies in an area and allows no more than it; it never
 *      maps a frame of the kernel or of a table
 *   5  areas are sorted, disjoint, aligned, and found by their index
 *   6  references to open files are descriptors
 *   7  a task is in one queue at most; zombies hold no memory; the tree of
 *      parents ends at task 0
 *   8  a fork that fails leaves every area and entry of the parent alone
 *
 * A page-cache reference is taken for granted where a frame is CACHE: such a
 * frame may count one more than its slots.
 */
#include "check/selfcheck.h"

#include "dev/printk.h"
#include "file/file.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "ram/frames.h"
#include "ram/slab.h"
#include "task/sched.h"
#include "task/task.h"

static u32 *slots; /* leaf entries found, by frame; NULL: checks are off */
static u64 runs;
static u64 steps; /* since the last check of everything */

/* A check of everything costs as much as there are frames, tasks and tables. A
 * step looks at what it has changed; every so many steps, all is looked at. Up
 * to a weight that is the same number; beyond, checks thin out with the square,
 * so that a thousand forks do not cost a million. */
#define STEPS 64
#define FULL_RATE_WEIGHT 128
#define TASK_WEIGHT 4 /* of a task, where a table weighs 1 */

void selfcheck_init(void)
{
    u64 n = frames_end_pfn() - frames_first_pfn();

    slots = kmalloc(n * sizeof(*slots));
    if (!slots)
        PANIC("no memory for selfcheck: it takes 4 GiB of RAM at most");
    fault_check_pages();
}

u64 selfcheck_runs(void)
{
    return runs;
}

static u32 *slots_of(u64 pa)
{
    return &slots[(pa >> PAGE_SHIFT) - frames_first_pfn()];
}

static void check_leaf(struct mm *mm, u64 va, u64 pte)
{
    struct vma *vma = find_vma(mm, va);

    if (!vma)
        PANIC("selfcheck 4: 0x%lx is mapped and in no area", va);
    if (pte & PTE_U)
        vma_check_page(vma, pte);
    ++*slots_of(pte_pa(pte));
}

static void check_table(struct mm *mm, u64 *table, unsigned level, u64 va)
{
    unsigned n = level == 2 ? PT_USER_ENTRIES : PT_ENTRIES, used = 0;

    if (frame_of(virt_to_phys(table))->type != FRAME_TABLE)
        PANIC("selfcheck 4: a table on another kind of frame");
    for (unsigned i = 0; i < n; i++) {
        u64 at = va + ((u64)i << (PAGE_SHIFT + 9 * level));

        if (!(table[i] & PTE_V))
            continue;
        used++;
        if (level)
            check_table(mm, pte_table(table[i]), level - 1, at);
        else
            check_leaf(mm, at, table[i]);
    }
    if (used != frame_of(virt_to_phys(table))->used)
        PANIC("selfcheck 1: a table's count of entries is wrong");
}

static void check_areas(const struct mm *mm)
{
    u64 last = 0;

    list_for_each (at, &mm->vmas) {
        const struct vma *vma = list_entry(at, struct vma, link);

        if (vma->start < last || vma->end <= vma->start ||
            (vma->start | vma->end) % PAGE_SIZE)
            PANIC("selfcheck 5: area 0x%lx-0x%lx", vma->start, vma->end);
        if (vma_from(mm, last) != vma || vma_from(mm, vma->start) != vma)
            PANIC("selfcheck 5: the index has not 0x%lx-0x%lx", vma->start,
                  vma->end);
        last = vma->end;
    }
}

static void check_space(struct mm *mm)
{
    check_areas(mm);
    check_table(mm, mm->root, 2, 0);
}

/* Each space once, for however many tasks it is. */
static void check_spaces(void)
{
    list_for_each (at, mm_list())
        check_space(list_entry(at, struct mm, all));
}

static void check_frames(void)
{
    u64 seen[FRAME_TYPES] = {[FRAME_FREE] =
                                 frames_end_pfn() - frames_known_pfn()};

    for (u64 pfn = frames_first_pfn(); pfn < frames_known_pfn(); pfn++) {
        const struct frame *f = frame_of(pfn << PAGE_SHIFT);
        u32 found = *slots_of(pfn << PAGE_SHIFT);

        seen[f->type]++;
        if (f->type == FRAME_FREE && (f->ref || found))
            PANIC("selfcheck 2: free frame 0x%lx: count %u, %u mappings",
                  pfn << PAGE_SHIFT, f->ref, found);
        if (f->type == FRAME_ANON && f->ref != found)
            PANIC("selfcheck 1: frame 0x%lx: count %u, %u mappings",
                  pfn << PAGE_SHIFT, f->ref, found);
        if (f->type == FRAME_CACHE && f->ref != found && f->ref != found + 1)
            PANIC("selfcheck 1: cache frame 0x%lx: count %u, %u mappings",
                  pfn << PAGE_SHIFT, f->ref, found);
    }
    for (unsigned type = 0; type < FRAME_TYPES; type++) {
        if (seen[type] != frames_of_type((enum frame_type)type))
            PANIC("selfcheck 2: %lu frames of type %u, %lu counted", seen[type],
                  type, frames_of_type((enum frame_type)type));
    }
}

static void check_ancestry(const struct task *t)
{
    unsigned depth = 0;

    for (; t != &idle_task; t = t->parent) {
        if (++depth > TASK_MAX)
            PANIC("selfcheck 7: the tree of processes has a cycle");
    }
}

static void check_tasks(void)
{
    u64 descriptors = 0;

    list_for_each (at, task_list()) {
        const struct task *t = list_entry(at, struct task, all);
        bool queued = !list_empty(&t->queue);

        check_ancestry(t);
        if (t->state == TASK_ZOMBIE && (t->mm || queued))
            PANIC("selfcheck 7: zombie %d holds memory", t->pid);
        if (t->state == TASK_RUNNING && t != current && t != &idle_task &&
            !queued)
            PANIC("selfcheck 7: pid %d is lost to the scheduler", t->pid);
        for (unsigned fd = 0; t->files && fd < FD_MAX; fd++)
            descriptors += t->files->fd[fd] != NULL;
    }
    if (descriptors != file_total_refs())
        PANIC("selfcheck 6: %lu descriptors, %lu references", descriptors,
              file_total_refs());
}

static u64 mix(u64 sum, u64 value)
{
    return (sum ^ value) * 0x100000001b3;
}

static u64 table_fingerprint(const u64 *table, unsigned level, u64 sum)
{
    unsigned n = level == 2 ? PT_USER_ENTRIES : PT_ENTRIES;

    for (unsigned i = 0; i < n; i++) {
        if (!(table[i] & PTE_V))
            continue;
        sum = mix(mix(sum, i), table[i]);
        if (level)
            sum = table_fingerprint(pte_table(table[i]), level - 1, sum);
    }
    return sum;
}

u64 selfcheck_fingerprint(const struct mm *mm)
{
    u64 sum = 0;

    if (!slots)
        return 0;
    list_for_each (at, &mm->vmas) {
        const struct vma *vma = list_entry(at, struct vma, link);

        sum = mix(mix(mix(sum, vma->start), vma->end), vma->flags);
    }
    return table_fingerprint(mm->root, 2, sum);
}

void selfcheck_unchanged(const struct mm *mm, u64 fingerprint)
{
    if (selfcheck_fingerprint(mm) != fingerprint)
        PANIC("selfcheck 8: a fork that failed has changed its parent");
}

void selfcheck_all(void)
{
    if (!slots)
        return;
    steps = 0;
    runs++;
    memset(slots, 0, (frames_end_pfn() - frames_first_pfn()) * sizeof(*slots));
    check_spaces();
    check_frames();
    check_tasks();
}

void selfcheck_step(void)
{
    u64 weight = frames_of_type(FRAME_TABLE) + TASK_WEIGHT * task_count();
    u64 excess = weight / FULL_RATE_WEIGHT;

    if (!slots)
        return;
    if (++steps >= STEPS + excess * excess)
        selfcheck_all();
    else if (current->mm)
        check_space(current->mm);
}
