/* Variables by address; see variables.h. */
#include "debug/variables.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/types.h"

#define ENTRIES_MAX 4000000u /* of DWARF: half a second */
#define DEPTH_MAX 32         /* of blocks in functions in namespaces */

void variables_free(struct variables *variables)
{
    free(variables->variable);
    *variables = (struct variables){0};
}

/* One pass over a file. */
struct listing {
    struct variables *variables;
    const struct lines *lines;
    unsigned entries; /* seen */
};

static bool append(struct variables *variables, const struct variable *added)
{
    if (variables->count == variables->room) {
        size_t room = variables->room ? 2 * variables->room : 64;
        struct variable *grown =
            realloc(variables->variable, room * sizeof(*grown));

        if (!grown)
            return false;
        variables->variable = grown;
        variables->room = room;
    }
    variables->variable[variables->count++] = *added;
    return true;
}

/* The place of a variable, if that is an address and nothing else. DWARF 5
 * has it in a table, of which the expression names an entry. */
static bool fixed_address(const struct libdw *dw, Dwarf_Die *die, u64 *address)
{
    Dwarf_Attribute location, entry;
    Dwarf_Op *expression;
    Dwarf_Addr found;
    size_t length;

    if (dw->getlocation(dw->attr(die, DW_AT_location, &location), &expression,
                        &length) != 0 ||
        length != 1)
        return false;
    *address = expression->number;
    if (expression->atom == DW_OP_addr)
        return true;
    if ((expression->atom != DW_OP_addrx &&
         expression->atom != DW_OP_GNU_addr_index) ||
        dw->getlocation_attr(&location, expression, &entry) != 0 ||
        dw->formaddr(&entry, &found) != 0)
        return false;
    *address = found;
    return true;
}

static bool add_variable(struct listing *listing, Dwarf_Die *die)
{
    const struct libdw *dw = &listing->lines->dw;
    struct variable added = {.die = *die};
    Dwarf_Die type;
    u64 bytes;

    if (!fixed_address(dw, die, &added.start) || !types_of(dw, die, &type))
        return true;
    bytes = types_size(dw, &type);
    if (!bytes || __builtin_add_overflow(added.start, bytes, &added.end))
        return true;
    return append(listing->variables, &added);
}

static bool has_variables(int tag)
{
    switch (tag) {
    case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
    case DW_TAG_inlined_subroutine:
    case DW_TAG_namespace: return true;
    default: return false;
    }
}

/* Lists what is below an entry. False: there are too many entries, or memory
 * is lacking. */
static bool list_below(struct listing *listing, Dwarf_Die *parent,
                       unsigned depth)
{
    const struct libdw *dw = &listing->lines->dw;
    Dwarf_Die die;

    if (depth == DEPTH_MAX || dw->child(parent, &die) != 0)
        return true;
    do {
        int tag = dw->tag(&die);

        if (++listing->entries > ENTRIES_MAX)
            return false;
        if (tag == DW_TAG_variable && !add_variable(listing, &die))
            return false;
        if (has_variables(tag) && !list_below(listing, &die, depth + 1))
            return false;
    } while (dw->siblingof(&die, &die) == 0);
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct variable *a = left, *b = right;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

static void list_all(struct variables *variables, const struct lines *lines)
{
    struct listing listing = {.variables = variables, .lines = lines};
    Dwarf_CU *unit = NULL;
    Dwarf_Die die, split; /* what split DWARF has in a file of its own */

    while (lines->dw.get_units(lines->dwarf, unit, &unit, NULL, NULL, &die,
                               &split) == 0) {
        if (!list_below(&listing, split.addr ? &split : &die, 0)) {
            variables_free(variables);
            break;
        }
    }
    variables->listed = true;
    if (variables->count)
        qsort(variables->variable, variables->count,
              sizeof(*variables->variable), compare);
}

/* How many variables start at or below an address: they are the first. */
static size_t count_below(struct variables *variables,
                          const struct lines *lines, u64 address)
{
    size_t low = 0, high;

    if (!variables->listed)
        list_all(variables, lines);
    high = variables->count;
    while (low < high) { /* all before low start at or below address */
        size_t middle = low + (high - low) / 2;

        if (variables->variable[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct variable *find(struct variables *variables,
                                   const struct lines *lines, u64 address)
{
    size_t below = count_below(variables, lines, address);

    if (!below || address >= variables->variable[below - 1].end)
        return NULL;
    return &variables->variable[below - 1];
}

bool variables_meet(struct variables *variables, const struct lines *lines,
                    u64 first, u64 last, u64 *address)
{
    size_t next;

    *address = first;
    if (find(variables, lines, first))
        return true;
    next = count_below(variables, lines, first);
    if (next == variables->count || variables->variable[next].start > last)
        return false;
    *address = variables->variable[next].start;
    return true;
}

bool variables_cover(struct variables *variables, const struct lines *lines,
                     u64 address)
{
    return find(variables, lines, address) != NULL;
}

bool variables_name(struct variables *variables, const struct lines *lines,
                    u64 address, char *out, size_t size)
{
    const struct libdw *dw = &lines->dw;
    const struct variable *found = find(variables, lines, address);
    Dwarf_Die die, type;
    const char *name;
    size_t length;

    if (!found)
        return false;
    die = found->die;
    name = dw->diename(&die);
    if (!name || !types_of(dw, &die, &type))
        return false;
    snprintf(out, size, "%s", name);
    length = strlen(name);
    if (length < size)
        types_way(dw, &type, address - found->start, out + length,
                  size - length);
    return true;
}
