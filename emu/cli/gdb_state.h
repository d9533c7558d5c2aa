/*
 * A hart's registers and memory in the words of gdb's remote serial protocol:
 * bytes in hex, registers by the numbers that the target description gives
 * them. Those of its features are gdb's ("RISC-V Features" in its manual):
 *
 *     0 to 31, 32    x0 to x31, pc
 *     33 to 64       f0 to f31, where the hart has F
 *     65 + number    the CSRs that the hart has
 *     4161           priv, the privilege: 0 U, 1 S, 3 M
 */
#ifndef CLI_GDB_STATE_H
#define CLI_GDB_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#define GDB_CORE_REGISTERS 33
#define GDB_REGISTER_DIGITS 16

/* The target description of a hart, in XML; the caller frees it. NULL: no
 * memory. */
char *gdb_describe(rvemu *machine, unsigned hart);

/* Reads or writes a register. -1: there is none of this number, or, of a write,
 * it takes no value, or not this one, or none in the past. */
int gdb_read_register(rvemu *machine, unsigned hart, unsigned number,
                      uint64_t *value);
int gdb_write_register(rvemu *machine, unsigned hart, unsigned number,
                       uint64_t value);

/* 16 digits, lowest byte first, and a 0; and back: -1 when they are not that.
 */
void gdb_put_word(char *text, uint64_t value);
int gdb_get_word(const char *text, uint64_t *value);

/* Bytes as pairs of digits, and a 0; and back: -1 when they are not that. */
void gdb_put_bytes(char *text, const uint8_t *bytes, size_t count);
int gdb_get_bytes(const char *text, uint8_t *bytes, size_t count);

/* The memory map in XML: all is RAM, since any address may be mapped. */
extern const char gdb_memory_map[];

/* What addresses are: a hart's virtual ones, by its page tables where its
 * privilege goes by them, or physical ones. */
struct gdb_memory {
    rvemu *machine;
    unsigned hart;
    bool is_physical;
};

/* Reads RAM into 2 * count digits and a 0. Returns how many bytes it could
 * read, from the address on. */
size_t gdb_read_memory(const struct gdb_memory *from, uint64_t address,
                       size_t count, char *text);

/* Writes as many bytes as there are pairs of digits. -1: not all of them are
 * digits, or not all of it is RAM that is mapped, or the machine is in its past
 * (rvemu/history.h); a part may be written. */
int gdb_write_memory(const struct gdb_memory *to, uint64_t address,
                     size_t count, const char *text);

#endif
