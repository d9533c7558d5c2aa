/*
 * The sentences, in English; sentences.h says how a template reads.
 *
 * The colour of a row is that of its accent: cyan for forks, yellow for
 * copies, green for pages kept or given, red for what went wrong.
 */
#include "analysis/sentences.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CYAN "\33[36m"
#define YELLOW "\33[33m"
#define GREEN "\33[32m"
#define RED "\33[31m"
#define PLAIN "\33[0m"

static const struct {
    const char *text;
    const char *color;
} sentences[SENTENCES] = {
    [SAY_NOTHING] = {"", NULL},
    [SAY_FORK] = {"*{other} forks {who}.* {copied}{protection}{open}", CYAN},
    [SAY_FORK_ORPHAN] = {"A space that is gone, {other}, *had forked {who}.* "
                         "{copied}{protection}{open}",
                         CYAN},
    [SAY_FORK_UNBORN] = {"*{other} forks {who}*, which ends before it runs. "
                         "{copied}{protection}",
                         CYAN},
    [SAY_FORK_ALIKE] = {"One of {others} spaces that are alike *forks {who}.* "
                        "{copied}{protection}",
                        CYAN},
    [SAY_TABLE_IN_USE] = {"*The kernel makes {frame} a page table*, though "
                          "{used_by} it: a frame given out again.",
                          RED},
    [SAY_USED_INSIDE] = {", which {used_by} too,", NULL},
    [SAY_MOVED] = {"*{who} begins behind an ecall of {other}*, as a forked "
                   "child does. {copied}{protection}{open}",
                   CYAN},
    [SAY_EXEC] = {"*{who} ends:* {pages|page|pages} unmapped{given_up}. The "
                  "hart goes on in {other}, a new space, at {pc}.",
                  CYAN},
    [SAY_END] = {"*{who} ends:* {pages|page|pages} unmapped{given_up}.", CYAN},
    [SAY_COPY] = {"{act}. {shared_with}, so W=0: page fault. *The kernel "
                  "copies it to {frame}*{tail} for {who} ({old_permissions} → "
                  "{permissions}); {keeps}.",
                  YELLOW},
    [SAY_COPY_UNSEEN] = {"{act}. W=0: page fault. *The kernel copies it to "
                         "{frame}*{tail} for {who} ({old_permissions} → "
                         "{permissions}); nobody else is known to map {old}.",
                         YELLOW},
    [SAY_COPY_CALL] = {"{act}. {shared_with}, so even the kernel faults: "
                       "*copied to {frame}*{tail}; {keeps}.",
                       YELLOW},
    [SAY_COPY_CALL_UNSEEN] =
        {"{act}. W=0, so even the kernel faults: *copied to {frame}*{tail}; "
         "nobody else is known to map {old}.",
         YELLOW},
    [SAY_COPY_SILENT] =
        {"{gives} *a copy of its own*, without a fault: {old} is copied to "
         "{frame} ({old_permissions} → {permissions}); {keeps}.",
         YELLOW},
    [SAY_REUSE] = {"{act}. W is still 0 from the fork, but nobody shares "
                   "{frame} any more: *no copy, W=1 again*.",
                   GREEN},
    [SAY_REUSE_UNSHARED] = {"{act}. W was taken from the page, and nobody else "
                            "is known to map {frame}: *no copy, W=1 again*.",
                            GREEN},
    [SAY_REUSE_SILENT] = {"{gives} *W=1 again*, without a fault: nobody shares "
                          "{frame} any more, and nothing is copied.",
                          GREEN},
    [SAY_BROKEN] = {"{act}. *W=1 again and no copy*, though {sharers} {frame} "
                    "too: {sees}.",
                    RED},
    [SAY_BROKEN_UNSEEN] =
        {"{act}. *W=1 again and no copy*, and {sharers} {frame} still.",
         YELLOW},
    [SAY_BROKEN_SILENT_UNSEEN] =
        {"{gives} *W=1 again and no copy*, and {sharers} {frame} still.",
         YELLOW},
    [SAY_TEXT_OPENED] = {"{act}. The page is {old_permissions} and no fork "
                         "made it so: this is no copy-on-write. *The kernel "
                         "sets W=1 all the same* ({permissions}).",
                         RED},
    [SAY_GIVEN_AGAIN] = {"{act}: {reason}. *The kernel maps {frame}*{tail} "
                         "({permissions}): a frame given out again.",
                         RED},
    [SAY_GIVEN_SILENT] = {"At {at} of {who} *the kernel maps {frame}*{tail} "
                          "({permissions}): a frame given out again.",
                          RED},
    [SAY_BROKEN_SILENT] = {"{gives} *W=1 again and no copy*, though {sharers} "
                           "{frame} too: {sees}.",
                           RED},
    [SAY_PRIVATE_COPY] =
        {"{act}. W=0, and no fork made it so: page fault. *The kernel copies "
         "{old} to {frame}* for {who} ({old_permissions} → {permissions}).",
         YELLOW},
    [SAY_KERNEL_COPY] = {"{act}. W=0: page fault. *It is answered with a copy* "
                         "of {old}, {frame} ({old_permissions} → "
                         "{permissions}). The page is the kernel's own.",
                         YELLOW},
    [SAY_MOVED_PAGE] =
        {"*The kernel moves {at} of {who}* from {old} to an equal copy, "
         "{frame} ({old_permissions} → {permissions}).",
         GREEN},
    [SAY_MERGED] =
        {"*The kernel lets {at} of {who} share {frame}* with {other}: it held "
         "the same bytes as {old} ({old_permissions} → {permissions}).",
         GREEN},
    [SAY_REPLACED] = {"{act}: {reason}. *The kernel maps {frame} there* in "
                      "place of {old}, whose bytes differ ({permissions}).",
                      YELLOW},
    [SAY_FIRST_TOUCH] = {"{act}: nothing is mapped there. *The kernel maps "
                         "{frame}* ({permissions}){tail}.",
                         GREEN},
    [SAY_ALLOWED] = {"{act}: {reason}. *The kernel allows it* "
                     "({old_permissions} → {permissions}); still {frame}.",
                     GREEN},
    [SAY_SPURIOUS] = {"{act}: {reason}. *It is tried again, and no entry had "
                      "to change*{tail}.",
                      GREEN},
    [SAY_CHANGED] = {"{act}: {reason}. *The kernel changes the entry*, from "
                     "{old} {old_permissions} to {frame} {permissions}.",
                     GREEN},
    [SAY_REFUSED] = {"{act}: {reason}. *The kernel refuses{tail}*", RED},
    [SAY_REFUSED_NULL] =
        {"{act}, a null pointer: {reason}. *The kernel refuses{tail}*", RED},
    [SAY_REFUSED_NO_COW] =
        {"{act}. The page is {old_permissions} and no fork made it so: this is "
         "no copy-on-write. *The kernel refuses{tail}*",
         RED},
    [SAY_STALE_REFUSAL] =
        {"{act}. The page table allows it, *but the hart refuses by an old TLB "
         "entry: no sfence.vma followed the change*.",
         RED},
    [SAY_REMEMBERED] =
        {"{act}. The page table allows it, *but the hart remembers the entry "
         "as invalid{tail}: an sfence.vma is missing*.",
         RED},
    [SAY_STALE_SHARED] = {"{act} *through an old TLB entry*. {since_when} "
                          "table says {permissions}, but no sfence.vma "
                          "followed. No fault, no copy: {sees}.",
                          RED},
    [SAY_STALE_RIGHTS] =
        {"{act} *through an old TLB entry*. The table says {permissions} now, "
         "but no sfence.vma followed: no fault.",
         RED},
    [SAY_STALE_FRAME] =
        {"{act} *through an old TLB entry*, and so reaches {old}. The table "
         "says {frame} {permissions} now, but no sfence.vma followed.",
         RED},
    [SAY_STALE_ABSENT] =
        {"{act} *through an old TLB entry*, and so reaches {old}. The table "
         "maps nothing there now, but no sfence.vma followed.",
         RED},
    [SAY_LOOP] = {"{act}: {reason}. *The same again and again, and nothing "
                  "changes in between: an endless loop.*",
                  RED},
    [SAY_OPEN] = {"{act}: {reason}. *No answer until the end of the run.*",
                  RED},
    [SAY_FAILED] = {"*The explanation ends here: out of memory.*", RED},
    [SAY_WOVEN] = {"*The explanation ends here: the page tables lead to the "
                   "same pages in too many ways.*",
                   RED},
    [SAY_TOTAL] = {"*Copy-on-write in all*: {forks|fork|forks} shared "
                   "{shared|page|pages}, {protected} of them write-protected; "
                   "later stores copied {copies} ({bytes} KiB) and "
                   "{reuses|time|times} found the page theirs alone.",
                   CYAN},
    [SAY_TOTAL_FORK] =
        {"  {other} -> {who}: {shared|page|pages} shared, {protected} "
         "protected, {copies} copied, {reuses} kept{tail}",
         NULL},
    [SAY_TOTAL_COPIES] = {"  copied for a side that was never seen: {copies}",
                          NULL},
    [SAY_TOTAL_EAGER] = {"*Forks without copy-on-write in all*: {forks}, with "
                         "{own|page|pages} of the children's own.",
                         CYAN},
    [SAY_TOTAL_NONE] = {"*No copy-on-write was seen.*", CYAN},
    [SAY_TOTAL_LIVE] =
        {"Live at the end: {roots|space|spaces} with {mappings|user page|user "
         "pages}, in {frames|frame|frames}, of which {shared} are shared.",
         NULL},

    [SAY_COPIED_NOTHING] =
        {"Nothing is copied: both use the same {shared|frame|frames}.", NULL},
    [SAY_COPIED_SOME] = {"Both use the same {shared|frame|frames}; at "
                         "{own|page|pages} {who} has its own.",
                         NULL},
    [SAY_COPIED_ALL] =
        {"Nothing is shared: {who} has its own frames at all {own|page|pages}.",
         NULL},
    [SAY_COPIED_EMPTY] = {"{who} maps no page yet.", NULL},
    [SAY_LOST_NOW] = {" {lost|was|were} writable; both sides lose W there, so "
                      "the first store to each will fault.",
                      NULL},
    [SAY_LOST_SOME] =
        {" {lost|was|were} writable; both sides lose W there, so the first "
         "store to each will fault. {before} had lost it before.",
         NULL},
    [SAY_LOST_BEFORE] = {" {protected|was|were} writable; W=0 on both sides, "
                         "so the first store to each will fault.",
                         NULL},
    [SAY_OPEN_PARENT] = {" To {open_parent|page|pages} {other} *can still "
                         "store, and {who} will see it*.",
                         RED},
    [SAY_OPEN_CHILD] = {" To {open_child|page|pages} {who} *can store, and "
                        "{other} will see it*.",
                        RED},
    [SAY_OPEN_BOTH] =
        {" To {open_both|page|pages} *both can store, and each will see it*.",
         RED},
    [SAY_GIVEN_UP] = {"; one space alone now maps {alone} of the frames", NULL},

    /* {act} */
    [SAY_ACT] = {"{who} {does} {at}", NULL},
    [SAY_ACT_CALL] =
        {"In a system call of {who} the kernel {does} its page {at}", NULL},
    [SAY_ACT_KERNEL] = {"In a system call of {who} the kernel {does} {at}",
                        NULL},
    [SAY_ACT_PAGE] = {"The kernel {does} {at} of {who}", NULL},
    [SAY_ACT_ALONE] = {"The kernel {does} {at}", NULL},
    [SAY_GIVES_CALL] =
        {"In a system call of {who} the kernel gives its page {at}", NULL},
    [SAY_GIVES] = {"The kernel gives {at} of {who}", NULL},
    [SAY_FETCHES] = {"fetches from", NULL},
    [SAY_LOADS] = {"loads from", NULL},
    [SAY_STORES] = {"stores to", NULL},
    [SAY_CACHES] = {"runs a cache operation on", NULL},
    [SAY_JUMPS] = {"jumps to", NULL},
    [SAY_AT] = {"{va}", NULL},
    [SAY_AT_ADDRESS] = {"address {va}", NULL},
    [SAY_AT_AREA] = {"{va} ({kind})", NULL},
    [SAY_AREA] = {"", NULL},
    [SAY_AREA_TEXT] = {"text", NULL},
    [SAY_AREA_RODATA] = {"read-only data", NULL},
    [SAY_AREA_DATA] = {"data", NULL},
    [SAY_AREA_HEAP] = {"heap", NULL},
    [SAY_AREA_STACK] = {"stack", NULL},
    [SAY_AREA_MMAP] = {"mmap", NULL},

    [SAY_SHARED_ONE] = {"The page is shared with {other}", NULL},
    [SAY_SHARED_MANY] = {"The page is shared with {others} others", NULL},
    [SAY_KEEPS_ONE] = {"{other} keeps {old}", NULL},
    [SAY_KEEPS_MANY] = {"they keep {old}", NULL},
    [SAY_KEEPS_UNSEEN] = {"nobody else is known to map {old}", NULL},
    [SAY_SHARER_ONE] = {"{other} maps", NULL},
    [SAY_SHARER_MANY] = {"{others} others map", NULL},
    [SAY_SEES_ONE] = {"{other} sees what is stored", NULL},
    [SAY_SEES_MANY] = {"they see what is stored", NULL},
    [SAY_USED_ONE] = {"{user} maps", NULL},
    [SAY_USED_MANY] = {"{users} others map", NULL},
    [SAY_MAPPED_SHARED] = {", which {used_by} too", NULL},
    [SAY_ENDS] = {": {who} ends.", NULL},
    [SAY_GOES_ON] = {": {who} goes on at {pc}.", NULL},
    [SAY_FULL_STOP] = {".", NULL},
    [SAY_STALE_TLB] = {": the TLB had an old one", NULL},
    [SAY_SINCE_FORK] = {"Since the fork the", NULL},
    [SAY_NOW] = {"By now the", NULL},
    [SAY_SINCE] = {" since {since} ns", NULL},
    [SAY_WALKED] =
        {"; a walk of both now: {apart} in two frames, {together} in one",
         NULL},

    [SAY_REASON + 0] = {"no canonical address", NULL},
    [SAY_REASON + 1] = {"nothing is mapped there", NULL},
    [SAY_REASON + 2] = {"a reserved form of entry", NULL},
    [SAY_REASON + 3] = {"a pointer where a page was due", NULL},
    [SAY_REASON + 4] = {"a misaligned superpage", NULL},
    [SAY_REASON + 5] = {"the page is the kernel's (U=0)", NULL},
    [SAY_REASON + 6] = {"it is a user page, and SUM=0", NULL},
    [SAY_REASON + 7] = {"the page is not readable ({old_permissions})", NULL},
    [SAY_REASON + 8] = {"the page is not writable ({old_permissions})", NULL},
    [SAY_REASON + 9] = {"the page is not executable ({old_permissions})", NULL},
    [SAY_REASON + 10] = {"A is 0", NULL},
    [SAY_REASON + 11] = {"D is 0", NULL},
    [SAY_REASON_REMEMBERED] = {"remembered as invalid", NULL},
};

#define TEXT_ROW(name)                            \
    {                                             \
#name, TEXT, offsetof(struct facts, name) \
    }
#define HEX_ROW(name)                            \
    {                                            \
#name, HEX, offsetof(struct facts, name) \
    }
#define FRAME_ROW(name)                            \
    {                                              \
#name, FRAME, offsetof(struct facts, name) \
    }
#define COUNT_ROW(name)                            \
    {                                              \
#name, COUNT, offsetof(struct facts, name) \
    }
#define CLAUSE_ROW(name)                                    \
    {                                                       \
#name, SENTENCE, offsetof(struct facts, say_##name) \
    }

static const struct {
    const char *name;
    enum { TEXT, HEX, FRAME, COUNT, SENTENCE } form;
    size_t offset;
} fact_rows[] = {
    TEXT_ROW(who),         TEXT_ROW(other),
    TEXT_ROW(permissions), TEXT_ROW(old_permissions),
    HEX_ROW(va),           HEX_ROW(pc),
    FRAME_ROW(frame),      FRAME_ROW(old),
    COUNT_ROW(bytes),      COUNT_ROW(since),
    COUNT_ROW(others),     COUNT_ROW(users),
    TEXT_ROW(user),        COUNT_ROW(pages),
    COUNT_ROW(shared),     COUNT_ROW(protected),
    COUNT_ROW(lost),       COUNT_ROW(before),
    COUNT_ROW(own),        COUNT_ROW(open_parent),
    COUNT_ROW(open_child), COUNT_ROW(open_both),
    COUNT_ROW(copies),     COUNT_ROW(reuses),
    COUNT_ROW(forks),      COUNT_ROW(together),
    COUNT_ROW(apart),      COUNT_ROW(roots),
    COUNT_ROW(mappings),   COUNT_ROW(frames),
    COUNT_ROW(alone),      CLAUSE_ROW(act),
    CLAUSE_ROW(does),      CLAUSE_ROW(at),
    CLAUSE_ROW(kind),      CLAUSE_ROW(shared_with),
    CLAUSE_ROW(keeps),     CLAUSE_ROW(sharers),
    CLAUSE_ROW(sees),      CLAUSE_ROW(used_by),
    CLAUSE_ROW(gives),     CLAUSE_ROW(since_when),
    CLAUSE_ROW(tail),      CLAUSE_ROW(reason),
    CLAUSE_ROW(copied),    CLAUSE_ROW(protection),
    CLAUSE_ROW(open),      CLAUSE_ROW(given_up),
};

#define FACT_ROWS (sizeof(fact_rows) / sizeof(fact_rows[0]))

struct writer {
    char *out;
    size_t size;
    size_t used;
    const struct facts *facts;
    bool color;
    bool accent;
};

static void put(struct writer *w, const char *text, size_t length)
{
    size_t room = w->size - 1 - w->used;

    if (length > room)
        length = room;
    memcpy(w->out + w->used, text, length);
    w->used += length;
}

static void put_sentence(struct writer *w, enum sentence sentence);

/* "3 pages" for a count and "|page|pages". */
static void put_count(struct writer *w, u64 count, const char *words,
                      size_t length)
{
    char number[32];
    const char *one = words + 1, *many = memchr(one, '|', length - 1);

    snprintf(number, sizeof(number), "%" PRIu64 " ", count);
    put(w, number, strlen(number));
    if (!many)
        return;
    if (count == 1)
        put(w, one, (size_t)(many - one));
    else
        put(w, many + 1, (size_t)(words + length - many - 1));
}

static void put_fact(struct writer *w, const char *name, size_t whole)
{
    const char *base = (const char *)w->facts;
    const char *words = memchr(name, '|', whole);
    size_t length = words ? (size_t)(words - name) : whole;
    char number[32];
    const char *text = number;
    unsigned i = 0;

    while (i < FACT_ROWS && (strlen(fact_rows[i].name) != length ||
                             memcmp(fact_rows[i].name, name, length)))
        i++;
    if (i == FACT_ROWS) {
        put(w, name - 1, whole + 2); /* {shown} as it stands */
        return;
    }
    base += fact_rows[i].offset;
    switch (fact_rows[i].form) {
    case TEXT: text = base; break;
    case HEX:
        snprintf(number, sizeof(number), "0x%" PRIx64, *(const u64 *)base);
        break;
    case FRAME:
        snprintf(number, sizeof(number), "#%" PRIx64, *(const u64 *)base);
        break;
    case COUNT:
        if (words) {
            put_count(w, *(const u64 *)base, words,
                      (size_t)(name + whole - words));
            return;
        }
        snprintf(number, sizeof(number), "%" PRIu64, *(const u64 *)base);
        break;
    case SENTENCE: put_sentence(w, *(const enum sentence *)base); return;
    }
    put(w, text, strlen(text));
}

static void put_accent(struct writer *w, const char *color)
{
    const char *code = w->accent ? PLAIN : color;

    if (w->color)
        put(w, code, strlen(code));
    w->accent = !w->accent;
}

static void put_sentence(struct writer *w, enum sentence sentence)
{
    const char *at = sentences[sentence].text;

    while (*at) {
        size_t plain = strcspn(at, "{*");

        put(w, at, plain);
        at += plain;
        if (*at == '{') {
            size_t length = strcspn(++at, "}");

            put_fact(w, at, length);
            at += length + 1;
        } else if (*at == '*') {
            put_accent(w, sentences[sentence].color);
            at++;
        }
    }
}

void sentence_write(char *out, size_t size, enum sentence sentence,
                    const struct facts *facts, bool color)
{
    struct writer w = {
        .out = out, .size = size, .facts = facts, .color = color};

    put_sentence(&w, sentence);
    out[w.used] = '\0';
}
