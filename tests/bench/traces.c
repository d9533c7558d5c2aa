/*
 * Large traces: how long opening one takes, and going somewhere in it.
 *
 *     traces FILE BYTES
 *
 * writes a trace of at least so many bytes, of events as a kernel with four
 * harts makes them, and prints as JSON how long it took to write, to open, and
 * to go to a time and get the first event there: ms, the median and the worst,
 * with the file in the host's memory (warm) and not (cold). The file stays.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rvemu/emt.h>

#include "base/bits.h"

#define HARTS 4
#define SPACES 64
#define TIMES 21 /* that each thing is measured */

struct maker {
    struct rvemu_emt_writer *writer;
    u64 seed, time;
    u64 root[HARTS];
};

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static u64 below(struct maker *maker, u64 limit)
{
    return stir(++maker->seed) % limit;
}

static void emit(struct maker *maker, struct rvemu_event *event, unsigned hart)
{
    maker->time += 1 + below(maker, 300);
    event->time = maker->time;
    event->hart = (u8)hart;
    event->priv = 1;
    rvemu_emt_feed(maker->writer, event);
}

/* A fault of a program, what the kernel does about it, and a switch. */
static void make_fault(struct maker *maker, unsigned hart)
{
    u64 satp = UINT64_C(8) << 60 | maker->root[hart];
    u64 va = 0x10000 + 8 * below(maker, 1u << 20);
    u64 pc = 0x10000 + 2 * below(maker, 400);
    u64 pte = below(maker, 1u << 19) << 10 | 0xd7;
    u64 table = (maker->root[hart] << 12) + 8 * below(maker, 512);
    struct rvemu_event fault = {.kind = RVEMU_EVENT_page_fault, .pc = pc};
    struct rvemu_event trap = {.kind = RVEMU_EVENT_trap, .pc = pc};
    struct rvemu_event fill = {.kind = RVEMU_EVENT_tlb_fill, .pc = pc};
    struct rvemu_event back = {.kind = RVEMU_EVENT_xret, .pc = 0x80201234};

    fault.page_fault.va = va;
    fault.page_fault.access = RVEMU_ACCESS_STORE;
    fault.page_fault.reason = RVEMU_REASON_NOT_WRITABLE;
    fault.page_fault.pte_pa = table;
    fault.page_fault.pte = pte & ~UINT64_C(4);
    fault.page_fault.satp = satp;
    emit(maker, &fault, hart);
    trap.trap.cause = 15;
    trap.trap.tval = va;
    trap.trap.epc = pc;
    trap.trap.target = 1;
    emit(maker, &trap, hart);
    back.xret.to = pc;
    emit(maker, &back, hart);
    fill.tlb_fill.va = va & ~UINT64_C(4095);
    fill.tlb_fill.access = RVEMU_ACCESS_STORE;
    fill.tlb_fill.pte_pa = table;
    fill.tlb_fill.pte = pte;
    fill.tlb_fill.satp = satp;
    emit(maker, &fill, hart);
}

static void make_switch(struct maker *maker, unsigned hart)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_satp, .pc = 0x80205678};

    event.satp.old = UINT64_C(8) << 60 | maker->root[hart];
    maker->root[hart] = 0x80000 + below(maker, SPACES);
    event.satp.new = UINT64_C(8) << 60 | maker->root[hart];
    emit(maker, &event, hart);
}

static int make(const char *path, u64 bytes, u64 *last)
{
    const struct rvemu_emt_options options = {
        .kinds = ~RVEMU_EVENTS_COMMIT, .to = UINT64_MAX, .title = "a bench"};
    struct maker maker = {.seed = 1};
    struct rvemu_error error;
    struct stat status = {.st_size = 0};

    if (rvemu_emt_create(path, &options, &maker.writer, &error) < 0)
        return -1;
    while ((u64)status.st_size < bytes && !rvemu_emt_broken(maker.writer)) {
        for (unsigned i = 0; i < 100000; i++) {
            unsigned hart = (unsigned)below(&maker, HARTS);

            if (below(&maker, 10))
                make_fault(&maker, hart);
            else
                make_switch(&maker, hart);
        }
        if (stat(path, &status) < 0)
            break;
    }
    *last = maker.time;
    return rvemu_emt_close(maker.writer, &error);
}

/* Has the host forget what is in a file. */
static void cool(const char *path)
{
    int fd = open(path, O_RDONLY);

    fdatasync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print(const char *name, double *ms, const char *end)
{
    qsort(ms, TIMES, sizeof(*ms), compare);
    printf(" \"%s_ms\": {\"median\": %.2f, \"worst\": %.2f}%s\n", name,
           ms[TIMES / 2], ms[TIMES - 1], end);
}

static int measure(const char *path, u64 last, bool is_cold)
{
    double open_ms[TIMES], seek_ms[TIMES];

    for (unsigned i = 0; i < TIMES; i++) {
        struct rvemu_emt *trace;
        struct rvemu_error error;
        struct rvemu_event event;
        double start;

        if (is_cold)
            cool(path);
        start = now_ms();
        if (rvemu_emt_open(path, &trace, &error) < 0)
            return -1;
        open_ms[i] = now_ms() - start;
        if (is_cold)
            cool(path);
        start = now_ms();
        rvemu_emt_seek(trace, 0, stir(i + 1) % last);
        if (!rvemu_emt_next(trace, &event, NULL))
            return -1;
        seek_ms[i] = now_ms() - start;
        rvemu_emt_free(trace);
    }
    print(is_cold ? "open_cold" : "open_warm", open_ms, ",");
    print(is_cold ? "seek_cold" : "seek_warm", seek_ms, is_cold ? "," : "");
    return 0;
}

int main(int argc, char **argv)
{
    u64 last = 0;
    struct rvemu_emt *trace;
    struct rvemu_error error;
    double start = now_ms(), wrote;

    if (argc != 3 || make(argv[1], strtoull(argv[2], NULL, 10), &last) < 0 ||
        rvemu_emt_open(argv[1], &trace, &error) < 0) {
        fprintf(stderr, "usage: traces FILE BYTES, on a disk with room\n");
        return 1;
    }
    wrote = now_ms() - start;
    printf("{\"bytes\": %llu, \"events\": %llu, \"chunks\": %llu,\n"
           " \"write_ns_an_event\": %.1f,\n",
           (unsigned long long)rvemu_emt_about(trace)->bytes,
           (unsigned long long)rvemu_emt_about(trace)->events,
           (unsigned long long)rvemu_emt_about(trace)->chunks,
           wrote * 1e6 / (double)rvemu_emt_about(trace)->events);
    rvemu_emt_free(trace);
    if (measure(argv[1], last, true) < 0 || measure(argv[1], last, false) < 0)
        return 1;
    printf("}\n");
    return 0;
}
