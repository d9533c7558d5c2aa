/* The shared part of the S-mode test programs. Output goes through the legacy
 * console call, which every firmware has. */
#include "payload.h"

#define CONSOLE_PUTCHAR 1

u64 entry_satp, entry_sstatus;
static unsigned failures, checks;

struct sbi_result sbi(u64 extension, u64 function, u64 a0, u64 a1, u64 a2,
                      u64 a3, u64 a4)
{
    register u64 r0 __asm__("a0") = a0;
    register u64 r1 __asm__("a1") = a1;
    register u64 r2 __asm__("a2") = a2;
    register u64 r3 __asm__("a3") = a3;
    register u64 r4 __asm__("a4") = a4;
    register u64 r6 __asm__("a6") = function;
    register u64 r7 __asm__("a7") = extension;

    __asm__ volatile("ecall"
                     : "+r"(r0), "+r"(r1)
                     : "r"(r2), "r"(r3), "r"(r4), "r"(r6), "r"(r7)
                     : "memory");
    return (struct sbi_result){(long)r0, (long)r1};
}

long sbi_legacy(u64 extension, u64 a0, u64 a1, u64 a2, u64 a3)
{
    return sbi(extension, 0, a0, a1, a2, a3, 0).error;
}

void print(const char *text)
{
    while (*text)
        sbi_legacy(CONSOLE_PUTCHAR, (u8)*text++, 0, 0, 0);
}

static void print_hex(u64 value)
{
    char text[19] = "0x";
    int digit = 2;

    for (int shift = 60; shift >= 0; shift -= 4) {
        if (value >> shift || shift == 0)
            text[digit++] = "0123456789abcdef"[value >> shift & 15];
    }
    text[digit] = 0;
    print(text);
}

void check(const char *name, u64 got, u64 wanted)
{
    checks++;
    print(got == wanted ? "ok " : "not ok ");
    print(name);
    if (got != wanted) {
        failures++;
        print(": got ");
        print_hex(got);
        print(", wanted ");
        print_hex(wanted);
    }
    print("\n");
}

void done(void)
{
    if (checks) {
        print("plan ");
        print_hex(checks);
        print("\n");
    }
    sbi(EXT_SRST, 0, 0, failures != 0, 0, 0, 0);
    for (;;)
        ;
}
