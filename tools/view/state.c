/* The state of the screen as JSON; see state.h. */
#include "view/state.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/leaves.h"

static void put_string(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', out);
        if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned char)*text);
        else
            putc(*text, out);
    }
    putc('"', out);
}

static void put_field(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\":", name);
    put_string(out, text);
}

static void put_page(FILE *out, const struct snap_row *row, unsigned side)
{
    const struct snap_page *page = &row->page[side];
    char rights[4];

    if (!page->is_mapped) {
        fputs("null", out);
        return;
    }
    pte_rights(page->pte, rights);
    fprintf(out,
            "{\"pte\":\"0x%" PRIx64 "\",\"level\":%u,\"rights\":\"%s\","
            "\"pages\":%u,\"writable\":%u,\"place\":%u}",
            page->pte, page->level, rights, page->pages, page->writable,
            row->leads[side]);
}

static void put_frame(FILE *out, struct board *board,
                      const struct snap_frame *frame, bool is_single)
{
    char name[8];

    if (!frame->is_there) {
        fputs("null", out);
        return;
    }
    if (!is_single) {
        fprintf(out, "{\"frames\":%u}", frame->pages);
        return;
    }
    board_letter(board, frame->ppn, name);
    fprintf(out, "{\"name\":\"%s\",\"ppn\":\"0x%" PRIx64 "\",\"users\":%u",
            name, frame->ppn, frame->users);
    if (frame->has_value)
        fprintf(out, ",\"value\":%" PRId64, frame->value);
    putc('}', out);
}

static void put_slot(FILE *out, const struct snap_slot *slot)
{
    if (!slot->is_full)
        fputs("null", out);
    else
        fprintf(out, "{\"pte\":\"0x%" PRIx64 "\",\"asid\":%u,\"stale\":%s}",
                slot->entry.pte, slot->entry.asid,
                slot->is_stale ? "true" : "false");
}

static void put_row(FILE *out, const struct viewer *v, unsigned i)
{
    struct board board = v->picture.board;
    const struct board_row *row = &board.row[i];
    const struct snap_row *now = &v->picture.now.row[i];

    putc('{', out);
    put_field(out, "label", row->label);
    fprintf(out,
            ",\"single\":%s,\"va\":\"0x%" PRIx64 "\",\"var\":\"0x%" PRIx64
            "\",\"size\":%u,\"pages\":[",
            row->is_single ? "true" : "false", row->va, row->var, row->size);
    for (unsigned side = 0; side < BOARD_SIDES; side++) {
        fputs(side ? "," : "", out);
        put_page(out, now, side);
    }
    fputs("],\"frames\":[", out);
    for (unsigned place = 0; place < PLACES; place++) {
        fputs(place ? "," : "", out);
        put_frame(out, &board, &now->frame[place], row->is_single);
    }
    fputs("],\"tlb\":[", out);
    for (unsigned side = 0; side < BOARD_SIDES; side++) {
        fputs(side ? "," : "", out);
        put_slot(out, &now->slot[side]);
    }
    fputs("]}", out);
}

static void put_process(FILE *out, const struct viewer *v, unsigned side)
{
    const struct picture *p = &v->picture;
    const struct process *process =
        survey_find(&v->source->survey, p->board.process[side]);

    if (!process) {
        fputs("null", out);
        return;
    }
    fprintf(out,
            "{\"number\":%" PRIu64 ",\"pid\":%" PRIu64 ",\"root\":\"0x%" PRIx64
            "\",\"satp\":\"0x%" PRIx64 "\",\"lives\":%s,\"runs\":%s,",
            process->number, process->pid, process->root,
            survey_satp_at(process, p->now.step),
            p->now.lives[side] ? "true" : "false",
            p->now.runs[side] ? "true" : "false");
    put_field(out, "name", process->name);
    putc('}', out);
}

/* Words, as a reader counts them: runs of letters, permissions not. */
static unsigned words_of(const char *text)
{
    unsigned words = 0;

    while (*text) {
        size_t length = 0, letters = 0;

        while (text[length] && text[length] != ' ') {
            letters += isalpha((unsigned char)text[length]) != 0;
            length++;
        }
        words += letters > 1 && text[0] != '-' &&
                 !(length == 3 && strcspn(text, "-") < 3);
        text += length + (text[length] == ' ');
    }
    return words;
}

static void put_texts(FILE *out, const struct sheet *sheet)
{
    bool first = true;
    unsigned words = 0;

    fputs("\"texts\":[", out);
    for (size_t i = 0; i < sheet->items; i++) {
        const struct sheet_item *item = &sheet->item[i];
        double width, x;

        if (item->kind != SHEET_TEXT || !item->text || !item->text[0])
            continue;
        words += words_of(item->text);
        width = sheet_width_of(sheet, item->text, item->size, item->bold,
                               item->mono);
        x = item->x - (item->anchor == ANCHOR_END      ? width
                       : item->anchor == ANCHOR_MIDDLE ? width / 2
                                                       : 0);
        fprintf(out, "%s\n{\"x\":%.1f,\"y\":%.1f,\"w\":%.1f,\"h\":%.1f,",
                first ? "" : ",", x, item->y - 0.78 * item->size, width,
                item->size);
        put_field(out, "text", item->text);
        putc('}', out);
        first = false;
    }
    fprintf(out, "],\n\"words\":%u", words);
}

static void put_all(FILE *out, const struct viewer *v,
                    const struct sheet *sheet)
{
    static const char *const grain[] = {"event", "line", "instruction"};
    const struct picture *p = &v->picture;
    const struct moment *m = &v->source->survey.moment[p->moment];

    fprintf(out,
            "{\"step\":%" PRIu64 ",\"time\":%" PRIu64
            ",\"moment\":%zu,\"moments\":%zu,\"at_moment\":%s,",
            p->now.step, p->now.time, p->moment, v->source->survey.moments,
            p->at_moment ? "true" : "false");
    put_field(out, "kind", moment_word(m->kind));
    fprintf(out, ",\"grain\":\"%s\",\"panel\":%d,\"asked\":%s,",
            grain[v->view.grain], v->view.panel,
            v->view.is_asked ? "true" : "false");
    put_field(out, "sentence", p->sentence);
    putc(',', out);
    put_field(out, "source", p->source);
    fputs(",\n\"harts\":[", out);
    for (unsigned i = 0; i < p->now.harts; i++)
        fprintf(out,
                "%s{\"pc\":\"0x%" PRIx64 "\",\"priv\":%u,\"satp\":\"0x%" PRIx64
                "\"}",
                i ? "," : "", p->now.hart[i].pc, p->now.hart[i].priv,
                p->now.hart[i].satp);
    fputs("],\"others\":[", out);
    for (unsigned i = 0; i < SNAP_OTHERS && p->now.other[i]; i++)
        fprintf(out, "%s%" PRIu64, i ? "," : "", p->now.other[i]);
    fprintf(out, "],\"living\":%u,\"processes\":[", p->now.living);
    for (unsigned side = 0; side < BOARD_SIDES; side++) {
        fputs(side ? "," : "", out);
        put_process(out, v, side);
    }
    fputs("],\n\"rows\":[", out);
    for (unsigned i = 0; i < p->board.rows; i++) {
        fputs(i ? ",\n" : "", out);
        put_row(out, v, i);
    }
    fputs("],\n", out);
    put_texts(out, sheet);
    fputs("}\n", out);
}

int state_write(const struct viewer *v, const struct sheet *sheet,
                const char *path, struct rvemu_error *error)
{
    char draft[4096];
    FILE *out;

    snprintf(draft, sizeof(draft), "%.4000s.part", path);
    out = fopen(draft, "w");
    if (!out)
        return rvemu_error_set(error, "cannot write %s: %s", path,
                               strerror(errno));
    put_all(out, v, sheet);
    if (fclose(out) != 0 || rename(draft, path) < 0)
        return rvemu_error_set(error, "cannot write %s: %s", path,
                               strerror(errno));
    return 0;
}
