/*
 * Platform-level interrupt controller after SiFive's, as the RISC-V PLIC
 * specification 1.0.0 describes it. Contexts alternate M and S, hart by hart.
 *
 *   0x00_0000 + 4·source             priority, 0 (never) to 7
 *   0x00_1000 + 4·(source / 32)      pending bits, read-only
 *   0x00_2000 + 0x80·context + 4·w   enable bits, word w
 *   0x20_0000 + 0x1000·context       threshold, 0 to 7
 *   0x20_0004 + 0x1000·context       read: claim; write: complete
 *
 * Only 32-bit accesses are served; reserved words read 0 and ignore writes.
 * Gateways are those of QEMU's virt. A device that states a high level asks,
 * each time it states it, also while its last request is in service; a low
 * level takes the request back; a completion looks at no wire. Kernels rest
 * on this: an xv6 that never reads the UART's IIR leaves its "transmitter
 * empty" standing and would be interrupted for ever by a gateway that looks
 * at the level again. After every change each context's line is recomputed from
 * pending, enable, priority and threshold, so that it also falls when a
 * threshold rises. A claim looks at no threshold (specification, chapter 9).
 */
#include "dev/plic.h"

#define PENDING_BASE 0x1000
#define ENABLE_BASE 0x2000
#define ENABLE_STRIDE 0x80
#define CONTEXT_BASE 0x200000
#define CONTEXT_STRIDE 0x1000
#define CONTEXT_THRESHOLD 0
#define CONTEXT_CLAIM 4

#define PRIORITY_MASK 7

static bool get_bit(const u32 words[], unsigned n)
{
    return words[n / 32] >> n % 32 & 1;
}

static void put_bit(u32 words[], unsigned n, bool value)
{
    u32 mask = 1u << n % 32;

    words[n / 32] = value ? words[n / 32] | mask : words[n / 32] & ~mask;
}

/* The pending and enabled source of the highest priority above floor, the
 * lowest number among equals; 0 when there is none. */
static unsigned best_source(const struct plic *plic, unsigned context,
                            unsigned floor)
{
    unsigned best = 0;

    for (unsigned w = 0; w < PLIC_WORDS; w++) {
        u32 candidates = plic->s.pending[w] & ~plic->s.claimed[w] &
                         plic->s.enable[context][w];

        for (; candidates; candidates &= candidates - 1) {
            unsigned source = 32 * w + (unsigned)__builtin_ctz(candidates);

            if (plic->s.priority[source] > floor) {
                best = source;
                floor = plic->s.priority[source];
            }
        }
    }
    return best;
}

static void update(struct plic *plic)
{
    for (unsigned c = 0; c < plic->contexts; c++)
        irq_set(&plic->out[c], best_source(plic, c, plic->s.threshold[c]) != 0);
}

static void report(const struct plic *plic, enum rvemu_plic action,
                   unsigned source, unsigned context)
{
    const struct event_port *events = &plic->events;
    struct rvemu_event *event =
        events->make ? events->make(events->host, RVEMU_EVENT_plic) : NULL;

    if (event)
        event->plic = (struct rvemu_ev_plic){action, source, context};
}

static unsigned claim(struct plic *plic, unsigned context)
{
    unsigned source = best_source(plic, context, 0);

    report(plic, RVEMU_PLIC_CLAIM, source, context);
    if (source) {
        put_bit(plic->s.pending, source, false);
        put_bit(plic->s.claimed, source, true);
        update(plic);
    }
    return source;
}

/* A completion of a source that the context has not enabled is ignored. */
static void complete(struct plic *plic, unsigned context, u32 source)
{
    if (source >= PLIC_SOURCES || !get_bit(plic->s.enable[context], source))
        return;
    report(plic, RVEMU_PLIC_COMPLETE, source, context);
    put_bit(plic->s.claimed, source, false);
    update(plic);
}

static void set_source(void *device, unsigned source, bool level)
{
    struct plic *plic = device;

    if (get_bit(plic->s.pending, source) == level)
        return; /* most calls: devices restate their line on every access */
    report(plic, level ? RVEMU_PLIC_RAISED : RVEMU_PLIC_LOWERED, source, 0);
    put_bit(plic->s.pending, source, level);
    update(plic);
}

static u32 read_context(struct plic *plic, unsigned context, u64 reg)
{
    switch (reg) {
    case CONTEXT_THRESHOLD: return plic->s.threshold[context];
    case CONTEXT_CLAIM: return claim(plic, context);
    default: return 0;
    }
}

static void write_context(struct plic *plic, unsigned context, u64 reg,
                          u32 value)
{
    switch (reg) {
    case CONTEXT_THRESHOLD:
        plic->s.threshold[context] = value & PRIORITY_MASK;
        update(plic);
        break;
    case CONTEXT_CLAIM: complete(plic, context, value); break;
    default: break;
    }
}

/* The word of enable bits at an offset, or NULL where there is no such word. */
static u32 *enable_word(struct plic *plic, u64 offset)
{
    u64 context = (offset - ENABLE_BASE) / ENABLE_STRIDE;
    u64 word = (offset - ENABLE_BASE) % ENABLE_STRIDE / 4;

    if (context >= plic->contexts || word >= PLIC_WORDS)
        return NULL;
    return &plic->s.enable[context][word];
}

static u32 read_register(struct plic *plic, u64 offset)
{
    if (offset >= CONTEXT_BASE) {
        u64 context = (offset - CONTEXT_BASE) / CONTEXT_STRIDE;

        if (context >= plic->contexts)
            return 0;
        return read_context(plic, (unsigned)context, offset % CONTEXT_STRIDE);
    }
    if (offset >= ENABLE_BASE) {
        const u32 *word = enable_word(plic, offset);

        return word ? *word : 0;
    }
    if (offset >= PENDING_BASE) {
        u64 word = (offset - PENDING_BASE) / 4;

        return word < PLIC_WORDS ? plic->s.pending[word] : 0;
    }
    return offset / 4 < PLIC_SOURCES ? plic->s.priority[offset / 4] : 0;
}

static void write_register(struct plic *plic, u64 offset, u32 value)
{
    if (offset >= CONTEXT_BASE) {
        u64 context = (offset - CONTEXT_BASE) / CONTEXT_STRIDE;

        if (context < plic->contexts)
            write_context(plic, (unsigned)context, offset % CONTEXT_STRIDE,
                          value);
    } else if (offset >= ENABLE_BASE) {
        u32 *word = enable_word(plic, offset);

        if (!word)
            return;
        /* Source 0 does not exist. */
        *word = offset % ENABLE_STRIDE == 0 ? value & ~1u : value;
        update(plic);
    } else if (offset < PENDING_BASE && offset / 4 < PLIC_SOURCES) {
        if (offset != 0)
            plic->s.priority[offset / 4] = value & PRIORITY_MASK;
        update(plic);
    }
}

static bool plic_read(void *device, u64 offset, unsigned size, u64 *value)
{
    if (size != 4)
        return false;
    *value = read_register(device, offset);
    return true;
}

static bool plic_write(void *device, u64 offset, unsigned size, u64 value)
{
    if (size != 4)
        return false;
    write_register(device, offset, (u32)value);
    return true;
}

static const struct mmio_ops ops = {.read = plic_read, .write = plic_write};

static void plic_init(void *device, const struct device_wiring *wiring)
{
    struct plic *plic = device;

    plic->contexts = 2 * wiring->harts;
    plic->events = wiring->events;
    for (unsigned h = 0; h < wiring->harts; h++) {
        plic->out[2 * h] = device_hart_line(wiring, h, IRQ_MEIP);
        plic->out[2 * h + 1] = device_hart_line(wiring, h, IRQ_SEIP);
    }
}

static void plic_reset(void *device)
{
    struct plic *plic = device;

    plic->s = (struct plic_state){0};
    update(plic);
}

static void plic_write_node(struct node_writer *w,
                            const struct device_place *place)
{
    static const char compatible[] = "sifive,plic-1.0.0\0riscv,plic0";

    node_open_device(w, "plic", place);
    node_put_cell(w, "riscv,ndev", PLIC_SOURCES - 1);
    node_put_hart_wires(w, IRQ_MEIP, IRQ_SEIP);
    node_put_flag(w, "interrupt-controller");
    node_put_bytes(w, "compatible", compatible, sizeof(compatible));
    node_put_cell(w, "#address-cells", 0);
    node_put_cell(w, "#interrupt-cells", 1);
    node_close(w);
}

const struct device_kind plic_device = {
    .name = "plic",
    .size = sizeof(struct plic),
    .state = offsetof(struct plic, s),
    .state_size = sizeof(struct plic_state),
    .ops = &ops,
    .init = plic_init,
    .reset = plic_reset,
    .set_source = set_source,
    .write_node = plic_write_node,
    .has_phandle = true,
};
