/*
 * What the machine is and where its harts are: registers, CSRs, harts, the
 * physical map, kinds of events; and changing registers and memory.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/monitor_priv.h"

uint64_t monitor_satp_as_is(const struct monitor *m)
{
    uint64_t satp = 0;

    rvemu_csr(m->machine, m->hart, CSR_SATP, &satp);
    return satp;
}

uint64_t monitor_satp(const struct monitor *m)
{
    return rvemu_priv(m->machine, m->hart) == 3 ? 0 : monitor_satp_as_is(m);
}

size_t monitor_read(const struct monitor *m, uint64_t va, void *bytes,
                    size_t count)
{
    uint64_t satp = monitor_satp(m), pa;
    size_t done = 0;

    while (done < count) {
        size_t here = PAGE - (va + done) % PAGE;

        if (here > count - done)
            here = count - done;
        if (rvemu_translate(m->machine, satp, va + done, &pa) < 0 ||
            rvemu_read_ram(m->machine, pa, (char *)bytes + done, here) < 0)
            break;
        done += here;
    }
    return done;
}

struct rvemu_symbols *monitor_program(struct monitor *m)
{
    const struct rvemu_image *image = m->config.program;
    struct rvemu_error ignored;

    if (m->program || (!image->path && !image->size))
        return m->program;
    m->program = rvemu_symbols_new();
    if (m->program)
        rvemu_symbols_add(m->program, image, 0, &ignored);
    return m->program;
}

struct scene monitor_scene(const struct monitor *m)
{
    struct names *names = m->config.names(m->config.self);
    static const struct rvemu_names none;

    return (struct scene){.machine = m->machine,
                          .names = names ? names_answers(names) : &none};
}

void monitor_place(const struct monitor *m, uint64_t pc, char out[PLACE_MAX])
{
    unsigned priv = rvemu_priv(m->machine, m->hart);
    struct scene scene = monitor_scene(m);

    out[0] = '\0';
    if (scene.names->arg)
        place_text(&scene, place_root(priv, monitor_satp(m)), pc, out);
    if (!strncmp(out, "0x", 2))
        out[0] = '\0';
}

unsigned monitor_insn(struct monitor *m, uint64_t va,
                      char out[RVEMU_DISASM_TEXT + 16])
{
    struct rvemu_error ignored;
    char text[RVEMU_DISASM_TEXT];
    uint8_t bytes[4] = {0};
    size_t count = monitor_read(m, va, bytes, 4), length;
    uint32_t insn;

    if (count < 2 ||
        (!m->disasm && rvemu_disasm_new("rv64", &m->disasm, &ignored) < 0))
        return 0;
    insn = (uint32_t)scene_word(
        (uint8_t[8]){bytes[0], bytes[1], bytes[2], bytes[3]});
    length = (insn & 3) == 3 ? 4 : 2;
    if (count < length)
        return 0;
    rvemu_disasm_text(m->disasm, insn, va, text, sizeof(text));
    snprintf(out, RVEMU_DISASM_TEXT + 16, "%0*" PRIx32 "%s %s",
             (int)(2 * length), length == 4 ? insn : insn & 0xffff,
             length == 4 ? "" : "    ", text);
    return (unsigned)length;
}

void monitor_say_hart(struct monitor *m, unsigned hart)
{
    static const char *const privs[] = {"U-mode", "S-mode", "?", "M-mode"};
    char place[PLACE_MAX], insn[RVEMU_DISASM_TEXT + 16];
    uint64_t pc = rvemu_pc(m->machine, hart);
    unsigned chosen = m->hart;

    m->hart = hart;
    monitor_place(m, pc, place);
    monitor_say(m, "hart %u, %s, 0x%" PRIx64 "%s%s%s\n", hart,
                privs[rvemu_priv(m->machine, hart) & 3], pc,
                place[0] ? " in " : "", place,
                rvemu_waits(m->machine, hart) ? ", waits" : "");
    if (monitor_insn(m, pc, insn))
        monitor_say(m, "    %s\n", insn);
    m->hart = chosen;
}

int monitor_do_hart(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    uint64_t hart;

    if (*text) {
        if (monitor_value_only(m, text, &hart, error) < 0)
            return -1;
        if (hart >= rvemu_harts(m->machine))
            return rvemu_error_set(
                error, "there is no hart %" PRIu64 ": they are 0 to %u", hart,
                rvemu_harts(m->machine) - 1);
        m->hart = (unsigned)hart;
    }
    monitor_say_hart(m, m->hart);
    return 0;
}

int monitor_info_harts(struct monitor *m, const char *text,
                       struct rvemu_error *error)
{
    if (monitor_nothing(text, error) < 0)
        return -1;
    for (unsigned hart = 0; hart < rvemu_harts(m->machine); hart++) {
        monitor_say(m, "%c ", hart == m->hart ? '*' : ' ');
        monitor_say_hart(m, hart);
    }
    return 0;
}

int monitor_info_status(struct monitor *m, const char *text,
                        struct rvemu_error *error)
{
    uint64_t steps = 0;

    if (monitor_nothing(text, error) < 0)
        return -1;
    for (unsigned hart = 0; hart < rvemu_harts(m->machine); hart++)
        steps += rvemu_steps(m->machine, hart);
    monitor_say(m, "VM status: %s, at %" PRIu64 " steps, %" PRIu64 " ns\n",
                m->has_end                       ? "ended"
                : !m->is_stopped && !m->is_guest ? "running"
                                                 : "paused",
                steps, rvemu_time(m->machine));
    return 0;
}

/* ---- registers ---- */

static const char *const csrs_shown[] = {
    "mhartid", "mstatus", "mip",      "mie",      "mideleg", "medeleg",
    "mtvec",   "stvec",   "mepc",     "sepc",     "mcause",  "scause",
    "mtval",   "stval",   "mscratch", "sscratch", "satp",
};

/* As on QEMU, three in a line. */
static void say_three(struct monitor *m, unsigned at, const char *name,
                      uint64_t value)
{
    monitor_say(m, " %-8s %016" PRIx64 "%s", name, value,
                at % 3 == 2 || at == 31 ? "\n" : "");
}

static void say_registers(struct monitor *m)
{
    enum monitor_kind kind;
    uint64_t value;
    char name[16];
    unsigned number;

    monitor_say(m, "\nCPU#%u\n pc       %016" PRIx64 "\n", m->hart,
                rvemu_pc(m->machine, m->hart));
    for (unsigned i = 0; i < sizeof(csrs_shown) / sizeof(csrs_shown[0]); i++)
        if (monitor_register(csrs_shown[i], strlen(csrs_shown[i]), &kind,
                             &number) &&
            monitor_read_register(m, kind, number, &value) == 0)
            monitor_say(m, " %-8s %016" PRIx64 "\n", csrs_shown[i], value);
    for (unsigned i = 0; i < 32; i++) {
        snprintf(name, sizeof(name), "x%u/%s", i, monitor_x_name(i));
        say_three(m, i, name, rvemu_x(m->machine, m->hart, i));
    }
    for (unsigned i = 0; i < 32; i++) {
        snprintf(name, sizeof(name), "f%u/%s", i, monitor_f_name(i));
        say_three(m, i, name, rvemu_f(m->machine, m->hart, i));
    }
}

int monitor_info_registers(struct monitor *m, const char *text,
                           struct rvemu_error *error)
{
    unsigned chosen = m->hart;
    const char *word;
    size_t length = monitor_word(&text, &word);

    if ((length && !monitor_is(word, length, "-a")) ||
        monitor_nothing(text, error) < 0)
        return rvemu_error_set(error, "info registers [-a]: one register is "
                                      "shown by print $NAME");
    if (!length) {
        say_registers(m);
        return 0;
    }
    for (m->hart = 0; m->hart < rvemu_harts(m->machine); m->hart++)
        say_registers(m);
    m->hart = chosen;
    return 0;
}

/* The fields of a CSR: privileged specification, its chapter for each. */
static const struct {
    const char *csr, *field;
    unsigned low, bits;
} fields[] = {
    {"status", "SIE", 1, 1},    {"mstatus", "MIE", 3, 1},
    {"status", "SPIE", 5, 1},   {"mstatus", "MPIE", 7, 1},
    {"status", "SPP", 8, 1},    {"mstatus", "MPP", 11, 2},
    {"status", "FS", 13, 2},    {"status", "XS", 15, 2},
    {"mstatus", "MPRV", 17, 1}, {"status", "SUM", 18, 1},
    {"status", "MXR", 19, 1},   {"mstatus", "TVM", 20, 1},
    {"mstatus", "TW", 21, 1},   {"mstatus", "TSR", 22, 1},
    {"status", "SD", 63, 1},    {"satp", "MODE", 60, 4},
    {"satp", "ASID", 44, 16},   {"satp", "PPN", 0, 44},
    {"mip", "MSIP", 3, 1},      {"mip", "MTIP", 7, 1},
    {"mip", "MEIP", 11, 1},     {"ip", "SSIP", 1, 1},
    {"ip", "STIP", 5, 1},       {"ip", "SEIP", 9, 1},
    {"mie", "MSIE", 3, 1},      {"mie", "MTIE", 7, 1},
    {"mie", "MEIE", 11, 1},     {"ie", "SSIE", 1, 1},
    {"ie", "STIE", 5, 1},       {"ie", "SEIE", 9, 1},
    {"menvcfg", "STCE", 63, 1}, {"menvcfg", "PBMTE", 62, 1},
    {"menvcfg", "ADUE", 61, 1}, {"fcsr", "frm", 5, 3},
    {"fcsr", "fflags", 0, 5},
};

/* Whether a row is about this CSR: "status" is of sstatus and mstatus. */
static bool is_of(const char *csr, const char *name)
{
    if (!strcmp(csr, name))
        return true;
    return (name[0] == 'm' || name[0] == 's') && !strcmp(csr, name + 1);
}

static void say_csr(struct monitor *m, const char *name, uint64_t value)
{
    monitor_say(m, " %-14s %016" PRIx64 "\n", name, value);
}

static void say_fields(struct monitor *m, const char *name, uint64_t value)
{
    unsigned count = 0;

    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (is_of(fields[i].csr, name))
            monitor_say(
                m, "%s%s=%" PRIx64, count++ ? " " : "    ", fields[i].field,
                value >> fields[i].low & ((UINT64_C(1) << fields[i].bits) - 1));
    if (count)
        monitor_say(m, "\n");
    if (!strcmp(name, "scause") || !strcmp(name, "mcause"))
        monitor_say(m, "    %s\n", rvemu_cause_name(value));
}

int monitor_info_csr(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    enum monitor_kind kind;
    const char *word;
    size_t length = monitor_word(&text, &word);
    unsigned number;
    uint64_t value;

    if (monitor_nothing(text, error) < 0)
        return -1;
    if (!length) {
        for (number = 0; number < 0x1000; number++)
            if (rvemu_csr_name(number) &&
                rvemu_csr(m->machine, m->hart, number, &value) == 0)
                say_csr(m, rvemu_csr_name(number), value);
        return 0;
    }
    if (*word == '$') {
        word++;
        length--;
    }
    if (!monitor_register(word, length, &kind, &number) ||
        kind != MONITOR_CSR ||
        rvemu_csr(m->machine, m->hart, number, &value) < 0)
        return rvemu_error_set(error, "the hart has no CSR %.*s",
                               (int)(length < 40 ? length : 40), word);
    say_csr(m, rvemu_csr_name(number), value);
    say_fields(m, rvemu_csr_name(number), value);
    return 0;
}

/* ---- the rest ---- */

int monitor_info_mtree(struct monitor *m, const char *text,
                       struct rvemu_error *error)
{
    struct rvemu_range range;

    if (monitor_nothing(text, error) < 0)
        return -1;
    monitor_say(m, "address-space: memory\n");
    for (unsigned i = 0; rvemu_range(m->machine, i, &range); i++)
        monitor_say(m, "    %016" PRIx64 "-%016" PRIx64 " (prio 0, %s): %s\n",
                    range.pa, range.pa + range.size - 1,
                    range.is_ram   ? "ram"
                    : range.is_rom ? "rom"
                                   : "i/o",
                    range.name);
    return 0;
}

int monitor_info_devices(struct monitor *m, const char *text,
                         struct rvemu_error *error)
{
    static const char *const kinds[] = {
        [RVEMU_VIRTIO_NONE] = "nothing",
        [RVEMU_VIRTIO_BLK] = "virtio-blk-device",
        [RVEMU_VIRTIO_CONSOLE] = "virtio-serial-device, virtconsole",
        [RVEMU_VIRTIO_RNG] = "virtio-rng-device",
    };
    const struct options *o = m->config.options;

    if (monitor_nothing(text, error) < 0)
        return -1;
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        monitor_say(m, "virtio-mmio-bus.%u: %s\n", i,
                    kinds[o->machine.virtio.slot[i].kind]);
    return 0;
}

int monitor_info_events(struct monitor *m, const char *text,
                        struct rvemu_error *error)
{
    const char *word;
    size_t length = monitor_word(&text, &word);
    bool any = false;

    if (monitor_nothing(text, error) < 0)
        return -1;
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++) {
        const struct rvemu_event_info *info = rvemu_event_info(kind);

        if (!info || (length && !monitor_is(word, length, info->name)))
            continue;
        any = true;
        monitor_say(m, "%-13s %s\n", info->name, info->what);
        for (unsigned i = 0; length && i < info->fields; i++)
            monitor_say(m, "    %-9s %s\n", info->field[i].name,
                        info->field[i].what);
    }
    return any ? 0
               : rvemu_error_set(error, "no kind of event: %.*s",
                                 (int)(length < 40 ? length : 40), word);
}

int monitor_info_symbols(struct monitor *m, const char *text,
                         struct rvemu_error *error)
{
    struct rvemu_symbols *symbols;
    char place[PLACE_MAX];
    const char *name;
    uint64_t va, offset;

    if (monitor_value_only(m, text, &va, error) < 0)
        return -1;
    symbols = m->config.symbols(m->config.self);
    name = symbols ? rvemu_symbols_find(symbols, va, &offset) : NULL;
    if (!name && monitor_program(m))
        name = rvemu_symbols_find(monitor_program(m), va, &offset);
    monitor_place(m, va, place);
    if (name && offset)
        monitor_say(m, "0x%" PRIx64 ": %s+0x%" PRIx64, va, name, offset);
    else
        monitor_say(m, "0x%" PRIx64 ": %s", va, name ? name : "no symbol");
    monitor_say(m, "%s%s\n", place[0] ? ", " : "", place);
    return 0;
}

/* ---- changing ---- */

static int refuse_past(struct rvemu_error *error)
{
    return rvemu_error_set(error, "in the past nothing can be changed: branch "
                                  "makes it the present");
}

/* A name that is no register's becomes a variable's. */
static int set_variable(struct monitor *m, const char *name, size_t length,
                        uint64_t value, struct rvemu_error *error)
{
    struct monitor_variable *v = monitor_variable(m, name, length);
    const unsigned most = sizeof(m->variable) / sizeof(m->variable[0]);

    if (!length || length >= MONITOR_NAME_MOST ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") < length)
        return rvemu_error_set(error, "no name for a variable: $%.*s",
                               (int)(length < 40 ? length : 40), name);
    if (!v && m->variables == most)
        return rvemu_error_set(error, "%u variables are enough", most);
    if (!v) {
        v = &m->variable[m->variables++];
        memcpy(v->name, name, length);
    }
    v->value = value;
    return 0;
}

static int set_register(struct monitor *m, const char *name, size_t length,
                        uint64_t value, struct rvemu_error *error)
{
    enum monitor_kind kind;
    unsigned number;
    int failed = 0;

    if (!monitor_register(name, length, &kind, &number))
        return set_variable(m, name, length, value, error);
    if (rvemu_history_is_past(m->machine))
        return refuse_past(error);
    switch (kind) {
    case MONITOR_X: rvemu_set_x(m->machine, m->hart, number, value); break;
    case MONITOR_F: rvemu_set_f(m->machine, m->hart, number, value); break;
    case MONITOR_PC: failed = rvemu_set_pc(m->machine, m->hart, value); break;
    case MONITOR_CSR:
        failed = rvemu_set_csr(m->machine, m->hart, number, value);
        break;
    default: failed = -1;
    }
    return failed ? rvemu_error_set(error, "$%.*s does not take 0x%" PRIx64,
                                    (int)length, name, value)
                  : 0;
}

/* Writes the lowest bytes of a value where the hart's page tables lead. */
static int set_memory(struct monitor *m, uint64_t va, uint64_t value,
                      unsigned size, struct rvemu_error *error)
{
    uint64_t satp = monitor_satp(m), pa;
    uint8_t byte;

    if (rvemu_history_is_past(m->machine))
        return refuse_past(error);
    for (unsigned i = 0; i < size; i++)
        if (rvemu_translate(m->machine, satp, va + i, &pa) < 0 ||
            rvemu_read_ram(m->machine, pa, &byte, 1) < 0)
            return rvemu_error_set(error, "no RAM can be written at 0x%" PRIx64,
                                   va + i);
    for (unsigned i = 0; i < size; i++) {
        byte = (uint8_t)(value >> 8 * i);
        rvemu_translate(m->machine, satp, va + i, &pa);
        if (rvemu_write_ram(m->machine, pa, &byte, 1) < 0)
            return rvemu_error_set(error, "nothing can be changed here");
    }
    return 0;
}

int monitor_do_set(struct monitor *m, const char *text,
                   struct rvemu_error *error)
{
    static const char sizes[] = "bhwg";
    const char *name, *size = NULL;
    uint64_t va = 0, value;
    size_t length = 0;
    bool is_memory;

    if (*text == '/') {
        size = text[1] ? strchr(sizes, text[1]) : NULL;
        if (!size || (text[2] != ' ' && text[2] != '\t'))
            return rvemu_error_set(error, "set/b, /h, /w or /g *ADDRESS=VALUE");
        text += 2 + strspn(text + 2, " \t");
    }
    is_memory = *text == '*';
    if (!is_memory && (*text != '$' || size))
        return rvemu_error_set(error, "set $REGISTER=VALUE, or set "
                                      "*ADDRESS=VALUE");
    name = ++text;
    if (!is_memory)
        text += length = strcspn(text, " \t=");
    else if (monitor_value(m, &text, &va, error) < 0)
        return -1;
    text += strspn(text, " \t");
    if (*text != '=' || text[1] == '=')
        return rvemu_error_set(error, "a = is missing");
    if (monitor_value_only(m, text + 1, &value, error) < 0)
        return -1;
    return is_memory ? set_memory(m, va, value, size ? 1u << (size - sizes) : 8,
                                  error)
                     : set_register(m, name, length, value, error);
}
