/*
 * Commands to the host through tohost (emu/dev/htif.c), by every kind of
 * store, from every mode and through every address that reaches it. Half of
 * what is printed here is printed that way: what is lost is missing from
 * the plan.
 */
#include "bare.h"

/* tohost is 64 bytes behind the start of its page, with data beside it. */
static volatile u64 page[512] __attribute__((aligned(4096)));
__asm__(".globl tohost, fromhost\n"
        ".set tohost, page + 64\n"
        ".set fromhost, page + 128");
#define TOHOST (&page[8])
#define FROMHOST (&page[16])
#define TOHOST_OFFSET "64"

#define PUT (1ull << 56 | 1ull << 48)
#define VA 0x4000ull

static void say(const char *text)
{
    for (; *text; text++)
        *TOHOST = PUT | (u8)*text;
}

/* The two stores of a put can be any that make it whole. */
static void say_in_parts(const char *low, const char *high, const char *bytes)
{
    volatile u32 *half = (volatile u32 *)TOHOST;

    for (; *low; low++) {
        half[0] = (u8)*low;
        half[1] = PUT >> 32;
    }
    for (; *high; high++) {
        half[1] = PUT >> 32;
        half[0] = (u8)*high;
    }
    for (; *bytes; bytes++) {
        *(volatile u8 *)TOHOST = (u8)*bytes;
        __asm__ volatile("amoor.w zero, %1, (%0)" ::"r"(half + 1),
                         "r"(PUT >> 32)
                         : "memory");
    }
    check("parts", *TOHOST, 0);
    check_printed();
    check_printed();
    check_printed();
}

/* The host takes half a doubleword for the whole in the end. */
static void await_host(void)
{
    u64 turns = 0;

    while (*TOHOST && turns < 20000)
        turns++;
    check("acted", *TOHOST, 0);
    /* Nothing of it is left: what is stored next begins anew. */
    __asm__ volatile("sw zero, (%0)" ::"r"(TOHOST) : "memory");
}

static u64 call(u64 number, u64 a0, u64 a1, u64 a2)
{
    static volatile u64 words[8];

    words[0] = number;
    words[1] = a0;
    words[2] = a1;
    words[3] = a2;
    *TOHOST = (u64)words;
    return words[0];
}

static u64 length(const char *text)
{
    u64 n = 0;

    while (text[n])
        n++;
    return n;
}

static void stores(void)
{
    say("ok put\n");
    check_printed();
    check("taken", *TOHOST, 0);
    page[7] = 7;
    page[9] = 9;
    check("beside", page[7] + page[9], 16);
    *TOHOST = 0;
    check("zero", *TOHOST, 0);
    __asm__ volatile("amoor.d zero, %1, (%0)" ::"r"(TOHOST), "r"(PUT | 'o')
                     : "memory");
    __asm__ volatile(
        "1: lr.d t0, (%0)\n sc.d t0, %1, (%0)\n bnez t0, 1b" ::"r"(TOHOST),
        "r"(PUT | 'k')
        : "t0", "memory");
    say(" atomics\n");
    check_printed();
    /* Puts of NUL, which the suite overlooks: halves that stay alone. */
    __asm__ volatile("sw %1, 4(%0)" ::"r"(TOHOST), "r"(PUT >> 32) : "memory");
    check("half", *TOHOST, PUT);
    await_host();
    __asm__ volatile("sd %1, 4(%0)" ::"r"(TOHOST), "r"(PUT >> 32) : "memory");
    check("misaligned", *TOHOST, PUT);
    await_host();
}

static void calls(void)
{
    static const char text[] = "ok write\n";

    *FROMHOST = 0;
    check("wrote", call(64, 1, (u64)text, length(text)), length(text));
    check_printed();
    check("answered", *FROMHOST, 1);
    *FROMHOST = 0;
    check("wrote-nothing", call(64, 2, 0, 0), 0);
    check("answered-again", *FROMHOST, 1);
}

/* An lr.d there, a call that writes nothing, an sc.d: 0 for success. */
static u64 reserve_around_call(volatile u64 *reserved)
{
    static volatile u64 words[8];
    u64 failed;

    words[0] = 64;
    words[1] = 1;
    words[3] = 0;
    __asm__ volatile("lr.d t0, (%1)\n sd %2, (%3)\n sc.d %0, zero, (%1)"
                     : "=&r"(failed)
                     : "r"(reserved ? reserved : words), "r"(words), "r"(TOHOST)
                     : "t0", "memory");
    return failed;
}

/* What the host stores is a store by another, and breaks a reservation. */
static void reservations(void)
{
    check("sc-fromhost", reserve_around_call(FROMHOST), 1);
    check("sc-result", reserve_around_call(0), 1);
    check("sc-elsewhere", reserve_around_call(&page[20]), 0);
}

/* Nineteen bytes: as an instruction, that is a nop. */
const char nineteen[] __attribute__((used)) = "ok from-inside-code";

/* The words of a call are code, right behind the store that makes it: what is
 * executed there is the answer, not the call. Where it traps, says which: the
 * number 64 is two bytes of an instruction, and zeros are none. */
static void in_code(void)
{
    u64 stopped, words;

    __asm__ volatile(".option push\n .option norvc\n"
                     "la t0, 2f\n li t1, 64\n sd t1, 0(t0)\n"
                     "la t1, 3f\n csrw mtvec, t1\n j 1f\n"
                     ".balign 64\n"
                     "1: sd t0, (%2)\n nop\n"
                     "2: .dword 64, 1, nineteen, 19, 0, 0, 0, 0\n"
                     "3: csrr %0, mepc\n la %1, 2b\n"
                     "la t1, trap_unexpected\n csrw mtvec, t1\n"
                     ".option pop"
                     : "=&r"(stopped), "=&r"(words)
                     : "r"(TOHOST)
                     : "t0", "t1", "memory");
    say("\n");
    check_printed();
    check("in-code", stopped - words, 4);
}

/* The doubleword is physical: another address of its page reaches it. */
static void through_mode(unsigned mode, u64 flags, const char *text)
{
    table_on(0);
    map(VA, (void *)page, PTE_RW | PTE_AD | flags);
    for (; *text; text++)
        run(mode, "li t0, 0x4000\n sd t5, " TOHOST_OFFSET "(t0)",
            PUT | (u8)*text);
    table_off();
    check_printed();
}

void test_main(void)
{
    stores();
    say_in_parts("ok low-then-high\n", "ok high-then-low\n",
                 "ok byte-then-high\n");
    calls();
    in_code();
    reservations();
    through_mode(S, 0, "ok supervisor\n");
    through_mode(U, PTE_U, "ok user\n");
    check("end", *TOHOST, 0);
}
