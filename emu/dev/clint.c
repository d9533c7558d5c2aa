/*
 * Core-local interruptor after SiFive's (privileged spec, "Machine Timer
 * Registers"; ACLINT specification for the layout).
 *
 *   0x0000 + 4·hart   msip      bit 0 is the hart's MSIP        4 bytes
 *   0x4000 + 8·hart   mtimecmp  MTIP is mtime >= mtimecmp       4 or 8 bytes
 *   0xbff8            mtime     ticks of 100 ns                 4 or 8 bytes
 *
 * Registers of harts that do not exist and holes read 0 and ignore writes;
 * other sizes are access faults. mtime is machine time plus an offset, never
 * stored. At reset mtimecmp is the largest value, so that no line is high.
 *
 * MTIP is a level, and so is the STIP of Sstc; "it is guaranteed to be
 * reflected … eventually, but not necessarily immediately". Both rise a while
 * after mtime has reached the value compared with, within that tick: were it at
 * its beginning, a loop whose steps divide a tick would be interrupted at the
 * same place for ever. The place is drawn by lot from the machine's seed, the
 * hart and the value compared with, and depends on nothing else. It is not at
 * the very beginning, so that whoever reads the time in a short loop has seen
 * the tick before its interrupt comes. They fall when mtime wraps to 0.
 */
#include "dev/clint.h"

#include "base/bits.h"

#define MTIMECMP_BASE 0x4000
#define MTIME 0xbff8
#define MTIME_OFFSET                                        \
    (MTIME - MTIMECMP_BASE) /* as an ACLINT's MTIMER has it \
                             */

#define NEVER_REACHED UINT64_MAX
#define PLACE_FIRST 25 /* ns */

u64 clint_time(const struct clint *clint)
{
    return clock_now(clint->clock) / CLINT_TICK_NS + clint->s.offset;
}

/* When `ticks` boundaries of a tick will have passed, and `place` after that.
 */
static u64 after_ticks(const struct clint *clint, u64 ticks, u64 place)
{
    u64 now = clock_now(clint->clock);
    u64 due;

    if (__builtin_add_overflow(now / CLINT_TICK_NS, ticks, &due) ||
        __builtin_mul_overflow(due, CLINT_TICK_NS, &due) ||
        __builtin_add_overflow(due, place, &due))
        return CLOCK_NEVER;
    return due;
}

/* How long into its tick, in ns, a timer of the hart becomes due. */
static u64 place_in_tick(const struct clint_hart *hart, u64 compare)
{
    return PLACE_FIRST +
           stir(hart->lot ^ compare) % (CLINT_TICK_NS - PLACE_FIRST);
}

bool clint_is_due(const struct clint *clint, unsigned h, u64 compare,
                  u64 *changes)
{
    u64 time = clint_time(clint), place;

    if (time > compare) {
        *changes = after_ticks(clint, -time, 0); /* mtime becomes 0 */
        return true;
    }
    place = place_in_tick(&clint->hart[h], compare);
    *changes = after_ticks(clint, compare - time, place);
    if (*changes > clock_now(clint->clock))
        return false;
    *changes = compare ? after_ticks(clint, -compare, 0) : CLOCK_NEVER;
    return true;
}

static void update_mtip(struct clint *clint, unsigned h)
{
    u64 changes;

    irq_set(&clint->hart[h].mtip,
            clint_is_due(clint, h, clint->s.mtimecmp[h], &changes));
    clock_arm(clint->clock, clint->hart[h].timer, changes);
}

static void timer_fire(void *owner, u64 now)
{
    struct clint_hart *hart = owner;

    update_mtip(hart->clint, hart->id);
}

static void write_msip(struct clint *clint, u64 h, u64 value)
{
    clint->s.msip[h] = value & 1;
    irq_set(&clint->hart[h].msip, value & 1);
}

static void write_mtime(struct clint *clint, u64 value)
{
    clint->s.offset += value - clint_time(clint);
    for (unsigned h = 0; h < clint->harts; h++)
        update_mtip(clint, h);
    if (clint->listener.written)
        clint->listener.written(clint->listener.host);
}

/* Whether offset is in the mtimecmp of a hart, and of which. */
static bool is_mtimecmp(const struct clint *clint, u64 offset, unsigned *h)
{
    *h = (unsigned)((offset - MTIMECMP_BASE) / 8);
    return offset >= MTIMECMP_BASE && *h < clint->harts;
}

/* The part of a 64-bit register that an access of size at offset reads. */
static u64 part_of(u64 whole, u64 offset, unsigned size)
{
    return size == 8 ? whole : (u32)(whole >> (offset & 4) * 8);
}

/* whole, with the part that an access of size at offset writes replaced by
 * value. */
static u64 with_part(u64 whole, u64 offset, unsigned size, u64 value)
{
    unsigned shift = (offset & 4) * 8;

    if (size == 8)
        return value;
    return (whole & ~(0xffffffffull << shift)) | (u64)(u32)value << shift;
}

static bool clint_read(void *device, u64 offset, unsigned size, u64 *value)
{
    struct clint *clint = device;
    unsigned h;

    if (size != 4 && (size != 8 || offset < MTIMECMP_BASE))
        return false;
    *value = 0;
    if (is_mtimecmp(clint, offset, &h))
        *value = part_of(clint->s.mtimecmp[h], offset, size);
    else if ((offset & ~7ull) == MTIME)
        *value = part_of(clint_time(clint), offset, size);
    else if (offset / 4 < clint->harts)
        *value = clint->s.msip[offset / 4];
    return true;
}

static bool clint_write(void *device, u64 offset, unsigned size, u64 value)
{
    struct clint *clint = device;
    unsigned h;

    if (size != 4 && (size != 8 || offset < MTIMECMP_BASE))
        return false;
    if (is_mtimecmp(clint, offset, &h)) {
        u64 *mtimecmp = &clint->s.mtimecmp[h];

        *mtimecmp = with_part(*mtimecmp, offset, size, value);
        update_mtip(clint, h);
    } else if ((offset & ~7ull) == MTIME) {
        write_mtime(clint, with_part(clint_time(clint), offset, size, value));
    } else if (offset / 4 < clint->harts) {
        write_msip(clint, offset / 4, value);
    }
    return true;
}

static const struct mmio_ops ops = {.read = clint_read, .write = clint_write};

static void clint_init(void *device, const struct device_wiring *wiring)
{
    struct clint *clint = device;

    clint->clock = wiring->clock;
    clint->harts = wiring->harts;
    clint->listener = wiring->time;
    for (unsigned h = 0; h < clint->harts; h++) {
        struct clint_hart *hart = &clint->hart[h];

        *hart = (struct clint_hart){
            .clint = clint,
            .id = h,
            .msip = device_hart_line(wiring, h, IRQ_MSIP),
            .mtip = device_hart_line(wiring, h, IRQ_MTIP),
            .timer = clock_add_timer(clint->clock, timer_fire, hart),
            .lot = stir(stir(wiring->seed) + h),
        };
    }
}

static void clint_reset(void *device)
{
    struct clint *clint = device;

    for (unsigned h = 0; h < clint->harts; h++) {
        clint->s.mtimecmp[h] = NEVER_REACHED;
        write_msip(clint, h, 0);
    }
    write_mtime(clint, 0);
}

/* The same registers as two devices of the ACLINT specification, as QEMU
 * describes them. */
static void write_aclint(struct node_writer *w,
                         const struct device_place *place)
{
    const u64 base = place->base, mtimecmp = base + MTIMECMP_BASE;
    const u32 reg[] = {0, (u32)base + MTIME,
                       0, (u32)(place->size - MTIMECMP_BASE - MTIME_OFFSET),
                       0, (u32)mtimecmp,
                       0, MTIME_OFFSET};

    node_open_at(w, "mswi", base);
    node_put_reg(w, base, MTIMECMP_BASE);
    node_put_cell(w, "#interrupt-cells", 0);
    node_put_flag(w, "interrupt-controller");
    node_put_hart_wire(w, IRQ_MSIP);
    node_put_string(w, "compatible", "riscv,aclint-mswi");
    node_close(w);
    node_open_at(w, "mtimer", mtimecmp);
    node_put_cells(w, "reg", reg, sizeof(reg) / sizeof(reg[0]));
    node_put_hart_wire(w, IRQ_MTIP);
    node_put_string(w, "compatible", "riscv,aclint-mtimer");
    node_close(w);
}

static void clint_write_node(struct node_writer *w,
                             const struct device_place *place)
{
    static const char compatible[] = "sifive,clint0\0riscv,clint0";

    if (w->aclint) {
        write_aclint(w, place);
        return;
    }
    node_open_device(w, "clint", place);
    node_put_hart_wires(w, IRQ_MSIP, IRQ_MTIP);
    node_put_bytes(w, "compatible", compatible, sizeof(compatible));
    node_close(w);
}

const struct device_kind clint_device = {
    .name = "clint",
    .size = sizeof(struct clint),
    .state = offsetof(struct clint, s),
    .state_size = sizeof(struct clint_state),
    .ops = &ops,
    .init = clint_init,
    .reset = clint_reset,
    .write_node = clint_write_node,
};
