/* The blackboard's rows and letters; see board.h. */
#include "view/board.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../guest/include/uapi/mark.h"
#include "view/leaves.h"

#define HIGH \
    (UINT64_C(1) << 37) /* what is above it, without a mark, is stack */

static uint64_t parent_of(const struct survey *s, uint64_t number)
{
    const struct process *p = survey_find((struct survey *)s, number);

    return p ? p->parent : 0;
}

/* The child that lives at a step, or was made last before it, or first behind
 * it. */
static uint64_t child_of(const struct survey *s, uint64_t number, uint64_t step)
{
    uint64_t child = 0;

    for (size_t i = 0; number && i < s->processes; i++) {
        const struct process *p = &s->process[i];

        if (p->parent == number && (p->from <= step || !child))
            child = p->number;
    }
    return child;
}

void board_pair(const struct survey *s, size_t moment,
                uint64_t pair[BOARD_SIDES])
{
    const struct moment *m = &s->moment[moment];
    uint64_t space = m->space;

    if (!space && s->processes)
        space = s->process[0].number;
    if (m->other && parent_of(s, m->other) == space) {
        pair[BOARD_LEFT] = space;
        pair[BOARD_RIGHT] = m->other;
    } else if (m->other && parent_of(s, space) == m->other) {
        pair[BOARD_LEFT] = m->other;
        pair[BOARD_RIGHT] = space;
    } else if (child_of(s, space, m->step)) {
        pair[BOARD_LEFT] = space;
        pair[BOARD_RIGHT] = child_of(s, space, m->step);
    } else {
        pair[BOARD_LEFT] = parent_of(s, space);
        pair[BOARD_RIGHT] = space;
    }
    if (!pair[BOARD_LEFT]) {
        pair[BOARD_LEFT] = pair[BOARD_RIGHT];
        pair[BOARD_RIGHT] = 0;
    }
}

/* ---- groups ---- */

/* What marks say of an address of one of the pair; 0: nothing. */
static unsigned marked(const struct survey *s, const struct board *b,
                       uint64_t va)
{
    for (size_t i = s->areas; i-- > 0;) {
        const struct record_area *area = &s->area[i];

        if (va < area->first || va >= area->end)
            continue;
        for (unsigned side = 0; side < BOARD_SIDES; side++) {
            const struct process *p =
                survey_find((struct survey *)s, b->process[side]);

            if (p && p->has_pid && p->pid == area->pid)
                return area->kind;
        }
    }
    return 0;
}

enum board_group board_group_of(const struct survey *s, const struct board *b,
                                uint64_t va, uint64_t pte)
{
    switch (marked(s, b, va)) {
    case MARK_AREA_TEXT:
    case MARK_AREA_RODATA: return GROUP_TEXT;
    case MARK_AREA_DATA: return GROUP_DATA;
    case MARK_AREA_HEAP:
    case MARK_AREA_MMAP: return GROUP_HEAP;
    case MARK_AREA_STACK: return GROUP_STACK;
    default: break;
    }
    if (pte & PTE_X)
        return GROUP_TEXT;
    return va >= HIGH ? GROUP_STACK : GROUP_DATA;
}

unsigned board_row_of(const struct survey *s, const struct board *b,
                      uint64_t va, uint64_t pte)
{
    enum board_group group;

    for (unsigned i = 0; i < b->rows; i++)
        if (b->row[i].is_single && b->row[i].va == va)
            return i;
    group = board_group_of(s, b, va, pte);
    for (unsigned i = 0; i < b->rows; i++)
        if (!b->row[i].is_single && b->row[i].group == group)
            return i;
    for (unsigned i = 0; i < b->rows; i++)
        if (!b->row[i].is_single && b->row[i].group == GROUP_DATA)
            return i;
    return BOARD_ROWS;
}

/* ---- variables ---- */

/* How many bytes the store at pc writes, by its mnemonic; 0: not known. */
static unsigned store_size(struct source *source, uint64_t satp, uint64_t pc)
{
    struct rvemu_disasm *disasm;
    struct rvemu_error ignored;
    char text[RVEMU_DISASM_TEXT], *at = text;
    uint32_t insn;

    if (!source_insn(source, satp, pc, &insn) ||
        rvemu_disasm_new(NULL, &disasm, &ignored) < 0)
        return 0;
    rvemu_disasm_text(disasm, insn, pc, text, sizeof(text));
    rvemu_disasm_free(disasm);
    if (!strncmp(at, "c.", 2))
        at += 2;
    if (*at == 'f')
        at++;
    if (!strncmp(at, "sc.w", 4) || (!strncmp(at, "amo", 3) && strstr(at, ".w")))
        return 4;
    if (!strncmp(at, "sc.d", 4) || !strncmp(at, "amo", 3))
        return 8;
    switch (at[0] == 's' ? at[1] : 0) {
    case 'b': return 1;
    case 'h': return 2;
    case 'w': return 4;
    case 'd': return 8;
    default: return 0;
    }
}

/* Whether a variable is an array of bytes. */
static bool is_bytes(const struct rvemu_names *n, uint64_t root, uint64_t va,
                     const char *label)
{
    char name[MOMENT_NAME], wanted[MOMENT_NAME + 8];

    snprintf(wanted, sizeof(wanted), "%s[1]", label);
    return n->name_data &&
           n->name_data(n->arg, root, va + 1, name, sizeof(name)) &&
           !strcmp(name, wanted);
}

/* Finds a variable on a page by its name. */
static void find_variable(struct board_row *row, struct source *source,
                          uint64_t root)
{
    const struct rvemu_names *n = source->names;
    char name[MOMENT_NAME];

    for (uint64_t va = row->va; n->name_data && va < row->va + LEAVES_PAGE;
         va += 4) {
        size_t length = strlen(row->label);

        if (!n->name_data(n->arg, root, va, name, sizeof(name)) ||
            strncmp(name, row->label, length) != 0 ||
            (name[length] && strcmp(name + length, "[0]") != 0))
            continue;
        row->var = va;
        row->is_text = name[length] && is_bytes(n, root, va, row->label);
        if (row->is_text) {
            row->size = 8;
            return;
        }
        row->size = n->name_data(n->arg, root, va + 4, name, sizeof(name)) &&
                            !strncmp(name, row->label, strlen(row->label))
                        ? 8
                        : 4;
        return;
    }
}

/* ---- rows ---- */

struct page {
    uint64_t va, pte;
    bool both; /* the other side maps the same frame there */
};

struct pages {
    struct page *page;
    size_t count, room;
    unsigned side;
    bool failed;
};

static void take_leaf(void *arg, uint64_t va, unsigned level, uint64_t pte)
{
    struct pages *pages = arg;
    struct page *grown;

    for (size_t i = 0; i < pages->count && pages->side; i++)
        if (pages->page[i].va == va) {
            pages->page[i].both = pte_ppn(pages->page[i].pte) == pte_ppn(pte);
            return;
        }
    grown = record_grow(pages->page, pages->count, &pages->room,
                        sizeof(*pages->page));
    if (!grown) {
        pages->failed = true;
        return;
    }
    pages->page = grown;
    pages->page[pages->count++] = (struct page){.va = va, .pte = pte};
}

static bool is_about(const struct board *b, const struct moment *m)
{
    return m->space && (m->space == b->process[BOARD_LEFT] ||
                        m->space == b->process[BOARD_RIGHT]);
}

static bool has_row(const struct board *b, uint64_t va)
{
    for (unsigned i = 0; i < b->rows; i++)
        if (b->row[i].va == va)
            return true;
    return false;
}

static void add_single(struct board *b, const struct moment *m)
{
    uint64_t va = m->va & ~(LEAVES_PAGE - 1);
    struct board_row *row = &b->row[b->rows];

    if (b->rows >= BOARD_SINGLES || has_row(b, va) ||
        (m->answer != ANSWER_COPY && m->answer != ANSWER_REUSE &&
         m->kind != MOMENT_FINDING) ||
        !m->va)
        return;
    *row = (struct board_row){.is_single = true, .va = va};
    if (m->name[0])
        snprintf(row->label, sizeof(row->label), "%.63s", m->name);
    else
        snprintf(row->label, sizeof(row->label), "0x%" PRIx64, m->va);
    if (m->is_exact || !m->name[0])
        row->var = m->va;
    b->rows++;
}

/* The pages of variables: that of the focus first, then those that the story
 * tells of by name, as they come, and where none has a name the others. */
static void add_singles(struct board *b, const struct survey *s)
{
    add_single(b, &s->moment[b->focus]);
    for (unsigned exact = 2; exact-- > 0;)
        for (size_t i = 0; i < s->moments; i++)
            if (is_about(b, &s->moment[i]) && s->moment[i].name[0] &&
                s->moment[i].is_exact == exact)
                add_single(b, &s->moment[i]);
    for (size_t i = 0; i < s->moments && !b->rows; i++)
        if (is_about(b, &s->moment[i]))
            add_single(b, &s->moment[i]);
}

static void add_groups(struct board *b, const struct survey *s,
                       const struct pages *pages)
{
    static const char *const label[GROUPS] = {"text", "data", "heap", "stack"};
    uint64_t lowest[GROUPS] = {0};
    bool is_there[GROUPS] = {false};

    for (size_t i = 0; i < pages->count; i++) {
        const struct page *page = &pages->page[i];
        enum board_group group = board_group_of(s, b, page->va, page->pte);

        if (has_row(b, page->va))
            continue;
        if (!is_there[group] || page->va < lowest[group])
            lowest[group] = page->va;
        is_there[group] = true;
    }
    if (is_there[GROUP_HEAP] && is_there[GROUP_DATA] &&
        b->rows + is_there[GROUP_TEXT] + is_there[GROUP_STACK] + 2 > BOARD_ROWS)
        is_there[GROUP_HEAP] = false;
    for (unsigned g = 0; g < GROUPS && b->rows < BOARD_ROWS; g++) {
        struct board_row *row = &b->row[b->rows];

        if (!is_there[g])
            continue;
        *row = (struct board_row){.group = g, .va = lowest[g]};
        snprintf(row->label, sizeof(row->label), "%s", label[g]);
        b->rows++;
    }
}

static int by_va(const void *one, const void *other)
{
    const struct board_row *a = one, *b = other;

    return a->va < b->va ? -1 : a->va > b->va;
}

/* The frame of a page that one of the two got a copy of first. */
static uint64_t copied_from(const struct survey *s, const struct board *b,
                            uint64_t va)
{
    for (size_t i = 0; i < s->moments; i++)
        if (s->moment[i].kind == MOMENT_COPY && is_about(b, &s->moment[i]) &&
            (s->moment[i].va & ~(LEAVES_PAGE - 1)) == va)
            return s->moment[i].old_frame;
    return 0;
}

/* The frames that both sides have, and where variables are. */
static void settle_rows(struct board *b, struct source *source, uint64_t satp,
                        const struct pages *pages)
{
    const struct survey *s = &source->survey;

    for (unsigned i = 0; i < b->rows; i++) {
        struct board_row *row = &b->row[i];

        if (!row->is_single)
            continue;
        for (size_t j = 0; j < pages->count; j++)
            if (pages->page[j].va == row->va && pages->page[j].both)
                row->home = pte_ppn(pages->page[j].pte);
        if (!row->home)
            row->home = copied_from(s, b, row->va);
        for (size_t j = 0; row->var && !row->size && j < s->moments; j++)
            if (s->moment[j].va == row->var && s->moment[j].pc)
                row->size = store_size(source, satp, s->moment[j].pc);
        if (!row->var)
            find_variable(row, source, rvemu_satp_root(satp));
    }
}

/* A and B are the frames of the focus; others follow as the story goes. */
static void give_letters(struct board *b, const struct survey *s)
{
    const struct moment *focus = &s->moment[b->focus];
    char ignored[8];
    uint64_t copy = 0;

    for (size_t i = 0; i < s->moments && !copy; i++)
        if (s->moment[i].answer == ANSWER_COPY &&
            s->moment[i].space == focus->space &&
            s->moment[i].va == focus->va && s->moment[i].frame)
            copy = s->moment[i].frame;
    if (focus->old_frame)
        board_letter(b, focus->old_frame, ignored);
    if (copy)
        board_letter(b, copy, ignored);
    for (unsigned i = 0; i < b->rows; i++)
        if (b->row[i].home)
            board_letter(b, b->row[i].home, ignored);
    for (size_t i = 0; i < s->moments; i++)
        if (is_about(b, &s->moment[i]) && s->moment[i].frame &&
            has_row(b, s->moment[i].va & ~(LEAVES_PAGE - 1)))
            board_letter(b, s->moment[i].frame, ignored);
}

/* The step at which the rows are looked for: the fork that made the right
 * side, or the focus. */
static uint64_t reference(const struct board *b, const struct source *source)
{
    const struct survey *s = &source->survey;
    const struct process *child =
        survey_find((struct survey *)s, b->process[BOARD_RIGHT]);
    const struct moment *focus = &s->moment[b->focus];

    if (child && child->parent == b->process[BOARD_LEFT])
        return source->replay && source_knows_from(child) > child->from
                   ? source_knows_from(child)
                   : child->from;
    return focus->step;
}

int board_make(struct board *b, struct source *source, size_t moment,
               const uint64_t pair[BOARD_SIDES], struct rvemu_error *error)
{
    const struct survey *s = &source->survey;
    struct pages pages = {0};
    uint64_t satp = 0, step;

    *b = (struct board){.focus = moment};
    memcpy(b->process, pair, sizeof(b->process));
    step = reference(b, source);
    if (source_goto(source, step, error) < 0)
        return -1;
    for (unsigned side = 0; side < BOARD_SIDES; side++) {
        const struct process *p =
            survey_find(&source->survey, b->process[side]);

        pages.side = side;
        if (!p || (side == BOARD_LEFT && p->until <= step))
            continue;
        source_leaves(source, survey_satp_at(p, step), take_leaf, &pages);
        satp = satp ? satp : survey_satp_at(p, step);
    }
    if (!pages.failed) {
        add_singles(b, s);
        add_groups(b, s, &pages);
        qsort(b->row, b->rows, sizeof(*b->row), by_va);
        settle_rows(b, source, satp, &pages);
        give_letters(b, s);
    }
    free(pages.page);
    return pages.failed ? rvemu_error_set(error, "no memory for the board") : 0;
}

void board_letter(struct board *b, uint64_t ppn, char out[8])
{
    unsigned i = 0;

    while (i < b->letters && b->letter[i] != ppn)
        i++;
    if (i == b->letters && i < BOARD_LETTERS)
        b->letter[b->letters++] = ppn;
    if (i < 26)
        snprintf(out, 8, "%c", 'A' + i);
    else
        snprintf(out, 8, "%c%u", 'A' + i % 26, i / 26);
}
