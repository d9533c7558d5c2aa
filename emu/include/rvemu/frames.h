/*
 * Lifetimes of frames: which functions of a kernel give frames of memory out
 * and take them back, so that an explainer can say where it errs with them.
 *
 * The functions are watched by their calls alone, by the C calling convention:
 * a frame is what is returned in a0, or passed in it, as a pointer. Calls that
 * a compiler has put inline are not seen.
 */
#ifndef RVEMU_FRAMES_H
#define RVEMU_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rvemu_frames_does {
    RVEMU_FRAMES_ALLOC, /* returns a frame, NULL where there is none */
    RVEMU_FRAMES_FREE,  /* takes the frame in a0 back */
    /* Takes the frame in a0 back if that is changed by it, as a list of free
     * frames changes it that lies in them; if not, it has only counted. */
    RVEMU_FRAMES_DROP,
    RVEMU_FRAMES_VIA /* on behalf of its own caller it calls one of these */
};

#define RVEMU_FRAMES_ONE 0xff

struct rvemu_frames_function {
    uint64_t va; /* of its first instruction: to be probed
                  * (rvemu_probe_add()), with returns */
    enum rvemu_frames_does does;
    /* The argument that says how many pieces there are, as a power of two: 0 is
     * a0, up to 3. RVEMU_FRAMES_ONE: always one. */
    uint8_t order;
};

#define RVEMU_FRAMES_FUNCTIONS 16

struct rvemu_frames {
    unsigned count;
    struct rvemu_frames_function function[RVEMU_FRAMES_FUNCTIONS];
    uint64_t size; /* bytes of a piece, a multiple of 4096 */

    /* Asked while an event of this hart is told, and `read` also when there are
     * no more. `arg` and what it points to stay the maker's. */
    void *arg;
    /* Says which physical address a pointer of the kernel means. False: none.
     */
    bool (*locate)(void *arg, unsigned hart, uint64_t pointer, uint64_t *pa);
    /* Reads memory. False: there is none. */
    bool (*read)(void *arg, uint64_t pa, void *bytes, size_t count);
};

/* What was seen of them. */
struct rvemu_frames_totals {
    uint64_t taken;  /* frames that were given out */
    uint64_t freed;  /* … and taken back */
    uint64_t unseen; /* given out again, though they had not been taken back */
    uint64_t mistakes; /* sentences about what is wrong */
};

#endif
