/*
 * Names for what a guest does; see names.h.
 *
 * Which program a space runs is found out once and kept for its root, until
 * it is said to be another: what is told of a process may be told when it has
 * ended. A space that is not recognised, maybe since nothing of it is mapped
 * yet, is looked at again when next asked about. Events have to be prompt, or
 * the space that memory shows would often be a later one with the same root.
 */
#include "cli/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/explain.h>

#include "cli/backtrace.h"
#include "cli/cpio.h"
#include "cli/symbol_files.h"

#define CSR_SATP 0x180
#define SATP_PPN ((UINT64_C(1) << 44) - 1)
#define SATP_MODE 60
#define SV39 8

/* Calls through a register: `jalr ra, offset(rs1)` by its lower half, and
 * `c.jalr rs1`. */
#define RA 1
#define SP 2
#define JALR_MASK 0x7fff
#define JALR_RA 0x00e7
#define C_JALR_MASK 0xf07f
#define C_JALR 0x9002

/* What names are asked for by: of what is touched or runs then, which needs
 * registers and memory as they are. */
#define ASKED_BY                                                \
    (RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(stale_use) | \
     RVEMU_EVENT_BIT(alias_store) | RVEMU_EVENT_BIT(probe) |    \
     RVEMU_EVENT_BIT(tlb_fill) | RVEMU_EVENT_BIT(trap) |        \
     RVEMU_EVENT_BIT(xret))

#define PAGE UINT64_C(4096)
#define STACK_REACH 65536 /* bytes, from the page of sp on */

struct kernel {
    struct rvemu_binary *binary; /* owned */
    uint64_t bias;
};

/* A space whose program is known. */
struct space {
    uint64_t root_ppn;
    struct rvemu_program program;
};

struct names {
    struct rvemu_names answers;
    struct names_config config;
    rvemu *machine;
    struct rvemu_programs *programs;
    struct kernel *kernel;
    size_t kernels;
    bool are_any;        /* but for the firmware's */
    struct space *space; /* in the order of their roots */
    size_t spaces;
    size_t spaces_room;
    struct rvemu_error *said;
    size_t lines_said;
    uint64_t mode; /* of satp, as some hart had it last */
};

static int no_memory(struct rvemu_error *error)
{
    return rvemu_error_set(error, "no memory for the names of the guest");
}

static int add_kernel(struct names *n, const struct rvemu_image *image,
                      uint64_t bias, struct rvemu_error *error)
{
    struct kernel *grown =
        realloc(n->kernel, (n->kernels + 1) * sizeof(*n->kernel));
    struct rvemu_binary *binary = rvemu_binary_new(image);

    if (grown)
        n->kernel = grown;
    if (!grown || !binary) {
        rvemu_binary_free(binary);
        return no_memory(error);
    }
    n->kernel[n->kernels++] = (struct kernel){binary, bias};
    return 0;
}

/* A file of --symbols. */
static int add_file(void *self, const char *path,
                    const struct options_symbols *option,
                    enum rvemu_binary_kind kind, struct rvemu_error *error)
{
    struct names *n = self;
    const struct rvemu_image image = {.path = path};

    if (kind != RVEMU_BINARY_KERNEL)
        return rvemu_programs_add(n->programs, &image,
                                  option->has_base ? RVEMU_LOAD_AT_BASE
                                                   : RVEMU_LOAD_AS_LINKED,
                                  option->base, error);
    if (n->config.kernels &&
        rvemu_symbols_add(n->config.kernels, &image, option->base, error) < 0)
        return -1;
    return add_kernel(n, &image, option->base, error);
}

/* What the guest is made of is a help where it is an ELF file, and no promise:
 * what is none is passed over. */
static int add_own_kernel(struct names *n, const struct rvemu_image *image,
                          struct rvemu_error *error)
{
    enum rvemu_binary_kind kind;
    struct rvemu_error ignored;

    if (!image->data || rvemu_binary_kind(image, 0, &kind, &ignored) < 0)
        return 0;
    return add_kernel(n, image, 0, error);
}

static void add_own_program(struct names *n, const struct rvemu_image *image)
{
    enum rvemu_binary_kind kind;
    struct rvemu_error ignored;

    if (image->data && image->size &&
        rvemu_binary_kind(image, 0, &kind, &ignored) == 0 &&
        kind == RVEMU_BINARY_PROGRAM)
        rvemu_programs_add(n->programs, image, RVEMU_LOAD_AS_LINKED, 0,
                           &ignored);
}

static void add_archive(struct names *n, const struct rvemu_image *archive)
{
    struct cpio_entry entry;
    size_t at = 0;

    while (archive->data && cpio_next(archive, &at, &entry)) {
        const struct rvemu_image file = {
            .path = entry.name, .data = entry.data, .size = entry.size};

        add_own_program(n, &file);
    }
}

static int add_all(struct names *n, const struct names_config *config,
                   struct rvemu_error *error)
{
    const struct options *o = config->options;

    for (unsigned i = 0; i < o->symbols_count; i++)
        if (symbol_files_each(&o->symbols[i], add_file, n, error) < 0)
            return -1;
    add_own_program(n, config->program);
    add_archive(n, &config->guest->initrd);
    if (add_own_kernel(n, &config->guest->image, error) < 0)
        return -1;
    n->are_any = n->kernels || rvemu_programs_count(n->programs);
    return add_own_kernel(n, &config->guest->firmware, error);
}

/* ---- spaces ---- */

/* The satp value of a root. Its mode is that of the hart that has this root,
 * or else of any: a kernel uses one. */
static uint64_t satp_of(struct names *n, uint64_t root_ppn)
{
    uint64_t satp;

    for (unsigned hart = 0; hart < rvemu_harts(n->machine); hart++) {
        if (rvemu_csr(n->machine, hart, CSR_SATP, &satp) < 0 ||
            !(satp >> SATP_MODE))
            continue;
        n->mode = satp >> SATP_MODE;
        if ((satp & SATP_PPN) == root_ppn)
            break;
    }
    return n->mode << SATP_MODE | root_ppn;
}

/* A space that is being looked at. */
struct view {
    const rvemu *machine;
    uint64_t satp;
};

static bool read_page(void *arg, uint64_t va, uint8_t page[RVEMU_PAGE])
{
    const struct view *view = arg;
    uint64_t pa;

    return rvemu_translate(view->machine, view->satp, va, &pa) == 0 &&
           rvemu_read_ram(view->machine, pa, page, RVEMU_PAGE) == 0;
}

/* Where the space of a root is, or belongs. */
static size_t place_of(const struct names *n, uint64_t root_ppn)
{
    size_t low = 0, high = n->spaces;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (n->space[middle].root_ppn < root_ppn)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct space *find_space(const struct names *n, uint64_t root_ppn)
{
    size_t at = place_of(n, root_ppn);

    return at < n->spaces && n->space[at].root_ppn == root_ppn ? &n->space[at]
                                                               : NULL;
}

static bool has_room(struct names *n)
{
    size_t room = n->spaces_room ? 2 * n->spaces_room : 16;
    struct space *grown;

    if (n->spaces < n->spaces_room)
        return true;
    grown = realloc(n->space, room * sizeof(*grown));
    if (!grown)
        return false;
    n->space = grown;
    n->spaces_room = room;
    return true;
}

static void keep_space(struct names *n, uint64_t root_ppn,
                       const struct rvemu_program *program)
{
    size_t at = place_of(n, root_ppn);

    if (!has_room(n))
        return;
    memmove(&n->space[at + 1], &n->space[at],
            (n->spaces - at) * sizeof(*n->space));
    n->space[at] = (struct space){root_ppn, *program};
    n->spaces++;
}

/* Finds the program of a space; pc is where it executes, NULL: unknown. */
static bool find_program(struct names *n, uint64_t root_ppn, const uint64_t *pc,
                         struct rvemu_program *program)
{
    const struct space *known = find_space(n, root_ppn);
    struct view view;

    if (known) {
        *program = known->program;
        return true;
    }
    if (!root_ppn || !n->machine)
        return false;
    view = (struct view){n->machine, satp_of(n, root_ppn)};
    if (pc ? !rvemu_programs_recognise(n->programs, read_page, &view, *pc,
                                       program)
           : !rvemu_programs_search(n->programs, read_page, &view, program))
        return false;
    keep_space(n, root_ppn, program);
    return true;
}

/* ---- answers ---- */

/* Says why a file has no lines, unless that has been said. */
static void say_once(struct names *n, struct rvemu_binary *binary)
{
    struct rvemu_error error, *grown;

    if (rvemu_binary_load(binary, &error) == 0)
        return;
    for (size_t i = 0; i < n->lines_said; i++)
        if (!strcmp(n->said[i].text, error.text))
            return;
    grown = realloc(n->said, (n->lines_said + 1) * sizeof(*n->said));
    if (!grown)
        return;
    n->said = grown;
    n->said[n->lines_said++] = error;
    n->config.say(n->config.self, error.text);
}

/* What an answer is looked for in: a binary, and the address as its file has
 * it. True: found, and whatever it writes is written. */
typedef bool look_fn(struct rvemu_binary *binary, uint64_t address, char *out,
                     size_t size);

/* Looks in the kernel's files, or in the program that a space runs. */
static bool look(struct names *n, uint64_t root_ppn, const uint64_t *pc,
                 uint64_t va, look_fn *in, char *out, size_t size)
{
    struct rvemu_program program;

    if (root_ppn) {
        if (!find_program(n, root_ppn, pc, &program))
            return false;
        say_once(n, program.binary);
        return in(program.binary, va - program.bias, out, size);
    }
    for (size_t i = 0; i < n->kernels; i++) {
        const struct kernel *kernel = &n->kernel[i];

        say_once(n, kernel->binary);
        if (in(kernel->binary, va - kernel->bias, out, size))
            return true;
    }
    return false;
}

static bool look_line(struct rvemu_binary *binary, uint64_t address, char *out,
                      size_t size)
{
    struct rvemu_place place;

    if (!rvemu_binary_place(binary, address, &place) || !place.file)
        return false;
    snprintf(out, size, "%s:%u", place.file, place.line);
    return true;
}

static bool look_function(struct rvemu_binary *binary, uint64_t address,
                          char *out, size_t size)
{
    struct rvemu_place place;

    if (!rvemu_binary_place(binary, address, &place) || !place.symbol)
        return false;
    snprintf(out, size, "%s", place.symbol);
    return true;
}

static bool look_own(struct rvemu_binary *binary, uint64_t address, char *out,
                     size_t size)
{
    return rvemu_binary_is_own(binary, address);
}

static bool look_beside(struct rvemu_binary *binary, uint64_t address,
                        char *out, size_t size)
{
    uint64_t page = address & -PAGE;

    return rvemu_binary_own_near(binary, page, page + PAGE - 1, out, size);
}

static bool look_library(struct rvemu_binary *binary, uint64_t address,
                         char *out, size_t size)
{
    struct rvemu_place place;

    return rvemu_binary_tells_own(binary) &&
           rvemu_binary_place(binary, address, &place) && place.symbol &&
           !place.file;
}

static bool look_place(struct rvemu_binary *binary, uint64_t address, char *out,
                       size_t size)
{
    struct rvemu_place place;
    bool found =
        size == sizeof(place) && rvemu_binary_place(binary, address, &place);

    if (found)
        memcpy(out, &place, sizeof(place));
    return found;
}

bool names_place(struct names *n, uint64_t root_ppn, uint64_t pc,
                 struct rvemu_place *place)
{
    *place = (struct rvemu_place){.symbol = NULL};
    return look(n, root_ppn, &pc, pc, look_place, (char *)place,
                sizeof(*place));
}

static bool name_program(void *arg, uint64_t root_ppn, uint64_t pc, char *out,
                         size_t size)
{
    struct rvemu_program program;

    *out = '\0';
    if (!find_program(arg, root_ppn, &pc, &program))
        return false;
    snprintf(out, size, "%s", program.name);
    return true;
}

static bool name_line(void *arg, uint64_t root_ppn, uint64_t pc, char *out,
                      size_t size)
{
    *out = '\0';
    return look(arg, root_ppn, &pc, pc, look_line, out, size);
}

static bool name_function(void *arg, uint64_t root_ppn, uint64_t pc, char *out,
                          size_t size)
{
    *out = '\0';
    return look(arg, root_ppn, &pc, pc, look_function, out, size);
}

static bool name_data(void *arg, uint64_t root_ppn, uint64_t va, char *out,
                      size_t size)
{
    *out = '\0';
    return look(arg, root_ppn, NULL, va, rvemu_binary_data, out, size);
}

static bool is_own(void *arg, uint64_t root_ppn, uint64_t va)
{
    return look(arg, root_ppn, NULL, va, look_own, NULL, 0);
}

static bool name_beside(void *arg, uint64_t root_ppn, uint64_t va, char *out,
                        size_t size)
{
    *out = '\0';
    return look(arg, root_ppn, NULL, va, look_beside, out, size);
}

static bool is_library(void *arg, uint64_t root_ppn, uint64_t pc)
{
    return look(arg, root_ppn, &pc, pc, look_library, NULL, 0);
}

static bool is_stack(void *arg, unsigned hart, uint64_t va)
{
    const struct names *n = arg;
    uint64_t sp = n->machine ? rvemu_x(n->machine, hart, SP) : 0;

    return n->machine && va - (sp & -PAGE) < STACK_REACH;
}

static bool read_half(const struct view *view, uint64_t va, unsigned *half)
{
    uint8_t bytes[2];
    uint64_t pa;

    if (rvemu_translate(view->machine, view->satp, va, &pa) < 0 ||
        rvemu_read_ram(view->machine, pa, bytes, sizeof(bytes)) < 0)
        return false;
    *half = bytes[0] | (unsigned)bytes[1] << 8;
    return true;
}

/* Whether a `jalr ra, offset(rs1)` leads to va by the registers as they are.
 * What it was through rs1 = ra is no longer known. */
static bool leads_to(const struct names *n, unsigned hart, uint64_t va,
                     unsigned rs1, int64_t offset)
{
    return rs1 > RA && ((rvemu_x(n->machine, hart, rs1) + (uint64_t)offset) &
                        ~UINT64_C(1)) == va;
}

static bool find_call(void *arg, unsigned hart, uint64_t va, uint64_t *pc)
{
    struct names *n = arg;
    struct view view = {.machine = n->machine};
    unsigned low, high;
    uint64_t ra;

    if (!n->machine || rvemu_csr(n->machine, hart, CSR_SATP, &view.satp) < 0)
        return false;
    ra = rvemu_x(n->machine, hart, RA);
    if (!read_half(&view, ra - 2, &high))
        return false;
    if ((high & C_JALR_MASK) == C_JALR &&
        leads_to(n, hart, va, high >> 7 & 31, 0)) {
        *pc = ra - 2;
        return true;
    }
    *pc = ra - 4;
    return read_half(&view, ra - 4, &low) && (low & JALR_MASK) == JALR_RA &&
           leads_to(n, hart, va, (high << 1 & 30) | low >> 15,
                    (int16_t)high >> 4);
}

static bool find_caller(void *arg, unsigned hart, uint64_t pc, uint64_t *call)
{
    struct names *n = arg;
    const struct scene scene = {.machine = n->machine, .names = &n->answers};

    return n->machine && backtrace_caller(&scene, hart, pc, call);
}

static void forget(void *arg, uint64_t root_ppn)
{
    struct names *n = arg;
    struct space *known = find_space(n, root_ppn);

    if (!known)
        return;
    n->spaces--;
    memmove(known, known + 1,
            (n->spaces - (size_t)(known - n->space)) * sizeof(*known));
}

int names_open(struct names **out, const struct names_config *config,
               struct rvemu_error *error)
{
    struct names *n = calloc(1, sizeof(*n));

    *out = NULL;
    if (!n)
        return no_memory(error);
    n->answers = (struct rvemu_names){
        .arg = n,
        .name_program = name_program,
        .name_line = name_line,
        .name_function = name_function,
        .name_data = name_data,
        .is_own = is_own,
        .name_beside = name_beside,
        .is_library = is_library,
        .is_stack = is_stack,
        .find_call = find_call,
        .find_caller = find_caller,
        .forget = forget,
    };
    n->config = *config;
    n->mode = SV39;
    n->programs = rvemu_programs_new();
    if (!n->programs ? no_memory(error) : add_all(n, config, error)) {
        names_close(n);
        return -1;
    }
    *out = n;
    return 0;
}

void names_close(struct names *n)
{
    if (!n)
        return;
    rvemu_programs_free(n->programs);
    for (size_t i = 0; i < n->kernels; i++)
        rvemu_binary_free(n->kernel[i].binary);
    free(n->kernel);
    free(n->space);
    free(n->said);
    free(n);
}

void names_attach(struct names *n, rvemu *machine)
{
    rvemu_set_prompt(machine, ASKED_BY);
    n->machine = machine;
    n->spaces = 0;
}

bool names_are_any(const struct names *n)
{
    return n->are_any;
}

bool names_have_function(const struct names *n, const char *program,
                         const char *function)
{
    for (size_t i = 0; i < n->kernels; i++)
        if (rvemu_binary_has_symbol(n->kernel[i].binary, function))
            return true;
    return rvemu_programs_have_symbol(n->programs, program, function);
}

const struct rvemu_names *names_answers(const struct names *n)
{
    return &n->answers;
}
