/*
 * A guest that does anything at all with a virtio slot: libFuzzer's input is
 * what it does, an action after the other. What must hold whatever it is:
 *
 * - memory changes when time passes, and not before
 * - a chain in flight lies in RAM, and its timer is armed exactly as long
 * - time ends all that was begun
 * - a device whose state is moved all the time does what one does that stays
 *
 * The first byte says which device and which transport.
 */
#include <string.h>

#include "base/bits.h"
#include "dev/virtio/console.h"
#include "input.h"
#include "virtio_rig.h"

#define QUEUES 4

/* Actions: one of these, then what it needs. */
enum action {
    ACCESS,   /* of a register, at any offset and of any width */
    STORE,    /* somewhere in RAM */
    DESCRIBE, /* a descriptor */
    OFFER,    /* a chain */
    REQUEST,  /* one of three descriptors, most of it right */
    SET_UP,
    NOTIFY,
    PASS, /* time */
    FAIL, /* whether the disk does */
    TYPE, /* on the console */
    ACTIONS
};

static u64 take_place(struct input *in)
{
    u8 kind = (u8)take(in, 1);

    if (kind < 224)
        return RIG_RAM + take(in, 2);
    if (kind < 232)
        return RIG_RAM + RIG_RAM_SIZE - take(in, 1);
    return take(in, 8);
}

static u32 take_size(struct input *in)
{
    u8 kind = (u8)take(in, 1);

    if (kind < 64)
        return kind;
    if (kind < 128)
        return BLOCK_SECTOR * (kind - 63u);
    if (kind < 192)
        return (u32)take(in, 2);
    return (u32)take(in, 4);
}

static void access_register(struct rig *rig, struct input *in)
{
    u64 how = take(in, 1), offset = take(in, 2) % 0x400, value;
    unsigned size = 1u << how % 4;

    if (how & 0x10) { /* where there is something, most of the time */
        offset &= 0xfc;
        size = 4;
    }
    offset = align_down(offset, size);
    if (how & 0x20)
        rig_read(rig, offset, size, &value);
    else
        rig_write(rig, offset, size, take(in, size));
}

static void store(struct rig *rig, struct input *in)
{
    u64 offset = take(in, 2);
    unsigned count = take(in, 1) % 16;

    for (unsigned i = 0; i < count; i++)
        rig->ram[(offset + i) % RIG_RAM_SIZE] = (u8)take(in, 1);
}

static void describe(struct rig *rig, struct input *in)
{
    unsigned n = take(in, 1);
    u64 place = take_place(in);
    u32 size = take_size(in);
    u64 more = take(in, 2);

    rig_describe(rig, n / RIG_QUEUE_SIZE % QUEUES, n % RIG_QUEUE_SIZE, place,
                 size, more % 16, (u16)(more >> 4 & 15));
}

static void offer(struct rig *rig, struct input *in)
{
    u64 head = take(in, 1);

    rig_offer(rig, head >> 4 & 3, head & 15);
}

static void request(struct rig *rig, struct input *in)
{
    u64 how = take(in, 2), sector = take(in, 1);
    u32 type = how % 16, size = how & 0x200 ? 16 : take_size(in);
    u8 *header = &rig->ram[RIG_QUEUES_END];

    memset(header, 0, 16);
    memcpy(header, &type, 4);
    memcpy(header + 8, &sector, 8);
    rig_describe(rig, 0, 0, RIG_RAM + RIG_QUEUES_END, 16, 1, 1);
    rig_describe(rig, 0, 1, RIG_RAM + 0x2000, size, type & 1 ? 1 : 3, 2);
    rig_describe(rig, 0, 2, RIG_RAM + RIG_QUEUES_END + 16, 1, 2, 0);
    rig_describe(rig, 0, 3, RIG_RAM, 48, 4, 0);
    rig_offer(rig, 0, how & 0x100 ? 3 : 0);
}

static void set_up(struct rig *rig, struct input *in)
{
    static const u32 sizes[] = {8, 8, 8, 1, 3, 16, 1024, 0x8000};
    u64 how = take(in, 1);

    rig_set_up(rig, QUEUES, sizes[how % 8],
               how & 0x80 ? ~0ull : VIRTIO_F_VERSION_1 | take(in, 5));
}

static void type(struct rig *rig, u8 byte)
{
    if (virtio_is_console(rig->v) && virtio_console_can_receive(rig->v))
        virtio_console_receive(rig->v, byte);
}

/* Memory is scrambled by who loads it: another hart stores to it just then. */
static void scramble(struct rig *rig, u64 offset, u64 count)
{
    const struct input *in = rig->arg;

    if (in->at < in->end && count)
        rig->ram[offset + *in->at % count] ^= *in->at;
}

static void act(struct rig *rig, enum action action, struct input *in)
{
    switch (action) {
    case ACCESS: access_register(rig, in); break;
    case STORE: store(rig, in); break;
    case DESCRIBE: describe(rig, in); break;
    case OFFER: offer(rig, in); break;
    case REQUEST: request(rig, in); break;
    case SET_UP: set_up(rig, in); break;
    case NOTIFY: rig_notify(rig, (u32)take(in, 1) % (QUEUES + 1)); break;
    case PASS:
        clock_advance(&rig->clock, rig->clock.s.now + 100 * take(in, 2));
        break;
    case FAIL: rig->disk.fails = take(in, 1) & 1; break;
    case TYPE: type(rig, (u8)take(in, 1)); break;
    default: break;
    }
}

static void check(const struct rig *rig)
{
    const struct virtio_chain *chain = &rig->v->s.chain;

    expect(rig->v->s.busy == (clock_next(&rig->clock) != CLOCK_NEVER));
    expect(chain->count <= VIRTIO_QUEUE_SIZE_MAX &&
           chain->readable <= chain->count);
    for (unsigned i = 0; rig->v->s.busy && i < chain->count; i++) {
        u64 offset = chain->segment[i].pa - RIG_RAM;

        expect(offset < RIG_RAM_SIZE && chain->segment[i].size &&
               chain->segment[i].size <= RIG_RAM_SIZE - offset);
    }
    expect(rig->line == (rig->v->s.interrupt != 0));
}

/* One action of the guest, in a machine that stays or moves. */
static void turn(struct rig *rig, struct input *in, bool moves)
{
    enum action action = take(in, 1) % ACTIONS;
    u64 stores = rig->stores;

    act(rig, action, in);
    expect(rig->stores == stores || action == PASS);
    if (moves)
        expect(rig_move(rig));
    check(rig);
}

static void run(struct rig *rig, struct input *in, bool moves)
{
    u8 how = (u8)take(in, 1);

    expect(
        rig_init(rig, how & 32 ? RVEMU_VIRTIO_RNG : RVEMU_VIRTIO_BLK, how & 1));
    rig->disk.block.read_only = (how & 6) == 6;
    rig->arg = in;
    if (how & 8)
        rig->loaded = scramble;
    if (!(how & 16))
        rig_set_up(rig, QUEUES, RIG_QUEUE_SIZE, ~0ull);
    while (in->at < in->end)
        turn(rig, in, moves);
    expect(rig_finish(rig) || !rig->v->s.broken);
    check(rig);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static struct rig rigs[2];
    struct input in[2] = {{data, data + size}, {data, data + size}};

    for (unsigned i = 0; i < 2; i++)
        run(&rigs[i], &in[i], i == 1);
    expect(!memcmp(&rigs[0].v->s, &rigs[1].v->s, sizeof(rigs[0].v->s)));
    expect(!memcmp(rigs[0].ram, rigs[1].ram, RIG_RAM_SIZE));
    expect(!memcmp(rigs[0].disk.bytes, rigs[1].disk.bytes,
                   sizeof(rigs[0].disk.bytes)));
    for (unsigned i = 0; i < 2; i++)
        rig_fini(&rigs[i]);
    return 0;
}
