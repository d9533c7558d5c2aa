/*
 * Goes back and forward at random in the run of a machine, and compares.
 *
 *     walk [option value]... IMAGE
 *
 * Two machines run the same. One keeps no history, and is run in other pieces:
 * it says what the other one is to be in the end, and what it is to print. Of
 * the other, the state and what its observer knows are noted at many positions
 * on the way. Then it goes to these positions in random order, and everything
 * has to be as it was noted; nothing may be printed or told to a sink again, no
 * more steps may be made again than the nearest snapshot is away, and the
 * snapshots have to stay within their bytes. In the end it runs on.
 *
 *     -harts N  -ram MIB  -seed N  -steps N (noted in these; 0: to the end)
 *     -marks N (positions)  -pairs N (goings)  -distance N  -bytes N
 *     -events all|none  -type TEXT (comes in poll)  -firmware FILE
 *     -initrd FILE  -append TEXT  -disk FILE  -worst on  -typed-at N
 *     -move N (the machine moves every so many steps)
 *     -raw FILE (the same disk for the machine with history, without an
 *     overlay: what is written reaches the file)
 *     -measure on (what it all costs, in place of a walk)
 */
#include <rvemu/rvemu.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OUTPUT_MAX (1u << 22)
#define MARKS_MAX 4096
#define SLACK                                                      \
    4194304 /* bytes that a stretch may add before any are dropped \
             */

static struct {
    unsigned harts;
    uint64_t ram, seed, steps, marks, pairs, distance, bytes, start, move;
    const char *events, *type, *firmware, *initrd, *append, *disk, *worst;
    const char *measure, *raw;
    const char *image;
} options = {.harts = 1,
             .ram = 32,
             .seed = 1,
             .marks = 200,
             .pairs = 200,
             .events = "none",
             .append = ""};

struct system {
    rvemu *machine;
    rvemu_disk *disk;
    struct rvemu_hash observed; /* what the observer knows */
    struct rvemu_hash told;     /* what the sink was told */
    uint64_t events;            /* so many, the sink */
    char *output;
    size_t written;
    size_t typed;       /* pieces */
    size_t piped;       /* of options.type, given in poll */
    uint64_t next_pipe; /* ns */
};

/* What was noted at a position. */
struct mark {
    uint64_t position, state, observed;
};

static struct mark mark[MARKS_MAX];
static unsigned marks;

static void give_up(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    exit(1);
}

static uint64_t draw(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void put(void *self, uint8_t byte)
{
    struct system *s = self;

    if (s->written == OUTPUT_MAX)
        give_up("too much is printed");
    s->output[s->written++] = (char)byte;
}

static void give(struct system *s, const char *bytes, size_t count)
{
    rvemu_input(s->machine,
                &(struct rvemu_input){.kind = RVEMU_INPUT_BYTES,
                                      .bytes = (const uint8_t *)bytes,
                                      .count = count});
}

/* Some of the text comes in poll, at times of its own choice. */
static bool poll_host(void *self, uint64_t time, enum rvemu_ask ask,
                      uint64_t *next)
{
    struct system *s = self;

    if (!options.type)
        return true;
    if (time >= s->next_pipe && s->piped < strlen(options.type)) {
        give(s, options.type + s->piped++, 1);
        s->next_pipe = time + 700001;
    }
    if (s->piped < strlen(options.type))
        *next = s->next_pipe;
    return true;
}

/* A host that sleeps for a while, and says so. */
static void idle_host(void *self, uint64_t time, uint64_t due,
                      enum rvemu_ask ask)
{
    struct system *s = self;

    if (options.type && due > time + 50000)
        rvemu_input(s->machine, &(struct rvemu_input){.kind = RVEMU_INPUT_UNTIL,
                                                      .until = time + 50000});
}

static void observe(void *arg, const struct rvemu_event *event)
{
    rvemu_hash_event(&((struct system *)arg)->observed, event);
}

static void *save(void *arg)
{
    struct rvemu_hash *copy = malloc(sizeof(*copy));

    if (copy)
        *copy = ((struct system *)arg)->observed;
    return copy;
}

static void restore(void *arg, const void *saved)
{
    ((struct system *)arg)->observed = *(const struct rvemu_hash *)saved;
}

static void drop(void *arg, void *saved)
{
    free(saved);
}

static void tell(void *arg, const struct rvemu_event *event)
{
    struct system *s = arg;

    rvemu_hash_event(&s->told, event);
    s->events++;
}

static void listen(struct system *s)
{
    const struct rvemu_subscription observer = {
        .kinds = ~(rvemu_event_set)0,
        .as = RVEMU_OBSERVER,
        .call = observe,
        .arg = s,
        .save = save,
        .restore = restore,
        .drop = drop,
    };

    if (strcmp(options.events, "all"))
        return;
    if (rvemu_subscription_begin(s->machine, &observer) < 0 ||
        rvemu_subscribe(s->machine, observer.kinds, tell, s) < 0)
        give_up("no subscription");
}

/* Its disk is an overlay over this file, or that one, which is written. */
static void make(struct system *s, const char *under, const char *raw)
{
    const struct rvemu_guest guest = {
        .image = {.path = options.image},
        .firmware = {.path = options.firmware},
        .initrd = {.path = options.initrd},
        .bootargs = options.append,
    };
    struct rvemu_config config = {
        .ram_bytes = options.ram << 20,
        .harts = options.harts,
        .seed = options.seed,
        .test_move = options.move,
        .host = {.self = s,
                 .console_put = put,
                 .poll = poll_host,
                 .idle = idle_host},
    };
    const struct rvemu_disk_options disk = {.snapshot = !raw};
    struct rvemu_error error;

    memset(s, 0, sizeof(*s));
    s->output = calloc(1, OUTPUT_MAX);
    s->next_pipe = options.start;
    config.hart.tlb.walks_ahead = options.worst != NULL;
    if (under) {
        if (rvemu_disk_open(raw ? raw : under, &disk, &s->disk, &error) < 0)
            give_up("%s", error.text);
        config.virtio.modern = true;
        config.virtio.slot[0] = (struct rvemu_virtio_slot){
            .kind = RVEMU_VIRTIO_BLK, .disk = s->disk};
    }
    if (rvemu_create(&config, &s->machine, &error) < 0 ||
        rvemu_load(s->machine, &guest, &error) < 0)
        give_up("%s", error.text);
    if (options.type)
        rvemu_input(s->machine,
                    &(struct rvemu_input){.kind = RVEMU_INPUT_LIVE});
    listen(s);
}

static void end(struct system *s)
{
    rvemu_destroy(s->machine);
    rvemu_disk_close(s->disk);
    free(s->output);
}

/* What is typed between runs, behind this piece. */
static void type(struct system *s)
{
    if (options.type && s->typed++ % 5 == 0)
        give(s, "\n", 1);
}

static uint64_t observed(const struct system *s)
{
    return rvemu_hash_value(&s->observed);
}

/* Runs up to a position, in pieces of other lengths for each. Whether it got
 * there. */
static bool run_to(struct system *s, uint64_t position, uint64_t piece)
{
    struct rvemu_stop stop = {.reason = RVEMU_STOP_STEPS};

    while (rvemu_position(s->machine) < position &&
           stop.reason == RVEMU_STOP_STEPS) {
        uint64_t left = position - rvemu_position(s->machine);

        rvemu_run(s->machine, left < piece ? left : piece, &stop);
    }
    return stop.reason == RVEMU_STOP_STEPS;
}

static void check_counts(struct system *s)
{
    struct rvemu_history_counts counts;

    rvemu_history_counts(s->machine, &counts);
    if (options.bytes && counts.bytes > options.bytes + SLACK)
        give_up("%" PRIu64 " bytes are kept", counts.bytes);
}

static void note(struct system *s)
{
    mark[marks++] = (struct mark){.position = rvemu_position(s->machine),
                                  .state = rvemu_state_hash(s->machine),
                                  .observed = observed(s)};
}

/* The first run: of the machine alone, and of that with history. */
static void run_first(struct system *alone, struct system *s)
{
    uint64_t random = options.seed, position = 0;
    bool goes_on = true;

    note(s);
    for (uint64_t i = 0; goes_on && i + 1 < options.marks; i++) {
        position += 1 + draw(&random) % (2 * options.steps / options.marks);
        goes_on = run_to(s, position, UINT64_MAX);
        run_to(alone, position, 99991);
        note(s);
        check_counts(s);
        type(s);
        type(alone);
    }
}

static void compare(struct system *s, const struct mark *m, const char *how)
{
    uint64_t state = rvemu_state_hash(s->machine);

    if (rvemu_position(s->machine) != m->position)
        give_up("%s: at %" PRIu64 ", not at %" PRIu64, how,
                rvemu_position(s->machine), m->position);
    if (state != m->state)
        give_up("%s %" PRIu64 ": another state", how, m->position);
    if (observed(s) != m->observed)
        give_up("%s %" PRIu64 ": the observer knows something else", how,
                m->position);
}

static uint64_t steps_again(struct system *s)
{
    struct rvemu_history_counts counts;

    rvemu_history_counts(s->machine, &counts);
    return counts.steps_again;
}

static double longest;

static void go(struct system *s, const struct mark *m)
{
    uint64_t before = 0, again = steps_again(s);
    struct rvemu_error error;
    double start = now();

    if (!rvemu_history_before(s->machine, m->position, &before))
        give_up("no snapshot before %" PRIu64, m->position);
    if (rvemu_history_goto(s->machine, m->position, &error) < 0)
        give_up("%s", error.text);
    if (now() - start > longest)
        longest = now() - start;
    again = steps_again(s) - again;
    if (again > m->position - before)
        give_up("%" PRIu64 " steps again, the snapshot is %" PRIu64 " away",
                again, m->position - before);
    check_counts(s);
}

/* A random position of those noted that can be gone to. */
static const struct mark *choose(struct system *s, uint64_t *random)
{
    uint64_t first, last;
    const struct mark *m;

    rvemu_history_range(s->machine, &first, &last);
    do
        m = &mark[draw(random) % marks];
    while (m->position < first || m->position >= last);
    return m;
}

static void walk(struct system *s)
{
    uint64_t random = options.seed + 77;
    size_t written = s->written;
    uint64_t events = s->events;

    for (uint64_t i = 0; i < options.pairs; i++) {
        const struct mark *m = choose(s, &random);
        const struct mark *then = choose(s, &random);

        go(s, m);
        compare(s, m, "gone to");
        if (i % 3 == 0 && then->position > m->position) {
            run_to(s, then->position, 77777);
            compare(s, then, "run to");
        }
        if (!rvemu_history_is_past(s->machine))
            give_up("this is not the past");
        rvemu_set_x(s->machine, 0, 5, 1); /* refused */
        give(s, "x", 1);                  /* likewise */
    }
    if (s->written != written)
        give_up("%zu bytes were printed again", s->written - written);
    if (s->events != events)
        give_up("%" PRIu64 " events were told again", s->events - events);
}

/* What both machines are in the end. */
static void compare_systems(struct system *alone, struct system *s,
                            const char *when)
{
    if (rvemu_position(s->machine) != rvemu_position(alone->machine) ||
        rvemu_state_hash(s->machine) != rvemu_state_hash(alone->machine))
        give_up("%s: another state than without history", when);
    if (observed(s) != observed(alone))
        give_up("%s: the observer knows something else", when);
    if (rvemu_hash_value(&s->told) != rvemu_hash_value(&alone->told))
        give_up("%s: the sink was told something else", when);
    if (s->written != alone->written ||
        memcmp(s->output, alone->output, s->written))
        give_up("%s: something else was printed", when);
}

/* From somewhere in the past, through the end, and on: as far as the other,
 * which is the first to run now. */
static void go_on(struct system *alone, struct system *s)
{
    uint64_t end;

    uint64_t first, last, random = options.seed + 5;
    struct rvemu_error error;

    rvemu_history_range(s->machine, &first, &last);
    if (rvemu_history_goto(s->machine, last, &error) < 0)
        give_up("%s", error.text);
    if (rvemu_history_is_past(s->machine))
        give_up("the end is the past");
    compare_systems(alone, s, "at the end");
    go(s, choose(s, &random));
    run_to(alone, last + options.steps / 10, UINT64_MAX);
    end = rvemu_position(alone->machine);
    run_to(s, end, 1000003);
    if (rvemu_history_is_past(s->machine))
        give_up("behind the end is the past");
    compare_systems(alone, s, "behind the end");
}

/* What was the future is cut off, and another one is possible. */
static void branch(struct system *s)
{
    uint64_t random = options.seed + 9, first, last, events = s->events;
    const struct mark *m = choose(s, &random);

    go(s, m);
    if (rvemu_history_branch(s->machine) < 0)
        give_up("no branch");
    compare(s, m, "branched at");
    if (rvemu_history_is_past(s->machine) ||
        !rvemu_history_range(s->machine, &first, &last) || last != m->position)
        give_up("a branch is not the end of history");
    rvemu_set_x(s->machine, 0, 5, 0x5a5a);
    if (rvemu_x(s->machine, 0, 5) != 0x5a5a)
        give_up("nothing can be changed behind a branch");
    run_to(s, m->position + 10000, 999);
    if (options.events[0] == 'a' && s->events == events)
        give_up("no event is told behind a branch");
    note(s);
    m = &mark[marks - 1];
    run_to(s, m->position + 10000, UINT64_MAX);
    go(s, choose(s, &random));
    go(s, m);
    compare(s, m, "behind a branch");
}

/* One going; its ms. */
static double time_going(struct system *s, uint64_t position)
{
    struct rvemu_error error;
    double start = now();

    if (rvemu_history_goto(s->machine, position, &error) < 0)
        give_up("%s", error.text);
    return now() - start;
}

#define BACK 1000

/* Steps back one by one from the end. */
static void measure_steps_back(struct system *s)
{
    uint64_t last = rvemu_position(s->machine);
    double first = time_going(s, last - 1), most = 0, all = 0;

    for (uint64_t i = 2; i < BACK + 2; i++) {
        double ms = time_going(s, last - i);

        all += ms;
        most = ms > most ? ms : most;
    }
    printf(
        "the first step back: %.1f ms; the next %d: %.2f ms each, the longest "
        "%.2f ms\n",
        first, BACK, all / BACK, most);
}

/* Goes to snapshots: nothing is made again. */
static void measure_restoring(struct system *s)
{
    uint64_t first, last, place, random = 1;
    double most = 0;

    rvemu_history_range(s->machine, &first, &last);
    for (unsigned i = 0; i < 50; i++) {
        double ms;

        rvemu_history_before(s->machine, first + draw(&random) % (last - first),
                             &place);
        ms = time_going(s, place);
        most = ms > most ? ms : most;
    }
    printf(
        "to the first: %.1f ms, back to the end: %.1f ms; between snapshots: "
        "%.1f ms at most\n",
        time_going(s, first), time_going(s, last), most);
}

static void measure(struct system *alone, struct system *s)
{
    struct rvemu_history_counts counts;
    double start = now(), without, with;

    run_to(alone, options.steps, UINT64_MAX);
    without = now() - start;
    start = now();
    run_to(s, options.steps, UINT64_MAX);
    with = now() - start;
    rvemu_history_counts(s->machine, &counts);
    printf("%" PRIu64
           " steps: %.0f ms without history, %.0f ms with it (%.3f); "
           "%" PRIu64 " snapshots, %" PRIu64 " KiB\n",
           rvemu_position(s->machine), without, with, with / without,
           counts.snapshots, counts.bytes >> 10);
    measure_steps_back(s);
    measure_restoring(s);
}

static void take_option(const char *name, const char *value)
{
    const struct {
        const char *name;
        uint64_t *number;
        const char **text;
    } rows[] = {
        {"-ram", &options.ram, NULL},
        {"-seed", &options.seed, NULL},
        {"-steps", &options.steps, NULL},
        {"-marks", &options.marks, NULL},
        {"-pairs", &options.pairs, NULL},
        {"-distance", &options.distance, NULL},
        {"-bytes", &options.bytes, NULL},
        {"-typed-at", &options.start, NULL},
        {"-move", &options.move, NULL},
        {"-events", NULL, &options.events},
        {"-type", NULL, &options.type},
        {"-firmware", NULL, &options.firmware},
        {"-initrd", NULL, &options.initrd},
        {"-append", NULL, &options.append},
        {"-disk", NULL, &options.disk},
        {"-worst", NULL, &options.worst},
        {"-measure", NULL, &options.measure},
        {"-raw", NULL, &options.raw},
    };

    if (!strcmp(name, "-harts")) {
        options.harts = (unsigned)strtoul(value, NULL, 0);
        return;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(name, rows[i].name))
            continue;
        if (rows[i].number)
            *rows[i].number = strtoull(value, NULL, 0);
        else
            *rows[i].text = value;
        return;
    }
    give_up("no option %s", name);
}

int main(int argc, char **argv)
{
    struct rvemu_history_config config;
    struct rvemu_history_counts counts;
    struct system alone, s;
    struct rvemu_error error;
    double start, ran;
    int i = 1;

    for (; i + 1 < argc; i += 2)
        take_option(argv[i], argv[i + 1]);
    options.image = argv[i];
    if (!options.image || options.marks > MARKS_MAX)
        give_up("walk [option value]... IMAGE");
    make(&alone, options.disk, NULL);
    make(&s, options.disk, options.raw);
    config = (struct rvemu_history_config){options.bytes, options.distance};
    if (rvemu_history_begin(s.machine, &config, &error) < 0)
        give_up("%s", error.text);
    if (options.measure) {
        measure(&alone, &s);
        return 0;
    }
    start = now();
    run_first(&alone, &s);
    compare_systems(&alone, &s, "after the first run");
    ran = now();
    walk(&s);
    go_on(&alone, &s);
    branch(&s);
    rvemu_history_counts(s.machine, &counts);
    printf("ok: %u positions up to %" PRIu64 ", %" PRIu64
           " snapshots in %" PRIu64 " KiB, %" PRIu64 " goings made %" PRIu64
           " steps again; %.0f ms and %.0f ms, the longest %.1f ms\n",
           marks, mark[marks - 1].position, counts.snapshots,
           counts.bytes >> 10, counts.gone_to, counts.steps_again, ran - start,
           now() - ran, longest);
    end(&s);
    end(&alone);
    return 0;
}
