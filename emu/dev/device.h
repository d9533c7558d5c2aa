/*
 * A device, as the board sees it.
 *
 * A device is a file of this folder, which ends in a `struct device_kind`
 * called NAME_device, and a row of machine/virt.def, which says where it
 * stands: the board makes it, puts it on the bus, wires it, and describes it
 * in the device tree. No device knows of the machine or of a hart.
 *
 * What a guest can change of a device is a plain struct (base/plain.h), the
 * member `s` of its own: one that is wired alike takes its place when `s` is
 * assigned. The levels on its wires belong to whom they reach, its deadlines
 * to the clock; nothing is driven or armed again.
 */
#ifndef DEV_DEVICE_H
#define DEV_DEVICE_H

#include <rvemu/trace.h>
#include <rvemu/virtio.h>

#include "base/types.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "bus/irq.h"
#include "dev/node.h"

#define DEVICE_HARTS_MAX 8

/* Where a device stands. */
struct device_place {
    u64 base, size; /* its range, guest-physical */
    unsigned irq;   /* its source at the interrupt controller; 0: none */
    unsigned index; /* among those of its kind, from 0 */
};

/* Where transmitted bytes go. */
struct char_port {
    void (*put)(void *host, u8 byte);
    void *host;
};

/* How a guest ends the run. */
enum syscon_stop {
    SYSCON_PASS,
    SYSCON_FAIL, /* with the guest's own code */
    SYSCON_RESET
};

/* Called within the store that asked. The machine is to stop after that
 * instruction. code is 0 except for SYSCON_FAIL. */
struct stop_port {
    void (*stop)(void *host, enum syscon_stop how, unsigned code);
    void *host;
};

/* Called after the time that harts read has been moved, for whoever waits for
 * a value of it (stimecmp). May be NULL. */
struct time_port {
    void (*written)(void *host);
    void *host;
};

/* Guest RAM, for a device that reads and writes it by itself. Addresses are
 * guest-physical; where any of the bytes is outside RAM, the answer is false
 * and nothing is done. Stores are made between slices only. */
struct dma_port {
    bool (*has)(void *host, u64 pa, u64 count);
    bool (*load)(void *host, u64 pa, void *bytes, u64 count);
    bool (*store)(void *host, u64 pa, const void *bytes, u64 count);
    void *host;
};

/* Where a device tells of what happens: a new event of the kind, its time and
 * its hart filled in, to be filled at once; NULL when nobody asks for it. */
struct event_port {
    struct rvemu_event *(*make)(void *host, unsigned kind);
    void *host;
};

/* All that a device can be wired to; each takes what it needs. All of it
 * outlives the device. */
struct device_wiring {
    struct device_place place;
    struct irq_line irq; /* to place.irq; with none it hangs in the air */
    struct clock *clock;

    unsigned harts; /* 1 to DEVICE_HARTS_MAX */
    void (*hart_irq)(void *hart, unsigned number, bool level);
    void *hart[DEVICE_HARTS_MAX];

    struct char_port console; /* of the UART */
    struct char_port line;    /* of a virtio console */
    struct stop_port stop;
    struct time_port time;
    struct event_port events; /* with make NULL, nobody asks */
    u64 seed;                 /* of what the machine draws by lot */
    u64 epoch;   /* what the RTC shows at reset, seconds since 1970 */
    bool aclint; /* the CLINT is described as an ACLINT, and has an SSWI */
    struct dma_port dma;
    const struct rvemu_virtio *virtio; /* what is in the slots; NULL: nothing */
};

/* A kind of device. A member that is NULL or 0 says that it has none. */
struct device_kind {
    const char *name; /* uart: the parts of its state are uart0, uart1, … */
    size_t size;      /* of its struct */
    size_t state, state_size; /* where `s` is in it */
    size_t code, code_size;   /* what instructions may be fetched from */
    const struct mmio_ops *ops;

    /* Whether a board that is wired so has it; NULL: every board has. */
    bool (*is_there)(const struct device_wiring *wiring);

    /* Wires the device, which is zeroed memory that will not move. */
    void (*init)(void *device, const struct device_wiring *wiring);

    /* Brings the device to its state at power-on; other devices are wired by
     * then. */
    void (*reset)(void *device);

    /* Whether its state, which comes from outside, leads the device nowhere
     * that a guest could not lead it. NULL: nothing there could. */
    bool (*is_sound)(const void *device);

    /* For an interrupt controller: drives one of its sources. It is the
     * parent of the devices in the rows behind its own. */
    void (*set_source)(void *device, unsigned source, bool level);

    /* The device tree (node.h): its node in /soc, and those in the root that
     * are about it. */
    void (*write_node)(struct node_writer *w, const struct device_place *place);
    void (*write_root)(struct node_writer *w, const struct device_place *place);
    bool has_phandle;        /* other nodes point at its node */
    const char *stdout_node; /* a console: the name of its node */
};

/* The wire that drives a bit of mip (enum irq_of_hart) of hart h. */
static inline struct irq_line device_hart_line(const struct device_wiring *w,
                                               unsigned h,
                                               enum irq_of_hart number)
{
    return (struct irq_line){w->hart_irq, w->hart[h], number};
}

#endif
