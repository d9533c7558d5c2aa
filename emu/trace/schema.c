/*
 * The schema of the events as a table, and the names of what their fields
 * hold. Everything here is constant; the schema comes from events.def alone.
 * Cause names follow the privileged specification, "Supervisor Cause
 * Register" and "Machine Cause Register".
 */
#include <rvemu/trace.h>

#include <assert.h>
#include <stdbool.h>

#include <rvemu/list.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define INTERRUPT (UINT64_C(1) << 63)
#define SATP_MODE 60
#define SATP_PPN ((UINT64_C(1) << 44) - 1)

#define EVENT(id, name, what)                                              \
    static_assert(id < RVEMU_EVENT_KINDS_MAX, "a set has a bit for it");   \
    static_assert(sizeof(struct rvemu_ev_##name) <= 8 * RVEMU_EVENT_WORDS, \
                  "an event has at most eight fields");
#define FIELD(name, unit, what)
#define END(name)
#include <rvemu/events.def>
#undef EVENT
#undef FIELD
#undef END

static const struct rvemu_event_info schema[RVEMU_EVENT_KINDS] = {
#define EVENT(id, name, what) \
    [id] = {#name, what, sizeof(struct rvemu_ev_##name) / 8, {
#define FIELD(name, unit, what) {#name, RVEMU_UNIT_##unit, what},
/* clang-format off */
#define END(name) }},
/* clang-format on */
#include <rvemu/events.def>
#undef EVENT
#undef FIELD
#undef END
};

const struct rvemu_event_info *rvemu_event_info(unsigned kind)
{
    if (kind >= COUNT(schema) || !schema[kind].name)
        return NULL;
    return &schema[kind];
}

static const char *name_of(const char *const *names, size_t count,
                           uint64_t value)
{
    return value < count && names[value] ? names[value] : "?";
}

const char *rvemu_access_name(unsigned access)
{
    static const char *const names[] = {
        [RVEMU_ACCESS_FETCH] = "fetch", [RVEMU_ACCESS_LOAD] = "load",
        [RVEMU_ACCESS_STORE] = "store", [RVEMU_ACCESS_CACHE] = "cache",
        [RVEMU_ACCESS_AHEAD] = "ahead",
    };
    return name_of(names, COUNT(names), access);
}

const char *rvemu_reason_name(unsigned reason)
{
    static const char *const names[RVEMU_REASONS] = {
        [RVEMU_REASON_NON_CANONICAL] = "non_canonical",
        [RVEMU_REASON_INVALID] = "invalid",
        [RVEMU_REASON_RESERVED] = "reserved",
        [RVEMU_REASON_NO_LEAF] = "no_leaf",
        [RVEMU_REASON_MISALIGNED] = "misaligned",
        [RVEMU_REASON_NOT_USER] = "not_user",
        [RVEMU_REASON_USER] = "user",
        [RVEMU_REASON_NOT_READABLE] = "not_readable",
        [RVEMU_REASON_NOT_WRITABLE] = "not_writable",
        [RVEMU_REASON_NOT_EXECUTABLE] = "not_executable",
        [RVEMU_REASON_A_CLEAR] = "a_clear",
        [RVEMU_REASON_D_CLEAR] = "d_clear",
    };
    return name_of(names, COUNT(names), reason);
}

const char *rvemu_priv_name(unsigned priv)
{
    static const char *const names[] = {
        [0] = "U", [1] = "S", [RVEMU_NO_PRIV] = "-", [3] = "M"};

    return name_of(names, COUNT(names), priv);
}

const char *rvemu_origin_name(unsigned origin)
{
    static const char *const names[] = {
        [RVEMU_ORIGIN_HART] = "hart",
        [RVEMU_ORIGIN_DEVICE] = "device",
        [RVEMU_ORIGIN_WALKER] = "walker",
        [RVEMU_ORIGIN_HOST] = "host",
    };
    return name_of(names, COUNT(names), origin);
}

const char *rvemu_scope_name(unsigned scope)
{
    static const char *const names[] = {
        [RVEMU_SCOPE_ALL] = "all",
        [RVEMU_SCOPE_VA] = "va",
        [RVEMU_SCOPE_ASID] = "asid",
        [RVEMU_SCOPE_VA_ASID] = "va_asid",
    };
    return name_of(names, COUNT(names), scope);
}

const char *rvemu_plic_name(unsigned plic)
{
    static const char *const names[RVEMU_PLICS] = {
        [RVEMU_PLIC_RAISED] = "raised",
        [RVEMU_PLIC_LOWERED] = "lowered",
        [RVEMU_PLIC_CLAIM] = "claim",
        [RVEMU_PLIC_COMPLETE] = "complete",
    };
    return name_of(names, COUNT(names), plic);
}

const char *rvemu_reservation_name(unsigned reservation)
{
    static const char *const names[RVEMU_RESERVATIONS] = {
        [RVEMU_RESERVATION_SET] = "set",
        [RVEMU_RESERVATION_STORED] = "stored",
        [RVEMU_RESERVATION_FAILED] = "failed",
        [RVEMU_RESERVATION_LOST] = "lost",
    };
    return name_of(names, COUNT(names), reservation);
}

const char *rvemu_outlet_name(unsigned outlet)
{
    static const char *const names[RVEMU_OUTLETS] = {
        [RVEMU_OUTLET_UART] = "uart",
        [RVEMU_OUTLET_VIRTIO] = "virtio",
        [RVEMU_OUTLET_HTIF] = "htif",
        [RVEMU_OUTLET_SEMIHOSTING] = "semihosting",
    };
    return name_of(names, COUNT(names), outlet);
}

/* SBI specification, "Chapters": the newer numbers are letters. */
const char *rvemu_sbi_name(uint64_t extension)
{
    static const struct {
        uint64_t number;
        const char *name;
    } names[] = {
        {0x00, "set_timer"},         {0x01, "console_putchar"},
        {0x02, "console_getchar"},   {0x03, "clear_ipi"},
        {0x04, "send_ipi"},          {0x05, "remote_fence_i"},
        {0x06, "remote_sfence_vma"}, {0x07, "remote_sfence_vma_asid"},
        {0x08, "shutdown"},          {0x10, "base"},
        {0x54494d45, "time"},        {0x735049, "ipi"},
        {0x52464e43, "rfence"},      {0x48534d, "hsm"},
        {0x53525354, "srst"},        {0x504d55, "pmu"},
        {0x4442434e, "dbcn"},        {0x53555350, "susp"},
        {0x43505043, "cppc"},        {0x4e41434c, "nacl"},
        {0x535441, "sta"},           {0x535345, "sse"},
        {0x46574654, "fwft"},        {0x44425452, "dbtr"},
        {0x4d505859, "mpxy"},
    };

    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i].number == extension)
            return names[i].name;
    return NULL;
}

const char *rvemu_cause_name(uint64_t cause)
{
    static const char *const exceptions[] = {
        [0] = "fetch_misaligned", [1] = "fetch_access",
        [2] = "illegal_insn",     [3] = "breakpoint",
        [4] = "load_misaligned",  [5] = "load_access",
        [6] = "store_misaligned", [7] = "store_access",
        [8] = "ecall_u",          [9] = "ecall_s",
        [11] = "ecall_m",         [12] = "fetch_page_fault",
        [13] = "load_page_fault", [15] = "store_page_fault",
        [18] = "software_check",  [19] = "hardware_error",
    };
    static const char *const interrupts[] = {
        [1] = "s_software",        [3] = "m_software", [5] = "s_timer",
        [7] = "m_timer",           [9] = "s_external", [11] = "m_external",
        [13] = "counter_overflow",
    };

    if (cause & INTERRUPT)
        return name_of(interrupts, COUNT(interrupts), cause & ~INTERRUPT);
    return name_of(exceptions, COUNT(exceptions), cause);
}

static const struct {
    const char *name;
    rvemu_event_set kinds;
} aliases[] = {
    {"all", ~RVEMU_EVENTS_COMMIT},
    {"commit", RVEMU_EVENTS_COMMIT},
    {"int", RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(xret)},
    {"mmu", RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(tlb_fill) |
                RVEMU_EVENT_BIT(tlb_flush) | RVEMU_EVENT_BIT(satp)},
};

static rvemu_event_set known_kinds(void)
{
    rvemu_event_set kinds = 0;

    for (unsigned kind = 0; kind < COUNT(schema); kind++) {
        if (schema[kind].name)
            kinds |= RVEMU_EVENT_SET(kind);
    }
    return kinds;
}

static rvemu_event_set item_kinds(const struct rvemu_list_item *item)
{
    for (size_t i = 0; i < COUNT(aliases); i++) {
        if (rvemu_list_is(item, aliases[i].name))
            return aliases[i].kinds & known_kinds();
    }
    for (unsigned kind = 0; kind < COUNT(schema); kind++) {
        if (schema[kind].name && rvemu_list_is(item, schema[kind].name))
            return RVEMU_EVENT_SET(kind);
    }
    return 0;
}

int rvemu_event_kinds(const char *list, rvemu_event_set *kinds,
                      const char **bad)
{
    struct rvemu_list_item item;
    rvemu_event_set set = 0;

    while (rvemu_list_next(&list, &item)) {
        rvemu_event_set found = item.value ? 0 : item_kinds(&item);

        if (!found) {
            *bad = item.name;
            return -1;
        }
        set |= found;
    }
    *kinds = set;
    return 0;
}

uint64_t rvemu_satp_root(uint64_t satp)
{
    return satp >> SATP_MODE ? satp & SATP_PPN : 0;
}
