/*
 * Assembly of the board: the rows of virt.def, top to bottom.
 *
 *   devices ──source──▶ plic ──MEIP, SEIP──▶ harts
 *                      clint ──MSIP, MTIP──▶ harts
 */
#include "machine/board.h"

#include <rvemu/error.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "dev/virtio/console.h"

#define DEVICE(kind, ...) extern const struct device_kind kind##_device;
#include "machine/virt.def"
#undef DEVICE

#define DEVICE(kind, ...) {&kind##_device, __VA_ARGS__},
const struct board_row board_rows[] = {
#include "machine/virt.def"
    {0},
};
#undef DEVICE

#define DEVICE(kind, base, size, irq, count) +(count)
enum {
    DEVICES = 0
#include "machine/virt.def"
};
#undef DEVICE

_Static_assert(DEVICES <= BOARD_DEVICES_MAX && DEVICES <= BUS_RANGES_MAX,
               "there is room for every device");

struct device_place board_place(const struct board_row *row, unsigned index)
{
    return (struct device_place){.base = row->base + index * row->size,
                                 .size = row->size,
                                 .irq = row->irq ? row->irq + index : 0,
                                 .index = index};
}

/* A device's line: into the interrupt controller, which is made by then. */
static struct irq_line source_line(const struct board *board, unsigned irq)
{
    for (unsigned i = board->count; irq && i-- > 0;) {
        const struct board_device *d = &board->device[i];

        if (d->kind->set_source)
            return (struct irq_line){d->kind->set_source, d->device, irq};
    }
    return (struct irq_line){0};
}

static void attach(struct bus *bus, const struct board_device *d)
{
    const struct device_kind *kind = d->kind;

    bus_add(bus,
            &(struct bus_range){
                .base = d->place.base,
                .size = d->place.size,
                .ops = kind->ops,
                .device = d->device,
                .name = d->name,
                .rom = kind->code_size ? (u8 *)d->device + kind->code : NULL,
                .rom_size = kind->code_size,
            });
}

/* Makes the next device. */
static int make_device(struct board *board, const struct board_row *row,
                       unsigned index, struct device_wiring *wiring,
                       struct rvemu_error *error)
{
    struct board_device *d = &board->device[board->count];

    d->device = calloc(1, row->kind->size);
    if (!d->device)
        return error_set(error, "out of host memory");
    d->kind = row->kind;
    d->place = board_place(row, index);
    snprintf(d->name, sizeof(d->name), "%s%u", row->kind->name, index);
    wiring->place = d->place;
    wiring->irq = source_line(board, d->place.irq);
    board->count++;
    if (d->kind->init)
        d->kind->init(d->device, wiring);
    return 0;
}

static const struct board_device *find_device(const struct board *board,
                                              const struct device_kind *kind)
{
    const struct board_device *d = board->device;

    while (d->kind != kind)
        d++;
    return d;
}

/* The console among the virtio slots, or NULL. */
static struct virtio *find_console(const struct board *board)
{
    for (unsigned i = 0; i < board->count; i++) {
        const struct board_device *d = &board->device[i];

        if (d->kind == &virtio_device && virtio_is_console(d->device))
            return d->device;
    }
    return NULL;
}

struct virtio *board_virtio(const struct board *board, unsigned slot)
{
    const struct board_device *d = find_device(board, &virtio_device);

    return d[slot].device;
}

int board_init(struct board *board, struct bus *bus,
               const struct device_wiring *wiring, struct rvemu_error *error)
{
    struct device_wiring each = *wiring;

    *board = (struct board){0};
    for (const struct board_row *row = board_rows; row->kind; row++) {
        if (row->kind->is_there && !row->kind->is_there(wiring))
            continue;
        for (unsigned i = 0; i < row->count; i++)
            if (make_device(board, row, i, &each, error) < 0)
                return -1;
    }
    for (unsigned i = 0; i < board->count; i++)
        attach(bus, &board->device[i]);
    board->uart = find_device(board, &uart_device)->device;
    board->console = find_console(board);
    board->clint = find_device(board, &clint_device)->device;
    board->rom = find_device(board, &rom_device)->device;
    board->rom_base = find_device(board, &rom_device)->place.base;
    board_reset(board);
    return 0;
}

void board_fini(struct board *board)
{
    for (unsigned i = 0; i < board->count; i++)
        free(board->device[i].device);
    board->count = 0;
}

void board_reset(struct board *board)
{
    for (unsigned i = 0; i < board->count; i++)
        if (board->device[i].kind->reset)
            board->device[i].kind->reset(board->device[i].device);
}

const char *board_unsound(const struct board *board)
{
    for (unsigned i = 0; i < board->count; i++) {
        const struct board_device *d = &board->device[i];

        if (d->kind->is_sound && !d->kind->is_sound(d->device))
            return d->name;
    }
    return NULL;
}

unsigned board_parts(const struct board *board,
                     struct part part[BOARD_DEVICES_MAX])
{
    unsigned count = 0;

    for (unsigned i = 0; i < board->count; i++) {
        const struct board_device *d = &board->device[i];

        if (d->kind->state_size)
            part[count++] = (struct part){
                .name = d->name,
                .bytes = (u8 *)d->device + d->kind->state,
                .size = d->kind->state_size,
            };
    }
    return count;
}
