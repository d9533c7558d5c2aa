/*
 * x86-64: SSE2 scalars, and FMA where the processor has it. See fp_host.h.
 *
 *     MXCSR  15 FTZ | 14..13 rounding | 12..7 masks | 6 DAZ |
 *            5 PE | 4 UE | 3 OE | 2 ZE | 1 DE | 0 IE
 *
 * Rounding is 0 nearest-even, 1 down, 2 up, 3 towards zero. FTZ and DAZ stay
 * off, all exceptions stay masked. Tininess is judged after rounding.
 */
#ifndef HART_FP_FP_HOST_X86_64_H
#define HART_FP_FP_HOST_X86_64_H

#include "hart/fp/fp.h"

#define FP_HOST_TINY_BEFORE 0

static inline u64 fp_host_get(void)
{
    u32 mxcsr;

    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr) : : "memory");
    return mxcsr;
}

static inline void fp_host_set(u64 value)
{
    u32 mxcsr = (u32)value;

    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr) : "memory");
}

/* The environment for a rounding mode, with no flags raised. */
static inline u64 fp_host_mode(unsigned frm)
{
    static const u8 rounding[8] = {[FP_RTZ] = 3, [FP_RDN] = 1, [FP_RUP] = 2};

    return 0x1f80 | (u64)rounding[frm] << 13;
}

static inline u8 fp_host_flags(u64 value)
{
    return (u8)((value & 1) << 4 | (value & 4) << 1 | (value & 8) >> 1 |
                (value & 16) >> 3 | (value & 32) >> 5);
}

static inline u64 fp_host_without_flags(u64 value)
{
    return value & ~0x3full;
}

static inline double fp_host_f64(enum fp_op op, double a, double b)
{
    switch (op) {
    case FP_ADD: __asm__ volatile("addsd %1, %0" : "+x"(a) : "x"(b)); break;
    case FP_SUB: __asm__ volatile("subsd %1, %0" : "+x"(a) : "x"(b)); break;
    case FP_MUL: __asm__ volatile("mulsd %1, %0" : "+x"(a) : "x"(b)); break;
    case FP_DIV: __asm__ volatile("divsd %1, %0" : "+x"(a) : "x"(b)); break;
    }
    return a;
}

static inline float fp_host_f32(enum fp_op op, float a, float b)
{
    switch (op) {
    case FP_ADD: __asm__ volatile("addss %1, %0" : "+x"(a) : "x"(b)); break;
    case FP_SUB: __asm__ volatile("subss %1, %0" : "+x"(a) : "x"(b)); break;
    case FP_MUL: __asm__ volatile("mulss %1, %0" : "+x"(a) : "x"(b)); break;
    case FP_DIV: __asm__ volatile("divss %1, %0" : "+x"(a) : "x"(b)); break;
    }
    return a;
}

static inline double fp_host_sqrt_f64(double a)
{
    __asm__ volatile("sqrtsd %0, %0" : "+x"(a));
    return a;
}

static inline float fp_host_sqrt_f32(float a)
{
    __asm__ volatile("sqrtss %0, %0" : "+x"(a));
    return a;
}

/* Not every x86-64 has a fused multiply-add. */
static inline bool fp_host_has_fma(void)
{
    return __builtin_cpu_supports("fma");
}

/* a × b + c */
static inline double fp_host_fma_f64(double a, double b, double c)
{
    __asm__ volatile("vfmadd213sd %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
    return a;
}

static inline float fp_host_fma_f32(float a, float b, float c)
{
    __asm__ volatile("vfmadd213ss %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
    return a;
}

static inline float fp_host_narrow(double a)
{
    float r = 0;

    __asm__ volatile("cvtsd2ss %1, %0" : "+x"(r) : "x"(a));
    return r;
}

static inline double fp_host_widen(float a)
{
    double r = 0;

    __asm__ volatile("cvtss2sd %1, %0" : "+x"(r) : "x"(a));
    return r;
}

/* Towards zero; a is in range. */
static inline i64 fp_host_truncate(double a)
{
    i64 x;

    __asm__ volatile("cvttsd2siq %1, %0" : "=r"(x) : "x"(a));
    return x;
}

static inline double fp_host_f64_from_i64(i64 x)
{
    double r = 0;

    __asm__ volatile("cvtsi2sdq %1, %0" : "+x"(r) : "r"(x));
    return r;
}

static inline float fp_host_f32_from_i64(i64 x)
{
    float r = 0;

    __asm__ volatile("cvtsi2ssq %1, %0" : "+x"(r) : "r"(x));
    return r;
}

#endif
