/*
 * The block device: its registers, its configuration, each of its requests and
 * how rings that make no sense end, on either transport. The disk has 2048
 * sectors; the first doubleword of each is its number times SEED + 1.
 */
#include "requests.h"

#define SECTORS 2048

static volatile struct desc table[8];

static void check_registers(void)
{
    check("magic", get(MAGIC_VALUE), 0x74726976);
    check("id", get(DEVICE_ID), 2);
    check("vendor", get(VENDOR_ID), 0x554d4551);
    check("no-device", *(volatile u32 *)(SLOT(1) + DEVICE_ID), 0);
    check("no-device-magic", *(volatile u32 *)SLOT(1), 0x74726976);
    check("no-device-status", *(volatile u32 *)(SLOT(1) + STATUS), 0);
    check("byte", *(volatile u8 *)SLOT(0), 0);
    check("double", *(volatile u64 *)SLOT(0) & 0xffffffff, 0x74726976);
    check("behind", run(M, "lw t0, 0(t5)", SLOT(0) + 0x200).cause, LOAD_ACCESS);
    check("behind-store", run(M, "sw t0, 0(t5)", SLOT(0) + 0x200).cause,
          STORE_ACCESS);
    check("generation", get(CONFIG_GENERATION), 0);
    check("no-config", get(CONFIG + 0xfc), 0xffffffff);
    put(QUEUE_SEL, 0);
    check("queue-max", get(QUEUE_NUM_MAX), 1024);
    put(QUEUE_SEL, 1);
    check("no-queue", get(QUEUE_NUM_MAX), 0);
    report("features", offered());
    report("version", get(VERSION));
    for (u64 at = 0; at < 56; at += 4)
        report("config", get(CONFIG + at));
}

static void check_set_up(void)
{
    check("status", get(STATUS),
          ACKNOWLEDGE | DRIVER | DRIVER_OK | (get(VERSION) == 2 ? 8 : 0));
#ifdef LEGACY
    check("pfn", get(QUEUE_PFN), (u64)&rings >> 12);
#else
    check("ready", get(QUEUE_READY), 1);
#endif
    check("no-interrupt", get(INTERRUPT_STATUS), 0);
    check("capacity", *(volatile u64 *)(SLOT(0) + CONFIG), SECTORS);
    check("capacity-byte", *(volatile u8 *)(SLOT(0) + CONFIG + 1),
          SECTORS >> 8);
    check("capacity-half", *(volatile u16 *)(SLOT(0) + CONFIG), SECTORS);
}

static void check_transfers(void)
{
    blk_fill(0);
    check("read", blk_request(T_IN, 3, SECTOR), SECTOR + 1);
    check("read-status", blk_status, OK);
    check("read-data", blk_word(0), blk_mark(3));
    check("read-idx", rings.used.idx, 1);
    check("read-id", rings.used.ring[0].id, 0);
    check("interrupt", get(INTERRUPT_STATUS), 1);
    put(INTERRUPT_ACK, 1);
    check("acknowledged", get(INTERRUPT_STATUS), 0);
    blk_fill(0x1234567890abcdef);
    check("write", blk_request(T_OUT, 5, 2 * SECTOR), 1);
    check("write-status", blk_status, OK);
    blk_fill(0);
    check("read-4", blk_request(T_IN, 4, 4 * SECTOR), 4 * SECTOR + 1);
    check("read-4-before", blk_word(0), blk_mark(4));
    check("read-4-first", blk_word(SECTOR), 0x1234567890abcdef);
    check("read-4-last", blk_word(3 * SECTOR - 8), 0x1234567890abcdef);
    check("read-4-behind", blk_word(3 * SECTOR), blk_mark(7));
    check("flush", blk_request(T_FLUSH, 0, 0), 1);
    check("flush-status", blk_status, OK);
}

static void check_others(void)
{
    static const char serial[] = "SERIAL-1";
    u64 differs = 0;

    blk_fill(~0ull);
    check("id", blk_request(T_GET_ID, 0, 20), 21);
    check("id-status", blk_status, OK);
    for (unsigned i = 0; i < sizeof(serial); i++)
        differs |= blk_data[i] ^ (u8)serial[i];
    check("id-text", differs, 0);
    check("id-behind", blk_data[sizeof(serial)], 0xff);
    check("unknown", blk_request(0x7ff0, 0, SECTOR), SECTOR + 1);
    check("unknown-status", blk_status, UNSUPP);
}

static void check_limits(void)
{
    check("last", blk_request(T_IN, SECTORS - 1, SECTOR), SECTOR + 1);
    check("last-status", blk_status, OK);
    check("last-data", blk_word(0), blk_mark(SECTORS - 1));
    blk_request(T_IN, SECTORS, SECTOR);
    check("outside", blk_status, IOERR);
    blk_request(T_IN, SECTORS - 1, 2 * SECTOR);
    check("half-outside", blk_status, IOERR);
    blk_request(T_OUT, ~0ull, SECTOR);
    check("overflow", blk_status, IOERR);
    blk_request(T_IN, 0, SECTOR - 1);
    check("no-sector", blk_status, IOERR);
    blk_request(T_IN, 0, 0);
    check("nothing", blk_status, OK);
}

static void describe_range(u64 sector, u32 count, u32 flags)
{
    *(volatile u64 *)&blk_data[0] = sector;
    *(volatile u32 *)&blk_data[8] = count;
    *(volatile u32 *)&blk_data[12] = flags;
}

static void check_ranges(void)
{
    describe_range(10, 3, 0);
    check("zeroes", blk_request(T_WRITE_ZEROES, 0, 16), 1);
    check("zeroes-status", blk_status, OK);
    blk_request(T_IN, 9, 5 * SECTOR);
    check("zeroes-before", blk_word(0), blk_mark(9));
    check("zeroes-first", blk_word(SECTOR), 0);
    check("zeroes-last", blk_word(3 * SECTOR), 0);
    check("zeroes-behind", blk_word(4 * SECTOR), blk_mark(13));
    describe_range(12, 1, 1);
    blk_request(T_WRITE_ZEROES, 0, 16);
    check("zeroes-unmap", blk_status, OK);
    describe_range(12, 1, 2);
    blk_request(T_WRITE_ZEROES, 0, 16);
    check("zeroes-flag", blk_status, UNSUPP);
    describe_range(SECTORS, 1, 0);
    blk_request(T_WRITE_ZEROES, 0, 16);
    check("zeroes-outside", blk_status, IOERR);
    describe_range(20, 2, 0);
    blk_request(T_DISCARD, 0, 16);
    check("discard", blk_status, OK);
    describe_range(20, 2, 1);
    blk_request(T_DISCARD, 0, 16);
    check("discard-flag", blk_status, UNSUPP);
    describe_range(20, 2, 0);
    blk_request(T_DISCARD, 0, 32);
    check("discard-two", blk_status, UNSUPP);
}

/* Header and blk_status in pieces, blk_data that goes round about in memory. */
static void check_layouts(void)
{
    blk_header.type = T_IN;
    blk_header.sector = 30;
    blk_status = UNTOUCHED;
    describe(5, &blk_header, 7, DESC_NEXT, 3);
    describe(3, (u8 *)&blk_header + 7, 9, DESC_NEXT, 4);
    describe(4, blk_data + SECTOR, 100, DESC_NEXT | DESC_WRITE, 1);
    describe(1, blk_data, SECTOR - 100, DESC_NEXT | DESC_WRITE, 0);
    describe(0, blk_data + 2 * SECTOR, SECTOR, DESC_NEXT | DESC_WRITE, 7);
    describe(7, &blk_status, 1, DESC_WRITE, 0);
    offer(5);
    check("pieces", await_used(), 2 * SECTOR + 1);
    check("pieces-status", blk_status, OK);
    check("pieces-first", blk_word(SECTOR), blk_mark(30));
    check("pieces-second", blk_word(2 * SECTOR), blk_mark(31));
    /* The blk_status is the last byte of whatever there is. */
    blk_header.sector = 40;
    describe(0, &blk_header, sizeof(blk_header), DESC_NEXT, 1);
    describe(1, blk_data, SECTOR + 1, DESC_WRITE, 0);
    offer(0);
    check("one-piece", await_used(), SECTOR + 1);
    check("one-piece-data", blk_word(0), blk_mark(40));
    check("one-piece-status", blk_data[SECTOR], OK);
}

static void describe_table(u64 sector)
{
    blk_header.type = T_IN;
    blk_header.sector = sector;
    blk_status = UNTOUCHED;
    table[0] =
        (struct desc){(u64)&blk_header, sizeof(blk_header), DESC_NEXT, 2};
    table[2] = (struct desc){(u64)blk_data, SECTOR, DESC_NEXT | DESC_WRITE, 7};
    table[7] = (struct desc){(u64)&blk_status, 1, DESC_WRITE, 0};
    describe(6, table, sizeof(table), DESC_INDIRECT, 0);
}

static void check_indirect(void)
{
    set_up(F_INDIRECT | F_VERSION_1);
    describe_table(50);
    offer(6);
    check("indirect", await_used(), SECTOR + 1);
    check("indirect-id", rings.used.ring[0].id, 6);
    check("indirect-status", blk_status, OK);
    check("indirect-data", blk_word(0), blk_mark(50));
}

/* Interrupts that are not wanted do not come; those that are awaited do. */
static void check_suppression(void)
{
    set_up(F_VERSION_1);
    rings.avail.flags = 1;
    blk_request(T_IN, 0, SECTOR);
    check("suppressed", get(INTERRUPT_STATUS), 0);
    rings.avail.flags = 0;
    blk_request(T_IN, 0, SECTOR);
    check("not-suppressed", get(INTERRUPT_STATUS), 1);
    set_up(F_EVENT_IDX | F_VERSION_1);
    rings.avail.used_event = 1;
    blk_request(T_IN, 0, SECTOR);
    put(INTERRUPT_ACK, get(INTERRUPT_STATUS)); /* of the first one, always */
    rings.avail.used_event = 2;
    blk_request(T_IN, 0, SECTOR);
    check("event-not-yet", get(INTERRUPT_STATUS), 0);
    blk_request(T_IN, 0, SECTOR);
    check("event", get(INTERRUPT_STATUS), 1);
    check("event-next", rings.used.avail_event, 3);
}

/* Two chains at once, and the rings go round. */
static void check_order(void)
{
    set_up(F_VERSION_1);
    for (unsigned i = 0; i < 20; i++) {
        blk_header.type = T_IN;
        blk_header.sector = 60;
        describe(0, &blk_header, sizeof(blk_header), DESC_NEXT, 1);
        describe(1, blk_data, SECTOR, DESC_NEXT | DESC_WRITE, 2);
        describe(2, &blk_status, 1, DESC_WRITE, 0);
        describe(3, &blk_header, sizeof(blk_header), DESC_NEXT, 4);
        describe(4, blk_data + SECTOR, SECTOR + 1, DESC_WRITE, 0);
        rings.avail.ring[rings.avail.idx % SIZE] = 0;
        rings.avail.ring[(rings.avail.idx + 1) % SIZE] = 3;
        rings.avail.idx = (u16)(rings.avail.idx + 2);
        notify();
        if (await_used() == NONE || await_used() == NONE)
            break;
    }
    check("order-idx", rings.used.idx, 40);
    check("order-ids", rings.used.ring[6].id + rings.used.ring[7].id, 3);
    check("order-data", blk_word(SECTOR), blk_mark(60));
}

/* What is in flight is dropped by a reset, and the device is as new. */
static void check_reset(void)
{
    set_up(F_VERSION_1);
    blk_begin(T_IN, 1, SECTOR);
    put(STATUS, 0);
    check("reset-status", get(STATUS), 0);
    check("reset-interrupt", get(INTERRUPT_STATUS), 0);
    set_up(F_VERSION_1);
    check("again", blk_request(T_IN, 2, SECTOR), SECTOR + 1);
    check("again-data", blk_word(0), blk_mark(2));
}

#ifndef LEGACY
/* Tells the device of what makes no sense. */
#define check_broken(name, make)                                     \
    do {                                                             \
        set_up(F_INDIRECT | F_VERSION_1);                            \
        describe_table(0);                                           \
        begin_described(T_IN);                                       \
        make;                                                        \
        check("broken-" name, await_status(NEEDS_RESET), 1);         \
        check("broken-" name "-status", blk_status, UNTOUCHED);      \
        check("broken-" name "-told", get(INTERRUPT_STATUS) & 2, 2); \
    } while (0)

/* Descriptors 0 to 2 are those of a good request. */
static void begin_described(u32 type)
{
    blk_header.type = type;
    blk_header.sector = 0;
    blk_status = UNTOUCHED;
    describe(0, &blk_header, sizeof(blk_header), DESC_NEXT, 1);
    describe(1, blk_data, SECTOR, DESC_NEXT | DESC_WRITE, 2);
    describe(2, &blk_status, 1, DESC_WRITE, 0);
}

static void check_nonsense(void)
{
    check_broken("loop", (rings.desc[1].next = 1, offer(0)));
    check_broken("next", (rings.desc[1].next = SIZE, offer(0)));
    check_broken("head", offer(SIZE));
    check_broken("empty", (rings.desc[1].size = 0, offer(0)));
    check_broken("order", (rings.desc[0].flags = DESC_NEXT | DESC_WRITE,
                           rings.desc[1].flags = DESC_NEXT, offer(0)));
    check_broken("no-header", offer(1));
    check_broken("short-header", (rings.desc[0].size = 15, offer(0)));
    check_broken("no-status", (rings.desc[1].flags = 0, offer(0)));
    check_broken("table-size", (rings.desc[6].size = 17, offer(6)));
    check_broken("table-empty", (rings.desc[6].size = 0, offer(6)));
    check_broken("table-next", (table[2].next = 8, offer(6)));
    set_up(F_VERSION_1);
    rings.avail.idx = SIZE + 1;
    notify();
    check("broken-idx", await_status(NEEDS_RESET), 1);
    set_up(F_VERSION_1);
    check("mended", blk_request(T_IN, 2, SECTOR), SECTOR + 1);
    check("mended-data", blk_word(0), blk_mark(2));
}
#endif

void test_main(void)
{
    check_registers();
    set_up(F_VERSION_1);
    check_set_up();
    check_transfers();
    check_others();
    check_limits();
    check_ranges();
    check_layouts();
    check_indirect();
    check_suppression();
    check_order();
    check_reset();
#ifndef LEGACY
    check_nonsense();
#endif
}
