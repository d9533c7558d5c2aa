/*
 * Every SBI call on one hart: results, error codes, and what may not change.
 * Then what the supervisor must not reach: the firmware's memory, by load,
 * store, jump, or by asking the firmware to touch it.
 */
#include "payload.h"

#define SSIP (1 << 1)
#define STIP (1 << 5)
#define SIE_BIT (1 << 1)
#define SPIE_BIT (1 << 5)
#define SPP_BIT (1 << 8)

#define FIRMWARE 0x80000000
#define FIRMWARE_LAST 0x8007fff8
/* QEMU looks MPRV loads up among what M-mode itself has touched: a page of
 * the firmware that nobody has. */
#define FIRMWARE_UNUSED 0x80030000
#define CLINT 0x2000000
#define NOWHERE 0x40

#define ALL (~0ull)
#define NO_HART 63

static u64 own_hart;
static u64 root[512] __attribute__((aligned(4096)));

static void check_entry(const void *device_tree)
{
    check("entry-satp", entry_satp, 0);
    check("entry-sie", entry_sstatus & SIE_BIT, 0);
    check("entry-device-tree", *(const u32 *)device_tree, 0xedfe0dd0);
}

static void check_base(void)
{
    static const u64 present[] = {EXT_BASE,   EXT_TIME, EXT_IPI,
                                  EXT_RFENCE, EXT_HSM,  EXT_SRST,
                                  EXT_DBCN,   EXT_PMU,  EXT_FWFT};
    u64 found = 0;

    check("base-version", sbi(EXT_BASE, 0, 0, 0, 0, 0, 0).value, 2 << 24);
    check("base-implementation", sbi(EXT_BASE, 1, 0, 0, 0, 0, 0).value,
          0x656d75);
    for (unsigned i = 0; i < 9; i++)
        found += sbi(EXT_BASE, 3, present[i], 0, 0, 0, 0).value;
    for (u64 id = 0; id <= 8; id++)
        found += sbi(EXT_BASE, 3, id, 0, 0, 0, 0).value;
    check("base-probe", found, 9 + 9);
    check("base-probe-none", sbi(EXT_BASE, 3, 0x535441, 0, 0, 0, 0).value, 0);
    check("base-vendor", sbi(EXT_BASE, 4, 0, 0, 0, 0, 0).error, 0);
    check("base-function", sbi(EXT_BASE, 7, 0, 0, 0, 0, 0).error,
          ERR_NOT_SUPPORTED);
    check("no-extension", sbi(9, 0, 0, 0, 0, 0, 0).error, ERR_NOT_SUPPORTED);
    check("no-extension-value", sbi(9, 0, 1, 2, 0, 0, 0).value, 0);
}

static void check_registers(void)
{
    static const u64 base[8] = {1, 2, 3, 4, 5, 6, 3, EXT_BASE};
    static const u64 none[8] = {1, 2, 3, 4, 5, 6, 7, 0x12345678};

    check("registers", ecall_changes(base), 0);
    check("registers-none", ecall_changes(none), 0);
}

static void check_timer(void)
{
    u64 now = read_csr("time");

    set_csr("sie", STIP);
    check("time-set", sbi(EXT_TIME, 0, now + 500000, 0, 0, 0, 0).error, 0);
    check("time-not-yet", read_csr("sip") & STIP, 0);
    while (!(read_csr("sip") & STIP))
        __asm__ volatile("wfi");
    check("time-due", read_csr("time") >= now + 500000, 1);
    sbi(EXT_TIME, 0, ~0ull, 0, 0, 0, 0);
    check("time-cleared", read_csr("sip") & STIP, 0);
    sbi_legacy(0, read_csr("time") + 500, 0, 0, 0);
    while (!(read_csr("sip") & STIP))
        __asm__ volatile("wfi");
    sbi_legacy(0, ~0ull, 0, 0, 0);
    check("time-legacy", read_csr("sip") & STIP, 0);
    check("time-function", sbi(EXT_TIME, 1, 0, 0, 0, 0, 0).error,
          ERR_NOT_SUPPORTED);
}

/* An IPI to oneself goes through the CLINT and may be a moment late. */
static bool soft_arrives(void)
{
    for (int i = 0; i < 10000; i++) {
        if (read_csr("sip") & SSIP) {
            clear_csr("sip", SSIP);
            return true;
        }
    }
    return false;
}

static void check_ipi(void)
{
    u64 mask = 1ull << own_hart;

    check("ipi-error", sbi(EXT_IPI, 0, 1, own_hart, 0, 0, 0).error, 0);
    check("ipi-self", soft_arrives(), 1);
    sbi(EXT_IPI, 0, 0, ALL, 0, 0, 0);
    check("ipi-all", soft_arrives(), 1);
    check("ipi-none", sbi(EXT_IPI, 0, 0, 5, 0, 0, 0).error, 0);
    check("ipi-none-sent", soft_arrives(), 0);
    check("ipi-no-hart", sbi(EXT_IPI, 0, 1, NO_HART, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("ipi-no-hart-wraps", sbi(EXT_IPI, 0, 6, 63, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    sbi_legacy(4, (u64)&mask, 0, 0, 0);
    check("ipi-legacy", soft_arrives(), 1);
    sbi_legacy(4, 0, 0, 0, 0);
    check("ipi-legacy-all", soft_arrives(), 1);
    sbi(EXT_IPI, 0, 1, own_hart, 0, 0, 0);
    while (!(read_csr("sip") & SSIP))
        ;
    sbi_legacy(3, 0, 0, 0, 0);
    check("ipi-legacy-clear", read_csr("sip") & SSIP, 0);
}

static void check_fence(void)
{
    u64 mask = 1ull << own_hart;

    for (u64 kind = 0; kind < 3; kind++)
        check("fence",
              sbi(EXT_RFENCE, kind, 1, own_hart, 0x1800, 8192, 1).error, 0);
    check("fence-all", sbi(EXT_RFENCE, 1, 0, ALL, 0, ALL, 0).error, 0);
    check("fence-no-hart", sbi(EXT_RFENCE, 0, 1, NO_HART, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("fence-hypervisor", sbi(EXT_RFENCE, 3, 1, own_hart, 0, 0, 0).error,
          ERR_NOT_SUPPORTED);
    check("fence-legacy-i", sbi_legacy(5, (u64)&mask, 0, 0, 0), 0);
    check("fence-legacy", sbi_legacy(6, (u64)&mask, 0, 4096, 0), 0);
    check("fence-legacy-asid", sbi_legacy(7, 0, 0, 4096, 1), 0);
}

static void check_hsm(void)
{
    check("hsm-status", sbi(EXT_HSM, 2, own_hart, 0, 0, 0, 0).value, 0);
    check("hsm-status-no-hart", sbi(EXT_HSM, 2, NO_HART, 0, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("hsm-status-far", sbi(EXT_HSM, 2, 1ull << 40, 0, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("hsm-start-self",
          sbi(EXT_HSM, 0, own_hart, (u64)start_hart, 0, 0, 0).error,
          ERR_ALREADY_AVAILABLE);
    check("hsm-start-no-hart",
          sbi(EXT_HSM, 0, NO_HART, (u64)start_hart, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("hsm-start-firmware",
          sbi(EXT_HSM, 0, own_hart, FIRMWARE, 0, 0, 0).error,
          ERR_INVALID_ADDRESS);
    check("hsm-start-nowhere",
          sbi(EXT_HSM, 0, own_hart, NOWHERE, 0, 0, 0).error,
          ERR_INVALID_ADDRESS);
}

static void wake_by_timer(u64 ticks)
{
    set_csr("sie", STIP);
    sbi(EXT_TIME, 0, read_csr("time") + ticks, 0, 0, 0, 0);
}

static u64 awoken_by_timer(void)
{
    u64 pending = read_csr("sip") & STIP;

    sbi(EXT_TIME, 0, ~0ull, 0, 0, 0, 0);
    return pending;
}

/* Translation and interrupts are on before the registers are lost. */
static void check_deep_suspension(void)
{
    struct resumed r;

    root[2] = (u64)0x80000000 >> 12 << 10 | 0xcf;
    write_csr("satp", 8ull << 60 | (u64)root >> 12);
    wake_by_timer(5000000); /* not before it is suspended */
    set_csr("sstatus", SIE_BIT);
    check("hsm-deep", suspend_deep(&r, SUSPEND_NON_RETENTIVE, 0), 0);
    clear_csr("sstatus", SIE_BIT);
    check("hsm-deep-woken", awoken_by_timer(), STIP);
    check("hsm-deep-satp", r.satp, 0);
    check("hsm-deep-sie", r.sstatus & SIE_BIT, 0);
    check("hsm-deep-hart", r.hart, own_hart);
    check("hsm-deep-opaque", r.opaque, (u64)&r);
    check("hsm-deep-kept", read_csr("sie") & STIP, STIP);
    write_csr("satp", 0);
    __asm__ volatile("sfence.vma" ::: "memory");
    check("hsm-deep-odd",
          suspend_deep(&r, SUSPEND_NON_RETENTIVE, (u64)start_hart + 1),
          ERR_INVALID_ADDRESS);
    check("hsm-deep-nowhere", suspend_deep(&r, SUSPEND_NON_RETENTIVE, NOWHERE),
          ERR_INVALID_ADDRESS);
    check("hsm-deep-firmware",
          suspend_deep(&r, SUSPEND_NON_RETENTIVE, FIRMWARE),
          ERR_INVALID_ADDRESS);
}

static void check_suspension(void)
{
    /* Reserved ones, and those of platforms. */
    static const u64 none[] = {1,          0x0fffffff, 0x10000000, 0x7fffffff,
                               0x80000001, 0x90000000, 0xffffffff};
    struct resumed r;
    u64 refused = 0;

    wake_by_timer(1000);
    check("hsm-suspend", sbi(EXT_HSM, 3, 0, 0, 0, 0, 0).error, 0);
    check("hsm-suspend-woken", awoken_by_timer(), STIP);
    wake_by_timer(1000);
    /* The address is not used, and of the type only the low word. */
    check("hsm-suspend-wide", sbi(EXT_HSM, 3, 1ull << 32, 1, 0, 0, 0).error, 0);
    check("hsm-suspend-wide-woken", awoken_by_timer(), STIP);
    for (unsigned i = 0; i < 7; i++)
        refused += suspend_deep(&r, none[i], 0) == ERR_INVALID_PARAM;
    check("hsm-suspend-types", refused, 7);
}

static void check_console(void)
{
    static const char text[] = "written by DBCN\n";
    static u8 room[8];
    u64 size = sizeof(text) - 1;

    check("dbcn-write", sbi(EXT_DBCN, 0, size, (u64)text, 0, 0, 0).value, size);
    check("dbcn-byte", sbi(EXT_DBCN, 2, '\n', 0, 0, 0, 0).error, 0);
    check("dbcn-read", sbi(EXT_DBCN, 1, sizeof(room), (u64)room, 0, 0, 0).error,
          0);
    check("dbcn-high", sbi(EXT_DBCN, 0, size, (u64)text, 1, 0, 0).error,
          ERR_INVALID_PARAM);
    check("dbcn-write-firmware", sbi(EXT_DBCN, 0, 8, FIRMWARE, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("dbcn-read-firmware",
          sbi(EXT_DBCN, 1, 8, FIRMWARE_LAST, 0, 0, 0).error, ERR_INVALID_PARAM);
    check("dbcn-write-across", sbi(EXT_DBCN, 0, 9, FIRMWARE - 8, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("dbcn-wraps", sbi(EXT_DBCN, 0, ALL, (u64)text, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("dbcn-device", sbi(EXT_DBCN, 1, 1, CLINT, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("dbcn-end", sbi(EXT_DBCN, 0, 16, 0xfffffffffffffff8, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("getchar-none", sbi_legacy(2, 0, 0, 0, 0), ~0ull);
}

static void check_reset_errors(void)
{
    check("srst-type", sbi(EXT_SRST, 0, 3, 0, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("srst-reason", sbi(EXT_SRST, 0, 0, 2, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("srst-function", sbi(EXT_SRST, 1, 0, 0, 0, 0, 0).error,
          ERR_NOT_SUPPORTED);
}

static void check_protection(void)
{
    check("pmp-load", trap_of("ld t0, 0(%[arg])", FIRMWARE).cause, 5);
    check("pmp-load-last", trap_of("ld t0, 0(%[arg])", FIRMWARE_LAST).cause, 5);
    check("pmp-store", trap_of("sd t0, 0(%[arg])", FIRMWARE).cause, 7);
    check("pmp-fetch", trap_of("jalr %[arg]", FIRMWARE).cause, 1);
    check("pmp-clint", trap_of("lw t0, 0(%[arg])", CLINT).cause, 5);
    check("pmp-above", trap_of("ld t0, 8(%[arg])", FIRMWARE_LAST).cause,
          NO_TRAP);
    check("counters", trap_of("rdcycle t0; rdtime t0; rdinstret t0", 0).cause,
          NO_TRAP);
}

static void check_traps(void)
{
    check("illegal", trap_of(".4byte 0xffffffff", 0).cause, 2);
    check("breakpoint", trap_of("ebreak", 0).cause, 3);
    check("m-csr", trap_of("csrr t0, mstatus", 0).cause, 2);
    check("sret-level", trap_of("mret", 0).cause, 2);
}

/* Legacy calls take their hart mask with the caller's eyes. */
static void check_mask_pointer(void)
{
    struct caught c;

    set_csr("sstatus", SPIE_BIT);
    c = trap_of("mv a0, %[arg]; li a7, 4; ecall", FIRMWARE_UNUSED);
    check("mask-firmware", c.cause, 5);
    check("mask-firmware-tval", c.tval, FIRMWARE_UNUSED);
    check("mask-firmware-pc", *(const u32 *)c.pc, 0x73);
    check("mask-status", c.status & (SPP_BIT | SPIE_BIT | SIE_BIT), SPP_BIT);
    c = trap_of("mv a0, %[arg]; li a7, 5; ecall", NOWHERE);
    check("mask-nowhere", c.cause, 5);
    /* One gigapage maps memory to itself; the rest is not mapped. */
    root[2] = (0x80000000ull >> 2) | 0xcf;
    write_csr("satp", 8ull << 60 | (u64)root >> 12);
    __asm__ volatile("sfence.vma");
    c = trap_of("mv a0, %[arg]; li a7, 6; ecall", 0x1000);
    check("mask-unmapped", c.cause, 13);
    check("mask-unmapped-tval", c.tval, 0x1000);
    c = trap_of("mv a0, %[arg]; li a7, 6; li a1, 0; li a2, 0; ecall", root);
    check("mask-mapped", c.cause, NO_TRAP);
    write_csr("satp", 0);
    __asm__ volatile("sfence.vma");
}

void test_main(u64 hart, const void *device_tree)
{
    own_hart = hart;
    check_entry(device_tree);
    check_base();
    check_registers();
    check_timer();
    check_ipi();
    check_fence();
    check_hsm();
    check_suspension();
    check_deep_suspension();
    check_console();
    check_reset_errors();
    check_protection();
    check_traps();
    check_mask_pointer();
    done();
}

void hart_main(u64 hart, u64 opaque)
{
    (void)hart;
    (void)opaque;
    for (;;)
        ;
}
