/*
 * SiFive's test finisher, which QEMU's virt also names as its syscon.
 *
 *   0x0  write: 0x5555               pass, or power off
 *               0x3333 | code << 16  fail with that code
 *               0x7777               reset
 *        read:  0
 *
 * 16- and 32-bit accesses are served (a 16-bit failure carries code 0); other
 * values and offsets change nothing. It holds no state.
 */
#include "dev/syscon.h"

#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x3333
#define FINISHER_RESET 0x7777

static bool syscon_read(void *device, u64 offset, unsigned size, u64 *value)
{
    *value = 0;
    return size == 2 || size == 4;
}

static void stop(struct syscon *syscon, enum syscon_stop how, u64 code)
{
    syscon->port.stop(syscon->port.host, how, (unsigned)code);
}

static bool syscon_write(void *device, u64 offset, unsigned size, u64 value)
{
    if (size != 2 && size != 4)
        return false;
    if (offset != 0)
        return true;
    switch (value & 0xffff) {
    case FINISHER_PASS: stop(device, SYSCON_PASS, 0); break;
    case FINISHER_FAIL: stop(device, SYSCON_FAIL, value >> 16 & 0xffff); break;
    case FINISHER_RESET: stop(device, SYSCON_RESET, 0); break;
    default: break;
    }
    return true;
}

static const struct mmio_ops ops = {.read = syscon_read, .write = syscon_write};

static void syscon_init(void *device, const struct device_wiring *wiring)
{
    ((struct syscon *)device)->port = wiring->stop;
}

static void syscon_write_node(struct node_writer *w,
                              const struct device_place *place)
{
    static const char compatible[] = "sifive,test1\0sifive,test0\0syscon";

    node_open_device(w, "test", place);
    node_put_bytes(w, "compatible", compatible, sizeof(compatible));
    node_close(w);
}

/* A node: what to write into the finisher to power off or to reset. */
static void write_user(struct node_writer *w, const char *name,
                       const char *compatible, u32 value)
{
    node_open(w, name);
    node_put_cell(w, "value", value);
    node_put_cell(w, "offset", 0);
    node_put_cell(w, "regmap", w->phandle);
    node_put_string(w, "compatible", compatible);
    node_close(w);
}

static void syscon_write_root(struct node_writer *w,
                              const struct device_place *place)
{
    write_user(w, "poweroff", "syscon-poweroff", FINISHER_PASS);
    write_user(w, "reboot", "syscon-reboot", FINISHER_RESET);
}

const struct device_kind syscon_device = {
    .name = "test",
    .size = sizeof(struct syscon),
    .ops = &ops,
    .init = syscon_init,
    .write_node = syscon_write_node,
    .write_root = syscon_write_root,
    .has_phandle = true,
};
