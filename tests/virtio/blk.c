/*
 * The block device: its registers, its configuration, each of its requests and
 * how rings that make no sense end, on either transport. The disk has 2048
 * sectors; the first doubleword of each is its number times SEED + 1.
 */
#include "driver.h"

#define SEED 0x9e3779b97f4a7c15ull
#define SECTOR 512
#define SECTORS 2048

#define T_IN 0
#define T_OUT 1
#define T_FLUSH 4
#define T_GET_ID 8
#define T_DISCARD 11
#define T_WRITE_ZEROES 13

#define OK 0
#define IOERR 1
#define UNSUPP 2
#define UNTOUCHED 0xff

static struct {
    u32 type, reserved;
    u64 sector;
} header;
static volatile u8 status;
static volatile u8 data[8 * SECTOR] __attribute__((aligned(4096)));
static volatile struct desc table[8];

static u64 word(unsigned at)
{
    return *(volatile u64 *)&data[at];
}

static void fill(u64 value)
{
    for (unsigned i = 0; i < sizeof(data); i += 8)
        *(volatile u64 *)&data[i] = value;
}

static u64 mark_of(u64 sector)
{
    return sector * SEED + 1;
}

/* Offers a request with so many bytes of data, in one piece. */
static void begin(u32 type, u64 sector, u32 size)
{
    header.type = type;
    header.sector = sector;
    status = UNTOUCHED;
    describe(0, &header, sizeof(header), DESC_NEXT, size ? 1 : 2);
    describe(1, data, size, type & T_OUT ? DESC_NEXT : DESC_NEXT | DESC_WRITE,
             2);
    describe(2, &status, 1, DESC_WRITE, 0);
    offer(0);
}

/* Makes a request: its length in the used ring. */
static u64 request(u32 type, u64 sector, u32 size)
{
    begin(type, sector, size);
    return await_used();
}

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
    fill(0);
    check("read", request(T_IN, 3, SECTOR), SECTOR + 1);
    check("read-status", status, OK);
    check("read-data", word(0), mark_of(3));
    check("read-idx", rings.used.idx, 1);
    check("read-id", rings.used.ring[0].id, 0);
    check("interrupt", get(INTERRUPT_STATUS), 1);
    put(INTERRUPT_ACK, 1);
    check("acknowledged", get(INTERRUPT_STATUS), 0);
    fill(0x1234567890abcdef);
    check("write", request(T_OUT, 5, 2 * SECTOR), 1);
    check("write-status", status, OK);
    fill(0);
    check("read-4", request(T_IN, 4, 4 * SECTOR), 4 * SECTOR + 1);
    check("read-4-before", word(0), mark_of(4));
    check("read-4-first", word(SECTOR), 0x1234567890abcdef);
    check("read-4-last", word(3 * SECTOR - 8), 0x1234567890abcdef);
    check("read-4-behind", word(3 * SECTOR), mark_of(7));
    check("flush", request(T_FLUSH, 0, 0), 1);
    check("flush-status", status, OK);
}

static void check_others(void)
{
    static const char serial[] = "SERIAL-1";
    u64 differs = 0;

    fill(~0ull);
    check("id", request(T_GET_ID, 0, 20), 21);
    check("id-status", status, OK);
    for (unsigned i = 0; i < sizeof(serial); i++)
        differs |= data[i] ^ (u8)serial[i];
    check("id-text", differs, 0);
    check("id-behind", data[sizeof(serial)], 0xff);
    check("unknown", request(0x7ff0, 0, SECTOR), SECTOR + 1);
    check("unknown-status", status, UNSUPP);
}

static void check_limits(void)
{
    check("last", request(T_IN, SECTORS - 1, SECTOR), SECTOR + 1);
    check("last-status", status, OK);
    check("last-data", word(0), mark_of(SECTORS - 1));
    request(T_IN, SECTORS, SECTOR);
    check("outside", status, IOERR);
    request(T_IN, SECTORS - 1, 2 * SECTOR);
    check("half-outside", status, IOERR);
    request(T_OUT, ~0ull, SECTOR);
    check("overflow", status, IOERR);
    request(T_IN, 0, SECTOR - 1);
    check("no-sector", status, IOERR);
    request(T_IN, 0, 0);
    check("nothing", status, OK);
}

static void describe_range(u64 sector, u32 count, u32 flags)
{
    *(volatile u64 *)&data[0] = sector;
    *(volatile u32 *)&data[8] = count;
    *(volatile u32 *)&data[12] = flags;
}

static void check_ranges(void)
{
    describe_range(10, 3, 0);
    check("zeroes", request(T_WRITE_ZEROES, 0, 16), 1);
    check("zeroes-status", status, OK);
    request(T_IN, 9, 5 * SECTOR);
    check("zeroes-before", word(0), mark_of(9));
    check("zeroes-first", word(SECTOR), 0);
    check("zeroes-last", word(3 * SECTOR), 0);
    check("zeroes-behind", word(4 * SECTOR), mark_of(13));
    describe_range(12, 1, 1);
    request(T_WRITE_ZEROES, 0, 16);
    check("zeroes-unmap", status, OK);
    describe_range(12, 1, 2);
    request(T_WRITE_ZEROES, 0, 16);
    check("zeroes-flag", status, UNSUPP);
    describe_range(SECTORS, 1, 0);
    request(T_WRITE_ZEROES, 0, 16);
    check("zeroes-outside", status, IOERR);
    describe_range(20, 2, 0);
    request(T_DISCARD, 0, 16);
    check("discard", status, OK);
    describe_range(20, 2, 1);
    request(T_DISCARD, 0, 16);
    check("discard-flag", status, UNSUPP);
    describe_range(20, 2, 0);
    request(T_DISCARD, 0, 32);
    check("discard-two", status, UNSUPP);
}

/* Header and status in pieces, data that goes round about in memory. */
static void check_layouts(void)
{
    header.type = T_IN;
    header.sector = 30;
    status = UNTOUCHED;
    describe(5, &header, 7, DESC_NEXT, 3);
    describe(3, (u8 *)&header + 7, 9, DESC_NEXT, 4);
    describe(4, data + SECTOR, 100, DESC_NEXT | DESC_WRITE, 1);
    describe(1, data, SECTOR - 100, DESC_NEXT | DESC_WRITE, 0);
    describe(0, data + 2 * SECTOR, SECTOR, DESC_NEXT | DESC_WRITE, 7);
    describe(7, &status, 1, DESC_WRITE, 0);
    offer(5);
    check("pieces", await_used(), 2 * SECTOR + 1);
    check("pieces-status", status, OK);
    check("pieces-first", word(SECTOR), mark_of(30));
    check("pieces-second", word(2 * SECTOR), mark_of(31));
    /* The status is the last byte of whatever there is. */
    header.sector = 40;
    describe(0, &header, sizeof(header), DESC_NEXT, 1);
    describe(1, data, SECTOR + 1, DESC_WRITE, 0);
    offer(0);
    check("one-piece", await_used(), SECTOR + 1);
    check("one-piece-data", word(0), mark_of(40));
    check("one-piece-status", data[SECTOR], OK);
}

static void describe_table(u64 sector)
{
    header.type = T_IN;
    header.sector = sector;
    status = UNTOUCHED;
    table[0] = (struct desc){(u64)&header, sizeof(header), DESC_NEXT, 2};
    table[2] = (struct desc){(u64)data, SECTOR, DESC_NEXT | DESC_WRITE, 7};
    table[7] = (struct desc){(u64)&status, 1, DESC_WRITE, 0};
    describe(6, table, sizeof(table), DESC_INDIRECT, 0);
}

static void check_indirect(void)
{
    set_up(F_INDIRECT | F_VERSION_1);
    describe_table(50);
    offer(6);
    check("indirect", await_used(), SECTOR + 1);
    check("indirect-id", rings.used.ring[0].id, 6);
    check("indirect-status", status, OK);
    check("indirect-data", word(0), mark_of(50));
}

/* Interrupts that are not wanted do not come; those that are awaited do. */
static void check_suppression(void)
{
    set_up(F_VERSION_1);
    rings.avail.flags = 1;
    request(T_IN, 0, SECTOR);
    check("suppressed", get(INTERRUPT_STATUS), 0);
    rings.avail.flags = 0;
    request(T_IN, 0, SECTOR);
    check("not-suppressed", get(INTERRUPT_STATUS), 1);
    set_up(F_EVENT_IDX | F_VERSION_1);
    rings.avail.used_event = 1;
    request(T_IN, 0, SECTOR);
    put(INTERRUPT_ACK, get(INTERRUPT_STATUS)); /* of the first one, always */
    rings.avail.used_event = 2;
    request(T_IN, 0, SECTOR);
    check("event-not-yet", get(INTERRUPT_STATUS), 0);
    request(T_IN, 0, SECTOR);
    check("event", get(INTERRUPT_STATUS), 1);
    check("event-next", rings.used.avail_event, 3);
}

/* Two chains at once, and the rings go round. */
static void check_order(void)
{
    set_up(F_VERSION_1);
    for (unsigned i = 0; i < 20; i++) {
        header.type = T_IN;
        header.sector = 60;
        describe(0, &header, sizeof(header), DESC_NEXT, 1);
        describe(1, data, SECTOR, DESC_NEXT | DESC_WRITE, 2);
        describe(2, &status, 1, DESC_WRITE, 0);
        describe(3, &header, sizeof(header), DESC_NEXT, 4);
        describe(4, data + SECTOR, SECTOR + 1, DESC_WRITE, 0);
        rings.avail.ring[rings.avail.idx % SIZE] = 0;
        rings.avail.ring[(rings.avail.idx + 1) % SIZE] = 3;
        rings.avail.idx = (u16)(rings.avail.idx + 2);
        notify();
        if (await_used() == NONE || await_used() == NONE)
            break;
    }
    check("order-idx", rings.used.idx, 40);
    check("order-ids", rings.used.ring[6].id + rings.used.ring[7].id, 3);
    check("order-data", word(SECTOR), mark_of(60));
}

/* What is in flight is dropped by a reset, and the device is as new. */
static void check_reset(void)
{
    set_up(F_VERSION_1);
    begin(T_IN, 1, SECTOR);
    put(STATUS, 0);
    check("reset-status", get(STATUS), 0);
    check("reset-interrupt", get(INTERRUPT_STATUS), 0);
    set_up(F_VERSION_1);
    check("again", request(T_IN, 2, SECTOR), SECTOR + 1);
    check("again-data", word(0), mark_of(2));
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
        check("broken-" name "-status", status, UNTOUCHED);          \
        check("broken-" name "-told", get(INTERRUPT_STATUS) & 2, 2); \
    } while (0)

/* Descriptors 0 to 2 are those of a good request. */
static void begin_described(u32 type)
{
    header.type = type;
    header.sector = 0;
    status = UNTOUCHED;
    describe(0, &header, sizeof(header), DESC_NEXT, 1);
    describe(1, data, SECTOR, DESC_NEXT | DESC_WRITE, 2);
    describe(2, &status, 1, DESC_WRITE, 0);
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
    check("mended", request(T_IN, 2, SECTOR), SECTOR + 1);
    check("mended-data", word(0), mark_of(2));
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
