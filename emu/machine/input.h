/*
 * What comes from outside: the machine's end of the line to its console.
 *
 * Everything that the host brings enters as a record stamped with machine time
 * (input_take()); what follows from it is decided here, by machine time and
 * guest state alone. So one list of records gives one run.
 *
 *   host ──record──▶ queue ──a byte a character time──▶ UART
 *
 * A byte leaves the queue when the wire is free and the guest's receiver takes
 * it, at the first look at that: looks are at machine times which the state
 * decides (`look`), not at the ends of what a caller happens to run.
 */
#ifndef MACHINE_INPUT_H
#define MACHINE_INPUT_H

#include <rvemu/machine.h>

#include "base/plain.h"
#include "base/types.h"

#define INPUT_QUEUE 4096

/* What a guest gets at the end of input: ^D, which is what its tty takes for an
 * end of file; a serial line knows no other. Behind a line that is not ended it
 * comes twice: a tty takes the first for the line's end. */
#define INPUT_END 0x04

PLAIN_BEGIN
struct input_state {
    u64 look;     /* machine time of the next look at the host and the queue */
    u64 wish;     /* when the host or the wire wants that look, or UINT64_MAX */
    u64 free;     /* machine time from which the wire is free */
    u32 head;     /* index of the oldest byte in the queue */
    u32 count;    /* bytes in the queue */
    bool live;    /* input is typed, or might as well be: never wait for it */
    bool ended;   /* nothing more is to be waited for */
    bool end_due; /* INPUT_END is still to be sent */
    bool in_line; /* the last byte sent ended no line */
    u8 zero[4];
    u8 queue[INPUT_QUEUE];
};
PLAIN_END

struct uart16550;
struct virtio;

struct input {
    struct input_state s;
    struct uart16550 *uart;
    struct virtio *console; /* whose input it is in the place of the UART's, or
                             * NULL */
    u64 woken; /* while the host idles: what it says the present is */
};

/* Something from outside, and the machine time at which it came. */
struct input_record {
    u64 time;
    struct rvemu_input what;
};

/* Nobody gives anything yet. Both outlive the input; the console may be
 * NULL. */
void input_init(struct input *input, struct uart16550 *uart,
                struct virtio *console);

/* Takes up a record, between slices. Of bytes, those that find no room in the
 * queue are lost. */
void input_take(struct input *input, const struct input_record *record);

/* How many bytes the queue has room for. */
size_t input_room(const struct input *input);

/* As rvemu_input_left(). */
unsigned input_left(const struct input *input,
                    struct rvemu_input left[RVEMU_INPUT_LEFT_MAX]);

/* What the host is asked for at machine time now, while the guest runs, and
 * while it idles until `due`. */
enum rvemu_ask input_ask(const struct input *input, u64 now);
enum rvemu_ask input_ask_idle(const struct input *input, u64 due);

/* Hands over the byte that is due at machine time now, if one is. */
void input_serve(struct input *input, u64 now);

/* Machine time, after now, at which there is a byte to hand over, as far as
 * that depends on the wire; UINT64_MAX when nothing but the guest can tell. */
u64 input_next(const struct input *input, u64 now);

/* Whether a guest that idles can have a byte, from the queue or from a file,
 * without waiting for somebody to type it. */
bool input_is_at_hand(const struct input *input);

/* When a guest that idles from now on until `due` gets on, by what the host has
 * said meanwhile. */
u64 input_wake(const struct input *input, u64 now, u64 due);

#endif
