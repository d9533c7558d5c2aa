/*
 * spike: what each instruction did, as riscv-isa-sim's --log-commits says it,
 * and with --disassemble also what it was, as its -l does:
 *
 *   core   0: 0x0000000080000000 (0x00000297) auipc   t0, 0x0
 *   core   0: 3 0x0000000080000000 (0x00000297) x5  0x0000000080000000
 *
 * An instruction that traps has no commit, and the trace does not hold what it
 * was, but for those of which the trap says it: ecall, and illegal ones whose
 * encoding is in tval. A trap itself is told by its cause, as -l tells it.
 */
#include <inttypes.h>
#include <string.h>

#include <rvemu/commits.h>
#include <rvemu/disasm.h>

#include "trace/commands.h"
#include "trace/source.h"

#define INTERRUPT (UINT64_C(1) << 63)
#define ECALL 0x73
#define ILLEGAL_INSN 2
#define ECALL_FROM_U 8
#define ECALL_FROM_M 11

/* riscv-isa-sim's names of exceptions. */
static const char *const traps[] = {
    "instruction_address_misaligned",
    "instruction_access_fault",
    "illegal_instruction",
    "breakpoint",
    "load_address_misaligned",
    "load_access_fault",
    "store_address_misaligned",
    "store_access_fault",
    "user_ecall",
    "supervisor_ecall",
    "virtual_supervisor_ecall",
    "machine_ecall",
    "instruction_page_fault",
    "load_page_fault",
    NULL,
    "store_page_fault",
};

#define TRAPS (sizeof(traps) / sizeof(traps[0]))

static void put_insn(FILE *out, const struct rvemu_disasm *disasm,
                     unsigned hart, uint64_t pc, uint32_t insn)
{
    char text[RVEMU_DISASM_TEXT];
    size_t mnemonic;

    rvemu_disasm_text(disasm, insn, pc, text, sizeof(text));
    mnemonic = strcspn(text, " ");
    fprintf(out, "core%4u: 0x%016" PRIx64 " (0x%08" PRIx32 ") ", hart, pc,
            insn);
    if (!text[mnemonic]) {
        fprintf(out, "%s\n", text);
        return;
    }
    fprintf(out, "%-7.*s ", (int)mnemonic, text);
    for (const char *at = text + mnemonic + 1; *at; at++)
        fprintf(out, *at == ',' && at[1] != ' ' ? "%c " : "%c", *at);
    fputc('\n', out);
}

static void put_trap(FILE *out, const struct rvemu_disasm *disasm,
                     const struct rvemu_event *event)
{
    const struct rvemu_ev_trap *trap = &event->trap;
    uint64_t cause = trap->cause;

    if (cause >= ECALL_FROM_U && cause <= ECALL_FROM_M)
        put_insn(out, disasm, event->hart, trap->epc, ECALL);
    if (cause == ILLEGAL_INSN && trap->tval)
        put_insn(out, disasm, event->hart, trap->epc, (uint32_t)trap->tval);
    fprintf(out, "core%4u: exception ", event->hart);
    if (cause & INTERRUPT)
        fprintf(out, "interrupt #%" PRIu64, cause & ~INTERRUPT);
    else if (cause < TRAPS && traps[cause])
        fprintf(out, "trap_%s", traps[cause]);
    else
        fprintf(out, "trap #%" PRIu64, cause);
    fprintf(out, ", epc 0x%016" PRIx64 "\n", trap->epc);
    if (!(cause & INTERRUPT) &&
        !(cause >= ECALL_FROM_U && cause <= ECALL_FROM_M))
        fprintf(out, "core%4u:           tval 0x%016" PRIx64 "\n", event->hart,
                trap->tval);
}

static void put_all(struct source *s, const struct rvemu_disasm *disasm)
{
    struct rvemu_commits commits = {0};
    char line[RVEMU_COMMITS_LINE];

    while (source_next(s)) {
        const struct rvemu_event *event = &s->event;
        size_t length = rvemu_commits_feed(&commits, event, line);

        if (disasm && event->kind == RVEMU_EVENT_retire)
            put_insn(s->out, disasm, event->hart, event->pc,
                     (uint32_t)event->retire.insn);
        if (disasm && event->kind == RVEMU_EVENT_trap)
            put_trap(s->out, disasm, event);
        fwrite(line, 1, length, s->out);
    }
}

int command_spike(const struct options *o, FILE *out, struct rvemu_error *error)
{
    struct rvemu_disasm *disasm = NULL;
    struct options asked = *o;
    struct source s;

    asked.kinds = RVEMU_EVENTS_COMMIT;
    if (o->disassemble)
        asked.kinds |= RVEMU_EVENT_BIT(trap);
    if (source_open(&s, &asked, o->file[0], out, SOURCE_WANTED, 0, false,
                    error) < 0)
        return -1;
    if ((s.about->kinds & RVEMU_EVENTS_COMMIT) != RVEMU_EVENTS_COMMIT) {
        source_close(&s);
        return rvemu_error_set(error,
                               "%s: it does not hold what each instruction "
                               "did: emu --trace FILE,events=commit writes it",
                               o->file[0]);
    }
    if (o->disassemble && rvemu_disasm_new(NULL, &disasm, error) < 0) {
        source_close(&s);
        return -1;
    }
    put_all(&s, disasm);
    source_tell_losses(&s);
    rvemu_disasm_free(disasm);
    source_close(&s);
    return STATUS_OK;
}
