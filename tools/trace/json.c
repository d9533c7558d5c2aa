/*
 * Pieces of JSON; see json.h and, for what an event looks like,
 * docs/emu-trace.md.
 *
 * A number that a reader might keep in 53 bits is not written as a number
 * where it can be larger: times and counts are none of these.
 */
#include "trace/json.h"

#include <inttypes.h>
#include <string.h>

#define SAFE (UINT64_C(1) << 53)
#define TEXT_MAX 512

/* Bytes of the UTF-8 character at text; 0: they are none. */
static unsigned utf8_length(const unsigned char *text)
{
    static const struct {
        unsigned char mask, lead, length;
        uint32_t least; /* below it a shorter form exists */
    } forms[] = {{0x80, 0x00, 1, 0},
                 {0xe0, 0xc0, 2, 0x80},
                 {0xf0, 0xe0, 3, 0x800},
                 {0xf8, 0xf0, 4, 0x10000}};
    unsigned form = 0;
    uint32_t code;

    while (form < 4 && (text[0] & forms[form].mask) != forms[form].lead)
        form++;
    if (form == 4)
        return 0;
    code = text[0] & (unsigned char)~forms[form].mask;
    for (unsigned i = 1; i < forms[form].length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < forms[form].least || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return forms[form].length;
}

void json_text(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text) {
        unsigned length = utf8_length((const unsigned char *)text);

        if (!length)
            fputs("\\ufffd", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
    fputc('"', out);
}

void json_member(FILE *out, const char *key, const char *text)
{
    fprintf(out, ",\"%s\":", key);
    json_text(out, text);
}

static void put_value(FILE *out, unsigned unit, uint64_t value)
{
    char text[64];

    switch (unit) {
    case RVEMU_UNIT_NUMBER:
    case RVEMU_UNIT_LEVEL:
    case RVEMU_UNIT_ASID:
        if (value < SAFE)
            fprintf(out, "%" PRIu64, value);
        else
            fprintf(out, "\"%" PRIu64 "\"", value);
        break;
    case RVEMU_UNIT_VA:
    case RVEMU_UNIT_PA:
    case RVEMU_UNIT_PPN:
    case RVEMU_UNIT_HEX: fprintf(out, "\"0x%" PRIx64 "\"", value); break;
    default:
        rvemu_word_text(text, sizeof(text), unit, value);
        fputs("{\"text\":", out);
        json_text(out, text);
        fprintf(out, ",\"raw\":\"0x%" PRIx64 "\"}", value);
        break;
    }
}

void json_fields(FILE *out, const struct rvemu_event *event)
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);

    for (unsigned i = 0; info && i < info->fields; i++) {
        fprintf(out, "%s\"%s\":", i ? "," : "", info->field[i].name);
        put_value(out, info->field[i].unit, event->word[i]);
    }
}

/* What a mark says, as text tells it. */
static void put_mark(FILE *out, const struct rvemu_event *event)
{
    char line[TEXT_MAX];
    const char *said;

    rvemu_event_text(line, sizeof(line), event, NULL, NULL);
    said = strstr(line, " mark ");
    if (!said)
        return;
    said += 6;
    json_member(out, "text", said + strspn(said, " "));
}

void json_event(FILE *out, const struct source *s)
{
    const struct rvemu_event *event = &s->event;
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);
    uint64_t offset = 0;
    const char *symbol;

    fprintf(out, "{\"boot\":%u,\"number\":%" PRIu64 ",\"time_ns\":%" PRIu64,
            s->place.boot, s->place.number, event->time);
    if (event->hart != RVEMU_NO_HART) {
        fprintf(out, ",\"hart\":%u,\"priv\":\"%s\",\"pc\":\"0x%" PRIx64 "\"",
                event->hart, rvemu_priv_name(event->priv), event->pc);
        symbol = rvemu_emt_symbol(s->trace, event->pc, &offset);
        if (symbol) {
            json_member(out, "symbol", symbol);
            fprintf(out, ",\"offset\":%" PRIu64, offset);
        }
    }
    fprintf(out, ",\"kind\":\"%s\",\"fields\":{", info ? info->name : "?");
    json_fields(out, event);
    fputc('}', out);
    if (event->kind == RVEMU_EVENT_mark)
        put_mark(out, event);
    fputc('}', out);
}
