/*
 * Marks: how a kernel tells emu the names of things.
 *
 * A mark is the HINT `slti x0, a0, ID` with its payload in a0 to a3. The
 * unprivileged specification sets this encoding space aside for custom use
 * and it is a no-op on every RISC-V machine, so a kernel that carries marks
 * runs unchanged, and with the same instruction stream, on boards and on
 * QEMU. emu shows marks as events; it takes names from them and nothing
 * else. Every fact about memory comes from the page tables themselves.
 *
 * Only marks from S-mode are believed. A program may execute the same
 * instruction; its marks are shown as the program's own.
 *
 * The first mark must be MARK_VERSION. Copy this file into any kernel; it
 * needs nothing else.
 */
#ifndef UAPI_MARK_H
#define UAPI_MARK_H

#define MARK_MAGIC 0x6b72616d756d65 /* "emumark" in memory order */
#define MARK_ABI 1

/*                        a0             a1            a2          a3       */
#define MARK_VERSION 1 /* MARK_MAGIC     MARK_ABI      –           –        */
#define MARK_SWITCH 2 /* pid            satp          name        –        */
#define MARK_FORK 3   /* parent pid     child pid     child satp  –        */
#define MARK_EXEC 4   /* pid            satp          name        –        */
#define MARK_EXIT 5   /* pid            wait status   satp        –        */
#define MARK_AREA 6   /* pid            start va      end va      kind     */

/* satp: the value the process runs with (its PPN names the space).
 * name: the first eight bytes of the name, as they lie in memory.
 * kind of a MARK_AREA: one of these. */
#define MARK_AREA_TEXT 1
#define MARK_AREA_RODATA 2
#define MARK_AREA_DATA 3
#define MARK_AREA_HEAP 4
#define MARK_AREA_STACK 5
#define MARK_AREA_MMAP 6

#ifndef __ASSEMBLER__
/* The arguments are evaluated before any register is taken: a call in one of
 * them would overwrite those already set. */
#define mark(id, arg0, arg1, arg2, arg3)                                      \
    do {                                                                      \
        unsigned long mark_0 = (unsigned long)(arg0);                         \
        unsigned long mark_1 = (unsigned long)(arg1);                         \
        unsigned long mark_2 = (unsigned long)(arg2);                         \
        unsigned long mark_3 = (unsigned long)(arg3);                         \
        register unsigned long mark_a0 __asm__("a0") = mark_0;                \
        register unsigned long mark_a1 __asm__("a1") = mark_1;                \
        register unsigned long mark_a2 __asm__("a2") = mark_2;                \
        register unsigned long mark_a3 __asm__("a3") = mark_3;                \
        __asm__ volatile("slti x0, a0, %0"                                    \
                         :                                                    \
                         : "i"(id), "r"(mark_a0), "r"(mark_a1), "r"(mark_a2), \
                           "r"(mark_a3));                                     \
    } while (0)
#endif

#endif
