/*
 * The device tree, equal to the one QEMU 7.2 makes for the devices we have;
 * a test lists and explains every difference. Written in two steps: the
 * hardware front to back with libfdt's sequential functions, then what one
 * boot adds (/chosen, the firmware's reservation) with its editing functions,
 * which serve a tree of the user's as well.
 *
 * What a device says of itself is in its own file; the order of devices is
 * the board's. Bindings: see dev/node.h.
 */
#include "machine/devtree.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "dev/clint.h"
#include "dev/node.h"
#include "hart/mmu/mem.h"
#include "hart/system/counters.h"
#include "isa/ext.h"
#include "machine/board.h"
#include "machine/memmap.h"

/* Room for the hardware of MEMMAP_HARTS_MAX harts, and for what a boot adds
 * except its bootargs. */
#define HARDWARE_ROOM 32768
#define BOOT_ROOM 1024
/* What a firmware that adds to the tree leaves free behind it. Boot loaders add
 * to it in place, and some (U-Boot) do not look whether there is room. */
#define FIXUP_ROOM 4096

#define SEED_WORDS 4

static void write_memory(struct node_writer *w, u64 size)
{
    node_open_at(w, "memory", MEMMAP_RAM_BASE);
    node_put_string(w, "device_type", "memory");
    node_put_reg(w, MEMMAP_RAM_BASE, size);
    node_close(w);
}

/* The names of a set one behind the other, each with its end. */
static void put_extensions(struct node_writer *w, u64 isa)
{
    char list[EXT_TEXT_MAX];
    size_t used = 0;

    for (unsigned e = 0; e < EXT_COUNT; e++) {
        if (!bit(isa, e) || !ext_info[e].shown)
            continue;
        strcpy(list + used, ext_info[e].name);
        used += strlen(ext_info[e].name) + 1;
    }
    node_put_bytes(w, "riscv,isa-extensions", list, used);
}

/* The ISA: a string for kernels that read that, and in parts for others. */
static void put_isa(struct node_writer *w, u64 isa)
{
    char text[EXT_TEXT_MAX];

    ext_isa_string(isa, text);
    node_put_string(w, "riscv,isa", text);
    node_put_string(w, "riscv,isa-base", "rv64i");
    put_extensions(w, isa);
    node_put_string(w, "mmu-type", ext_mmu_type(isa));
    if (isa & EXT_SET(ZICBOM))
        node_put_cell(w, "riscv,cbom-block-size", CBO_BLOCK);
    if (isa & EXT_SET(ZICBOP))
        node_put_cell(w, "riscv,cbop-block-size", CBO_BLOCK);
    if (isa & EXT_SET(ZICBOZ))
        node_put_cell(w, "riscv,cboz-block-size", CBO_BLOCK);
}

static void write_cpu(struct node_writer *w,
                      const struct devtree_config *config, unsigned hart)
{
    node_open_at(w, "cpu", hart);
    node_put_cell(w, "phandle", node_cpu_phandle(w, hart));
    node_put_string(w, "device_type", "cpu");
    node_put_cell(w, "reg", hart);
    node_put_string(w, "status", "okay");
    node_put_string(w, "compatible", "riscv");
    put_isa(w, config->isa);

    node_open(w, "interrupt-controller");
    node_put_cell(w, "#interrupt-cells", 1);
    node_put_flag(w, "interrupt-controller");
    node_put_string(w, "compatible", "riscv,cpu-intc");
    node_put_cell(w, "phandle", node_intc_phandle(w, hart));
    node_close(w);
    node_close(w);
}

static void write_cpu_map(struct node_writer *w)
{
    node_open(w, "cpu-map");
    node_open(w, "cluster0");
    for (unsigned h = 0; h < w->harts; h++) {
        char core[16];

        snprintf(core, sizeof(core), "core%u", h);
        node_open(w, core);
        node_put_cell(w, "cpu", node_cpu_phandle(w, h));
        node_close(w);
    }
    node_close(w);
    node_close(w);
}

static void write_cpus(struct node_writer *w,
                       const struct devtree_config *config)
{
    node_open(w, "cpus");
    node_put_address_cells(w, 1, 0);
    node_put_cell(w, "timebase-frequency", CLINT_HZ);
    for (unsigned h = 0; h < w->harts; h++)
        write_cpu(w, config, h);
    write_cpu_map(w);
    node_close(w);
}

/* One row an event: its SBI numbers, first and last, and the counters that
 * can count it. The fixed counters count theirs as well. */
static void put_event_counters(struct node_writer *w)
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
    node_put_cells(w, "riscv,event-to-mhpmevent", to_event, 3 * sizeof(kinds));
    node_put_cells(w, "riscv,event-to-mhpmcounters", to_counters,
                   3 * sizeof(kinds));
}

/* Bindings: perf/riscv,pmu.yaml. The selectors of the SBI's events are their
 * SBI numbers. */
static void write_pmu(struct node_writer *w, u64 isa)
{
    const u32 raw[] = {0, COUNTED_RAW_FIRST, 0xffffffff, COUNTED_RAW_MASK,
                       COUNTERS_HPM};

    if (!(isa & EXT_SET(ZIHPM)))
        return;
    node_open(w, "pmu");
    put_event_counters(w);
    node_put_cells(w, "riscv,raw-event-to-mhpmcounters", raw, 5);
    node_put_string(w, "compatible", "riscv,pmu");
    node_close(w);
}

/* The nodes that devices have in /soc, or those in the root. */
static void write_devices(struct node_writer *w, bool root)
{
    u32 next = node_first_phandle(w);

    for (const struct board_row *row = board_rows; row->kind; row++) {
        const struct device_kind *kind = row->kind;

        /* The last of a kind first, as QEMU has them: in the order of the tree
         * Linux gives its disks their letters. */
        for (unsigned i = row->count; i-- > 0;) {
            const struct device_place place = board_place(row, i);

            w->phandle = kind->has_phandle ? next++ : 0;
            if (root && kind->write_root)
                kind->write_root(w, &place);
            if (!root && kind->write_node)
                kind->write_node(w, &place);
            if (kind->set_source)
                w->interrupt_parent = w->phandle;
        }
    }
}

static void write_soc(struct node_writer *w)
{
    node_open(w, "soc");
    node_put_address_cells(w, 2, 2);
    node_put_string(w, "compatible", "simple-bus");
    node_put_flag(w, "ranges");
    write_devices(w, false);
    node_close(w);
}

/* The first console of the board is the kernel's. */
static void write_chosen(struct node_writer *w)
{
    const struct board_row *row = board_rows;
    char path[64];

    while (!row->kind->stdout_node)
        row++;
    snprintf(path, sizeof(path), "/soc/%s@%" PRIx64, row->kind->stdout_node,
             row->base);
    node_open(w, "chosen");
    node_put_string(w, "stdout-path", path);
    node_close(w);
}

static void write_hardware(struct node_writer *w,
                           const struct devtree_config *config)
{
    node_open(w, "");
    node_put_address_cells(w, 2, 2);
    node_put_string(w, "compatible", "riscv-virtio");
    node_put_string(w, "model", "riscv-virtio,qemu");
    write_chosen(w);
    write_memory(w, config->ram_size);
    write_cpus(w, config);
    write_pmu(w, config->isa);
    write_soc(w);
    write_devices(w, true);
    node_close(w);
}

/* The node at path under parent, made if it is not there; negative: error. */
static int need_node(void *fdt, int parent, const char *name)
{
    int node = fdt_subnode_offset(fdt, parent, name);

    return node == -FDT_ERR_NOTFOUND ? fdt_add_subnode(fdt, parent, name)
                                     : node;
}

/* An address as QEMU writes it: one cell while that is enough. */
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

/* Appends a number in so many cells. False: it needs more. */
static bool append_cells(fdt32_t **at, int count, u64 value)
{
    if (!count || (count == 1 && value >> 32))
        return false;
    for (int i = count; i-- > 0;)
        *(*at)++ = cpu_to_fdt32(i < 2 ? (u32)(value >> 32 * i) : 0);
    return true;
}

/* Sees to it that a node has a cell of that value; another there is an
 * error. */
static int need_cell(void *fdt, int node, const char *name, int value)
{
    int size;
    const fdt32_t *cell = fdt_getprop(fdt, node, name, &size);

    if (!cell)
        return fdt_setprop_u32(fdt, node, name, (u32)value);
    return size == sizeof(*cell) && fdt32_to_cpu(*cell) == (u32)value
               ? 0
               : -FDT_ERR_BADNCELLS;
}

/* /reserved-memory itself, whose cells are those of the root (Devicetree
 * Specification, "/reserved-memory parent node"). */
static int need_reserved(void *fdt, int addresses, int sizes)
{
    int node = need_node(fdt, 0, "reserved-memory");
    int status = node < 0 ? node : 0;

    if (!status)
        status = need_cell(fdt, node, "#address-cells", addresses);
    if (!status)
        status = need_cell(fdt, node, "#size-cells", sizes);
    if (!status && !fdt_getprop(fdt, node, "ranges", NULL))
        status = fdt_setprop_empty(fdt, node, "ranges");
    return status ? status : node;
}

/* What is reserved for a firmware that does not say so by itself. */
static int set_reserved(void *fdt, const struct devtree_config *config)
{
    int addresses = fdt_address_cells(fdt, 0), sizes = fdt_size_cells(fdt, 0);
    fdt32_t reg[2 * FDT_MAX_NCELLS], *end = reg;
    char name[64];
    int node, status;

    if (!config->reserved_size)
        return 0;
    if (addresses < 0 || sizes < 0 ||
        !append_cells(&end, addresses, config->reserved) ||
        !append_cells(&end, sizes, config->reserved_size))
        return -FDT_ERR_BADNCELLS;
    snprintf(name, sizeof(name), "firmware@%" PRIx64, config->reserved);
    node = need_reserved(fdt, addresses, sizes);
    if (node >= 0)
        node = need_node(fdt, node, name);
    if (node < 0)
        return node;
    status = fdt_setprop(fdt, node, "reg", reg,
                         (int)(sizeof(*reg) * (size_t)(end - reg)));
    return status ? status : fdt_setprop_empty(fdt, node, "no-map");
}

static size_t boot_room(const struct devtree_config *config)
{
    return BOOT_ROOM + FIXUP_ROOM +
           (config->bootargs ? strlen(config->bootargs) : 0);
}

/* Makes the tree `from`, in a buffer of that room, with this boot's part. Both
 * may be the same, if the tree's blocks stand in their usual order. */
static int add_boot(const void *from, void *fdt, size_t room,
                    const struct devtree_config *config)
{
    int status = fdt_open_into(from, fdt, (int)room);

    if (!status)
        status = set_chosen(fdt, config);
    if (!status)
        status = set_reserved(fdt, config);
    if (!status)
        status = fdt_pack(fdt);
    if (!status && config->reserved_size)
        fdt_set_totalsize(fdt, fdt_totalsize(fdt) + FIXUP_ROOM);
    return status;
}

/* Hands the tree over, or frees it and says why not. */
static int finish(void *fdt, int status, const char *name, u8 **blob,
                  size_t *size, struct rvemu_error *error)
{
    if (status)
        free(fdt);
    if (status == -FDT_ERR_BADNCELLS)
        return error_set(error,
                         "%s: the #address-cells and #size-cells of its root "
                         "and /reserved-memory do not allow to reserve the "
                         "firmware's memory",
                         name);
    if (status)
        return error_set(error, "%s: %s", name, fdt_strerror(status));
    *blob = fdt;
    *size = fdt_totalsize(fdt);
    return 0;
}

int devtree_build(const struct devtree_config *config, u8 **blob, size_t *size,
                  struct rvemu_error *error)
{
    size_t room = HARDWARE_ROOM + boot_room(config);
    struct node_writer w = {.fdt = calloc(1, room),
                            .harts = config->harts,
                            .aclint = config->aclint};

    if (!w.fdt)
        return error_set(error, "out of host memory");
    w.status = fdt_create(w.fdt, HARDWARE_ROOM);
    if (!w.status)
        w.status = fdt_finish_reservemap(w.fdt);
    write_hardware(&w, config);
    if (!w.status)
        w.status = fdt_finish(w.fdt);
    if (!w.status)
        w.status = add_boot(w.fdt, w.fdt, room, config);
    return finish(w.fdt, w.status, "device tree", blob, size, error);
}

int devtree_adopt(const struct devtree_config *config, const char *name,
                  const u8 *file, size_t file_size, u8 **blob, size_t *size,
                  struct rvemu_error *error)
{
    size_t room = file_size + boot_room(config);
    u8 *fdt;

    if (fdt_check_full(file, file_size) != 0)
        return error_set(error, "%s: not a device tree blob, or a broken one",
                         name);
    fdt = calloc(1, room);
    if (!fdt)
        return error_set(error, "out of host memory");
    return finish(fdt, add_boot(file, fdt, room, config), name, blob, size,
                  error);
}
