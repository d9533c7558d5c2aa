/* Lines as JSON objects; see json.h. */
#include "analysis/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEYS_MAX 64 /* of an object: more than there are facts */

struct writer {
    char *out;
    size_t used;
    const char *key[KEYS_MAX]; /* told already */
    unsigned keys;
};

static void put(struct writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct writer *w, const char *format, ...)
{
    size_t room = JSON_LINE - w->used;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(w->out + w->used, room, format, arguments);
    va_end(arguments);
    w->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* Bytes of the UTF-8 character at text; 0: they are none. */
static unsigned utf8_length(const unsigned char *text)
{
    static const struct {
        u8 mask, lead, length;
        u32 least; /* below it a shorter form exists */
    } forms[] = {
        {0x80, 0x00, 1, 0},
        {0xe0, 0xc0, 2, 0x80},
        {0xf0, 0xe0, 3, 0x800},
        {0xf8, 0xf0, 4, 0x10000},
    };
    unsigned form = 0;
    u32 code;

    while (form < 4 && (text[0] & forms[form].mask) != forms[form].lead)
        form++;
    if (form == 4)
        return 0;
    code = text[0] & (u8)~forms[form].mask;
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

static void put_string(struct writer *w, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    put(w, "\"");
    while (*at) {
        unsigned length = utf8_length(at);

        if (!length)
            put(w, "\\ufffd");
        else if (*at < ' ')
            put(w, "\\u%04x", *at);
        else
            put(w, "%s%.*s", *at == '"' || *at == '\\' ? "\\" : "", (int)length,
                (const char *)at);
        at += length ? length : 1;
    }
    put(w, "\"");
}

/* {"number":2,"pid":3,"name":"cow"} with what is known of it. */
static void put_space(struct writer *w, const struct space_name *space)
{
    const char *between = "";

    put(w, "{");
    if (space->alike) {
        put(w, "\"one_of\":%" PRIu64, space->alike);
        between = ",";
    }
    if (space->number) {
        put(w, "%s\"number\":%" PRIu64, between, space->number);
        between = ",";
    }
    if (space->has_pid)
        put(w, "%s\"pid\":%" PRIu64, between, space->pid);
    if (space->program[0]) {
        put(w, ",\"name\":");
        put_string(w, space->program);
    }
    put(w, "}");
}

/* Whether the key is new to the object, which has it then. */
static bool is_new(struct writer *w, const char *key)
{
    for (unsigned i = 0; i < w->keys; i++)
        if (!strcmp(w->key[i], key))
            return false;
    if (w->keys == KEYS_MAX)
        return false;
    w->key[w->keys++] = key;
    return true;
}

static void put_fact(void *arg, const struct fact_row *row, const void *fact)
{
    struct writer *w = arg;
    const char *text = fact;

    if (row->form == FACT_CLAUSE)
        text = sentence_kind(*(const enum sentence *)fact);
    if (!row->key || (row->form == FACT_CLAUSE && !*text) ||
        !is_new(w, row->key))
        return;
    put(w, ",\"%s\":", row->key);
    switch (row->form) {
    case FACT_TEXT:
    case FACT_CLAUSE: put_string(w, text); break;
    case FACT_SPACE: put_space(w, fact); break;
    case FACT_HEX:
    case FACT_FRAME: put(w, "\"0x%" PRIx64 "\"", *(const u64 *)fact); break;
    case FACT_COUNT: put(w, "%" PRIu64, *(const u64 *)fact); break;
    }
}

void json_write(char out[JSON_LINE], enum sentence sentence,
                const struct facts *facts, u64 time, const char *text)
{
    struct writer w = {.out = out};

    put(&w, "{\"kind\":\"%s\"", sentence_kind(sentence));
    if (sentence_is_finding(sentence, facts))
        put(&w, ",\"finding\":true");
    if (time != UINT64_MAX)
        put(&w, ",\"time_ns\":%" PRIu64, time);
    if (facts->hart)
        put(&w, ",\"hart\":%u", facts->hart - 1);
    sentence_each_fact(sentence, facts, put_fact, &w);
    put(&w, ",\"text\":");
    put_string(&w, text);
    put(&w, "}");
}

void json_begin(char out[JSON_LINE], enum rvemu_lang lang, const char *title)
{
    struct writer w = {.out = out};

    put(&w,
        "{\"v\":%d,\"kind\":\"begin\",\"lang\":\"%s\",\"text\":", JSON_VERSION,
        rvemu_lang_code(lang));
    put_string(&w, title);
    put(&w, "}");
}
