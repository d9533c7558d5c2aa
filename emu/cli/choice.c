/*
 * What is to run; see choice.h. A user program goes into the bundled system, as
 * its first process; an image for M-mode brings its own firmware; a kernel, and
 * what -device loader loads, runs on the one that is given or the bundled one.
 */
#include "cli/choice.h"

#include <stdlib.h>

#include "cli/bootargs.h"
#include "cli/bugs.h"
#include "cli/embed.h"

/* A raw binary is what its options make of it, if it is -kernel's. */
static int guess(const struct options *o, const struct rvemu_guest *guest,
                 enum rvemu_as *as, struct rvemu_error *error)
{
    *as = o->as;
    if (*as != RVEMU_AS_AUTO)
        return 0;
    if (rvemu_guess(&guest->image, o->machine.ram_bytes, as, error) < 0)
        return -1;
    if (*as != RVEMU_AS_AUTO)
        return 0;
    if (!o->is_kernel)
        return rvemu_error_set(error,
                               "%s: not an ELF file, nor a Linux Image; a raw "
                               "binary is started by -kernel",
                               o->guest);
    *as = o->bios_none ? RVEMU_AS_MACHINE : RVEMU_AS_KERNEL;
    return 0;
}

/* What -device loader loads, and no kernel. */
static int use_loads(const struct options *o, struct choice *choice)
{
    choice->what = o->bios_none ? RVEMU_TITLE_LOADED_BARE
                   : o->bios    ? RVEMU_TITLE_LOADED_GIVEN
                                : RVEMU_TITLE_LOADED;
    return 0;
}

/* Whether there is more to run than what patches something. */
static bool has_loads(const struct options *o)
{
    for (unsigned i = 0; i < o->loads_count; i++)
        if (!o->load[i].extra.is_patch)
            return true;
    return false;
}

/* The bundled system: our kernel and programs on our firmware. */
static int use_bundled(const struct options *o, const struct embedded *own,
                       struct choice *choice, struct choice_files *files,
                       bool is_program, struct rvemu_error *error)
{
    bool bugs;

    if (!own->kernel.size)
        return rvemu_error_set(error,
                               "this emu was built without a bundled kernel: "
                               "name a guest to run");
    if (bugs_look(o->append, &bugs, error) < 0)
        return -1;
    if (bugs && !own->kernel_bugs.size)
        return rvemu_error_set(error, "-append bug=: this emu was built "
                                      "without the kernel that has bugs");
    choice->guest.as = RVEMU_AS_KERNEL;
    choice->guest.image = bugs ? own->kernel_bugs : own->kernel;
    if (!o->initrd)
        choice->guest.initrd = own->initrd;
    choice->what = o->bios ? RVEMU_TITLE_BUNDLED_GIVEN : RVEMU_TITLE_BUNDLED;
    if (bootargs_make(&files->bootargs, o, is_program, error) < 0)
        return -1;
    choice->guest.bootargs = files->bootargs;
    return 0;
}

/* A user program is the first process of the bundled kernel. */
static int use_program(const struct options *o, const struct embedded *own,
                       struct choice *choice, struct choice_files *files,
                       struct rvemu_error *error)
{
    const struct rvemu_image file = choice->guest.image;
    struct user_program *program = &files->program;

    if (o->initrd)
        return rvemu_error_set(
            error, "a user program brings its own initrd: leave out "
                   "-initrd, or give a kernel");
    if (use_bundled(o, own, choice, files, true, error) < 0 ||
        user_program_open(program, &own->initrd, &file, o->guest_argv,
                          o->guest_argc, files->bootargs, error) < 0 ||
        bootargs_check(program->bootargs, file.path, error) < 0)
        return -1;
    choice->program = file;
    choice->guest.initrd = program->initrd;
    choice->guest.bootargs = program->bootargs;
    choice->guest.quiet = true;
    choice->what = o->bios ? RVEMU_TITLE_PROGRAM_GIVEN : RVEMU_TITLE_PROGRAM;
    return 0;
}

static int use_file(const struct options *o, const struct embedded *own,
                    struct choice *choice, struct choice_files *files,
                    struct rvemu_error *error)
{
    enum rvemu_as as;

    if (guess(o, &choice->guest, &as, error) < 0)
        return -1;
    if (as == RVEMU_AS_USER)
        return use_program(o, own, choice, files, error);
    if (o->guest_argc)
        return rvemu_error_set(error,
                               "only a user program takes arguments: a kernel "
                               "has -append");
    if (as == RVEMU_AS_MACHINE && o->bios)
        return rvemu_error_set(error,
                               "an M-mode program is its own firmware: leave "
                               "out -bios, or say -bios none");
    if (as == RVEMU_AS_MACHINE) {
        choice->guest.as = RVEMU_AS_MACHINE;
        choice->guest.firmware = (struct rvemu_image){0};
        choice->what = RVEMU_TITLE_BARE;
        return 0;
    }
    choice->guest.as = RVEMU_AS_KERNEL;
    choice->what = o->bios ? RVEMU_TITLE_KERNEL_GIVEN : RVEMU_TITLE_KERNEL;
    return 0;
}

static int read_loads(const struct options *o, struct choice_files *files,
                      struct rvemu_guest *guest, struct rvemu_error *error)
{
    guest->extra = files->extra;
    guest->extras = o->loads_count;
    for (unsigned i = 0; i < o->loads_count; i++) {
        const struct options_load *load = &o->load[i];
        struct rvemu_image *image = &files->extra[i].image;

        files->extra[i] = load->extra;
        if (load->extra.is_patch)
            image->data = load->data;
        else if (load->path[0] &&
                 rvemu_image_read(image, load->path, o->machine.ram_bytes,
                                  error) < 0)
            return -1;
    }
    return 0;
}

static int read_files(const struct options *o, struct choice_files *files,
                      struct rvemu_guest *guest, struct rvemu_error *error)
{
    enum { PACKED = 2 }; /* so many are programs, which may be packed */
    const struct {
        const char *path;
        struct rvemu_image *file;
        struct rvemu_image *image;
    } all[] = {
        {o->guest, &files->guest, &guest->image},
        {o->bios, &files->firmware, &guest->firmware},
        {o->initrd, &files->initrd, &guest->initrd},
        {o->dtb, &files->dtb, &guest->dtb},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!all[i].path)
            continue;
        if (rvemu_image_read(all[i].file, all[i].path, o->machine.ram_bytes,
                             error) < 0)
            return -1;
        if (i < PACKED &&
            rvemu_image_unpack(all[i].file, o->machine.ram_bytes, error) < 0)
            return -1;
        *all[i].image = *all[i].file;
    }
    return read_loads(o, files, guest, error);
}

void choice_close(struct choice *choice)
{
    struct choice_files *files = &choice->files;

    user_program_close(&files->program);
    free(files->bootargs);
    rvemu_image_free(&files->guest);
    rvemu_image_free(&files->firmware);
    rvemu_image_free(&files->initrd);
    rvemu_image_free(&files->dtb);
    for (unsigned i = 0; i < OPTIONS_LOADS_MAX; i++)
        if (!files->extra[i].is_patch)
            rvemu_image_free(&files->extra[i].image);
}

/* Our own images do not ask what a hart has: they are compiled for it. */
static int check_cpu(const struct options *o, const struct rvemu_guest *guest,
                     struct rvemu_error *error)
{
    const struct {
        const struct rvemu_image *image;
        const char *name;
    } own[] = {{&guest->firmware, "the bundled firmware"},
               {&guest->image, "the bundled kernel"}};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (!own[i].image->path &&
            rvemu_cpu_suits(o->cpu, own[i].image, own[i].name, error) < 0)
            return -1;
    return 0;
}

/* What goes on from a snapshot is there; images are wanted for their symbols:
 * ours, if it was they. */
static void use_restored(const struct embedded *own, struct choice *choice)
{
    switch (choice->what) {
    case RVEMU_TITLE_BUNDLED:
    case RVEMU_TITLE_PROGRAM:
        choice->guest.image = own->kernel;
        choice->guest.initrd = own->initrd;
        break;
    default: choice->guest.firmware = (struct rvemu_image){0}; break;
    }
}

int choose(const struct options *o, struct choice *choice,
           struct rvemu_error *error)
{
    struct choice_files *files = &choice->files;
    struct embedded own = embedded_images();

    choice->guest.bootargs = o->append;
    choice->guest.quiet = o->quiet;
    if (read_files(o, files, &choice->guest, error) < 0)
        return -1;
    if (!o->bios && !o->bios_none)
        choice->guest.firmware = own.firmware;
    if (o->restored && !o->guest) {
        use_restored(&own, choice);
        return 0;
    }
    if (o->guest       ? use_file(o, &own, choice, files, error)
        : has_loads(o) ? use_loads(o, choice)
                       : use_bundled(o, &own, choice, files, false, error))
        return -1;
    return check_cpu(o, &choice->guest, error);
}
