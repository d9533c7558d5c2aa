/*
 * An event as a line of text, for `-d` and for tools.
 *
 *         time hart priv pc                 symbol          kind      fields
 *       123456 h0 S 0xffffffc080001234 vm_map+0x1c     pte_write  root=0x804…
 *
 * How a field looks depends on its unit alone (events.def), so a new event
 * needs nothing here. Page-table entries are drawn as the specification draws
 * them, from D at the left to V at the right (Sv39 "Addressing and Memory
 * Protection"):
 *
 *     63  62..61  60..54    53..10   9..8  7 6 5 4 3 2 1 0
 *      N   PBMT   reserved    PPN    RSW   D A G U X W R V
 *
 * A mark is the exception: its payload means what mark.h says, and who said
 * it matters, so it is spelled out.
 */
#include <rvemu/trace.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../guest/include/uapi/mark.h"
#include "base/bits.h"

struct line {
    char *out;
    size_t size; /* at least 1 */
    size_t used; /* without the NUL, below size */
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line,
                                                      const char *format, ...)
{
    size_t room = line->size - line->used;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(line->out + line->used, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        line->used += (size_t)length < room ? (size_t)length : room - 1;
}

static void put_pte(struct line *line, u64 pte)
{
    static const char letters[] = "DAGUXWRV";

    if (!pte) {
        put(line, "0");
        return;
    }
    put(line, "%" PRIx64 ":", bits(pte, 53, 10));
    for (unsigned i = 0; i < 8; i++)
        put(line, "%c", bit(pte, 7 - i) ? letters[i] : '-');
    if (bits(pte, 9, 8))
        put(line, "+rsw%u", (unsigned)bits(pte, 9, 8));
    if (bits(pte, 60, 54))
        put(line, "+reserved%#x", (unsigned)bits(pte, 60, 54));
    if (bits(pte, 62, 61))
        put(line, "+pbmt%u", (unsigned)bits(pte, 62, 61));
    if (bit(pte, 63))
        put(line, "+n");
}

size_t rvemu_pte_text(char *out, size_t size, uint64_t pte)
{
    struct line line = {.out = out, .size = size};

    put_pte(&line, pte);
    return line.used;
}

static void put_satp(struct line *line, u64 satp)
{
    static const char *const modes[16] = {
        [0] = "bare", [8] = "sv39", [9] = "sv48", [10] = "sv57"};
    const char *mode = modes[bits(satp, 63, 60)];

    put(line, "%s", mode ? mode : "?");
    if (satp)
        put(line, ":%u:%#" PRIx64, (unsigned)bits(satp, 59, 44),
            bits(satp, 43, 0));
}

static void put_reg(struct line *line, u64 reg)
{
    if (!reg)
        put(line, "-");
    else if (reg < RVEMU_REG_F0)
        put(line, "x%" PRIu64, reg);
    else
        put(line, "f%" PRIu64, reg - RVEMU_REG_F0);
}

static void put_name(struct line *line, u64 word)
{
    for (; word & 0xff; word >>= 8) {
        char c = (char)(word & 0xff);

        put(line, "%c", c >= ' ' && c < 0x7f ? c : '.');
    }
}

static void put_sbi(struct line *line, u64 extension)
{
    const char *name = rvemu_sbi_name(extension);

    if (name)
        put(line, "%s", name);
    else
        put(line, "0x%" PRIx64, extension);
}

static const char *name_in(enum rvemu_unit unit, u64 value)
{
    unsigned small = value < UINT32_MAX ? (unsigned)value : UINT32_MAX;

    switch (unit) {
    case RVEMU_UNIT_CAUSE: return rvemu_cause_name(value);
    case RVEMU_UNIT_ACCESS: return rvemu_access_name(small);
    case RVEMU_UNIT_REASON: return rvemu_reason_name(small);
    case RVEMU_UNIT_PRIV: return rvemu_priv_name(small);
    case RVEMU_UNIT_ORIGIN: return rvemu_origin_name(small);
    case RVEMU_UNIT_SCOPE: return rvemu_scope_name(small);
    case RVEMU_UNIT_PLIC: return rvemu_plic_name(small);
    case RVEMU_UNIT_RESERVATION: return rvemu_reservation_name(small);
    case RVEMU_UNIT_OUTLET: return rvemu_outlet_name(small);
    default: return NULL;
    }
}

static void put_value(struct line *line, enum rvemu_unit unit, u64 value)
{
    switch (unit) {
    case RVEMU_UNIT_PTE: put_pte(line, value); break;
    case RVEMU_UNIT_SATP: put_satp(line, value); break;
    case RVEMU_UNIT_REG: put_reg(line, value); break;
    case RVEMU_UNIT_NUMBER:
    case RVEMU_UNIT_ASID: put(line, "%" PRIu64, value); break;
    case RVEMU_UNIT_LEVEL: put(line, "%" PRIu64, value); break;
    case RVEMU_UNIT_SIGNED: put(line, "%" PRId64, (i64)value); break;
    case RVEMU_UNIT_NAME: put_name(line, value); break;
    case RVEMU_UNIT_SBI: put_sbi(line, value); break;
    case RVEMU_UNIT_VA:
    case RVEMU_UNIT_PA:
    case RVEMU_UNIT_PPN:
    case RVEMU_UNIT_HEX: put(line, "0x%" PRIx64, value); break;
    default: put(line, "%s", name_in(unit, value)); break;
    }
}

size_t rvemu_word_text(char *out, size_t size, unsigned unit, uint64_t word)
{
    struct line line = {.out = out, .size = size};

    put_value(&line, (enum rvemu_unit)unit, word);
    return line.used;
}

/* What the words of a mark are: p pid, s satp, n name, v va, d number. */
static const struct {
    const char *name;
    struct {
        const char *name;
        char form;
    } word[4];
} marks[] = {
    [MARK_VERSION] = {"version", {{"magic", 'v'}, {"abi", 'd'}}},
    [MARK_SWITCH] = {"switch", {{"pid", 'd'}, {"satp", 's'}, {"name", 'n'}}},
    [MARK_FORK] = {"fork", {{"parent", 'd'}, {"child", 'd'}, {"satp", 's'}}},
    [MARK_EXEC] = {"exec", {{"pid", 'd'}, {"satp", 's'}, {"name", 'n'}}},
    [MARK_EXIT] = {"exit", {{"pid", 'd'}, {"status", 'd'}, {"satp", 's'}}},
    [MARK_AREA] = {"area",
                   {{"pid", 'd'}, {"start", 'v'}, {"end", 'v'}, {"kind", 'd'}}},
};

static void put_mark(struct line *line, const struct rvemu_event *event)
{
    u64 id = event->mark.id;
    const u64 *word = &event->word[1];

    if (event->priv == 0)
        put(line, "the program says: ");
    if (id >= sizeof(marks) / sizeof(marks[0]) || !marks[id].name) {
        put(line,
            "%" PRIu64 " a0=0x%" PRIx64 " a1=0x%" PRIx64 " a2=0x%" PRIx64
            " a3=0x%" PRIx64,
            id, word[0], word[1], word[2], word[3]);
        return;
    }
    put(line, "%s", marks[id].name);
    for (unsigned i = 0; i < 4 && marks[id].word[i].name; i++) {
        put(line, " %s=", marks[id].word[i].name);
        switch (marks[id].word[i].form) {
        case 's': put_satp(line, word[i]); break;
        case 'n': put_name(line, word[i]); break;
        case 'v': put(line, "0x%" PRIx64, word[i]); break;
        default: put(line, "%" PRIu64, word[i]); break;
        }
    }
}

static void put_fields(struct line *line, const struct rvemu_event_info *info,
                       const struct rvemu_event *event)
{
    for (unsigned i = 0; i < info->fields; i++) {
        put(line, "%s%s=", i ? " " : "", info->field[i].name);
        put_value(line, info->field[i].unit, event->word[i]);
    }
}

static void put_symbol(struct line *line, u64 pc, rvemu_symbol_fn *resolve,
                       void *arg)
{
    u64 offset = 0;
    const char *name = resolve ? resolve(arg, pc, &offset) : NULL;
    size_t start = line->used;

    if (name)
        put(line, " %.128s+0x%" PRIx64, name, offset);
    if (resolve && line->used - start < 24)
        put(line, "%*s", (int)(24 - (line->used - start)), "");
}

size_t rvemu_event_text(char *out, size_t size, const struct rvemu_event *event,
                        rvemu_symbol_fn *resolve, void *arg)
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);
    struct line line = {.out = out, .size = size};

    put(&line, "%12" PRIu64, event->time);
    if (event->hart == RVEMU_NO_HART)
        put(&line, " --");
    else
        put(&line, " h%u", event->hart);
    put(&line, " %s 0x%016" PRIx64, rvemu_priv_name(event->priv), event->pc);
    put_symbol(&line, event->pc, resolve, arg);
    put(&line, " %-12s ", info ? info->name : "?");
    if (event->kind == RVEMU_EVENT_mark)
        put_mark(&line, event);
    else if (info)
        put_fields(&line, info, event);
    return line.used;
}
