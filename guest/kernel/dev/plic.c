/*
 * RISC-V PLIC (PLIC specification 1.0.0).
 *
 *   0x000000 + 4·irq            priority of a source, 0 is never
 *   0x002000 + 0x80·ctx         enable bits of a context
 *   0x200000 + 0x1000·ctx       threshold
 *   0x200004 + 0x1000·ctx       claim (read), complete (write)
 *
 * A context is one entry of the node's `interrupts-extended`: a pair of the
 * hart's interrupt controller and the interrupt it raises there.
 */
#include "dev/plic.h"

#include "lib/csr.h"
#include "lib/fdt.h"
#include "lib/layout.h"
#include "lib/string.h"

#define PLIC_PRIORITY(irq) (4ul * (irq))
#define PLIC_ENABLE(ctx, irq) (0x2000 + 0x80ul * (ctx) + 4ul * ((irq) / 32))
#define PLIC_THRESHOLD(ctx) (0x200000 + 0x1000ul * (ctx))
#define PLIC_CLAIM(ctx) (0x200004 + 0x1000ul * (ctx))

static u8 *regs;
static u32 context;

static volatile u32 *reg(u64 offset)
{
    return (volatile u32 *)(regs + offset);
}

/* Phandle of the interrupt controller inside the hart's cpu node, 0 when
 * the tree has none. */
static u32 hart_controller(u64 hart)
{
    int depth = 0;

    for (int node = 0; node >= 0; node = fdt_next(node, &depth)) {
        if (strncmp(fdt_name(node), "cpu@", 4) != 0 ||
            fdt_u32(node, "reg", ~0u) != hart)
            continue;
        return fdt_u32(fdt_next(node, &depth), "phandle", 0);
    }
    return 0;
}

bool plic_init(u64 hart)
{
    int node = fdt_find_compatible("riscv,plic0");
    u32 len, controller = hart_controller(hart);
    const u8 *pairs;
    u64 pa, size;

    if (node < 0 || !fdt_reg(node, 0, &pa, &size))
        return false;
    pairs = fdt_prop(node, "interrupts-extended", &len);
    for (u32 i = 0; pairs && i < len / 8; i++) {
        if (fdt_cell(pairs + 8 * i) == controller &&
            fdt_cell(pairs + 8 * i + 4) == IRQ_S_EXTERNAL) {
            context = i;
            regs = phys_to_virt(pa);
            *reg(PLIC_THRESHOLD(context)) = 0;
            return true;
        }
    }
    return false;
}

void plic_enable(u32 irq)
{
    *reg(PLIC_PRIORITY(irq)) = 1;
    *reg(PLIC_ENABLE(context, irq)) |= 1u << irq % 32;
}

u32 plic_claim(void)
{
    return *reg(PLIC_CLAIM(context));
}

void plic_complete(u32 irq)
{
    *reg(PLIC_CLAIM(context)) = irq;
}
