/*
 * What a fuzzer that coverage guides is made of: libFuzzer's input as numbers,
 * one taken off after the other, and what must hold, or the fuzzer aborts.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdlib.h>
#include <string.h>

#include <rvemu/error.h>

#include "base/types.h"

struct input {
    const u8 *at, *end;
};

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* The next so many bytes as a number, little-endian; what is not there is 0. */
static inline u64 take(struct input *in, unsigned count)
{
    u64 value = 0;

    for (unsigned i = 0; i < count && in->at < in->end; i++)
        value |= (u64)*in->at++ << 8 * i;
    return value;
}

static inline void expect(bool truth)
{
    if (!truth)
        abort();
}

/* What is said of a failure is one line that people can read. */
static inline void expect_line(const struct rvemu_error *error)
{
    expect(error->text[0] && memchr(error->text, 0, sizeof(error->text)));
    for (const char *at = error->text; *at; at++)
        expect((unsigned char)*at >= ' ' && *at != 0x7f);
}

#endif
