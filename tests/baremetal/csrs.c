/*
 * Every CSR: which of the 4096 numbers there are in each mode, who may write
 * them, and every bit of every field alone and in company, written, set and
 * cleared, against masks written from the specification (csrs.def).
 *
 * The register's number is part of the instruction, so the instructions are
 * written here and jumped to.
 */
#include "bare.h"

#define ALL (~0ull)
#define BIT(n) (1ull << (n))
#define SSI BIT(1)
#define LCOFI BIT(13)
#define SUPERVISOR (SSI | BIT(5) | BIT(9) | LCOFI)
#define MACHINE (BIT(3) | BIT(7) | BIT(11))
#define TM BIT(1)
#define REAL_COUNTERS 0x7fffdull
#define MISA (2ull << 62 | 0x14112f) /* ABCDFIMSU */

#define MTIMECMP ((volatile u64 *)0x2004000)

#define A0 10
#define CSRRW 1
#define CSRRS 2
#define CSRRC 3
#define RET 0x8067
#define VALUES 130 /* a bit alone, all but one, none, all */

static const struct row {
    const char *name;
    u64 writable, fixed;
    u16 first, last;
    u8 step;
    bool odd, range;
} rows[] = {
#define CSR(number, text, mask, rest) CSRS(number, number, 1, #text, mask, rest)
#define ODD(number, text) ODDS(number, number, 1, #text)
#define CSRS(from, to, by, text, mask, rest) \
    {.name = (text), mask, rest, from, to, by},
#define ODDS(from, to, by, text) \
    {.name = (text), 0, 0, from, to, by, .odd = true},
#define RANGE(from, to, by) {.first = from, .last = to, by, .range = true},
#include "csrs.def"
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static u32 code[2];

/* csrrw or csrrs a0, number, rs1; ret */
static u64 place(unsigned number, unsigned how, unsigned rs1)
{
    code[0] = number << 20 | rs1 << 15 | how << 12 | A0 << 7 | 0x73;
    code[1] = RET;
    __asm__ volatile("fence.i" ::: "memory");
    return (u64)code;
}

/* By how: csrr, csrrw, csrrs and csrrc of one register. */
static u32 routines[4][2];

static void aim(unsigned number)
{
    for (unsigned how = 0; how <= CSRRC; how++) {
        place(number, how ? how : CSRRS, how ? A0 : 0);
        routines[how][0] = code[0];
        routines[how][1] = code[1];
    }
    __asm__ volatile("fence.i" ::: "memory");
}

static u64 act(unsigned how, u64 value)
{
    return ((u64(*)(u64))routines[how])(value);
}

static u64 swap(unsigned number, u64 value)
{
    aim(number);
    return act(CSRRW, value);
}

static u64 read(unsigned number)
{
    aim(number);
    return act(0, 0);
}

static u64 cause_in(unsigned mode, u64 where)
{
    return mode == M   ? run(M, "jalr t5", where).cause
           : mode == S ? run(S, "jalr t5", where).cause
                       : run(U, "jalr t5", where).cause;
}

static bool is_listed(unsigned number)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (number >= rows[i].first && number <= rows[i].last &&
            (number - rows[i].first) % rows[i].step == 0)
            return true;
    return false;
}

/* Bits 9 and 8 of a number are the lowest mode that may use it; the counters
 * 19 to 31 stay closed below M-mode, their enable bits being zero. */
static bool may_read(unsigned number, unsigned mode)
{
    if (number >= 0xc13 && number <= 0xc1f && mode < M)
        return false;
    return is_listed(number) && (number >> 8 & 3) <= mode;
}

/* The first number that reads otherwise than it should, or none. */
static void check_numbers(const char *name, unsigned mode)
{
    u64 wrong = NONE;

    for (unsigned number = 0; number < 4096 && wrong == NONE; number++) {
        u64 cause = cause_in(mode, place(number, CSRRS, 0));

        if (cause != (may_read(number, mode) ? NONE : ILLEGAL))
            wrong = number;
    }
    check(name, wrong, NONE);
}

/* Bits 11 and 10 both set: read-only. A write of what is there is tried. */
static void check_read_only(void)
{
    u64 wrong = NONE;

    for (unsigned number = 0xc00; number < 4096 && wrong == NONE; number++)
        if (cause_in(M, place(number, CSRRS, A0)) != ILLEGAL)
            wrong = number;
    check("read-only", wrong, NONE);
}

static u64 value_of(unsigned i)
{
    return i < 64 ? BIT(i) : i < 128 ? ~BIT(i - 64) : i == 128 ? 0 : ALL;
}

/* xtvec: modes 2 and 3 are reserved and keep what was. */
static u64 model_tvec(u64 old, u64 value)
{
    return value & 2 ? old : value;
}

/* A mode that there is not makes the whole write void. */
static u64 model_satp(u64 old, u64 value)
{
    unsigned mode = (unsigned)(value >> 60);

    return mode == 0 || (mode >= 8 && mode <= 10) ? value : old;
}

#define SSTATUS (BIT(1) | BIT(5) | BIT(8) | 3ull << 13 | BIT(18) | BIT(19))
#define MSTATUS \
    (SSTATUS | BIT(3) | BIT(7) | BIT(17) | BIT(20) | BIT(21) | BIT(22))
#define MPP (3ull << 11)
#define SD BIT(63)
#define UXL (2ull << 32)
#define SXL (2ull << 34)

static u64 with_sd(u64 status)
{
    return (status >> 13 & 3) == 3 ? status | SD : status;
}

static u64 model_mstatus(u64 old, u64 value)
{
    u64 mpp = (value >> 11 & 3) == 2 ? old & MPP : value & MPP;

    return with_sd((value & MSTATUS) | mpp) | UXL | SXL;
}

static u64 model_sstatus(u64 value)
{
    return with_sd(value & SSTATUS) | UXL;
}

/* CBIE is never 2. */
static u64 model_envcfg(u64 old, u64 value, u64 writable)
{
    u64 cbie = (value >> 4 & 3) == 2 ? old & 3 << 4 : value & 3 << 4;

    return (value & writable) | cbie;
}

static u64 model_event(u64 value)
{
    u64 event = value & (BIT(56) - 1);
    bool known = event == 1 || event == 2 || event == 0x100;

    return (value & 15ull << 60) | (known ? event : 0);
}

/* Bytes of A, X, W and R. W without R is reserved: any rights may be there
 * then that are not, so the answer is asked. L is not tried: it would stay. */
static u64 model_pmpcfg(u64 got, u64 value)
{
    u64 kept = 0;

    for (unsigned at = 0; at < 64; at += 8) {
        u64 byte = value >> at & 0x1f, rights = got >> at & 7;

        if ((byte & 3) == 2 && (rights & 3) != 2)
            byte = (byte & 0x18) | rights;
        kept |= byte << at;
    }
    return kept;
}

static u64 model(const struct row *row, u64 old, u64 value, u64 got)
{
    switch (row->odd ? row->first : 0) {
    case 0x100: return model_sstatus(value);
    case 0x105:
    case 0x305: return model_tvec(old, value);
    case 0x10a: return model_envcfg(old, value, BIT(0) | BIT(6) | BIT(7));
    case 0x30a:
        return model_envcfg(old, value, BIT(0) | BIT(6) | BIT(7) | 7ull << 61);
    case 0x180: return model_satp(old, value);
    case 0x300: return model_mstatus(old, value);
    case 0x323: return model_event(value);
    case 0x3a0: return model_pmpcfg(got, value);
    default: return (value & row->writable) | row->fixed;
    }
}

/* What cannot be tried here: a machine interrupt would be taken at once, and
 * a locked entry stays locked. */
static u64 untried(const struct row *row)
{
    return row->first == 0x300   ? MIE_BIT | MPRV_BIT
           : row->first == 0x3a0 ? 0x8080808080808080
                                 : 0;
}

/* What an instruction writes that finds old. */
static u64 operate(unsigned how, u64 old, u64 value)
{
    return how == CSRRW ? value : how == CSRRS ? old | value : old & ~value;
}

/* Every value, written, set and cleared, in the register that was aimed at
 * when it was all zeros and all ones, as far as it can be. */
static bool try_values(const struct row *row, u64 *got, u64 *want)
{
    for (unsigned i = 0; i < 2 * VALUES; i++)
        for (unsigned how = CSRRW; how <= CSRRC; how++) {
            u64 value = value_of(i / 2) & ~untried(row), old;

            act(CSRRW, i & 1 ? ALL & ~untried(row) : 0);
            old = act(0, 0);
            act(how, value);
            *got = act(0, 0);
            *want = model(row, old, operate(how, old, value), *got);
            if (*got != *want)
                return false;
        }
    return true;
}

static void check_row(const struct row *row)
{
    u64 before, got = 0, want = 0;
    bool right = true;

    for (unsigned number = row->first; right && number <= row->last;
         number += row->step) {
        if (cause_in(M, place(number, CSRRS, 0)) == ILLEGAL) {
            got = ILLEGAL;
            want = NONE;
            right = false;
        } else {
            before = read(number);
            right = try_values(row, &got, &want);
            act(CSRRW, before);
        }
        if (!right)
            report("wrong-number", number);
    }
    check(row->name, got, want);
}

/* The first real counter that reads otherwise through its read-only number, and
 * the first whose overflow is not its bit of scountovf. */
static void check_shadows(void)
{
    u64 wrong = NONE, overflow = NONE;

    for (unsigned n = 0; n <= 18; n++)
        for (unsigned i = 0; n != 1 && i < VALUES; i++) {
            u64 kept;

            swap(0xb00 + n, value_of(i));
            kept = act(0, 0);
            if (read(0xc00 + n) != kept && wrong == NONE)
                wrong = n;
        }
    check("shadows", wrong, NONE);
    for (unsigned n = 3; n <= 18; n++) {
        swap(0x320 + n, BIT(63));
        if (read(0xda0) != BIT(n) && overflow == NONE)
            overflow = n;
        swap(0x320 + n, 0);
    }
    check("scountovf", overflow, NONE);
}

/* Of sie and sip only what is delegated is there, and mie and mip keep the
 * rest, whichever bits are written, set or cleared. */
static u64 try_delegated(bool enable, u64 delegated, u64 base)
{
    u64 mask = enable ? delegated : delegated & (SSI | LCOFI), wrong = 0;

    csr_write(mideleg, delegated);
    for (unsigned i = 0; i < VALUES; i++)
        for (unsigned how = CSRRW; how <= CSRRC; how++) {
            u64 all, value = value_of(i);

            if (enable)
                csr_write(mie, base);
            else
                csr_write(mip, base);
            act(how, value);
            all = enable ? csr_read(mie) : csr_read(mip);
            wrong |= act(0, 0) ^ (all & delegated);
            wrong |=
                all ^ ((base & ~mask) | (operate(how, base, value) & mask));
        }
    return wrong;
}

static void check_delegated(const char *name, bool enable)
{
    u64 kept = csr_read(mideleg), wrong = 0;

    aim(enable ? 0x104 : 0x144);
    for (u64 chosen = 0; chosen < 16; chosen++) {
        u64 delegated = (chosen & 1 ? SSI : 0) | (chosen & 2 ? BIT(5) : 0) |
                        (chosen & 4 ? BIT(9) : 0) | (chosen & 8 ? LCOFI : 0);

        wrong |= try_delegated(enable, delegated, 0);
        wrong |= try_delegated(enable, delegated,
                               SUPERVISOR | (enable ? MACHINE : 0));
    }
    csr_write(mie, 0);
    csr_write(mip, 0);
    csr_write(mideleg, kept);
    check(name, wrong, 0);
}

/* MIE and MPRV alone, with nothing that they could let in. */
static void check_status(void)
{
    csr_write(mie, 0);
    csr_set(mstatus, MPRV_BIT | MPP_BITS | MIE_BIT);
    check("mstatus-mie-mprv", csr_read(mstatus) & (MPRV_BIT | MIE_BIT),
          MPRV_BIT | MIE_BIT);
    csr_clear(mstatus, MPRV_BIT | MIE_BIT);
}

/* Every mode of satp, and every value of MPP and of the vectors' modes. */
static void check_reserved(void)
{
    u64 wrong = 0;

    for (u64 mode = 0; mode < 16; mode++) {
        u64 old = swap(0x180, 8ull << 60 | 5ull << 44 | 0x12345), value;

        old = read(0x180);
        value = mode << 60 | 0xffffull << 44 | 0xfffffffffff;
        swap(0x180, value);
        wrong += read(0x180) != model_satp(old, value);
    }
    csr_write(satp, 0);
    check("satp-modes", wrong, 0);
    wrong = 0;
    for (u64 mpp = 0; mpp < 4; mpp++)
        for (u64 old = 0; old < 4; old++) {
            swap(0x300, old << 11);
            swap(0x300, mpp << 11);
            wrong += (read(0x300) >> 11 & 3) == 2;
        }
    check("mpp-values", wrong, 0);
}

/* Sstvecd: direct mode, and any BASE. */
static void check_vectors(void)
{
    u64 wrong = 0;

    for (unsigned n = 2; n < 64; n++) {
        csr_write(stvec, BIT(n));
        wrong += csr_read(stvec) != BIT(n);
        csr_write(stvec, ~BIT(n) & ~3ull);
        wrong += csr_read(stvec) != (~BIT(n) & ~3ull);
    }
    check("sstvecd", wrong, 0);
}

static unsigned pmpcfg_of(unsigned entry)
{
    return 0x3a0 + entry / 8 * 2;
}

/* L alone, in each entry: what is locked stays, and nothing else does. */
static u64 fails_to_lock(unsigned entry, u64 locked)
{
    unsigned cfg = pmpcfg_of(entry), addr = 0x3b0 + entry;
    u64 lock = 0x80ull << entry % 8 * 8, wrong = 0;

    swap(addr, 0x5a5a + entry);
    wrong |= read(addr) != 0x5a5a + entry;
    swap(cfg, lock);
    wrong |= act(0, 0) != (locked | lock);
    for (unsigned how = CSRRW; how <= CSRRC; how++) {
        aim(cfg);
        act(how, how == CSRRW ? 0 : 0x1full << entry % 8 * 8);
        wrong |= (act(0, 0) != (locked | lock)) << how;
        aim(addr);
        act(how, how == CSRRW ? 0 : 0x1234);
        wrong |= (act(0, 0) != 0x5a5a + entry) << how;
    }
    return wrong;
}

/* Locks last until reset, so this comes last. A locked TOR keeps the address
 * below, too. */
static void check_locks(void)
{
    const u64 tor = 0x88ull << 56;
    u64 wrong = NONE, locked[2] = {0, tor};

    for (unsigned entry = 0; entry < 16; entry++)
        swap(0x3b0 + entry, 0);
    swap(0x3a0, 0);
    swap(0x3bf, 1); /* of addresses that nothing uses */
    swap(0x3a2, tor);
    swap(0x3be, 5);
    check("pmp-locked-bottom", act(0, 0), 0);
    for (unsigned entry = 0; entry < 14; entry++) {
        if (fails_to_lock(entry, locked[entry / 8]) && wrong == NONE)
            wrong = entry;
        locked[entry / 8] |= 0x80ull << entry % 8 * 8;
    }
    check("pmp-locks", wrong, NONE);
}

static void prepare(void)
{
    *MTIMECMP = ALL;
    csr_write(mie, 0);
    csr_write(mideleg, ALL);
    csr_write(mcountinhibit, ALL);
    csr_write(mcounteren, ALL);
    csr_write(scounteren, ALL);
    csr_set(mstatus, 3 << 13);
    swap(0x30a, BIT(63)); /* so that stimecmp is S-mode's, too */
}

void test_main(void)
{
    prepare();
    check_numbers("numbers-m", M);
    check_numbers("numbers-s", S);
    check_numbers("numbers-u", U);
    check_read_only();
    swap(0x30a, 0); /* so that STIP is a bit like the others */
    for (unsigned i = 0; i < ROWS; i++) {
        csr_set(mstatus, 3 << 13);
        if (!rows[i].range)
            check_row(&rows[i]);
    }
    check_shadows();
    check_delegated("sie-delegated", true);
    check_delegated("sip-delegated", false);
    check_status();
    check_reserved();
    check_vectors();
    check("mhartid", csr_read(mhartid), 0);
    check("mvendorid", csr_read(mvendorid) >> 32, 0);
    check_locks();
}
