/*
 * HTIF, the interface by which bare-metal RISC-V tests talk to the host: the
 * guest stores a command to `tohost` and reads the answer from `fromhost`,
 * two doublewords of RAM that its ELF file names.
 *
 *   63    56 55     48 47                     0
 *  | device | command |        payload         |
 *
 *   device 0, command 0   payload odd: the run ends, code payload >> 1
 *                         payload even: a system call, whose number and six
 *                         arguments are eight doublewords at that physical
 *                         address; the result goes into the first of them
 *   device 1, command 1   the low byte of the payload goes to the console
 *
 * System calls: write (64) to standard output or error, both the console, and
 * exit (93). A write takes WRITE_MOST bytes at the most and returns how many,
 * so that no single store keeps the machine for long. What else a guest asks
 * for ends the run, and the line says what.
 *
 * There is no document; riscv-isa-sim's fesvr is what tests are written for.
 * It polls. Here a store of the doubleword acts at once: tohost reads 0 after
 * it, and the answer is there. So does the second of two stores that are its
 * halves, in whichever order; the first alone says nothing yet, since an exit
 * and the lower half of a character look alike. A half that stays alone, as in
 * the programs that store to the lower word only, is taken for the whole after
 * HALF_WAITS. Halves that are both 0 are no command.
 */
#include "dev/htif.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"

#define DEVICE_SYSCALL 0
#define DEVICE_CONSOLE 1
#define CONSOLE_PUT 1
#define SYSCALL_WORDS 8
#define SYSCALL_WRITE 64
#define SYSCALL_EXIT 93
#define WRITE_MOST 65536

#define HALF_LOW 1u /* bytes 0 to 3 */
#define HALF_HIGH 2u
#define HALVES (HALF_LOW | HALF_HIGH)
#define HALF_WAITS \
    10000 /* ns of machine time: what fesvr takes to look again */

__attribute__((format(printf, 2, 3))) static void
refuse(struct htif *htif, const char *format, ...)
{
    char text[160];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    htif->host.refuse(htif->host.host, text);
}

static u64 load(const struct htif *htif, u64 pa)
{
    u64 value;

    memcpy(&value, ram_host(htif->ram, pa), sizeof(value));
    return value;
}

static void put(struct htif *htif, u64 pa, u64 count)
{
    for (u64 i = 0; i < count; i++)
        htif->host.console.put(htif->host.console.host,
                               *ram_host(htif->ram, pa + i));
}

static void call_write(struct htif *htif, u64 call, u64 fd, u64 pa, u64 count)
{
    if (fd != 1 && fd != 2) {
        refuse(htif, "write to descriptor %" PRIu64 ": there are 1 and 2", fd);
    } else if (count && !ram_has(htif->ram, pa, count)) {
        refuse(htif,
               "write of %" PRIu64 " bytes from 0x%" PRIx64
               ", which is not in RAM",
               count, pa);
    } else {
        count = count < WRITE_MOST ? count : WRITE_MOST;
        put(htif, pa, count);
        htif->host.store(htif->host.host, call, count);
        htif->host.store(htif->host.host, htif->fromhost, 1);
    }
}

static void call_system(struct htif *htif, u64 pa)
{
    u64 number;

    if (pa & 7 || !ram_has(htif->ram, pa, 8 * SYSCALL_WORDS)) {
        refuse(htif,
               "system call at 0x%" PRIx64
               ", which is not eight doublewords in RAM",
               pa);
        return;
    }
    number = load(htif, pa);
    if (number == SYSCALL_WRITE)
        call_write(htif, pa, load(htif, pa + 8), load(htif, pa + 16),
                   load(htif, pa + 24));
    else if (number == SYSCALL_EXIT)
        htif->host.exit(htif->host.host, load(htif, pa + 8));
    else
        refuse(htif,
               "system call %" PRIu64 ": there are write (64) and exit (93)",
               number);
}

static void act(struct htif *htif)
{
    u64 value = load(htif, htif->tohost);
    unsigned device = (unsigned)bits(value, 63, 56);
    unsigned command = (unsigned)bits(value, 55, 48);
    u64 payload = bits(value, 47, 0);

    htif->s.halves = 0;
    clock_disarm(htif->clock, htif->timer);
    if (!value)
        return;
    htif->host.store(htif->host.host, htif->tohost, 0);
    if (device == DEVICE_SYSCALL && command == 0 && payload & 1)
        htif->host.exit(htif->host.host, payload >> 1);
    else if (device == DEVICE_SYSCALL && command == 0)
        call_system(htif, payload);
    else if (device == DEVICE_CONSOLE && command == CONSOLE_PUT)
        htif->host.console.put(htif->host.console.host, (u8)payload);
    else
        refuse(htif, "device %u, command %u: there is no such thing here",
               device, command);
}

static void stored(void *self, u64 offset, u64 size)
{
    struct htif *htif = self;
    bool first = !htif->s.halves;

    htif->s.halves |= offset < 4 ? HALF_LOW : 0;
    htif->s.halves |= offset + size > 4 ? HALF_HIGH : 0;
    if (htif->s.halves == HALVES || !load(htif, htif->tohost))
        act(htif);
    else if (first)
        clock_arm(htif->clock, htif->timer,
                  clock_now(htif->clock) + HALF_WAITS);
}

static void waited(void *self, u64 now)
{
    act(self);
}

bool htif_is_waiting(const struct htif *htif)
{
    return htif->s.halves != 0;
}

void htif_init(struct htif *htif, struct bus *bus, struct clock *clock,
               u64 tohost, u64 fromhost, const struct htif_host *host)
{
    *htif = (struct htif){.clock = clock,
                          .ram = &bus->ram,
                          .tohost = tohost,
                          .fromhost = fromhost,
                          .host = *host};
    htif->timer = clock_add_timer(clock, waited, htif);
    bus_set_registers(bus, &(struct ram_registers){tohost, stored, htif});
}
