/*
 * Page tables and TLB: what is mapped, in QEMU's columns; one walk, told level
 * by level, with what the TLB has and why an access would fault.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/monitor_priv.h"
#include "cli/walk_words.h"

#define ENTRIES 512
#define TABLES_MOST 100000 /* that info mem looks through */
#define CSR_MENVCFG 0x30a
#define MENVCFG_ADUE (UINT64_C(1) << 61)
#define PRIV_U 0
#define PRIV_S 1
#define PRIV_M 3
#define PTE_RSW(pte) ((unsigned)((pte) >> 8 & 3))
#define PTE_FRAME(pte) ((pte) >> 10 & ((UINT64_C(1) << 44) - 1))

/* ---- info mem ---- */

/* A stretch of leaves that are alike and follow each other. */
struct stretch {
    uint64_t va, pa, size; /* size 0: there is none */
    uint64_t flags;        /* the lower ten bits */
    uint64_t leaves;
};

struct listing {
    struct monitor *m;
    unsigned tables;
    struct stretch stretch;
};

static void say_stretch(struct monitor *m, const struct stretch *s)
{
    static const char letters[] = "rwxugad";
    char flags[8];

    if (!s->size)
        return;
    for (unsigned i = 0; i < 7; i++)
        flags[i] = '-';
    for (unsigned i = 0; i < 7; i++)
        if (s->flags >> (i + 1) & 1)
            flags[i] = letters[i];
    flags[7] = '\0';
    monitor_say(m, "%016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %s", s->va,
                s->pa, s->size, flags);
    if (PTE_RSW(s->flags))
        monitor_say(m, " rsw=%u", PTE_RSW(s->flags));
    monitor_say(m, " %" PRIu64 "\n", s->leaves);
}

static void add_leaf(struct listing *l, uint64_t va, uint64_t pte,
                     uint64_t size)
{
    struct stretch *s = &l->stretch;
    uint64_t pa = PTE_FRAME(pte) << 12, flags = pte & 0x3ff;

    if (s->size && s->flags == flags && s->va + s->size == va &&
        s->pa + s->size == pa) {
        s->size += size;
        s->leaves++;
        return;
    }
    say_stretch(l->m, s);
    *s = (struct stretch){va, pa, size, flags, 1};
}

static void list_table(struct listing *l, uint64_t pa, unsigned level,
                       uint64_t va, unsigned levels)
{
    uint8_t table[ENTRIES * 8];

    if (l->tables++ >= TABLES_MOST ||
        rvemu_read_ram(l->m->machine, pa, table, sizeof(table)) < 0)
        return;
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t pte = scene_word(&table[8 * i]);
        uint64_t size = UINT64_C(1) << (12 + 9 * level);
        uint64_t at = va + i * size;
        unsigned unused = 64 - (12 + 9 * levels);

        if (!(pte & PTE_V))
            continue;
        at = (uint64_t)((int64_t)(at << unused) >> unused);
        if (pte & (PTE_R | PTE_W | PTE_X))
            add_leaf(l, at, pte, size);
        else if (level)
            list_table(l, PTE_FRAME(pte) << 12, level - 1, at, levels);
    }
}

int monitor_info_mem(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    struct listing l = {.m = m};
    uint64_t satp = monitor_satp_as_is(m);
    unsigned levels;

    if (*text && monitor_value_only(m, text, &satp, error) < 0)
        return -1;
    levels = (unsigned)(satp >> 60) - 5;
    if (!rvemu_satp_root(satp) || levels < 3 || levels > 5) {
        monitor_say(m, "No translation or protection\n");
        return 0;
    }
    monitor_say(m, "vaddr            paddr            size             attr   "
                   " pages\n"
                   "---------------- ---------------- ---------------- -------"
                   " -----\n");
    list_table(&l, rvemu_satp_root(satp) << 12, levels - 1, 0, levels);
    say_stretch(m, &l.stretch);
    if (l.tables > TABLES_MOST)
        return rvemu_error_set(error, "there are more tables than %u",
                               TABLES_MOST);
    return 0;
}

/* ---- info pte, info walk ---- */

/* "V R W - U - A D, RSW 0" */
static void say_bits(struct monitor *m, uint64_t pte)
{
    static const char names[] = "VRWXUGAD";
    const char *flaw = pte_flaw(pte);

    for (unsigned i = 0; i < 8; i++)
        monitor_say(m, "%s%c=%u", i ? " " : "", names[i],
                    (unsigned)(pte >> i & 1));
    monitor_say(m, " RSW=%u", PTE_RSW(pte));
    if (pte >> 61 & 3)
        monitor_say(m, " PBMT=%u", (unsigned)(pte >> 61 & 3));
    if (pte >> 63)
        monitor_say(m, " N=1");
    if (flaw)
        monitor_say(m, "\n             %s", flaw);
    monitor_say(m, "\n");
}

static void say_entry(struct monitor *m, const struct rvemu_walk_entry *entry,
                      uint64_t va)
{
    monitor_say(m,
                "level %u: index %u of the table at 0x%" PRIx64
                ": entry at 0x%" PRIx64 "\n",
                entry->level, (unsigned)(va >> (12 + 9 * entry->level) & 511),
                entry->pa & ~(PAGE - 1), entry->pa);
    monitor_say(m, "         0x%016" PRIx64 " = PPN %" PRIx64 ", ", entry->pte,
                PTE_FRAME(entry->pte));
    say_bits(m, entry->pte);
}

static void say_end(struct monitor *m, const struct rvemu_walk *walk,
                    uint64_t satp, uint64_t va)
{
    const struct rvemu_walk_entry *last;
    uint64_t pa;

    if (walk->is_off) {
        monitor_say(m, "no translation: the address is physical\n");
        return;
    }
    if (!walk->count) {
        monitor_say(m, "no walk: the upper bits of the address are not all "
                       "like the highest\n");
        return;
    }
    last = &walk->entry[walk->count - 1];
    if (walk->is_outside)
        monitor_say(m, "the table is not in RAM\n");
    else if (walk->is_mapped && rvemu_translate(m->machine, satp, va, &pa) == 0)
        monitor_say(m, "a leaf of %s: 0x%" PRIx64 " lies at 0x%" PRIx64 "\n",
                    last->level == 0   ? "4 KiB"
                    : last->level == 1 ? "2 MiB"
                    : last->level == 2 ? "1 GiB"
                                       : "more",
                    va, pa);
    else
        monitor_say(m, "nothing is mapped there\n");
}

/* What the TLB has for the address, and whether the tables say the same. */
static void say_tlb(struct monitor *m, const struct rvemu_walk *walk,
                    uint64_t satp, uint64_t va)
{
    const uint64_t matters = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_PPN;
    struct rvemu_tlb_entry entry;
    char words[PTE_WORDS];
    uint64_t now = walk->count ? walk->entry[walk->count - 1].pte : 0;

    if (walk->is_off)
        return;
    if (!rvemu_tlb_find(m->machine, m->hart, satp, va, &entry)) {
        monitor_say(m, "the TLB of hart %u has nothing for it\n", m->hart);
        return;
    }
    monitor_say(m, "the TLB of hart %u has %s, %s", m->hart,
                pte_words(entry.pte, words), entry.global ? "global" : "ASID ");
    if (!entry.global)
        monitor_say(m, "%u", entry.asid);
    monitor_say(m, (entry.pte ^ now) & matters
                       ? ":\n    NOT what the tables have, and it goes by that "
                         "until an sfence.vma\n"
                       : ", as the tables do\n");
}

struct asked {
    enum rvemu_access access;
    unsigned priv;
    bool any; /* an access was named */
};

static int read_asked(const char *text, struct asked *asked,
                      struct rvemu_error *error)
{
    static const char *const words[] = {"exec", "read", "write", "user"};
    const char *word;
    size_t length;

    while ((length = monitor_word(&text, &word)) != 0) {
        unsigned i = 0;

        while (i < 4 && !monitor_is(word, length, words[i]))
            i++;
        if (i == 4)
            return rvemu_error_set(error,
                                   "info walk VA [read|write|exec] "
                                   "[user], not %.*s",
                                   (int)(length < 40 ? length : 40), word);
        if (i == 3) {
            asked->priv = PRIV_U;
        } else {
            asked->access = (enum rvemu_access)i;
            asked->any = true;
        }
    }
    return 0;
}

/* The rule by which A and D refuse the access where software sets them, or -1.
 */
static int judge_ad(struct monitor *m, const struct asked *asked, uint64_t pte)
{
    uint64_t menvcfg = 0;

    if (rvemu_csr(m->machine, m->hart, CSR_MENVCFG, &menvcfg) == 0 &&
        menvcfg & MENVCFG_ADUE)
        return -1;
    if (!(pte & PTE_A))
        return RVEMU_REASON_A_CLEAR;
    if (asked->access == RVEMU_ACCESS_STORE && !(pte & PTE_D))
        return RVEMU_REASON_D_CLEAR;
    return -1;
}

static void say_verdict(struct monitor *m, const struct rvemu_walk *walk,
                        const struct asked *asked, uint64_t va)
{
    static const char *const accesses[] = {"exec", "read", "write"};
    uint64_t sstatus = 0;
    int reason;

    if (walk->is_off || walk->is_outside)
        return;
    rvemu_csr(m->machine, m->hart, CSR_SSTATUS, &sstatus);
    reason = walk_judge(walk, asked->access, asked->priv, sstatus);
    if (reason < 0 && walk->count)
        reason = judge_ad(m, asked, walk->entry[walk->count - 1].pte);
    monitor_say(m, "%s in %c-mode, SUM=%u MXR=%u: ", accesses[asked->access],
                asked->priv == PRIV_U ? 'U' : 'S',
                (unsigned)(sstatus >> 18 & 1), (unsigned)(sstatus >> 19 & 1));
    if (reason < 0)
        monitor_say(m, "allowed by the tables\n");
    else
        monitor_say(m, "would fault, %s:\n    %s\n",
                    rvemu_reason_name((unsigned)reason),
                    walk_decides(reason) ? walk_decides(reason)
                                         : "that is no address");
}

int monitor_info_walk(struct monitor *m, const char *text,
                      struct rvemu_error *error)
{
    unsigned priv = rvemu_priv(m->machine, m->hart);
    struct asked asked = {.access = RVEMU_ACCESS_LOAD,
                          .priv = priv == PRIV_M ? PRIV_S : priv};
    uint64_t satp = monitor_satp_as_is(m), va;
    struct rvemu_walk walk;

    if (monitor_value(m, &text, &va, error) < 0 ||
        read_asked(text, &asked, error) < 0)
        return -1;
    rvemu_walk(m->machine, satp, va, &walk);
    monitor_say(m,
                "satp 0x%016" PRIx64 ": mode %u, ASID %u, root %" PRIx64 "\n",
                satp, (unsigned)(satp >> 60), (unsigned)(satp >> 44 & 0xffff),
                rvemu_satp_root(satp));
    for (unsigned i = 0; i < walk.count; i++)
        say_entry(m, &walk.entry[i], va);
    say_end(m, &walk, satp, va);
    say_tlb(m, &walk, satp, va);
    for (unsigned i = 0; i < 3; i++) {
        if (!asked.any)
            asked.access = (enum rvemu_access)i;
        if (!asked.any || !i)
            say_verdict(m, &walk, &asked, va);
    }
    return 0;
}

int monitor_info_pte(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    uint64_t satp = monitor_satp_as_is(m), va;
    struct rvemu_walk walk;

    if (monitor_value_only(m, text, &va, error) < 0)
        return -1;
    rvemu_walk(m->machine, satp, va, &walk);
    if (walk.count)
        say_entry(m, &walk.entry[walk.count - 1], va);
    say_end(m, &walk, satp, va);
    return 0;
}

/* ---- info tlb ---- */

static void say_tlb_entry(struct monitor *m,
                          const struct rvemu_tlb_entry *entry)
{
    uint8_t bytes[8];
    char words[PTE_WORDS], asid[16];
    bool is_stale = rvemu_read_ram(m->machine, entry->pte_pa, bytes, 8) < 0 ||
                    (scene_word(bytes) ^ entry->pte) & ~(PTE_A | PTE_D);

    snprintf(asid, sizeof(asid), entry->global ? "G" : "%u", entry->asid);
    monitor_say(m, "%016" PRIx64 " %10" PRIx64 " %-5s %-18s %012" PRIx64 "%s\n",
                entry->va, entry->size, asid, pte_words(entry->pte, words),
                entry->pte_pa, is_stale ? " stale" : "");
}

int monitor_info_tlb(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    struct rvemu_tlb_entry entry;
    bool has_va = *text;
    uint32_t at = 0;
    uint64_t va = 0, count = 0;

    if (has_va && monitor_value_only(m, text, &va, error) < 0)
        return -1;
    while (rvemu_tlb_next(m->machine, m->hart, &at, &entry)) {
        if (has_va && va - entry.va >= entry.size)
            continue;
        if (!count++)
            monitor_say(m, "vaddr                  size asid  entry          "
                           "    read at\n");
        say_tlb_entry(m, &entry);
    }
    monitor_say(m, "%" PRIu64 " entries in the TLB of hart %u%s\n", count,
                m->hart, has_va ? " cover it" : "");
    return 0;
}
