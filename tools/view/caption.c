/*
 * The sentence over the picture; see caption.h. Parts of a fault have
 * sentences of their own; what the explainer tells of at once is told in its
 * words.
 */
#include "view/caption.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/leaves.h"
#include "view/words.h"

#define NAME 32

/* What sentences are made of. */
struct facts {
    const struct moment *m;
    char who[NAME], other[NAME]; /* other "": none is known */
    char what[MOMENT_NAME + 32]; /* the variable, or its page */
    char old[8], new[8];         /* letters of frames; "": none */
    char stored[64];             /* "42"; "": not known */
    enum rvemu_lang lang;
};

/* Writes a sentence of what is known. `more` may be NULL, and is known, too. */
static void say(const struct facts *f, char *out, size_t size, enum words row,
                const struct words_fact *more)
{
    char shared[24], lost[24];
    const struct words_fact facts[] = {
        {"who", f->who},
        {"other", f->other},
        {"what", f->what},
        {"old", f->old},
        {"new", f->new},
        {"stored", f->stored},
        {"shared", shared},
        {"lost", lost},
        {"name", f->m->name},
        {"area", f->m->area},
        {more ? more->name : NULL, more ? more->text : NULL},
        {NULL, NULL},
    };

    snprintf(shared, sizeof(shared), "%" PRIu64, f->m->shared);
    snprintf(lost, sizeof(lost), "%" PRIu64, f->m->lost);
    words_write(out, size, f->lang, row, facts);
}

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
        say(f, f->what, sizeof(f->what), WORDS_PAGE_OF, NULL);
    else if (m->area[0])
        say(f, f->what, sizeof(f->what), WORDS_AREA, NULL);
    else
        snprintf(f->what, sizeof(f->what), "0x%" PRIx64, m->va);
    if (m->old_frame)
        board_letter(&p->board, m->old_frame, f->old);
    if (m->frame)
        board_letter(&p->board, m->frame, f->new);
    if (m->kind == MOMENT_FAULT && row && !m->is_kernel &&
        find_stored(source, m, row, &value)) {
        snprintf(f->stored, sizeof(f->stored), "%" PRId64, value);
        snprintf(p->stored, sizeof(p->stored), "%" PRId64, value);
    }
}

static void say_fault(struct picture *p, struct facts *f)
{
    const struct moment *m = f->m;
    char who[NAME], act[PICTURE_TEXT];

    if (m->is_kernel) {
        say(f, act, sizeof(act), WORDS_KERNEL, NULL);
        memcpy(who, f->who, sizeof(who));
        snprintf(f->who, sizeof(f->who), "%.*s", (int)sizeof(f->who) - 1, act);
    }
    say(f, act, sizeof(act),
        !strcmp(m->access, "load")   ? WORDS_LOADS
        : strcmp(m->access, "store") ? WORDS_GOES
        : f->stored[0]               ? WORDS_STORES_VALUE
                                     : WORDS_STORES,
        NULL);
    if (m->is_kernel)
        memcpy(f->who, who, sizeof(who));
    say(f, p->sentence, PICTURE_TEXT,
        m->answer == ANSWER_COPY && f->other[0] ? WORDS_FAULT_SHARED
        : m->answer == ANSWER_MAP               ? WORDS_FAULT_MAP
                                                : WORDS_FAULT_STILL,
        &(struct words_fact){"act", act});
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
    char seen[PICTURE_TEXT] = "", who[NAME], value[32];
    bool left = f->m->space == p->board.process[BOARD_LEFT];
    size_t n = 0;

    for (unsigned i = 0; i < BOARD_SIDES && row && f->m->is_exact; i++) {
        unsigned side = (i == 0) == left ? BOARD_LEFT : BOARD_RIGHT;
        const struct words_fact facts[] = {
            {"who", who}, {"value", value}, {NULL, NULL}};

        if (!see(p, row, side, value))
            continue;
        picture_process(s, p->board.process[side], who, sizeof(who));
        words_write(seen + n, sizeof(seen) - n, f->lang,
                    i ? WORDS_SEES_TOO : WORDS_SEES, facts);
        n += strlen(seen + n);
    }
    say(f, p->sentence, PICTURE_TEXT,
        f->m->kind == MOMENT_WRITE       ? WORDS_WRITE
        : !strcmp(f->m->access, "store") ? WORDS_STORE
        : !strcmp(f->m->access, "load")  ? WORDS_LOAD
                                         : WORDS_AGAIN,
        &(struct words_fact){"sees", seen});
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
    say(f, p->sentence, PICTURE_TEXT,
        m->lost == 1 ? WORDS_FORK_ONE : WORDS_FORK, NULL);
}

/* Between moments: where the hart is. */
static void say_between(struct picture *p, const struct facts *f)
{
    const struct moment *m = f->m;
    const struct source_hart *hart =
        &p->now.hart[m->hart < p->now.harts ? m->hart : 0];
    char word[32];

    snprintf(word, sizeof(word), "%s", moment_word(m->kind));
    word[0] = (char)toupper((unsigned char)word[0]);
    say(f, p->sentence, PICTURE_TEXT,
        hart->waits       ? WORDS_WAITS
        : hart->priv == 0 ? WORDS_PROGRAM
        : hart->priv == 1 ? WORDS_KERNEL_RUNS
                          : WORDS_FIRMWARE,
        &(struct words_fact){"event", word});
}

void caption_write(struct picture *p, struct source *source)
{
    const struct survey *s = &source->survey;
    struct facts f = {.m = &s->moment[p->moment],
                      .lang = source->options.explained.lang};

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
            say(&f, p->sentence, PICTURE_TEXT,
                f.other[0] ? WORDS_COPY : WORDS_COPY_ALONE, NULL);
        else
            say_own_words(p, &f);
        break;
    case MOMENT_REUSE:
        say(&f, p->sentence, PICTURE_TEXT, WORDS_REUSE, NULL);
        break;
    case MOMENT_MAP: say(&f, p->sentence, PICTURE_TEXT, WORDS_MAP, NULL); break;
    case MOMENT_FENCE:
        say(&f, p->sentence, PICTURE_TEXT,
            f.m->entries ? WORDS_FENCE : WORDS_FENCE_NOTHING, NULL);
        break;
    case MOMENT_STORE:
    case MOMENT_WRITE: say_store(p, &f, s); break;
    case MOMENT_FORK: say_fork(p, &f); break;
    case MOMENT_START:
        say(&f, p->sentence, PICTURE_TEXT,
            f.m->space ? WORDS_BEGINS : WORDS_RUN_BEGINS, NULL);
        break;
    case MOMENT_END: snprintf(p->sentence, PICTURE_TEXT, "%s", s->ended); break;
    default: say_own_words(p, &f); break;
    }
}
