/*
 * What a trap is, in words: who did what, where, and why that was refused.
 * Causes are those of the privileged specification, "Supervisor Cause
 * Register"; reasons those of page_fault events.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/mortem_priv.h"

#define WHERE_AND_CALLER (2 * MORTEM_WHERE + 8)

static const char *const does[] = {
    [0] = "jumped to",
    [1] = "jumped to",
    [2] = "executed an illegal instruction",
    [3] = "executed ebreak",
    [4] = "loaded from",
    [5] = "loaded from",
    [6] = "stored to",
    [7] = "stored to",
    [12] = "jumped to",
    [13] = "loaded from",
    [15] = "stored to",
};

static const char *const refusals[RVEMU_REASONS] = {
    [RVEMU_REASON_NON_CANONICAL] =
        "that is no address: its upper bits are not all like the highest",
    [RVEMU_REASON_INVALID] = "nothing is mapped there",
    [RVEMU_REASON_RESERVED] = "its page-table entry is malformed",
    [RVEMU_REASON_NO_LEAF] = "its last page-table entry is a pointer",
    [RVEMU_REASON_MISALIGNED] = "its superpage is not aligned",
    [RVEMU_REASON_NOT_USER] = "the page is the kernel's (U=0)",
    [RVEMU_REASON_USER] = "the page is a program's (U=1)",
    [RVEMU_REASON_NOT_READABLE] = "the page may not be read (R=0)",
    [RVEMU_REASON_NOT_WRITABLE] = "the page may not be written (W=0)",
    [RVEMU_REASON_NOT_EXECUTABLE] = "the page may not be executed (X=0)",
    [RVEMU_REASON_A_CLEAR] = "A=0, and software has to set it (Svade)",
    [RVEMU_REASON_D_CLEAR] = "D=0, and software has to set it (Svade)",
};

void mortem_say(struct mortem *report, const char *format, ...)
{
    va_list arguments;

    if (report->lines == MORTEM_LINES)
        return;
    va_start(arguments, format);
    vsnprintf(report->line[report->lines++], MORTEM_WIDTH, format, arguments);
    va_end(arguments);
}

const char *mortem_number(uint64_t number, char out[MORTEM_NUMBER])
{
    char digits[MORTEM_NUMBER];
    int count = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    char *at = out;

    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

bool mortem_is_mistake(const struct recent_trap *trap)
{
    return !(trap->cause & CAUSE_INTERRUPT) && trap->cause != 8 &&
           trap->cause != 9 && trap->cause != 11;
}

static bool is_page_fault(uint64_t cause)
{
    return cause == 12 || cause == 13 || cause == 15;
}

static bool is_access_fault(uint64_t cause)
{
    return cause == 1 || cause == 5 || cause == 7;
}

/* Why an address that PMP, or the lack of anything there, refused was so. */
static const char *why_access(const struct scene *scene,
                              const struct recent_trap *trap)
{
    uint8_t byte;
    uint64_t pa;

    if (rvemu_translate(scene->machine, trap->satp, trap->tval, &pa) < 0)
        return "a page table of it is out of reach";
    if (rvemu_read_ram(scene->machine, pa, &byte, 1) == 0)
        return "physical memory protection (PMP) forbids it";
    return "no memory is there, nor a device that takes this";
}

static const char *why(const struct scene *scene, unsigned hart,
                       const struct recent_trap *trap)
{
    int reason;

    if (is_access_fault(trap->cause))
        return why_access(scene, trap);
    if (!is_page_fault(trap->cause))
        return "the address is not aligned";
    reason = mortem_reason(scene, hart, trap);
    if (reason < 0)
        return "the page table allows that by now";
    return refusals[reason];
}

static void name_who(const struct scene *scene, const struct recent_trap *trap,
                     char out[PLACE_MAX])
{
    const struct rvemu_names *names = scene->names;
    char program[PLACE_MAX / 2];

    if (trap->priv != PRIV_U)
        snprintf(out, PLACE_MAX, "in %s",
                 trap->priv == PRIV_S ? "the kernel" : "M-mode");
    else if (names->name_program(names->arg, place_root(trap->priv, trap->satp),
                                 trap->pc, program, sizeof(program)))
        snprintf(out, PLACE_MAX, "in the program %s", program);
    else
        snprintf(out, PLACE_MAX, "in U-mode");
}

void mortem_where(const struct scene *scene, const struct recent_trap *trap,
                  char out[MORTEM_WHERE])
{
    bool is_jump = trap->pc == trap->tval && trap->cause != 2;
    char place[PLACE_MAX];

    out[0] = '\0';
    place_text(scene, place_root(trap->priv, trap->satp), trap->pc, place);
    if (strncmp(place, "0x", 2) != 0)
        snprintf(out, MORTEM_WHERE, " in %s", place);
    else if (!is_jump)
        snprintf(out, MORTEM_WHERE, " at %s", place);
}

static void say_when(struct mortem *report, const struct scene *scene,
                     const struct mortem_case *what,
                     const struct recent_trap *trap)
{
    bool printed = what->end == MORTEM_FAIL_ON;
    uint64_t end = printed ? what->printed_time : rvemu_time(scene->machine);
    char at[MORTEM_NUMBER], before[MORTEM_NUMBER], when[112] = "";

    if (trap->time)
        snprintf(when, sizeof(when), ", at %s ns, %s ns before the %s",
                 mortem_number(trap->time, at),
                 mortem_number(end - trap->time, before),
                 printed ? "last line" : "end");
    mortem_say(report,
               "  cause %" PRIu64 " (%s), tval 0x%" PRIx64 ", pc 0x%" PRIx64
               "%s%s",
               trap->cause, rvemu_cause_name(trap->cause), trap->tval, trap->pc,
               when, trap->repeats ? ", and over and over again" : "");
}

static void add_caller(const struct scene *scene,
                       const struct backtrace_frame *caller,
                       char where[WHERE_AND_CALLER])
{
    char place[PLACE_MAX];

    place_text(scene, caller->root, caller->pc, place);
    snprintf(where + strlen(where), MORTEM_WHERE + 8, ", called by %s", place);
}

void mortem_say_trap(struct mortem *report, const struct scene *scene,
                     const struct mortem_case *what, unsigned hart,
                     const struct recent_trap *trap,
                     const struct backtrace_frame *caller)
{
    const struct rvemu_names *names = scene->names;
    const char *verb =
        trap->cause < sizeof(does) / sizeof(does[0]) ? does[trap->cause] : NULL;
    char who[PLACE_MAX], where[WHERE_AND_CALLER], data[PLACE_MAX];

    name_who(scene, trap, who);
    mortem_where(scene, trap, where);
    if (caller)
        add_caller(scene, caller, where);
    if (!verb || trap->cause == 2 || trap->cause == 3) {
        mortem_say(report, "hart %u, %s, %s%s", hart, who,
                   verb ? verb : "trapped", where);
    } else {
        data[0] = '\0';
        if (trap->tval >= 4096)
            names->name_data(names->arg, place_root(trap->priv, trap->satp),
                             trap->tval, data, sizeof(data));
        mortem_say(report, "hart %u, %s, %s 0x%" PRIx64 "%s%s%s%s: %s", hart,
                   who, verb, trap->tval, data[0] ? " (" : "", data,
                   data[0] ? ")" : "", where, why(scene, hart, trap));
    }
    say_when(report, scene, what, trap);
}
