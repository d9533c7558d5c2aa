/*
 * SBI "Debug Console Extension" (DBCN).
 *
 * The buffer is named by its physical address. It is touched in M-mode, past
 * the PMP, so it has to lie wholly in memory that is the supervisor's.
 */
#include "console.h"
#include "platform.h"
#include "sbi.h"

enum { CONSOLE_WRITE, CONSOLE_READ, CONSOLE_WRITE_BYTE };

static u64 write(const u8 *bytes, u64 size)
{
    for (u64 i = 0; i < size; i++)
        console_put(bytes[i]);
    return size;
}

static u64 read(u8 *bytes, u64 size)
{
    u64 count = 0;
    int byte;

    while (count < size && (byte = console_get()) >= 0)
        bytes[count++] = (u8)byte;
    return count;
}

static struct sbi_result transfer(u64 function, const u64 *arg)
{
    u64 size = arg[0], base_low = arg[1], base_high = arg[2];
    u8 *bytes = (u8 *)base_low;

    if (base_high || !platform_is_supervisors(base_low, size))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    return sbi_return(function == CONSOLE_WRITE ? write(bytes, size)
                                                : read(bytes, size));
}

struct sbi_result sbi_dbcn(const struct sbi_call *call)
{
    switch (call->function) {
    case CONSOLE_WRITE:
    case CONSOLE_READ: return transfer(call->function, call->arg);
    case CONSOLE_WRITE_BYTE:
        console_put((u8)call->arg[0]);
        return sbi_return(0);
    default: return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    }
}
