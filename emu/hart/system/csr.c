/*
 * Access to control and status registers; see csr.h.
 *
 * From a number to what it does: whether the CSR is there, whether this
 * privilege may have it, and where its bits are. Most have a row in the table
 * (csr_rules.h); counters, their events and the PMP are ranges of numbers.
 */
#include "hart/system/csr.h"

#include "base/bits.h"
#include "hart/system/counters.h"
#include "hart/system/csr_rules.h"
#include "isa/csr.h"

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
#define OWNED(ext, first, last) {CSR_##first, CSR_##last, EXT_##ext},
#include "hart/system/csr_owned.def"
};

/* All of these extensions. */
static const u64 owners = 0
#define OWNED(ext, first, last) | EXT_SET(ext)
#include "hart/system/csr_owned.def"
    ;

/* Whether the extension that brings this CSR is there. */
static bool is_there(const struct hart *h, unsigned number)
{
    if ((h->w.isa & owners) == owners)
        return true;
    for (unsigned i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        if (in_range(number, owned[i].first, owned[i].last))
            return bit(h->w.isa, owned[i].ext);
    return true;
}

/* Reads a CSR that is told by a range of numbers, not by a row of the table. */
static bool peek_ranges(const struct hart *h, unsigned number, u64 *value)
{
    if (number == CSR_mhartid)
        *value = h->w.id;
    else if (is_counter(number))
        *value = counters_read(h, number % COUNTERS);
    else if (is_event(number))
        *value = counters_read_event(h, number % COUNTERS);
    else if (is_pmp_cfg(number))
        *value = pmp_read_cfg(&h->pmp, (number - CSR_pmpcfg0) * 4);
    else if (is_pmp_addr(number))
        *value = h->pmp.s.addr[number - CSR_pmpaddr0];
    else
        return reads_as_zero(number);
    return true;
}

bool csr_peek(const struct hart *h, unsigned number, u64 *value)
{
    const struct csr_rule *rule = &csr_rules[csr_row[number]];

    *value = 0;
    if (!is_there(h, number))
        return false;
    switch (rule->kind) {
    case CSR_NONE: return peek_ranges(h, number, value);
    case CSR_RULE: *value = rule->read(h); break;
    case CSR_FIXED: *value = rule->value; break;
    default: *value = *(const u64 *)((const u8 *)&h->s.csr + rule->word); break;
    }
    return true;
}

static void poke_pmp(struct hart *h, unsigned number, u64 value)
{
    if (is_pmp_cfg(number))
        pmp_write_cfg(&h->pmp, (number - CSR_pmpcfg0) * 4, value);
    else
        pmp_write_addr(&h->pmp, number - CSR_pmpaddr0, value);
    contexts_clear(&h->c.contexts);
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
    const struct csr_rule *rule = &csr_rules[csr_row[number]];
    u64 *word = (u64 *)((u8 *)&h->s.csr + rule->word);

    if (rule->kind == CSR_NONE)
        poke_ranges(h, number, value);
    else if (rule->kind == CSR_PLAIN)
        *word = (*word & ~rule->value) | (value & rule->value);
    else if (rule->write)
        rule->write(h, value);
}

bool csr_poke(struct hart *h, unsigned number, u64 value)
{
    u64 old;

    if (bits(number, 11, 10) == 3 || !csr_peek(h, number, &old))
        return false;
    poke(h, number, value);
    return true;
}

static bool stimecmp_is_open(const struct hart *h)
{
    return h->s.priv == PRIV_M || (h->s.csr.menvcfg & MENVCFG_STCE &&
                                   bit(h->s.csr.mcounteren, COUNTER_TM));
}

static bool may_access(const struct hart *h, unsigned number, bool writes)
{
    if (bits(number, 9, 8) > h->s.priv)
        return false;
    if (writes && bits(number, 11, 10) == 3)
        return false;
    if (in_range(number, CSR_cycle, CSR_hpmcounter31))
        return counters_are_open(h, number % COUNTERS);
    if (in_range(number, CSR_fflags, CSR_fcsr))
        return (h->s.csr.mstatus & MSTATUS_FS) != 0;
    if (number == CSR_satp)
        return !(h->s.priv == PRIV_S && h->s.csr.mstatus & MSTATUS_TVM);
    if (number == CSR_stimecmp)
        return stimecmp_is_open(h);
    return true;
}

/* What a set or clear makes of the value that was read. The wire into SEIP is
 * read but never written back (privileged spec, "mip and mie"). */
static u64 changed(const struct hart *h, unsigned number,
                   enum csr_action action, u64 value, u64 operand)
{
    bool is_mip = number == CSR_mip || number == CSR_sip;

    if (is_mip && !(h->s.csr.mip >> INT_SEI & 1))
        value &= ~(1ull << INT_SEI);
    return action == CSR_SET ? value | operand : value & ~operand;
}

bool csr_access(struct hart *h, const struct insn *in, enum csr_action action,
                u64 operand, bool reads, bool writes)
{
    unsigned number = (unsigned)in->imm;
    u64 value = 0;

    h->c.in = in;
    if (!may_access(h, number, writes))
        return hart_illegal(h, in);
    if (!csr_peek(h, number, &value))
        return hart_illegal(h, in);
    if (writes) {
        h->c.csr_written = number;
        poke(h, number,
             action == CSR_SWAP ? operand
                                : changed(h, number, action, value, operand));
    }
    if (reads)
        h->s.x[in->rd] = value;
    return !h->c.attention && h->c.code;
}

void csr_reset(struct hart *h)
{
    csr_rules_reset(h);
    counters_reset(h);
    pmp_reset(&h->pmp, h->w.isa & EXT_SET(PMP));
}
