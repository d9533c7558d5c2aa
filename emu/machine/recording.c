/*
 * Recording a run, and making it again: the functions of rvemu/record.h.
 *
 * The machine keeps its input log itself (input_log.h). A file of it is made of
 * sections, as a snapshot is, under another magic number:
 *
 *   SECTION_CONFIG         facts.c
 *   SECTION_DISK           shot_disks.c: of the first boot
 *   SECTION_START, boot    checksum of RAM u64, and a mark, before it ran
 *   SECTION_LOG, boot      log_bytes.c
 *   SECTION_MARKS, boot    marks, the last one of its end
 */
#include <rvemu/record.h>

#include <stdlib.h>
#include <string.h>

#include "machine/answers.h"
#include "machine/facts.h"
#include "machine/log_bytes.h"
#include "machine/machine.h"
#include "machine/ram_runs.h"
#include "machine/shot.h"
#include "machine/shot_disks.h"
#include "machine/snapshot_file.h"

#define BOOTS_MAX 65536
#define MARK_STEPS (UINT64_C(1) << 24) /* between two marks */

/* What is written of a boot. */
struct boot {
    struct bytes start, log, marks;
};

struct kept { /* a section */
    u32 kind, index;
    struct bytes bytes;
};

struct rvemu_recorder {
    rvemu *machine; /* NULL: none is attached */
    struct facts facts;
    struct kept disk[RVEMU_VIRTIO_SLOTS];
    unsigned disks;
    struct boot *boot;
    unsigned boots;
    u64 next; /* step of the next mark */
};

struct rvemu_recorder *rvemu_recorder_new(void)
{
    return calloc(1, sizeof(struct rvemu_recorder));
}

void rvemu_recorder_free(struct rvemu_recorder *r)
{
    if (!r)
        return;
    for (unsigned i = 0; i < r->boots; i++) {
        bytes_free(&r->boot[i].start);
        bytes_free(&r->boot[i].log);
        bytes_free(&r->boot[i].marks);
    }
    for (unsigned i = 0; i < r->disks; i++)
        bytes_free(&r->disk[i].bytes);
    free(r->boot);
    free(r);
}

static struct boot *present(struct rvemu_recorder *r)
{
    return &r->boot[r->boots - 1];
}

/* The boot under way has ended, or the run has. */
static void let_go(struct rvemu_recorder *r)
{
    struct boot *boot;

    if (!r->machine)
        return;
    boot = present(r);
    mark_put(&boot->marks, r->machine);
    log_put(&boot->log, &r->machine->log);
    boot->log.failed |= r->machine->log.lost;
    r->machine = NULL;
}

/* What was in a machine before it ran. */
static bool put_start(struct bytes *bytes, rvemu *m)
{
    struct ram_runs runs;

    if (!ram_runs_find(&runs, &m->bus.ram))
        return false;
    bytes_put_le(bytes, ram_runs_sum(&runs, &m->bus.ram), 8);
    ram_runs_free(&runs);
    mark_put(bytes, m);
    return !bytes->failed;
}

/* What was written over a disk before the run stays with whoever lends it. */
static bool keep_disk(void *self, u32 kind, u32 index, const void *bytes,
                      u64 size)
{
    struct rvemu_recorder *r = self;
    struct kept *kept = &r->disk[r->disks];

    if (kind != SECTION_DISK)
        return true;
    *kept = (struct kept){.kind = kind, .index = index};
    bytes_put(&kept->bytes, bytes, size);
    r->disks++;
    return !kept->bytes.failed;
}

static void forget_disks(struct rvemu_recorder *r)
{
    while (r->disks)
        bytes_free(&r->disk[--r->disks].bytes);
}

static int add_boot(struct rvemu_recorder *r, struct rvemu_error *error)
{
    struct boot *boot = realloc(r->boot, (r->boots + 1) * sizeof(*boot));

    if (boot)
        r->boot = boot;
    if (!boot || r->boots == BOOTS_MAX)
        return error_set(error, "no memory for a recording");
    r->boot[r->boots++] = (struct boot){.start = {.size = 0}};
    return 0;
}

int rvemu_recorder_attach(struct rvemu_recorder *r, rvemu *m,
                          struct rvemu_error *error)
{
    let_go(r);
    if (!r->boots) {
        facts_of_machine(&r->facts, m);
        forget_disks(r);
        if (shot_disks_save(&m->config.virtio, keep_disk, r, error) < 0)
            return -1;
    }
    if (add_boot(r, error) < 0)
        return -1;
    if (!put_start(&present(r)->start, m))
        return error_set(error, "no memory for a recording");
    m->log.keepers++;
    r->machine = m;
    r->next = m->s.steps + MARK_STEPS;
    return 0;
}

uint64_t rvemu_recorder_room(const struct rvemu_recorder *r)
{
    u64 now = r->machine->s.steps;

    return r->next > now ? r->next - now : 1;
}

void rvemu_recorder_look(struct rvemu_recorder *r)
{
    if (r->machine->s.steps < r->next)
        return;
    mark_put(&present(r)->marks, r->machine);
    r->next = r->machine->s.steps + MARK_STEPS;
}

static bool put_boots(struct snapshot_writer *w, const struct rvemu_recorder *r,
                      u32 kind, size_t member)
{
    for (unsigned i = 0; i < r->boots; i++) {
        const struct bytes *bytes =
            (const struct bytes *)((const u8 *)&r->boot[i] + member);

        if (bytes->failed ||
            !snapshot_writer_put(w, kind, i, bytes->at, bytes->size))
            return false;
    }
    return true;
}

static bool put_all(struct snapshot_writer *w, const struct rvemu_recorder *r)
{
    struct bytes config = {.at = NULL};
    bool ok;

    facts_put(&config, &r->facts);
    ok = !config.failed &&
         snapshot_writer_put(w, SECTION_CONFIG, 0, config.at, config.size);
    bytes_free(&config);
    for (unsigned i = 0; ok && i < r->disks; i++)
        ok = snapshot_writer_put(w, r->disk[i].kind, r->disk[i].index,
                                 r->disk[i].bytes.at, r->disk[i].bytes.size);
    return ok && put_boots(w, r, SECTION_START, offsetof(struct boot, start)) &&
           put_boots(w, r, SECTION_LOG, offsetof(struct boot, log)) &&
           put_boots(w, r, SECTION_MARKS, offsetof(struct boot, marks));
}

int rvemu_recorder_write(struct rvemu_recorder *r, const char *path,
                         struct rvemu_error *error)
{
    struct snapshot_writer writer;
    bool whole;

    let_go(r);
    if (snapshot_writer_open(&writer, &recording_format, path, true, error) < 0)
        return -1;
    whole = put_all(&writer, r) || writer.failed;
    if (snapshot_writer_close(&writer, whole, error) < 0)
        return -1;
    return whole ? 0 : error_set(error, "no memory for %s", path);
}

/* ---- making it again ---- */

struct rvemu_replay {
    struct snapshot_mapping file;
    struct facts facts;
    rvemu *machine; /* NULL: none is attached */
    unsigned boot;  /* the next */
    struct cursor marks;
    struct mark mark, before; /* what it is to be compared with next */
    bool has_mark;
};

int rvemu_replay_open(const char *path, struct rvemu_replay **replay,
                      struct rvemu_error *error)
{
    struct rvemu_replay *r = calloc(1, sizeof(*r));

    *replay = NULL;
    if (!r)
        return error_set(error, "out of host memory");
    if (snapshot_map(&r->file, &recording_format, path, error) < 0 ||
        shot_facts(&r->facts, &r->file.sections, error) < 0) {
        rvemu_replay_free(r);
        return -1;
    }
    *replay = r;
    return 0;
}

void rvemu_replay_free(struct rvemu_replay *r)
{
    if (!r)
        return;
    snapshot_unmap(&r->file);
    free(r);
}

const struct rvemu_config *rvemu_replay_config(const struct rvemu_replay *r)
{
    return &r->facts.config;
}

int rvemu_replay_check(const struct rvemu_replay *r,
                       const struct rvemu_config *config,
                       struct rvemu_error *error)
{
    struct facts given;

    if (facts_of_config(&given, config, error) < 0)
        return -1;
    return facts_compare(&r->facts, &given, "the recording", error);
}

static int cut(struct rvemu_error *error)
{
    return error_set(error, "the recording makes no sense");
}

static void next_mark(struct rvemu_replay *r)
{
    r->before = r->mark;
    r->has_mark = mark_get(&r->mark, &r->marks);
}

/* Where the boot ended: the last of its marks. */
static bool find_end(struct cursor marks, struct moment *end)
{
    struct mark mark;
    bool any = false;

    while (mark_get(&mark, &marks)) {
        any = true;
        *end = mark.at;
    }
    return any && !marks.failed;
}

static int check_start(struct rvemu_replay *r, rvemu *m,
                       const struct section *section, struct rvemu_error *error)
{
    struct cursor cursor = cursor_at(section->bytes, section->size);
    u64 sum = cursor_le(&cursor, 8), now;
    struct ram_runs runs;
    const char *part;
    unsigned index;

    if (!mark_get(&r->mark, &cursor))
        return cut(error);
    if (!ram_runs_find(&runs, &m->bus.ram))
        return error_set(error, "out of host memory");
    now = ram_runs_sum(&runs, &m->bus.ram);
    ram_runs_free(&runs);
    if (now != sum)
        return error_set(error,
                         "the recording is of another guest: what is loaded "
                         "(kernel, firmware, initrd, command line) is not what "
                         "was");
    part = mark_differs(&r->mark, m, &index);
    if (!part)
        return 0;
    return error_set(error,
                     "the recording began otherwise: the state of %s %u is not "
                     "what it was; it is of another version, or went on from a "
                     "snapshot",
                     part, index);
}

static int check_machine(struct rvemu_replay *r, rvemu *m,
                         struct rvemu_error *error)
{
    const struct section *start =
        sections_find(&r->file.sections, SECTION_START, r->boot);
    struct rvemu_error why;
    struct facts given;

    if (!start)
        return error_set(error,
                         "the recording has %u boot%s, and this is one "
                         "more",
                         r->boot, r->boot == 1 ? "" : "s");
    facts_of_machine(&given, m);
    if (facts_compare(&r->facts, &given, "the recording", error) < 0)
        return -1;
    if (!r->boot &&
        shot_disks_check(&m->config.virtio, &r->file.sections, &why) < 0)
        return error_set(error, "the recording: %s", why.text);
    return check_start(r, m, start, error);
}

int rvemu_replay_attach(struct rvemu_replay *r, rvemu *m,
                        struct rvemu_error *error)
{
    const struct section *log, *marks;
    struct cursor cursor;

    if (check_machine(r, m, error) < 0)
        return -1;
    log = sections_find(&r->file.sections, SECTION_LOG, r->boot);
    marks = sections_find(&r->file.sections, SECTION_MARKS, r->boot);
    if (!log || !marks)
        return cut(error);
    r->marks = cursor_at(marks->bytes, marks->size);
    cursor = cursor_at(log->bytes, log->size);
    if (!find_end(r->marks, &m->log.end) ||
        !log_get(&m->log, &cursor, m->harts.count))
        return cut(error);
    m->log.watched = true;
    m->log.next = 0;
    r->machine = m;
    r->boot++;
    next_mark(r);
    return 0;
}

bool rvemu_replay_is_over(const struct rvemu_replay *r)
{
    return !machine_is_answered(r->machine);
}

/* A machine may idle where its run ended, up to the look at which it did. */
uint64_t rvemu_replay_room(const struct rvemu_replay *r)
{
    u64 now = r->machine->s.steps;

    if (!r->has_mark || rvemu_replay_is_over(r))
        return 0;
    return r->mark.at.steps > now ? r->mark.at.steps - now : 1;
}

static int diverged(const struct rvemu_replay *r, const char *part,
                    unsigned index, struct rvemu_error *error)
{
    const struct rvemu *m = r->machine;

    if (!strcmp(part, "step"))
        return error_set(
            error,
            "the run went another way than the recording: it is at step %llu "
            "(%llu ns), where that was at step %llu (%llu ns)",
            (unsigned long long)m->s.steps,
            (unsigned long long)clock_now(&m->clock),
            (unsigned long long)r->mark.at.steps,
            (unsigned long long)r->mark.time);
    return error_set(
        error,
        "the run went another way than the recording between steps %llu and "
        "%llu (%llu to %llu ns): the state of %s %u is not what it was",
        (unsigned long long)r->before.at.steps,
        (unsigned long long)r->mark.at.steps,
        (unsigned long long)r->before.time, (unsigned long long)r->mark.time,
        part, index);
}

int rvemu_replay_look(struct rvemu_replay *r, struct rvemu_error *error)
{
    const char *part;
    unsigned index;

    /* What came with the look at which the host ended the run. */
    while (rvemu_replay_is_over(r) && answers_give(r->machine))
        continue;
    while (r->has_mark &&
           (!moment_is_before(machine_moment(r->machine), r->mark.at) ||
            r->machine->s.stopped || r->machine->log.diverged)) {
        part = mark_differs(&r->mark, r->machine, &index);
        if (part)
            return diverged(r, part, index, error);
        next_mark(r);
    }
    return 0;
}
