/*
 * What the files of the report share (mortem.h): mortem.c decides what the
 * report is of and puts it together, mortem_words.c says what a trap is,
 * mortem_signs.c what it is a sign of, mortem_entry.c what the page table has
 * for its address.
 */
#ifndef CLI_MORTEM_PRIV_H
#define CLI_MORTEM_PRIV_H

#include "cli/mortem.h"

#define CSR_SSTATUS 0x100
#define CSR_SATP 0x180
#define PRIV_U 0
#define PRIV_S 1
#define PRIV_M 3
#define CAUSE_INTERRUPT (UINT64_C(1) << 63)

/* Adds a line, cut off where it is too long; dropped when there is no room. */
void mortem_say(struct mortem *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A number with a comma behind each three digits. */
#define MORTEM_NUMBER 32
const char *mortem_number(uint64_t number, char out[MORTEM_NUMBER]);

/* Whether a trap is one that something went wrong by: no interrupt, no ecall.
 */
bool mortem_is_mistake(const struct recent_trap *trap);

/* Says what the trap is, in a sentence, and then when and where; caller is
 * the call that led there, or NULL. */
void mortem_say_trap(struct mortem *report, const struct scene *scene,
                     const struct mortem_case *what, unsigned hart,
                     const struct recent_trap *trap,
                     const struct backtrace_frame *caller);

/* Says that the stack has overflowed if the trap at this place, or one within
 * it, is a sign of that, in a line; and whether it has. */
bool mortem_say_overflow(struct mortem *report, const struct scene *scene,
                         unsigned hart, const struct recent_traps *traps,
                         unsigned at);

/* Says that the address of a trap is a pointer from memory that was filled, if
 * it looks so, in a line. */
void mortem_say_filled(struct mortem *report, const struct recent_trap *trap);

/* If what trapped is a routine that copies or fills memory: the call of it, or
 * NULL where that is not certain. */
const struct backtrace_frame *mortem_caller(const struct scene *scene,
                                            const struct backtrace *trace,
                                            const struct recent_trap *trap);

/* Writes where a trap happened, with a blank in front: " in uvmcopy (vm.c:310)"
 * or " at 0x80001234"; nothing where a jump went to no known place. */
#define MORTEM_WHERE (PLACE_MAX + 8)
void mortem_where(const struct scene *scene, const struct recent_trap *trap,
                  char out[MORTEM_WHERE]);

/* The reason for which the page table refuses the access of this trap
 * (enum rvemu_reason), or -1: it is no page fault, or nothing is refused now.
 */
int mortem_reason(const struct scene *scene, unsigned hart,
                  const struct recent_trap *trap);

/* Says how the page table that was in force maps the address of a page fault or
 * access fault: entry by entry, what decides, what changed it, what the TLB
 * has, who else maps the frame. At most MORTEM_ENTRY_LINES lines. */
#define MORTEM_ENTRY_LINES 10
void mortem_say_entry(struct mortem *report, const struct scene *scene,
                      unsigned hart, const struct recent_trap *trap);

#endif
