/*
 * The console device (5.3): QEMU's virtio-serial with one port, 0, which is a
 * console (virtconsole).
 *
 *   queue 0, 1   to and from the guest: the console's bytes
 *   queue 2, 3   to and from the guest: control messages, with F_MULTIPORT
 *   others       of ports that nothing is plugged into
 *
 *   0x00 cols, rows: 2 bytes each   0x04 max_nr_ports   0x08 emerg_wr
 *
 * A control message is 0 port, 4 event, 6 value. What is to be said to the
 * guest is a set of messages, since each is worth saying once: the state of a
 * port does not change. Who says what when is QEMU's.
 */
#include "dev/virtio/console.h"

#include <string.h>

#include "base/bits.h"
#include "dev/virtio/queue.h"

#define CONSOLE_ID 3
#define PORTS 31
#define RECEIVE 0
#define TRANSMIT 1
#define TO_GUEST 2
#define FROM_GUEST 3

#define F_MULTIPORT VIRTIO_FEATURE(1)
#define F_EMERG_WRITE VIRTIO_FEATURE(2)

#define CONFIG_SIZE 12
#define CONFIG_PORTS 4
#define CONFIG_EMERGENCY 8

#define MESSAGE 8
#define DEVICE_READY 0
#define DEVICE_ADD 1
#define PORT_READY 3
#define CONSOLE_PORT 4
#define PORT_OPEN 6

#define REQUEST_NS 5000

/* Bytes that go out at a time. */
#define PIECE 4096

static u64 features(const struct virtio *v)
{
    return F_MULTIPORT | F_EMERG_WRITE;
}

static void read_config(const struct virtio *v, u8 *config)
{
    config[CONFIG_PORTS] = PORTS;
}

/* A byte for those who cannot wait for queues. */
static void write_config(struct virtio *v, u64 offset, u8 byte)
{
    if (offset == CONFIG_EMERGENCY)
        v->console.put(v->console.host, byte);
}

static bool is_ready(const struct virtio *v, unsigned queue)
{
    switch (queue) {
    case RECEIVE: return v->s.console.count;
    case TO_GUEST: return v->s.console.messages;
    default: return true;
    }
}

static bool begin(struct virtio *v, u64 *ns)
{
    *ns = REQUEST_NS;
    return true;
}

static u32 put_input(struct virtio *v)
{
    struct virtio_console_state *s = &v->s.console;
    u32 count = (u32)least(s->count, queue_writable(&v->s.chain));

    queue_store(v, 0, s->input, count);
    s->count -= count;
    memmove(s->input, s->input + count, s->count);
    return count;
}

static u32 transmit(struct virtio *v)
{
    u64 size = queue_readable(&v->s.chain);
    u8 piece[PIECE];

    for (u64 at = 0; at < size; at += PIECE) {
        u64 count = least(PIECE, size - at);

        queue_load(v, at, piece, count);
        for (u64 i = 0; i < count; i++)
            v->console.put(v->console.host, piece[i]);
    }
    return 0;
}

/* The first message that is to be said. One that finds too little room is
 * lost. */
static u32 put_message(struct virtio *v)
{
    u32 *messages = &v->s.console.messages;
    u8 message[MESSAGE] = {0};

    message[4] = (u8)__builtin_ctz(*messages);
    message[6] = message[4] != DEVICE_ADD;
    *messages &= *messages - 1;
    if (queue_writable(&v->s.chain) < MESSAGE)
        return 0;
    queue_store(v, 0, message, MESSAGE);
    return MESSAGE;
}

static u32 take_message(struct virtio *v)
{
    struct virtio_console_state *s = &v->s.console;
    u8 message[MESSAGE];
    bool yes, is_ours;

    if (queue_readable(&v->s.chain) < MESSAGE)
        return 0;
    queue_load(v, 0, message, MESSAGE);
    is_ours = !load_le32(message);
    yes = load_le16(message + 6) != 0;
    switch (load_le16(message + 4)) {
    case DEVICE_READY: s->messages |= (u32)yes << DEVICE_ADD; break;
    case PORT_READY:
        if (is_ours && yes)
            s->messages |= 1u << CONSOLE_PORT | 1u << PORT_OPEN;
        break;
    case PORT_OPEN:
        if (is_ours)
            s->is_open = yes;
        break;
    default: break;
    }
    virtio_notify(v, TO_GUEST);
    return 0;
}

static u32 finish(struct virtio *v)
{
    switch (v->s.chain.queue) {
    case RECEIVE: return put_input(v);
    case TRANSMIT: return transmit(v);
    case TO_GUEST: return put_message(v);
    case FROM_GUEST: return take_message(v);
    default: return 0;
    }
}

static void reset(struct virtio *v)
{
    v->s.console.messages = 0;
    v->s.console.is_open = false;
}

bool virtio_is_console(const struct virtio *v)
{
    return v->kind == &virtio_console;
}

bool virtio_console_can_receive(const struct virtio *v)
{
    bool is_open = v->s.console.is_open || !(v->s.features & F_MULTIPORT);

    return is_open && v->s.status & VIRTIO_DRIVER_OK &&
           v->s.queue[RECEIVE].areas.desc &&
           v->s.console.count < sizeof(v->s.console.input);
}

void virtio_console_receive(struct virtio *v, u8 byte)
{
    v->s.console.input[v->s.console.count++] = byte;
    virtio_notify(v, RECEIVE);
}

/* Behind a chain that is to get a message there is one. */
static bool is_sound(const struct virtio *v)
{
    const struct virtio_console_state *s = &v->s.console;
    u32 known = 1u << DEVICE_ADD | 1u << CONSOLE_PORT | 1u << PORT_OPEN;

    return s->count <= sizeof(s->input) && s->is_open <= 1 &&
           !(s->messages & ~known) &&
           (!v->s.busy || v->s.chain.queue != TO_GUEST || s->messages);
}

const struct virtio_kind virtio_console = {
    .id = CONSOLE_ID,
    .queues = 2 * (PORTS + 1),
    .queue_size = {128, 128, 32, 32, [4 ... 2 * PORTS + 1] = 128},
    .config_size = CONFIG_SIZE,
    .features = features,
    .read_config = read_config,
    .write_config = write_config,
    .reset = reset,
    .is_ready = is_ready,
    .begin = begin,
    .is_sound = is_sound,
    .finish = finish,
};
