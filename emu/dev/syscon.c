/*
 * SiFive's test finisher, which QEMU's virt also names as its syscon.
 *
 *   0x0  write: 0x5555               pass, or power off
 *               0x3333 | code << 16  fail with that code
 *               0x7777               reset
 *        read:  0
 *
 * 16- and 32-bit accesses are served (a 16-bit failure carries code 0); other
 * values and offsets change nothing. It holds no state.
 */
#include "dev/syscon.h"

#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x3333
#define FINISHER_RESET 0x7777

static bool syscon_read(void *device, u64 offset, unsigned size, u64 *value)
{
    *value = 0;
    return size == 2 || size == 4;
}

static bool syscon_write(void *device, u64 offset, unsigned size, u64 value)
{
    struct syscon *syscon = device;

    if (size != 2 && size != 4)
        return false;
    if (offset != 0)
        return true;
    switch (value & 0xffff) {
    case FINISHER_PASS: syscon->stop(syscon->host, SYSCON_PASS, 0); break;
    case FINISHER_FAIL:
        syscon->stop(syscon->host, SYSCON_FAIL,
                     (unsigned)(value >> 16 & 0xffff));
        break;
    case FINISHER_RESET: syscon->stop(syscon->host, SYSCON_RESET, 0); break;
    default: break;
    }
    return true;
}

const struct mmio_ops syscon_ops = {.read = syscon_read, .write = syscon_write};
