/*
 * Calls into the SBI firmware (RISC-V SBI specification 2.0).
 */
#ifndef DEV_SBI_H
#define DEV_SBI_H

#include "lib/types.h"

struct sbi_ret {
    i64 error;
    i64 value;
};

/* Asks the firmware which extensions it has; call this before the functions
 * below. */
void sbi_init(void);

/* For the boot story: specification version and name of the firmware. */
u32 sbi_version(void);
const char *sbi_implementation(void);

/* Raises the next timer interrupt when `time` reaches `deadline` (ticks of
 * the timebase); takes the present one back. ~0 is never. */
void sbi_set_timer(u64 deadline);

/* Prints through DBCN, or a byte a call through the legacy console. */
void sbi_console_write(const char *s, size_t n);

/* Turns the machine off; returns when the firmware cannot. */
void sbi_shutdown(void);

#endif
