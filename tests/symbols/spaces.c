/*
 * What emu's files make of the spaces of a kernel with marks. Takes -bios,
 * -kernel, -initrd, -append and --symbols as emu does, runs that, and prints
 *
 *   fault PROGRAM LINE FUNCTION DATA OWN    of each fault on user data
 *   PROGRAM at PC taken for OTHER
 *   program NAME: N own, N other, N none
 *
 * with fields between tabs, "-" for those that are not known. The last lines
 * compare with the marks: how often a trap of each program that they name was
 * taken for its own, for another's, and for nobody's.
 */
#include <rvemu/rvemu.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "uapi/mark.h"

#include "cli/names.h"

#define PROGRAMS_MAX 64
#define SPACES_MAX 1024
#define PPN ((UINT64_C(1) << 44) - 1)

struct program {
    char name[9];
    unsigned own, other, none;
};

struct space {
    uint64_t root_ppn;
    struct program *program; /* as the marks have it */
};

struct watch {
    const struct rvemu_names *names;
    uint64_t root_ppn;
    struct program program[PROGRAMS_MAX];
    unsigned programs;
    struct space space[SPACES_MAX];
    unsigned spaces;
};

static struct program *find_program(struct watch *w, uint64_t word)
{
    char name[9] = "";

    memcpy(name, &word, 8);
    for (unsigned i = 0; i < w->programs; i++)
        if (!strcmp(w->program[i].name, name))
            return &w->program[i];
    memcpy(w->program[w->programs].name, name, sizeof(name));
    return &w->program[w->programs++];
}

static struct space *find_space(struct watch *w, uint64_t root_ppn)
{
    for (unsigned i = 0; i < w->spaces; i++)
        if (w->space[i].root_ppn == root_ppn)
            return &w->space[i];
    w->space[w->spaces].root_ppn = root_ppn;
    return &w->space[w->spaces++];
}

static void take_mark(struct watch *w, const struct rvemu_event *e)
{
    if (e->priv != 1 || (e->mark.id != MARK_SWITCH && e->mark.id != MARK_EXEC))
        return;
    if (e->mark.id == MARK_EXEC)
        w->names->forget(w->names->arg, e->mark.a1 & PPN);
    find_space(w, e->mark.a1 & PPN)->program = find_program(w, e->mark.a2);
}

static void take_trap(struct watch *w, const struct rvemu_event *e)
{
    struct program *program = find_space(w, w->root_ppn)->program;
    char name[64];

    if (e->priv != 0 || !program)
        return;
    if (!w->names->name_program(w->names->arg, w->root_ppn, e->pc, name,
                                sizeof(name))) {
        program->none++;
        return;
    }
    if (!strncmp(name, program->name, 8)) {
        program->own++;
        return;
    }
    program->other++;
    printf("%s at 0x%" PRIx64 " taken for %s\n", program->name, e->pc, name);
}

static const char *known(bool is_known, const char *text)
{
    return is_known ? text : "-";
}

static void take_fault(struct watch *w, const struct rvemu_event *e)
{
    const struct rvemu_names *n = w->names;
    const uint64_t root = w->root_ppn, va = e->page_fault.va;
    char program[64], line[64], function[64], data[64];

    if (e->priv != 0 || e->page_fault.access == RVEMU_ACCESS_FETCH)
        return;
    printf(
        "fault\t%s\t%s\t%s\t%s\t%d\n",
        known(n->name_program(n->arg, root, e->pc, program, sizeof(program)),
              program),
        known(n->name_line(n->arg, root, e->pc, line, sizeof(line)), line),
        known(n->name_function(n->arg, root, e->pc, function, sizeof(function)),
              function),
        known(n->name_data(n->arg, root, va, data, sizeof(data)), data),
        n->is_own(n->arg, root, va));
}

static void take_event(void *arg, const struct rvemu_event *e)
{
    struct watch *w = arg;

    switch (e->kind) {
    case RVEMU_EVENT_satp: w->root_ppn = e->satp.new &PPN; break;
    case RVEMU_EVENT_mark: take_mark(w, e); break;
    case RVEMU_EVENT_root_lost:
        w->names->forget(w->names->arg, e->root_lost.root);
        break;
    case RVEMU_EVENT_page_fault: take_fault(w, e); break;
    case RVEMU_EVENT_trap: take_trap(w, e); break;
    default: break;
    }
}

static void say(void *self, const char *line)
{
    printf("%s\n", line);
}

static int run(struct watch *w, const struct options *options,
               const struct rvemu_guest *guest, struct rvemu_error *error)
{
    static const struct rvemu_image none;
    const struct names_config config = {
        .options = options, .guest = guest, .program = &none, .say = say};
    const struct rvemu_config machine_config = {0};
    struct rvemu_stop stop;
    struct names *names;
    rvemu *machine;

    if (rvemu_create(&machine_config, &machine, error) < 0 ||
        rvemu_load(machine, guest, error) < 0 ||
        names_open(&names, &config, error) < 0)
        return -1;
    names_attach(names, machine);
    w->names = names_answers(names);
    rvemu_subscribe(machine,
                    RVEMU_EVENT_BIT(mark) | RVEMU_EVENT_BIT(trap) |
                        RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(root_lost) |
                        RVEMU_EVENT_BIT(pte_write) |
                        RVEMU_EVENT_BIT(page_fault),
                    take_event, w);
    rvemu_run(machine, 1000000000, &stop);
    rvemu_destroy(machine);
    names_close(names);
    return 0;
}

int main(int argc, char **argv)
{
    static struct watch w;
    static struct options o;
    struct rvemu_guest guest = {.as = RVEMU_AS_KERNEL};
    struct rvemu_error error;

    if (options_parse(&o, argc, argv, &error) < 0 ||
        rvemu_image_read(&guest.firmware, o.bios, 0, &error) < 0 ||
        rvemu_image_read(&guest.image, o.guest, 0, &error) < 0 ||
        rvemu_image_read(&guest.initrd, o.initrd, 0, &error) < 0) {
        printf("%s\n", error.text);
        return 2;
    }
    guest.bootargs = o.append;
    if (run(&w, &o, &guest, &error) < 0) {
        printf("%s\n", error.text);
        return 2;
    }
    rvemu_image_free(&guest.firmware);
    rvemu_image_free(&guest.image);
    rvemu_image_free(&guest.initrd);
    for (unsigned i = 0; i < w.programs; i++)
        printf("program %s: %u own, %u other, %u none\n", w.program[i].name,
               w.program[i].own, w.program[i].other, w.program[i].none);
    return 0;
}
