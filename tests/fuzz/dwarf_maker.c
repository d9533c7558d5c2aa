/*
 * DWARF 4 for elf_maker.h: a unit with the function main() and its lines, and
 * the variables `table`, five structs {char; struct {int at[2]}}, and `spot`,
 * a static int of main(). Some entries have DW_AT_sibling.
 */
#include <dwarf.h>

#include "elf_maker.h"

#define TABLE 0x40 /* where it lies in the segment */
#define SPOT 0x70
#define MEMBER 8 /* bytes of an entry */

/* A row an abbreviation, ended by a 0: its tag, whether it has children, and
 * pairs of attribute and form. */
static const u8 abbreviations[] = {
    1,
    DW_TAG_compile_unit,
    1,
    DW_AT_name,
    DW_FORM_string,
    DW_AT_comp_dir,
    DW_FORM_string,
    DW_AT_low_pc,
    DW_FORM_addr,
    DW_AT_high_pc,
    DW_FORM_data8,
    DW_AT_stmt_list,
    DW_FORM_sec_offset,
    0,
    0,
    2,
    DW_TAG_base_type,
    0,
    DW_AT_name,
    DW_FORM_string,
    DW_AT_byte_size,
    DW_FORM_data1,
    0,
    0,
    3,
    DW_TAG_structure_type,
    1,
    DW_AT_byte_size,
    DW_FORM_data1,
    DW_AT_sibling,
    DW_FORM_ref4,
    0,
    0,
    4,
    DW_TAG_member,
    0,
    DW_AT_name,
    DW_FORM_string,
    DW_AT_type,
    DW_FORM_ref4,
    DW_AT_data_member_location,
    DW_FORM_data1,
    0,
    0,
    5,
    DW_TAG_array_type,
    1,
    DW_AT_type,
    DW_FORM_ref4,
    DW_AT_sibling,
    DW_FORM_ref4,
    0,
    0,
    6,
    DW_TAG_subrange_type,
    0,
    DW_AT_upper_bound,
    DW_FORM_data1,
    0,
    0,
    7,
    DW_TAG_variable,
    0,
    DW_AT_name,
    DW_FORM_string,
    DW_AT_type,
    DW_FORM_ref4,
    DW_AT_location,
    DW_FORM_exprloc,
    0,
    0,
    8,
    DW_TAG_subprogram,
    1,
    DW_AT_name,
    DW_FORM_string,
    DW_AT_low_pc,
    DW_FORM_addr,
    DW_AT_high_pc,
    DW_FORM_data8,
    DW_AT_sibling,
    DW_FORM_ref4,
    0,
    0,
    9,
    DW_TAG_typedef,
    0,
    DW_AT_type,
    DW_FORM_ref4,
    0,
    0,
    0,
};

static void put_base(struct buffer *b, const char *name, size_t length,
                     u8 bytes)
{
    buffer_number(b, 2, 1);
    buffer_put(b, name, length);
    buffer_number(b, bytes, 1);
}

static void put_member(struct buffer *b, const char *name, u64 type, u8 offset)
{
    buffer_number(b, 4, 1);
    buffer_put(b, name, 2);
    buffer_number(b, type, 4);
    buffer_number(b, offset, 1);
}

static void put_array(struct buffer *b, u64 type, u8 upper)
{
    u64 next = b->size + 1 + 4 + 4 + 2 + 1;

    buffer_number(b, 5, 1);
    buffer_number(b, type, 4);
    buffer_number(b, next, 4);
    buffer_number(b, 6, 1);
    buffer_number(b, upper, 1);
    buffer_number(b, 0, 1);
}

static void put_variable(struct buffer *b, const char *name, u64 type, u64 va)
{
    buffer_number(b, 7, 1);
    buffer_put(b, name, 5);
    buffer_number(b, type, 4);
    buffer_number(b, 9, 1);
    buffer_number(b, DW_OP_addr, 1);
    buffer_number(b, va, 8);
}

static void put_unit(struct buffer *b, u64 va)
{
    buffer_number(b, 0, 4); /* its length, once it is known */
    buffer_number(b, 4, 2);
    buffer_number(b, 0, 4);
    buffer_number(b, 8, 1);
    buffer_number(b, 1, 1);
    buffer_put(b, "m.c", 4);
    buffer_put(b, "/d", 3);
    buffer_number(b, va, 8);
    buffer_number(b, ELF_MAKER_CODE, 8);
    buffer_number(b, 0, 4);
}

/* Begins a struct of 8 bytes, whose children take so many in its unit. */
static u64 begin_struct(struct buffer *b, u64 children)
{
    u64 start = b->size;

    buffer_number(b, 3, 1);
    buffer_number(b, 8, 1);
    buffer_number(b, b->size + 4 + children + 1, 4);
    return start;
}

/* Types refer to each other by where they begin. */
static u64 put_types(struct buffer *b, u64 *number)
{
    u64 inner, pair, array, outer, byte = b->size;

    put_base(b, "char", 5, 1);
    *number = b->size;
    put_base(b, "int", 4, 4);
    pair = b->size;
    put_array(b, *number, 1);
    outer = begin_struct(b, 6 + MEMBER + 1 + 2 * MEMBER);
    inner = begin_struct(b, MEMBER);
    put_member(b, "a", pair, 0);
    buffer_number(b, 0, 1);
    put_member(b, "c", byte, 0);
    put_member(b, "i", inner, 0);
    buffer_number(b, 0, 1);
    array = b->size;
    put_array(b, outer, 4);
    buffer_number(b, 9, 1); /* a typedef of it */
    buffer_number(b, array, 4);
    return b->size - 5;
}

static void put_lines(struct buffer *b, u64 va)
{
    static const u8 header[] = {
        4,   0,                      /* version */
        27,  0,   0,   0,            /* bytes of header from here */
        1,   1,   1,   0xfb, 14, 13, /* line_base -5, range 14 */
        0,   1,   1,   1,    1,  0,  0, 0, 1, 0, 0, 1, /* operands of opcodes */
        0,                                             /* no folders */
        'm', '.', 'c', 0,    0,  0,  0, 0,
    };
    static const u8 program[] = {3, 9, 1, /* line 10 */ 0x83, 0x84, 0x85, 2, 16,
                                 0, 1, 1 /* the sequence ends */};

    buffer_number(b, sizeof(header) + 11 + sizeof(program), 4);
    buffer_put(b, header, sizeof(header));
    buffer_number(b, 0, 1);
    buffer_number(b, 9, 1);
    buffer_number(b, DW_LNE_set_address, 1);
    buffer_number(b, va, 8);
    buffer_put(b, program, sizeof(program));
}

void dwarf_maker_make(u64 va, struct buffer *info, struct buffer *abbrev,
                      struct buffer *line)
{
    u64 table, number, next;

    buffer_put(abbrev, abbreviations, sizeof(abbreviations));
    put_unit(info, va);
    table = put_types(info, &number);
    put_variable(info, "tabl", table, va + TABLE);
    next = info->size + 1 + 5 + 8 + 8 + 4 + (1 + 5 + 4 + 1 + 9) + 1;
    buffer_number(info, 8, 1);
    buffer_put(info, "main", 5);
    buffer_number(info, va, 8);
    buffer_number(info, ELF_MAKER_CODE, 8);
    buffer_number(info, next, 4);
    put_variable(info, "spot", number, va + SPOT);
    buffer_number(info, 0, 1); /* of main() */
    buffer_number(info, 0, 1); /* of the unit */
    for (unsigned i = 0; i < 4; i++)
        info->bytes[i] = (u8)((info->size - 4) >> 8 * i);
    put_lines(line, va);
}
