/* The machine's end of the line to its console; see input.h. */
#include "machine/input.h"

#include "base/bits.h"
#include "dev/uart16550.h"
#include "dev/virtio/console.h"

void input_init(struct input *input, struct uart16550 *uart,
                struct virtio *console)
{
    *input = (struct input){.s.ended = true, .uart = uart, .console = console};
}

size_t input_room(const struct input *input)
{
    return INPUT_QUEUE - input->s.count;
}

static void take_bytes(struct input_state *s, const u8 *bytes, size_t count)
{
    for (size_t i = 0; i < count && s->count < INPUT_QUEUE; i++)
        s->queue[(s->head + s->count++) % INPUT_QUEUE] = bytes[i];
}

/* Where input comes from from now on. */
static void begin(struct input_state *s, bool live)
{
    s->live = live;
    s->ended = false;
}

static void end(struct input_state *s, bool guest_is_told)
{
    s->ended = true;
    s->end_due = guest_is_told;
}

void input_take(struct input *input, const struct input_record *record)
{
    const struct rvemu_input *what = &record->what;
    struct input_state *s = &input->s;

    s->look = least(s->look, record->time);
    switch (what->kind) {
    case RVEMU_INPUT_FILE: begin(s, false); break;
    case RVEMU_INPUT_LIVE: begin(s, true); break;
    case RVEMU_INPUT_BYTES: take_bytes(s, what->bytes, what->count); break;
    case RVEMU_INPUT_END: end(s, true); break;
    case RVEMU_INPUT_GONE: end(s, false); break;
    case RVEMU_INPUT_UNTIL: input->woken = what->until; break;
    }
}

/* Bytes of the queue, as they were given. */
static struct rvemu_input given(const u8 *bytes, size_t count)
{
    return (struct rvemu_input){
        .kind = RVEMU_INPUT_BYTES, .bytes = bytes, .count = count};
}

/* What would bring a new machine to where this one stands. */
static enum rvemu_input_kind source(const struct input_state *s)
{
    if (s->ended)
        return s->end_due ? RVEMU_INPUT_END : RVEMU_INPUT_GONE;
    return s->live ? RVEMU_INPUT_LIVE : RVEMU_INPUT_FILE;
}

/* The queue goes round its array. That a line has begun is not told: the line
 * is for who got its first bytes. */
unsigned input_left(const struct input *input,
                    struct rvemu_input left[RVEMU_INPUT_LEFT_MAX])
{
    const struct input_state *s = &input->s;
    u32 first = (u32)least(s->count, INPUT_QUEUE - s->head);
    unsigned n = 0;

    if (first)
        left[n++] = given(s->queue + s->head, first);
    if (s->count > first)
        left[n++] = given(s->queue, s->count - first);
    left[n++] = (struct rvemu_input){.kind = source(s)};
    return n;
}

static bool is_ready(const struct input *input)
{
    return input->console ? virtio_console_can_receive(input->console)
                          : uart_can_receive(input->uart);
}

static bool has_input(const struct input_state *s)
{
    return s->count > 0 || s->end_due;
}

enum rvemu_ask input_ask(const struct input *input, u64 now)
{
    const struct input_state *s = &input->s;

    if (s->ended)
        return RVEMU_ASK_NOTHING;
    if (s->live)
        return RVEMU_ASK_IF_ANY;
    return now >= s->free && !has_input(s) && is_ready(input)
               ? RVEMU_ASK_NOW
               : RVEMU_ASK_NOTHING;
}

/* Who idles for ever without a receiver cannot be woken by input. */
enum rvemu_ask input_ask_idle(const struct input *input, u64 due)
{
    if (input->s.ended || !input->s.live ||
        (due == UINT64_MAX && !is_ready(input)))
        return RVEMU_ASK_NOTHING;
    return RVEMU_ASK_IF_ANY;
}

static u8 next_byte(struct input_state *s)
{
    u8 byte = INPUT_END;

    if (s->count == 0) {
        s->end_due = s->in_line;
        s->in_line = false;
        return byte;
    }
    byte = s->queue[s->head];
    s->head = (s->head + 1) % INPUT_QUEUE;
    s->count--;
    s->in_line = byte != '\n' && byte != '\r';
    return byte;
}

void input_serve(struct input *input, u64 now)
{
    struct input_state *s = &input->s;

    if (now < s->free || !has_input(s) || !is_ready(input))
        return;
    s->free = now + UART_CHAR_NS;
    if (input->console) {
        virtio_console_receive(input->console, next_byte(s));
        return;
    }
    uart_receive(input->uart, next_byte(s));
    s->free = now + uart_char_ns(input->uart);
}

/* Whether a byte can be had without waiting for somebody to type it. */
static bool can_be_had(const struct input_state *s)
{
    return has_input(s) || (!s->live && !s->ended);
}

u64 input_next(const struct input *input, u64 now)
{
    const struct input_state *s = &input->s;

    /* With the wire free the guest was not ready: it is asked again when it
     * idles, or a slice later. */
    return can_be_had(s) && s->free > now ? s->free : UINT64_MAX;
}

bool input_is_at_hand(const struct input *input)
{
    return can_be_had(&input->s) && is_ready(input);
}

u64 input_wake(const struct input *input, u64 now, u64 due)
{
    u64 woken = most(now, input->woken);

    if (can_be_had(&input->s))
        woken = most(woken, input->s.free);
    return least(woken, due);
}
