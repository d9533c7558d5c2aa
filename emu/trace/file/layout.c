/* The small chunks of a trace file; see layout.h. */
#include "trace/file/layout.h"

#include <assert.h>

static const char *const units[] = {
    [RVEMU_UNIT_VA] = "va",
    [RVEMU_UNIT_PA] = "pa",
    [RVEMU_UNIT_PTE] = "pte",
    [RVEMU_UNIT_PPN] = "ppn",
    [RVEMU_UNIT_SATP] = "satp",
    [RVEMU_UNIT_ASID] = "asid",
    [RVEMU_UNIT_NUMBER] = "number",
    [RVEMU_UNIT_HEX] = "hex",
    [RVEMU_UNIT_CAUSE] = "cause",
    [RVEMU_UNIT_ACCESS] = "access",
    [RVEMU_UNIT_REASON] = "reason",
    [RVEMU_UNIT_PRIV] = "priv",
    [RVEMU_UNIT_ORIGIN] = "origin",
    [RVEMU_UNIT_SCOPE] = "scope",
    [RVEMU_UNIT_LEVEL] = "level",
    [RVEMU_UNIT_REG] = "reg",
    [RVEMU_UNIT_SIGNED] = "signed",
    [RVEMU_UNIT_NAME] = "name",
    [RVEMU_UNIT_SBI] = "sbi",
    [RVEMU_UNIT_PLIC] = "plic",
    [RVEMU_UNIT_RESERVATION] = "reservation",
    [RVEMU_UNIT_OUTLET] = "outlet",
};

static_assert(sizeof(units) / sizeof(units[0]) == RVEMU_UNIT_OUTLET + 1,
              "each unit has a name");

static void put_kind(struct bytes *to, unsigned kind,
                     const struct rvemu_event_info *info)
{
    bytes_put_number(to, kind);
    bytes_put_text(to, info->name);
    bytes_put_text(to, info->what);
    bytes_put_number(to, info->fields);
    for (unsigned i = 0; i < info->fields; i++) {
        bytes_put_text(to, info->field[i].name);
        bytes_put_text(to, units[info->field[i].unit]);
        bytes_put_text(to, info->field[i].what);
    }
}

void schema_put(struct bytes *to)
{
    unsigned kinds = 0;

    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        kinds += rvemu_event_info(kind) != NULL;
    bytes_put_number(to, kinds);
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        if (rvemu_event_info(kind))
            put_kind(to, kind, rvemu_event_info(kind));
}

static void skip_text(struct cursor *from)
{
    cursor_take(from, cursor_number(from));
}

static bool take_kind(struct cursor *from, struct widths *widths)
{
    u64 kind = cursor_number(from), fields;

    skip_text(from);
    skip_text(from);
    fields = cursor_number(from);
    if (from->failed || kind >= RVEMU_EVENT_KINDS_MAX ||
        fields > RVEMU_EVENT_WORDS)
        return false;
    widths->fields[kind] = (u8)fields;
    for (u64 i = 0; i < 3 * fields; i++)
        skip_text(from);
    return !from->failed;
}

bool schema_take(struct cursor *from, struct widths *widths)
{
    u64 kinds = cursor_number(from);

    *widths = (struct widths){{0}};
    if (kinds > RVEMU_EVENT_KINDS_MAX)
        return false;
    for (u64 i = 0; i < kinds; i++)
        if (!take_kind(from, widths))
            return false;
    return !from->failed;
}

void about_put(struct bytes *to, const char *title, rvemu_event_set kinds,
               bool has_begun_late)
{
    bytes_put_text(to, title);
    bytes_put_le(to, (u64)kinds, 8);
    bytes_put_le(to, (u64)(kinds >> 64), 8);
    bytes_put_le(to, has_begun_late, 1);
}

bool about_take(struct cursor *from, char **title, rvemu_event_set *kinds,
                bool *has_begun_late)
{
    *title = cursor_text(from);
    *kinds = cursor_le(from, 8);
    *kinds |= (rvemu_event_set)cursor_le(from, 8) << 64;
    *has_begun_late = cursor_le(from, 1) != 0;
    return !from->failed;
}

void end_put(struct bytes *to, const struct rvemu_emt_end *end)
{
    bytes_put_text(to, end->reason ? end->reason : "");
    bytes_put_text(to, end->text ? end->text : "");
    bytes_put_number(to, fold((u64)(i64)end->status));
}

bool end_take(struct cursor *from, char **reason, char **text, int *status)
{
    *reason = cursor_text(from);
    *text = cursor_text(from);
    *status = (int)(i64)unfold(cursor_number(from));
    return !from->failed;
}

void place_put(struct bytes *to, const struct place *place)
{
    u8 header[CHUNK_HEADER];

    chunk_write_header(header, &place->chunk);
    bytes_put_le(to, place->offset, 8);
    bytes_put(to, header + CHUNK_MAGIC_BYTES, PLACE_BYTES - 8);
}

bool place_take(struct cursor *from, struct place *place)
{
    const u8 *header;

    place->offset = cursor_le(from, 8);
    header = cursor_take(from, PLACE_BYTES - 8);
    place->is_lost = false;
    return header && chunk_read_rest(header, &place->chunk);
}
