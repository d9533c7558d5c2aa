/*
 * -d: kinds of events by emu's names or by QEMU's. A name of QEMU's that has a
 * counterpart stands for it; of the others there is nothing to print, which is
 * told once, since command lines have them by habit.
 */
#include <string.h>

#include "cli/options_priv.h"

/* QEMU's names (qemu -d help), and the kinds here; NULL: none. */
static const struct {
    const char *name, *kinds;
} qemus[] = {
    {"int", "trap,xret"},  {"mmu", "page_fault,tlb_fill"},
    {"exec", "retire"},    {"in_asm", "retire"},
    {"out_asm", NULL},     {"op", NULL},
    {"op_opt", NULL},      {"op_ind", NULL},
    {"op_plugin", NULL},   {"cpu", NULL},
    {"fpu", NULL},         {"vpu", NULL},
    {"pcall", NULL},       {"cpu_reset", NULL},
    {"unimp", NULL},       {"guest_errors", NULL},
    {"invalid_mem", NULL}, {"page", NULL},
    {"nochain", NULL},     {"strace", NULL},
    {"plugin", NULL},      {"tid", NULL},
};

#define QEMUS (sizeof(qemus) / sizeof(qemus[0]))

/* Adds an item to a list. False: there is no room. */
static bool add(char list[OPTIONS_LOG_MAX], const char *text, size_t length)
{
    size_t used = strlen(list);

    if (used + length + 2 > OPTIONS_LOG_MAX)
        return false;
    if (used)
        list[used++] = ',';
    memcpy(list + used, text, length);
    list[used + length] = '\0';
    return true;
}

static bool take(struct options *o, const char *name, size_t length)
{
    for (unsigned i = 0; i < QEMUS; i++) {
        const char *kinds = qemus[i].kinds;

        if (strlen(qemus[i].name) != length ||
            memcmp(qemus[i].name, name, length) != 0)
            continue;
        return kinds ? add(o->log, kinds, strlen(kinds))
                     : add(o->log_empty, name, length);
    }
    return add(o->log, name, length);
}

/* A later -d starts anew. */
int options_set_log(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    o->log[0] = o->log_empty[0] = '\0';
    if (!strcmp(value, "help") || !strcmp(value, "?")) {
        o->action = OPTIONS_EVENTS;
        return 0;
    }
    if (!*value)
        return options_refuse(error, "-d", value, "say what; help lists it");
    for (const char *at = value; at;) {
        size_t length = strcspn(at, ",");

        if (!take(o, at, length))
            return rvemu_error_set(error, "-d: that is too long");
        at = at[length] ? at + length + 1 : NULL;
    }
    return 0;
}
