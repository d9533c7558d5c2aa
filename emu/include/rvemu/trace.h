/*
 * Events: what a machine reports while it runs.
 *
 * The kinds and their payloads are rows of events.def. An event is a plain
 * record of fixed size; a subscriber is handed a pointer to it that is valid
 * during the call only. Watching one kind changes no event of another.
 */
#ifndef RVEMU_TRACE_H
#define RVEMU_TRACE_H

#include <stddef.h>
#include <stdint.h>

#define RVEMU_EVENT_WORDS 8

enum rvemu_event_kind {
#define EVENT(id, name, what) RVEMU_EVENT_##name = id,
#define FIELD(name, unit, what)
#define END(name)
#include <rvemu/events.def>
#undef EVENT
#undef FIELD
#undef END
    RVEMU_EVENT_KINDS
};

/* A set of kinds: an OR of the bits of its members, 0 for none. It has room for
 * RVEMU_EVENT_KINDS_MAX of them, which is why it is no uint64_t. */
__extension__ typedef unsigned __int128 rvemu_event_set;
#define RVEMU_EVENT_KINDS_MAX 128

/* The set of one kind, by its name, and by its number (below
 * RVEMU_EVENT_KINDS_MAX). */
#define RVEMU_EVENT_BIT(name) RVEMU_EVENT_SET(RVEMU_EVENT_##name)
#define RVEMU_EVENT_SET(kind) ((rvemu_event_set)1 << (kind))

/* The kinds that come with every instruction. Of one instruction, retire
 * comes last; one that traps does not retire, though part of it may have
 * been done. A machine runs many times slower while one of them is watched. */
#define RVEMU_EVENTS_COMMIT                            \
    (RVEMU_EVENT_BIT(retire) | RVEMU_EVENT_BIT(load) | \
     RVEMU_EVENT_BIT(store) | RVEMU_EVENT_BIT(csr_write))

/* struct rvemu_ev_trap, struct rvemu_ev_satp, …: the payloads by name. */
#define EVENT(id, name, what) struct rvemu_ev_##name {
#define FIELD(name, unit, what) uint64_t name;
/* clang-format off */
#define END(name) };
/* clang-format on */
#include <rvemu/events.def>
#undef EVENT
#undef FIELD
#undef END

#define RVEMU_NO_HART 0xff
#define RVEMU_NO_PRIV 2 /* of no hart */

struct rvemu_event {
    uint64_t time;     /* machine time in ns (steps plus idle skipped) */
    uint64_t pc;       /* the instruction during which it happened */
    uint16_t kind;     /* enum rvemu_event_kind */
    uint8_t hart;      /* RVEMU_NO_HART: between slices, of none; pc is 0 */
    uint8_t priv;      /* privilege in force: 0 U, 1 S, 3 M */
    uint32_t reserved; /* 0 */
    union {
        uint64_t word[RVEMU_EVENT_WORDS];
#define EVENT(id, name, what) struct rvemu_ev_##name name;
#define FIELD(name, unit, what)
#define END(name)
#include <rvemu/events.def>
#undef EVENT
#undef FIELD
#undef END
    };
};

/* Is told of an event, which lives during the call only. */
typedef void rvemu_event_fn(void *arg, const struct rvemu_event *event);

/* How a payload word is to be shown. */
enum rvemu_unit {
    RVEMU_UNIT_VA,
    RVEMU_UNIT_PA,
    RVEMU_UNIT_PTE,
    RVEMU_UNIT_PPN,
    RVEMU_UNIT_SATP,
    RVEMU_UNIT_ASID,
    RVEMU_UNIT_NUMBER,
    RVEMU_UNIT_HEX,
    RVEMU_UNIT_CAUSE,
    RVEMU_UNIT_ACCESS,
    RVEMU_UNIT_REASON,
    RVEMU_UNIT_PRIV,
    RVEMU_UNIT_ORIGIN,
    RVEMU_UNIT_SCOPE,
    RVEMU_UNIT_LEVEL,
    RVEMU_UNIT_REG,
    RVEMU_UNIT_SIGNED,
    RVEMU_UNIT_NAME,
    RVEMU_UNIT_SBI,
    RVEMU_UNIT_PLIC,
    RVEMU_UNIT_RESERVATION,
    RVEMU_UNIT_OUTLET
};

struct rvemu_field_info {
    const char *name;
    uint8_t unit; /* enum rvemu_unit */
    const char *what;
};

struct rvemu_event_info {
    const char *name; /* NULL for an id that is not in use */
    const char *what;
    uint8_t fields;
    struct rvemu_field_info field[RVEMU_EVENT_WORDS];
};

/* The schema of a kind, or NULL. */
const struct rvemu_event_info *rvemu_event_info(unsigned kind);

/* ACCESS */
enum rvemu_access {
    RVEMU_ACCESS_FETCH,
    RVEMU_ACCESS_LOAD,
    RVEMU_ACCESS_STORE, /* and every AMO and SC, and cbo.zero */
    RVEMU_ACCESS_CACHE, /* cbo.inval, cbo.clean, cbo.flush: needs R or W, and
                           its faults are a store's */
    RVEMU_ACCESSES,
    RVEMU_ACCESS_AHEAD = RVEMU_ACCESSES /* of a tlb_fill: none, the hart walked
                                           ahead (rvemu/tlb.h) */
};

/* REASON: privileged spec, "Virtual Address Translation Process". */
enum rvemu_reason {
    RVEMU_REASON_NON_CANONICAL, /* va is not sign-extended */
    RVEMU_REASON_INVALID,       /* V=0 */
    RVEMU_REASON_RESERVED,      /* W without R, reserved bits, PBMT=3 */
    RVEMU_REASON_NO_LEAF,       /* a pointer where the last level must map */
    RVEMU_REASON_MISALIGNED,    /* a superpage with low PPN bits set */
    RVEMU_REASON_NOT_USER,      /* U-mode, but U=0 */
    RVEMU_REASON_USER,          /* S-mode on a U=1 page without SUM, or fetch */
    RVEMU_REASON_NOT_READABLE,
    RVEMU_REASON_NOT_WRITABLE,
    RVEMU_REASON_NOT_EXECUTABLE,
    RVEMU_REASON_A_CLEAR, /* Svade: A must be set by software */
    RVEMU_REASON_D_CLEAR, /* Svade: D must be set by software */
    RVEMU_REASONS
};

/* ORIGIN of a store to a page table. */
enum rvemu_origin {
    RVEMU_ORIGIN_HART,   /* an instruction */
    RVEMU_ORIGIN_DEVICE, /* DMA */
    RVEMU_ORIGIN_WALKER, /* the hart's own A/D update */
    RVEMU_ORIGIN_HOST    /* whoever holds the machine: a debugger */
};

/* svinval's insn. */
enum rvemu_svinval {
    RVEMU_SFENCE_W_INVAL,
    RVEMU_SINVAL_VMA,
    RVEMU_SFENCE_INVAL_IR
};

/* SCOPE of a fence: which operands were other than x0. */
enum rvemu_scope {
    RVEMU_SCOPE_ALL,
    RVEMU_SCOPE_VA,
    RVEMU_SCOPE_ASID,
    RVEMU_SCOPE_VA_ASID
};

/* PLIC */
enum rvemu_plic {
    RVEMU_PLIC_RAISED,   /* a source's request became pending */
    RVEMU_PLIC_LOWERED,  /* it was taken back */
    RVEMU_PLIC_CLAIM,    /* a context took a request, or found none */
    RVEMU_PLIC_COMPLETE, /* a context was done with one */
    RVEMU_PLICS
};

/* RESERVATION: unprivileged spec, "Load-Reserved/Store-Conditional". */
enum rvemu_reservation {
    RVEMU_RESERVATION_SET,    /* LR */
    RVEMU_RESERVATION_STORED, /* SC, which stored */
    RVEMU_RESERVATION_FAILED, /* SC, which did not */
    RVEMU_RESERVATION_LOST,   /* another hart's turn began, or an SC trapped */
    RVEMU_RESERVATIONS
};

/* OUTLET: where a guest's console is. */
enum rvemu_outlet {
    RVEMU_OUTLET_UART,
    RVEMU_OUTLET_VIRTIO,
    RVEMU_OUTLET_HTIF,
    RVEMU_OUTLET_SEMIHOSTING,
    RVEMU_OUTLETS
};

/* REG: 0 none (x0 is never written), 1 to 31 x1 to x31, then f0 to f31. */
#define RVEMU_REG_F0 32

/* Short lower-case names of the enumerations above, "?" out of range. */
const char *rvemu_access_name(unsigned access);
const char *rvemu_reason_name(unsigned reason);
const char *rvemu_priv_name(unsigned priv);
const char *rvemu_origin_name(unsigned origin);
const char *rvemu_scope_name(unsigned scope);
const char *rvemu_plic_name(unsigned plic);
const char *rvemu_reservation_name(unsigned reservation);
const char *rvemu_outlet_name(unsigned outlet);
/* Name of an extension of the SBI by its number, NULL if unknown. */
const char *rvemu_sbi_name(uint64_t extension);
/* Name of an xcause value with its interrupt bit, "?" if unknown. */
const char *rvemu_cause_name(uint64_t cause);

/* Reads a list of kinds, as in "trap,pte_write", into a set. "commit" stands
 * for RVEMU_EVENTS_COMMIT, "all" for all others, QEMU's "int" for trap and
 * xret, its "mmu" for page_fault, tlb_fill, tlb_flush and satp. Returns 0, or
 * -1 with *bad at the first word in list that names no kind. */
int rvemu_event_kinds(const char *list, rvemu_event_set *kinds,
                      const char **bad);

/* Reads a machine time, in ns: digits, perhaps a point among them, and behind
 * them ns or nothing, us, ms or s, as in 1500, 1.5ms and 2s. Fractions of a ns
 * are left out. Returns 0, or -1: it is none, or 2^64 ns or more. */
int rvemu_time_read(const char *text, uint64_t *time);

/* The root that a value of satp names, as a physical page number; 0 when its
 * MODE is Bare (privileged spec, "Supervisor Address Translation and Protection
 * (satp) Register"). */
uint64_t rvemu_satp_root(uint64_t satp);

/* Finds the name of an address and how far behind its start it lies, or
 * NULL. The string stays valid until the next call. */
typedef const char *rvemu_symbol_fn(void *arg, uint64_t address,
                                    uint64_t *offset);

/* Writes an event as one line of text without a newline: time, hart,
 * privilege, pc with its symbol (resolve may be NULL), kind and fields. Never
 * writes more than size bytes, the final NUL included; 512 hold any event
 * whose symbol has up to 128. Returns the length written. */
size_t rvemu_event_text(char *out, size_t size, const struct rvemu_event *event,
                        rvemu_symbol_fn *resolve, void *arg);

/* Writes a word of a payload as events' text shows it, by its unit (enum
 * rvemu_unit). Never writes more than size bytes, the final NUL included; 64
 * hold any. Returns the length written. */
size_t rvemu_word_text(char *out, size_t size, unsigned unit, uint64_t word);

/* Writes a page-table entry as "80b31:--UXWRV": its frame and its flags, a
 * dash for each that is clear, a name for each upper bit that is set.
 * Returns the length written. */
size_t rvemu_pte_text(char *out, size_t size, uint64_t pte);

/* The hash of a run: every field of every event, by value, so that hosts of
 * either byte order agree. Start with a zeroed struct. */
struct rvemu_hash {
    uint64_t state;
    uint64_t events;
};
void rvemu_hash_event(struct rvemu_hash *hash, const struct rvemu_event *event);
uint64_t rvemu_hash_value(const struct rvemu_hash *hash);

#endif
