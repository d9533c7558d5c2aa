/*
 * What semihosting calls do ("Semihosting for AArch32 and AArch64", whose
 * numbers and arguments RISC-V takes over): those by which a program prints and
 * ends. a0 is the number, a1 the argument, and the result goes to a0.
 *
 * An argument is an address as the hart sees memory, without its rights, as on
 * QEMU; it is read from RAM, and what is elsewhere reads as nothing.
 */
#include "isa/privileged.h"
#include "machine/machine.h"

enum {
    SYS_WRITEC = 0x03,
    SYS_WRITE0 = 0x04,
    SYS_EXIT = 0x18,
    SYS_EXIT_EXTENDED = 0x20
};

#define APPLICATION_EXIT 0x20026 /* ADP_Stopped_ApplicationExit */
#define TEXT_MAX (1u << 20)      /* a string without an end is cut off */
#define A0 10
#define A1 11

static bool read_byte(struct rvemu *m, const struct hart *h, u64 va, u8 *byte)
{
    u64 satp = h->s.priv == PRIV_M ? 0 : h->s.csr.satp, pa;

    return rvemu_translate(m, satp, va, &pa) == 0 &&
           rvemu_read_ram(m, pa, byte, 1) == 0;
}

static bool read_word(struct rvemu *m, const struct hart *h, u64 va, u64 *word)
{
    *word = 0;
    for (unsigned i = 0; i < 8; i++) {
        u8 byte;

        if (!read_byte(m, h, va + i, &byte))
            return false;
        *word |= (u64)byte << 8 * i;
    }
    return true;
}

static void write_text(struct rvemu *m, const struct hart *h, u64 va)
{
    u8 byte;

    for (unsigned i = 0; i < TEXT_MAX; i++) {
        if (!read_byte(m, h, va + i, &byte) || !byte)
            return;
        machine_console_put(m, RVEMU_OUTLET_SEMIHOSTING, byte);
    }
}

/* A block of a reason and, for one of them, a status. */
static void leave(struct rvemu *m, const struct hart *h, u64 va)
{
    u64 reason, status;

    if (!read_word(m, h, va, &reason) || !read_word(m, h, va + 8, &status) ||
        reason != APPLICATION_EXIT)
        status = 1;
    status &= 0xff;
    machine_finish(m, status ? SYSCON_FAIL : SYSCON_PASS, (unsigned)status);
}

void machine_semihost(void *self, struct hart *h)
{
    struct rvemu *m = self;
    u64 number = h->s.x[A0], argument = h->s.x[A1], result = 0;
    u8 byte;

    switch (number) {
    case SYS_WRITEC:
        if (read_byte(m, h, argument, &byte))
            machine_console_put(m, RVEMU_OUTLET_SEMIHOSTING, byte);
        break;
    case SYS_WRITE0: write_text(m, h, argument); break;
    case SYS_EXIT:
    case SYS_EXIT_EXTENDED: leave(m, h, argument); break;
    default:
        machine_no_semihosting(m, number);
        result = UINT64_MAX;
        break;
    }
    h->s.x[A0] = result;
}
