/*
 * Makes small ELF files for RISC-V that are right in every part, for fuzzers to
 * put mistakes into: segments, symbols, attributes, notes and DWARF.
 */
#ifndef FUZZ_ELF_MAKER_H
#define FUZZ_ELF_MAKER_H

#include "base/types.h"

#define ELF_MAKER_SEGMENTS 6
/* Bytes of the first segment that DWARF describes as code. */
#define ELF_MAKER_CODE 64

/* Bytes that grow; failing to is the end of the fuzzer. */
struct buffer {
    u8 *bytes; /* the caller's to free() */
    size_t size, room;
};

void buffer_put(struct buffer *buffer, const void *bytes, size_t count);
void buffer_number(struct buffer *buffer, u64 value, unsigned count);

struct elf_maker_segment {
    u32 type; /* PT_LOAD or another */
    u32 flags;
    u64 va, pa;
    u64 filled; /* bytes, at most 64 KiB; PT_NOTE: none, it is made */
    u64 size;
};

struct elf_maker {
    u16 type; /* ET_EXEC or another */
    u64 entry;
    bool maps_headers; /* the first segment begins with the ELF header */
    bool has_symbols, has_attributes, has_build_id, has_link, has_dwarf;
    unsigned segments;
    struct elf_maker_segment segment[ELF_MAKER_SEGMENTS];
};

/* Appends the file to an empty buffer. Symbols and DWARF describe the memory of
 * the first segment: code in its first ELF_MAKER_CODE bytes, variables behind
 * that. */
void elf_maker_make(const struct elf_maker *recipe, struct buffer *out);

/* Appends the sections of DWARF 4 that say this of a segment at va. */
void dwarf_maker_make(u64 va, struct buffer *info, struct buffer *abbrev,
                      struct buffer *line);

#endif
