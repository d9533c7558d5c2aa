/*
 * The report of the end of a run; see mortem.h.
 *
 * Either one trap is what went wrong: then it, where it came from and what the
 * page table says of its address are told. Or none is: then where each hart is.
 *
 * Of the traps that a hart has not returned from, the first mistake of the
 * kernel's own counts, and else that of a program. When a limit ended the run
 * it must have been open for a while, since a handler that was just at work
 * would have returned. When --fail-on did, it must be older than the line that
 * was printed. Without a record the CSRs tell of the last trap: xPP, which a
 * return clears, whether the kernel itself was interrupted, and the U bit of
 * the page at xepc whether a program was.
 */
#include "cli/mortem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/mortem_priv.h"
#include "cli/polling.h"

#define CSR_SEPC 0x141
#define CSR_SCAUSE 0x142
#define CSR_STVAL 0x143
#define CSR_MSTATUS 0x300
#define CSR_MEPC 0x341
#define CSR_MCAUSE 0x342
#define CSR_MTVAL 0x343
#define PTE_U 0x10
#define FRAMES_SAID 8
#define LATE_KERNEL 100000   /* ns that a trap of the kernel may be open */
#define LATE_PROGRAM 1000000 /* and one of a program */

/* The one trap that the report is of. */
struct culprit {
    unsigned hart;
    struct recent_traps traps;
    unsigned at; /* in traps */
};

static uint64_t read_csr(const struct scene *scene, unsigned hart,
                         unsigned number)
{
    uint64_t value = 0;

    rvemu_csr(scene->machine, hart, number, &value);
    return value;
}

/* ---- which trap it was ---- */

static uint64_t satp_of(const struct scene *scene, unsigned hart, unsigned priv)
{
    return priv == PRIV_M ? 0 : read_csr(scene, hart, CSR_SATP);
}

/* U or S: S-mode executes no page with U=1, and U-mode no other. */
static unsigned priv_by_page(const struct scene *scene, unsigned hart,
                             uint64_t pc)
{
    struct rvemu_walk walk;

    rvemu_walk(scene->machine, read_csr(scene, hart, CSR_SATP), pc, &walk);
    if (walk.is_mapped && walk.entry[walk.count - 1].pte & PTE_U)
        return PRIV_U;
    return PRIV_S;
}

static void add_trap(const struct scene *scene, struct culprit *c,
                     unsigned priv, const struct rvemu_trap *trap)
{
    c->traps.trap[c->traps.count++] = (struct recent_trap){
        .pc = trap->pc,
        .cause = trap->cause,
        .tval = trap->tval,
        .priv = priv,
        .satp = satp_of(scene, c->hart, priv),
    };
}

/* What the hart's CSRs tell of the last trap that it is in, if it is in one. */
static void read_last_trap(const struct scene *scene, struct culprit *c)
{
    uint64_t mstatus = read_csr(scene, c->hart, CSR_MSTATUS);
    unsigned mode = rvemu_priv(scene->machine, c->hart);
    bool in_m = mode == PRIV_M;
    unsigned previous = in_m ? mstatus >> 11 & 3 : mstatus >> 8 & 1;
    const struct rvemu_trap last = {
        read_csr(scene, c->hart, in_m ? CSR_MCAUSE : CSR_SCAUSE),
        read_csr(scene, c->hart, in_m ? CSR_MTVAL : CSR_STVAL),
        read_csr(scene, c->hart, in_m ? CSR_MEPC : CSR_SEPC),
    };

    if (mode == PRIV_U || (!last.cause && !last.pc))
        return;
    if (previous == PRIV_U && priv_by_page(scene, c->hart, last.pc) != PRIV_U)
        return;
    add_trap(scene, c, previous, &last);
}

/* What the machine itself keeps of a hart that only traps. */
static void read_loop(const struct scene *scene, struct culprit *c)
{
    unsigned priv = rvemu_priv(scene->machine, c->hart);
    struct rvemu_trap last, first;

    if (!rvemu_is_looping(scene->machine, c->hart, &last, &first))
        return;
    if (first.pc != last.pc)
        add_trap(scene, c,
                 priv == PRIV_M ? PRIV_M
                                : priv_by_page(scene, c->hart, first.pc),
                 &first);
    add_trap(scene, c, priv, &last);
    c->traps.trap[c->traps.count - 1].repeats = 1;
}

static void read_traps(const struct scene *scene, struct culprit *c)
{
    c->traps = (struct recent_traps){0};
    if (scene->recent)
        c->traps = *recent_traps(scene->recent, c->hart);
    if (!scene->recent)
        read_loop(scene, c);
    if (!scene->recent && !c->traps.count)
        read_last_trap(scene, c);
}

/* Whether a handler has made the same mistake as that which it handles, and so
 * on. */
static bool is_piling_up(const struct recent_traps *traps)
{
    unsigned mistakes = 0;

    for (unsigned i = 0; i < traps->count; i++)
        mistakes += mortem_is_mistake(&traps->trap[i]);
    return mistakes > 2;
}

/* Whether an open trap is old enough to be what went wrong. */
static bool counts(const struct scene *scene, const struct mortem_case *what,
                   const struct recent_traps *traps,
                   const struct recent_trap *trap)
{
    uint64_t age = rvemu_time(scene->machine) - trap->time;

    if (!mortem_is_mistake(trap))
        return false;
    if (what->end == MORTEM_FAIL_ON)
        return trap->time <= what->printed_time;
    return what->end != MORTEM_LIMIT || trap->repeats || is_piling_up(traps) ||
           age >= (trap->priv == PRIV_U ? LATE_PROGRAM : LATE_KERNEL);
}

/* The first of the kernel's mistakes, or else one of a program. */
static bool find_mistake(const struct scene *scene,
                         const struct mortem_case *what, struct culprit *c)
{
    bool found = false;

    read_traps(scene, c);
    for (unsigned i = 0; i < c->traps.count; i++) {
        if (!counts(scene, what, &c->traps, &c->traps.trap[i]))
            continue;
        c->at = i;
        found = true;
        if (c->traps.trap[i].priv != PRIV_U)
            break;
    }
    return found;
}

/* Which hart's: that which printed, or is lost; or any. */
static bool find_culprit(const struct scene *scene,
                         const struct mortem_case *what, struct culprit *c)
{
    struct rvemu_trap last, first;

    c->hart = what->printed_by;
    if (what->end == MORTEM_FAIL_ON)
        return find_mistake(scene, what, c);
    for (c->hart = 0; c->hart < rvemu_harts(scene->machine); c->hart++)
        if (rvemu_is_looping(scene->machine, c->hart, &last, &first) &&
            find_mistake(scene, what, c))
            return true;
    for (c->hart = 0; c->hart < rvemu_harts(scene->machine); c->hart++)
        if (find_mistake(scene, what, c))
            return true;
    c->hart = 0;
    read_traps(scene, c);
    return false;
}

/* ---- how it is told ---- */

/* Around the trap: what it happened in, and what it led to. */
static void say_chain(struct mortem *r, const struct scene *scene,
                      const struct culprit *c)
{
    const struct recent_trap *trap = c->traps.trap;
    const struct recent_trap *last = &trap[c->traps.count - 1];
    uint64_t more = (uint64_t)(last - trap) - c->at + c->traps.dropped;
    char where[MORTEM_WHERE], number[MORTEM_NUMBER];

    if (c->at) {
        mortem_where(scene, &trap[0], where);
        mortem_say(r, "  it was busy with: %s from %s-mode,%s",
                   rvemu_cause_name(trap[0].cause),
                   rvemu_priv_name(trap[0].priv), where);
    }
    if (!more)
        return;
    mortem_where(scene, last, where);
    mortem_say(
        r, "  that led to %s more trap%s, the last: %s at 0x%" PRIx64 "%s, %s",
        mortem_number(more, number), more > 1 ? "s" : "",
        rvemu_cause_name(last->cause), last->tval, where,
        last->repeats ? "over and over" : "not answered");
}

/* How many frames from this one on are at the same place. */
static unsigned run_of(const struct backtrace *t, unsigned at)
{
    unsigned count = 1;

    while (at + count < t->count &&
           t->frame[at + count].pc == t->frame[at].pc &&
           t->frame[at + count].root == t->frame[at].root &&
           !t->frame[at + count].trap == !t->frame[at].trap)
        count++;
    return count;
}

static void say_frame(struct mortem *r, const struct scene *scene,
                      const struct backtrace *t, unsigned at)
{
    const struct backtrace_frame *frame = &t->frame[at];
    unsigned run = run_of(t, at);
    char place[PLACE_MAX], times[32] = "";

    place_text(scene, frame->root, frame->pc, place);
    if (run > 1)
        snprintf(times, sizeof(times), ", %u times", run);
    mortem_say(r, "  #%u 0x%" PRIx64 " %s%s%s%s%s%s", at, frame->pc,
               strncmp(place, "0x", 2) ? place : "?",
               frame->root ? " (U-mode)" : "",
               frame->trap ? ": trapped here, " : "",
               frame->trap ? rvemu_cause_name(frame->trap->cause) : "", times,
               frame->is_guess ? ", not certain: no frame pointer" : "");
}

/* The run, of those that begin at start, in which the first trap of the kernel
 * happened; what it called since is of less interest. */
static unsigned first_trap(const struct backtrace *t, const unsigned *start,
                           unsigned runs)
{
    unsigned found = 0;

    for (unsigned i = 0; i < runs; i++)
        if (t->frame[start[i]].trap && !t->frame[start[i]].root)
            found = i;
    return found;
}

static void say_hidden(struct mortem *r, uint64_t frames)
{
    char number[MORTEM_NUMBER];

    mortem_say(r, "  … %s more", mortem_number(frames, number));
}

/* The frames in at most so many lines, those at one place in one. Those that go
 * where they have to are what the first trap has called since, but for the
 * latest, and what is in front of the last. After an overflow the stack does
 * not tell them. */
static void say_frames(struct mortem *r, const struct scene *scene,
                       const struct backtrace *t, unsigned lines, bool overflow)
{
    unsigned start[BACKTRACE_MAX], runs = 0, at = 0, trap;

    for (unsigned i = 0; i < t->count; i += run_of(t, i))
        start[runs++] = i;
    if (lines > FRAMES_SAID)
        lines = FRAMES_SAID;
    trap = first_trap(t, start, runs);
    if (runs > lines && trap > 1 && lines > 4) {
        say_frame(r, scene, t, 0);
        say_hidden(r, start[trap] - start[1]);
        at = trap;
        lines -= 2;
    }
    for (; at < runs && lines; at++, lines--) {
        if (lines != 2 || runs - at <= 2) {
            say_frame(r, scene, t, start[at]);
            continue;
        }
        say_hidden(r, start[runs - 1] - start[at] + t->more);
        at = runs - 2;
    }
    if (runs < 3 && lines && overflow)
        mortem_say(r, "  the stack, where the others would be, is destroyed");
    else if (t->is_cut && runs < 3 && lines)
        mortem_say(r, "  no frame pointer leads on: compile with "
                      "-fno-omit-frame-pointer to see more");
}

static void fill_place(struct mortem_place *place, const struct scene *scene,
                       unsigned hart, unsigned priv, uint64_t satp, uint64_t pc)
{
    const struct rvemu_names *names = scene->names;
    uint64_t root = place_root(priv, satp);
    char *colon;

    place->hart = hart;
    place->pc = pc;
    names->name_function(names->arg, root, pc, place->function, PLACE_MAX);
    names->name_line(names->arg, root, pc, place->file, PLACE_MAX);
    colon = strrchr(place->file, ':');
    if (colon && sscanf(colon + 1, "%u", &place->line) == 1)
        *colon = '\0';
}

void mortem_find_hart(struct mortem_place *place, const struct scene *scene,
                      unsigned hart)
{
    unsigned priv = rvemu_priv(scene->machine, hart);

    *place = (struct mortem_place){0};
    fill_place(place, scene, hart, priv, satp_of(scene, hart, priv),
               rvemu_pc(scene->machine, hart));
}

/* The code of a hart. */
struct code {
    const struct scene *scene;
    uint64_t satp;
};

static unsigned read_insn(void *arg, uint64_t pc, uint32_t *insn)
{
    const struct code *code = arg;

    return scene_insn(code->scene, code->satp, pc, insn);
}

/* How long the hart has been in its function, by the looks; 0: not known. */
static uint64_t time_there(const struct scene *scene, unsigned hart,
                           unsigned *looks)
{
    uint64_t pc = rvemu_pc(scene->machine, hart), since = 0;

    *looks = 0;
    while (scene->recent && *looks < recent_looks(scene->recent)) {
        uint64_t time, was;

        recent_looked(scene->recent, hart, *looks, &time, &was);
        if (!place_is_shared(scene, was, pc))
            break;
        since = time;
        ++*looks;
    }
    return *looks > 1 ? rvemu_time(scene->machine) - since : 0;
}

static void say_stay(const struct scene *scene, unsigned hart, char *out,
                     size_t size)
{
    char number[MORTEM_NUMBER];
    unsigned looks;
    uint64_t time = rvemu_priv(scene->machine, hart) == PRIV_U
                        ? 0
                        : time_there(scene, hart, &looks);

    out[0] = '\0';
    if (time)
        snprintf(out, size, ", as at each of %u looks in the last %s ns", looks,
                 mortem_number(time, number));
}

static bool is_closed(const struct scene *scene, unsigned hart)
{
    unsigned priv = rvemu_priv(scene->machine, hart);
    uint64_t mstatus = read_csr(scene, hart, CSR_MSTATUS);

    return priv == PRIV_M   ? !(mstatus >> 3 & 1)
           : priv == PRIV_S ? !(mstatus >> 1 & 1)
                            : false;
}

/* What the hart's loop reads, if it is in one. */
static void say_polling(struct mortem *r, const struct scene *scene,
                        unsigned hart)
{
    const struct rvemu_names *names = scene->names;
    unsigned priv = rvemu_priv(scene->machine, hart);
    uint64_t satp = satp_of(scene, hart, priv), x[32], va;
    struct code code = {scene, satp};
    char data[PLACE_MAX];

    for (unsigned i = 0; i < 32; i++)
        x[i] = rvemu_x(scene->machine, hart, i);
    if (rvemu_waits(scene->machine, hart) ||
        !polling_find(read_insn, &code, rvemu_pc(scene->machine, hart), x, &va))
        return;
    if (!names->name_data(names->arg, place_root(priv, satp), va, data,
                          sizeof(data)))
        snprintf(data, sizeof(data), "0x%" PRIx64, va);
    mortem_say(r, "  in a loop that reads %s over and over", data);
}

/* Where a hart is, in a line. */
static void say_hart(struct mortem *r, const struct scene *scene, unsigned hart)
{
    rvemu *m = scene->machine;
    unsigned priv = rvemu_priv(m, hart);
    uint64_t satp = satp_of(scene, hart, priv), pc = rvemu_pc(m, hart);
    char place[PLACE_MAX], stay[96];

    place_text(scene, place_root(priv, satp), pc, place);
    say_stay(scene, hart, stay, sizeof(stay));
    mortem_say(r, "hart %u %s %s %s, %s-mode%s%s", hart,
               rvemu_waits(m, hart) ? "waits (wfi)" : "is",
               strncmp(place, "0x", 2) ? "in" : "at", place,
               rvemu_priv_name(priv),
               is_closed(scene, hart) ? ", interrupts off" : "", stay);
}

/* Where each hart is, and who called: as many frames as there is room for. */
static void say_harts(struct mortem *r, const struct scene *scene,
                      unsigned first)
{
    unsigned harts = rvemu_harts(scene->machine);
    unsigned room = (MORTEM_LINES - 1 - r->lines) / harts;

    for (unsigned i = 0; i < harts; i++) {
        struct culprit c = {.hart = (first + i) % harts};
        struct backtrace trace;

        say_hart(r, scene, c.hart);
        if (room < 3)
            continue;
        say_polling(r, scene, c.hart);
        read_traps(scene, &c);
        backtrace_take(&trace, scene, c.hart, &c.traps);
        if (trace.count > 1)
            say_frames(r, scene, &trace, room - 2, false);
    }
    mortem_find_hart(&r->place, scene, first);
}

/* What to type to learn more. */
static void say_next(struct mortem *r, const struct scene *scene,
                     const struct mortem_case *what)
{
    if (!scene->recent)
        mortem_say(r,
                   "To see more: run again with --timeout 60, which remembers "
                   "the traps and page-table changes that led here");
    else if (!what->explained)
        mortem_say(r, "To see more: run again with --explain, or with "
                      "-d trap,page_fault,pte_write -D FILE");
    else
        mortem_say(r,
                   "To see more: run again with -d trap,page_fault,pte_write "
                   "-D FILE");
}

static void say_culprit(struct mortem *r, const struct scene *scene,
                        const struct mortem_case *what, const struct culprit *c)
{
    const struct recent_trap *trap = &c->traps.trap[c->at];
    unsigned harts = rvemu_harts(scene->machine), room;
    const struct backtrace_frame *caller;
    struct mortem entry = {.lines = 0};
    struct backtrace trace;
    bool overflow;

    backtrace_take(&trace, scene, c->hart, &c->traps);
    caller = mortem_caller(scene, &trace, trap);
    overflow = mortem_say_overflow(r, scene, c->hart, &c->traps, c->at);
    mortem_say_trap(r, scene, what, c->hart, trap, caller);
    mortem_say_filled(r, trap);
    say_chain(r, scene, c);
    mortem_say_entry(&entry, scene, c->hart, trap);
    room = MORTEM_LINES - 1 - r->lines - entry.lines;
    mortem_say(r, "the calls on hart %u, the latest first", c->hart);
    say_frames(r, scene, &trace, room - 1, overflow);
    for (unsigned i = 0; i < entry.lines; i++)
        mortem_say(r, "%s", entry.line[i]);
    for (unsigned i = 0; i < harts && r->lines < MORTEM_LINES - 1; i++)
        if (i != c->hart)
            say_hart(r, scene, i);
    fill_place(&r->place, scene, c->hart, trap->priv, trap->satp,
               caller ? caller->pc : trap->pc);
    snprintf(r->place.cause, sizeof(r->place.cause), "%s",
             rvemu_cause_name(trap->cause));
    r->place.address = trap->tval;
}

/* What was found before all this comes first; what follows from it may have
 * been an everyday fault. */
static void say_finding(struct mortem *r, const char *finding)
{
    size_t most = MORTEM_WIDTH - sizeof("found first: …");
    bool cut = strlen(finding) > most;

    if (!*finding)
        return;
    if (cut)
        while ((finding[most] & 0xc0) == 0x80)
            most--; /* within a character */
    mortem_say(r, "found first: %.*s%s", (int)most, finding, cut ? "…" : "");
}

void mortem_write(struct mortem *r, const struct scene *scene,
                  const struct mortem_case *what)
{
    struct culprit c;

    *r = (struct mortem){.lines = 0};
    say_finding(r, what->finding);
    if (find_culprit(scene, what, &c))
        say_culprit(r, scene, what, &c);
    else
        say_harts(r, scene, c.hart);
    say_next(r, scene, what);
}
