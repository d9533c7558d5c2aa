/*
 * The console in a virtio slot: it tells what it is, takes what is sent on port
 * 0, and hands over what is typed, which the suite sends. The checks themselves
 * are printed by emergency writes.
 */
#include "driver.h"

#define CONSOLE 3
#define RECEIVE 0
#define TRANSMIT 1
#define TO_GUEST 2
#define FROM_GUEST 3

#define DEVICE_READY 0
#define PORT_READY 3
#define PORT_OPEN 6
#define F_MULTIPORT 2
#define PATIENCE 100000000

struct message {
    u32 port;
    u16 event, value;
};

/* Queues 1 to 3; queue 0 is the driver's own. */
static volatile struct rings more[3] __attribute__((aligned(4096)));
static volatile struct message told[4], said;
static volatile u8 text[64];
static volatile u8 input[64];

static volatile struct rings *queue(unsigned n)
{
    return n ? &more[n - 1] : &rings;
}

static void set_up_queue(unsigned n)
{
    put(QUEUE_SEL, n);
    put(QUEUE_NUM, SIZE);
    put(QUEUE_DESC, (u32)(u64)queue(n)->desc);
    put(QUEUE_DRIVER, (u32)(u64)&queue(n)->avail);
    put(QUEUE_DEVICE, (u32)(u64)&queue(n)->used);
    put(QUEUE_READY, 1);
}

/* Offers a buffer. */
static void give(unsigned n, unsigned d, const volatile void *pa, u32 size,
                 u16 flags)
{
    volatile struct rings *q = queue(n);

    q->desc[d].pa = (u64)pa;
    q->desc[d].size = size;
    q->desc[d].flags = flags;
    q->avail.ring[q->avail.idx % SIZE] = (u16)d;
    __asm__ volatile("fence" ::: "memory");
    q->avail.idx = (u16)(q->avail.idx + 1);
    put(QUEUE_NOTIFY, n);
}

static bool await(unsigned n, u16 idx)
{
    for (u64 i = 0; queue(n)->used.idx != idx; i++)
        if (i == PATIENCE)
            return false;
    return true;
}

static u32 length(unsigned n, unsigned at)
{
    return queue(n)->used.ring[at].size;
}

static void say(u16 event, u16 idx)
{
    said = (struct message){0, event, 1};
    give(FROM_GUEST, 0, &said, sizeof(said), 0);
    check("said", await(FROM_GUEST, idx), 1);
}

/* What the device says, in the order that QEMU says it in. */
static void check_control(void)
{
    for (unsigned i = 0; i < 4; i++)
        give(TO_GUEST, i, &told[i], sizeof(told[i]), DESC_WRITE);
    say(DEVICE_READY, 1);
    check("add", await(TO_GUEST, 1), 1);
    report("add-event", told[0].event);
    report("add-port", told[0].port);
    report("add-length", length(TO_GUEST, 0));
    say(PORT_READY, 2);
    check("told", await(TO_GUEST, 3), 1);
    for (unsigned i = 1; i < 3; i++) {
        report("told-event", told[i].event);
        report("told-value", told[i].value);
    }
}

/* "output" in two pieces, for the suite to find. */
static void check_output(void)
{
    static const char first[] = "<out", second[] = "put>\n";

    for (unsigned i = 0; i < 4; i++)
        text[i] = (u8)first[i];
    for (unsigned i = 0; i < 5; i++)
        text[16 + i] = (u8)second[i];
    queue(TRANSMIT)->desc[0].next = 1;
    queue(TRANSMIT)->desc[1].pa = (u64)(text + 16);
    queue(TRANSMIT)->desc[1].size = 5;
    give(TRANSMIT, 0, text, 4, DESC_NEXT);
    check("output", await(TRANSMIT, 1), 1);
    check("output-length", length(TRANSMIT, 0), 0);
}

/* "abc" comes, in one buffer or several. */
static void check_input(void)
{
    u64 sum = 0;
    u16 idx = 0;

    for (u32 got = 0; got < 3; got += length(RECEIVE, (idx - 1) % SIZE)) {
        give(RECEIVE, idx % SIZE, input + got, 16, DESC_WRITE);
        if (!await(RECEIVE, ++idx))
            break;
    }
    for (unsigned i = 0; i < 3; i++)
        sum = sum << 8 | input[i];
    check("input", sum, 0x616263);
}

void test_main(void)
{
    check("id", get(DEVICE_ID), CONSOLE);
    check("ports", get(CONFIG + 4), 31);
    report("features", offered());
    put(QUEUE_SEL, 63);
    check("queues", get(QUEUE_NUM_MAX), 1024);
    put(QUEUE_SEL, 64);
    check("no-queue", get(QUEUE_NUM_MAX), 0);
    set_up(F_VERSION_1 | F_MULTIPORT);
    for (unsigned n = 1; n < 4; n++)
        set_up_queue(n);
    check_control();
    check_output();
    say(PORT_OPEN, 3);
    check_input();
}
