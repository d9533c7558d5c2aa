/*
 * Lines; see lines.h. DWARF 5 specification, 6.2 "Line Number Information".
 *
 * The ranges are those that the units' own entries state (DW_AT_low_pc,
 * DW_AT_ranges); .debug_aranges, which clang leaves out, is asked only if a
 * unit states none, as in strict DWARF 2.
 */
#define _GNU_SOURCE /* asprintf */
#include "debug/lines.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>

static bool add_range(struct lines *lines, u64 start, u64 end, Dwarf_Off die)
{
    if (start >= end)
        return true;
    if (lines->count == lines->room) {
        size_t room = lines->room ? 2 * lines->room : 64;
        struct unit *grown = realloc(lines->unit, room * sizeof(*grown));

        if (!grown)
            return false;
        lines->unit = grown;
        lines->room = room;
    }
    lines->unit[lines->count++] =
        (struct unit){.start = start, .end = end, .die = die};
    return true;
}

/* Adds what the entry of a unit states; *stated becomes whether it does. */
static bool add_stated(struct lines *lines, Dwarf_Die *die, bool *stated)
{
    Dwarf_Off offset = lines->dw.dieoffset(die);
    Dwarf_Addr base, start, end;
    ptrdiff_t at = 0;

    *stated = false;
    while ((at = lines->dw.ranges(die, at, &base, &start, &end)) > 0) {
        *stated = true;
        if (!add_range(lines, start, end, offset))
            return false;
    }
    return true;
}

static bool add_aranges(struct lines *lines)
{
    Dwarf_Aranges *aranges;
    size_t count;

    if (lines->dw.getaranges(lines->dwarf, &aranges, &count) != 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        Dwarf_Arange *arange = lines->dw.onearange(aranges, i);
        Dwarf_Addr start;
        Dwarf_Word length;
        Dwarf_Off die;

        if (lines->dw.getarangeinfo(arange, &start, &length, &die) == 0 &&
            !add_range(lines, start, start + length, die))
            return false;
    }
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct unit *a = left, *b = right;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* Adds all units' ranges. Returns what get_units() ends with: 1 when it has
 * been through them all; or -2 when memory is lacking. */
static int add_units(struct lines *lines)
{
    bool all_stated = true;
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    int result;

    while ((result = lines->dw.get_units(lines->dwarf, unit, &unit, NULL, NULL,
                                         &die, NULL)) == 0) {
        bool stated;

        if (!add_stated(lines, &die, &stated))
            return -2;
        all_stated = all_stated && stated;
    }
    if (!all_stated && !add_aranges(lines))
        return -2;
    if (lines->count)
        qsort(lines->unit, lines->count, sizeof(*lines->unit), compare);
    return result;
}

/* Whether the sections of strings end with one: libdw (0.188) takes that for
 * granted. begin_elf() has decompressed them. */
static bool strings_end(const struct elf_source *source)
{
    static const char *const names[] = {".debug_str", ".debug_line_str",
                                        ".zdebug_str", ".zdebug_line_str"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        Elf_Scn *section = elf_source_section(source, names[i]);
        Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;

        if (data && data->d_size &&
            ((const char *)data->d_buf)[data->d_size - 1])
            return false;
    }
    return true;
}

static int refuse(struct lines *lines, const struct elf_source *source,
                  const char *why, struct rvemu_error *error)
{
    error_set(error, "%s: cannot read its debug information: %s", source->name,
              why);
    lines_close(lines);
    return -1;
}

int lines_open(struct lines *lines, const struct elf_source *source,
               const char *module, struct rvemu_error *error)
{
    int result = -1;

    *lines = (struct lines){0};
    if (libdw_open(&lines->dw, module, error) < 0)
        return -1;
    lines->dwarf = lines->dw.begin_elf(source->elf, DWARF_C_READ, NULL);
    if (lines->dwarf && !strings_end(source))
        return refuse(lines, source, "its strings have no end", error);
    if (lines->dwarf)
        result = add_units(lines);
    if (result == 1)
        return 0;
    return refuse(lines, source,
                  result == -2 ? "out of host memory" : lines->dw.errmsg(-1),
                  error);
}

void lines_close(struct lines *lines)
{
    size_t at = 0;
    char *path;

    while ((path = map_next(&lines->joined, &at)))
        free(path);
    map_free(&lines->joined);
    if (lines->dwarf)
        lines->dw.end(lines->dwarf);
    libdw_close(&lines->dw);
    free(lines->unit);
    *lines = (struct lines){0};
}

/* The range that covers an address; NULL: none does. Assemblers state ranges
 * as they were before the linker made code shorter: of two, the one that
 * begins later is right. */
static const struct unit *find_unit(const struct lines *lines, u64 address)
{
    size_t low = 0, high = lines->count;

    while (low < high) { /* all before low start at or below address */
        size_t middle = low + (high - low) / 2;

        if (lines->unit[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || address >= lines->unit[low - 1].end)
        return NULL;
    return &lines->unit[low - 1];
}

bool lines_cover(const struct lines *lines, u64 address)
{
    return find_unit(lines, address) != NULL;
}

/* The last row of the table at or below an address, NULL before the first. A
 * row holds up to the next; a sequence ends with a row of its own. */
static Dwarf_Line *find_row(const struct libdw *dw, Dwarf_Lines *rows,
                            size_t count, u64 address)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        Dwarf_Addr at;

        if (dw->lineaddr(dw->onesrcline(rows, middle), &at) == 0 &&
            at <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? dw->onesrcline(rows, low - 1) : NULL;
}

/* The path of a source file of a unit, behind the folder that the unit was
 * compiled in if it is relative. It is joined once. */
static const char *absolute(struct lines *lines, Dwarf_Die *unit,
                            const char *path)
{
    u64 key = (u64)(uintptr_t)path;
    const char *folder;
    Dwarf_Attribute attribute;
    char *joined;

    if (!path || path[0] == '/')
        return path;
    joined = map_get(&lines->joined, key);
    if (joined)
        return joined;
    folder =
        lines->dw.formstring(lines->dw.attr(unit, DW_AT_comp_dir, &attribute));
    if (!folder || asprintf(&joined, "%s/%s", folder, path) < 0)
        return path;
    if (map_put(&lines->joined, key, joined))
        return joined;
    free(joined);
    return path;
}

bool lines_find(struct lines *lines, u64 address, const char **path,
                unsigned *line)
{
    const struct libdw *dw = &lines->dw;
    const struct unit *unit = find_unit(lines, address);
    Dwarf_Die die;
    Dwarf_Lines *rows;
    Dwarf_Line *row;
    size_t count;
    bool is_end;
    int number;

    if (!unit || !dw->offdie(lines->dwarf, unit->die, &die) ||
        dw->getsrclines(&die, &rows, &count) != 0)
        return false;
    row = find_row(dw, rows, count, address);
    if (!row || dw->lineendsequence(row, &is_end) != 0 || is_end ||
        dw->lineno(row, &number) != 0 || number <= 0)
        return false;
    *path = absolute(lines, &die, dw->linesrc(row, NULL, NULL));
    *line = (unsigned)number;
    return *path != NULL;
}
