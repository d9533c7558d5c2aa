/*
 * Goldfish real-time clock: nanoseconds since 1970, and one alarm.
 *
 *   0x00 TIME_LOW         read latches the upper half; write sets the clock
 *   0x04 TIME_HIGH        the latched upper half; write sets the clock
 *   0x08 ALARM_LOW        write starts the alarm
 *   0x0c ALARM_HIGH       to be written before ALARM_LOW
 *   0x10 IRQ_ENABLED      bit 0
 *   0x14 CLEAR_ALARM      any write stops the alarm
 *   0x18 ALARM_STATUS     1 while an alarm is running
 *   0x1c CLEAR_INTERRUPT  any write lowers the interrupt
 *
 * Only 32-bit accesses are served; the rest of the range reads 0 and ignores
 * writes. The clock is machine time plus an offset: it starts at a fixed
 * date, never at the host's.
 */
#include "dev/rtc.h"

#define TIME_LOW 0x00
#define TIME_HIGH 0x04
#define ALARM_LOW 0x08
#define ALARM_HIGH 0x0c
#define IRQ_ENABLED 0x10
#define CLEAR_ALARM 0x14
#define ALARM_STATUS 0x18
#define CLEAR_INTERRUPT 0x1c

static u64 wall_time(const struct rtc *rtc)
{
    return clock_now(rtc->clock) + rtc->s.offset;
}

static void update_irq(struct rtc *rtc)
{
    irq_set(&rtc->irq, rtc->s.irq_enabled && rtc->s.irq_pending);
}

static void alarm_fire(void *owner, u64 now)
{
    struct rtc *rtc = owner;

    rtc->s.irq_pending = true;
    update_irq(rtc);
}

/* An alarm set in the past rings at once. */
static void start_alarm(struct rtc *rtc)
{
    u64 now = wall_time(rtc), due;

    clock_disarm(rtc->clock, rtc->alarm);
    if (rtc->s.alarm_time <= now) {
        rtc->s.irq_pending = true;
        update_irq(rtc);
    } else if (!__builtin_add_overflow(clock_now(rtc->clock),
                                       rtc->s.alarm_time - now, &due)) {
        clock_arm(rtc->clock, rtc->alarm, due);
    }
}

static u64 with_low(u64 whole, u32 low)
{
    return (whole & ~0xffffffffull) | low;
}

static u64 with_high(u64 whole, u32 high)
{
    return (u32)whole | (u64)high << 32;
}

/* A running alarm keeps its distance, as on QEMU. */
static void set_wall_time(struct rtc *rtc, u64 value)
{
    rtc->s.offset += value - wall_time(rtc);
}

static u32 read_register(struct rtc *rtc, u64 offset)
{
    u64 now = wall_time(rtc);

    switch (offset) {
    case TIME_LOW: rtc->s.time_high = (u32)(now >> 32); return (u32)now;
    case TIME_HIGH: return rtc->s.time_high;
    case ALARM_LOW: return (u32)rtc->s.alarm_time;
    case ALARM_HIGH: return (u32)(rtc->s.alarm_time >> 32);
    case IRQ_ENABLED: return rtc->s.irq_enabled;
    case ALARM_STATUS: return clock_due(rtc->clock, rtc->alarm) != CLOCK_NEVER;
    default: return 0;
    }
}

static void write_register(struct rtc *rtc, u64 offset, u32 value)
{
    u64 now = wall_time(rtc);

    switch (offset) {
    case TIME_LOW: set_wall_time(rtc, with_low(now, value)); break;
    case TIME_HIGH: set_wall_time(rtc, with_high(now, value)); break;
    case ALARM_LOW:
        rtc->s.alarm_time = with_low(rtc->s.alarm_time, value);
        start_alarm(rtc);
        break;
    case ALARM_HIGH:
        rtc->s.alarm_time = with_high(rtc->s.alarm_time, value);
        break;
    case IRQ_ENABLED: rtc->s.irq_enabled = value & 1; break;
    case CLEAR_ALARM: clock_disarm(rtc->clock, rtc->alarm); break;
    case CLEAR_INTERRUPT: rtc->s.irq_pending = false; break;
    default: break;
    }
    update_irq(rtc);
}

static bool rtc_read(void *device, u64 offset, unsigned size, u64 *value)
{
    if (size != 4)
        return false;
    *value = read_register(device, offset);
    return true;
}

static bool rtc_write(void *device, u64 offset, unsigned size, u64 value)
{
    if (size != 4)
        return false;
    write_register(device, offset, (u32)value);
    return true;
}

static const struct mmio_ops ops = {.read = rtc_read, .write = rtc_write};

static void rtc_init(void *device, const struct device_wiring *wiring)
{
    struct rtc *rtc = device;

    rtc->irq = wiring->irq;
    rtc->clock = wiring->clock;
    rtc->alarm = clock_add_timer(wiring->clock, alarm_fire, rtc);
    rtc->epoch = wiring->epoch * 1000000000u;
}

static void rtc_reset(void *device)
{
    struct rtc *rtc = device;

    clock_disarm(rtc->clock, rtc->alarm);
    rtc->s.offset = rtc->epoch;
    rtc->s.alarm_time = 0;
    rtc->s.time_high = 0;
    rtc->s.irq_enabled = false;
    rtc->s.irq_pending = false;
    update_irq(rtc);
}

static void rtc_write_node(struct node_writer *w,
                           const struct device_place *place)
{
    node_open_device(w, "rtc", place);
    node_put_string(w, "compatible", "google,goldfish-rtc");
    node_close(w);
}

const struct device_kind rtc_device = {
    .name = "rtc",
    .size = sizeof(struct rtc),
    .state = offsetof(struct rtc, s),
    .state_size = sizeof(struct rtc_state),
    .ops = &ops,
    .init = rtc_init,
    .reset = rtc_reset,
    .write_node = rtc_write_node,
};
