/*
 * SBI calls: a7 names the extension, a6 the function; a0 and a1 return an
 * error and a value. The legacy extensions (below 0x10) return in a0 alone.
 */
#include "dev/sbi.h"

#include "lib/layout.h"

#define EXT_LEGACY_PUTCHAR 1
#define EXT_LEGACY_SET_TIMER 0
#define EXT_LEGACY_SHUTDOWN 8
#define EXT_BASE 0x10
#define EXT_TIME 0x54494d45 /* "TIME" */
#define EXT_SRST 0x53525354 /* "SRST" */
#define EXT_DBCN 0x4442434e /* "DBCN" */

#define BASE_SPEC_VERSION 0
#define BASE_IMPL_ID 1
#define BASE_PROBE 3

static bool have_time, have_srst, have_dbcn;

static struct sbi_ret call(u64 ext, u64 fid, u64 arg0, u64 arg1, u64 arg2)
{
    register u64 a0 __asm__("a0") = arg0;
    register u64 a1 __asm__("a1") = arg1;
    register u64 a2 __asm__("a2") = arg2;
    register u64 a6 __asm__("a6") = fid;
    register u64 a7 __asm__("a7") = ext;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1)
                     : "r"(a2), "r"(a6), "r"(a7)
                     : "memory");
    return (struct sbi_ret){(i64)a0, (i64)a1};
}

static bool probe(u64 ext)
{
    struct sbi_ret ret = call(EXT_BASE, BASE_PROBE, ext, 0, 0);

    return ret.error == 0 && ret.value != 0;
}

void sbi_init(void)
{
    have_time = probe(EXT_TIME);
    have_srst = probe(EXT_SRST);
    have_dbcn = probe(EXT_DBCN);
}

u32 sbi_version(void)
{
    return (u32)call(EXT_BASE, BASE_SPEC_VERSION, 0, 0, 0).value;
}

const char *sbi_implementation(void)
{
    static const char *const names[] = {
        "BBL", "OpenSBI", "Xvisor", "KVM", "RustSBI", "Diosix",
    };
    u64 id = (u64)call(EXT_BASE, BASE_IMPL_ID, 0, 0, 0).value;

    return id < ARRAY_LEN(names) ? names[id] : "firmware";
}

void sbi_set_timer(u64 deadline)
{
    if (have_time)
        call(EXT_TIME, 0, deadline, 0, 0);
    else
        call(EXT_LEGACY_SET_TIMER, 0, deadline, 0, 0);
}

void sbi_console_write(const char *s, size_t n)
{
    while (n && have_dbcn) {
        struct sbi_ret ret = call(EXT_DBCN, 0, n, virt_to_phys(s), 0);

        if (ret.error || ret.value <= 0)
            return;
        s += ret.value;
        n -= (size_t)ret.value;
    }
    while (n--)
        call(EXT_LEGACY_PUTCHAR, 0, (u8)*s++, 0, 0);
}

void sbi_shutdown(void)
{
    if (have_srst)
        call(EXT_SRST, 0, 0, 0, 0);
    call(EXT_LEGACY_SHUTDOWN, 0, 0, 0, 0);
}
