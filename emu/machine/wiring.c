/*
 * Assembly of the board: board_init() is the start-up order, top to bottom.
 *
 *   uart, rtc ──source──▶ plic ──MEIP, SEIP──▶ harts
 *                        clint ──MSIP, MTIP──▶ harts
 *
 * Interrupt controllers come before the devices that raise lines into them.
 * Adding a device is a row in memmap.c and its lines here and in fdt.c.
 */
#include "machine/wiring.h"

static struct irq_line hart_line(const struct board_config *config, unsigned h,
                                 enum board_irq irq)
{
    return (struct irq_line){
        .set = config->hart_irq, .sink = config->hart[h], .number = irq};
}

static struct irq_line plic_line(struct board *board, enum memmap_device which)
{
    return (struct irq_line){.set = plic_set_source,
                             .sink = &board->plic,
                             .number = memmap[which].irq};
}

static void wire_plic(struct board *board, const struct board_config *config)
{
    struct irq_line out[2 * MEMMAP_HARTS_MAX];

    for (unsigned h = 0; h < config->harts; h++) {
        out[2 * h] = hart_line(config, h, BOARD_MEIP);
        out[2 * h + 1] = hart_line(config, h, BOARD_SEIP);
    }
    plic_init(&board->plic, config->harts, out);
}

static void wire_clint(struct board *board, const struct board_config *config)
{
    struct irq_line msip[MEMMAP_HARTS_MAX], mtip[MEMMAP_HARTS_MAX];

    for (unsigned h = 0; h < config->harts; h++) {
        msip[h] = hart_line(config, h, BOARD_MSIP);
        mtip[h] = hart_line(config, h, BOARD_MTIP);
    }
    clint_init(&board->clint, config->clock, config->harts, msip, mtip);
}

static void attach(const struct board_config *config, enum memmap_device which,
                   const struct mmio_ops *ops, void *device)
{
    const struct memmap_entry *entry = &memmap[which];

    bus_add(config->bus, &(struct bus_range){.base = entry->base,
                                             .size = entry->size,
                                             .ops = ops,
                                             .device = device,
                                             .name = entry->name});
}

/* The ROM is the one range that instructions are fetched from. */
static void attach_rom(const struct board_config *config, struct rom *rom)
{
    const struct memmap_entry *entry = &memmap[MEMMAP_ROM];

    bus_add(config->bus, &(struct bus_range){.base = entry->base,
                                             .size = entry->size,
                                             .ops = &rom_ops,
                                             .device = rom,
                                             .name = entry->name,
                                             .rom = rom->s.bytes,
                                             .rom_size = ROM_BYTES});
}

void board_init(struct board *board, const struct board_config *config)
{
    *board = (struct board){.syscon = config->syscon};
    wire_plic(board, config);
    wire_clint(board, config);
    uart_init(&board->uart, config->clock, plic_line(board, MEMMAP_UART),
              config->console);
    rtc_init(&board->rtc, config->clock, plic_line(board, MEMMAP_RTC),
             config->epoch);

    /* The busiest ranges first: the bus looks them up in this order. */
    attach(config, MEMMAP_UART, &uart_ops, &board->uart);
    attach(config, MEMMAP_CLINT, &clint_ops, &board->clint);
    attach(config, MEMMAP_PLIC, &plic_ops, &board->plic);
    attach(config, MEMMAP_RTC, &rtc_ops, &board->rtc);
    attach(config, MEMMAP_TEST, &syscon_ops, &board->syscon);
    attach_rom(config, &board->rom);
}

void board_reset(struct board *board)
{
    uart_reset(&board->uart);
    rtc_reset(&board->rtc);
    plic_reset(&board->plic);
    clint_reset(&board->clint);
}
