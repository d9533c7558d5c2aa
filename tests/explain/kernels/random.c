/*
 * A kernel that edits its tables at random and says on the console what it
 * truly did, a line each; edits.py turns the lines into claims.
 *
 * Spaces are numbered in the order in which they first run. Each page has a
 * reason why it is not writable, and the kernel never forgets to fence. A
 * fresh frame has bytes that no other has.
 *
 * -append "run=random seed=N edits=N", and eager: forks copy at once; alias:
 * the kernel makes a mistake.
 * kernel.h has other words.
 */
#include "kernel.h"

#define PAGES 6
#define LIVES 6

/* Why W is 0. */
enum why { WRITABLE, BY_FORK, BY_MERGE, BY_CALL };

struct life {
    struct space *space; /* NULL: free */
    u64 number;
    struct page {
        enum why why;
        bool unclear; /* it moved since, or a call had a part in it */
        bool mixed;   /* the fork that took W left it to another page */
    } page[PAGES];
};

static struct life lives[LIVES];
static u64 numbers, nonce, state;
static const char *manner = "user"; /* of the store in hand: user, sum, walk */

static u64 draw(u64 below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

static void say(const char *what, const struct life *life, u64 va)
{
    print(what);
    print(" ");
    print_hex(life->number);
    print(" ");
    print_hex(va);
}

static void say_number(const char *name, u64 value)
{
    print(" ");
    print(name);
    print("=");
    print_hex(value);
}

static u64 address(u64 page)
{
    return DATA + page * PAGE;
}

static u64 pte_of(const struct life *life, u64 page)
{
    return get(life->space, address(page));
}

static struct life *life_of(const struct space *space)
{
    struct life *life = lives;

    while (life->space != space)
        life++;
    return life;
}

static struct life *free_life(void)
{
    for (struct life *life = lives; life < lives + LIVES; life++) {
        if (!life->space) {
            *life = (struct life){.number = ++numbers};
            return life;
        }
    }
    return NULL;
}

static struct life *any_life(void)
{
    for (;;) {
        struct life *life = &lives[draw(LIVES)];

        if (life->space)
            return life;
    }
}

static void *fresh_frame(void)
{
    u64 *frame = frame_new();

    frame[100] = ++nonce;
    return frame;
}

/* The numbers of the others that map the frame. */
static void say_others(const struct life *self, const void *frame)
{
    print(" others=");
    for (const struct life *life = lives; life < lives + LIVES; life++) {
        bool maps = false;

        for (u64 page = 0; life->space && page < PAGES; page++) {
            u64 pte = pte_of(life, page);

            maps = maps || ((pte & PTE_V) && frame_of(pte) == frame);
        }
        if (maps && life != self) {
            print_hex(life->number);
            print(",");
        }
    }
}

static bool random_fault(struct space *space, u64 cause, u64 va)
{
    struct life *self = life_of(space);
    u64 page = (va - DATA) / PAGE, pte;
    void *old;
    bool shared;

    if (va < DATA || page >= PAGES)
        return false;
    pte = pte_of(self, page);
    if (cause != STORE_FAULT || !(pte & PTE_V) || !(pte & PTE_COW))
        return false;
    old = frame_of(pte);
    shared = frame_holders(old) > 1;
    say(shared ? "copy" : "reuse", self, va);
    print(" ");
    print(manner);
    say_number("old", (u64)old >> 12);
    say_number("why", self->page[page].why);
    say_number("unclear", self->page[page].unclear);
    if (shared)
        say_others(self, old);
    must(cow_fault(space, cause, va), "it was copy-on-write");
    say_number("new", (u64)frame_of(pte_of(self, page)) >> 12);
    print("\n");
    self->page[page] = (struct page){.why = WRITABLE};
    return true;
}

static void run(struct life *life)
{
    must(do_nothing(life->space), "it runs");
}

static void spawn(void)
{
    struct life *life = free_life(), *other = numbers > 1 ? any_life() : NULL;

    if (!life)
        return;
    if (other == life)
        other = NULL;
    life->space = space_new();
    set(life->space, TEXT, leaf(agent, USER_RX));
    say("spawn", life, 0);
    print("\n");
    for (u64 page = 0; page < PAGES; page++) {
        u64 theirs = other && other->space ? pte_of(other, page) : 0;

        /* Constants: read-only there, and here from the first. */
        if ((theirs & PTE_V) && other->page[page].why == BY_CALL &&
            !(theirs & (PTE_COW | PTE_SHARED)) && draw(2)) {
            frame_hold(frame_of(theirs));
            set(life->space, address(page), theirs);
            life->page[page].why = BY_CALL;
        } else if (draw(2)) {
            set(life->space, address(page), leaf(fresh_frame(), USER_RW));
        }
    }
    run(life);
}

static void map_page(struct life *life, u64 page)
{
    u64 flags = USER_RW | (draw(8) ? 0 : PTE_SHARED);

    if (pte_of(life, page))
        return;
    say("map", life, address(page));
    print("\n");
    set(life->space, address(page), leaf(fresh_frame(), flags));
    life->page[page] = (struct page){.why = WRITABLE};
    fence();
}

static void unmap_page(struct life *life, u64 page)
{
    u64 pte = pte_of(life, page);

    if (!pte)
        return;
    say("unmap", life, address(page));
    print("\n");
    set(life->space, address(page), 0);
    fence();
    if (!option("keep-unmapped"))
        frame_drop(frame_of(pte));
    run(life);
}

/* A program has a stack: another page that it can store to, and nobody else.
 * Only a fork takes W from all. */
static bool has_another(const struct life *life, u64 page)
{
    for (u64 other = 0; other < PAGES; other++) {
        u64 pte = pte_of(life, other);

        if (other != page && pte & PTE_W && !(pte & PTE_SHARED) &&
            frame_holders(frame_of(pte)) == 1)
            return true;
    }
    return false;
}

/* As by mprotect(): the page cannot be stored to, whatever it was. */
static void protect_page(struct life *life, u64 page)
{
    u64 pte = pte_of(life, page);

    if (!pte || life->page[page].why == BY_CALL || !has_another(life, page))
        return;
    if (!(pte & PTE_W) && !(pte & PTE_COW))
        return;
    say("protect", life, address(page));
    print("\n");
    /* What is copy-on-write stays so when it is given back; until then the
     * fault handler does not know the page. */
    if (pte & PTE_COW)
        return;
    set(life->space, address(page), pte & ~(u64)PTE_W);
    life->page[page].why = BY_CALL;
    fence();
    run(life);
}

static void unprotect_page(struct life *life, u64 page)
{
    u64 pte = pte_of(life, page);

    if (!pte || life->page[page].why != BY_CALL)
        return;
    say("unprotect", life, address(page));
    print("\n");
    if ((pte & PTE_SHARED) || frame_holders(frame_of(pte)) == 1) {
        set(life->space, address(page), pte | PTE_W);
        life->page[page].why = WRITABLE;
    } else {
        set(life->space, address(page), pte | PTE_COW);
        life->page[page] = (struct page){.why = BY_FORK, .unclear = true};
    }
    fence();
}

static void move_page(struct life *life, u64 page)
{
    u64 pte = pte_of(life, page);
    void *old = frame_of(pte), *new;

    if (!pte || (pte & PTE_SHARED))
        return;
    say("move", life, address(page));
    print("\n");
    new = frame_new();
    copy_frame(new, old);
    set(life->space, address(page), leaf(new, pte & 0x3ff));
    fence();
    frame_drop(old);
    life->page[page].unclear = true;
}

static void replace_page(struct life *life, u64 page)
{
    u64 pte = pte_of(life, page);

    if (!(pte & PTE_W) || (pte & PTE_SHARED))
        return;
    say("replace", life, address(page));
    print("\n");
    set(life->space, address(page), leaf(fresh_frame(), USER_RW));
    fence();
    frame_drop(frame_of(pte));
}

static bool can_merge(const struct life *life, u64 page)
{
    u64 pte = pte_of(life, page);

    return pte && has_another(life, page) && !(pte & PTE_SHARED) &&
           (pte & (PTE_W | PTE_COW)) && frame_holders(frame_of(pte)) == 1;
}

/* W that a fork took is no merge's doing. */
static void protect_merged(struct life *life, u64 page, void *frame)
{
    bool forked = life->page[page].why == BY_FORK;

    set(life->space, address(page), leaf(frame, USER_R | PTE_COW));
    life->page[page] =
        (struct page){.why = forked ? BY_FORK : BY_MERGE, .unclear = forked};
    fence();
}

/* Two spaces' pages at one address become equal, then one frame. */
static void merge_page(struct life *life, u64 page)
{
    struct life *other = any_life();
    void *kept, *given;

    if (other == life || !can_merge(life, page) || !can_merge(other, page))
        return;
    kept = frame_of(pte_of(life, page));
    given = frame_of(pte_of(other, page));
    copy_frame(given, kept);
    say("merge", other, address(page));
    print("\n");
    protect_merged(life, page, kept);
    protect_merged(other, page, given);
    protect_merged(other, page, kept);
    frame_hold(kept);
    frame_drop(given);
}

static void store_page(struct life *life, u64 page)
{
    u64 va = address(page) + 8 * draw(64);

    manner = "user";
    if (do_store(life->space, va, ++nonce))
        return;
    say("refused", life, va);
    print(pte_of(life, page) ? " r--\n" : " ---\n");
    run(life);
}

static void load_page(struct life *life, u64 page)
{
    u64 value;

    if (pte_of(life, page)) {
        loaded(life->space, address(page));
        return;
    }
    must(!do_load(life->space, address(page), &value), "nothing is there");
    say("unread", life, address(page));
    print(" ---\n");
    run(life);
}

static struct life *caller;

static u64 errand(u64 cause, u64 va, u64 pc)
{
    must(random_fault(caller->space, cause, va), "the kernel may store");
    return pc;
}

/* A system call that stores for the program. */
static void call_page(struct life *life, u64 page)
{
    u64 va = address(page) + 8 * draw(64);

    if (!(pte_of(life, page) & (PTE_W | PTE_COW)))
        return;
    run(life);
    caller = life;
    manner = draw(2) ? "sum" : "walk";
    if (manner[0] == 's') {
        csr_set(sstatus, 1 << 18);
        *(volatile u64 *)va = ++nonce;
        csr_clear(sstatus, 1 << 18);
        return;
    }
    if (!(pte_of(life, page) & PTE_W))
        must(random_fault(life->space, STORE_FAULT, va), "it may be stored to");
    *(volatile u64 *)((u64)frame_of(pte_of(life, page)) + va % PAGE) = ++nonce;
}

/* A system call that stores to a page which a fork shares, by no entry of the
 * program's: a mistake. The frame keeps that it was made. */
static void alias_page(struct life *life, u64 page)
{
    u64 pte = pte_of(life, page), frame = (u64)frame_of(pte);
    volatile u64 *made = (volatile u64 *)(frame + PAGE - 8);

    if (!(pte & PTE_COW) || frame_holders(frame_of(pte)) < 2)
        return;
    run(life);
    say("alias", life, address(page) + PAGE - 8);
    say_number("frame", frame >> 12);
    say_number("why", life->page[page].why);
    say_number("unclear", life->page[page].unclear);
    say_number("again", *made == frame);
    say_number("mixed", life->page[page].mixed);
    say_others(life, frame_of(pte));
    print("\n");
    *made = frame;
    run(life);
}

/* What a fork does to the pages. */
struct sharing {
    u64 shared, changed;
    u64 before; /* were copy-on-write, too, before */
    u64 open;   /* can still be stored to by both */
    u64 some;   /* one of those that it changes */
};

/* Notes of the pages that a fork takes W from whether it leaves it to others.
 */
static void mark_mixed(struct life *parent, struct life *child, bool mixed)
{
    for (u64 page = 0; page < PAGES; page++)
        if (pte_of(parent, page) & PTE_W)
            parent->page[page].mixed = child->page[page].mixed = mixed;
}

static struct sharing share_pages(struct life *parent, struct life *child)
{
    struct sharing sharing = {.shared = 1}; /* the text */
    bool eager = option("eager");

    for (u64 page = 0; page < PAGES; page++) {
        u64 pte = pte_of(parent, page);
        bool private = (pte & PTE_W) && (eager || !(pte & PTE_SHARED));

        child->page[page] = parent->page[page];
        if (pte && !(private && eager))
            sharing.shared++;
        if (pte & PTE_COW)
            sharing.before++;
        if (pte & PTE_W && !private)
            sharing.open++;
        if (!private)
            continue;
        if (!draw(++sharing.changed))
            sharing.some = page;
        if (!eager)
            parent->page[page].why = child->page[page].why = BY_FORK;
    }
    mark_mixed(parent, child, sharing.open != 0);
    return sharing;
}

/* The parent may store first, to a page that the fork changed: it is then
 * known that it forks, though the child is yet to be seen. */
static void fork_life(struct life *parent)
{
    struct life *child = free_life();
    bool eager = option("eager");
    struct sharing sharing;
    bool parent_first;

    if (!child)
        return;
    run(parent);
    sharing = share_pages(parent, child);
    parent_first = sharing.changed && !draw(3);
    say(eager ? "eager" : "fork", parent, 0);
    say_number("child", child->number);
    say_number("shared", sharing.shared);
    say_number("changed", sharing.changed);
    say_number("before", sharing.before);
    say_number("open", sharing.open);
    say_number("parent_first", parent_first);
    print("\n");
    child->space = eager ? fork_eagerly(parent->space) : fork(parent->space);
    if (parent_first)
        store_page(parent, sharing.some);
    run(child);
    run(parent);
}

static void end_life(struct life *life)
{
    struct life *other = any_life();

    if (other == life)
        return;
    say("exit", life, 0);
    print("\n");
    run(other);
    space_free(life->space);
    life->space = NULL;
}

static void edit(void)
{
    static void (*const edits[])(struct life * life, u64 page) = {
        map_page,       map_page,   unmap_page,   protect_page,
        unprotect_page, move_page,  replace_page, merge_page,
        store_page,     store_page, store_page,   store_page,
        load_page,      load_page,  call_page,    call_page,
    };
    u64 which = draw(sizeof(edits) / sizeof(edits[0]) + 4);
    struct life *life = any_life();

    if (option("alias") && draw(8) == 0)
        alias_page(life, draw(PAGES));
    else if (which < sizeof(edits) / sizeof(edits[0]))
        edits[which](life, draw(PAGES));
    else if (draw(6) == 0)
        spawn();
    else if (draw(2))
        fork_life(life);
    else
        end_life(life);
}

static void run_random(void)
{
    u64 edits = option_number("edits", 1000);

    state = 0x9e3779b97f4a7c15ull * (option_number("seed", 1) + 1);
    on_fault = random_fault;
    on_kernel_trap = errand;
    spawn();
    for (u64 i = 0; i < edits; i++)
        edit();
}

const struct scenario scenarios[] = {
    {"random", run_random},
    {NULL, NULL},
};
