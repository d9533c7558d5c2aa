/*
 * Runs a guest in many ways that must not matter, and compares.
 *
 *   twins random FIRST COUNT STEPS HARTS    guests of guest.c, by seed
 *   twins system FIRMWARE KERNEL INITRD BOOTARGS STEPS HARTS
 *
 * The ways differ in how long the slices are, in which events are watched and
 * in when the decoded code is thrown away. All must end in the same state,
 * and an event that two of them watched must have been the same in both. The
 * turns of several harts are part of the guest: short ones, fixed or drawn.
 * Prints `ok NAME` or `not ok NAME: what differs`, a line a guest.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "hart/mmu/fetch.h"
#include "machine/machine.h"

#define MIB (1ull << 20)
#define BYTE_NS 300007 /* between two bytes of console input */
#define BYTES 500      /* that may be sent */

#define TABLE_KINDS                                               \
    (RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) |    \
     RVEMU_EVENT_BIT(root_lost) | RVEMU_EVENT_BIT(frame_copied) | \
     RVEMU_EVENT_BIT(alias_store))
#define FEW_KINDS (RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(tlb_fill))

struct way {
    const char *name;
    u64 slice;
    rvemu_event_set kinds;
    u64 drop; /* the decoded code goes after so many steps; 0: never */
};

static const struct way ways[] = {
    {"all events", 1000000, ~(rvemu_event_set)0, 0},
    {"steps", 1, 0, 0},
    {"threes", 3, FEW_KINDS, 0},
    {"64s", 64, TABLE_KINDS, 0},
    {"777s", 777, ~TABLE_KINDS, 0},
    {"millions", 1000000, 0, 0},
    {"no code kept", 997, ~(rvemu_event_set)0, 1},
    {"commits", 5000, RVEMU_EVENTS_COMMIT, 0},
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

struct job {
    u64 ram;
    u64 steps;
    unsigned harts, quantum;
    u64 seed;
    struct rvemu_guest guest;
};

/* What a run leaves behind in a hart. */
struct hart_record {
    u64 x[32], f[32], pc, priv, steps, retired;
    u64 csr, tlb;
};

/* What a run leaves behind. */
struct record {
    struct rvemu_hash hash[RVEMU_EVENT_KINDS];
    struct rvemu_stop stop;
    struct hart_record hart[MEMMAP_HARTS_MAX];
    u64 steps, time, console, ram;
    rvemu *machine;
    u64 byte_due;
};

static void mix(u64 *hash, u64 value)
{
    *hash = (*hash ^ value) * 0x9e3779b97f4a7c15;
    *hash ^= *hash >> 29;
}

static void keep_event(void *arg, const struct rvemu_event *event)
{
    rvemu_hash_event(&((struct record *)arg)->hash[event->kind], event);
}

static void keep_byte(void *self, uint8_t byte)
{
    mix(&((struct record *)self)->console, byte);
}

/* A byte now and then, at times that do not depend on slices; not for ever,
 * or a guest that waits would wait for ever. */
static bool poll(void *self, uint64_t time, enum rvemu_ask ask, uint64_t *next)
{
    struct record *r = self;

    if (time >= r->byte_due && r->byte_due < BYTES * BYTE_NS) {
        u8 byte = (u8)(r->byte_due / BYTE_NS);

        rvemu_input(r->machine, &(struct rvemu_input){.kind = RVEMU_INPUT_BYTES,
                                                      .bytes = &byte,
                                                      .count = 1});
        r->byte_due += (time - r->byte_due) / BYTE_NS * BYTE_NS + BYTE_NS;
    }
    if (r->byte_due < BYTES * BYTE_NS)
        *next = r->byte_due;
    return true;
}

static u64 hash_words(const void *data, size_t size)
{
    const u8 *p = data;
    u64 hash = 0, word;

    for (size_t i = 0; i + 8 <= size; i += 8) {
        memcpy(&word, p + i, 8);
        mix(&hash, word);
    }
    return hash;
}

static u64 hash_tlb(const struct tlb *tlb)
{
    size_t size;
    const void *state = tlb_state(tlb, &size);

    return hash_words(state, size);
}

static void keep_hart(struct hart_record *r, const struct hart *h)
{
    memcpy(r->x, h->s.x, sizeof(r->x));
    memcpy(r->f, h->s.f, sizeof(r->f));
    r->pc = h->s.pc;
    r->priv = h->s.priv;
    r->steps = hart_steps(h);
    r->retired = hart_retired(h);
    r->csr = hash_words(&h->s.csr, sizeof(h->s.csr));
    mix(&r->csr, (u64)h->s.frm << 8 | h->s.fflags);
    mix(&r->csr, h->s.seip_pin);
    mix(&r->csr, h->s.reserved ? h->s.reserved_pa : 1);
    for (unsigned i = 0; i < PMP_ENTRIES; i++)
        mix(&r->csr, h->pmp.s.addr[i] << 8 | h->pmp.s.cfg[i]);
    r->tlb = hash_tlb(&h->tlb);
}

static u64 all_steps(const struct rvemu *m)
{
    u64 steps = 0;

    for (unsigned i = 0; i < rvemu_harts(m); i++)
        steps += rvemu_steps(m, i);
    return steps;
}

static void keep_state(struct record *r)
{
    struct rvemu *m = r->machine;

    for (unsigned i = 0; i < m->harts.count; i++)
        keep_hart(&r->hart[i], &m->hart[i]);
    r->steps = all_steps(m);
    r->time = rvemu_time(m);
    r->ram = hash_words(m->bus.ram.host, m->bus.ram.size);
}

static void run_slices(struct record *r, const struct way *way, u64 steps)
{
    struct rvemu *m = r->machine;
    u64 dropped = 0;

    do {
        u64 left = steps - all_steps(m);

        rvemu_run(m, left < way->slice ? left : way->slice, &r->stop);
        if (way->drop && all_steps(m) - dropped >= way->drop) {
            fetch_drop_code(&m->harts);
            dropped = all_steps(m);
        }
    } while (r->stop.reason == RVEMU_STOP_STEPS && all_steps(m) < steps);
}

static int run(struct record *r, const struct job *job, const struct way *way)
{
    const struct rvemu_config config = {
        .ram_bytes = job->ram,
        .seed = job->seed,
        .harts = job->harts,
        .quantum = job->quantum,
        .host = {.self = r, .console_put = keep_byte, .poll = poll},
    };
    struct rvemu_error error;

    memset(r, 0, sizeof(*r));
    if (rvemu_create(&config, &r->machine, &error) < 0 ||
        rvemu_load(r->machine, &job->guest, &error) < 0) {
        fprintf(stderr, "twins: %s\n", error.text);
        rvemu_destroy(r->machine);
        return -1;
    }
    if (way->kinds)
        rvemu_subscribe(r->machine, way->kinds, keep_event, r);
    run_slices(r, way, job->steps);
    keep_state(r);
    rvemu_destroy(r->machine);
    return 0;
}

static const char *hart_difference(const struct hart_record *a,
                                   const struct hart_record *b)
{
    if (a->steps != b->steps || a->retired != b->retired)
        return "the count of steps";
    if (memcmp(a->x, b->x, sizeof(a->x)) || memcmp(a->f, b->f, sizeof(a->f)) ||
        a->pc != b->pc || a->priv != b->priv)
        return "registers";
    if (a->csr != b->csr)
        return "CSRs";
    return a->tlb != b->tlb ? "the TLB" : NULL;
}

/* What differs, or NULL. */
static const char *difference(const struct record *a, const struct record *b,
                              rvemu_event_set kinds)
{
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS; kind++)
        if (kinds >> kind & 1 && rvemu_hash_value(&a->hash[kind]) !=
                                     rvemu_hash_value(&b->hash[kind]))
            return rvemu_event_info(kind)->name;
    for (unsigned i = 0; i < MEMMAP_HARTS_MAX; i++)
        if (hart_difference(&a->hart[i], &b->hart[i]))
            return hart_difference(&a->hart[i], &b->hart[i]);
    if (a->steps != b->steps || a->time != b->time)
        return "time";
    if (a->ram != b->ram)
        return "memory";
    if (a->console != b->console)
        return "the console";
    return memcmp(&a->stop, &b->stop, sizeof(a->stop)) ? "the end" : NULL;
}

static int compare(const char *name, const struct job *job)
{
    static struct record record[WAYS];
    int failed = 0;

    for (unsigned i = 0; i < WAYS && !failed; i++) {
        const char *what;

        if (run(&record[i], job, &ways[i]) < 0)
            return -1;
        what = difference(&record[0], &record[i], ways[i].kinds);
        if (!what)
            continue;
        printf("not ok %s: '%s' and '%s' differ in %s\n", name, ways[0].name,
               ways[i].name, what);
        failed = 1;
    }
    if (!failed)
        printf("ok %s: %" PRIu64 " steps, stop %d, %" PRIu64 " fills\n", name,
               record[0].steps, (int)record[0].stop.reason,
               record[0].hash[RVEMU_EVENT_tlb_fill].events);
    fflush(stdout);
    return failed;
}

static int compare_random(u64 seed, u64 steps, unsigned harts)
{
    struct job job = {.ram = (3 + seed % 5) * MIB,
                      .steps = steps,
                      .harts = harts,
                      .seed = seed,
                      .quantum = seed % 4 ? 64 + (unsigned)(seed % 201) : 0};
    size_t size;
    u8 *file = guest_make(seed, &size);
    char name[32];
    int failed;

    if (!file)
        return -1;
    job.guest.as = RVEMU_AS_MACHINE;
    job.guest.image = (struct rvemu_image){.data = file, .size = size};
    snprintf(name, sizeof(name), "seed-%" PRIu64, seed);
    failed = compare(name, &job);
    free(file);
    return failed;
}

static int compare_system(char **argument)
{
    const struct job job = {
        .ram = 64 * MIB,
        .steps = strtoull(argument[4], NULL, 0),
        .harts = (unsigned)strtoul(argument[5], NULL, 0),
        .guest = {.as = RVEMU_AS_KERNEL,
                  .firmware.path = argument[0],
                  .image.path = argument[1],
                  .initrd.path = argument[2],
                  .bootargs = argument[3]},
    };

    return compare("system", &job);
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc == 8 && !strcmp(argv[1], "system"))
        return compare_system(argv + 2) != 0;
    if (argc != 6 || strcmp(argv[1], "random"))
        return 2;
    for (u64 n = 0; n < strtoull(argv[3], NULL, 0); n++)
        failed |= compare_random(strtoull(argv[2], NULL, 0) + n,
                                 strtoull(argv[4], NULL, 0),
                                 (unsigned)strtoul(argv[5], NULL, 0));
    return failed != 0;
}
