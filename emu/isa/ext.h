/*
 * The extensions as numbers, sets and texts; made from ext.def. A set is what
 * a hart has: it is fixed when the machine is made, and everything that asks
 * "is this there?" asks it.
 */
#ifndef ISA_EXT_H
#define ISA_EXT_H

#include <stddef.h>

#include "base/types.h"

enum extension {
#define EXTENSION(id, name, shown, needs, with, how) EXT_##id,
#include "isa/ext.def"
    EXT_COUNT
};

/* A set of extensions is an OR of these. */
#define EXT_SET(id) (1ull << EXT_##id)
#define EXT_ALL ((1ull << EXT_COUNT) - 1)

/* What a hart has when nobody says otherwise. */
#define EXT_DEFAULT (EXT_ALL & ~EXT_SET(SVADE))

enum ext_how { EXT_SWITCH, EXT_NAME, EXT_FOLLOWS };

struct ext_info {
    const char *name; /* NULL: internal */
    u64 needs;
    u64 with;
    bool shown; /* in the ISA string */
    u8 how;     /* enum ext_how */
};

extern const struct ext_info ext_info[EXT_COUNT];

/* Longest ISA string, with its terminator. */
#define EXT_TEXT_MAX 512

/* "rv64imafdc_zicsr_…", all of set in canonical order. */
void ext_isa_string(u64 set, char out[EXT_TEXT_MAX]);

/* The misa of a hart with this set. */
u64 ext_misa(u64 set);

/* The device tree's name of the widest translation: "riscv,sv57" and so on,
 * "riscv,none" where there is none. */
const char *ext_mmu_type(u64 set);

#endif
