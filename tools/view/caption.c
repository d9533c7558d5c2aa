/*
 * The sentence over the picture; see caption.h. Parts of a fault have
 * sentences of their own; what the explainer tells of at once is told in its
 * words.
 */
#include "view/caption.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/leaves.h"

#define NAME 32

/* What sentences are made of. */
struct facts {
    const struct moment *m;
    char who[NAME], other[NAME]; /* other "": none is known */
    char what[MOMENT_NAME + 32]; /* the variable, or its page */
    char old[8], new[8];         /* letters of frames; "": none */
    char stored[64];             /* " 42"; "": not known */
};

/* The value that the store at pc is about to write. A trap has changed no
 * register yet. */
static bool find_stored(struct source *source, const struct moment *m,
                        const struct board_row *row, int64_t *value)
{
    static const char *const name[] = {
        "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
        "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
        "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    const struct process *p =
        survey_find((struct survey *)&source->survey, m->space);
    struct rvemu_disasm *disasm;
    struct rvemu_error ignored;
    char text[RVEMU_DISASM_TEXT], *reg;
    uint32_t insn;
    uint64_t stored;

    if (!p || !row->size || row->var != m->va ||
        !source_insn(source, survey_satp_at(p, m->step), m->pc, &insn) ||
        rvemu_disasm_new(NULL, &disasm, &ignored) < 0)
        return false;
    rvemu_disasm_text(disasm, insn, m->pc, text, sizeof(text));
    rvemu_disasm_free(disasm);
    reg = text + strcspn(text, " \t");
    reg += strspn(reg, " \t");
    reg[strcspn(reg, ", ")] = '\0';
    for (unsigned i = 0; i < 32; i++)
        if (!strcmp(reg, name[i]) && (text[0] == 's' || text[2] == 's') &&
            source_x(source, m->hart, i, &stored)) {
            unsigned unused = 64 - 8 * row->size;

            *value = (int64_t)(stored << unused) >> unused;
            return true;
        }
    return false;
}

static const struct board_row *row_of(const struct picture *p,
                                      const struct moment *m)
{
    for (unsigned i = 0; i < p->board.rows; i++)
        if (p->board.row[i].is_single &&
            p->board.row[i].va == (m->va & ~(LEAVES_PAGE - 1)))
            return &p->board.row[i];
    return NULL;
}

static void find_facts(struct facts *f, struct picture *p,
                       struct source *source)
{
    const struct moment *m = f->m;
    const struct board_row *row = row_of(p, m);
    int64_t value;

    picture_process(&source->survey, m->space, f->who, sizeof(f->who));
    if (m->other)
        picture_process(&source->survey, m->other, f->other, sizeof(f->other));
    if (m->name[0] && m->is_exact)
        snprintf(f->what, sizeof(f->what), "%s", m->name);
    else if (m->name[0])
        snprintf(f->what, sizeof(f->what), "the page of %s", m->name);
    else if (m->area[0])
        snprintf(f->what, sizeof(f->what), "a page of its %s", m->area);
    else
        snprintf(f->what, sizeof(f->what), "0x%" PRIx64, m->va);
    if (m->old_frame)
        board_letter(&p->board, m->old_frame, f->old);
    if (m->frame)
        board_letter(&p->board, m->frame, f->new);
    if (m->kind == MOMENT_FAULT && row && !m->is_kernel &&
        find_stored(source, m, row, &value)) {
        snprintf(f->stored, sizeof(f->stored), " %" PRId64, value);
        snprintf(p->stored, sizeof(p->stored), "%" PRId64, value);
    }
}

static void say_fault(struct picture *p, const struct facts *f)
{
    const struct moment *m = f->m;
    char *out = p->sentence, who[NAME + 2];
    int n;

    snprintf(who, sizeof(who), "%s%s", f->who, m->is_kernel ? "," : "");
    n = snprintf(out, PICTURE_TEXT, "%s%s %ss%s%s %s",
                 m->is_kernel ? "The kernel, for " : "", who,
                 m->access[0] ? m->access : "goe", f->stored,
                 strcmp(m->access, "load") ? " to" : "", f->what);

    if (m->answer == ANSWER_COPY && f->other[0])
        snprintf(out + n, PICTURE_TEXT - (size_t)n,
                 ". Shared with %s, read-only since the fork: page fault.",
                 f->other);
    else if (m->answer == ANSWER_MAP)
        snprintf(out + n, PICTURE_TEXT - (size_t)n,
                 ". The page table does not allow that: page fault.");
    else
        snprintf(out + n, PICTURE_TEXT - (size_t)n,
                 ". Still read-only since the fork: page fault.");
}

static void say_copy(struct picture *p, const struct facts *f)
{
    if (f->other[0])
        snprintf(p->sentence, PICTURE_TEXT,
                 "The kernel copies frame %s to frame %s for %s, which may "
                 "write now. %s keeps %s.",
                 f->old, f->new, f->who, f->other, f->old);
    else
        snprintf(p->sentence, PICTURE_TEXT,
                 "The kernel copies frame %s to frame %s for %s, which may "
                 "write now.",
                 f->old, f->new, f->who);
}

static void say_reuse(struct picture *p, const struct facts *f)
{
    snprintf(p->sentence, PICTURE_TEXT,
             "Nobody else uses frame %s any more: %s may write again, and "
             "nothing is copied.",
             f->new, f->who);
}

static void say_map(struct picture *p, const struct facts *f)
{
    snprintf(p->sentence, PICTURE_TEXT,
             "The kernel maps frame %s there: %s goes on.", f->new, f->who);
}

static void say_fence(struct picture *p, const struct facts *f)
{
    if (f->m->entries)
        snprintf(p->sentence, PICTURE_TEXT,
                 "The fence empties the TLB of what it knew of %s.", f->what);
    else
        snprintf(p->sentence, PICTURE_TEXT,
                 "The fence finds nothing of %s in the TLB.", f->what);
}

/* What a side sees of a row's variable now; false: nothing is known of it. */
static bool see(const struct picture *p, const struct board_row *row,
                unsigned side, char out[32])
{
    const struct snap_row *now = &p->now.row[row - p->board.row];
    const struct snap_frame *frame = &now->frame[now->leads[side]];

    if (!p->now.lives[side] || !now->page[side].is_mapped || !frame->has_value)
        return false;
    snap_value(row, frame->value, out);
    return true;
}

/* An access that has gone through, and what each side sees of the variable. */
static void say_store(struct picture *p, const struct facts *f,
                      const struct survey *s)
{
    const struct board_row *row = row_of(p, f->m);
    char *out = p->sentence, who[NAME], value[32];
    bool left = f->m->space == p->board.process[BOARD_LEFT];
    int n =
        f->m->kind == MOMENT_WRITE
            ? snprintf(out, PICTURE_TEXT, "%s stores to %s", f->who, f->what)
            : snprintf(out, PICTURE_TEXT, "The %s runs again and goes through",
                       f->m->access[0] ? f->m->access : "access");

    for (unsigned i = 0; i < BOARD_SIDES && row && f->m->is_exact; i++) {
        unsigned side = (i == 0) == left ? BOARD_LEFT : BOARD_RIGHT;

        if (!see(p, row, side, value))
            continue;
        picture_process(s, p->board.process[side], who, sizeof(who));
        n += snprintf(out + n, PICTURE_TEXT - (size_t)n, "%s%s sees %s",
                      i ? ", " : ": ", who, value);
    }
    snprintf(out + n, PICTURE_TEXT - (size_t)n, ".");
}

static void say_own_words(struct picture *p, const struct facts *f)
{
    snprintf(p->sentence, PICTURE_TEXT, "%s", f->m->text ? f->m->text : "");
}

/* A fork that is copy-on-write, all of it, has a sentence of its own. */
static void say_fork(struct picture *p, const struct facts *f)
{
    const struct moment *m = f->m;

    if (!f->other[0] || !m->shared || !m->lost || m->own) {
        say_own_words(p, f);
        return;
    }
    snprintf(p->sentence, PICTURE_TEXT,
             "%s forks %s. Nothing is copied: both use the same %" PRIu64
             " frames; %" PRIu64 " writable %s W on both sides.",
             f->other, f->who, m->shared, m->lost,
             m->lost == 1 ? "page loses" : "pages lose");
}

/* Between moments: where the hart is. */
static void say_between(struct picture *p, const struct facts *f)
{
    const struct moment *m = f->m;
    const struct source_hart *hart =
        &p->now.hart[m->hart < p->now.harts ? m->hart : 0];

    snprintf(p->sentence, PICTURE_TEXT, "%s after: %s", moment_word(m->kind),
             hart->waits       ? "the hart waits."
             : hart->priv == 0 ? "the program runs."
             : hart->priv == 1 ? "the kernel runs."
                               : "the firmware runs.");
    p->sentence[0] = (char)(p->sentence[0] - 'a' + 'A');
}

void caption_write(struct picture *p, struct source *source)
{
    const struct survey *s = &source->survey;
    struct facts f = {.m = &s->moment[p->moment]};

    p->stored[0] = '\0';
    find_facts(&f, p, source);
    if (!p->at_moment) {
        say_between(p, &f);
        return;
    }
    switch (f.m->kind) {
    case MOMENT_FAULT: say_fault(p, &f); break;
    case MOMENT_COPY:
        if (f.old[0] && f.m->answer == ANSWER_COPY)
            say_copy(p, &f);
        else
            say_own_words(p, &f);
        break;
    case MOMENT_REUSE: say_reuse(p, &f); break;
    case MOMENT_MAP: say_map(p, &f); break;
    case MOMENT_FENCE: say_fence(p, &f); break;
    case MOMENT_STORE:
    case MOMENT_WRITE: say_store(p, &f, s); break;
    case MOMENT_FORK: say_fork(p, &f); break;
    case MOMENT_START:
        snprintf(p->sentence, PICTURE_TEXT, "%s begins.",
                 f.m->space ? f.who : "The run");
        break;
    case MOMENT_END: snprintf(p->sentence, PICTURE_TEXT, "%s", s->ended); break;
    default: say_own_words(p, &f); break;
    }
}
