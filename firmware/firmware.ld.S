/*
 * How the firmware is linked, run through the preprocessor for layout.h. What
 * is not code or data has no bytes in the file.
 */
#include "layout.h"

OUTPUT_ARCH(riscv)
ENTRY(_start)

PHDRS
{
    text PT_LOAD FLAGS(5);
    data PT_LOAD FLAGS(6);
}

SECTIONS
{
    . = FIRMWARE_BASE;
    .text : { *(.text.start) *(.text .text.*) } :text
    .rodata : { *(.rodata .rodata.* .srodata .srodata.*) } :text
    . = ALIGN(4096);
    .data : { *(.data .data.* .sdata .sdata.*) } :data
    .bss : { *(.bss .bss.* .sbss .sbss.* COMMON) } :data
    . = FIRMWARE_BASE + FIRMWARE_SIZE - HARTS_MAX * STACK_SIZE;
    .stacks (NOLOAD) : {
        stacks_start = .;
        . += HARTS_MAX * STACK_SIZE;
    } :data
    /* Not loaded; emu reads there what harts the firmware needs. */
    .riscv.attributes 0 : { *(.riscv.attributes) }
    /DISCARD/ : { *(.comment) *(.note.*) *(.eh_frame) }
}

ASSERT(SIZEOF(.text) + SIZEOF(.rodata) + SIZEOF(.data) <= 24 * 1024,
       "the firmware has grown beyond 24 KiB")
