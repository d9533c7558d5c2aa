/*
 * Expressions of the monitor: numbers of 64 bits without a sign, registers,
 * symbols and memory, by C's operators and their order.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor_priv.h"

#define DEPTH_MAX 64 /* of parentheses and operators before a value */
#define NAME_MOST 128

struct reader {
    struct monitor *monitor;
    const char *text;
    unsigned depth;
    struct rvemu_error *error;
};

static const char *const x_names[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

static const char *const f_names[32] = {
    "ft0", "ft1", "ft2",  "ft3",  "ft4", "ft5", "ft6",  "ft7",
    "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
    "fa6", "fa7", "fs2",  "fs3",  "fs4", "fs5", "fs6",  "fs7",
    "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

const char *monitor_x_name(unsigned number)
{
    return x_names[number];
}

const char *monitor_f_name(unsigned number)
{
    return f_names[number];
}

/* "x31", "f0": digits behind one letter. */
static bool is_numbered(const char *name, size_t length, char letter,
                        unsigned *number)
{
    char *end;

    if (length < 2 || length > 3 || name[0] != letter ||
        !isdigit((unsigned char)name[1]) || (length == 3 && name[1] == '0'))
        return false;
    *number = (unsigned)strtoul(name + 1, &end, 10);
    return end == name + length && *number < 32;
}

static bool is_listed(const char *name, size_t length,
                      const char *const names[32], unsigned *number)
{
    for (*number = 0; *number < 32; ++*number)
        if (monitor_is(name, length, names[*number]))
            return true;
    return false;
}

bool monitor_register(const char *name, size_t length, enum monitor_kind *kind,
                      unsigned *number)
{
    *kind = MONITOR_X;
    if (is_numbered(name, length, 'x', number) ||
        is_listed(name, length, x_names, number))
        return true;
    *number = 8;
    if (monitor_is(name, length, "fp"))
        return true;
    *kind = MONITOR_F;
    if (is_numbered(name, length, 'f', number) ||
        is_listed(name, length, f_names, number))
        return true;
    *kind = MONITOR_PC;
    if (monitor_is(name, length, "pc"))
        return true;
    *kind = MONITOR_PRIV;
    if (monitor_is(name, length, "priv"))
        return true;
    *kind = MONITOR_CSR;
    for (*number = 0; *number < 0x1000; ++*number)
        if (rvemu_csr_name(*number) &&
            monitor_is(name, length, rvemu_csr_name(*number)))
            return true;
    return false;
}

int monitor_read_register(const struct monitor *m, enum monitor_kind kind,
                          unsigned number, uint64_t *value)
{
    switch (kind) {
    case MONITOR_X: *value = rvemu_x(m->machine, m->hart, number); return 0;
    case MONITOR_F: *value = rvemu_f(m->machine, m->hart, number); return 0;
    case MONITOR_PC: *value = rvemu_pc(m->machine, m->hart); return 0;
    case MONITOR_PRIV: *value = rvemu_priv(m->machine, m->hart); return 0;
    default: return rvemu_csr(m->machine, m->hart, number, value);
    }
}

struct monitor_variable *monitor_variable(struct monitor *m, const char *name,
                                          size_t length)
{
    for (unsigned i = 0; i < m->variables; i++)
        if (monitor_is(name, length, m->variable[i].name))
            return &m->variable[i];
    return NULL;
}

static void skip(struct reader *r)
{
    r->text += strspn(r->text, " \t");
}

static bool take(struct reader *r, const char *operator)
{
    size_t length = strlen(operator);

    if (strncmp(r->text, operator, length) != 0)
        return false;
    r->text += length;
    skip(r);
    return true;
}

/* The length of the name at the text: letters, digits, '_', '.' and '$'. */
static size_t name_length(const char *text)
{
    size_t length = 0;

    while (isalnum((unsigned char)text[length]) || text[length] == '_' ||
           text[length] == '.' || text[length] == '$')
        length++;
    return length;
}

static int read_number(struct reader *r, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(r->text, &end, 0);
    if (errno)
        return rvemu_error_set(r->error, "a number of more than 64 bits");
    if (name_length(end))
        return rvemu_error_set(r->error, "no number: %.40s", r->text);
    r->text = end;
    skip(r);
    return 0;
}

static int read_register(struct reader *r, uint64_t *value)
{
    size_t length = name_length(++r->text);
    const struct monitor_variable *variable;
    enum monitor_kind kind;
    unsigned number;

    variable = monitor_variable(r->monitor, r->text, length);
    if (variable)
        *value = variable->value;
    else if (!monitor_register(r->text, length, &kind, &number))
        return rvemu_error_set(r->error, "unknown register: $%.*s",
                               (int)(length < 40 ? length : 40), r->text);
    else if (monitor_read_register(r->monitor, kind, number, value) < 0)
        return rvemu_error_set(r->error, "the hart has no $%.*s", (int)length,
                               r->text);
    r->text += length;
    skip(r);
    return 0;
}

static int read_symbol(struct reader *r, uint64_t *value)
{
    const struct monitor_config *config = &r->monitor->config;
    const struct rvemu_symbols *symbols = config->symbols(config->self);
    size_t length = name_length(r->text);
    char name[NAME_MOST];
    int found = 1;

    if (monitor_event_field(r->monitor, r->text, length, value)) {
        r->text += length;
        skip(r);
        return 0;
    }
    if (!length)
        return rvemu_error_set(
            r->error, *r->text ? "no value: %.40s" : "a value is missing",
            r->text);
    snprintf(name, sizeof(name), "%.*s", (int)length, r->text);
    if (symbols)
        found = rvemu_symbols_address(symbols, name, value);
    if (found == 1 && monitor_program(r->monitor))
        found = rvemu_symbols_address(monitor_program(r->monitor), name, value);
    if (found == 1)
        return rvemu_error_set(r->error,
                               "no symbol of that name: %s (a register has a $ "
                               "in front)",
                               name);
    if (found)
        return rvemu_error_set(r->error, "several symbols have that name: %s",
                               name);
    r->text += length;
    skip(r);
    return 0;
}

static int read_memory(struct reader *r, uint64_t va, uint64_t *value)
{
    uint8_t bytes[8];

    if (monitor_read(r->monitor, va, bytes, sizeof(bytes)) < sizeof(bytes))
        return rvemu_error_set(r->error, "no RAM can be read at 0x%llx",
                               (unsigned long long)va);
    *value = scene_word(bytes);
    return 0;
}

static int read_binary(struct reader *r, unsigned binding, uint64_t *value);

static int read_unary(struct reader *r, uint64_t *value)
{
    static const char operators[] = "-~!*(+";
    const char *which = *r->text ? strchr(operators, *r->text) : NULL;
    int failed;

    if (!which && isdigit((unsigned char)*r->text))
        return read_number(r, value);
    if (!which)
        return *r->text == '$' ? read_register(r, value)
                               : read_symbol(r, value);
    if (++r->depth > DEPTH_MAX)
        return rvemu_error_set(r->error, "too deep an expression");
    r->text++;
    skip(r);
    failed = *which == '(' ? read_binary(r, 0, value) : read_unary(r, value);
    r->depth--;
    if (failed)
        return failed;
    switch (*which) {
    case '-': *value = -*value; return 0;
    case '~': *value = ~*value; return 0;
    case '!': *value = !*value; return 0;
    case '*': return read_memory(r, *value, value);
    case '(':
        return take(r, ")") ? 0 : rvemu_error_set(r->error, "a ) is missing");
    default: return 0;
    }
}

/* How strongly an operator binds; what begins with another comes first. */
static const struct {
    char text[3];
    unsigned binding;
} operators[] = {
    {"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
    {"<<", 8}, {">>", 8}, {"<", 7},  {">", 7},  {"|", 3},  {"^", 4},
    {"&", 5},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};

#define OPERATORS (sizeof(operators) / sizeof(operators[0]))

static int apply(struct reader *r, const char *operator, uint64_t right,
                 uint64_t *left)
{
    uint64_t a = *left;

    if ((*operator== '/' || * operator== '%') && !right)
        return rvemu_error_set(r->error, "a division by 0");
    switch (operator[1] ? operator[0] +(operator[1] << 8) : * operator) {
    case '|' + ('|' << 8): *left = a || right; break;
    case '&' + ('&' << 8): *left = a && right; break;
    case '=' + ('=' << 8): *left = a == right; break;
    case '!' + ('=' << 8): *left = a != right; break;
    case '<' + ('=' << 8): *left = a <= right; break;
    case '>' + ('=' << 8): *left = a >= right; break;
    case '<' + ('<' << 8): *left = right < 64 ? a << right : 0; break;
    case '>' + ('>' << 8): *left = right < 64 ? a >> right : 0; break;
    case '<': *left = a < right; break;
    case '>': *left = a > right; break;
    case '|': *left = a | right; break;
    case '^': *left = a ^ right; break;
    case '&': *left = a & right; break;
    case '+': *left = a + right; break;
    case '-': *left = a - right; break;
    case '*': *left = a * right; break;
    case '/': *left = a / right; break;
    default: *left = a % right; break;
    }
    return 0;
}

/* A value and what binds more strongly than that. */
static int read_binary(struct reader *r, unsigned binding, uint64_t *value)
{
    if (read_unary(r, value) < 0)
        return -1;
    for (;;) {
        uint64_t right;
        unsigned i = 0;

        while (i < OPERATORS && strncmp(r->text, operators[i].text,
                                        strlen(operators[i].text)) != 0)
            i++;
        if (i == OPERATORS || operators[i].binding <= binding)
            return 0;
        take(r, operators[i].text);
        if (++r->depth > DEPTH_MAX)
            return rvemu_error_set(r->error, "too deep an expression");
        if (read_binary(r, operators[i].binding, &right) < 0 ||
            apply(r, operators[i].text, right, value) < 0)
            return -1;
        r->depth--;
    }
}

int monitor_value(struct monitor *m, const char **text, uint64_t *value,
                  struct rvemu_error *error)
{
    struct reader r = {.monitor = m, .text = *text, .error = error};

    skip(&r);
    if (read_binary(&r, 0, value) < 0)
        return -1;
    *text = r.text;
    return 0;
}

int monitor_value_only(struct monitor *m, const char *text, uint64_t *value,
                       struct rvemu_error *error)
{
    if (monitor_value(m, &text, value, error) < 0)
        return -1;
    return monitor_nothing(text, error);
}
