/*
 * The device tree, equal to the one QEMU 7.2 makes for the devices we have;
 * a test lists and explains every difference. Written in two steps: the
 * hardware front to back with libfdt's sequential functions, then what one
 * boot adds (/chosen, the firmware's reservation) with its editing functions,
 * which serve a tree of the user's as well.
 *
 * Phandles are numbered as QEMU numbers them: two a hart from the last hart
 * down, then the PLIC and the test finisher. Bindings: Devicetree
 * specification 0.4; Linux Documentation/devicetree/bindings.
 */
#include "machine/devtree.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "dev/clint.h"
#include "dev/plic.h"
#include "hart/system/counters.h"
#include "hart/mmu/mem.h"
#include "isa/ext.h"
#include "machine/memmap.h"
#include "machine/wiring.h"

/* Room for the hardware of MEMMAP_HARTS_MAX harts, and for what a boot adds
 * except its bootargs. */
#define HARDWARE_ROOM 32768
#define BOOT_ROOM 1024

#define SEED_WORDS 4

/* A tree being written. After the first failure the rest does nothing. */
struct writer {
    void *fdt;
    int status; /* 0 or a negative libfdt error */
    unsigned harts;
};

static void open_node(struct writer *w, const char *name)
{
    if (!w->status)
        w->status = fdt_begin_node(w->fdt, name);
}

/* Opens "name@address". */
static void open_node_at(struct writer *w, const char *name, u64 address)
{
    char full[64];

    snprintf(full, sizeof(full), "%s@%" PRIx64, name, address);
    open_node(w, full);
}

static void close_node(struct writer *w)
{
    if (!w->status)
        w->status = fdt_end_node(w->fdt);
}

static void put_bytes(struct writer *w, const char *name, const void *bytes,
                      size_t size)
{
    if (!w->status)
        w->status = fdt_property(w->fdt, name, bytes, (int)size);
}

static void put_flag(struct writer *w, const char *name)
{
    put_bytes(w, name, NULL, 0);
}

static void put_string(struct writer *w, const char *name, const char *value)
{
    put_bytes(w, name, value, strlen(value) + 1);
}

static void put_cells(struct writer *w, const char *name, const u32 cells[],
                      unsigned count)
{
    fdt32_t raw[4 * MEMMAP_HARTS_MAX];

    for (unsigned i = 0; i < count; i++)
        raw[i] = cpu_to_fdt32(cells[i]);
    put_bytes(w, name, raw, count * sizeof(raw[0]));
}

static void put_cell(struct writer *w, const char *name, u32 value)
{
    put_cells(w, name, &value, 1);
}

static void put_address_cells(struct writer *w, u32 address, u32 size)
{
    put_cell(w, "#address-cells", address);
    put_cell(w, "#size-cells", size);
}

static void put_reg(struct writer *w, u64 base, u64 size)
{
    const u32 cells[] = {(u32)(base >> 32), (u32)base, (u32)(size >> 32),
                         (u32)size};

    put_cells(w, "reg", cells, 4);
}

static u32 cpu_phandle(const struct writer *w, unsigned hart)
{
    return 2 * (w->harts - 1 - hart) + 1;
}

static u32 intc_phandle(const struct writer *w, unsigned hart)
{
    return cpu_phandle(w, hart) + 1;
}

static u32 plic_phandle(const struct writer *w)
{
    return 2 * w->harts + 1;
}

static u32 test_phandle(const struct writer *w)
{
    return plic_phandle(w) + 1;
}

/* Opens a device's node and says where it is and, if it has a source at the
 * PLIC, which. */
static void open_device(struct writer *w, const char *name,
                        enum memmap_device which)
{
    const struct memmap_entry *entry = &memmap[which];

    open_node_at(w, name, entry->base);
    put_reg(w, entry->base, entry->size);
    if (entry->irq) {
        put_cell(w, "interrupts", entry->irq);
        put_cell(w, "interrupt-parent", plic_phandle(w));
    }
}

/* Two wires into each hart, as pairs of (its intc, mip bit). */
static void put_hart_wires(struct writer *w, enum board_irq first,
                           enum board_irq second)
{
    u32 cells[4 * MEMMAP_HARTS_MAX], n = 0;

    for (unsigned h = 0; h < w->harts; h++) {
        cells[n++] = intc_phandle(w, h);
        cells[n++] = first;
        cells[n++] = intc_phandle(w, h);
        cells[n++] = second;
    }
    put_cells(w, "interrupts-extended", cells, n);
}

static void write_memory(struct writer *w, u64 size)
{
    open_node_at(w, "memory", MEMMAP_RAM_BASE);
    put_string(w, "device_type", "memory");
    put_reg(w, MEMMAP_RAM_BASE, size);
    close_node(w);
}

/* The names of a set one behind the other, each with its end. */
static void put_extensions(struct writer *w, u64 isa)
{
    char list[EXT_TEXT_MAX];
    size_t used = 0;

    for (unsigned e = 0; e < EXT_COUNT; e++) {
        if (!bit(isa, e) || !ext_info[e].shown)
            continue;
        strcpy(list + used, ext_info[e].name);
        used += strlen(ext_info[e].name) + 1;
    }
    put_bytes(w, "riscv,isa-extensions", list, used);
}

/* As one string for kernels that read that, and in parts for the others. */
static void put_isa(struct writer *w, u64 isa)
{
    char text[EXT_TEXT_MAX];

    ext_isa_string(isa, text);
    put_string(w, "riscv,isa", text);
    put_string(w, "riscv,isa-base", "rv64i");
    put_extensions(w, isa);
    put_string(w, "mmu-type", ext_mmu_type(isa));
    if (isa & EXT_SET(ZICBOM))
        put_cell(w, "riscv,cbom-block-size", CBO_BLOCK);
    if (isa & EXT_SET(ZICBOP))
        put_cell(w, "riscv,cbop-block-size", CBO_BLOCK);
    if (isa & EXT_SET(ZICBOZ))
        put_cell(w, "riscv,cboz-block-size", CBO_BLOCK);
}

static void write_cpu(struct writer *w, const struct devtree_config *config,
                      unsigned hart)
{
    open_node_at(w, "cpu", hart);
    put_cell(w, "phandle", cpu_phandle(w, hart));
    put_string(w, "device_type", "cpu");
    put_cell(w, "reg", hart);
    put_string(w, "status", "okay");
    put_string(w, "compatible", "riscv");
    put_isa(w, config->isa);

    open_node(w, "interrupt-controller");
    put_cell(w, "#interrupt-cells", 1);
    put_flag(w, "interrupt-controller");
    put_string(w, "compatible", "riscv,cpu-intc");
    put_cell(w, "phandle", intc_phandle(w, hart));
    close_node(w);
    close_node(w);
}

static void write_cpu_map(struct writer *w)
{
    open_node(w, "cpu-map");
    open_node(w, "cluster0");
    for (unsigned h = 0; h < w->harts; h++) {
        char core[16];

        snprintf(core, sizeof(core), "core%u", h);
        open_node(w, core);
        put_cell(w, "cpu", cpu_phandle(w, h));
        close_node(w);
    }
    close_node(w);
    close_node(w);
}

static void write_cpus(struct writer *w, const struct devtree_config *config)
{
    open_node(w, "cpus");
    put_address_cells(w, 1, 0);
    put_cell(w, "timebase-frequency", CLINT_HZ);
    for (unsigned h = 0; h < w->harts; h++)
        write_cpu(w, config, h);
    write_cpu_map(w);
    close_node(w);
}

static void write_plic(struct writer *w)
{
    static const char compatible[] = "sifive,plic-1.0.0\0riscv,plic0";

    open_device(w, "plic", MEMMAP_PLIC);
    put_cell(w, "phandle", plic_phandle(w));
    put_cell(w, "riscv,ndev", PLIC_SOURCES - 1);
    put_hart_wires(w, BOARD_MEIP, BOARD_SEIP);
    put_flag(w, "interrupt-controller");
    put_bytes(w, "compatible", compatible, sizeof(compatible));
    put_cell(w, "#address-cells", 0);
    put_cell(w, "#interrupt-cells", 1);
    close_node(w);
}

static void write_clint(struct writer *w)
{
    static const char compatible[] = "sifive,clint0\0riscv,clint0";

    open_device(w, "clint", MEMMAP_CLINT);
    put_hart_wires(w, BOARD_MSIP, BOARD_MTIP);
    put_bytes(w, "compatible", compatible, sizeof(compatible));
    close_node(w);
}

static void write_uart(struct writer *w)
{
    open_device(w, "serial", MEMMAP_UART);
    put_cell(w, "clock-frequency", MEMMAP_UART_HZ);
    put_string(w, "compatible", "ns16550a");
    close_node(w);
}

static void write_rtc(struct writer *w)
{
    open_device(w, "rtc", MEMMAP_RTC);
    put_string(w, "compatible", "google,goldfish-rtc");
    close_node(w);
}

static void write_test(struct writer *w)
{
    static const char compatible[] = "sifive,test1\0sifive,test0\0syscon";

    open_device(w, "test", MEMMAP_TEST);
    put_cell(w, "phandle", test_phandle(w));
    put_bytes(w, "compatible", compatible, sizeof(compatible));
    close_node(w);
}

/* One row an event: its SBI numbers, first and last, and the counters that
 * can count it. The fixed counters count theirs as well. */
static void put_event_counters(struct writer *w)
{
    static const u8 kinds[] = {COUNTED_CYCLES, COUNTED_INSTRUCTIONS,
                               COUNTED_LOAD_MISSES, COUNTED_STORE_MISSES,
                               COUNTED_FETCH_MISSES};
    u32 to_counters[3 * sizeof(kinds)], to_event[3 * sizeof(kinds)];
    u32 *cell = to_counters, *event = to_event;

    for (unsigned i = 0; i < sizeof(kinds); i++) {
        u64 number = counters_selector(kinds[i]);
        u32 fixed = kinds[i] == COUNTED_CYCLES         ? 1u << COUNTER_CY
                    : kinds[i] == COUNTED_INSTRUCTIONS ? 1u << COUNTER_IR
                                                       : 0;

        *cell++ = (u32)number;
        *cell++ = (u32)number;
        *cell++ = COUNTERS_HPM | fixed;
        *event++ = (u32)number;
        *event++ = 0; /* the upper half of mhpmevent */
        *event++ = (u32)number;
    }
    put_cells(w, "riscv,event-to-mhpmevent", to_event, 3 * sizeof(kinds));
    put_cells(w, "riscv,event-to-mhpmcounters", to_counters, 3 * sizeof(kinds));
}

/* Bindings: perf/riscv,pmu.yaml. The selectors of the SBI's events are their
 * SBI numbers. */
static void write_pmu(struct writer *w, u64 isa)
{
    const u32 raw[] = {0, COUNTED_RAW_FIRST, 0xffffffff, COUNTED_RAW_MASK,
                       COUNTERS_HPM};

    if (!(isa & EXT_SET(ZIHPM)))
        return;
    open_node(w, "pmu");
    put_event_counters(w);
    put_cells(w, "riscv,raw-event-to-mhpmcounters", raw, 5);
    put_string(w, "compatible", "riscv,pmu");
    close_node(w);
}

static void write_soc(struct writer *w)
{
    open_node(w, "soc");
    put_address_cells(w, 2, 2);
    put_string(w, "compatible", "simple-bus");
    put_flag(w, "ranges");
    write_plic(w);
    write_clint(w);
    write_uart(w);
    write_rtc(w);
    write_test(w);
    close_node(w);
}

/* "poweroff" and "reboot": which value to write into the finisher. */
static void write_syscon_user(struct writer *w, const char *name,
                              const char *compatible, u32 value)
{
    open_node(w, name);
    put_cell(w, "value", value);
    put_cell(w, "offset", 0);
    put_cell(w, "regmap", test_phandle(w));
    put_string(w, "compatible", compatible);
    close_node(w);
}

static void write_chosen(struct writer *w)
{
    char path[64];

    snprintf(path, sizeof(path), "/soc/serial@%" PRIx64,
             memmap[MEMMAP_UART].base);
    open_node(w, "chosen");
    put_string(w, "stdout-path", path);
    close_node(w);
}

static void write_hardware(struct writer *w,
                           const struct devtree_config *config)
{
    open_node(w, "");
    put_address_cells(w, 2, 2);
    put_string(w, "compatible", "riscv-virtio");
    put_string(w, "model", "riscv-virtio,qemu");
    write_chosen(w);
    write_memory(w, config->ram_size);
    write_cpus(w, config);
    write_pmu(w, config->isa);
    write_soc(w);
    write_syscon_user(w, "poweroff", "syscon-poweroff", 0x5555);
    write_syscon_user(w, "reboot", "syscon-reboot", 0x7777);
    close_node(w);
}

/* The node at path under parent, made if it is not there; negative: error. */
static int need_node(void *fdt, int parent, const char *name)
{
    int node = fdt_subnode_offset(fdt, parent, name);

    return node == -FDT_ERR_NOTFOUND ? fdt_add_subnode(fdt, parent, name)
                                     : node;
}

/* As QEMU does: one cell while that is enough. */
static int set_address(void *fdt, int node, const char *name, u64 address)
{
    return address >> 32 ? fdt_setprop_u64(fdt, node, name, address)
                         : fdt_setprop_u32(fdt, node, name, (u32)address);
}

/* splitmix64: every seed, 0 as well, gives well-mixed words. */
static void derive_seed(u64 seed, fdt64_t words[SEED_WORDS])
{
    for (unsigned i = 0; i < SEED_WORDS; i++) {
        u64 z = seed += 0x9e3779b97f4a7c15;

        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        words[i] = cpu_to_fdt64(z ^ z >> 31);
    }
}

static int set_chosen(void *fdt, const struct devtree_config *config)
{
    int node = need_node(fdt, 0, "chosen");
    fdt64_t seed[SEED_WORDS];
    int status = node < 0 ? node : 0;

    derive_seed(config->seed, seed);
    if (!status)
        status = fdt_setprop(fdt, node, "rng-seed", seed, sizeof(seed));
    if (!status && config->bootargs && *config->bootargs)
        status = fdt_setprop_string(fdt, node, "bootargs", config->bootargs);
    if (!status && config->initrd_size)
        status = set_address(fdt, node, "linux,initrd-start", config->initrd);
    if (!status && config->initrd_size)
        status = set_address(fdt, node, "linux,initrd-end",
                             config->initrd + config->initrd_size);
    return status;
}

/* /reserved-memory, for a firmware that does not add it by itself. */
static int set_reserved(void *fdt, const struct devtree_config *config)
{
    const fdt64_t reg[] = {cpu_to_fdt64(config->reserved),
                           cpu_to_fdt64(config->reserved_size)};
    char name[64];
    int node, status;

    if (!config->reserved_size)
        return 0;
    snprintf(name, sizeof(name), "firmware@%" PRIx64, config->reserved);
    node = need_node(fdt, 0, "reserved-memory");
    if (node < 0)
        return node;
    status = fdt_setprop_u32(fdt, node, "#address-cells", 2);
    if (!status)
        status = fdt_setprop_u32(fdt, node, "#size-cells", 2);
    if (!status)
        status = fdt_setprop_empty(fdt, node, "ranges");
    node = status ? status : need_node(fdt, node, name);
    if (node < 0)
        return node;
    status = fdt_setprop(fdt, node, "reg", reg, sizeof(reg));
    return status ? status : fdt_setprop_empty(fdt, node, "no-map");
}

static size_t boot_room(const struct devtree_config *config)
{
    return BOOT_ROOM + (config->bootargs ? strlen(config->bootargs) : 0);
}

/* Adds this boot's part to a finished tree in a buffer of that room. */
static int add_boot(void *fdt, size_t room, const struct devtree_config *config)
{
    int status = fdt_open_into(fdt, fdt, (int)room);

    if (!status)
        status = set_chosen(fdt, config);
    if (!status)
        status = set_reserved(fdt, config);
    return status ? status : fdt_pack(fdt);
}

/* Hands the tree over, or frees it and says why not. */
static int finish(void *fdt, int status, u8 **blob, size_t *size,
                  struct rvemu_error *error)
{
    if (status) {
        free(fdt);
        return error_set(error, "device tree: %s", fdt_strerror(status));
    }
    *blob = fdt;
    *size = fdt_totalsize(fdt);
    return 0;
}

int devtree_build(const struct devtree_config *config, u8 **blob, size_t *size,
                  struct rvemu_error *error)
{
    size_t room = HARDWARE_ROOM + boot_room(config);
    struct writer w = {.fdt = calloc(1, room), .harts = config->harts};

    if (!w.fdt)
        return error_set(error, "out of host memory");
    w.status = fdt_create(w.fdt, HARDWARE_ROOM);
    if (!w.status)
        w.status = fdt_finish_reservemap(w.fdt);
    write_hardware(&w, config);
    if (!w.status)
        w.status = fdt_finish(w.fdt);
    if (!w.status)
        w.status = add_boot(w.fdt, room, config);
    return finish(w.fdt, w.status, blob, size, error);
}

int devtree_adopt(const struct devtree_config *config, const char *name,
                  const u8 *file, size_t file_size, u8 **blob, size_t *size,
                  struct rvemu_error *error)
{
    size_t room = file_size + boot_room(config);
    u8 *fdt;
    int status;

    if (fdt_check_full(file, file_size) != 0)
        return error_set(error, "%s: not a device tree blob, or a broken one",
                         name);
    fdt = calloc(1, room);
    if (!fdt)
        return error_set(error, "out of host memory");
    memcpy(fdt, file, file_size);
    status = add_boot(fdt, room, config);
    return finish(fdt, status, blob, size, error);
}
