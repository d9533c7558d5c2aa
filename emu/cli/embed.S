/*
 * The bytes of the images that emu carries, read-only and page-aligned. The
 * build defines FIRMWARE, KERNEL, KERNEL_BUGS and INITRD as file names, or
 * leaves them out.
 */
    .section .rodata.embed, "a"

    .macro begin name
    .balign 4096
    .globl embed_\name
    .globl embed_\name\()_end
embed_\name:
    .endm

    .macro end name
embed_\name\()_end:
    .byte 0
    .endm

/* A compiler cache recognizes a file that is included here only if .incbin and
 * its name stand side by side. */
    begin firmware
#ifdef FIRMWARE
    .incbin FIRMWARE
#endif
    end firmware

    begin kernel
#ifdef KERNEL
    .incbin KERNEL
#endif
    end kernel

    begin kernel_bugs
#ifdef KERNEL_BUGS
    .incbin KERNEL_BUGS
#endif
    end kernel_bugs

    begin initrd
#ifdef INITRD
    .incbin INITRD
#endif
    end initrd

    .section .note.GNU-stack, "", @progbits
