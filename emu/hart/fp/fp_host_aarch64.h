/*
 * AArch64: the scalar instructions every implementation has. See fp_host.h.
 *
 *     FPCR   25 default NaN | 24 flush to zero | 23..22 rounding | traps
 *     FPSR   7 IDC | 4 IXC | 3 UFC | 2 OFC | 1 DZC | 0 IOC
 *
 * Rounding is 0 nearest-even, 1 up, 2 down, 3 towards zero. Everything else in
 * FPCR stays off. Tininess is judged before rounding. The environment is one
 * u64 here: FPCR above, FPSR below.
 */
#ifndef HART_FP_FP_HOST_AARCH64_H
#define HART_FP_FP_HOST_AARCH64_H

#include "hart/fp/fp.h"

#define FP_HOST_TINY_BEFORE 1

static inline u64 fp_host_get(void)
{
    u64 fpcr, fpsr;

    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr"
                     : "=r"(fpcr), "=r"(fpsr)
                     :
                     : "memory");
    return fpcr << 32 | (fpsr & 0xffffffff);
}

static inline void fp_host_set(u64 value)
{
    __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1"
                     :
                     : "r"(value >> 32), "r"(value & 0xffffffff)
                     : "memory");
}

/* The environment for a rounding mode, with no flags raised. */
static inline u64 fp_host_mode(unsigned frm)
{
    static const u8 rounding[8] = {[FP_RTZ] = 3, [FP_RDN] = 2, [FP_RUP] = 1};

    return (u64)rounding[frm] << (32 + 22);
}

/* UFC is left out: tininess is judged before rounding. */
static inline u8 fp_host_flags(u64 value)
{
    return (u8)((value & 1) << 4 | (value & 2) << 2 | (value & 4) |
                (value & 16) >> 4);
}

static inline u64 fp_host_without_flags(u64 value)
{
    return value & ~0xffffffffull;
}

static inline double fp_host_f64(enum fp_op op, double a, double b)
{
    double r = 0;

    switch (op) {
    case FP_ADD:
        __asm__ volatile("fadd %d0, %d1, %d2" : "=w"(r) : "w"(a), "w"(b));
        break;
    case FP_SUB:
        __asm__ volatile("fsub %d0, %d1, %d2" : "=w"(r) : "w"(a), "w"(b));
        break;
    case FP_MUL:
        __asm__ volatile("fmul %d0, %d1, %d2" : "=w"(r) : "w"(a), "w"(b));
        break;
    case FP_DIV:
        __asm__ volatile("fdiv %d0, %d1, %d2" : "=w"(r) : "w"(a), "w"(b));
        break;
    }
    return r;
}

static inline float fp_host_f32(enum fp_op op, float a, float b)
{
    float r = 0;

    switch (op) {
    case FP_ADD:
        __asm__ volatile("fadd %s0, %s1, %s2" : "=w"(r) : "w"(a), "w"(b));
        break;
    case FP_SUB:
        __asm__ volatile("fsub %s0, %s1, %s2" : "=w"(r) : "w"(a), "w"(b));
        break;
    case FP_MUL:
        __asm__ volatile("fmul %s0, %s1, %s2" : "=w"(r) : "w"(a), "w"(b));
        break;
    case FP_DIV:
        __asm__ volatile("fdiv %s0, %s1, %s2" : "=w"(r) : "w"(a), "w"(b));
        break;
    }
    return r;
}

static inline double fp_host_sqrt_f64(double a)
{
    double r;

    __asm__ volatile("fsqrt %d0, %d1" : "=w"(r) : "w"(a));
    return r;
}

static inline float fp_host_sqrt_f32(float a)
{
    float r;

    __asm__ volatile("fsqrt %s0, %s1" : "=w"(r) : "w"(a));
    return r;
}

static inline bool fp_host_has_fma(void)
{
    return true;
}

/* a × b + c */
static inline double fp_host_fma_f64(double a, double b, double c)
{
    double r;

    __asm__ volatile("fmadd %d0, %d1, %d2, %d3"
                     : "=w"(r)
                     : "w"(a), "w"(b), "w"(c));
    return r;
}

static inline float fp_host_fma_f32(float a, float b, float c)
{
    float r;

    __asm__ volatile("fmadd %s0, %s1, %s2, %s3"
                     : "=w"(r)
                     : "w"(a), "w"(b), "w"(c));
    return r;
}

static inline float fp_host_narrow(double a)
{
    float r;

    __asm__ volatile("fcvt %s0, %d1" : "=w"(r) : "w"(a));
    return r;
}

static inline double fp_host_widen(float a)
{
    double r;

    __asm__ volatile("fcvt %d0, %s1" : "=w"(r) : "w"(a));
    return r;
}

/* Towards zero; a is in range. */
static inline i64 fp_host_truncate(double a)
{
    i64 x;

    __asm__ volatile("fcvtzs %x0, %d1" : "=r"(x) : "w"(a));
    return x;
}

static inline double fp_host_f64_from_i64(i64 x)
{
    double r;

    __asm__ volatile("scvtf %d0, %x1" : "=w"(r) : "r"(x));
    return r;
}

static inline float fp_host_f32_from_i64(i64 x)
{
    float r;

    __asm__ volatile("scvtf %s0, %x1" : "=w"(r) : "r"(x));
    return r;
}

#endif
