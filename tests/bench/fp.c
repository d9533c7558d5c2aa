/*
 * Double arithmetic: points of the Mandelbrot set, whose iterations depend on
 * each other, and a product of matrices, whose do not.
 */
#include "bench.h"

#define SIDE 320
#define ITERATIONS 250
#define N 48
#define PRODUCTS 48
#define WANTED 0x07ac36e07bcd8e06

static double a[N][N], b[N][N], c[N][N];

static unsigned escape(double x, double y)
{
    double re = 0, im = 0;

    for (unsigned i = 0; i < ITERATIONS; i++) {
        double re2 = re * re, im2 = im * im;

        if (re2 + im2 > 4)
            return i;
        im = 2 * re * im + y;
        re = re2 - im2 + x;
    }
    return ITERATIONS;
}

static void multiply(void)
{
    for (unsigned i = 0; i < N; i++)
        for (unsigned j = 0; j < N; j++) {
            double sum = 0;

            for (unsigned k = 0; k < N; k++)
                sum = __builtin_fma(a[i][k], b[k][j], sum);
            c[i][j] = sum;
        }
}

bool bench_main(void)
{
    union {
        double value;
        u64 bits;
    } total = {0};
    u64 sum = 0;

    __asm__ volatile("csrs mstatus, %0" : : "r"(1 << 13)); /* FS = Initial */
    for (unsigned i = 0; i < SIDE * SIDE; i++)
        sum = sum * 31 + escape((double)(i % SIDE) * 3 / SIDE - 2.25,
                                (double)(i / SIDE) * 3 / SIDE - 1.5);
    for (unsigned i = 0; i < N * N; i++) {
        a[i / N][i % N] = 1.0 / (i + 1);
        b[i % N][i / N] = (double)i - 0.25;
    }
    for (unsigned i = 0; i < PRODUCTS; i++) {
        multiply();
        total.value += c[i][N - 1 - i];
        a[i][i] = c[i][i] / N;
    }
    return bench_result(sum ^ total.bits, WANTED);
}
