/* Reading the machine; see snap.h. */
#include "view/snap.h"

#include <inttypes.h>
#include <stdio.h>

#include "view/leaves.h"

#define FRAMES (BOARD_ROWS * PLACES)
#define CROWD 64 /* so many processes are looked at for users of a frame */

static bool lives_at(const struct process *p, uint64_t step)
{
    return p && p->from <= step && step < p->until;
}

/* A process's satp with its ASID; 0: it does not live. */
static uint64_t satp_of(const struct source *source, uint64_t number,
                        uint64_t step)
{
    const struct process *p =
        survey_find((struct survey *)&source->survey, number);

    if (!lives_at(p, step) || (source->replay && source_knows_from(p) > step))
        return 0;
    return survey_satp_at(p, step);
}

/* ---- pages ---- */

struct collector {
    struct snap *snap;
    const struct board *board;
    const struct survey *survey;
    unsigned side;
};

static void take_page(void *arg, uint64_t va, unsigned level, uint64_t pte)
{
    struct collector *c = arg;
    unsigned row = board_row_of(c->survey, c->board, va, pte);
    struct snap_page *page;

    if (row == BOARD_ROWS)
        return;
    page = &c->snap->row[row].page[c->side];
    page->is_mapped = true;
    page->pte = pte;
    page->level = level;
    page->pages++;
    page->writable += (pte & PTE_W) != 0;
}

/* ---- frames ---- */

/* A frame of a single page: where it stands by whom it is mapped. */
static void place_frames(struct snap_row *row, const struct board_row *of)
{
    static const enum snap_place own[] = {PLACE_LEFT, PLACE_RIGHT};
    struct snap_page *page = row->page;
    bool same = page[0].is_mapped && page[1].is_mapped &&
                pte_ppn(page[0].pte) == pte_ppn(page[1].pte);

    if (of->home)
        row->frame[PLACE_HOME] =
            (struct snap_frame){.is_there = true, .ppn = of->home};
    for (unsigned side = 0; side < BOARD_SIDES; side++) {
        uint64_t ppn = pte_ppn(page[side].pte);
        enum snap_place place = own[side];

        if (!page[side].is_mapped)
            continue;
        if (ppn == of->home || (same && !of->home))
            place = PLACE_HOME;
        row->leads[side] = place;
        row->frame[place] = (struct snap_frame){.is_there = true, .ppn = ppn};
    }
}

static void read_value(struct snap_frame *frame, const struct board_row *row,
                       const struct source *source)
{
    uint64_t value = 0;
    uint64_t pa = frame->ppn * LEAVES_PAGE + (row->var & (LEAVES_PAGE - 1));
    unsigned unused = 64 - 8 * row->size;

    if (!row->size || source_read(source, pa, &value, row->size) < 0)
        return;
    frame->has_value = true;
    frame->value = (int64_t)(value << unused) >> unused;
}

/* The first bytes of an array, as letters. */
static void write_bytes(char text[32], int64_t value)
{
    unsigned length = 0;

    for (; length < 8 && (uint64_t)value >> 8 * length & 255; length++) {
        char c = (char)((uint64_t)value >> 8 * length & 255);

        text[length] = c >= ' ' && c < 127 ? c : '.';
    }
    snprintf(text + length, 32 - length, "%s", length == 8 ? "…" : "");
}

void snap_value(const struct board_row *row, int64_t value, char out[32])
{
    if (row->is_text)
        write_bytes(out, value);
    else if (value > -1000000000 && value < 1000000000)
        snprintf(out, 32, "%" PRId64, value);
    else
        snprintf(out, 32, "0x%" PRIx64, (uint64_t)value);
}

/* Counts the pages that lead to the frames of single rows. */
static void count_user(void *arg, uint64_t va, unsigned level, uint64_t pte)
{
    struct snap *snap = arg;

    for (unsigned i = 0; i < snap->rows; i++)
        for (unsigned place = 0; place < PLACES; place++) {
            struct snap_frame *frame = &snap->row[i].frame[place];

            if (frame->is_there && frame->ppn && frame->ppn == pte_ppn(pte))
                frame->users++;
        }
}

/* Of a group: how many frames each side has alone, and how many both. */
struct groups {
    struct collector collector;
    struct source *source;
    uint64_t other; /* the other side's satp; 0: it does not live */
};

static void take_group(void *arg, uint64_t va, unsigned level, uint64_t pte)
{
    struct groups *g = arg;
    unsigned row =
        board_row_of(g->collector.survey, g->collector.board, va, pte);
    struct rvemu_walk walk = {0};
    enum snap_place place =
        g->collector.side == BOARD_LEFT ? PLACE_LEFT : PLACE_RIGHT;
    struct snap_frame *frame;

    if (row == BOARD_ROWS || g->collector.board->row[row].is_single)
        return;
    if (g->other)
        source_walk(g->source, g->other, va, &walk);
    if (walk.is_mapped && walk.count &&
        pte_ppn(walk.entry[walk.count - 1].pte) == pte_ppn(pte)) {
        place = PLACE_HOME;
    }
    frame = &g->collector.snap->row[row].frame[place];
    frame->is_there = true;
    frame->rights[g->collector.side] |= pte;
    if (place != PLACE_HOME || g->collector.side == BOARD_LEFT)
        frame->pages++;
}

/* ---- TLB ---- */

static void read_slot(struct snap_slot *slot, const struct snap_page *page,
                      uint64_t va, uint64_t satp, struct source *source,
                      unsigned hart)
{
    uint64_t rights = PTE_R | PTE_W | PTE_X | PTE_U | PTE_V;

    slot->is_full = satp && source_tlb(source, hart, satp, va, &slot->entry);
    slot->is_stale =
        slot->is_full &&
        (!page->is_mapped || pte_ppn(slot->entry.pte) != pte_ppn(page->pte) ||
         (slot->entry.pte & rights) != (page->pte & rights));
}

/* Who lives, and whose pages lead to the frames shown. */
static void look_at_all(struct snap *snap, const struct board *board,
                        struct source *source)
{
    const struct survey *s = &source->survey;
    unsigned others = 0;

    for (size_t i = 0; i < s->processes; i++) {
        uint64_t number = s->process[i].number;
        uint64_t root = satp_of(source, number, snap->step);

        if (!root)
            continue;
        if (snap->living++ < CROWD)
            source_leaves(source, root, count_user, snap);
        if (number != board->process[BOARD_LEFT] &&
            number != board->process[BOARD_RIGHT] && others < SNAP_OTHERS)
            snap->other[others++] = number;
    }
}

void snap_take(struct snap *snap, const struct board *board,
               struct source *source, unsigned tlb_hart)
{
    const struct survey *s = &source->survey;
    uint64_t satp[BOARD_SIDES];

    *snap = (struct snap){.step = source->step,
                          .time = source_time(source),
                          .tlb_hart = tlb_hart,
                          .rows = board->rows};
    snap->harts = source_harts(source);
    for (unsigned i = 0; i < snap->harts; i++)
        source_hart(source, i, &snap->hart[i]);
    for (unsigned side = 0; side < BOARD_SIDES; side++) {
        struct collector c = {snap, board, s, side};

        satp[side] = satp_of(source, board->process[side], snap->step);
        snap->lives[side] = satp[side] != 0;
        source_leaves(source, satp[side], take_page, &c);
        for (unsigned i = 0; i < snap->harts; i++)
            if (satp[side] && rvemu_satp_root(snap->hart[i].satp) ==
                                  rvemu_satp_root(satp[side]))
                snap->runs[side] = i + 1;
    }
    for (unsigned side = 0; side < BOARD_SIDES; side++) {
        struct groups g = {{snap, board, s, side}, source, satp[!side]};

        source_leaves(source, satp[side], take_group, &g);
    }
    for (unsigned i = 0; i < snap->rows; i++) {
        struct snap_row *row = &snap->row[i];

        if (!board->row[i].is_single)
            continue;
        place_frames(row, &board->row[i]);
        for (unsigned place = 0; place < PLACES; place++)
            if (row->frame[place].is_there)
                read_value(&row->frame[place], &board->row[i], source);
        for (unsigned side = 0; side < BOARD_SIDES; side++)
            read_slot(&row->slot[side], &row->page[side], board->row[i].va,
                      satp[side], source, tlb_hart);
    }
    look_at_all(snap, board, source);
}
