/*
 * What the host is told, once each: that the guest reaches for something that
 * QEMU's virt has (hw/riscv/virt.c, virt_memmap) and this machine has not. A
 * guest that probes by faults would else go another way in silence.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/machine.h"

static const struct {
    const char *name;
    u64 base, size;
} absent[] = {
    {"an SSWI with -M virt,aclint=on", 0x02f00000, 0x4000},
    {"PCIe I/O ports", 0x03000000, 0x10000},
    {"an IOMMU", 0x03010000, 0x1000},
    {"a platform bus", 0x04000000, 0x2000000},
    {"fw_cfg", 0x10100000, 0x18},
    {"flash memory", 0x20000000, 0x4000000},
    {"IMSICs (-M virt,aia=)", 0x24000000, 0x8000000},
    {"PCIe configuration space", 0x30000000, 0x10000000},
    {"PCIe memory", 0x40000000, 0x40000000},
};

#define ABSENT (sizeof(absent) / sizeof(absent[0]))
#define SEMIHOSTING_BIT 63

/* Whether this was not told before; it is then. */
static bool is_new(struct rvemu *m, unsigned bit)
{
    bool is_new = !(m->told >> bit & 1) && m->config.host.notice;

    m->told |= 1ull << bit;
    return is_new;
}

void machine_missed(void *self, u64 pa, bool is_write)
{
    struct rvemu *m = self;
    const struct hart *h = &m->hart[m->turn.s.hart];
    char text[160];

    for (unsigned i = 0; i < ABSENT; i++) {
        if (pa - absent[i].base >= absent[i].size || !is_new(m, i))
            continue;
        snprintf(text, sizeof(text),
                 "hart %u %s 0x%" PRIx64 ", where QEMU has %s and emu has "
                 "nothing yet: an access fault",
                 h->w.id, is_write ? "writes to" : "reads", pa, absent[i].name);
        m->config.host.notice(m->config.host.self, text);
    }
}

void machine_no_semihosting(struct rvemu *m, u64 number)
{
    char text[160];

    if (!is_new(m, SEMIHOSTING_BIT))
        return;
    snprintf(text, sizeof(text),
             "semihosting call 0x%" PRIx64 " is not supported yet: it fails",
             number);
    m->config.host.notice(m->config.host.self, text);
}
