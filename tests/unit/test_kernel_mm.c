/*
 * Unit tests of the guest kernel's guest/kernel/ram/frames.c and mm/vma.c,
 * compiled for the host: random operations against models that are plain
 * arrays, one element a frame or a page.
 *
 * What the two files call in the rest of the kernel stands here instead:
 * memory that can be told to run out, inodes that are only counted.
 */
#include "dev/printk.h"
#include "fs/inode.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "ram/frames.h"
#include "ram/slab.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define RAM 0x80000000ul
#define RAM_SIZE (64ul << 20)
#define FRAMES (RAM_SIZE / PAGE_SIZE)
#define LARGE (512ul << 20) /* more than gets into the table at once */
#define BLOCKS 200
#define PAGES 128 /* of the space that areas are tried in */
#define BASE 0x10000000ul
#define ROUNDS 20000

void page_zero(void *page);

static u64 seed;
static long allocated;          /* kmalloc minus kfree */
static long until_failure = -1; /* allocations that still succeed */

static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

void panic_at(const char *file, int line, const char *fmt, ...)
{
    fail_msg("PANIC at %s:%d: %s", file, line, fmt);
    abort();
}

void page_zero(void *page)
{
    memset(page, 0, PAGE_SIZE);
}

void *kmalloc(size_t size)
{
    if (until_failure == 0)
        return NULL;
    if (until_failure > 0)
        until_failure--;
    allocated++;
    return malloc(size);
}

void kfree(void *p)
{
    allocated -= p != NULL;
    free(p);
}

struct inode *inode_get(struct inode *i)
{
    if (i)
        i->refs++;
    return i;
}

void inode_put(struct inode *i)
{
    if (i)
        i->refs--;
}

u64 *pt_find(u64 *root, u64 va)
{
    return NULL;
}

void pt_unmap(struct mm *mm, u64 start, u64 end)
{
}

void mm_fence(const struct mm *mm)
{
}

void mm_fence_code(void)
{
}

/* ---- frames ---- */

struct block {
    void *at; /* NULL: none */
    unsigned order;
};

static void start_frames(struct frame **table)
{
    u64 size = frames_table_size(RAM, RAM + RAM_SIZE);

    *table = aligned_alloc(PAGE_SIZE, size);
    frames_init(RAM, RAM + RAM_SIZE, RAM + RAM_SIZE, *table);
    /* A gap that is never given out, and ends that are no block's. */
    frames_release_range(RAM + 3 * PAGE_SIZE, RAM + (20ul << 20) + PAGE_SIZE);
    frames_release_range(RAM + (21ul << 20), RAM + RAM_SIZE);
}

static bool is_usable(u64 frame)
{
    return frame >= 3 && (frame <= 20 * 256 || frame >= 21 * 256);
}

static void own(u8 *owner, struct block b, u8 from, u8 to)
{
    u64 first = (virt_to_phys(b.at) - RAM) / PAGE_SIZE;

    assert_int_equal(first % (1ul << b.order), 0);
    for (u64 i = first; i < first + (1ul << b.order); i++) {
        assert_true(is_usable(i));
        assert_int_equal(owner[i], from);
        owner[i] = to;
    }
}

static void blocks_never_overlap_and_all_come_back(void **state)
{
    static u8 owner[FRAMES];
    struct block blocks[BLOCKS] = {0};
    struct frame *table;
    u64 taken = 0, total;

    start_frames(&table);
    total = frames_free_count();
    assert_int_equal(total, frames_total());
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct block *b = &blocks[pick(BLOCKS)];

        if (b->at) {
            own(owner, *b, 1, 0);
            frames_free(b->at, b->order);
            taken -= 1ul << b->order;
            b->at = NULL;
        } else {
            b->order = pick(100) ? pick(6) : FRAME_MAX_ORDER;
            b->at = frames_alloc(b->order, FRAME_KERNEL);
            if (b->at) {
                own(owner, *b, 0, 1);
                taken += 1ul << b->order;
            }
        }
        assert_int_equal(frames_free_count(), total - taken);
        assert_int_equal(frames_of_type(FRAME_KERNEL), taken);
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (blocks[i].at)
            frames_free(blocks[i].at, blocks[i].order);
    }
    assert_int_equal(frames_free_count(), total);
    free(table);
}

static void freed_buddies_join_again(void **state)
{
    struct frame *table;
    static void *pages[FRAMES];
    unsigned n = 0, large = 0;

    start_frames(&table);
    while ((pages[n] = frames_alloc(0, FRAME_ANON)) != NULL)
        n++;
    assert_int_equal(n, frames_total());
    assert_null(frames_alloc(0, FRAME_KERNEL));
    for (unsigned i = 0; i < n; i++)
        frame_put(virt_to_phys(pages[(i * 7919ul) % n]));
    while (frames_alloc(FRAME_MAX_ORDER, FRAME_KERNEL))
        large++;
    /* Of 16 blocks of 4 MiB the first and the one with the gap are short. */
    assert_int_equal(large, 14);
    free(table);
}

static void a_frame_is_free_after_its_last_reference(void **state)
{
    struct frame *table;
    u64 pa, total;

    start_frames(&table);
    total = frames_free_count();
    pa = virt_to_phys(frames_alloc(0, FRAME_ANON));
    for (unsigned i = 0; i < 300; i++)
        frame_get(pa);
    assert_int_equal(frame_count(pa), 301);
    for (unsigned i = 0; i < 300; i++)
        frame_put(pa);
    assert_int_equal(frame_of(pa)->type, FRAME_ANON);
    assert_int_equal(frames_free_count(), total - 1);
    frame_put(pa);
    assert_int_equal(frame_of(pa)->type, FRAME_FREE);
    assert_int_equal(frames_free_count(), total);
    free(table);
}

static void the_table_grows_with_use(void **state)
{
    /* An odd end, and what lies behind the table is not its own. */
    const u64 end = RAM + LARGE + 5 * PAGE_SIZE;
    const u64 size = frames_table_size(RAM, end), taken = RAM + (9ul << 20);
    const u64 frames = (end - RAM) / PAGE_SIZE, free_frames = frames - 3 * 1024;
    u8 *memory = aligned_alloc(PAGE_SIZE, size + PAGE_SIZE);
    const u64 before = frames_of_type(FRAME_KERNEL);
    u64 n = 0, known;

    memset(memory, 0xa5, size + PAGE_SIZE);
    assert_int_equal(frames_init(RAM, taken, end, (struct frame *)memory),
                     RAM + (12ul << 20));
    assert_int_equal(frames_known_pfn() - frames_first_pfn(), 3 * 1024);
    assert_int_equal(memory[3 * 1024 * sizeof(struct frame)], 0xa5);
    while (frames_alloc(n % 2 ? 0 : FRAME_MAX_ORDER, FRAME_KERNEL)) {
        n++;
        assert_int_equal(frames_total(), free_frames);
        assert_int_equal(frames_free_count() + frames_of_type(FRAME_KERNEL),
                         before + free_frames);
        if (n == 1)
            known = frames_known_pfn();
    }
    assert_true(known < frames_end_pfn());
    while (frames_alloc(0, FRAME_ANON))
        ;
    assert_int_equal(frames_free_count(), 0);
    assert_int_equal(frames_known_pfn(), frames_end_pfn());
    assert_int_equal(frames_end_pfn() - frames_first_pfn(), frames);
    for (u64 i = 0; i < PAGE_SIZE; i++)
        assert_int_equal(memory[size + i], 0xa5);
    free(memory);
}

/* ---- areas ---- */

struct page {
    bool mapped;
    u32 flags;
    struct inode *file;
    u64 offset; /* of this page in the file */
    u64 filesz; /* bytes of this page that come from it */
};

static struct inode files[2];

static struct page page_of(struct mm *mm, u64 va)
{
    struct vma *vma = find_vma(mm, va);
    struct page page = {0};
    u64 at;

    if (!vma)
        return page;
    at = va - vma->start;
    page = (struct page){true, vma->flags, vma->file, 0, 0};
    if (vma->file) {
        page.offset = vma->offset + at;
        page.filesz = vma->filesz > at ? vma->filesz - at : 0;
        page.filesz = min_u64(page.filesz, PAGE_SIZE);
    }
    return page;
}

static void compare(struct mm *mm, const struct page *model)
{
    u64 end = 0;

    list_for_each (at, &mm->vmas) {
        struct vma *vma = list_entry(at, struct vma, link);

        assert_true(vma->start >= end && vma->end > vma->start);
        assert_int_equal((vma->start | vma->end) % PAGE_SIZE, 0);
        end = vma->end;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        struct page got = page_of(mm, BASE + i * PAGE_SIZE);

        assert_int_equal(got.mapped, model[i].mapped);
        assert_int_equal(got.flags, model[i].flags);
        assert_ptr_equal(got.file, model[i].file);
        assert_int_equal(got.offset, model[i].offset);
        assert_int_equal(got.filesz, model[i].filesz);
    }
    assert_null(find_vma(mm, BASE - 1));
    assert_null(find_vma(mm, BASE + PAGES * PAGE_SIZE));
}

static bool any_mapped(const struct page *model, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        if (model[i].mapped)
            return true;
    }
    return false;
}

static bool all_mapped(const struct page *model, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        if (!model[i].mapped)
            return false;
    }
    return true;
}

static void try_map(struct mm *mm, struct page *model, unsigned from,
                    unsigned to)
{
    struct inode *file = pick(2) ? &files[pick(2)] : NULL;
    u32 flags = pick(8);
    u64 offset = file ? pick(64) * PAGE_SIZE : 0;
    u64 filesz = file ? pick((to - from) * PAGE_SIZE + 1) : 0;

    assert_int_equal(
        vma_range_free(mm, BASE + from * PAGE_SIZE, BASE + to * PAGE_SIZE),
        !any_mapped(model, from, to));
    if (any_mapped(model, from, to) ||
        do_mmap(mm, BASE + from * PAGE_SIZE, (to - from) * PAGE_SIZE - 5, flags,
                file, offset, filesz))
        return;
    for (unsigned i = from; i < to; i++) {
        u64 at = (i - from) * PAGE_SIZE;

        model[i] = (struct page){true, flags, file, 0, 0};
        if (file) {
            model[i].offset = offset + at;
            model[i].filesz = filesz > at ? min_u64(filesz - at, PAGE_SIZE) : 0;
        }
    }
}

static void try_change(struct mm *mm, struct page *model, unsigned from,
                       unsigned to)
{
    u64 start = BASE + from * PAGE_SIZE, len = (to - from) * PAGE_SIZE;
    u32 flags = pick(8);

    if (pick(2)) {
        if (do_munmap(mm, start, len) == 0)
            memset(model + from, 0, (to - from) * sizeof(*model));
        return;
    }
    if (do_mprotect(mm, start, len, flags))
        return;
    assert_true(all_mapped(model, from, to));
    for (unsigned i = from; i < to; i++)
        model[i].flags = flags;
}

/* `sometimes_short`: now and then an allocation fails, and then nothing may
 * have changed. */
static void areas_against_model(bool sometimes_short)
{
    struct page model[PAGES] = {0};
    struct mm mm = {0}, copy = {0};

    list_init(&mm.vmas);
    list_init(&copy.vmas);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned from = pick(PAGES), to = from + 1 + pick(PAGES - from);

        if (sometimes_short)
            until_failure = pick(3) ? -1 : (long)pick(2);
        if (pick(2))
            try_map(&mm, model, from, from + 1 + pick(to - from));
        else
            try_change(&mm, model, from, to);
        until_failure = -1;
        compare(&mm, model);
    }
    assert_int_equal(copy_vma(&copy, &mm), 0);
    compare(&copy, model);
    free_vma(&mm);
    compare(&copy, model);
    free_vma(&copy);
    assert_int_equal(allocated, 0);
    assert_int_equal(files[0].refs, 0);
    assert_int_equal(files[1].refs, 0);
}

static void areas_do_what_an_array_of_pages_does(void **state)
{
    areas_against_model(false);
}

static void a_change_that_fails_changes_nothing(void **state)
{
    areas_against_model(true);
}

static void a_gap_is_free_and_ends_below_the_stack(void **state)
{
    struct mm mm = {0};
    u64 first, second;

    list_init(&mm.vmas);
    assert_int_equal(do_mmap(&mm, STACK_TOP - STACK_SIZE, STACK_SIZE,
                             VM_READ | VM_WRITE, NULL, 0, 0),
                     0);
    first = vma_find_gap(&mm, 5 * PAGE_SIZE);
    assert_int_equal(first, MMAP_TOP - 5 * PAGE_SIZE);
    assert_int_equal(do_mmap(&mm, first, 5 * PAGE_SIZE, VM_READ, NULL, 0, 0),
                     0);
    second = vma_find_gap(&mm, PAGE_SIZE);
    assert_int_equal(second, first - PAGE_SIZE);
    assert_int_equal(vma_find_gap(&mm, USER_END), 0);
    free_vma(&mm);
}

static void a_gap_ends_below_what_reaches_over_the_top(void **state)
{
    struct mm mm = {0};

    list_init(&mm.vmas);
    assert_int_equal(
        do_mmap(&mm, MMAP_TOP - PAGE_SIZE, 2 * PAGE_SIZE, VM_READ, NULL, 0, 0),
        0);
    assert_int_equal(vma_find_gap(&mm, PAGE_SIZE), MMAP_TOP - 2 * PAGE_SIZE);
    assert_int_equal(do_munmap(&mm, MMAP_TOP - PAGE_SIZE, 2 * PAGE_SIZE), 0);
    assert_int_equal(vma_find_gap(&mm, PAGE_SIZE), MMAP_TOP - PAGE_SIZE);
    free_vma(&mm);
}

static void access_becomes_entry_bits(void **state)
{
    const u64 always = PTE_V | PTE_U | PTE_A;

    assert_int_equal(vm_flags_to_pte(0), always);
    assert_int_equal(vm_flags_to_pte(VM_READ), always | PTE_R);
    assert_int_equal(vm_flags_to_pte(VM_EXEC), always | PTE_X);
    /* W without R is reserved (privileged specification 4.3.1). */
    assert_int_equal(vm_flags_to_pte(VM_WRITE), always | PTE_R | PTE_W | PTE_D);
    assert_int_equal(vm_flags_to_pte(VM_READ | VM_WRITE | VM_EXEC),
                     always | PTE_R | PTE_W | PTE_X | PTE_D);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_never_overlap_and_all_come_back),
        cmocka_unit_test(freed_buddies_join_again),
        cmocka_unit_test(a_frame_is_free_after_its_last_reference),
        cmocka_unit_test(the_table_grows_with_use),
        cmocka_unit_test(areas_do_what_an_array_of_pages_does),
        cmocka_unit_test(a_change_that_fails_changes_nothing),
        cmocka_unit_test(a_gap_is_free_and_ends_below_the_stack),
        cmocka_unit_test(a_gap_ends_below_what_reaches_over_the_top),
        cmocka_unit_test(access_becomes_entry_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
