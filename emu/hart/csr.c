/*
 * Control and status registers; see csr.h.
 *
 * A read function gives the value an instruction reads. A write function is
 * handed the whole new value and keeps what is legal of it (WARL). Writing
 * anything that decides whether an interrupt is taken asks for attention, so
 * that it is looked at before the next instruction.
 *
 * What belongs to an extension that the hart does not have behaves as the
 * specification says of its absence: the CSR does not exist, the field is
 * read-only zero.
 */
#include "hart/csr.h"

#include "base/bits.h"
#include "hart/mmu.h"
#include "hart/tables.h"
#include "isa/csr.h"

#define SSTATUS_WRITABLE                                                   \
    (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | \
     MSTATUS_MXR)
#define MSTATUS_UXL (2ull << 32)
#define MSTATUS_SXL (2ull << 34)
#define MSTATUS_WRITABLE                                            \
    (SSTATUS_WRITABLE | MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPRV | \
     MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR)

#define SUPERVISOR_INTERRUPTS (1u << INT_SSI | 1u << INT_STI | 1u << INT_SEI)
#define MACHINE_INTERRUPTS (1u << INT_MSI | 1u << INT_MTI | 1u << INT_MEI)

#define MENVCFG_FIOM 1ull
#define CBIE_RESERVED (2ull << 4)

/* A mask, if the hart has the extension. */
#define HAS(h, ext, mask) ((h)->isa & EXT_SET(ext) ? (u64)(mask) : 0)

/* Floating point. The host collects flags; they are fetched when asked. */

static u64 read_fflags(struct hart *h)
{
    return h->fflags | h->fflags_before | fp_flags_collect(&h->fp);
}

static void write_fflags(struct hart *h, u64 value)
{
    fp_flags_clear(&h->fp);
    h->fflags = value & 0x1f;
    h->fflags_before = 0;
    hart_fp_dirty(h);
}

static u64 read_frm(struct hart *h)
{
    return h->frm;
}

static void write_frm(struct hart *h, u64 value)
{
    h->frm = value & 7;
    fp_rounding_set(&h->fp, h->frm);
    hart_fp_dirty(h);
}

static u64 read_fcsr(struct hart *h)
{
    return read_fflags(h) | (u64)h->frm << 5;
}

static void write_fcsr(struct hart *h, u64 value)
{
    write_frm(h, value >> 5);
    write_fflags(h, value);
}

/* Counters; the rest of them go by their numbers. */

static u64 read_mcounteren(struct hart *h)
{
    return h->csr.mcounteren;
}

static void write_mcounteren(struct hart *h, u64 value)
{
    h->csr.mcounteren = value & (counters_real(h) | 1u << COUNTER_TM);
}

static u64 read_scounteren(struct hart *h)
{
    return h->csr.scounteren;
}

static void write_scounteren(struct hart *h, u64 value)
{
    h->csr.scounteren = value & (counters_real(h) | 1u << COUNTER_TM);
}

static u64 read_mcountinhibit(struct hart *h)
{
    return h->counters.inhibited;
}

static void write_mcountinhibit(struct hart *h, u64 value)
{
    counters_inhibit(h, value);
}

static u64 read_scountovf(struct hart *h)
{
    return counters_overflowed(h);
}

/* Status. */

static u64 read_misa(struct hart *h)
{
    return ext_misa(h->isa);
}

/* Read-only: there is no turning an extension off at run time. */
#define write_misa NULL

static u64 status_with_sd(u64 status)
{
    bool dirty = (status & MSTATUS_FS) == MSTATUS_FS;

    return dirty ? status | MSTATUS_SD : status & ~MSTATUS_SD;
}

/* Without F there is no FS either. */
static u64 writable_status(const struct hart *h, u64 mask)
{
    return h->isa & EXT_SET(F) ? mask : mask & ~MSTATUS_FS;
}

static u64 read_mstatus(struct hart *h)
{
    return h->csr.mstatus;
}

static void write_mstatus(struct hart *h, u64 value)
{
    u64 mask = writable_status(h, MSTATUS_WRITABLE);

    if ((value & MSTATUS_MPP) != 2ull << 11) /* 2 is no privilege: keep */
        mask |= MSTATUS_MPP;
    h->csr.mstatus = status_with_sd((h->csr.mstatus & ~mask) | (value & mask));
    h->attention = true;
    hart_update_context(h);
}

static u64 read_sstatus(struct hart *h)
{
    return h->csr.mstatus & (SSTATUS_WRITABLE | MSTATUS_UXL | MSTATUS_SD);
}

static void write_sstatus(struct hart *h, u64 value)
{
    u64 mask = writable_status(h, SSTATUS_WRITABLE);

    h->csr.mstatus = status_with_sd((h->csr.mstatus & ~mask) | (value & mask));
    h->attention = true;
    hart_update_context(h);
}

/* Interrupts. */

u64 csr_mip(const struct hart *h)
{
    return h->csr.mip | (u64)h->seip_pin << INT_SEI;
}

/* Those that can be delegated: they can be set by software, too. */
static u64 supervisor_interrupts(const struct hart *h)
{
    return SUPERVISOR_INTERRUPTS | HAS(h, SSCOFPMF, 1u << INT_LCOFI);
}

static u64 read_mideleg(struct hart *h)
{
    return h->csr.mideleg;
}

static void write_mideleg(struct hart *h, u64 value)
{
    h->csr.mideleg = value & supervisor_interrupts(h);
    h->attention = true;
}

static u64 read_mie(struct hart *h)
{
    return h->csr.mie;
}

static void write_mie(struct hart *h, u64 value)
{
    h->csr.mie = value & (supervisor_interrupts(h) | MACHINE_INTERRUPTS);
    h->attention = true;
}

static u64 read_sie(struct hart *h)
{
    return h->csr.mie & h->csr.mideleg;
}

static void write_sie(struct hart *h, u64 value)
{
    u64 mask = h->csr.mideleg;

    h->csr.mie = (h->csr.mie & ~mask) | (value & mask);
    h->attention = true;
}

static u64 read_mip(struct hart *h)
{
    return csr_mip(h);
}

static void write_mip_bits(struct hart *h, u64 value, u64 mask)
{
    if (h->csr.menvcfg & MENVCFG_STCE) /* the comparison drives STIP */
        mask &= ~(1ull << INT_STI);
    h->csr.mip = (h->csr.mip & ~mask) | (value & mask);
    h->attention = true;
}

static void write_mip(struct hart *h, u64 value)
{
    write_mip_bits(h, value, supervisor_interrupts(h));
}

static u64 read_sip(struct hart *h)
{
    return csr_mip(h) & h->csr.mideleg;
}

static void write_sip(struct hart *h, u64 value)
{
    write_mip_bits(h, value,
                   h->csr.mideleg & (1u << INT_SSI | 1u << INT_LCOFI));
}

/* Sstc: STIP is the comparison of time with stimecmp. */
void csr_update_stimer(struct hart *h)
{
    if (!(h->csr.menvcfg & MENVCFG_STCE)) {
        clock_disarm(h->clock, &h->stimer);
        return;
    }
    h->csr.mip &= ~(1ull << INT_STI);
    if (h->read_time(h->time_source) >= h->csr.stimecmp) {
        h->csr.mip |= 1ull << INT_STI;
        clock_disarm(h->clock, &h->stimer);
    } else {
        clock_arm(h->clock, &h->stimer,
                  h->time_due(h->time_source, h->csr.stimecmp));
    }
    hart_notice(h);
}

static u64 read_stimecmp(struct hart *h)
{
    return h->csr.stimecmp;
}

static void write_stimecmp(struct hart *h, u64 value)
{
    h->csr.stimecmp = value;
    csr_update_stimer(h);
}

static u64 read_menvcfg(struct hart *h)
{
    return h->csr.menvcfg;
}

/* What both have. */
static u64 writable_envcfg(const struct hart *h)
{
    return MENVCFG_FIOM | HAS(h, ZICBOM, ENVCFG_CBIE | ENVCFG_CBCFE) |
           HAS(h, ZICBOZ, ENVCFG_CBZE);
}

/* A reserved CBIE leaves the field as it was. */
static u64 merge_envcfg(u64 old, u64 value, u64 mask)
{
    if ((value & ENVCFG_CBIE) == CBIE_RESERVED)
        mask &= ~ENVCFG_CBIE;
    return (old & ~mask) | (value & mask);
}

static void write_menvcfg(struct hart *h, u64 value)
{
    u64 mask = writable_envcfg(h) | HAS(h, SSTC, MENVCFG_STCE) |
               HAS(h, SVPBMT, MENVCFG_PBMTE) | HAS(h, SVADU, MENVCFG_ADUE);

    h->csr.menvcfg = merge_envcfg(h->csr.menvcfg, value, mask);
    csr_update_stimer(h);
}

static u64 read_senvcfg(struct hart *h)
{
    return h->csr.senvcfg;
}

static void write_senvcfg(struct hart *h, u64 value)
{
    h->csr.senvcfg = merge_envcfg(h->csr.senvcfg, value, writable_envcfg(h));
}

/* Where a trap came from: aligned as instructions are. */

static u64 aligned_pc(const struct hart *h, u64 value)
{
    return value & (h->isa & EXT_SET(ZCA) ? ~1ull : ~3ull);
}

static u64 read_mepc(struct hart *h)
{
    return h->csr.mepc;
}

static void write_mepc(struct hart *h, u64 value)
{
    h->csr.mepc = aligned_pc(h, value);
}

static u64 read_sepc(struct hart *h)
{
    return h->csr.sepc;
}

static void write_sepc(struct hart *h, u64 value)
{
    h->csr.sepc = aligned_pc(h, value);
}

/* Trap vectors: direct or vectored; a reserved mode voids the write. */

static u64 read_mtvec(struct hart *h)
{
    return h->csr.mtvec;
}

static void write_mtvec(struct hart *h, u64 value)
{
    if (!(value & 2))
        h->csr.mtvec = value;
}

static u64 read_stvec(struct hart *h)
{
    return h->csr.stvec;
}

static void write_stvec(struct hart *h, u64 value)
{
    if (!(value & 2))
        h->csr.stvec = value;
}

/* Translation. A mode that does not exist voids the whole write. */

static u64 read_satp(struct hart *h)
{
    return h->csr.satp;
}

static bool has_mode(const struct hart *h, unsigned mode)
{
    if (mode == SATP_MODE_BARE)
        return true;
    return mode >= SATP_MODE_SV39 && mode <= SATP_MODE_SV57 &&
           bit(h->isa, EXT_SV39 + mode - SATP_MODE_SV39);
}

static void write_satp(struct hart *h, u64 value)
{
    u64 old = h->csr.satp;

    if (!has_mode(h, satp_mode(value)))
        return;
    h->csr.satp = value;
    if (trace_wants(h->trace, RVEMU_EVENT_satp))
        hart_event(h, RVEMU_EVENT_satp)->satp =
            (struct rvemu_ev_satp){old, value};
    tables_satp(h, old, value);
    hart_update_context(h);
}

/* The table. */

enum rule {
    RULE_ABSENT,
#define PLAIN(name, field, mask) RULE_##name,
#define RULE(name) RULE_##name,
#define FIXED(name, value) RULE_##name,
#include "hart/csr_rules.def"
#undef PLAIN
#undef RULE
#undef FIXED
    RULES
};

struct csr_rule {
    u64 (*read)(struct hart *h);
    void (*write)(struct hart *h, u64 value);
    u16 field; /* of struct csrs, where read is NULL */
    u64 value; /* a plain one's writable bits, a fixed one's value */
};

/* A read-only CSR has no write function: its number says so. */
#define write_scountovf NULL

static const struct csr_rule rules[RULES] = {
#define PLAIN(name, word, mask) \
    [RULE_##name] = {.field = offsetof(struct csrs, word), .value = (mask)},
#define RULE(name) [RULE_##name] = {.read = read_##name, .write = write_##name},
#define FIXED(name, constant) [RULE_##name] = {.value = (constant)},
#include "hart/csr_rules.def"
#undef PLAIN
#undef RULE
#undef FIXED
};

/* By number. Those below the first FIXED row are words or functions. */
static const u8 rule_of[4096] = {
#define PLAIN(name, field, mask) [CSR_##name] = RULE_##name,
#define RULE(name) [CSR_##name] = RULE_##name,
#define FIXED(name, value) [CSR_##name] = RULE_##name,
#include "hart/csr_rules.def"
#undef PLAIN
#undef RULE
#undef FIXED
};

#define FIRST_FIXED RULE_mvendorid

static bool in_range(unsigned number, unsigned first, unsigned last)
{
    return number >= first && number <= last;
}

/* The PMP registers beyond the entries there are. */
static bool reads_as_zero(unsigned number)
{
    return in_range(number, CSR_pmpaddr0 + PMP_ENTRIES, CSR_pmpaddr63) ||
           (in_range(number, CSR_pmpcfg0 + PMP_ENTRIES / 4, CSR_pmpcfg14) &&
            !(number & 1));
}

/* mtime is no CSR: 0xb01 is not there. */
static bool is_counter(unsigned number)
{
    return in_range(number, CSR_cycle, CSR_hpmcounter31) ||
           (in_range(number, CSR_mcycle, CSR_mhpmcounter31) &&
            number != CSR_mcycle + COUNTER_TM);
}

static bool is_event(unsigned number)
{
    return in_range(number, CSR_mhpmevent3, CSR_mhpmevent31);
}

static bool is_pmp_cfg(unsigned number)
{
    return in_range(number, CSR_pmpcfg0, CSR_pmpcfg0 + PMP_ENTRIES / 4 - 1) &&
           !(number & 1);
}

static bool is_pmp_addr(unsigned number)
{
    return in_range(number, CSR_pmpaddr0, CSR_pmpaddr0 + PMP_ENTRIES - 1);
}

/* CSRs that come with an extension. */
static const struct {
    u16 first, last;
    u8 ext;
} owned[] = {
    {CSR_fflags, CSR_fcsr, EXT_F},
    {CSR_stimecmp, CSR_stimecmp, EXT_SSTC},
    {CSR_cycle, CSR_instret, EXT_ZICNTR},
    {CSR_hpmcounter3, CSR_hpmcounter31, EXT_ZIHPM},
    {CSR_scountovf, CSR_scountovf, EXT_SSCOFPMF},
    {CSR_pmpcfg0, CSR_pmpaddr63, EXT_PMP},
};

#define OWNERS                                                       \
    (EXT_SET(F) | EXT_SET(SSTC) | EXT_SET(ZICNTR) | EXT_SET(ZIHPM) | \
     EXT_SET(SSCOFPMF) | EXT_SET(PMP))

/* Whether the extension that brings this CSR is there. */
static bool is_there(const struct hart *h, unsigned number)
{
    if ((h->isa & OWNERS) == OWNERS)
        return true;
    for (unsigned i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        if (in_range(number, owned[i].first, owned[i].last))
            return bit(h->isa, owned[i].ext);
    return true;
}

/* Those that are told by ranges of numbers, not by a row of the table. */
static bool peek_ranges(struct hart *h, unsigned number, u64 *value)
{
    if (number == CSR_mhartid)
        *value = h->id;
    else if (is_counter(number))
        *value = counters_read(h, number % COUNTERS);
    else if (is_event(number))
        *value = counters_read_event(h, number % COUNTERS);
    else if (is_pmp_cfg(number))
        *value = pmp_read_cfg(&h->pmp, (number - CSR_pmpcfg0) * 4);
    else if (is_pmp_addr(number))
        *value = h->pmp.addr[number - CSR_pmpaddr0];
    else
        return reads_as_zero(number);
    return true;
}

bool csr_peek(struct hart *h, unsigned number, u64 *value)
{
    unsigned which = rule_of[number];
    const struct csr_rule *rule = &rules[which];

    *value = 0;
    if (!is_there(h, number))
        return false;
    if (which == RULE_ABSENT)
        return peek_ranges(h, number, value);
    if (rule->read)
        *value = rule->read(h);
    else if (which >= FIRST_FIXED)
        *value = rule->value;
    else
        *value = *(u64 *)((u8 *)&h->csr + rule->field);
    return true;
}

static void poke_pmp(struct hart *h, unsigned number, u64 value)
{
    if (is_pmp_cfg(number))
        pmp_write_cfg(&h->pmp, (number - CSR_pmpcfg0) * 4, value);
    else
        pmp_write_addr(&h->pmp, number - CSR_pmpaddr0, value);
    contexts_clear(&h->contexts);
    hart_drop_fetch(h);
}

static void poke_ranges(struct hart *h, unsigned number, u64 value)
{
    if (is_counter(number))
        counters_write(h, number % COUNTERS, value);
    else if (is_event(number))
        counters_write_event(h, number % COUNTERS, value);
    else if (is_pmp_cfg(number) || is_pmp_addr(number))
        poke_pmp(h, number, value);
}

static void poke(struct hart *h, unsigned number, u64 value)
{
    unsigned which = rule_of[number];
    const struct csr_rule *rule = &rules[which];
    u64 *word = (u64 *)((u8 *)&h->csr + rule->field);

    if (which == RULE_ABSENT)
        poke_ranges(h, number, value);
    else if (rule->write)
        rule->write(h, value);
    else if (which < FIRST_FIXED && !rule->read)
        *word = (*word & ~rule->value) | (value & rule->value);
}

static bool stimecmp_is_open(const struct hart *h)
{
    return h->priv == PRIV_M || (h->csr.menvcfg & MENVCFG_STCE &&
                                 bit(h->csr.mcounteren, COUNTER_TM));
}

static bool may_access(const struct hart *h, unsigned number, bool writes)
{
    if (bits(number, 9, 8) > h->priv)
        return false;
    if (writes && bits(number, 11, 10) == 3)
        return false;
    if (in_range(number, CSR_cycle, CSR_hpmcounter31))
        return counters_are_open(h, number % COUNTERS);
    if (in_range(number, CSR_fflags, CSR_fcsr))
        return (h->csr.mstatus & MSTATUS_FS) != 0;
    if (number == CSR_satp)
        return !(h->priv == PRIV_S && h->csr.mstatus & MSTATUS_TVM);
    if (number == CSR_stimecmp)
        return stimecmp_is_open(h);
    return true;
}

/* What a set or clear starts from. The wire into SEIP is read but never
 * written back (privileged spec, "mip and mie"). */
static u64 base_value(const struct hart *h, unsigned number, u64 value)
{
    bool is_mip = number == CSR_mip || number == CSR_sip;

    return is_mip && !(h->csr.mip >> INT_SEI & 1) ? value & ~(1ull << INT_SEI)
                                                  : value;
}

bool csr_access(struct hart *h, const struct insn *in, enum csr_action action,
                u64 operand, bool reads, bool writes)
{
    unsigned number = (unsigned)in->imm;
    u64 value = 0, base;

    h->in = in;
    if (!may_access(h, number, writes))
        return hart_illegal(h, in);
    if (!csr_peek(h, number, &value))
        return hart_illegal(h, in);
    base = base_value(h, number, value);
    if (writes) {
        h->csr_written = number;
        poke(h, number,
             action == CSR_SWAP  ? operand
             : action == CSR_SET ? base | operand
                                 : base & ~operand);
    }
    if (reads)
        h->x[in->rd] = value;
    return !h->attention && h->code;
}

void csr_reset(struct hart *h)
{
    h->csr = (struct csrs){
        .mstatus = MSTATUS_UXL | MSTATUS_SXL,
        .menvcfg = HAS(h, SVPBMT, MENVCFG_PBMTE),
        .stimecmp = UINT64_MAX,
    };
    if (!(h->isa & EXT_SET(SVADE))) /* which is the one to begin with */
        h->csr.menvcfg |= HAS(h, SVADU, MENVCFG_ADUE);
    counters_reset(h);
    pmp_reset(&h->pmp);
    if (!(h->isa & EXT_SET(PMP)))
        pmp_open(&h->pmp);
}
