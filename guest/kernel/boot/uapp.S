/*
 * The section with the bundled programs, as boot/uapp.c reads it. Files are
 * found where the build has put them.
 */
    .section .uapp, "a"
    .ascii "UAPP\0"
uapp_table:
    .8byte uapp_lab4 - uapp_table
    .8byte uapp_cow - uapp_table
    .8byte uapp_fib - uapp_table
    .8byte uapp_fork - uapp_table
    .8byte 0

    .balign 16
uapp_lab4:
    .incbin "lab4.elf"
    .balign 16
uapp_cow:
    .incbin "lab5-cow.elf"
    .balign 16
uapp_fib:
    .incbin "lab5-fib.elf"
    .balign 16
uapp_fork:
    .incbin "lab5-fork.elf"
