/*
 * The bytes of the images that emu carries, read-only and page-aligned. The
 * build defines FIRMWARE, KERNEL and INITRD as file names, or leaves them
 * out.
 */
    .section .rodata.embed, "a"

    .macro image name, file:vararg
    .balign 4096
    .globl embed_\name
    .globl embed_\name\()_end
embed_\name:
    .ifnb \file
    .incbin \file
    .endif
embed_\name\()_end:
    .byte 0
    .endm

#ifdef FIRMWARE
    image firmware FIRMWARE
    image kernel KERNEL
    image initrd INITRD
#else
    image firmware
    image kernel
    image initrd
#endif

    .section .note.GNU-stack, "", @progbits
