/*
 * The kernel that scenarios drive; see kernel.h.
 */
#include "kernel.h"

#define UART 0x10000000ull
#define FINISHER ((volatile u32 *)0x100000)
#define PASS 0x5555
#define FAIL 0x13333
#define RESET 0x7777

#define ENTRIES 512
#define SATP_SV39 (8ull << 60)
#define SPACES 16
#define HARTS 8
#define RAM_GIB 2 /* the root's entry of RAM */
#define DEVICE_GIB                                            \
    64 /* and that of the devices, which lie in the first GiB \
        */

enum ask { STORE, LOAD, NOTHING, JUMP };

fault_fn *on_fault = cow_fault;
u64 (*on_kernel_trap)(u64 cause, u64 va, u64 pc);

static u8 holders[POOL_FRAMES];
static struct space spaces[SPACES];
static u64 next_asid;
static u64 tries;       /* at what no-cow-fence leaves undone */
static char words[256]; /* -append */
static void (*volatile work[HARTS])(void);

static void put(char c)
{
    u64 base = csr_read(satp) ? (u64)DEVICE_GIB << 30 : 0;

    *(volatile u8 *)(base + UART) = (u8)c;
}

void print(const char *text)
{
    while (*text)
        put(*text++);
}

void print_hex(u64 value)
{
    int shift = 60;

    while (shift && !(value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
}

void end(void)
{
    csr_write(satp, 0);
    *FINISHER = option("reset") ? RESET : PASS;
    for (;;)
        ;
}

static _Noreturn void fail(void)
{
    csr_write(satp, 0);
    *FINISHER = FAIL;
    for (;;)
        ;
}

void must(bool claim, const char *what)
{
    if (claim)
        return;
    csr_write(satp, 0);
    print("not so: ");
    print(what);
    print("\n");
    fail();
}

void lost(u64 cause, u64 pc, u64 tval)
{
    csr_write(satp, 0);
    print("trap 0x");
    print_hex(cause);
    print(" at 0x");
    print_hex(pc);
    print(" tval 0x");
    print_hex(tval);
    print("\n");
    fail();
}

/* The rest of the option behind the word, or NULL. */
static const char *find_word(const char *word)
{
    for (const char *at = words; *at; at++) {
        unsigned n = 0;

        while (word[n] && at[n] == word[n])
            n++;
        if (!word[n] && (at == words || at[-1] == ' '))
            return at + n;
    }
    return NULL;
}

bool option(const char *word)
{
    const char *rest = find_word(word);

    return rest && (!*rest || *rest == ' ');
}

u64 option_number(const char *word, u64 otherwise)
{
    const char *at = find_word(word);
    u64 value = 0;

    if (!at || *at++ != '=')
        return otherwise;
    for (; *at >= '0' && *at <= '9'; at++)
        value = 10 * value + (u64)(*at - '0');
    return value;
}

/* The command line is the text of the device tree that begins with run=. */
static void read_words(const u8 *tree)
{
    u64 size = (u64)tree[4] << 24 | tree[5] << 16 | tree[6] << 8 | tree[7];

    for (u64 i = 0; i + 4 < size; i++) {
        if (tree[i] != 'r' || tree[i + 1] != 'u' || tree[i + 2] != 'n' ||
            tree[i + 3] != '=')
            continue;
        for (u64 n = 0; n < sizeof(words) - 1 && tree[i + n]; n++)
            words[n] = (char)tree[i + n];
        return;
    }
}

static u64 number_of(const void *frame)
{
    return ((u64)frame - POOL) / PAGE;
}

static void clear_frame(void *frame)
{
    for (u64 i = 0; i < ENTRIES; i++)
        ((volatile u64 *)frame)[i] = 0;
}

void copy_frame(void *to, const void *from)
{
    for (u64 i = 0; i < ENTRIES; i++)
        ((volatile u64 *)to)[i] = ((const volatile u64 *)from)[i];
}

void *frame_new(void)
{
    for (u64 i = 0; i < POOL_FRAMES; i++) {
        if (holders[i])
            continue;
        holders[i] = 1;
        clear_frame((void *)(POOL + i * PAGE));
        return (void *)(POOL + i * PAGE);
    }
    must(false, "a frame is free");
    return NULL;
}

void frame_hold(void *frame)
{
    if ((u64)frame >= POOL && number_of(frame) < POOL_FRAMES)
        holders[number_of(frame)]++;
}

/* The last holder has let go. A call of its own, for --frames. */
static __attribute__((noinline)) void frame_free(void *frame)
{
    holders[number_of(frame)] = 0;
}

void frame_drop(void *frame)
{
    if ((u64)frame < POOL || number_of(frame) >= POOL_FRAMES)
        return;
    if (holders[number_of(frame)] <= 1)
        frame_free(frame);
    else
        holders[number_of(frame)]--;
}

unsigned frame_holders(const void *frame)
{
    return holders[number_of(frame)];
}

static u64 *new_root(void)
{
    u64 *root = frame_new();
    u64 flags = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D;

    root[RAM_GIB] = leaf((void *)0x80000000ull, flags);
    root[DEVICE_GIB] = leaf(NULL, flags);
    return root;
}

struct space *space_new(void)
{
    struct space *space = spaces;

    while (space->root)
        must(++space < spaces + SPACES, "a space is free");
    *space = (struct space){.root = new_root(), .asid = ++next_asid};
    if (option("two-roots"))
        space->kernel_root = new_root();
    space->regs.pc = TEXT;
    return space;
}

struct space *space_with(unsigned pages)
{
    struct space *space = space_new();

    set(space, TEXT, leaf(agent, USER_RX));
    for (unsigned i = 0; i < pages; i++)
        set(space, DATA + i * PAGE, leaf(frame_new(), USER_RW));
    return space;
}

static void drop_page(struct space *space, u64 va, u64 pte)
{
    set(space, va, 0);
    if (pte & PTE_V)
        frame_drop(frame_of(pte));
}

/* Tables of level 0 and 1, last first. */
static void free_tables(u64 *root)
{
    u64 *middle = frame_of(root[0]);

    for (u64 i = 0; root[0] && i < ENTRIES; i++) {
        if ((middle[i] & PTE_V) && !(middle[i] & (PTE_R | PTE_X)))
            frame_drop(frame_of(middle[i]));
        middle[i] = 0;
    }
    if (root[0])
        frame_drop(middle);
    root[0] = 0;
    root[RAM_GIB] = root[DEVICE_GIB] = 0;
    frame_drop(root);
}

void space_free(struct space *space)
{
    each_page(space, drop_page);
    free_tables(space->root);
    if (space->kernel_root)
        free_tables(space->kernel_root);
    fence();
    space->root = NULL;
}

static u64 *next_table(u64 *at, bool make)
{
    if (!*at && make)
        *(volatile u64 *)at = leaf(frame_new(), PTE_V);
    return *at ? frame_of(*at) : NULL;
}

u64 *entry_below(u64 *root, u64 va, bool make)
{
    u64 *at = &root[va >> 30 & 511], *middle, *last;

    if (*at & (PTE_R | PTE_X))
        return at;
    middle = next_table(at, make);
    at = middle ? &middle[va >> 21 & 511] : NULL;
    if (!at || (*at & (PTE_R | PTE_X)))
        return at;
    last = next_table(at, make);
    return last ? &last[va >> 12 & 511] : NULL;
}

u64 *entry(struct space *space, u64 va, bool make)
{
    return entry_below(space->root, va, make);
}

u64 *entry_mega(struct space *space, u64 va)
{
    return &next_table(&space->root[va >> 30 & 511], true)[va >> 21 & 511];
}

void set(struct space *space, u64 va, u64 pte)
{
    *(volatile u64 *)entry(space, va, true) = pte;
    if (space->kernel_root)
        *(volatile u64 *)entry_below(space->kernel_root, va, true) = pte;
}

u64 get(struct space *space, u64 va)
{
    u64 *at = entry(space, va, false);

    return at ? *(volatile u64 *)at : 0;
}

void each_page(struct space *space,
               void (*call)(struct space *space, u64 va, u64 pte))
{
    u64 *middle = frame_of(space->root[0]);

    for (u64 i = 0; space->root[0] && i < ENTRIES; i++) {
        const u64 *last = frame_of(middle[i]);

        if (!(middle[i] & PTE_V) || (middle[i] & (PTE_R | PTE_X)))
            continue;
        for (u64 n = 0; n < ENTRIES; n++)
            if (last[n])
                call(space, i * MEGA + n * PAGE, last[n]);
    }
}

static void load_root(const u64 *root, u64 asid)
{
    csr_write(satp, SATP_SV39 | asid << 44 | (u64)root >> 12);
}

void space_load(struct space *space)
{
    if (space->kernel_root)
        load_root(space->kernel_root, space->asid + 0x100);
    else
        load_root(space->root, space->asid);
}

/* Runs until the program's next ecall. */
static bool ask(struct space *space, enum ask what, u64 va, u64 value)
{
    if (space->called) {
        space->regs.pc += 4;
        space->regs.a0 = what;
        space->regs.a1 = va;
        space->regs.a2 = value;
    }
    space->called = true;
    for (;;) {
        u64 cause, tval;

        load_root(space->root, space->asid);
        cause = enter_user(&space->regs);
        tval = csr_read(stval);
        space_load(space);
        if (cause == 8)
            return true;
        if (!on_fault(space, cause, tval))
            break;
    }
    space->called = false;
    space->regs.pc = TEXT;
    return false;
}

/* A program's first ecall asks what to do: it is not done yet. */
static bool start(struct space *space)
{
    return space->called || ask(space, NOTHING, 0, 0);
}

bool do_store(struct space *space, u64 va, u64 value)
{
    return start(space) && ask(space, STORE, va, value);
}

bool do_load(struct space *space, u64 va, u64 *value)
{
    bool done = start(space) && ask(space, LOAD, va, 0);

    *value = space->regs.a2;
    return done;
}

u64 loaded(struct space *space, u64 va)
{
    u64 value;

    must(do_load(space, va, &value), "the page can be loaded");
    return value;
}

bool do_jump(struct space *space, u64 va)
{
    return start(space) && ask(space, JUMP, va, 0);
}

bool do_nothing(struct space *space)
{
    return start(space) && ask(space, NOTHING, 0, 0);
}

static struct space *child_of(const struct space *parent)
{
    struct space *child = space_new();

    child->regs = parent->regs;
    child->called = parent->called;
    if (option("load-first"))
        space_load(child);
    return child;
}

static struct space *forked; /* the child, while pages are gone through */

static void fork_page(struct space *parent, u64 va, u64 pte)
{
    u64 given = pte;

    frame_hold(frame_of(pte));
    if ((pte & PTE_W) && !(pte & PTE_SHARED)) {
        given = (pte & ~(u64)PTE_W) | PTE_COW;
        if (!option("keep-w-parent"))
            set(parent, va, given);
    }
    if ((pte & PTE_W) && option("keep-w-child"))
        given = pte;
    set(forked, va, given);
}

struct space *fork(struct space *parent)
{
    forked = child_of(parent);
    each_page(parent, fork_page);
    if (!option("no-fork-fence"))
        fence();
    return forked;
}

static void fork_page_eagerly(struct space *parent, u64 va, u64 pte)
{
    void *frame = frame_of(pte);

    (void)parent;
    if (pte & PTE_W) {
        frame = frame_new();
        copy_frame(frame, frame_of(pte));
    } else {
        frame_hold(frame);
    }
    set(forked, va, leaf(frame, pte & 0x3ff));
}

struct space *fork_eagerly(struct space *parent)
{
    forked = child_of(parent);
    each_page(parent, fork_page_eagerly);
    return forked;
}

static void copy_for(struct space *space, u64 va, u64 pte)
{
    void *old = frame_of(pte), *new = frame_new();
    u64 flags = (pte & 0x3ff & ~(u64)PTE_COW) | PTE_W;

    copy_frame(new, old);
    if (option("wrong-copy"))
        ((volatile u64 *)new)[100]++;
    if (option("unmap-first")) {
        set(space, va, 0);
        fence_page(va);
    }
    set(space, va, leaf(new, flags));
    if (!option("never-drop"))
        frame_drop(old);
    if (option("drop-twice"))
        frame_drop(old);
}

bool cow_fault(struct space *space, u64 cause, u64 va)
{
    u64 pte = get(space, va);

    va &= -PAGE;
    if (cause != STORE_FAULT || !(pte & PTE_V))
        return false;
    if ((pte & PTE_W) && !(pte & PTE_U))
        return false;
    if ((pte & PTE_W) && option("no-cow-fence"))
        return option("forever") || ++tries < option_number("tries", 0);
    if (pte & PTE_W) {
        fence_page(va);
        return true;
    }
    if (!(pte & PTE_COW) && !option("text-too"))
        return false;
    if (!(pte & PTE_COW))
        set(space, va, pte | PTE_W);
    else if (frame_holders(frame_of(pte)) > 1)
        copy_for(space, va, pte);
    else
        set(space, va, (pte & ~(u64)PTE_COW) | PTE_W);
    if (!option("no-cow-fence"))
        fence_page(va);
    return true;
}

u64 kernel_trap(u64 cause, u64 va, u64 pc)
{
    if (!on_kernel_trap)
        lost(cause, pc, va);
    return on_kernel_trap(cause, va, pc);
}

static unsigned this_hart(void)
{
    u64 hart;

    __asm__ volatile("mv %0, tp" : "=r"(hart));
    return (unsigned)hart;
}

void start_on_hart(unsigned hart, void (*run)(void))
{
    __asm__ volatile("fence" ::: "memory");
    work[hart] = run;
}

void wait_for_hart(unsigned hart)
{
    while (work[hart])
        ;
    __asm__ volatile("fence" ::: "memory");
}

void on_hart(unsigned hart, void (*run)(void))
{
    start_on_hart(hart, run);
    wait_for_hart(hart);
}

static _Noreturn void serve(unsigned hart)
{
    for (;;) {
        if (!work[hart])
            continue;
        __asm__ volatile("fence" ::: "memory");
        work[hart]();
        __asm__ volatile("fence" ::: "memory");
        work[hart] = NULL;
    }
}

void kernel_start(u64 hart, const u8 *tree)
{
    if (this_hart())
        serve(this_hart());
    (void)hart;
    read_words(tree);
    for (const struct scenario *s = scenarios; s->name; s++) {
        const char *rest = find_word("run=");
        unsigned n = 0;

        while (rest && s->name[n] && rest[n] == s->name[n])
            n++;
        if (!rest || s->name[n] || (rest[n] && rest[n] != ' '))
            continue;
        s->run();
        end();
    }
    must(false, "-append names a scenario");
}
