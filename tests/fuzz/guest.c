/*
 * A random guest; see guest.h. In RAM, from its base:
 *
 *   0x00000  start: PMP, delegation and vectors, then on to the handler
 *   0x01000  handler of M-mode; sets a timer, so that no loop is for ever
 *   0x02000  64 sets of 32 values, for registers and CSRs
 *   0x08000  32 pages of page tables
 *   0x28000  256 KiB of instructions
 */
#include "guest.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "isa/csr.h"
#include "isa/rows.h"

#define BASE 0x80000000ull
#define HANDLER 0x1000
#define VALUES 0x2000
#define TABLES 0x8000
#define CODE 0x28000
#define END 0x68000
#define FRAME(offset) ((BASE + (offset)) >> 12)
#define HEADERS (sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr))

#define EVENTS 3

/* Places of a set with a role; all of them are also register values. */
enum {
    SATP = 1,
    MIE,
    MENVCFG,
    MEDELEG,
    MIDELEG,
    STATUS,
    STVEC,
    MULTIPLIER,
    EVENT,                /* for mhpmevent3 to 5 */
    NEAR = EVENT + EVENTS /* and their counters, soon to overflow */
};

/* Never delegated: where a handler cannot be fetched, all would be over. */
#define FETCH_CAUSES (1ull << 1 | 1ull << 2 | 1ull << 12)

struct maker {
    u64 dice;
    u8 *image; /* what goes to BASE */
    u32 *code; /* where the next instruction goes */
};

u64 guest_roll(u64 *dice)
{
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return *dice >> 20;
}

static u64 roll(struct maker *m, u64 sides)
{
    return guest_roll(&m->dice) % sides;
}

static u64 roll64(struct maker *m)
{
    return guest_roll(&m->dice) << 40 ^ guest_roll(&m->dice);
}

/* A leaf that is mostly right. */
static u64 choose_leaf(struct maker *m)
{
    u64 frame = FRAME(0) + roll(m, 0x300);
    u64 flags = 0xcf | roll(m, 256);

    switch (roll(m, 16)) {
    case 0: return 0;
    case 1: return roll64(m);
    case 2: return frame << 10 | roll(m, 1024);
    case 3: return frame << 10 | flags | roll(m, 4) << 61;
    case 4: return (FRAME(CODE) + roll(m, 64)) << 10 | flags;
    case 5:
    case 6: return FRAME(0) << 10 | flags; /* as a superpage, too */
    default: return frame << 10 | 0x0f | roll(m, 2) << 4 | roll(m, 4) << 6;
    }
}

/* An entry of one of the table pages: 8 roots, 8 below them, 16 below those;
 * and some that make a mess of it. */
static u64 choose_pte(struct maker *m, unsigned page)
{
    u64 table = page < 8 ? 8 + roll(m, 8) : 16 + roll(m, 16);

    if (roll(m, 16) == 0)
        table = roll(m, 32);
    if (roll(m, 16) < (page < 16 ? 12 : 1))
        return FRAME(TABLES + 4096 * table) << 10 | 1;
    return choose_leaf(m);
}

/* A virtual address that the tables are likely to map. */
static u64 choose_va(struct maker *m)
{
    u64 va = roll(m, 4096);

    for (unsigned level = 0; level < 3; level++)
        va |= roll(m, 6) << (12 + 9 * level);
    return roll(m, 8) ? va & ~7ull : va;
}

static u64 choose_device(struct maker *m)
{
    static const u64 place[] = {0x2000000,  0x2004000,  0x200bff8, 0xc000000,
                                0xc001000,  0xc002000,  0xc200000, 0xc200004,
                                0x10000000, 0x10000004, 0x101000,  0x1000};

    return place[roll(m, 12)] + (roll(m, 2) ? roll(m, 16) * 4 : 0);
}

static u64 choose_value(struct maker *m)
{
    switch (roll(m, 16)) {
    case 0: return roll(m, 4) ? roll(m, 16) - 8 : roll64(m);
    case 1:
    case 2: return choose_pte(m, (unsigned)roll(m, 32));
    case 3:
    case 4: return BASE + TABLES + roll(m, 32) * 4096 + roll(m, 8) * 8;
    case 5: return BASE + CODE + roll(m, END - CODE);
    case 6: return BASE + roll(m, 0x60000) * 8;
    case 7: return roll(m, 3) ? choose_va(m) : choose_device(m);
    case 8: return BASE + CODE - roll(m, 0x20000);
    default: return choose_va(m);
    }
}

static u64 choose_satp(struct maker *m)
{
    u64 mode = roll(m, 8) ? 8 : roll(m, 11);

    return mode << 60 | roll(m, 3) << 44 | (FRAME(TABLES) + roll(m, 8));
}

/* Mostly to S or U, with interrupts and floating point. */
static u64 choose_status(struct maker *m)
{
    u64 status = roll64(m) & 0x7c02a0;

    status |= roll(m, 8) ? roll(m, 2) << 11 : 3 << 11; /* MPP */
    status |= roll(m, 8) ? 1 << 7 : 0;                 /* MPIE */
    status |= roll(m, 8) ? 1 << 13 : 0;                /* FS */
    status |= roll(m, 8) ? 0 : 1 << 17;                /* MPRV */
    return status;
}

/* Cycles, instructions, or something of the TLB; mostly in all modes and free
 * to interrupt. */
static u64 choose_event(struct maker *m)
{
    static const u64 common[] = {1, 2, 0x10019, 0x1001b, 0x10021};
    u64 event = roll(m, 2) ? common[roll(m, 5)] : 0x100 + roll(m, 12);

    return event | (roll(m, 3) ? 0 : roll(m, 16) << 60);
}

static void make_values(struct maker *m)
{
    for (unsigned i = 0; i < 64; i++) {
        u64 *set = (u64 *)(m->image + VALUES) + 32 * i;

        for (unsigned n = 0; n < 32; n++)
            set[n] = choose_value(m);
        set[SATP] = choose_satp(m);
        set[MIE] = (roll(m, 3) ? 0 : roll64(m)) | 1 << 7 | roll(m, 2) << 13;
        set[MENVCFG] = roll64(m) | (roll(m, 4) ? 3ull << 61 : 0);
        set[MEDELEG] = roll(m, 2) ? roll64(m) & ~FETCH_CAUSES : 0;
        set[STVEC] = (BASE + CODE + roll(m, END - CODE)) & ~3ull;
        set[MIDELEG] = roll64(m);
        set[STATUS] = choose_status(m);
        set[MULTIPLIER] = roll64(m) | 1;
        for (unsigned n = 0; n < EVENTS; n++) {
            set[EVENT + n] = choose_event(m);
            set[NEAR + n] = -roll(m, roll(m, 2) ? 8 : 300);
        }
    }
}

/* Dense where virtual addresses go, with the whole of RAM where a physical
 * pc would be. */
static void make_tables(struct maker *m)
{
    for (unsigned page = 0; page < 32; page++) {
        u64 *pte = (u64 *)(m->image + TABLES) + 512 * page;

        for (unsigned i = 0; i < 512; i++)
            pte[i] = i < 8 || roll(m, 16) == 0 ? choose_pte(m, page) : 0;
        if (roll(m, 4))
            pte[2] = FRAME(0) << 10 | 0xcf | roll(m, 4) << 4;
    }
}

static void put(struct maker *m, u32 word)
{
    memcpy(m->code++, &word, 4);
}

static void put_csrw(struct maker *m, unsigned number, unsigned rs1)
{
    put(m, number << 20 | rs1 << 15 | 1 << 12 | 0x73);
}

static void put_ld(struct maker *m, unsigned rd, unsigned rs1, unsigned place)
{
    put(m, place * 8 << 20 | rs1 << 15 | 3 << 12 | rd << 7 | 0x03);
}

/* PMP entry 7 opens everything, to be found behind what the program sets. */
static void make_start(struct maker *m)
{
    m->code = (u32 *)m->image;
    put(m, 0xfff00293); /* li x5, -1 */
    put_csrw(m, CSR_pmpaddr0 + 7, 5);
    put(m, 0x01f00293); /* li x5, 0x1f */
    put(m, 0x03829293); /* slli x5, x5, 56 */
    put_csrw(m, CSR_pmpcfg0, 5);
    put(m, 0x00001297); /* auipc x5, 1 */
    put(m, 0xfec28293); /* addi x5, x5, HANDLER - 0x1014 */
    put_csrw(m, CSR_mtvec, 5);
    put(m, 0x00028067); /* jr x5 */
}

/* Most exceptions cost no more than the instruction; interrupts, fetch faults
 * and one in 16 go over to what follows. */
static void make_skip(struct maker *m)
{
    put(m, 0x34202ff3); /* csrr x31, mcause */
    put(m, 0x020fc863); /* bltz x31, over */
    put(m, 0xff4f8f93); /* addi x31, x31, -12 */
    put(m, 0x020f8463); /* beqz x31, over */
    put(m, 0x00bf8f93); /* addi x31, x31, 11 */
    put(m, 0x020f8063); /* beqz x31, over */
    put(m, 0xb0002ff3); /* csrr x31, mcycle */
    put(m, 0x00ffff93); /* andi x31, x31, 15 */
    put(m, 0x000f8a63); /* beqz x31, over */
    put(m, 0x34102ff3); /* csrr x31, mepc */
    put(m, 0x004f8f93); /* addi x31, x31, 4 */
    put(m, 0x341f9073); /* csrw mepc, x31 */
    put(m, 0x30200073); /* mret */
}

/* A number made of the cycle count chooses the set and where to return. */
static void make_handler(struct maker *m)
{
    m->code = (u32 *)(m->image + HANDLER);
    make_skip(m);
    put(m, 0x00001f97); /* auipc x31, 1 */
    put(m, 0xfccf8f93); /* addi x31, x31, -52: the sets */
    put_ld(m, 5, 31, MULTIPLIER);
    put(m, 0xf14025f3); /* csrr x11, mhartid */
    put(m, 0xb0002373); /* csrr x6, mcycle */
    put(m, 0x00b30333); /* add x6, x6, x11 */
    put(m, 0x02530333); /* mul x6, x6, x5 */
    put(m, 0x02e35393); /* srli x7, x6, 46: 18 bits */
    put(m, 0xffe3f393); /* andi x7, x7, -2 */
    put(m, 0x007f83b3); /* add x7, x31, x7 */
    put(m, 0x00026437); /* lui x8, (CODE - VALUES) >> 12 */
    put(m, 0x008383b3); /* add x7, x7, x8 */
    put_csrw(m, CSR_mepc, 7);
    put(m, 0x01a31313); /* slli x6, x6, 26 */
    put(m, 0x03a35313); /* srli x6, x6, 58 */
    put(m, 0x00831313); /* slli x6, x6, 8 */
    put(m, 0x006f8fb3); /* add x31, x31, x6 */
    put(m, 0x0200c4b7); /* lui x9, 0x200c */
    put(m, 0xff84b503); /* ld x10, -8(x9): mtime */
    put(m, 0x00450513); /* addi x10, x10, 4: 400 steps */
    put(m, 0x020044b7); /* lui x9, 0x2004 */
    put(m, 0x00359593); /* slli x11, x11, 3 */
    put(m, 0x00b484b3); /* add x9, x9, x11 */
    put(m, 0x00a4b023); /* sd x10, 0(x9): mtimecmp */
    for (unsigned i = 1; i < 31; i++)
        put_ld(m, i, 31, i);
    put_csrw(m, CSR_satp, SATP);
    put_csrw(m, CSR_mie, MIE);
    put_csrw(m, CSR_menvcfg, MENVCFG);
    put_csrw(m, CSR_medeleg, MEDELEG);
    put_csrw(m, CSR_mideleg, MIDELEG);
    put_csrw(m, CSR_stvec, STVEC);
    for (unsigned n = 0; n < EVENTS; n++) {
        put_csrw(m, CSR_mhpmcounter3 + n, NEAR + n);
        put_csrw(m, CSR_mhpmevent3 + n, EVENT + n);
    }
    put(m, 0x00002fb7); /* lui x31, 2 */
    put(m, 0x344fb073); /* csrc mip, x31: LCOFIP */
    put_csrw(m, CSR_mstatus, STATUS);
    put(m, 0x30200073); /* mret */
}

/* One that exists, its operands filled at random. */
static u32 choose_row(struct maker *m, const struct row *rows, unsigned count)
{
    struct pattern pattern = pattern_parse(rows[roll(m, count)].pattern);

    return ((u32)roll64(m) & ~pattern.mask) | pattern.match;
}

static u32 choose_csr(struct maker *m)
{
    static const u16 number[] = {
        CSR_sstatus,     CSR_sie,          CSR_sepc,         CSR_scause,
        CSR_sip,         CSR_stimecmp,     CSR_satp,         CSR_mstatus,
        CSR_mie,         CSR_mip,          CSR_mcycle,       CSR_minstret,
        CSR_time,        CSR_instret,      CSR_fcsr,         CSR_frm,
        CSR_menvcfg,     CSR_mepc,         CSR_pmpaddr0,     CSR_pmpaddr1,
        CSR_pmpcfg2,     CSR_mcounteren,   CSR_cycle,        CSR_mcountinhibit,
        CSR_scounteren,  CSR_mhpmcounter3, CSR_mhpmcounter4, CSR_mhpmevent4,
        CSR_hpmcounter5, CSR_scountovf};
    u32 fields = (u32)roll(m, 32) << 15 | (1 + (u32)roll(m, 7)) << 12;

    return (u32)number[roll(m, 30)] << 20 | fields | (u32)roll(m, 32) << 7 |
           0x73;
}

/* ld or sd with a register that may be an address. */
static u32 choose_access(struct maker *m)
{
    u32 registers = (u32)roll(m, 32) << 15 | (u32)roll(m, 32) << 7;

    if (roll(m, 2))
        return (u32)roll(m, 8) * 8 << 20 | registers | 3 << 12 | 0x03;
    return (u32)roll(m, 32) << 20 | (registers & 0xf8f00) | 3 << 12 | 0x23;
}

static void make_code(struct maker *m)
{
    u8 *at = m->image + CODE;

    while (at < m->image + END) {
        u32 word;

        switch (roll(m, 16)) {
        case 0: word = (u32)roll64(m); break;
        case 1:
        case 2:
        case 3: word = choose_row(m, rvc_rows, rvc_row_count); break;
        case 4:
        case 5: word = choose_csr(m); break;
        case 6: /* sfence.vma */
            word = 9u << 25 | (u32)roll(m, 1024) << 15 | 0x73;
            break;
        case 7:
        case 8:
        case 9: word = choose_access(m); break;
        default: word = choose_row(m, insn_rows, insn_row_count); break;
        }
        memcpy(at, &word, (word & 3) == 3 && at + 4 <= m->image + END ? 4 : 2);
        at += (word & 3) == 3 ? 4 : 2;
    }
}

static void make_headers(u8 *file)
{
    const Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                    EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_RISCV,
        .e_version = EV_CURRENT,
        .e_entry = BASE,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
    };
    const Elf64_Phdr segment = {
        .p_type = PT_LOAD,
        .p_flags = PF_R | PF_W | PF_X,
        .p_offset = HEADERS,
        .p_vaddr = BASE,
        .p_paddr = BASE,
        .p_filesz = END,
        .p_memsz = END,
        .p_align = 8,
    };

    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), &segment, sizeof(segment));
}

u8 *guest_make(u64 seed, size_t *size)
{
    struct maker m = {.dice = (seed + 1) * 0x9e3779b97f4a7c15};
    u8 *file = calloc(1, HEADERS + END);

    if (!file)
        return NULL;
    make_headers(file);
    m.image = file + HEADERS;
    make_start(&m);
    make_handler(&m);
    make_values(&m);
    make_tables(&m);
    make_code(&m);
    *size = HEADERS + END;
    return file;
}
