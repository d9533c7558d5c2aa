/* The screen; see layout.h. */
#include "view/layout.h"

#include <stdio.h>
#include <string.h>

#define SENTENCE 27.0
#define LEAST 17.0

double view_board_width(const struct view *view, const struct sheet *sheet)
{
    bool beside = view->panel != PANEL_NONE && view->panel != PANEL_KEYS;

    return sheet->width - (beside ? 420.0 : 0.0);
}

/* Where a text that is wider than `most` breaks best: the last blank before
 * that. Its length if it fits. */
static size_t break_at(const struct sheet *sheet, const char *text, double size,
                       double most)
{
    char line[PICTURE_TEXT];
    size_t best = 0;

    if (sheet_width_of(sheet, text, size, true, false) <= most)
        return strlen(text);
    for (size_t i = 0; text[i] && i + 1 < sizeof(line); i++) {
        if (text[i] != ' ')
            continue;
        snprintf(line, sizeof(line), "%.*s", (int)i, text);
        if (sheet_width_of(sheet, line, size, true, false) > most)
            break;
        best = i;
    }
    return best ? best : strlen(text);
}

/* Where the first sentence of several ends, if both parts of the text then fit
 * into a line; 0: they do not. */
static size_t break_between(const struct sheet *sheet, const char *text,
                            double size, double most)
{
    char line[PICTURE_TEXT];
    size_t best = 0;

    for (size_t i = 0; text[i] && text[i + 1]; i++) {
        if (text[i] != '.' || text[i + 1] != ' ')
            continue;
        snprintf(line, sizeof(line), "%.*s", (int)i + 1, text);
        if (sheet_width_of(sheet, line, size, true, false) <= most &&
            sheet_width_of(sheet, text + i + 2, size, true, false) <= most)
            best = i + 1;
    }
    return best;
}

/* In two lines at most, in letters as large as that allows. */
static void put_sentence(struct layout *l, const char *text, enum ink ink)
{
    struct sheet *s = l->sheet;
    double most = s->width - 2 * LAYOUT_MARGIN, size = SENTENCE;
    size_t first = break_at(s, text, size, most);
    char line[PICTURE_TEXT];

    while (size > LEAST &&
           sheet_width_of(s, text + first, size, true, false) > most) {
        size--;
        first = break_at(s, text, size, most);
    }
    if (text[first] && break_between(s, text, size, most))
        first = break_between(s, text, size, most);
    snprintf(line, sizeof(line), "%.*s", (int)first, text);
    sheet_text(s, LAYOUT_MARGIN, 47, ANCHOR_START, size, ink, "%s", line)
        ->bold = true;
    if (text[first] == ' ')
        sheet_fit(s, LAYOUT_MARGIN, 47 + 1.28 * size, ANCHOR_START, size, LEAST,
                  most, ink, true, false, text + first + 1);
}

static void put_top(struct layout *l)
{
    const struct picture *p = l->picture;
    double most = l->sheet->width - 2 * LAYOUT_MARGIN;

    if (l->view->is_asked)
        put_sentence(l, "What happens next? Say it, then press → again.",
                     INK_NEW);
    else
        put_sentence(l, p->sentence, INK_TEXT);
    if (!l->view->is_asked)
        sheet_fit(l->sheet, LAYOUT_MARGIN, 113, ANCHOR_START, 18, 14, most,
                  INK_DIM, false, true, p->source);
}

/* Digits in threes. */
static void group_digits(char *out, size_t size, uint64_t number)
{
    char digits[32];
    int length =
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    size_t to = 0;

    for (int i = 0; i < length && to + 2 < size; i++) {
        if (i && (length - i) % 3 == 0)
            out[to++] = ',';
        out[to++] = digits[i];
    }
    out[to] = '\0';
}

static void put_foot(struct layout *l)
{
    static const char *const grain[] = {"", "by line", "by instruction"};
    char step[40];

    group_digits(step, sizeof(step), l->picture->now.step);
    sheet_text(l->sheet, l->width - LAYOUT_MARGIN, 706, ANCHOR_END, 15,
               INK_FAINT, "%s", step)
        ->mono = true;
    if (l->view->is_typing)
        sheet_text(l->sheet, LAYOUT_MARGIN, 706, ANCHOR_START, 17, INK_NEW,
                   "go to: %s_", l->view->typed);
    else if (l->view->said[0])
        sheet_fit(l->sheet, LAYOUT_MARGIN, 706, ANCHOR_START, 16, 13,
                  l->width - 2 * LAYOUT_MARGIN - 160, INK_PICK, false, false,
                  l->view->said);
    else
        sheet_text(l->sheet, LAYOUT_MARGIN, 706, ANCHOR_START, 15, INK_FAINT,
                   "?  keys%s%s", l->view->grain ? "   ·   " : "",
                   grain[l->view->grain]);
}

void layout_screen(struct layout *l)
{
    sheet_clear(l->sheet);
    l->width = view_board_width(l->view, l->sheet);
    sheet_box(l->sheet, 0, 0, l->sheet->width, SHEET_HEIGHT, INK_GROUND,
              INK_NONE, 0)
        ->round = 0;
    if (l->view->is_black)
        return;
    put_top(l);
    layout_board(l);
    layout_tlb(l);
    layout_timeline(l);
    put_foot(l);
    layout_panel(l);
}
