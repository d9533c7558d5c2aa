/* Facts of extensions; see ext.h. Constant data and no state. */
#include "isa/ext.h"

#include <string.h>

#include "base/bits.h"

#define SET(id) EXT_SET(id)

const struct ext_info ext_info[EXT_COUNT] = {
#define EXTENSION(id, text, seen, all_of, unasked, way) \
    [EXT_##id] = {.name = text,                         \
                  .shown = seen,                        \
                  .needs = all_of,                      \
                  .with = unasked,                      \
                  .how = EXT_##way},
#include "isa/ext.def"
};

_Static_assert(EXT_COUNT <= 63, "a set is a word");

/* Single letters stand together, the others behind underscores. */
void ext_isa_string(u64 set, char out[EXT_TEXT_MAX])
{
    size_t used = 4;

    memcpy(out, "rv64", used);
    for (unsigned e = 0; e < EXT_COUNT; e++) {
        const char *name = ext_info[e].name;
        size_t length;

        if (!bit(set, e) || !ext_info[e].shown)
            continue;
        length = strlen(name);
        if (length > 1)
            out[used++] = '_';
        memcpy(out + used, name, length);
        used += length;
    }
    out[used] = '\0';
}

/* MXL = 2, and a bit for each letter. */
u64 ext_misa(u64 set)
{
    u64 misa = 2ull << 62;

    for (unsigned e = 0; e < EXT_COUNT; e++) {
        const char *name = ext_info[e].name;

        if (bit(set, e) && name && !name[1])
            misa |= 1ull << (name[0] - 'a');
    }
    return misa;
}

const char *ext_mmu_type(u64 set)
{
    return set & EXT_SET(SV57)   ? "riscv,sv57"
           : set & EXT_SET(SV48) ? "riscv,sv48"
           : set & EXT_SET(SV39) ? "riscv,sv39"
                                 : "riscv,none";
}
