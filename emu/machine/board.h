/*
 * The board: every device, its place on the bus and its wires. Which there
 * are, says virt.def.
 */
#ifndef MACHINE_BOARD_H
#define MACHINE_BOARD_H

#include <rvemu/error.h>

#include "bus/bus.h"
#include "dev/clint.h"
#include "dev/device.h"
#include "dev/htif.h"
#include "dev/rom.h"
#include "dev/uart16550.h"
#include "machine/parts.h"

#define BOARD_DEVICES_MAX 32

/* A row of virt.def. */
struct board_row {
    const struct device_kind *kind;
    u64 base, size;
    unsigned irq, count;
};

/* All rows; the last one's kind is NULL. */
extern const struct board_row board_rows[];

/* Where the row's device of that index stands. */
struct device_place board_place(const struct board_row *row, unsigned index);

struct board_device {
    const struct device_kind *kind;
    struct device_place place;
    void *device;
    char name[16]; /* its kind and its index: uart0 */
};

struct board {
    unsigned count;
    struct board_device device[BOARD_DEVICES_MAX];

    /* The devices that the machine itself has to do with. */
    struct uart16550 *uart;
    struct virtio *console; /* NULL: none is plugged in */
    struct clint *clint;
    struct rom *rom;
    u64 rom_base;     /* guest-physical */
    struct htif htif; /* of a guest that knows it: htif_init() */
};

/* Builds the devices, all reset, and puts them on the bus. The place and the
 * line of an interrupt in wiring are the board's to fill in; what else it
 * points to outlives the board, and so does the bus. The board must not move.
 * Returns 0, or -1 with error; board_fini() is for the caller either way. */
int board_init(struct board *board, struct bus *bus,
               const struct device_wiring *wiring, struct rvemu_error *error);
void board_fini(struct board *board);

/* Back to power-on, except for the contents of the ROM. */
void board_reset(struct board *board);

/* The device in a virtio slot. */
struct virtio *board_virtio(const struct board *board, unsigned slot);

/* The name of a device whose state, which comes from outside, would lead it
 * astray; NULL: none. */
const char *board_unsound(const struct board *board);

/* Lists the state of all devices that have any, by the device's name (uart0),
 * in an order that is the same for every board. Returns how many there are. */
unsigned board_parts(const struct board *board,
                     struct part part[BOARD_DEVICES_MAX]);

#endif
