/* The driver of the virtio test programs; see driver.h. */
#include "driver.h"

#define PATIENCE 50000000

volatile struct rings rings __attribute__((aligned(4096)));
unsigned slot;
static u16 seen;

u32 get(u64 offset)
{
    return *(volatile u32 *)(SLOT(slot) + offset);
}

void put(u64 offset, u32 value)
{
    __asm__ volatile("fence" ::: "memory");
    *(volatile u32 *)(SLOT(slot) + offset) = value;
}

u64 offered(void)
{
    u64 features;

    put(DEVICE_FEATURES_SEL, 0);
    features = get(DEVICE_FEATURES);
    put(DEVICE_FEATURES_SEL, 1);
    return features | (u64)get(DEVICE_FEATURES) << 32;
}

static void clear_rings(void)
{
    volatile u8 *at = (volatile u8 *)&rings;

    for (u64 i = 0; i < sizeof(rings); i++)
        at[i] = 0;
    seen = 0;
}

#ifdef LEGACY
static void set_up_queue(void)
{
    put(GUEST_PAGE_SIZE, 4096);
    put(QUEUE_NUM, SIZE);
    put(QUEUE_ALIGN, 4096);
    put(QUEUE_PFN, (u32)((u64)&rings >> 12));
}
#else
static void put_address(u64 offset, const volatile void *pa)
{
    put(offset, (u32)(u64)pa);
    put(offset + 4, (u32)((u64)pa >> 32));
}

static void set_up_queue(void)
{
    put(QUEUE_NUM, SIZE);
    put_address(QUEUE_DESC, rings.desc);
    put_address(QUEUE_DRIVER, &rings.avail);
    put_address(QUEUE_DEVICE, &rings.used);
    put(QUEUE_READY, 1);
}
#endif

void set_up(u64 features)
{
    u32 status = ACKNOWLEDGE | DRIVER;

    put(STATUS, 0);
    clear_rings();
    put(STATUS, status);
    features &= offered();
    put(DRIVER_FEATURES_SEL, 0);
    put(DRIVER_FEATURES, (u32)features);
#ifndef LEGACY
    put(DRIVER_FEATURES_SEL, 1);
    put(DRIVER_FEATURES, (u32)(features >> 32));
    status |= FEATURES_OK;
    put(STATUS, status);
#endif
    put(QUEUE_SEL, 0);
    set_up_queue();
    put(STATUS, status | DRIVER_OK);
}

void describe(unsigned n, const volatile void *pa, u32 size, u16 flags,
              u16 next)
{
    rings.desc[n].pa = (u64)pa;
    rings.desc[n].size = size;
    rings.desc[n].flags = flags;
    rings.desc[n].next = next;
}

void offer(u16 head)
{
    rings.avail.ring[rings.avail.idx % SIZE] = head;
    __asm__ volatile("fence" ::: "memory");
    rings.avail.idx = (u16)(rings.avail.idx + 1);
    notify();
}

void notify(void)
{
    put(QUEUE_NOTIFY, 0);
}

u64 await_used(void)
{
    for (u64 i = 0; rings.used.idx == seen; i++)
        if (i == PATIENCE)
            return NONE;
    __asm__ volatile("fence" ::: "memory");
    return rings.used.ring[seen++ % SIZE].size;
}

bool await_status(u32 bit)
{
    for (u64 i = 0; !(get(STATUS) & bit); i++)
        if (i == PATIENCE)
            return false;
    return true;
}
