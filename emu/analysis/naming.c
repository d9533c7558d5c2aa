/* Names from whoever has the files and the machine; see naming.h. */
#include "analysis/naming.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "isa/pte.h"

#define KERNEL 0 /* in place of a root */

struct program {
    char name[NAME_TEXT];
    u64 root;
    unsigned tries;
    bool sure; /* until its code changes */
};

/* The record of a space, made when there is none; NULL when that fails, and
 * its program then goes without a name. */
static struct program *program_of(struct naming *naming, u64 root)
{
    struct program *program = map_get(&naming->program, root);

    if (program)
        return program;
    program = arena_take(naming->program.arena, sizeof(*program));
    if (program && !map_put(&naming->program, root, program)) {
        arena_give(naming->program.arena, program);
        return NULL;
    }
    if (program)
        program->root = root;
    return program;
}

/* Names come from files: what would upset a terminal, or a line, is no part of
 * one. */
static bool clean(char *text)
{
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            *at = '.';
    return *text != '\0';
}

void naming_ask(struct naming *naming, u64 root, u64 pc)
{
    const struct rvemu_names *names = naming->names;
    char name[NAME_TEXT];
    struct program *program;

    if (!names || !names->name_program || !root)
        return;
    program = program_of(naming, root);
    if (!program)
        return;
    if (program->sure || program->tries == NAMING_TRIES) {
        naming->settled = root;
        return;
    }
    program->tries++;
    if (!names->name_program(names->arg, root, pc, name, sizeof(name)) ||
        !clean(name))
        return;
    memcpy(program->name, name, sizeof(name));
    program->sure = true;
}

static void forget(struct naming *naming, u64 root)
{
    if (naming->settled == root)
        naming->settled = 0;
    if (naming->names && naming->names->forget)
        naming->names->forget(naming->names->arg, root);
}

void naming_doubt(struct naming *naming, u64 root)
{
    struct program *program = map_get(&naming->program, root);

    if (program) {
        program->sure = false;
        program->tries = 0;
    }
    forget(naming, root);
}

void naming_forget(struct naming *naming, u64 root)
{
    arena_give(naming->program.arena, map_remove(&naming->program, root));
    forget(naming, root);
}

void naming_forget_all(struct naming *naming)
{
    size_t at = 0;

    if (!naming->names || !naming->names->forget)
        return;
    for (struct program *program; (program = map_next(&naming->program, &at));)
        naming_doubt(naming, program->root);
}

const char *naming_program(const struct naming *naming, u64 root)
{
    const struct program *program = map_get(&naming->program, root);

    return program ? program->name : "";
}

/* ---- places ---- */

static bool is_own(const struct naming *naming, u64 root, u64 address)
{
    const struct rvemu_names *names = naming->names;

    return names && names->is_own && names->is_own(names->arg, root, address);
}

/* What a compiler calls a copy that it made of a function is no name. */
static void cut_suffix(char *name)
{
    static const char *const suffixes[] = {".constprop.", ".isra.", ".part.",
                                           ".cold", ".lto_priv."};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char *at = strstr(name, suffixes[i]);

        if (at && at != name)
            *at = '\0';
    }
}

void naming_function(const struct naming *naming, u64 root, u64 pc,
                     char out[PLACE_TEXT])
{
    const struct rvemu_names *names = naming->names;

    if (!names || !names->name_function ||
        !names->name_function(names->arg, root, pc, out, PLACE_TEXT))
        *out = '\0';
    clean(out);
    cut_suffix(out);
}

static bool name_data(const struct naming *naming, u64 root, u64 va,
                      char out[PLACE_TEXT])
{
    const struct rvemu_names *names = naming->names;

    return names && names->name_data && is_own(naming, root, va) &&
           names->name_data(names->arg, root, va, out, PLACE_TEXT) &&
           clean(out);
}

void naming_source(const struct naming *naming, u64 root, u64 pc,
                   struct place *place)
{
    const struct rvemu_names *names = naming->names;

    if (!names || !names->name_line || !is_own(naming, root, pc) ||
        !names->name_line(names->arg, root, pc, place->line, PLACE_TEXT))
        place->line[0] = '\0';
    clean(place->line);
    if (root == KERNEL || !place->line[0])
        naming_function(naming, root, pc, place->function);
}

void naming_code(const struct naming *naming, u64 root, u64 pc,
                 char out[CODE_TEXT])
{
    struct place place = {.name = ""};

    naming_source(naming, root, pc, &place);
    if (!place.function[0] && !place.line[0])
        snprintf(out, CODE_TEXT, "0x%" PRIx64, pc);
    else if (!place.function[0] || !place.line[0])
        snprintf(out, CODE_TEXT, "%s",
                 place.line[0] ? place.line : place.function);
    else
        snprintf(out, CODE_TEXT, "%.46s (%.46s)", place.function, place.line);
}

/* Whether an access reaches code. Some programs have their data on pages that
 * they execute: there, code of their own is what has lines. */
static bool is_code(const struct naming *naming, u64 root,
                    const struct access *access)
{
    const struct rvemu_names *names = naming->names;
    char line[PLACE_TEXT];

    if (!(access->leaf & PTE_X) || !names || !names->name_line)
        return false;
    return !is_own(naming, root, access->va) ||
           names->name_line(names->arg, root, access->va, line, sizeof(line));
}

/* Names what an access reaches: of a program, or the kernel. */
static void name_at(const struct naming *naming, u64 root,
                    const struct access *access, struct place *place)
{
    if (access->is_fetch || is_code(naming, root, access)) {
        naming_function(naming, root, access->va, place->name);
        place->is_code = place->name[0] != '\0';
    } else if (!name_data(naming, root, access->va, place->name)) {
        place->name[0] = '\0';
    }
}

/* The instruction of an access. Where an instruction cannot be fetched from,
 * that is the call that led there; false: there is none. */
static bool find_pc(const struct naming *naming, const struct access *access,
                    u64 *pc)
{
    const struct rvemu_names *names = naming->names;

    *pc = access->pc;
    if (!access->is_fetch || access->va != access->pc)
        return true;
    return names && names->find_call &&
           names->find_call(names->arg, access->hart, access->va, pc);
}

/* Whether what a library does at va concerns nobody else: no variable and no
 * stack of the user's is there. */
static bool is_library(const struct naming *naming, const struct access *access)
{
    const struct rvemu_names *names = naming->names;

    return access->priv == 0 && !access->is_fetch && names &&
           names->is_library && names->is_stack && access->leaf & PTE_U &&
           names->is_library(names->arg, access->root, access->pc) &&
           !names->is_stack(names->arg, access->hart, access->va);
}

static void name_beside(const struct naming *naming, u64 root, u64 va,
                        char out[PLACE_TEXT])
{
    const struct rvemu_names *names = naming->names;

    if (!names || !names->name_beside ||
        !names->name_beside(names->arg, root, va, out, PLACE_TEXT) ||
        !clean(out))
        *out = '\0';
}

void naming_access(const struct naming *naming, const struct access *access,
                   struct place *place)
{
    u64 actor = access->priv ? KERNEL : access->root;
    u64 pc;

    *place = (struct place){.name = ""};
    if (!access->leaf || access->leaf & PTE_U)
        name_at(naming, access->root, access, place);
    if (access->priv && !place->name[0])
        name_at(naming, KERNEL, access, place);
    if (find_pc(naming, access, &pc))
        naming_source(naming, actor, pc, place);
    if (place->name[0] || !(access->leaf & PTE_U))
        return;
    name_beside(naming, access->root, access->va, place->beside);
    place->is_library = !place->beside[0] && is_library(naming, access);
}

void naming_caller(const struct naming *naming, unsigned hart, u64 pc,
                   char out[CODE_TEXT])
{
    const struct rvemu_names *names = naming->names;
    u64 call;

    *out = '\0';
    if (names && names->find_caller &&
        names->find_caller(names->arg, hart, pc, &call))
        naming_code(naming, KERNEL, call, out);
}
