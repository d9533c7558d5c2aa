/*
 * Address spaces: a page table and the list of areas that says what belongs
 * into it.
 *
 * An entry of the table is only ever a consequence of an area: it is made by
 * do_page_fault or by fork, lies inside exactly one area, and allows no more
 * than the area does. Everything can therefore be refused, shared or built
 * again from the list alone.
 *
 * ASIDs: a space gets one when it is first run and keeps it while the
 * generation lasts; when the numbers run out a new generation begins with one
 * full fence. satp is written without a fence at any other time. On a hart
 * without ASIDs each write is followed by one.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include "lib/list.h"
#include "lib/pte.h"
#include "lib/types.h"

#define VM_READ 1u
#define VM_WRITE 2u
#define VM_EXEC 4u
#define VM_ACCESS (VM_READ | VM_WRITE | VM_EXEC)
#define VM_SHARED 8u
#define VM_STACK 16u
#define VM_HEAP 32u
#define VM_PROGRAM 64u /* a segment of the program */
#define VM_READ_ONLY                                       \
    128u /* mprotect may never give VM_WRITE: the file was \
          * opened for reading, and what is stored is its */

struct inode;

struct vma {
    struct list link;       /* in mm->vmas */
    struct vma *low, *high; /* below it in mm->tree */
    u64 start;              /* page aligned, end exclusive */
    u64 end;
    u32 flags;          /* VM_ */
    struct inode *file; /* NULL: anonymous */
    u64 offset;         /* in the file, of `start`; page aligned */
    u64 filesz;         /* bytes from `start` that come from the file, as
                         * long as the file has them */
};

struct mm {
    struct list all;  /* in the list of all spaces */
    u64 *root;        /* root page table */
    u64 asid;         /* valid while `generation` is the current one */
    u64 generation;   /* 0: never run */
    struct list vmas; /* sorted, disjoint */
    struct vma *tree; /* their index, vma_tree.h */
    struct vma *last; /* found last; NULL or in the list */
    u64 full;         /* bytes below MMAP_TOP without a gap among them */
    u32 refs;         /* tasks that run in it */
    u64 brk_start;
    u64 brk;
    u64 resident;  /* user pages mapped */
    u64 arg_start; /* for /proc/PID/cmdline */
    u64 arg_end;
    struct inode *exe;
};

/* What the memory system has done since boot; /proc/vmstat shows it. */
struct vmstat {
    u64 forks;
    u64 eager_copies;  /* pages copied by fork itself */
    u64 shared_pages;  /* leaf entries fork has copied */
    u64 demand_faults; /* pages mapped on first access */
    u64 cow_copies;    /* stores that had to copy */
    u64 cow_reuses;    /* stores by a page's last owner */
    u64 spurious;      /* faults on entries that were in order */
    u64 segv;          /* accesses refused */
    u64 satp_writes;
    u64 asid_rollovers;
};

extern struct vmstat vmstat;

/* Finds how many ASID bits the hart has. */
void asid_init(void);
unsigned asid_bits(void);

struct mm *mm_create(void);

/* All spaces, by their `all`. */
struct list *mm_list(void);

void mm_get(struct mm *mm);
/* Drops a reference; the last one unmaps and frees everything. */
void mm_put(struct mm *mm);
/* Loads the space into satp, unless it is loaded already. */
void mm_activate(struct mm *mm);

/* Before a space goes: the kernel's own takes its place if it is loaded, and
 * what is cached of it is forgotten. */
void mm_unload(struct mm *mm);

/* The value of satp the space runs with; 0 ASID if it never ran. */
u64 mm_satp(const struct mm *mm);

/* Forgets cached translations of this space: all of it, or one page. */
void mm_fence(const struct mm *mm);
void mm_fence_page(const struct mm *mm, u64 va);

/* Forgets instructions that the hart has fetched: to be called when memory that
 * a program may execute was written. A program that writes code itself sees to
 * that by itself. */
void mm_fence_code(void);

/* A copy for fork. In FORK_COW mode writable pages of both sides have lost W
 * when it returns, and the fence is done. NULL when memory is short, with
 * the parent unchanged. */
struct mm *mm_copy(struct mm *parent, unsigned fork_mode);

/* The entry that an area with these flags may have at most. */
u64 vm_flags_to_pte(u32 flags);

/* Creates an area in the place of what is there; `len` is rounded up to pages.
 * -ENOMEM: nothing has changed. */
int do_mmap(struct mm *mm, u64 start, u64 len, u32 flags, struct inode *file,
            u64 offset, u64 filesz);

/* Removes all areas and pages of a range. */
int do_munmap(struct mm *mm, u64 start, u64 len);

/* Changes the access bits of a range that areas cover wholly: -ENOMEM,
 * -EACCES, and nothing has changed. */
int do_mprotect(struct mm *mm, u64 start, u64 len, u32 access);

/* Moves the end of the heap; returns the end it has then. */
u64 do_brk(struct mm *mm, u64 brk);

/* The area that contains `va`, or NULL. */
struct vma *find_vma(struct mm *mm, u64 va);

/* The area that contains `va`, or the first above it; NULL: none. */
struct vma *vma_from(const struct mm *mm, u64 va);

/* A gap of `len` bytes below MMAP_TOP, 0 if there is none. */
u64 vma_find_gap(struct mm *mm, u64 len);

/* True when no area touches the range. */
bool vma_range_free(struct mm *mm, u64 start, u64 end);

/* Gives a file another size, in every space that has it mapped: what lies
 * behind the end is in none of them any more. 0, -EFBIG or -ENOMEM. */
int file_truncate(struct inode *file, u64 size);

/* How many bytes from the start of an area are the file's, by its size now. */
u64 vma_file_bytes(const struct vma *vma);

/* Whether areas cover the range (-ENOMEM) and each may be given the access
 * (-EACCES). */
int vma_check_range(struct mm *mm, u64 start, u64 end, u32 access);

int copy_vma(struct mm *child, const struct mm *parent);
void free_vma(struct mm *mm);

/* A page fault at `va` for scause 12, 13 or 15: 0 when the access can be
 * tried again, -EFAULT when the area list does not allow it, -EIO behind the
 * end of a mapped file, -ENOMEM. */
int do_page_fault(struct mm *mm, u64 va, u64 cause);

/* From now on each fault ends with vma_check_page. */
void fault_check_pages(void);

/* One leaf entry against its area: PANIC if it allows more, or is not on a
 * frame that a program may have. */
void vma_check_page(const struct vma *vma, u64 pte);

/* Copies between kernel and the current user space; faults are taken on the
 * way. 0 or -EFAULT; a partial copy may have happened. */
int copy_from_user(void *dst, u64 user_src, size_t n);
int copy_to_user(u64 user_dst, const void *src, size_t n);

/* Where these copies may fault, and where one goes on that cannot be served
 * (uaccess.S). */
extern char uaccess_start[], uaccess_end[], uaccess_failed[];

/* Copies a string of at most size-1 characters: its length, -EFAULT or
 * -ENAMETOOLONG. */
i64 copy_string_from_user(char *dst, u64 user_src, size_t size);

/* Writes into a space that is not loaded (exec builds a stack with it). */
int mm_write(struct mm *mm, u64 va, const void *src, size_t n);

/* Reads the pages that are present; returns how many bytes that gave. */
size_t mm_read(struct mm *mm, u64 va, void *dst, size_t n);

#endif
