/*
 * What reading and writing one CSR does; see csr_rules.h. Interrupts and
 * counters have theirs in files of their own.
 *
 * What belongs to an extension that the hart does not have behaves as the
 * specification says of its absence: the field is read-only zero. (That the
 * CSR does not exist is csr.c's to say.)
 */
#include "hart/system/csr_rules.h"

#include "base/bits.h"
#include "hart/mmu/ahead.h"
#include "hart/mmu/arrays.h"
#include "hart/system/counters.h"
#include "hart/system/interrupts.h"
#include "hart/mmu/mmu.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"
#include "isa/csr.h"

#define SSTATUS_WRITABLE                                                   \
    (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | \
     MSTATUS_MXR)
#define MSTATUS_UXL (2ull << 32)
#define MSTATUS_SXL (2ull << 34)
#define MSTATUS_WRITABLE                                            \
    (SSTATUS_WRITABLE | MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPRV | \
     MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR)

#define MENVCFG_FIOM 1ull
#define CBIE_RESERVED (2ull << 4)

/* A mask, if the hart has the extension. */
#define HAS(h, ext, mask) ((h)->w.isa & EXT_SET(ext) ? (u64)(mask) : 0)

/* Floating point. The host collects flags; they are fetched when asked. */

static u64 read_fflags(const struct hart *h)
{
    return h->s.fflags | h->c.fflags_before | fp_flags_collect(&h->c.fp);
}

static void write_fflags(struct hart *h, u64 value)
{
    fp_flags_clear(&h->c.fp);
    h->s.fflags = value & 0x1f;
    h->c.fflags_before = 0;
    hart_fp_dirty(h);
}

static u64 read_frm(const struct hart *h)
{
    return h->s.frm;
}

static void write_frm(struct hart *h, u64 value)
{
    h->s.frm = value & 7;
    fp_rounding_set(&h->c.fp, h->s.frm);
    hart_fp_dirty(h);
}

static u64 read_fcsr(const struct hart *h)
{
    return read_fflags(h) | (u64)h->s.frm << 5;
}

static void write_fcsr(struct hart *h, u64 value)
{
    write_frm(h, value >> 5);
    write_fflags(h, value);
}

/* Which counters are open to the modes below. */

static void write_mcounteren(struct hart *h, u64 value)
{
    h->s.csr.mcounteren = value & (counters_real(h) | 1u << COUNTER_TM);
}

static void write_scounteren(struct hart *h, u64 value)
{
    h->s.csr.scounteren = value & (counters_real(h) | 1u << COUNTER_TM);
}

/* misa and mstatus. Extensions cannot be turned off at run time. */

static u64 read_misa(const struct hart *h)
{
    return ext_misa(h->w.isa);
}

static u64 status_with_sd(u64 status)
{
    bool dirty = (status & MSTATUS_FS) == MSTATUS_FS;

    return dirty ? status | MSTATUS_SD : status & ~MSTATUS_SD;
}

/* Without F there is no FS either. */
static u64 writable_status(const struct hart *h, u64 mask)
{
    return h->w.isa & EXT_SET(F) ? mask : mask & ~MSTATUS_FS;
}

static void set_status(struct hart *h, u64 value, u64 mask)
{
    h->s.csr.mstatus =
        status_with_sd((h->s.csr.mstatus & ~mask) | (value & mask));
    h->c.attention = true;
    hart_update_context(h);
}

static void write_mstatus(struct hart *h, u64 value)
{
    u64 mask = writable_status(h, MSTATUS_WRITABLE);

    if ((value & MSTATUS_MPP) != 2ull << 11) /* 2 is no privilege: keep */
        mask |= MSTATUS_MPP;
    set_status(h, value, mask);
}

static u64 read_sstatus(const struct hart *h)
{
    return h->s.csr.mstatus & (SSTATUS_WRITABLE | MSTATUS_UXL | MSTATUS_SD);
}

static void write_sstatus(struct hart *h, u64 value)
{
    set_status(h, value, writable_status(h, SSTATUS_WRITABLE));
}

/* The environment's configuration. */

/* The fields that menvcfg and senvcfg both have. */
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

    h->s.csr.menvcfg = merge_envcfg(h->s.csr.menvcfg, value, mask);
    interrupts_update_stimer(h);
}

static void write_senvcfg(struct hart *h, u64 value)
{
    h->s.csr.senvcfg =
        merge_envcfg(h->s.csr.senvcfg, value, writable_envcfg(h));
}

/* Where a trap came from: aligned as instructions are. */

static u64 aligned_pc(const struct hart *h, u64 value)
{
    return value & (h->w.isa & EXT_SET(ZCA) ? ~1ull : ~3ull);
}

static void write_mepc(struct hart *h, u64 value)
{
    h->s.csr.mepc = aligned_pc(h, value);
}

static void write_sepc(struct hart *h, u64 value)
{
    h->s.csr.sepc = aligned_pc(h, value);
}

/* Trap vectors: direct or vectored; a reserved mode voids the write. */

static void write_mtvec(struct hart *h, u64 value)
{
    if (!(value & 2))
        h->s.csr.mtvec = value;
}

static void write_stvec(struct hart *h, u64 value)
{
    if (!(value & 2))
        h->s.csr.stvec = value;
}

/* Translation. A mode that does not exist voids the whole write. */

static bool has_mode(const struct hart *h, unsigned mode)
{
    if (mode == SATP_MODE_BARE)
        return true;
    return mode >= SATP_MODE_SV39 && mode <= SATP_MODE_SV57 &&
           bit(h->w.isa, EXT_SV39 + mode - SATP_MODE_SV39);
}

static void write_satp(struct hart *h, u64 value)
{
    u64 old = h->s.csr.satp;

    if (!has_mode(h, satp_mode(value)))
        return;
    value &= ~((0xffffull ^ hart_asid_mask(h)) << SATP_ASID_SHIFT);
    if (h->w.siblings->ahead)
        ahead_of_satp(h);
    h->s.csr.satp = value;
    if (trace_wants(h->w.trace, RVEMU_EVENT_satp))
        hart_event(h, RVEMU_EVENT_satp)->satp =
            (struct rvemu_ev_satp){old, value};
    tables_satp(h->w.tables, h, old, value);
    suspects_satp(h->w.siblings, h, value);
    hart_update_context(h);
}

/* The table. */

enum row {
    ROW_NONE,
#define PLAIN(name, writable) ROW_##name,
#define WORD(name, write) ROW_##name,
#define RULE(name, read, write) ROW_##name,
#define FIXED(name, value) ROW_##name,
#include "hart/system/csr_rules.def"
#undef PLAIN
#undef WORD
#undef RULE
#undef FIXED
};

#define OFFSET(name) offsetof(struct csrs, name)

const struct csr_rule csr_rules[] = {
#define PLAIN(name, writable) \
    [ROW_##name] = {CSR_PLAIN, OFFSET(name), .value = (writable)},
#define WORD(name, writer) \
    [ROW_##name] = {CSR_WORD, OFFSET(name), .write = (writer)},
#define RULE(name, reader, writer) \
    [ROW_##name] = {CSR_RULE, .read = (reader), .write = (writer)},
#define FIXED(name, constant) [ROW_##name] = {CSR_FIXED, .value = (constant)},
#include "hart/system/csr_rules.def"
#undef PLAIN
#undef WORD
#undef RULE
#undef FIXED
};

const u8 csr_row[4096] = {
#define PLAIN(name, writable) [CSR_##name] = ROW_##name,
#define WORD(name, write) [CSR_##name] = ROW_##name,
#define RULE(name, read, write) [CSR_##name] = ROW_##name,
#define FIXED(name, value) [CSR_##name] = ROW_##name,
#include "hart/system/csr_rules.def"
#undef PLAIN
#undef WORD
#undef RULE
#undef FIXED
};

void csr_rules_reset(struct hart *h)
{
    h->s.csr = (struct csrs){
        .mstatus = MSTATUS_UXL | MSTATUS_SXL,
        .menvcfg = HAS(h, SVPBMT, MENVCFG_PBMTE),
        .stimecmp = UINT64_MAX,
    };
    /* Where Svade and Svadu are both there, Svade holds until ADUE is set. */
    if (!(h->w.isa & EXT_SET(SVADE)))
        h->s.csr.menvcfg |= HAS(h, SVADU, MENVCFG_ADUE);
}
