/* The board: every device, its place on the bus and its wires. */
#ifndef MACHINE_WIRING_H
#define MACHINE_WIRING_H

#include "bus/bus.h"
#include "bus/clock.h"
#include "dev/clint.h"
#include "dev/htif.h"
#include "dev/plic.h"
#include "dev/rom.h"
#include "dev/rtc.h"
#include "dev/syscon.h"
#include "dev/uart16550.h"
#include "machine/memmap.h"

/* The mip bits that wires drive (privileged spec, "mip and mie"). */
enum board_irq {
    BOARD_MSIP = 3,
    BOARD_MTIP = 7,
    BOARD_SEIP = 9,
    BOARD_MEIP = 11
};

/* What a board needs from its surroundings. */
struct board_config {
    struct bus *bus;
    struct clock *clock;
    unsigned harts; /* 1 to MEMMAP_HARTS_MAX */
    /* How a wire enters hart h: hart_irq(hart[h], enum board_irq, level). */
    void (*hart_irq)(void *hart, unsigned irq, bool level);
    void *hart[MEMMAP_HARTS_MAX];
    struct char_port console; /* what the UART sends */
    struct syscon syscon;     /* whom the test finisher tells */
    u64 epoch;                /* RTC at reset, seconds since 1970 */
};

struct board {
    struct rom rom;
    struct plic plic;
    struct clint clint;
    struct uart16550 uart;
    struct rtc rtc;
    struct syscon syscon;
    struct htif htif; /* of a guest that knows it: htif_init() */
};

/* Builds the devices, all reset, and puts them on the bus. bus and clock
 * outlive the board, which must not move. */
void board_init(struct board *board, const struct board_config *config);

/* Back to power-on, except for the contents of the ROM. */
void board_reset(struct board *board);

#endif
