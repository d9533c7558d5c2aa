/* Places inside a variable; see types.h. */
#include "debug/types.h"

#include <dwarf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define CHAIN_MAX 32        /* typedefs of typedefs, arrays of arrays */
#define POINTER UINT64_C(8) /* bytes */
#define DIMENSIONS_MAX 8
#define WAY_MAX 16 /* steps into a variable */

static bool is_alias(int tag)
{
    switch (tag) {
    case DW_TAG_typedef:
    case DW_TAG_const_type:
    case DW_TAG_volatile_type:
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type: return true;
    default: return false;
    }
}

bool types_of(const struct libdw *dw, Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;

    if (!dw->formref_die(dw->attr_integrate(die, DW_AT_type, &attribute), type))
        return false;
    for (unsigned i = 0; i < CHAIN_MAX; i++) {
        Dwarf_Die alias = *type;

        if (!is_alias(dw->tag(type)))
            return true;
        if (!dw->formref_die(dw->attr(&alias, DW_AT_type, &attribute), type))
            return false;
    }
    return false;
}

static bool number(const struct libdw *dw, Dwarf_Die *die, unsigned name,
                   u64 *value)
{
    Dwarf_Attribute attribute;
    Dwarf_Word word;

    if (dw->formudata(dw->attr(die, name, &attribute), &word) != 0)
        return false;
    *value = word;
    return true;
}

/* How many elements each dimension of an array has, the outermost first; 0
 * for one that does not say. Returns how many dimensions. */
static unsigned dimensions(const struct libdw *dw, Dwarf_Die *array,
                           u64 count[DIMENSIONS_MAX])
{
    unsigned found = 0;
    Dwarf_Die child;

    if (dw->child(array, &child) != 0)
        return 0;
    do {
        u64 upper;

        if (dw->tag(&child) != DW_TAG_subrange_type)
            continue;
        count[found] = 0;
        if (number(dw, &child, DW_AT_upper_bound, &upper))
            count[found] = upper + 1;
        else
            number(dw, &child, DW_AT_count, &count[found]);
        found++;
    } while (found < DIMENSIONS_MAX && dw->siblingof(&child, &child) == 0);
    return found;
}

static bool is_pointer(int tag)
{
    return tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type ||
           tag == DW_TAG_rvalue_reference_type;
}

u64 types_size(const struct libdw *dw, Dwarf_Die *type)
{
    Dwarf_Die at = *type;
    u64 elements = 1, bytes;

    for (unsigned i = 0; i < CHAIN_MAX; i++) {
        u64 count[DIMENSIONS_MAX];
        Dwarf_Die element;
        unsigned all;

        if (number(dw, &at, DW_AT_byte_size, &bytes))
            return __builtin_mul_overflow(elements, bytes, &bytes) ? 0 : bytes;
        if (is_pointer(dw->tag(&at))) /* clang does not say */
            return __builtin_mul_overflow(elements, POINTER, &bytes) ? 0
                                                                     : bytes;
        if (dw->tag(&at) != DW_TAG_array_type || !types_of(dw, &at, &element))
            return 0;
        all = dimensions(dw, &at, count);
        for (unsigned n = 0; n < all; n++)
            if (__builtin_mul_overflow(elements, count[n], &elements))
                return 0;
        at = element;
    }
    return 0;
}

/* Where a member begins, in bytes from the start of its struct. DWARF 2 says
 * it as an expression. */
static bool member_offset(const struct libdw *dw, Dwarf_Die *member,
                          u64 *offset)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *expression;
    size_t length;

    if (dw->hasattr(member, DW_AT_bit_size))
        return false;
    if (number(dw, member, DW_AT_data_member_location, offset))
        return true;
    if (dw->getlocation(
            dw->attr(member, DW_AT_data_member_location, &attribute),
            &expression, &length) != 0 ||
        length != 1 || expression->atom != DW_OP_plus_uconst)
        return false;
    *offset = expression->number;
    return true;
}

/* A way that is being written. */
struct way {
    const struct libdw *dw;
    Dwarf_Die type; /* of what has been reached */
    u64 offset;     /* in it */
    char *out;
    size_t size;
    size_t length; /* of out */
};

static void put(struct way *way, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct way *way, const char *format, ...)
{
    size_t room = way->size - way->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(way->out + way->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        way->length += (size_t)length < room ? (size_t)length : room - 1;
}

static bool enter_element(struct way *way)
{
    u64 count[DIMENSIONS_MAX];
    unsigned all = dimensions(way->dw, &way->type, count);
    Dwarf_Die element;
    u64 stride;

    if (!types_of(way->dw, &way->type, &element))
        return false;
    stride = types_size(way->dw, &element);
    for (unsigned n = 1; n < all; n++)
        if (__builtin_mul_overflow(stride, count[n], &stride))
            return false;
    if (!stride)
        return false;
    for (unsigned n = 0; n < all; n++) {
        put(way, "[%" PRIu64 "]", way->offset / stride);
        way->offset %= stride;
        if (n + 1 < all)
            stride /= count[n + 1];
    }
    way->type = element;
    return all > 0;
}

/* A member without a name, a struct in the struct, is entered in silence. */
static bool enter_member(struct way *way)
{
    const struct libdw *dw = way->dw;
    Dwarf_Die child;

    if (dw->child(&way->type, &child) != 0)
        return false;
    do {
        Dwarf_Die type;
        const char *name;
        u64 start;

        if (dw->tag(&child) != DW_TAG_member ||
            !member_offset(dw, &child, &start) || way->offset < start ||
            !types_of(dw, &child, &type) ||
            way->offset - start >= types_size(dw, &type))
            continue;
        name = dw->diename(&child);
        if (name)
            put(way, ".%s", name);
        way->offset -= start;
        way->type = type;
        return true;
    } while (dw->siblingof(&child, &child) == 0);
    return false;
}

static bool enter(struct way *way)
{
    switch (way->dw->tag(&way->type)) {
    case DW_TAG_array_type: return enter_element(way);
    case DW_TAG_structure_type:
    case DW_TAG_class_type: return enter_member(way);
    default: return false;
    }
}

size_t types_way(const struct libdw *dw, const Dwarf_Die *type, u64 offset,
                 char *out, size_t size)
{
    struct way way = {dw, *type, offset, out, size, 0};

    *out = '\0';
    for (unsigned i = 0; i < WAY_MAX && enter(&way); i++)
        continue;
    if (way.offset)
        put(&way, "+0x%" PRIx64, way.offset);
    return way.length;
}
