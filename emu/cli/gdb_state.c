/* Registers and memory, in gdb's words; see gdb_state.h. */
#include "cli/gdb_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PC 32
#define F_FIRST 33
#define CSR_FIRST 65
#define CSRS 0x1000
#define PRIV (CSR_FIRST + CSRS)
#define PRIV_M 3
#define CSR_FCSR 0x003
#define CSR_SATP 0x180
#define PAGE 4096u
/* The description of one register is shorter. */
#define LINE_MAX 80
#define DESCRIPTION_MAX ((32 + 33 + CSRS) * (size_t)LINE_MAX + 1024)

static const char *const x_names[] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "fp", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", "pc",
};

static const char *const f_names[] = {
    "ft0", "ft1", "ft2",  "ft3",  "ft4", "ft5", "ft6",  "ft7",
    "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
    "fa6", "fa7", "fs2",  "fs3",  "fs4", "fs5", "fs6",  "fs7",
    "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

static bool has_csr(rvemu *machine, unsigned hart, unsigned number)
{
    uint64_t value;

    return rvemu_csr(machine, hart, number, &value) == 0;
}

struct writer {
    char *text;
    size_t used;
};

static void add(struct writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct writer *w, const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vsnprintf(w->text + w->used, DESCRIPTION_MAX - w->used, format,
                      arguments);
    va_end(arguments);
    w->used += (size_t)count;
}

static void add_register(struct writer *w, const char *name, unsigned number,
                         const char *type)
{
    add(w, "<reg name=\"%s\" bitsize=\"64\" regnum=\"%u\" type=\"%s\"/>\n",
        name, number, type);
}

static const char *x_type(unsigned number)
{
    if (number == 1 || number == PC)
        return "code_ptr";
    return number == 2 || number == 3 || number == 4 || number == 8 ? "data_ptr"
                                                                    : "int";
}

static void add_features(struct writer *w, rvemu *machine, unsigned hart)
{
    add(w, "<feature name=\"org.gnu.gdb.riscv.cpu\">\n");
    for (unsigned i = 0; i < GDB_CORE_REGISTERS; i++)
        add_register(w, x_names[i], i, x_type(i));
    add(w, "</feature>\n");
    if (has_csr(machine, hart, CSR_FCSR)) {
        add(w, "<feature name=\"org.gnu.gdb.riscv.fpu\">\n");
        for (unsigned i = 0; i < 32; i++)
            add_register(w, f_names[i], F_FIRST + i, "ieee_double");
        add(w, "</feature>\n");
    }
    add(w, "<feature name=\"org.gnu.gdb.riscv.csr\">\n");
    for (unsigned i = 0; i < CSRS; i++)
        if (rvemu_csr_name(i) && has_csr(machine, hart, i))
            add_register(w, rvemu_csr_name(i), CSR_FIRST + i, "int");
    add(w, "</feature>\n<feature name=\"org.gnu.gdb.riscv.virtual\">\n");
    add_register(w, "priv", PRIV, "int");
    add(w, "</feature>\n");
}

char *gdb_describe(rvemu *machine, unsigned hart)
{
    struct writer w = {.text = malloc(DESCRIPTION_MAX)};

    if (!w.text)
        return NULL;
    add(&w, "<?xml version=\"1.0\"?>\n"
            "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
            "<target><architecture>riscv:rv64</architecture>\n");
    add_features(&w, machine, hart);
    add(&w, "</target>\n");
    return w.text;
}

int gdb_read_register(rvemu *machine, unsigned hart, unsigned number,
                      uint64_t *value)
{
    if (number < PC)
        *value = rvemu_x(machine, hart, number);
    else if (number == PC)
        *value = rvemu_pc(machine, hart);
    else if (number == PRIV)
        *value = rvemu_priv(machine, hart);
    else if (number >= CSR_FIRST)
        return number > PRIV
                   ? -1
                   : rvemu_csr(machine, hart, number - CSR_FIRST, value);
    else if (!has_csr(machine, hart, CSR_FCSR))
        return -1;
    else
        *value = rvemu_f(machine, hart, number - F_FIRST);
    return 0;
}

int gdb_write_register(rvemu *machine, unsigned hart, unsigned number,
                       uint64_t value)
{
    if (rvemu_history_is_past(machine))
        return -1;
    if (number == PC)
        return rvemu_set_pc(machine, hart, value);
    if (number >= PRIV)
        return -1;
    if (number >= CSR_FIRST)
        return rvemu_set_csr(machine, hart, number - CSR_FIRST, value);
    if (number < PC)
        rvemu_set_x(machine, hart, number, value);
    else if (!has_csr(machine, hart, CSR_FCSR))
        return -1;
    else
        rvemu_set_f(machine, hart, number - F_FIRST, value);
    return 0;
}

void gdb_put_bytes(char *text, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int gdb_get_bytes(const char *text, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int high = digit(text[2 * i]);
        int low = high < 0 ? -1 : digit(text[2 * i + 1]);

        if (low < 0)
            return -1;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

void gdb_put_word(char *text, uint64_t value)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    gdb_put_bytes(text, bytes, 8);
}

int gdb_get_word(const char *text, uint64_t *value)
{
    uint8_t bytes[8];

    if (gdb_get_bytes(text, bytes, 8) < 0)
        return -1;
    *value = 0;
    for (unsigned i = 0; i < 8; i++)
        *value |= (uint64_t)bytes[i] << 8 * i;
    return 0;
}

const char gdb_memory_map[] =
    "<?xml version=\"1.0\"?>\n"
    "<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map "
    "V1.0//EN\" \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n"
    "<memory-map>\n"
    "<memory type=\"ram\" start=\"0x0\" length=\"0x8000000000000000\"/>\n"
    "<memory type=\"ram\" start=\"0x8000000000000000\" "
    "length=\"0x8000000000000000\"/>\n"
    "</memory-map>\n";

/* Where an address lies, and how many bytes of up to count are behind it in its
 * page. -1: nowhere. */
static int locate(const struct gdb_memory *in, uint64_t address, size_t *count,
                  uint64_t *pa)
{
    size_t room = PAGE - address % PAGE;
    uint64_t satp = 0;

    if (!in->is_physical && rvemu_priv(in->machine, in->hart) != PRIV_M &&
        rvemu_csr(in->machine, in->hart, CSR_SATP, &satp) < 0)
        satp = 0;
    if (*count > room)
        *count = room;
    return rvemu_translate(in->machine, satp, address, pa);
}

size_t gdb_read_memory(const struct gdb_memory *from, uint64_t address,
                       size_t count, char *text)
{
    size_t done = 0;

    *text = '\0';
    while (done < count) {
        size_t here = count - done;
        uint8_t bytes[PAGE];
        uint64_t pa;

        if (locate(from, address + done, &here, &pa) < 0 ||
            rvemu_read_ram(from->machine, pa, bytes, here) < 0)
            break;
        gdb_put_bytes(text + 2 * done, bytes, here);
        done += here;
    }
    return done;
}

int gdb_write_memory(const struct gdb_memory *to, uint64_t address,
                     size_t count, const char *text)
{
    size_t done = 0;

    while (done < count) {
        size_t here = count - done;
        uint8_t bytes[PAGE];
        uint64_t pa;

        if (locate(to, address + done, &here, &pa) < 0 ||
            gdb_get_bytes(text + 2 * done, bytes, here) < 0 ||
            rvemu_write_ram(to->machine, pa, bytes, here) < 0)
            return -1;
        done += here;
    }
    return 0;
}
