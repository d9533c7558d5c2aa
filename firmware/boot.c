/*
 * A hart's way from reset or stop to the supervisor.
 *
 * A hart that waits keeps serving the IPIs of others, as a fence may have been
 * asked of it just before it stopped.
 */
#include "boot.h"

#include "features.h"
#include "fence.h"
#include "hart.h"
#include "ipi.h"
#include "platform.h"
#include "pmu.h"
#include "probe.h"

extern char stacks_start[];

/* The traps that the supervisor handles itself: all that this firmware has no
 * use for, so that no fault takes a way round through M-mode. */
#define DELEGATED_EXCEPTIONS                        \
    (1 << 0 |  /* instruction address misaligned */ \
     1 << 1 |  /* instruction access fault */       \
     1 << 2 |  /* illegal instruction */            \
     1 << 3 |  /* breakpoint */                     \
     1 << 4 |  /* load address misaligned */        \
     1 << 5 |  /* load access fault */              \
     1 << 6 |  /* store address misaligned */       \
     1 << 7 |  /* store access fault */             \
     1 << 8 |  /* ecall from U */                   \
     1 << 12 | /* instruction page fault */         \
     1 << 13 | /* load page fault */                \
     1 << 15)  /* store page fault */
#define DELEGATED_INTERRUPTS (MIP_SSIP | MIP_STIP | MIP_SEIP | MIP_LCOFIP)

#define COUNTERS_ALL 0xffffffff
#define COUNTERS_CY_TM_IR 7

/* A naturally aligned power of two of bytes, as pmpaddr wants it. */
static u64 napot(u64 base, u64 size)
{
    return (base | (size / 2 - 1)) >> 2;
}

/* The firmware and the CLINT are not the supervisor's; all else is. Lower
 * entries win. */
static void protect_memory(void)
{
    csr_write(pmpaddr0, napot(FIRMWARE_BASE, FIRMWARE_SIZE));
    csr_write(pmpaddr1, napot(platform.clint.base, platform.clint.size));
    csr_write(pmpaddr2, ~0ul);
    csr_write(pmpcfg0, PMP_NAPOT | PMP_NAPOT << 8 |
                           (PMP_NAPOT | PMP_R | PMP_W | PMP_X) << 16);
}

/* Extensions that the supervisor uses only if M-mode allows it. The other
 * fields of menvcfg stay as reset has left them: page-based memory types are
 * the machine's choice, and so are hardware A/D updates at first. */
static void enable_extensions(struct hart *hart)
{
    probe_set_menvcfg(MENVCFG_STCE | MENVCFG_CBIE | MENVCFG_CBCFE |
                      MENVCFG_CBZE);
    hart->has_stimecmp = probe_set_stimecmp(~0ull);
}

void boot_resume(u64 pc, u64 opaque)
{
    u64 id = hart_id();

    boot_enter(id, opaque, pc, (u64)stacks_start + (id + 1) * STACK_SIZE);
}

void boot_supervisor(u64 pc, u64 opaque)
{
    struct hart *hart = hart_self();

    hart_set_state(hart, HART_STARTED);
    csr_write(medeleg, DELEGATED_EXCEPTIONS);
    csr_write(mideleg, DELEGATED_INTERRUPTS);
    csr_write(mcounteren, COUNTERS_ALL);
    csr_write(scounteren, COUNTERS_CY_TM_IR);
    enable_extensions(hart);
    features_reset();
    protect_memory();
    pmu_init();
    csr_clear(mip, MIP_SSIP | MIP_STIP | MIP_LCOFIP);
    csr_write(mie, MIP_MSIP);
    boot_resume(pc, opaque);
}

void boot_wait(void)
{
    struct hart *hart = hart_self();

    csr_write(mie, MIP_MSIP);
    for (;;) {
        /* Nobody can ask before the boot hart knows the machine. */
        u32 asked = platform.clint.base ? ipi_take() : 0;

        if (asked & IPI_FENCE)
            fence_serve();
        if (asked & IPI_START)
            boot_supervisor(hart->start_pc, hart->start_opaque);
        hart_sleep();
    }
}
