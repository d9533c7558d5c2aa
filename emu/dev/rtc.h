/* The wall clock of the machine: a goldfish RTC. Registers in rtc.c. */
#ifndef DEV_RTC_H
#define DEV_RTC_H

#include "base/plain.h"
#include "dev/device.h"

PLAIN_BEGIN
struct rtc_state {
    u64 offset;      /* wall clock − machine time, ns */
    u64 alarm_time;  /* ns since 1970, as written */
    u32 time_high;   /* latched by a read of TIME_LOW */
    u16 irq_enabled; /* 0 or 1 */
    u16 irq_pending; /* 0 or 1 */
};
PLAIN_END

struct rtc {
    struct rtc_state s;
    struct irq_line irq;
    struct clock *clock;
    unsigned alarm; /* timer, armed exactly while an alarm is running */
    u64 epoch;      /* ns since 1970 at reset */
};

extern const struct device_kind rtc_device;

#endif
