/*
 * Supervisor software interrupts of an ACLINT (RISC-V ACLINT specification,
 * "Supervisor-level Software Interrupt Device"), where the machine has one.
 *
 *   0x0000 + 4·hart   SETSSIP   a 1 in bit 0 sets the hart's SSIP; reads 0
 *
 * Registers of harts that do not exist read 0 and ignore writes; other sizes
 * are access faults. It is an edge: SSIP is the hart's to clear, so that the
 * device has no state.
 */
#include "dev/device.h"

struct sswi {
    unsigned harts;
    struct irq_line ssip[DEVICE_HARTS_MAX];
};

static bool sswi_read(void *device, u64 offset, unsigned size, u64 *value)
{
    *value = 0;
    return size == 4;
}

static bool sswi_write(void *device, u64 offset, unsigned size, u64 value)
{
    struct sswi *sswi = device;

    if (size != 4)
        return false;
    if (offset / 4 < sswi->harts && value & 1)
        irq_set(&sswi->ssip[offset / 4], true);
    return true;
}

static bool sswi_is_there(const struct device_wiring *wiring)
{
    return wiring->aclint;
}

static void sswi_init(void *device, const struct device_wiring *wiring)
{
    struct sswi *sswi = device;

    sswi->harts = wiring->harts;
    for (unsigned h = 0; h < wiring->harts; h++)
        sswi->ssip[h] = device_hart_line(wiring, h, IRQ_SSIP);
}

static void sswi_write_node(struct node_writer *w,
                            const struct device_place *place)
{
    if (!w->aclint)
        return;
    node_open_device(w, "sswi", place);
    node_put_cell(w, "#interrupt-cells", 0);
    node_put_flag(w, "interrupt-controller");
    node_put_hart_wire(w, IRQ_SSIP);
    node_put_string(w, "compatible", "riscv,aclint-sswi");
    node_close(w);
}

static const struct mmio_ops ops = {sswi_read, sswi_write};

const struct device_kind sswi_device = {
    .name = "sswi",
    .size = sizeof(struct sswi),
    .ops = &ops,
    .is_there = sswi_is_there,
    .init = sswi_init,
    .write_node = sswi_write_node,
};
