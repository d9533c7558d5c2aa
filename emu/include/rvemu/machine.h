/*
 * A machine: create it, load a guest into it, run it, look at it, change it.
 *
 * Functions that can fail return 0, or a negative number; those that are given
 * a struct rvemu_error have filled it then. Machine time is in ns since reset:
 * one for each step (a retired instruction or a trap taken) unless step_shift
 * says otherwise, plus the idle time that was skipped. "Between runs" means
 * outside rvemu_run(); what may also be called from the host's functions says
 * so.
 */
#ifndef RVEMU_MACHINE_H
#define RVEMU_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/cpu.h>
#include <rvemu/error.h>
#include <rvemu/image.h>
#include <rvemu/subscription.h>
#include <rvemu/trace.h>
#include <rvemu/virtio.h>

typedef struct rvemu rvemu;

/* Whether the machine wants console input now. */
enum rvemu_ask {
    RVEMU_ASK_NOTHING, /* not now: leave it unread */
    RVEMU_ASK_IF_ANY,  /* what is there by now, without waiting for it */
    RVEMU_ASK_NOW      /* the byte that is due: wait for it, or say that none
                        * comes (_END, _GONE) or nobody knows when (_LIVE) */
};

/* What the machine asks of its surroundings. Any of them may be NULL. */
struct rvemu_host {
    void *self;

    /* The guest's console sent a byte. Events up to it are delivered first.
     * Within a slice: nothing of the machine may be changed here. */
    void (*console_put)(void *self, uint8_t byte);

    /* Between slices: at `time` (machine time in ns), and again at *next,
     * exactly, if that is set to less than a million later. The place to give
     * input, as `ask` says (rvemu_input()): when these calls come depends on
     * the guest and on *next, not on the pieces in which a machine is run.
     * False stops the run with RVEMU_STOP_HOST; the next run begins with
     * another call. */
    bool (*poll)(void *self, uint64_t time, enum rvemu_ask ask, uint64_t *next);

    /* The guest waits for an interrupt, and until `due` (ns of machine time,
     * UINT64_MAX: for ever) neither the machine nor poll's *next has anything
     * to offer. Whoever can still give input (ask is RVEMU_ASK_IF_ANY) may
     * sleep here, give what has come, and say which machine time is to be the
     * present (RVEMU_INPUT_UNTIL). Who says nothing, or is NULL, lets time jump
     * to due; a jump to UINT64_MAX is a deadlock. */
    void (*idle)(void *self, uint64_t time, uint64_t due, enum rvemu_ask ask);

    /* The guest asks for what QEMU has and this machine has not: a line for
     * people, each of them once. Within a slice: nothing of the machine may be
     * changed here. */
    void (*notice)(void *self, const char *text);

    /* As console_put, of what the guest prints by semihosting; NULL: that goes
     * to console_put. */
    void (*semihosting_put)(void *self, uint8_t byte);
};

#define RVEMU_RAM_DEFAULT (UINT64_C(128) << 20)
#define RVEMU_EPOCH_DEFAULT UINT64_C(1767225600) /* 2026-01-01 00:00:00 UTC */
#define RVEMU_HARTS_MAX 8
#define RVEMU_QUANTUM_MIN 64
#define RVEMU_QUANTUM_MAX 1000000
#define RVEMU_STEP_SHIFT_MAX 10

struct rvemu_config {
    uint64_t ram_bytes;  /* whole MiB; 0: RVEMU_RAM_DEFAULT */
    uint64_t seed;       /* for /chosen/rng-seed, virtio-rng, the lengths of
                          * turns, and where in their ticks timers fire */
    uint64_t epoch;      /* what the RTC shows at reset, in seconds since 1970;
                          * 0: RVEMU_EPOCH_DEFAULT */
    unsigned harts;      /* 1 to RVEMU_HARTS_MAX; 0: 1 */
    unsigned quantum;    /* steps of every turn, RVEMU_QUANTUM_MIN to
                          * RVEMU_QUANTUM_MAX; 0: drawn for each */
    unsigned step_shift; /* a step is 2^step_shift ns of machine time, 2^0 to
                          * 2^RVEMU_STEP_SHIFT_MAX */
    bool aclint;         /* the CLINT is an ACLINT, whose SSWI sets SSIP */
    const char *cpu;     /* what each hart is (cpu.h); used while it is made */
    struct rvemu_hart_config hart; /* of every hart */
    /* A test of the machine itself: every so many steps it moves into a fresh
     * one, of which nothing but its state is the same. 0: never. */
    uint64_t test_move;
    struct rvemu_virtio virtio; /* what is plugged in */
    struct rvemu_host host;
};

/* Makes a machine, in reset, with nothing loaded. */
int rvemu_create(const struct rvemu_config *config, rvemu **machine,
                 struct rvemu_error *error);
void rvemu_destroy(rvemu *machine);

/* Something more that is in RAM when a machine starts, or a hart that starts
 * elsewhere (QEMU's -device loader). */
struct rvemu_extra {
    struct rvemu_image image; /* an ELF file, or bytes for pa; all zero: none */
    uint64_t pa;              /* physical, where bytes go */
    bool is_raw;              /* bytes, even if they are an ELF file */
    bool is_patch;            /* bytes in memory, to go over all the others */
    bool has_hart;
    unsigned hart; /* with has_hart: this one starts at what was loaded (an ELF
                    * file's entry), or at pa, in M-mode, not in the ROM */
};

/* What is to run. Without firmware an M-mode guest runs bare and a kernel
 * cannot run. With neither image, the extras run: on the firmware, which enters
 * the first of them, or from the bottom of RAM. */
struct rvemu_guest {
    enum rvemu_as as;
    struct rvemu_image image;
    struct rvemu_image firmware;
    struct rvemu_image initrd;
    struct rvemu_image dtb; /* instead of the machine's own device tree */
    const char *bootargs;   /* NULL: none */
    bool quiet; /* the firmware is asked not to greet (fw_dynamic's options) */
    const struct rvemu_extra *extra; /* so many, in this order */
    unsigned extras;
};

/* Loads the guest and sets every hart to start it. Once per machine: one that
 * refused its guest may hold a part of it, and is to be destroyed. Guest and
 * firmware may be packed with gzip. What is no ELF file goes to the bottom of
 * RAM as firmware or, with `as` RVEMU_AS_MACHINE, as the guest; as a kernel, to
 * the first 2 MiB boundary above the firmware. Firmware and M-mode guests begin
 * at the entry that an ELF file names, at their lowest address if it names none
 * (0); kernels at their lowest address. An M-mode guest whose ELF file has the
 * symbols tohost and fromhost may end its run, and print, by storing there
 * (HTIF). */
int rvemu_load(rvemu *machine, const struct rvemu_guest *guest,
               struct rvemu_error *error);

/* The device tree that the guest was given. The machine's own memory. */
const void *rvemu_device_tree(const rvemu *machine, size_t *size);

/* What the guest was taken for; after rvemu_load(). */
enum rvemu_as rvemu_loaded_as(const rvemu *machine);

/* Where the guest's ELF file says that its results will be: the physical
 * addresses from begin_signature up to end_signature; nothing may lie between
 * them. After rvemu_load(); -1 when it has no such symbols, or when they do not
 * enclose RAM. */
int rvemu_signature(const rvemu *machine, uint64_t *pa, uint64_t *size);

enum rvemu_stop_reason {
    RVEMU_STOP_STEPS,    /* as many as were asked for */
    RVEMU_STOP_PASS,     /* the guest powered off */
    RVEMU_STOP_FAIL,     /* it reported failure; see code */
    RVEMU_STOP_RESET,    /* it asked for a reset */
    RVEMU_STOP_DEADLOCK, /* every hart waits, and nothing can wake one */
    RVEMU_STOP_LOST,     /* no hart can ever get on; see text */
    RVEMU_STOP_REFUSED,  /* it asked the host for no known service; see text */
    RVEMU_STOP_HOST,     /* the host's poll said so */
    RVEMU_STOP_BREAKPOINT, /* a hart, in code, is at one: rvemu_breakpoint() */
    RVEMU_STOP_DEBUGGER,   /* a debugger's point, or what it ordered: debug.h */
    RVEMU_STOP_BROKEN      /* test_move failed; see text. No machine is left: it
                            * can only be destroyed */
};

struct rvemu_stop {
    enum rvemu_stop_reason reason;
    unsigned code; /* _FAIL: the guest's own, 0 to 65535; _BREAKPOINT: the hart
                    */
    /* Why, by lines: _LOST, _DEADLOCK, _REFUSED, _BROKEN. After _STEPS and
     * _HOST, which hart does nothing but trap, if one does. Else empty. */
    char text[1024];
};

/* Runs at most `steps` steps (a retired instruction or a trap taken), those of
 * all harts together, and says why it stopped. Harts run one at a time, in
 * turns; in which pieces a machine is run makes no difference. A machine that
 * has stopped for another reason than RVEMU_STOP_STEPS, RVEMU_STOP_HOST,
 * RVEMU_STOP_BREAKPOINT or RVEMU_STOP_DEBUGGER stays stopped. */
void rvemu_run(rvemu *machine, uint64_t steps, struct rvemu_stop *stop);

/* How many harts there are. `hart` is below that in all that follows. */
unsigned rvemu_harts(const rvemu *machine);

/* Machine time in ns; steps made; instructions retired, by one hart. */
uint64_t rvemu_time(const rvemu *machine);
uint64_t rvemu_steps(const rvemu *machine, unsigned hart);
uint64_t rvemu_retired(const rvemu *machine, unsigned hart);

/* Registers. x0 to x31 and f0 to f31 (number is below 32) as bits; CSRs by
 * number as M-mode reads them (-1: the hart has no such CSR). Privilege as in
 * events: 0 U, 1 S, 3 M. */
uint64_t rvemu_x(const rvemu *machine, unsigned hart, unsigned number);
uint64_t rvemu_f(const rvemu *machine, unsigned hart, unsigned number);
uint64_t rvemu_pc(const rvemu *machine, unsigned hart);
unsigned rvemu_priv(const rvemu *machine, unsigned hart);
int rvemu_csr(rvemu *machine, unsigned hart, unsigned number, uint64_t *value);

/* Whether the hart waits for an interrupt (wfi); and the hart whose turn it is
 * or, when none can run, was: within console_put, the one that sends. */
bool rvemu_waits(const rvemu *machine, unsigned hart);
unsigned rvemu_turn(const rvemu *machine);

/* An exception that was taken. */
struct rvemu_trap {
    uint64_t cause, tval, pc; /* as xcause, xtval and xepc had them */
};

/* Whether all that the hart does is to trap, with nothing retired in between:
 * the trap that it takes over and over, and the one that this began with. */
bool rvemu_is_looping(const rvemu *machine, unsigned hart,
                      struct rvemu_trap *last, struct rvemu_trap *first);

/* Writes to registers, between runs. x0 stays 0. An f register is written as
 * an instruction would: mstatus.FS becomes Dirty, unless it is Off. A hart
 * that gets a new pc goes on there, out of a wfi too; -1 when no instruction
 * can begin at that address (misaligned). A CSR takes what M-mode would write
 * to it by csrrw, of which it keeps what is legal (WARL), with all that such a
 * write brings about; -1 when the hart has no such CSR, or it is read-only. */
void rvemu_set_x(rvemu *machine, unsigned hart, unsigned number,
                 uint64_t value);
void rvemu_set_f(rvemu *machine, unsigned hart, unsigned number,
                 uint64_t value);
int rvemu_set_pc(rvemu *machine, unsigned hart, uint64_t pc);
int rvemu_set_csr(rvemu *machine, unsigned hart, unsigned number,
                  uint64_t value);

/* Reads guest RAM by physical address; -1 when not all of it is RAM. */
int rvemu_read_ram(const rvemu *machine, uint64_t pa, void *bytes,
                   size_t count);

#define RVEMU_WALK_MAX 5

/* Where a walk comes by, and how it ends. */
struct rvemu_walk {
    bool is_off;     /* MODE Bare: the address is physical; count is 0 */
    bool is_mapped;  /* the last entry is a leaf with V=1 */
    bool is_outside; /* the last entry is not in RAM, and its pte 0 */
    unsigned count;  /* 0 also: va is not sign-extended, or there is no such
                      * MODE */
    struct rvemu_walk_entry {
        unsigned level; /* 0: of 4 KiB */
        uint64_t pa;    /* where the entry lies */
        uint64_t pte;
    } entry[RVEMU_WALK_MAX];
};

/* Walks the page tables of a satp value down to the entry that ends it, on the
 * terms of rvemu_translate(). */
void rvemu_walk(const rvemu *machine, uint64_t satp, uint64_t va,
                struct rvemu_walk *walk);

/* Says which physical address the page tables of a satp value (MODE and PPN;
 * its ASID is nothing to them) map a virtual one to, as they are in RAM now:
 * no TLB is asked, no right is checked, and no A or D bit is set. MODE Bare
 * maps each address to itself. -1 when none is mapped, or when a table lies
 * outside RAM. Between runs, and while an event is told. */
int rvemu_translate(const rvemu *machine, uint64_t satp, uint64_t va,
                    uint64_t *pa);

/* What a hart's TLB has for an address. */
struct rvemu_tlb_entry {
    uint64_t va;     /* the first address that it covers */
    uint64_t size;   /* of what it covers, in bytes */
    uint64_t pte;    /* as cached: a leaf, or V=0 */
    uint64_t pte_pa; /* where that was read */
    unsigned level;  /* of pte */
    unsigned asid;   /* 0 when global */
    bool global;
};

/* Looks for va in the hart's TLB, with the ASID of a satp value, and changes
 * nothing there. False: the TLB has nothing for it. */
bool rvemu_tlb_find(rvemu *machine, unsigned hart, uint64_t satp, uint64_t va,
                    struct rvemu_tlb_entry *entry);

/* The next entry of the hart's TLB, in the order of its sets; *at, 0 to begin
 * with, goes behind it. Between runs. False: there are no more. */
bool rvemu_tlb_next(rvemu *machine, unsigned hart, uint32_t *at,
                    struct rvemu_tlb_entry *entry);

/* What has been counted of the hart's TLB: zeros where nothing is
 * (rvemu_tlb_config, counts). */
void rvemu_tlb_counts(const rvemu *machine, unsigned hart,
                      struct rvemu_tlb_counts *counts);

/* A stretch of physical addresses. */
struct rvemu_range {
    const char *name; /* of the device, or "ram"; the machine's */
    uint64_t pa, size;
    bool is_ram;
    bool is_rom; /* instructions can be fetched from it, too */
};

/* The stretch of this number, from 0 on, in the order of addresses. False:
 * there are no more. */
bool rvemu_range(const rvemu *machine, unsigned number,
                 struct rvemu_range *range);

/* Writes guest RAM by physical address, between runs, as a device does: code
 * that was decoded there, page tables under watch and reservations take
 * notice. TLBs do not: that takes a fence. -1, with nothing written, when not
 * all of it is RAM. */
int rvemu_write_ram(rvemu *machine, uint64_t pa, const void *bytes,
                    size_t count);

/* What can come from outside. */
enum rvemu_input_kind {
    /* Console input comes from a file or a pipe from now on: the machine asks
     * for the byte that is due, and waits for it. */
    RVEMU_INPUT_FILE,
    /* It is typed, or might as well be: the machine never waits for it. A pipe
     * that stays silent becomes that. */
    RVEMU_INPUT_LIVE,
    RVEMU_INPUT_BYTES, /* console input */
    /* No more comes. The guest gets a ^D, twice behind a line that has not been
     * ended. */
    RVEMU_INPUT_END,
    RVEMU_INPUT_GONE, /* no more comes, and the guest is not told */
    RVEMU_INPUT_UNTIL /* within host.idle: the present is then this time */
};

struct rvemu_input {
    enum rvemu_input_kind kind;
    const uint8_t *bytes; /* _BYTES: the caller's, read during the call */
    size_t count;
    uint64_t until; /* _UNTIL: ns of machine time, at most idle's due */
};

/* Everything from outside enters here, and is stamped with machine time: the
 * same machine given the same at the same times does the same. Between runs,
 * and in the host's poll and idle. Bytes wait in a queue and reach the guest
 * one a character time (86,806 ns; a tenth of that for a guest that polls its
 * UART), when its receiver takes them; those for which the queue has no room
 * are lost. Before the first _FILE or _LIVE nothing is asked for; bytes may be
 * given all the same. In the past (history.h) it does nothing. */
void rvemu_input(rvemu *machine, const struct rvemu_input *what);

/* How many bytes the queue has room for. */
size_t rvemu_input_room(const rvemu *machine);

#define RVEMU_INPUT_LEFT_MAX 3

/* Lists what was given and has not reached the guest, and whether more is to
 * come, for it to be given to another machine in the place of this one, whose
 * own the bytes are. Returns how many there are; the machine is as before. */
unsigned rvemu_input_left(const rvemu *machine,
                          struct rvemu_input left[RVEMU_INPUT_LEFT_MAX]);

/* Has a subscriber told of events, in order, from now on (subscription.h). What
 * `of` points to is copied; what it leads to lives until the subscription ends.
 * Returns the subscription's number, above 0 and never given again; -1 when
 * there are too many subscribers, or `of` has neither call nor ring, or a ring
 * without room.
 * Before the machine first runs, or between runs.
 *
 * Events wait for each other, and the machine is ahead of them by no certain
 * number of steps. So nothing of a machine may be changed while a subscriber is
 * called, and no register read, unless the event is told promptly
 * (rvemu_set_prompt()); memory, translations and rvemu_time() may be read, and
 * are those of the machine. All functions check that: those that can fail
 * return -1, the others end the program (assert). The place to change something
 * is poll. */
int rvemu_subscription_begin(rvemu *machine,
                             const struct rvemu_subscription *of);

/* Ends a subscription: what has happened by now is still told, and nothing from
 * then on. Between runs. -1: there is none of that number. */
int rvemu_subscription_end(rvemu *machine, int number);

/* How far a sink has been told by now, for it to go on at another machine that
 * does the same (the member `told`). Between runs. -1: there is no such
 * subscription. */
int rvemu_subscription_told(rvemu *machine, int number,
                            struct rvemu_mark *told);

/* A subscription in short: a sink that is called with `arg` for every event of
 * the kinds in the set (RVEMU_EVENT_BIT). As rvemu_subscription_begin(), but
 * returns 0. */
int rvemu_subscribe(rvemu *machine, rvemu_event_set kinds, rvemu_event_fn *call,
                    void *arg);

/* What is run from now on has been run before, up to machine time `until` in
 * ns: the machine has gone back, or is made anew to do the same. Sinks are
 * silent until then, and longer if they were told more; of what they were told
 * exactly then they are not told again. Observers are told of all. The console
 * (struct rvemu_host) knows nothing of it. Between runs. */
void rvemu_set_history(rvemu *machine, uint64_t until);

/* Has all observers that can do so copy their states; NULL when memory is
 * lacking. The result is the caller's, to be dropped before what the observers'
 * args point to goes. Between runs. */
struct rvemu_observed *rvemu_observers_save(rvemu *machine);

/* Gives those observers, if their subscriptions have not ended, their states
 * back, as often as one likes. What has happened is told before. Between runs.
 */
void rvemu_observers_restore(rvemu *machine,
                             const struct rvemu_observed *observed);
void rvemu_observers_drop(struct rvemu_observed *observed);

/* Has events of these kinds told promptly, and no others: each before the next
 * event of any kind happens, not when many have gathered. Who then reads memory
 * in the call finds it as the event left it, but for what has changed without
 * another event: with pte_write among all that is subscribed to, page tables
 * have not. Registers may be read then, too: they are of some moment from the
 * event up to the next. An event `probe` or `alias_store` is told at once, with
 * registers and memory as they are then; only pc may lag behind that of an
 * alias_store. Between runs. */
void rvemu_set_prompt(rvemu *machine, rvemu_event_set kinds);

/* Ends the first subscription of `call` with this `arg`, as
 * rvemu_subscription_end(). */
int rvemu_unsubscribe(rvemu *machine, rvemu_event_fn *call, void *arg);

/* Has the event `probe` happen before an instruction at the virtual address va
 * is executed, in any privilege but U; with `returns`, also when the function
 * that begins there comes back to its caller: when the return address that it
 * got in ra is reached with the stack pointer that it got. 256 calls may be
 * under way at a time; of more, the oldest are not seen to return. It costs
 * something where that code runs, while somebody subscribes to the event, and
 * changes no other. A second call for va changes `returns`. Between runs. -1
 * when memory is lacking. */
int rvemu_probe_add(rvemu *machine, uint64_t va, bool returns);

/* Ends that. Between runs. -1: there is no probe at va. */
int rvemu_probe_remove(rvemu *machine, uint64_t va);

/* Sets a breakpoint at a virtual address, or takes it away: before a hart
 * executes an instruction that begins there, in any privilege and address
 * space, rvemu_run() stops. A hart that is run on from there executes it. It
 * costs something where that code runs. Between runs. -1 when memory is
 * lacking, or when there is none to be taken away. */
int rvemu_breakpoint(rvemu *machine, uint64_t va, bool on);

#endif
