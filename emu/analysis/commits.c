/*
 * --log-commits: a line an instruction, in the format of riscv-isa-sim's
 * option of that name, which other tools read.
 *
 *   core   0: 3 0x0000000080000010 (0x30529073) c773_mtvec 0x0000000080000034
 *   core   0: 0 0x0000000000001004 (0x4108) x10 0x0000000000000007 mem 0x…
 *   core   0: 0 0x0000000000001006 (0xc10c) mem 0x0000000000002000 0x00000007
 *
 * That is: hart, privilege, pc, encoding; the registers it wrote, by number
 * and, where an x, an f and a CSR share one, in this order; where it loaded
 * from; where it stored, and what. Zeroing a cache block is a store of each
 * byte. What traps has no line.
 *
 * Lines are made by hand: there are millions of them.
 */
#include <rvemu/commits.h>

#include <string.h>

#include "isa/csr.h"

/* Keys of registers: the number, then which file. */
#define FILE_X 0
#define FILE_F 1
#define FILE_CSR 4
#define KEY(number, file) ((unsigned)(number) << 4 | (file))

static char *put_text(char *at, const char *text)
{
    size_t length = strlen(text);

    memcpy(at, text, length);
    return at + length;
}

static char *put_hex(char *at, uint64_t value, unsigned bytes)
{
    static const char digits[] = "0123456789abcdef";

    *at++ = '0';
    *at++ = 'x';
    for (unsigned shift = 8 * bytes; shift; shift -= 4)
        *at++ = digits[value >> (shift - 4) & 15];
    return at;
}

/* A number below 10,000 in at least so many characters. */
static char *put_number(char *at, unsigned number, unsigned width)
{
    char digits[4];
    unsigned count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    for (; width > count; width--)
        *at++ = ' ';
    while (count)
        *at++ = digits[--count];
    return at;
}

static char *put_register(char *at, unsigned key)
{
    unsigned number = key >> 4;
    const char *name;

    *at++ = ' ';
    if ((key & 15) == FILE_CSR) {
        *at++ = 'c';
        at = put_number(at, number, 0);
        *at++ = '_';
        name = csr_name(number);
        at = put_text(at, name ? name : "unknown");
    } else {
        *at++ = (key & 15) == FILE_F ? 'f' : 'x';
        at = put_number(at, number, 0);
        if (number < 10)
            *at++ = ' ';
    }
    *at++ = ' ';
    return at;
}

static char *put_store(char *at, uint64_t va, uint64_t value, unsigned size)
{
    at = put_text(at, " mem ");
    at = put_hex(at, va, 8);
    *at++ = ' ';
    return put_hex(at, value, size);
}

static char *put_stores(char *at, const struct rvemu_ev_store *store)
{
    if (store->size <= 8)
        return put_store(at, store->va, store->value, (unsigned)store->size);
    for (uint64_t i = 0; i < store->size; i++)
        at = put_store(at, store->va + i, 0, 1);
    return at;
}

static char *put_head(char *at, const struct rvemu_event *event)
{
    uint64_t insn = event->retire.insn;

    at = put_text(at, "core");
    at = put_number(at, event->hart, 4);
    at = put_text(at, ": ");
    at = put_number(at, event->priv, 0);
    *at++ = ' ';
    at = put_hex(at, event->pc, 8);
    at = put_text(at, " (");
    at = put_hex(at, insn, (insn & 3) == 3 ? 4 : 2);
    *at++ = ')';
    return at;
}

/* Keeps the writes in the order of their keys. */
static void keep_write(struct rvemu_commits *c, unsigned key, uint64_t value)
{
    unsigned at = c->writes;

    if (at == RVEMU_COMMITS_WRITES)
        return;
    for (; at && c->write[at - 1].key > key; at--)
        c->write[at] = c->write[at - 1];
    c->write[at].key = key;
    c->write[at].value = value;
    c->writes++;
}

static size_t finish(struct rvemu_commits *c, const struct rvemu_event *event,
                     char *out)
{
    unsigned rd = (unsigned)event->retire.rd;
    char *at = put_head(out, event);

    if (rd >= RVEMU_REG_F0)
        keep_write(c, KEY(rd - RVEMU_REG_F0, FILE_F), event->retire.value);
    else if (rd)
        keep_write(c, KEY(rd, FILE_X), event->retire.value);
    for (unsigned i = 0; i < c->writes; i++) {
        at = put_register(at, c->write[i].key);
        at = put_hex(at, c->write[i].value, 8);
    }
    for (unsigned i = 0; i < c->loads; i++) {
        at = put_text(at, " mem ");
        at = put_hex(at, c->load[i].va, 8);
    }
    for (unsigned i = 0; i < c->stores; i++)
        at = put_stores(at, &c->store[i]);
    *at++ = '\n';
    c->writes = c->loads = c->stores = 0;
    return (size_t)(at - out);
}

size_t rvemu_commits_feed(struct rvemu_commits *c,
                          const struct rvemu_event *event, char *out)
{
    switch (event->kind) {
    case RVEMU_EVENT_load:
        if (c->loads < RVEMU_COMMITS_ACCESSES)
            c->load[c->loads++] = event->load;
        break;
    case RVEMU_EVENT_store:
        if (c->stores < RVEMU_COMMITS_ACCESSES)
            c->store[c->stores++] = event->store;
        break;
    case RVEMU_EVENT_csr_write:
        keep_write(c, KEY(event->csr_write.csr, FILE_CSR),
                   event->csr_write.value);
        break;
    case RVEMU_EVENT_retire: return finish(c, event, out);
    default: break;
    }
    return 0;
}
