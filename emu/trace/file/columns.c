/*
 * Events as bytes; see columns.h.
 *
 * On the way out heads are found by a small hash table without chains: a head
 * that finds its place taken by another gets a second number, which costs a
 * byte and is right all the same.
 */
#include "trace/file/columns.h"

#define WORD_TIME 1u
#define WORD_PC 2u
#define WORD_FIELD 4u /* of field 0 */

#define HEADS_KNOWN 2048
#define HEADS_MAX (1u << 20) /* in a chunk that is read */

/* kind, hart, privilege and set of words, packed. */
static u32 pack_head(unsigned kind, unsigned hart, unsigned priv, u32 words)
{
    return (u32)kind << 20 | (u32)hart << 12 | (u32)priv << 10 | words;
}

void widths_known(struct widths *widths)
{
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++) {
        const struct rvemu_event_info *info = rvemu_event_info(kind);

        widths->fields[kind] = info ? info->fields : 0;
    }
}

/* ---- out ---- */

struct columns_out {
    struct widths widths;
    size_t count;
    rvemu_event_set kinds;
    u32 heads;
    struct {
        u32 head, number; /* number 0: free; else plus 1 */
    } known[HEADS_KNOWN];
    struct bytes defined; /* the heads, in the order of their numbers */
    struct bytes column[COLUMNS];
    struct model model;
};

struct columns_out *columns_out_new(const struct widths *widths)
{
    struct columns_out *out = calloc(1, sizeof(*out));

    if (!out)
        return NULL;
    out->widths = *widths;
    model_begin(&out->model);
    return out;
}

void columns_out_free(struct columns_out *out)
{
    if (!out)
        return;
    for (unsigned i = 0; i < COLUMNS; i++)
        bytes_free(&out->column[i]);
    bytes_free(&out->defined);
    free(out);
}

static void define_head(struct columns_out *out, u32 head)
{
    out->kinds |= RVEMU_EVENT_SET(head >> 20);
    bytes_put_number(&out->defined, head >> 20);
    bytes_put_le(&out->defined, head >> 12 & 0xff, 1);
    bytes_put_le(&out->defined, head >> 10 & 3, 1);
    bytes_put_number(&out->defined, head & 0x3ff);
}

/* The number of a head. */
static inline u32 number_head(struct columns_out *out, u32 head)
{
    u32 at = (head * 0x9e3779b9u) >> 21;

    if (!out->known[at].number || out->known[at].head != head) {
        define_head(out, head);
        out->known[at].head = head;
        out->known[at].number = ++out->heads;
    }
    return out->known[at].number - 1;
}

static void put_word(struct columns_out *out, unsigned column, u64 value,
                     u64 expected)
{
    bytes_put_number(&out->column[column], fold(value - expected));
}

static inline u32 put_fields(struct columns_out *out,
                             const struct rvemu_event *event,
                             struct expected *field)
{
    const u64 *word = event->word;
    const u64 *end = word + out->widths.fields[event->kind];
    u32 words = 0;

    for (; word != end; word++, field++) {
        unsigned i = (unsigned)(word - event->word);

        if (model_meets_field(field, *word))
            continue;
        words |= WORD_FIELD << i;
        put_word(out, COLUMN_FIELDS + event->kind * RVEMU_EVENT_WORDS + i,
                 *word, model_field(field));
        model_learn_field(field, *word);
    }
    return words;
}

/* Returns the number of the event's head. */
static inline u32 put_event(struct columns_out *out,
                            const struct rvemu_event *event)
{
    u64 time = model_time(&out->model, event->hart);
    u64 pc = model_pc(&out->model, event->hart);
    struct context *context;
    u32 words = 0;

    if (event->time != time) {
        words |= WORD_TIME;
        put_word(out, COLUMN_TIMES, event->time, time);
    }
    if (event->pc != pc) {
        words |= WORD_PC;
        put_word(out, COLUMN_PCS, event->pc, pc);
    }
    context = model_learn(&out->model, event->hart, event->kind, event->time,
                          event->pc);
    words |= put_fields(out, event, context->field);
    return number_head(out,
                       pack_head(event->kind, event->hart, event->priv, words));
}

void columns_put(struct columns_out *out, const struct rvemu_event *events,
                 size_t count)
{
    struct bytes *heads = &out->column[COLUMN_HEADS];
    u8 *at;

    out->count += count;
    if (!bytes_reserve(heads, count * NUMBER_BYTES))
        return;
    at = heads->at + heads->size;
    for (size_t i = 0; i < count; i++) {
        u32 number = put_event(out, &events[i]);

        for (; number >= 0x80; number >>= 7)
            *at++ = (u8)(number | 0x80);
        *at++ = (u8)number;
    }
    heads->size = (size_t)(at - heads->at);
}

rvemu_event_set columns_kinds(const struct columns_out *out)
{
    return out->kinds;
}

static void take_columns(struct columns_out *out, struct bytes *to)
{
    unsigned columns = 0;

    for (unsigned i = 0; i < COLUMNS; i++)
        columns += out->column[i].size != 0;
    bytes_put_number(to, columns);
    for (unsigned i = 0; i < COLUMNS; i++) {
        if (!out->column[i].size)
            continue;
        bytes_put_number(to, i);
        bytes_put_number(to, out->column[i].size);
    }
    for (unsigned i = 0; i < COLUMNS; i++) {
        bytes_put(to, out->column[i].at, out->column[i].size);
        to->failed |= out->column[i].failed;
        out->column[i].size = 0;
        out->column[i].failed = false;
    }
}

bool columns_take(struct columns_out *out, struct bytes *to)
{
    bytes_put_number(to, out->count);
    bytes_put_number(to, out->heads);
    bytes_put(to, out->defined.at, out->defined.size);
    to->failed |= out->defined.failed;
    take_columns(out, to);
    out->defined.size = 0;
    out->defined.failed = false;
    out->count = out->heads = 0;
    out->kinds = 0;
    memset(out->known, 0, sizeof(out->known));
    model_begin(&out->model);
    return !to->failed;
}

/* ---- in ---- */

struct columns_in {
    struct widths widths;
    u64 left; /* events */
    bool failed;
    u32 *head; /* by number */
    size_t heads;
    struct cursor column[COLUMNS];
    struct model model;
};

struct columns_in *columns_in_new(const struct widths *widths)
{
    struct columns_in *in = calloc(1, sizeof(*in));

    if (in)
        in->widths = *widths;
    return in;
}

void columns_in_free(struct columns_in *in)
{
    if (!in)
        return;
    free(in->head);
    free(in);
}

/* A head that only a kind with these widths can have. */
static bool read_head(struct columns_in *in, struct cursor *from, u32 *head)
{
    u64 kind = cursor_number(from);
    unsigned hart = (unsigned)cursor_le(from, 1);
    unsigned priv = (unsigned)cursor_le(from, 1);
    u64 words = cursor_number(from);

    if (from->failed || kind >= RVEMU_EVENT_KINDS_MAX ||
        !in->widths.fields[kind] || priv > 3 ||
        words >= WORD_FIELD << in->widths.fields[kind])
        return false;
    *head = pack_head((unsigned)kind, hart, priv, (u32)words);
    return true;
}

static bool read_heads(struct columns_in *in, struct cursor *from)
{
    u64 heads = cursor_number(from);
    u32 *grown;

    if (from->failed || heads > HEADS_MAX ||
        heads > (u64)(from->end - from->at))
        return false;
    grown = realloc(in->head, (heads + 1) * sizeof(*grown));
    if (!grown)
        return false;
    in->head = grown;
    in->heads = heads;
    for (u64 i = 0; i < heads; i++)
        if (!read_head(in, from, &in->head[i]))
            return false;
    return true;
}

static bool read_columns(struct columns_in *in, struct cursor *from)
{
    u64 size[COLUMNS] = {0};
    u64 columns = cursor_number(from), before = 0;

    if (columns > COLUMNS)
        return false;
    for (u64 i = 0; i < columns; i++) {
        u64 id = cursor_number(from);

        if (id >= COLUMNS || (i && id <= before))
            return false;
        before = id;
        size[id] = cursor_number(from);
    }
    for (unsigned i = 0; i < COLUMNS; i++) {
        const u8 *at = cursor_take(from, size[i]);

        if (!at)
            return false;
        in->column[i] = (struct cursor){.at = at, .end = at + size[i]};
    }
    return !from->failed && from->at == from->end;
}

bool columns_open(struct columns_in *in, const u8 *bytes, size_t size,
                  u32 events)
{
    struct cursor from = {.at = bytes, .end = bytes + size};

    model_begin(&in->model);
    in->left = cursor_number(&from);
    in->failed = from.failed || in->left != events || !read_heads(in, &from) ||
                 !read_columns(in, &from);
    if (in->failed)
        in->left = 0;
    return !in->failed;
}

static u64 read_word(struct columns_in *in, unsigned column, u64 expected)
{
    struct cursor *from = &in->column[column];
    u64 value = expected + unfold(cursor_number(from));

    in->failed |= from->failed;
    return value;
}

static void read_fields(struct columns_in *in, struct rvemu_event *event,
                        struct context *context, u32 words)
{
    unsigned first = COLUMN_FIELDS + event->kind * RVEMU_EVENT_WORDS;
    unsigned fields = in->widths.fields[event->kind];

    for (unsigned i = 0; i < fields; i++) {
        struct expected *field = &context->field[i];
        u64 value = model_field(field);

        if (words & WORD_FIELD << i)
            value = read_word(in, first + i, value);
        event->word[i] = value;
        model_learn_field(field, value);
    }
}

bool columns_next(struct columns_in *in, struct rvemu_event *event)
{
    u64 number;
    u32 head;

    if (!in->left)
        return false;
    number = cursor_number(&in->column[COLUMN_HEADS]);
    if (in->column[COLUMN_HEADS].failed || number >= in->heads) {
        in->failed = true;
        in->left = 0;
        return false;
    }
    in->left--;
    head = in->head[number];
    *event = (struct rvemu_event){.kind = (u16)(head >> 20),
                                  .hart = (u8)(head >> 12),
                                  .priv = (u8)(head >> 10 & 3)};
    event->time = model_time(&in->model, event->hart);
    event->pc = model_pc(&in->model, event->hart);
    if (head & WORD_TIME)
        event->time = read_word(in, COLUMN_TIMES, event->time);
    if (head & WORD_PC)
        event->pc = read_word(in, COLUMN_PCS, event->pc);
    read_fields(in, event,
                model_learn(&in->model, event->hart, event->kind, event->time,
                            event->pc),
                head);
    if (in->failed)
        in->left = 0;
    return !in->failed;
}

bool columns_failed(const struct columns_in *in)
{
    return in->failed;
}
