/*
 * What is said of harts that can go no further: where they are, what one keeps
 * trapping on, and how that began. More is for whoever has the names: he may
 * ask by rvemu_is_looping() and rvemu_walk().
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hart/system/interrupts.h"
#include "hart/system/trap.h"
#include "machine/machine.h"

static void say(struct rvemu *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct rvemu *m, const char *format, ...)
{
    size_t used = strlen(m->s.stop.text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(m->s.stop.text + used, sizeof(m->s.stop.text) - used, format,
              arguments);
    va_end(arguments);
}

static void say_trap(struct rvemu *m, const struct trap *trap)
{
    say(m, "pc 0x%016" PRIx64 ", cause %" PRIu64 " (%s), tval 0x%" PRIx64,
        trap->pc, trap->cause, rvemu_cause_name(trap->cause), trap->tval);
}

void machine_report_loop(struct rvemu *m)
{
    struct hart *h = NULL;

    m->s.stop.text[0] = '\0';
    for (unsigned i = 0; i < m->harts.count && !h; i++)
        if (trap_is_looping(m->harts.hart[i]))
            h = m->harts.hart[i];
    if (!h)
        return;
    say(m,
        "hart %u is lost: its trap handler traps again at once, with nothing "
        "executed in between\n  in %s-mode, ",
        h->w.id, rvemu_priv_name(h->s.priv));
    say_trap(m, &h->s.history.last);
    if (h->s.history.first.pc != h->s.history.last.pc) {
        say(m, "\n  it began at ");
        say_trap(m, &h->s.history.first);
    }
}

/* Why no timer ends the wait of the harts. */
static const char *about_timers(const struct rvemu *m)
{
    bool armed = false;

    for (unsigned i = 0; i < m->harts.count; i++) {
        const struct hart *h = &m->hart[i];

        if (interrupts_mip(h) & (1ull << INT_MTI | 1ull << INT_STI))
            return "a timer interrupt is pending, but mie does not enable it,";
        armed |= m->board.clint->s.mtimecmp[i] != UINT64_MAX ||
                 (h->s.csr.menvcfg & MENVCFG_STCE &&
                  h->s.csr.stimecmp != UINT64_MAX);
    }
    return armed ? "no timer is due in the 292 years of machine time"
                 : "no timer is armed";
}

void machine_report_deadlock(struct rvemu *m)
{
    unsigned harts = m->harts.count;

    m->s.stop.text[0] = '\0';
    say(m, "%s, %s and no input can come",
        harts > 1 ? "every hart waits (wfi)" : "hart 0 waits (wfi)",
        about_timers(m));
    for (unsigned i = 0; i < harts; i++)
        say(m, "\n  hart %u: pc 0x%016" PRIx64 " in %s-mode", i,
            m->hart[i].s.pc, rvemu_priv_name(m->hart[i].s.priv));
}
