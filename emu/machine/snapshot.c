/*
 * Snapshots in files: the functions of rvemu/snapshot.h. A machine becomes
 * sections in shot.c, and these a file in snapshot_file.c.
 */
#include <rvemu/snapshot.h>

#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "machine/shot.h"
#include "machine/snapshot_file.h"

#define NOTE_MAX (1u << 20)

struct rvemu_snapshot {
    struct snapshot_mapping file;
    struct facts facts;
    struct rvemu_snapshot_about about;
};

int rvemu_snapshot_write(rvemu *m, const char *path,
                         const struct rvemu_snapshot_options *options,
                         struct rvemu_error *error)
{
    struct snapshot_writer writer;
    struct rvemu_error why;
    bool whole;

    if (m->trace.telling || options->note_size > NOTE_MAX)
        return error_set(error, "a snapshot cannot be taken now");
    if (m->again)
        return error_set(error, "the machine is in its past: go to the end of "
                                "history, or branch");
    trace_deliver(&m->trace);
    if (snapshot_writer_open(&writer, &snapshot_format, path,
                             options->packing == RVEMU_SNAPSHOT_ZSTD,
                             error) < 0)
        return -1;
    whole = shot_take(m, snapshot_writer_put, &writer, &why) == 0 &&
            (!options->note_size ||
             snapshot_writer_put(&writer, SECTION_NOTE, 0, options->note,
                                 options->note_size));
    if (writer.failed) /* which is why nothing more could be put */
        whole = true;
    if (snapshot_writer_close(&writer, whole, error) < 0)
        return -1;
    return whole ? 0 : error_set(error, "cannot write %s: %s", path, why.text);
}

static void tell_about(struct rvemu_snapshot *s)
{
    const struct section *note =
        sections_find(&s->file.sections, SECTION_NOTE, 0);
    struct rvemu_snapshot_about *about = &s->about;

    about->bytes = s->file.size;
    about->config = s->facts.config;
    for (size_t i = 0; i < s->file.sections.count; i++)
        if (s->file.sections.at[i].kind == SECTION_RAM)
            about->ram += s->file.sections.at[i].size;
    if (note) {
        about->note = note->bytes;
        about->note_size = note->size;
    }
}

static int read_file(struct rvemu_snapshot *s, const char *path,
                     struct rvemu_error *error)
{
    struct rvemu_error why;

    if (snapshot_map(&s->file, &snapshot_format, path, error) < 0)
        return -1;
    if (shot_facts(&s->facts, &s->file.sections, &why) < 0)
        return error_set(error, "%s: %s", path, why.text);
    tell_about(s);
    return 0;
}

int rvemu_snapshot_open(const char *path, struct rvemu_snapshot **snapshot,
                        struct rvemu_error *error)
{
    struct rvemu_snapshot *s = calloc(1, sizeof(*s));

    *snapshot = NULL;
    if (!s)
        return error_set(error, "out of host memory");
    if (read_file(s, path, error) < 0) {
        rvemu_snapshot_close(s);
        return -1;
    }
    *snapshot = s;
    return 0;
}

void rvemu_snapshot_close(struct rvemu_snapshot *s)
{
    if (!s)
        return;
    snapshot_unmap(&s->file);
    free(s);
}

const struct rvemu_snapshot_about *
rvemu_snapshot_about(const struct rvemu_snapshot *s)
{
    return &s->about;
}

int rvemu_snapshot_check(const struct rvemu_snapshot *s,
                         const struct rvemu_config *config,
                         struct rvemu_error *error)
{
    struct facts given;

    if (facts_of_config(&given, config, error) < 0)
        return -1;
    return facts_compare(&s->facts, &given, "the snapshot", error);
}

int rvemu_snapshot_load(rvemu *m, const struct rvemu_snapshot *s,
                        struct rvemu_error *error)
{
    struct rvemu_error why;

    if (shot_load(m, &s->file.sections, &why) < 0)
        return error_set(error, "the snapshot: %s", why.text);
    return 0;
}
