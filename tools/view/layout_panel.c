/*
 * What opens beside the blackboard; see layout.h: the keys, the events, the
 * page tables of a page on both sides, the console, a hart's registers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/keys.h"
#include "view/layout.h"
#include "view/leaves.h"

#define X (l->width + 8)
#define WIDTH (l->sheet->width - l->width - 28)
#define TOP 132.0
#define BOTTOM 690.0
#define LINE 25.0

/* A line of a panel; false: there is no room for more. */
static bool put_line(struct layout *l, double *y, enum ink ink, double size,
                     bool mono, const char *text)
{
    if (*y > BOTTOM - 8)
        return false;
    sheet_fit(l->sheet, X + 16, *y, ANCHOR_START, size, 10, WIDTH - 32, ink,
              false, mono, text);
    *y += size + 8;
    return true;
}

static void put_frame(struct layout *l)
{
    sheet_box(l->sheet, X, TOP, WIDTH, BOTTOM - TOP, INK_PANEL, INK_EDGE, 1)
        ->round = 12;
}

/* ---- keys ---- */

static void put_keys(struct layout *l)
{
    double w = 900, h = 560, x = (l->sheet->width - w) / 2, y = 128;
    unsigned rows = (keys_count() + 1) / 2;

    sheet_box(l->sheet, x, y, w, h, INK_PANEL, INK_RIM, 2)->round = 14;
    for (unsigned i = 0; i < keys_count(); i++) {
        const struct key_help *help = keys_help(i);
        double at = x + 30 + (i / rows) * (w / 2 - 10);
        double line = y + 50 + (i % rows) * ((h - 70) / rows);

        sheet_text(l->sheet, at, line, ANCHOR_START, 18, INK_NEW, "%s",
                   help->key)
            ->bold = true;
        sheet_fit(l->sheet, at + 118, line, ANCHOR_START, 17, 12, w / 2 - 156,
                  INK_TEXT, false, false, help->what);
    }
}

/* ---- events ---- */

static void describe(const struct survey *s, const struct moment *m, char *out,
                     size_t size)
{
    char who[48] = "";

    if (m->space)
        picture_process(s, m->space, who, sizeof(who));
    snprintf(out, size, "%-7s %-6s %s", moment_word(m->kind), who,
             m->name[0]   ? m->name
             : m->area[0] ? m->area
                          : "");
}

static void put_events(struct layout *l)
{
    const struct survey *s = &l->source->survey;
    size_t now = l->picture->moment, from = now;
    double y = TOP + 30;
    char text[160];

    put_frame(l);
    for (unsigned i = 0; i < 9; i++) {
        size_t before = view_next(l->view, s, from, -1);

        if (before == MOMENT_NONE)
            break;
        from = before;
    }
    for (size_t i = from; i != MOMENT_NONE; i = view_next(l->view, s, i, 1)) {
        double at = y;

        if (l->view->is_asked && i > now)
            break;
        describe(s, &s->moment[i], text, sizeof(text));
        if (!put_line(l, &y, i == now ? INK_NEW : INK_TEXT, 16, true, text))
            break;
        sheet_box(l->sheet, X + 8, at - 18, WIDTH - 16, 24, INK_NONE, INK_NONE,
                  0)
            ->hit = (struct hit){.kind = HIT_MOMENT, .moment = i};
    }
}

/* ---- page tables ---- */

/* The page whose tables are shown: the selected row's, or that of the moment,
 * or the first of a variable. */
static unsigned table_row(const struct layout *l)
{
    const struct board *b = &l->picture->board;
    const struct moment *m = &l->source->survey.moment[l->picture->moment];

    if (l->view->pick.kind != HIT_NONE && l->view->pick.kind != HIT_MOMENT)
        return l->view->pick.row;
    for (unsigned i = 0; i < b->rows; i++)
        if (b->row[i].is_single && b->row[i].va == (m->va & ~(LEAVES_PAGE - 1)))
            return i;
    for (unsigned i = 0; i < b->rows; i++)
        if (b->row[i].is_single)
            return i;
    return 0;
}

/* "RSW=1 D A - U - W R V", with what is clear left out. */
static void flags_of(uint64_t pte, char out[32])
{
    static const char letter[] = "VRWXUGAD";
    size_t to = 0;

    for (int bit = 7; bit >= 0; bit--)
        out[to++] = pte >> bit & 1 ? letter[bit] : '-';
    if (pte >> 8 & 3) {
        memcpy(out + to, " RSW ", 5);
        to += 5;
        out[to++] = (char)('0' + (pte >> 8 & 3));
    }
    out[to] = '\0';
}

/* What the leaf was at the moment before, where this one has changed it. */
static void put_old_leaf(struct layout *l, double *y, unsigned side,
                         unsigned row)
{
    const struct picture *p = l->picture;
    const struct snap_page *old = &p->before.row[row].page[side];
    const struct snap_page *now = &p->now.row[row].page[side];
    char text[120], flags[32];

    if (!p->has_before || !p->board.row[row].is_single || !old->is_mapped ||
        old->pte == now->pte)
        return;
    flags_of(old->pte, flags);
    snprintf(text, sizeof(text), "     was %06" PRIx64 " %s", pte_ppn(old->pte),
             flags);
    put_line(l, y, INK_FAINT, 15, true, text);
}

static void put_walk(struct layout *l, double *y, unsigned side, unsigned row)
{
    const struct board *b = &l->picture->board;
    const struct process *p =
        survey_find((struct survey *)&l->source->survey, b->process[side]);
    struct rvemu_walk walk;
    char text[120], flags[32];
    uint64_t satp, va = b->row[row].va;

    if (!p || !l->picture->now.lives[side])
        return;
    satp = survey_satp_at(p, l->picture->now.step);
    picture_process(&l->source->survey, p->number, text, sizeof(text));
    *y += 12;
    put_line(l, y, INK_TEXT, 19, false, text);
    snprintf(text, sizeof(text), "satp  root %" PRIx64, rvemu_satp_root(satp));
    put_line(l, y, INK_DIM, 15, true, text);
    source_walk(l->source, satp, va, &walk);
    for (unsigned i = 0; i < walk.count; i++) {
        const struct rvemu_walk_entry *e = &walk.entry[i];
        unsigned index = (unsigned)(va >> (12 + 9 * e->level)) & 511;
        bool leaf = i + 1 == walk.count;

        flags_of(e->pte, flags);
        snprintf(text, sizeof(text), "L%u [%3u] %06" PRIx64 " %s", e->level,
                 index, pte_ppn(e->pte), flags);
        put_line(l, y, leaf ? INK_NEW : INK_DIM, 15, true, text);
    }
    put_old_leaf(l, y, side, row);
}

static void put_tables(struct layout *l)
{
    const struct board *b = &l->picture->board;
    unsigned row = table_row(l);
    double y = TOP + 32;
    char text[120];

    put_frame(l);
    if (!b->rows)
        return;
    snprintf(text, sizeof(text), "%s  0x%" PRIx64, b->row[row].label,
             b->row[row].va);
    put_line(l, &y, INK_TEXT, 18, false, text);
    for (unsigned side = 0; side < BOARD_SIDES; side++)
        put_walk(l, &y, side, row);
}

/* ---- console ---- */

#define LINES 22

static void put_console(struct layout *l)
{
    const struct survey *s = &l->source->survey;
    char line[LINES][96] = {""};
    unsigned count = 0;
    size_t column = 0;
    double y = TOP + 28;

    put_frame(l);
    for (size_t i = 0; i < s->bytes; i++) {
        uint8_t byte = s->console[i].byte;

        if (s->console[i].step > l->picture->now.step)
            break;
        if (byte == '\n') {
            count++;
            column = 0;
            line[count % LINES][0] = '\0';
        } else if (byte >= ' ' && column + 1 < sizeof(line[0])) {
            line[count % LINES][column++] = (char)byte;
            line[count % LINES][column] = '\0';
        }
    }
    for (unsigned i = count + 1 > LINES ? count + 1 - LINES : 0; i <= count;
         i++)
        put_line(l, &y, INK_TEXT, 15, true, line[i % LINES]);
}

/* ---- registers ---- */

static void put_registers(struct layout *l)
{
    static const char *const name[] = {
        "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
        "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
        "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    const struct picture *p = l->picture;
    unsigned hart = l->source->survey.moment[p->moment].hart;
    double y = TOP + 30, at;
    char text[120];

    put_frame(l);
    if (hart >= p->now.harts)
        hart = 0;
    snprintf(text, sizeof(text), "hart %u  %s  pc %" PRIx64, hart,
             rvemu_priv_name(p->now.hart[hart].priv), p->now.hart[hart].pc);
    put_line(l, &y, INK_TEXT, 16, true, text);
    for (unsigned i = 1; i < 32; i++) {
        uint64_t value;

        if (!source_x(l->source, hart, i, &value))
            return;
        snprintf(text, sizeof(text), "%-4s %16" PRIx64, name[i], value);
        at = y;
        sheet_text(l->sheet, X + 16 + (i % 2 ? 0 : (WIDTH - 32) / 2), at,
                   ANCHOR_START, 14, INK_DIM, "%s", text)
            ->mono = true;
        y += i % 2 ? 0 : 22;
    }
}

void layout_panel(struct layout *l)
{
    switch (l->view->panel) {
    case PANEL_KEYS: put_keys(l); break;
    case PANEL_EVENTS: put_events(l); break;
    case PANEL_TABLES: put_tables(l); break;
    case PANEL_FRAMES: layout_frames(l); break;
    case PANEL_CONSOLE: put_console(l); break;
    case PANEL_REGISTERS: put_registers(l); break;
    default: break;
    }
}
