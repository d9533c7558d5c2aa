/* What counts for which check; see checks.h. */
#include "analysis/checks.h"

#include <string.h>

#include <rvemu/list.h>

static const char *const names[RVEMU_CHECKS] = {
    [RVEMU_CHECK_TLB] = "tlb",       [RVEMU_CHECK_COW] = "cow",
    [RVEMU_CHECK_REFS] = "refs",     [RVEMU_CHECK_UAF] = "uaf",
    [RVEMU_CHECK_ICACHE] = "icache",
};

const char *rvemu_check_name(unsigned check)
{
    return check < RVEMU_CHECKS ? names[check] : NULL;
}

static bool read_level(const struct rvemu_list_item *item, u8 *level)
{
    if (!item->value)
        *level = RVEMU_CHECK_MAY;
    else if (rvemu_list_has(item, "certain"))
        *level = RVEMU_CHECK_CERTAIN;
    else if (rvemu_list_has(item, "may"))
        *level = RVEMU_CHECK_MAY;
    else if (rvemu_list_has(item, "possible"))
        *level = RVEMU_CHECK_POSSIBLE;
    else
        return false;
    return true;
}

int rvemu_checks_read(uint8_t level[RVEMU_CHECKS], const char *list,
                      struct rvemu_error *error)
{
    struct rvemu_list_item item;
    u8 read;

    while (rvemu_list_next(&list, &item)) {
        bool all = rvemu_list_is(&item, "all"), any = all;

        if (!read_level(&item, &read))
            return rvemu_error_set(error,
                                   "a level is certain, may or possible");
        for (unsigned i = 0; i < RVEMU_CHECKS; i++) {
            if (!all && !rvemu_list_is(&item, names[i]))
                continue;
            level[i] = read;
            any = true;
        }
        if (!any)
            return rvemu_error_set(
                error, "there are tlb, cow, refs, uaf, icache and all");
    }
    return 0;
}

bool rvemu_explain_checks_any(const struct rvemu_explain_options *options)
{
    for (unsigned i = 0; i < RVEMU_CHECKS; i++)
        if (options->check[i])
            return true;
    return false;
}

static struct checks_finding certain(enum rvemu_check check)
{
    return (struct checks_finding){check, RVEMU_CHECK_CERTAIN};
}

static struct checks_finding possible(enum rvemu_check check)
{
    return (struct checks_finding){check, RVEMU_CHECK_POSSIBLE};
}

static struct checks_finding of_tlb(enum sentence sentence)
{
    if (sentence == SAY_MAY_GIVEN)
        return possible(RVEMU_CHECK_TLB);
    return (struct checks_finding){RVEMU_CHECK_TLB, sentence >= SAY_MAY_RIGHTS
                                                        ? RVEMU_CHECK_MAY
                                                        : RVEMU_CHECK_CERTAIN};
}

struct checks_finding checks_finding_of(enum sentence sentence,
                                        const struct facts *facts)
{
    if ((sentence >= SAY_STALE_REFUSAL && sentence <= SAY_MAY_SPACE) ||
        sentence == SAY_MAY_GIVEN)
        return of_tlb(sentence);
    switch (sentence) {
    case SAY_STALE_CODE: return certain(RVEMU_CHECK_ICACHE);
    case SAY_BROKEN:
    case SAY_BROKEN_SILENT:
    case SAY_WRONG_COPY:
    case SAY_ALIAS: return certain(RVEMU_CHECK_COW);
    case SAY_FORK:
    case SAY_FORK_ORPHAN:
    case SAY_MOVED:
        return sentence_is_finding(sentence, facts)
                   ? certain(RVEMU_CHECK_COW)
                   : (struct checks_finding){.level = RVEMU_CHECK_OFF};
    case SAY_BROKEN_UNSEEN:
    case SAY_BROKEN_SILENT_UNSEEN: return possible(RVEMU_CHECK_COW);
    case SAY_FREED_TWICE:
    case SAY_LOST_FRAMES:
    case SAY_LOST_TABLES: return certain(RVEMU_CHECK_REFS);
    case SAY_FREED_MAPPED:
    case SAY_MAPPED_FREE:
    case SAY_FREED_TABLE:
    case SAY_ALIAS_FREE: return certain(RVEMU_CHECK_UAF);
    case SAY_GIVEN_AGAIN:
    case SAY_GIVEN_SILENT:
    case SAY_TABLE_IN_USE: return possible(RVEMU_CHECK_UAF);
    default: break;
    }
    if (facts->say_tail == SAY_USED_INSIDE)
        return possible(RVEMU_CHECK_UAF);
    return (struct checks_finding){.level = RVEMU_CHECK_OFF};
}

bool checks_tell(const uint8_t level[RVEMU_CHECKS], enum sentence sentence,
                 const struct facts *facts)
{
    struct checks_finding found = checks_finding_of(sentence, facts);

    if (!found.level || !level[found.check])
        return false;
    return found.level < RVEMU_CHECK_POSSIBLE ||
           level[found.check] == RVEMU_CHECK_POSSIBLE;
}

void checks_count(struct rvemu_check_totals totals[RVEMU_CHECKS],
                  enum sentence sentence, const struct facts *facts)
{
    struct checks_finding found = checks_finding_of(sentence, facts);

    if (found.level == RVEMU_CHECK_CERTAIN)
        totals[found.check].certain++;
    else if (found.level == RVEMU_CHECK_POSSIBLE)
        totals[found.check].possible++;
}
