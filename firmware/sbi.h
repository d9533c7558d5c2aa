/*
 * The Supervisor Binary Interface (SBI specification 2.0, and of 3.0 the
 * extension FWFT) as this firmware serves it: an extension is a file sbi_NAME.c
 * and a row of sbi_extensions.def.
 *
 * A call comes in by ecall with the extension in a7, the function in a6 and
 * arguments in a0 to a5; error and value go back in a0 and a1, and all other
 * registers are preserved.
 */
#ifndef SBI_H
#define SBI_H

#include "base/types.h"

struct trap_frame;

#define SBI_SPEC_VERSION (2 << 24 | 0)

enum sbi_error {
    SBI_SUCCESS = 0,
    SBI_ERR_FAILED = -1,
    SBI_ERR_NOT_SUPPORTED = -2,
    SBI_ERR_INVALID_PARAM = -3,
    SBI_ERR_DENIED = -4,
    SBI_ERR_INVALID_ADDRESS = -5,
    SBI_ERR_ALREADY_AVAILABLE = -6,
    SBI_ERR_ALREADY_STARTED = -7,
    SBI_ERR_ALREADY_STOPPED = -8,
    SBI_ERR_NO_SHMEM = -9,
    SBI_ERR_DENIED_LOCKED = -14,
};

struct sbi_result {
    long error;
    u64 value;
};

struct sbi_call {
    u64 extension, function;
    const u64 *arg; /* six */
    struct trap_frame *frame;
};

/* Serves one call of an extension. */
typedef struct sbi_result sbi_handler(const struct sbi_call *call);

#define EXTENSION(id, name) sbi_handler sbi_##name;
#include "sbi_extensions.def"

/* The calls of before there were extensions: they return only a0, and may
 * hand a fault on to the supervisor instead. True if they returned. */
bool sbi_legacy(const struct sbi_call *call, u64 *a0);
#define SBI_LEGACY_LAST 8

/* Serves the ecall that led to this frame. */
void sbi_serve(struct trap_frame *frame);

static inline struct sbi_result sbi_return(u64 value)
{
    return (struct sbi_result){SBI_SUCCESS, value};
}

static inline struct sbi_result sbi_fail(enum sbi_error error)
{
    return (struct sbi_result){error, 0};
}

#endif
