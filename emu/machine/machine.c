/*
 * Making and loading a machine. Start-up order reads from rvemu_create() up;
 * running it is in run.c, looking at it and changing it in api.c.
 */
#include "machine/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hart/code/block.h"
#include "hart/code/changes.h"
#include "hart/code/probes.h"
#include "hart/code/watches.h"
#include "hart/interp/interp.h"
#include "hart/mmu/mmu.h"
#include "hart/mmu/stores.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"
#include "hart/system/interrupts.h"
#include "isa/cpu_model.h"
#include "machine/history.h"
#include "machine/loader.h"
#include "machine/memmap.h"

#define MIB (1ull << 20)
#define HARTS_DEFAULT 1

static void hart_irq(void *hart, unsigned number, bool level)
{
    interrupts_drive(hart, number, level);
}

static void htif_exit(void *self, u64 code)
{
    machine_finish(self, code ? SYSCON_FAIL : SYSCON_PASS,
                   code < 0xffff ? (unsigned)code : 0xffff);
}

static void htif_refuse(void *self, const char *text)
{
    struct rvemu *m = self;

    m->s.stopped = true;
    m->s.stop.reason = RVEMU_STOP_REFUSED;
    snprintf(m->s.stop.text, sizeof(m->s.stop.text), "tohost: %s", text);
    clock_cut(&m->clock);
}

/* A device stores an aligned doubleword: within the instruction by which a hart
 * told it to, or between slices. */
static void device_store(void *self, u64 pa, u64 value)
{
    struct rvemu *m = self;
    struct hart *by = m->clock.runner ? &m->hart[m->turn.s.hart] : NULL;

    store_to_ram(&m->harts, by, pa, &value, sizeof(value), RVEMU_ORIGIN_DEVICE);
}

/* Devices reach RAM, and nothing but RAM. */
static bool dma_has(void *self, u64 pa, u64 count)
{
    const struct rvemu *m = self;

    return ram_has(&m->bus.ram, pa, count);
}

static bool dma_load(void *self, u64 pa, void *bytes, u64 count)
{
    const struct rvemu *m = self;

    if (!ram_has(&m->bus.ram, pa, count))
        return false;
    memcpy(bytes, ram_host(&m->bus.ram, pa), count);
    return true;
}

static bool dma_store(void *self, u64 pa, const void *bytes, u64 count)
{
    struct rvemu *m = self;

    if (!ram_has(&m->bus.ram, pa, count))
        return false;
    store_to_ram(&m->harts, NULL, pa, bytes, count, RVEMU_ORIGIN_DEVICE);
    return true;
}

static u64 read_time(void *self)
{
    const struct rvemu *m = self;

    return clint_time(m->board.clint);
}

static bool timer_due(void *self, unsigned id, u64 compare, u64 *changes)
{
    const struct rvemu *m = self;

    return clint_is_due(m->board.clint, id, compare, changes);
}

static void time_written(void *self)
{
    struct rvemu *m = self;

    for (unsigned i = 0; i < m->harts.count; i++)
        interrupts_update_stimer(&m->hart[i]);
}

/* The geometry of the harts' TLBs, whose configuration is good. */
static struct tlb_geometry tlb_geometry(const struct rvemu_tlb_config *config)
{
    struct tlb_geometry geometry = config->walks_ahead ? tlb_vast : tlb_default;

    if (config->sets)
        geometry.of[TLB_4K].sets = (u16)config->sets;
    if (config->ways)
        geometry.of[TLB_4K].ways = (u16)config->ways;
    geometry.replacement = config->replace;
    geometry.pointers = (u16)config->walk_cache;
    geometry.exact = config->counts || config->replace == RVEMU_TLB_LRU ||
                     config->replace == RVEMU_TLB_NONE;
    return geometry;
}

static int make_hart(struct rvemu *m, unsigned id, struct rvemu_error *error)
{
    const struct tlb_geometry geometry = tlb_geometry(&m->config.hart.tlb);
    const struct hart_wiring wiring = {
        .id = id,
        .siblings = &m->harts,
        .read_time = read_time,
        .timer_due = timer_due,
        .time_source = m,
        .isa = m->isa,
        .config = m->config.hart,
        .tlb = &geometry,
        .semihost = machine_semihost,
        .semihost_host = m,
    };

    return hart_init(&m->hart[id], &wiring, error);
}

/* What a UART that hangs in the air sends. */
static void drop_byte(void *self, u8 byte)
{
}

static bool has_virtio_console(const struct rvemu_config *config)
{
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        if (config->virtio.slot[i].kind == RVEMU_VIRTIO_CONSOLE)
            return true;
    return false;
}

static int make_board(struct rvemu *m, struct rvemu_error *error)
{
    struct device_wiring wiring = {
        .clock = &m->clock,
        .harts = m->harts.count,
        .hart_irq = hart_irq,
        .console = {has_virtio_console(&m->config) ? drop_byte
                                                   : machine_uart_put,
                    m},
        .line = {machine_virtio_put, m},
        .events = {machine_event, m},
        .stop = {machine_finish, m},
        .time = {time_written, m},
        .seed = m->config.seed,
        .epoch = m->config.epoch ? m->config.epoch : RVEMU_EPOCH_DEFAULT,
        .aclint = m->config.aclint,
        .dma = {dma_has, dma_load, dma_store, m},
        .virtio = &m->config.virtio,
    };

    for (unsigned i = 0; i < m->harts.count; i++)
        wiring.hart[i] = &m->hart[i];
    return board_init(&m->board, &m->bus, &wiring, error);
}

static int check_tlb(const struct rvemu_tlb_config *config,
                     struct rvemu_error *error)
{
    if (config->sets > RVEMU_TLB_SETS_MAX || config->sets & (config->sets - 1))
        return error_set(error, "a TLB has a power of two of sets, up to %d",
                         RVEMU_TLB_SETS_MAX);
    if (config->ways > RVEMU_TLB_WAYS_MAX)
        return error_set(error, "a set of a TLB has 1 to %d ways",
                         RVEMU_TLB_WAYS_MAX);
    if (config->walk_cache > RVEMU_TLB_WALK_CACHE_MAX)
        return error_set(error, "a walk cache has up to %d entries",
                         RVEMU_TLB_WALK_CACHE_MAX);
    if (config->asid_bits_off > RVEMU_ASID_BITS_MAX)
        return error_set(error, "an ASID has up to %d bits",
                         RVEMU_ASID_BITS_MAX);
    if ((unsigned)config->replace >= RVEMU_TLB_REPLACES)
        return error_set(error, "there is no such replacement in a TLB");
    return 0;
}

static int check_config(const struct rvemu_config *config,
                        struct rvemu_error *error)
{
    if (config->ram_bytes % MIB)
        return error_set(error, "RAM is not a whole number of MiB");
    if (config->step_shift > CLOCK_SHIFT_MAX)
        return error_set(error, "a step is at most 2^%d ns", CLOCK_SHIFT_MAX);
    if (config->harts > MEMMAP_HARTS_MAX)
        return error_set(error, "a machine has at most %d harts",
                         MEMMAP_HARTS_MAX);
    if (config->quantum &&
        (config->quantum < QUANTUM_LEAST || config->quantum > QUANTUM_MOST))
        return error_set(error, "a quantum is %d to %d steps", QUANTUM_LEAST,
                         QUANTUM_MOST);
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        if (config->virtio.slot[i].kind == RVEMU_VIRTIO_BLK &&
            !config->virtio.slot[i].disk)
            return error_set(error, "virtio slot %u has no disk", i);
    return check_tlb(&config->hart.tlb, error);
}

/* Svvptc is the promise that a valid entry is seen without a fence. */
static int choose_extensions(struct rvemu *m, struct rvemu_error *error)
{
    u64 off = m->config.hart.cache_invalid ? EXT_SET(SVVPTC) : 0;

    if (cpu_model_parse(m->config.cpu, off, &m->isa, error) < 0)
        return -1;
    if (m->isa & off)
        return error_set(error,
                         "-cpu %s: svvptc promises that no invalid entry is "
                         "kept: leave it out, or --tlb cache-invalid",
                         m->config.cpu);
    return 0;
}

int machine_build(struct rvemu *m, struct rvemu_error *error)
{
    unsigned harts = m->config.harts ? m->config.harts : HARTS_DEFAULT;

    m->s = (struct machine_state){0};
    m->harts = (struct siblings){0};
    clock_init(&m->clock);
    m->clock.shift = m->config.step_shift;
    m->bus.missed = (struct bus_missed){machine_missed, m};
    m->decoder = decoder_new(m->isa);
    m->blocks = m->decoder ? blocks_new(&m->bus, m->decoder, m->probes,
                                        m->changes, interp_engine.prepare)
                           : NULL;
    if (!m->blocks)
        return error_set(error, "out of host memory");
    m->harts = (struct siblings){
        .bus = &m->bus,
        .clock = &m->clock,
        .trace = &m->trace,
        .blocks = m->blocks,
        .tables = m->tables,
        .suspects = m->suspects,
        .probes = m->probes,
        .changes = m->changes,
        .watches = m->watches,
        .ahead = m->config.hart.tlb.walks_ahead ? &m->ahead : NULL,
        .walk_ahead = mmu_walk_ahead,
        .engine = &interp_engine};
    for (unsigned id = 0; id < harts; id++)
        if (make_hart(m, id, error) < 0)
            return -1;
    if (make_board(m, error) < 0)
        return -1;
    for (unsigned id = 0; id < harts; id++)
        hart_reset(&m->hart[id], m->board.rom_base);
    turn_init(&m->turn, m->config.quantum, m->config.seed);
    input_init(&m->input, m->board.uart, m->board.console);
    return 0;
}

void machine_unbuild(struct rvemu *m)
{
    for (unsigned i = 0; i < m->harts.count; i++)
        hart_fini(&m->hart[i]);
    board_fini(&m->board);
    blocks_free(m->blocks);
    decoder_free(m->decoder);
}

static int make(struct rvemu *m, struct rvemu_error *error)
{
    u64 ram = m->config.ram_bytes ? m->config.ram_bytes : RVEMU_RAM_DEFAULT;

    if (check_config(&m->config, error) < 0 || choose_extensions(m, error) < 0)
        return -1;
    m->config.cpu = NULL; /* the caller's, and read */
    if (bus_init(&m->bus, MEMMAP_RAM_BASE, ram, error) < 0)
        return -1;
    m->tables = tables_new(&m->harts);
    m->suspects = suspects_new(&m->harts);
    m->probes = calloc(1, sizeof(*m->probes));
    m->changes = calloc(1, sizeof(*m->changes));
    m->watches = calloc(1, sizeof(*m->watches));
    if (!m->tables || !m->suspects || !m->probes || !m->changes || !m->watches)
        return error_set(error, "out of host memory");
    if (machine_build(m, error) < 0)
        return -1;
    tables_watch(m->tables, m->harts.ahead != NULL);
    return 0;
}

int rvemu_create(const struct rvemu_config *config, rvemu **machine,
                 struct rvemu_error *error)
{
    struct rvemu *m = calloc(1, sizeof(*m));

    *machine = NULL;
    if (!m)
        return error_set(error, "out of host memory");
    m->config = *config;
    if (make(m, error) < 0) {
        rvemu_destroy(m);
        return -1;
    }
    *machine = m;
    return 0;
}

void rvemu_destroy(rvemu *m)
{
    if (!m)
        return;
    history_free(m);
    machine_unbuild(m);
    input_log_free(&m->log);
    tables_free(m->tables);
    suspects_free(m->suspects);
    if (m->probes)
        probes_free(m->probes);
    free(m->probes);
    if (m->changes)
        changes_free(m->changes);
    free(m->changes);
    if (m->watches)
        watches_free(m->watches);
    free(m->watches);
    bus_fini(&m->bus);
    free(m->device_tree);
    free(m);
}

static bool has_doubleword(const struct rvemu *m, u64 pa)
{
    return pa % 8 == 0 && ram_has(&m->bus.ram, pa, 8);
}

/* Only programs that own the machine know of HTIF; a kernel's tohost is its
 * own. */
int machine_attach_htif(struct rvemu *m, struct rvemu_error *error)
{
    const struct htif_host host = {.exit = htif_exit,
                                   .refuse = htif_refuse,
                                   .store = device_store,
                                   .host = m,
                                   .console = {machine_htif_put, m}};
    const struct guest_symbols *s = &m->symbols;

    if (m->as != RVEMU_AS_MACHINE || !s->has[SYMBOL_TOHOST] ||
        !s->has[SYMBOL_FROMHOST])
        return 0;
    for (unsigned i = SYMBOL_TOHOST; i <= SYMBOL_FROMHOST; i++)
        if (!has_doubleword(m, s->pa[i]))
            return error_set(error,
                             "the guest's %s at 0x%llx is no aligned "
                             "doubleword in RAM",
                             i == SYMBOL_TOHOST ? "tohost" : "fromhost",
                             (unsigned long long)s->pa[i]);
    htif_init(&m->board.htif, &m->bus, &m->clock, s->pa[SYMBOL_TOHOST],
              s->pa[SYMBOL_FROMHOST], &host);
    return 0;
}

/* Harts that begin elsewhere than in the ROM. */
static int start_harts(struct rvemu *m, const struct loader_result *result,
                       struct rvemu_error *error)
{
    for (unsigned i = 0; i < m->harts.count; i++)
        if (result->has_start >> i & 1 &&
            rvemu_set_pc(m, i, result->hart_start[i]) < 0)
            return error_set(error,
                             "-device loader: no instruction can begin at "
                             "0x%llx",
                             (unsigned long long)result->hart_start[i]);
    return 0;
}

int rvemu_load(rvemu *m, const struct rvemu_guest *guest,
               struct rvemu_error *error)
{
    const struct loader_machine target = {
        .bus = &m->bus,
        .rom = m->board.rom,
        .harts = m->harts.count,
        .aclint = m->config.aclint,
        .seed = m->config.seed,
        .isa = m->isa,
    };
    struct loader_result result;

    if (m->loaded)
        return error_set(error, "this machine has been loaded already");
    m->loaded = true;
    if (loader_load(&target, guest, &result, error) < 0)
        return -1;
    m->as = result.as;
    m->symbols = result.symbols;
    m->device_tree = result.device_tree;
    m->device_tree_size = result.device_tree_size;
    if (start_harts(m, &result, error) < 0)
        return -1;
    return machine_attach_htif(m, error);
}
