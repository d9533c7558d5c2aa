/*
 * A kernel of a page or two, for scenarios whose truth is known.
 *
 * A scenario is a function that drives everything in one thread of control: it
 * makes spaces, maps frames, forks, and lets a space do one thing in U-mode
 * (do_store, do_load, do_jump). A program asks by ecall what to do next, so a
 * fork's child begins behind its parent's ecall, as children do. Page faults
 * go to `on_fault`, at first cow_fault().
 *
 * Every root maps all RAM for S-mode at its own place (no U). Programs live
 * below 1 GiB. Frames come from a pool that begins at POOL, the lowest number
 * that is free first, so that a scenario knows its frames' numbers.
 *
 * -append "run=NAME word …" names the scenario and its variant: option(word).
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>

#include "base/types.h"

#define PTE_V 0x01
#define PTE_R 0x02
#define PTE_W 0x04
#define PTE_X 0x08
#define PTE_U 0x10
#define PTE_A 0x40
#define PTE_D 0x80
#define PTE_COW 0x100    /* RSW: W is to be given back by a copy */
#define PTE_SHARED 0x200 /* RSW: fork shares the page as it is */
#define USER_R (PTE_V | PTE_R | PTE_U | PTE_A | PTE_D)
#define USER_RW (USER_R | PTE_W)
#define USER_RX (USER_R | PTE_X)

#define PAGE 4096ull
#define MEGA 0x200000ull
#define POOL 0x80200000ull
#define POOL_FRAMES 8192
#define MEGA_FRAME 0x82400000ull /* 2-MiB frames from here on, by hand */

#define TEXT 0x10000ull
#define DATA 0x20000ull
#define STACK 0x30000ull

#define FETCH_FAULT 12
#define LOAD_FAULT 13
#define STORE_FAULT 15

#define csr_read(csr)                                                   \
    ({                                                                  \
        u64 csr_value;                                                  \
        __asm__ volatile("csrr %0, " #csr : "=r"(csr_value)::"memory"); \
        csr_value;                                                      \
    })
#define csr_write(csr, value) \
    __asm__ volatile("csrw " #csr ", %0" ::"r"((u64)(value)) : "memory")
#define csr_set(csr, bits) \
    __asm__ volatile("csrs " #csr ", %0" ::"r"((u64)(bits)) : "memory")
#define csr_clear(csr, bits) \
    __asm__ volatile("csrc " #csr ", %0" ::"r"((u64)(bits)) : "memory")

/* start.S knows the layout. */
struct registers {
    u64 kernel_sp;
    u64 pc;
    u64 a0, a1, a2;
};

struct space {
    u64 *root;
    u64 *kernel_root; /* of a kernel with two roots a process, else NULL */
    u64 asid;
    struct registers regs;
    bool called; /* it is at an ecall, and goes on behind it */
};

typedef bool fault_fn(struct space *space, u64 cause, u64 va);

struct scenario {
    const char *name; /* NULL: the last */
    void (*run)(void);
};

/* The file of scenarios defines it. */
extern const struct scenario scenarios[];

/* Answers a fault of a program, true to try again, false to refuse. */
extern fault_fn *on_fault;

/* Answers a trap in S-mode: where to go on. NULL: none is expected. */
extern u64 (*on_kernel_trap)(u64 cause, u64 va, u64 pc);

/* Whether -append has this word. */
bool option(const char *word);

/* The number behind word=, decimal, or `otherwise`. */
u64 option_number(const char *word, u64 otherwise);

/* Ends the run as failed if the claim is wrong. */
void must(bool claim, const char *what);

void print(const char *text);
void print_hex(u64 value);

/* Frames of the pool, zeroed, with a count of references. */
void *frame_new(void);
void frame_hold(void *frame);
void frame_drop(void *frame);
unsigned frame_holders(const void *frame);
void copy_frame(void *to, const void *from);

static inline u64 leaf(const void *frame, u64 flags)
{
    return (u64)frame >> 12 << 10 | flags;
}

static inline void *frame_of(u64 pte)
{
    return (void *)(pte << 10 >> 20 << 12);
}

static inline void fence(void)
{
    __asm__ volatile("sfence.vma" ::: "memory");
}

static inline void fence_page(u64 va)
{
    __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory");
}

/* A space with the kernel in it and nothing else. */
struct space *space_new(void);

/* space_new(), the agent's text (r-x), and `pages` pages at DATA (rw-). */
struct space *space_with(unsigned pages);

/* Takes all pages away and frees tables and root, entry by entry. Another
 * space has to be loaded. */
void space_free(struct space *space);

/* The entry of a va: at level 0, tables made as needed, or NULL when a table
 * is missing and make is false; or the leaf of a larger page. */
u64 *entry(struct space *space, u64 va, bool make);
u64 *entry_below(u64 *root, u64 va, bool make);

/* The entry of a va at level 1. */
u64 *entry_mega(struct space *space, u64 va);

/* Stores an entry, in both roots if there are two. No fence. */
void set(struct space *space, u64 va, u64 pte);
u64 get(struct space *space, u64 va);

/* Calls for each 4-KiB entry below 1 GiB that is not 0. */
void each_page(struct space *space,
               void (*call)(struct space *space, u64 va, u64 pte));

void space_load(struct space *space);

/* One thing in U-mode, then back at its ecall. False: it was refused, and the
 * program begins anew should it run again. */
bool do_store(struct space *space, u64 va, u64 value);
bool do_load(struct space *space, u64 va, u64 *value);
bool do_jump(struct space *space, u64 va);
bool do_nothing(struct space *space);
u64 loaded(struct space *space, u64 va);

/*
 * A copy-on-write fork. By option(): load-first, which fills the child's
 * tables while they are in force; and mistakes: keep-w-parent, keep-w-child,
 * no-fork-fence.
 */
struct space *fork(struct space *parent);

/* A fork that copies what can be written. */
struct space *fork_eagerly(struct space *parent);

/*
 * The answer to a store to a page that a fork made read-only. Its variants and
 * mistakes, by option(): unmap-first, no-cow-fence (and forever, tries=N),
 * wrong-copy, text-too, drop-twice, never-drop.
 */
fault_fn cow_fault;

/* Lets another hart run a function, and waits for its end. */
void on_hart(unsigned hart, void (*run)(void));

/* The same without waiting; then the waiting. */
void start_on_hart(unsigned hart, void (*run)(void));
void wait_for_hart(unsigned hart);

/* As passed; by option(): reset, to begin anew. */
_Noreturn void end(void);
_Noreturn void lost(u64 cause, u64 pc, u64 tval);

/* start.S */
extern char agent[];
u64 enter_user(struct registers *regs);

/* Called by start.S. */
void kernel_start(u64 hart, const u8 *tree);
u64 kernel_trap(u64 cause, u64 va, u64 pc);

#endif
