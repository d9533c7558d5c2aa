/*
 * The physical address map: one RAM, and ranges that belong to devices.
 *
 * RAM is host memory and is reached through ram_host() without any call to
 * the bus. Everything else goes range → device. An access that no range
 * takes, or that its device refuses, returns false and becomes an access
 * fault in the hart (privileged spec, "Physical Memory Attributes").
 */
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include "base/bits.h"
#include "base/error.h"
#include "base/types.h"

#define PAGE_SIZE 4096u
#define PAGE_SHIFT 12

/* What is known of a RAM frame, a byte each. */
enum frame_flag {
    FRAME_CODE = 1 << 0,      /* decoded blocks were made from it */
    FRAME_TABLE = 1 << 1,     /* a page table under watch */
    FRAME_WRITABLE = 1 << 2,  /* some small W array may hold it */
    FRAME_REGISTERS = 1 << 3, /* a device's registers are in it */
    FRAME_WALKED = 1 << 4,    /* a walk that a TLB keeps came by it */
    FRAME_PROTECTED = 1 << 5, /* W was taken from a user leaf that maps it */
    FRAME_FETCHED = 1 << 6,   /* some hart may have it in its code cache */
    FRAME_CLEAN = 1 << 7,     /* not stored to since the latest snapshot */
};

/* Stores to a frame with one of these flags are looked at one by one. */
#define FRAME_STORES                                             \
    (FRAME_CODE | FRAME_TABLE | FRAME_REGISTERS | FRAME_WALKED | \
     FRAME_PROTECTED | FRAME_FETCHED | FRAME_CLEAN)

/* Who keeps what frames held before they are stored to: told of a frame with
 * FRAME_CLEAN, by its number, before the first store to it. */
struct ram_keeper {
    void (*keep)(void *self, u64 frame);
    void *self;
};

struct ram {
    u64 base; /* guest-physical, page-aligned */
    u64 size; /* bytes, whole pages */
    u8 *host;
    u8 *frame_flags;          /* one byte a frame, enum frame_flag */
    bool is_mapped;           /* a file's pages are in it, some of them not
                               * yet read */
    struct ram_keeper keeper; /* while any frame has FRAME_CLEAN */
};

/* A device's registers. offset counts from the start of its range and is a
 * multiple of size; size is 1, 2, 4 or 8 bytes. false: access fault. */
struct mmio_ops {
    bool (*read)(void *device, u64 offset, unsigned size, u64 *value);
    bool (*write)(void *device, u64 offset, unsigned size, u64 value);
};

struct bus_range {
    u64 base;
    u64 size;
    const struct mmio_ops *ops;
    void *device;
    const char *name; /* outlives the bus; of events, its first 8 letters */
    const u8 *rom;    /* bytes that instructions may be fetched from, or NULL */
    u64 rom_size;     /* bytes of it; behind them there is nothing to fetch */
};

/* A device's registers that are in RAM: a doubleword, and whom to tell when a
 * hart has stored to size of its bytes from offset on. Called within the store.
 */
struct ram_registers {
    u64 pa; /* aligned, in RAM */
    void (*stored)(void *device, u64 offset, u64 size);
    void *device;
};

/* Who is told that there is no range at an address that a hart has read or
 * written. Called within the access, which fails whatever comes of it. */
struct bus_missed {
    void (*call)(void *self, u64 pa, bool is_write);
    void *self;
};

#define BUS_RANGES_MAX 32

struct bus {
    struct ram ram;
    struct ram_registers registers; /* with stored NULL, none */
    struct bus_missed missed;       /* with call NULL, nobody */
    unsigned range_count;
    unsigned last; /* the range that was found last: accesses come in runs */
    struct bus_range range[BUS_RANGES_MAX]; /* in order of base */
};

/* Maps size bytes of zeroed guest RAM at base, untouched until used.
 * Returns 0, or -1 with the host's reason in error. */
int bus_init(struct bus *bus, u64 ram_base, u64 ram_size,
             struct rvemu_error *error);
void bus_fini(struct bus *bus);

/* The same as bus_init() over the RAM of another bus, which lends it: its
 * contents and its place stay. Its frames have no flags. */
int bus_init_over(struct bus *bus, const struct ram *ram,
                  struct rvemu_error *error);

/* Adds a device's range. Ranges never overlap: the machine's table is fixed,
 * so this cannot fail. */
void bus_add(struct bus *bus, const struct bus_range *range);

/* Sets the one doubleword of registers in RAM. Before anything runs. */
void bus_set_registers(struct bus *bus, const struct ram_registers *registers);

/* A hart has stored to [pa, pa + size), which lies in one aligned doubleword,
 * in a frame with FRAME_REGISTERS. */
void bus_stored(const struct bus *bus, u64 pa, u64 size);

/* The range that covers pa, or NULL. */
const struct bus_range *bus_find(struct bus *bus, u64 pa);

/* MMIO only, naturally aligned, size 1 to 8. false: access fault. */
bool bus_read(struct bus *bus, u64 pa, unsigned size, u64 *value);
bool bus_write(struct bus *bus, u64 pa, unsigned size, u64 value);

/* Whether [pa, pa + size) lies wholly in RAM. */
static inline bool ram_has(const struct ram *ram, u64 pa, u64 size)
{
    u64 offset = pa - ram->base;
    return offset < ram->size && size <= ram->size - offset;
}

/* Whether pa, and with it all of its page, is in RAM, which is whole pages. */
static inline bool ram_has_page(const struct ram *ram, u64 pa)
{
    return pa - ram->base < ram->size;
}

/* Host address of guest-physical pa, which must be in RAM. */
static inline u8 *ram_host(const struct ram *ram, u64 pa)
{
    return ram->host + (pa - ram->base);
}

/* The address of a byte of RAM on the host. */
static inline u64 ram_pa(const struct ram *ram, const u8 *host)
{
    return ram->base + (u64)(host - ram->host);
}

/* What lies at pa, in RAM and aligned to size, 1 to 8. */
static inline u64 ram_load(const struct ram *ram, u64 pa, unsigned size)
{
    u64 value = load_le64(ram_host(ram, align_down(pa, 8)));

    return value >> 8 * (pa & 7) & ~0ull >> (64 - 8 * size);
}

static inline u8 *ram_frame_flags(const struct ram *ram, u64 pa)
{
    return ram->frame_flags + ((pa - ram->base) >> PAGE_SHIFT);
}

/* The flags of the frame of pa, which is about to be stored to: what it holds
 * is kept, and it is clean no more. */
static inline u8 ram_about_to_store(const struct ram *ram, u64 pa)
{
    u8 *flags = ram_frame_flags(ram, pa);

    if (*flags & FRAME_CLEAN) {
        *flags &= (u8)~FRAME_CLEAN;
        ram->keeper.keep(ram->keeper.self, (pa - ram->base) >> PAGE_SHIFT);
    }
    return *flags;
}

#endif
