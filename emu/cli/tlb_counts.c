/* What was counted of the harts' TLBs; see tlb_counts.h. */
#include "cli/tlb_counts.h"

#include <inttypes.h>

static const char *const access_name[RVEMU_TLB_ACCESSES] = {
    [RVEMU_TLB_FETCH] = "fetch",
    [RVEMU_TLB_LOAD] = "load",
    [RVEMU_TLB_STORE] = "store",
};

static const char *const page_name[RVEMU_TLB_PAGES] = {
    [RVEMU_TLB_4K] = "4K", [RVEMU_TLB_64K] = "64K",   [RVEMU_TLB_2M] = "2M",
    [RVEMU_TLB_1G] = "1G", [RVEMU_TLB_512G] = "512G", [RVEMU_TLB_256T] = "256T",
};

static void add_row(struct rvemu_tlb_row *to, const struct rvemu_tlb_row *from)
{
    to->hits += from->hits;
    to->misses += from->misses;
    to->evictions += from->evictions;
}

static void add(struct rvemu_tlb_counts *to,
                const struct rvemu_tlb_counts *from)
{
    for (unsigned access = 0; access < RVEMU_TLB_ACCESSES; access++) {
        for (unsigned page = 0; page < RVEMU_TLB_PAGES; page++)
            add_row(&to->page[access][page], &from->page[access][page]);
        to->faults[access] += from->faults[access];
    }
    add_row(&to->walks, &from->walks);
}

void tlb_counts_add(struct tlb_counts *counts, const rvemu *machine)
{
    struct rvemu_tlb_counts more;

    counts->harts = rvemu_harts(machine);
    for (unsigned hart = 0; hart < counts->harts; hart++) {
        rvemu_tlb_counts(machine, hart, &more);
        add(&counts->hart[hart], &more);
    }
}

static bool is_zero(const struct rvemu_tlb_row *row)
{
    return !row->hits && !row->misses && !row->evictions;
}

static void print_row(FILE *out, const char *what, const char *page,
                      const struct rvemu_tlb_row *row)
{
    fprintf(out, "  %-10s %-9s %14" PRIu64 " %14" PRIu64 " %14" PRIu64 "\n",
            what, page, row->hits, row->misses, row->evictions);
}

static void print_hart(FILE *out, unsigned hart,
                       const struct rvemu_tlb_counts *counts)
{
    fprintf(out, "emu: TLB of hart %u    %14s %14s %14s\n", hart, "hits",
            "misses", "evictions");
    for (unsigned access = 0; access < RVEMU_TLB_ACCESSES; access++) {
        const struct rvemu_tlb_row refused = {.misses = counts->faults[access]};

        for (unsigned page = 0; page < RVEMU_TLB_PAGES; page++)
            if (!is_zero(&counts->page[access][page]))
                print_row(out, access_name[access], page_name[page],
                          &counts->page[access][page]);
        if (!is_zero(&refused))
            print_row(out, access_name[access], "refused", &refused);
    }
    if (counts->walks.hits || counts->walks.evictions)
        print_row(out, "walk cache", "", &counts->walks);
}

static bool has_any(const struct rvemu_tlb_counts *counts)
{
    for (unsigned access = 0; access < RVEMU_TLB_ACCESSES; access++) {
        if (counts->faults[access])
            return true;
        for (unsigned page = 0; page < RVEMU_TLB_PAGES; page++)
            if (!is_zero(&counts->page[access][page]))
                return true;
    }
    return false;
}

void tlb_counts_print(FILE *out, const struct tlb_counts *counts)
{
    bool any = false;

    for (unsigned hart = 0; hart < counts->harts; hart++) {
        if (!has_any(&counts->hart[hart]))
            continue;
        print_hart(out, hart, &counts->hart[hart]);
        any = true;
    }
    if (!any)
        fprintf(out, "emu: no hart looked anything up in its TLB\n");
}

static void write_row(FILE *out, const char *name,
                      const struct rvemu_tlb_row *row)
{
    fprintf(out,
            "\"%s\": {\"hits\": %" PRIu64 ", \"misses\": %" PRIu64
            ", \"evictions\": %" PRIu64 "}",
            name, row->hits, row->misses, row->evictions);
}

static void write_hart(FILE *out, const struct rvemu_tlb_counts *counts)
{
    for (unsigned access = 0; access < RVEMU_TLB_ACCESSES; access++) {
        fprintf(out, "\"%s\": {", access_name[access]);
        for (unsigned page = 0; page < RVEMU_TLB_PAGES; page++) {
            write_row(out, page_name[page], &counts->page[access][page]);
            fprintf(out, ", ");
        }
        fprintf(out, "\"refused\": %" PRIu64 "}, ", counts->faults[access]);
    }
    write_row(out, "walk_cache", &counts->walks);
}

void tlb_counts_write_json(FILE *out, const struct tlb_counts *counts)
{
    fputc('[', out);
    for (unsigned hart = 0; hart < counts->harts; hart++) {
        fprintf(out, "%s{", hart ? ", " : "");
        write_hart(out, &counts->hart[hart]);
        fputc('}', out);
    }
    fputc(']', out);
}
