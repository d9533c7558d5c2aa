/* The physical address map; see bus.h. */
#include "bus/bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int bus_init_over(struct bus *bus, const struct ram *ram,
                  struct rvemu_error *error)
{
    *bus = (struct bus){.ram = *ram};
    bus->ram.frame_flags = calloc(ram->size >> PAGE_SHIFT, 1);
    return bus->ram.frame_flags ? 0 : error_set(error, "out of host memory");
}

int bus_init(struct bus *bus, u64 ram_base, u64 ram_size,
             struct rvemu_error *error)
{
    struct ram ram = {.base = ram_base, .size = ram_size};
    void *host;

    host = mmap(NULL, ram_size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host == MAP_FAILED)
        return error_set(error,
                         "cannot map %llu MiB of guest RAM: %s; try a "
                         "smaller -m",
                         (unsigned long long)(ram_size >> 20), strerror(errno));
    ram.host = host;
    if (bus_init_over(bus, &ram, error) == 0)
        return 0;
    bus_fini(bus);
    return -1;
}

void bus_fini(struct bus *bus)
{
    if (bus->ram.host)
        munmap(bus->ram.host, bus->ram.size);
    free(bus->ram.frame_flags);
    *bus = (struct bus){0};
}

void bus_add(struct bus *bus, const struct bus_range *range)
{
    unsigned i = bus->range_count++;

    for (; i && bus->range[i - 1].base > range->base; i--)
        bus->range[i] = bus->range[i - 1];
    bus->range[i] = *range;
}

void bus_set_registers(struct bus *bus, const struct ram_registers *registers)
{
    bus->registers = *registers;
    *ram_frame_flags(&bus->ram, registers->pa) |= FRAME_REGISTERS;
}

void bus_stored(const struct bus *bus, u64 pa, u64 size)
{
    const struct ram_registers *registers = &bus->registers;

    if (registers->stored && registers->pa == align_down(pa, 8))
        registers->stored(registers->device, pa & 7, size);
}

static bool covers(const struct bus_range *range, u64 pa)
{
    return pa - range->base < range->size;
}

const struct bus_range *bus_find(struct bus *bus, u64 pa)
{
    unsigned low = 0, high = bus->range_count;

    if (covers(&bus->range[bus->last], pa))
        return &bus->range[bus->last];
    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (pa < bus->range[middle].base) {
            high = middle;
        } else if (covers(&bus->range[middle], pa)) {
            bus->last = middle;
            return &bus->range[middle];
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* The same, for an access. */
static const struct bus_range *find(struct bus *bus, u64 pa, bool is_write)
{
    const struct bus_range *range = bus_find(bus, pa);

    if (!range && bus->missed.call)
        bus->missed.call(bus->missed.self, pa, is_write);
    return range;
}

bool bus_read(struct bus *bus, u64 pa, unsigned size, u64 *value)
{
    const struct bus_range *range = find(bus, pa, false);

    return range && range->ops->read &&
           range->ops->read(range->device, pa - range->base, size, value);
}

bool bus_write(struct bus *bus, u64 pa, unsigned size, u64 value)
{
    const struct bus_range *range = find(bus, pa, true);

    return range && range->ops->write &&
           range->ops->write(range->device, pa - range->base, size, value);
}
