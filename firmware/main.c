/*
 * The firmware of emu: machine mode for a supervisor, and nothing more.
 *
 * Every hart arrives here from start.S. The boot hart learns what machine it
 * is on and enters the supervisor that fw_dynamic_info names; the others wait
 * until the supervisor starts them. All memory is zero at the start but for
 * what the ELF brings, so there is nothing to clear.
 */
#include "boot.h"
#include "console.h"
#include "finisher.h"
#include "layout.h"
#include "platform.h"

/* The structure that the boot ROM passes in a2 (OpenSBI,
 * include/sbi/fw_dynamic.h). */
struct fw_dynamic_info {
    u64 magic, version;
    u64 next_address, next_mode;
    u64 options;
    u64 boot_hart; /* from version 2 on */
};

#define FW_DYNAMIC_MAGIC 0x4942534f
#define FW_DYNAMIC_MODE_S 1
#define FW_DYNAMIC_NO_BOOT_PRINTS 1

_Noreturn void firmware_main(u64 id, const void *device_tree,
                             const struct fw_dynamic_info *next);

static u64 boot_hart(const struct fw_dynamic_info *next)
{
    bool named = next->version >= 2 && next->boot_hart < HARTS_MAX;

    return named ? next->boot_hart : 0;
}

static _Noreturn void refuse(const char *why)
{
    console_put_string("emu firmware: ");
    console_put_string(why);
    console_put_string("\n");
    finisher_fail(1);
}

static void greet(void)
{
    unsigned count = platform_hart_count();

    console_put_string("emu firmware " FIRMWARE_VERSION ", SBI 2.0, ");
    console_put_decimal(count);
    console_put_string(count == 1 ? " hart\n" : " harts\n");
}

void firmware_main(u64 id, const void *device_tree,
                   const struct fw_dynamic_info *next)
{
    if (id != boot_hart(next))
        boot_wait();
    if (!platform_read(device_tree))
        refuse("no usable device tree");
    console_init();
    if (!(next->options & FW_DYNAMIC_NO_BOOT_PRINTS))
        greet();
    if (next->magic != FW_DYNAMIC_MAGIC || next->next_mode != FW_DYNAMIC_MODE_S)
        refuse("no supervisor to enter");
    boot_supervisor(next->next_address, (u64)device_tree);
}
