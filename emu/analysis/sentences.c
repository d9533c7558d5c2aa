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
    [SAY_FORK] = {"{other} *forked {who}*: {shared} pages shared, {protected} "
                  "of them copy-on-write, {own} copied by the fork{tail}; root "
                  "{root}",
                  CYAN},
    [SAY_FORK_ORPHAN] = {"a space now gone *forked {who}*: {shared} pages were "
                         "shared, {protected} of them copy-on-write{tail}; "
                         "root {root}",
                         CYAN},
    [SAY_FORK_EAGER] = {"{other} *forked {who} eagerly*: {own} pages copied, "
                        "{shared} shared, none copy-on-write; root {root}",
                        CYAN},
    [SAY_COPY] = {"{who} {did} {va}{where}: *new frame {frame}, {bytes} bytes "
                  "copied*, W restored; {tail}",
                  YELLOW},
    [SAY_COPY_KERNEL] = {"the kernel readied {va}{where} of {who} for a store, "
                         "without a fault: *new frame {frame}, {bytes} bytes "
                         "copied*, W restored; {tail}",
                         YELLOW},
    [SAY_REUSE] = {"{who} {did} {va}{where}: only mapper left, *W restored, "
                   "nothing copied*; still frame {frame}",
                   GREEN},
    [SAY_REUSE_KERNEL] = {"the kernel readied {va}{where} of {who} for a "
                          "store, without a fault: only mapper left, *W "
                          "restored, nothing copied*; still frame {frame}",
                          GREEN},
    [SAY_BROKEN] = {"{who} can store to {va}{where} again: *W was restored "
                    "while frame {frame} is shared, and nothing copied*: "
                    "{tail}",
                    RED},
    [SAY_PRIVATE_COPY] = {"{who} {did} {va}{where}: first store, *new frame "
                          "{frame}, {bytes} bytes copied* from {old}, which no "
                          "fork had shared",
                          YELLOW},
    [SAY_REPLACED] = {"{who} {did} {va}{where}: *new frame {frame}*, which "
                      "was no copy of {old} when it was mapped "
                      "({permissions}); {tail}",
                      YELLOW},
    [SAY_FIRST_TOUCH] = {"{who} {did} {va}{where}: first touch, *frame {frame} "
                         "mapped* ({permissions}){tail}",
                         GREEN},
    [SAY_ALLOWED] = {"{who} {did} {va}{where}: {reason}; *the kernel allowed "
                     "it* ({permissions}), still frame {frame}",
                     GREEN},
    [SAY_SPURIOUS] = {"{who} {did} {va}{where}: {reason}, yet *no entry had to "
                      "change*{tail}",
                      GREEN},
    [SAY_REFUSED] = {"{who} {did} {va}{where}: {reason}, *nothing was mapped: "
                     "the kernel refuses*",
                     RED},
    [SAY_REFUSED_ABSENT] = {"{who} {did} {va}{where}: not mapped, *and the "
                            "kernel maps nothing: it refuses*",
                            RED},
    [SAY_REMEMBERED] = {"{who} {did} {va}{where}: the page table allows it, "
                        "*but the hart remembers the entry as invalid{tail}: "
                        "an sfence.vma is missing*",
                        RED},
    [SAY_OPEN] = {"{who} {did} {va}{where}: {reason}; *no answer until the "
                  "end*",
                  RED},
    [SAY_FAILED] = {"*the explanation ends here: out of memory*", RED},
    [SAY_TOTAL] = {"*copy-on-write in all*: forks {forks}, pages "
                   "protected {protected}, copied {copies}, kept by their "
                   "last owner {reuses}",
                   CYAN},
    [SAY_TOTAL_FORK] = {"  {other} -> {who}: {shared} pages shared, "
                        "{protected} copy-on-write, {copies} copied, {reuses} "
                        "kept{tail}",
                        NULL},
    [SAY_TOTAL_COPIES] = {"  copied for a side that was never seen: {copies}",
                          NULL},
    [SAY_TOTAL_EAGER] = {"*eager forks in all*: {forks}, pages copied by them "
                         "{own}",
                         CYAN},
    [SAY_TOTAL_NONE] = {"*no copy-on-write was seen*", CYAN},
    [SAY_TOTAL_LIVE] = {"live at the end: spaces {roots}, user pages "
                        "{mappings}, frames under them {frames}, of these "
                        "shared {shared}",
                        NULL},

    [SAY_FETCHED] = {"fetched from", NULL},
    [SAY_LOADED] = {"loaded", NULL},
    [SAY_STORED] = {"stored to", NULL},
    [SAY_CACHED] = {"ran a cache operation on", NULL},
    [SAY_KERNEL_FETCHED] = {"let the kernel fetch from", NULL},
    [SAY_KERNEL_LOADED] = {"let the kernel load", NULL},
    [SAY_KERNEL_STORED] = {"let the kernel store to", NULL},
    [SAY_KERNEL_CACHED] = {"let the kernel run a cache operation on", NULL},

    [SAY_AREA] = {"", NULL},
    [SAY_AREA_TEXT] = {"text", NULL},
    [SAY_AREA_RODATA] = {"read-only data", NULL},
    [SAY_AREA_DATA] = {"data", NULL},
    [SAY_AREA_HEAP] = {"heap", NULL},
    [SAY_AREA_STACK] = {"stack", NULL},
    [SAY_AREA_MMAP] = {"mmap", NULL},
    [SAY_WHERE_AREA] = {" ({kind})", NULL},
    [SAY_WHERE_SHARED] = {" (shared by {sharers})", NULL},
    [SAY_WHERE_BOTH] = {" ({kind}, shared by {sharers})", NULL},
    [SAY_OTHER_ONE] = {"the other side, {other}, still maps {old}", NULL},
    [SAY_OTHER_MANY] = {"{others} others still map {old}", NULL},
    [SAY_OTHER_UNSEEN] = {"{old} stays behind", NULL},
    [SAY_COPIED_EARLY] = {", {copies} by a store since", NULL},
    [SAY_MAPPED_SHARED] = {", shared by {sharers}", NULL},
    [SAY_WALKED] = {"; a walk of both now: {apart} in two frames, {together} "
                    "in one",
                    NULL},
    [SAY_ALIKE] = {"one of {alike} alike spaces", NULL},
    [SAY_STALE_TLB] = {": the TLB still held the old one", NULL},
    [SAY_SINCE] = {" since {since} ns", NULL},

    [SAY_REASON + 0] = {"no canonical address", NULL},
    [SAY_REASON + 1] = {"not mapped", NULL},
    [SAY_REASON + 2] = {"a reserved form of entry", NULL},
    [SAY_REASON + 3] = {"a pointer where a page was due", NULL},
    [SAY_REASON + 4] = {"a misaligned superpage", NULL},
    [SAY_REASON + 5] = {"not the user's", NULL},
    [SAY_REASON + 6] = {"a user page, closed to the kernel", NULL},
    [SAY_REASON + 7] = {"not readable", NULL},
    [SAY_REASON + 8] = {"not writable", NULL},
    [SAY_REASON + 9] = {"not executable", NULL},
    [SAY_REASON + 10] = {"A was clear", NULL},
    [SAY_REASON + 11] = {"D was clear", NULL},
    [SAY_REASON_REMEMBERED] = {"remembered as invalid", NULL},
};

static const struct {
    const char *name;
    enum { TEXT, HEX, COUNT, SENTENCE } form;
    size_t offset;
} fact_rows[] = {
    {"who", TEXT, offsetof(struct facts, who)},
    {"other", TEXT, offsetof(struct facts, other)},
    {"permissions", TEXT, offsetof(struct facts, permissions)},
    {"va", HEX, offsetof(struct facts, va)},
    {"frame", HEX, offsetof(struct facts, frame)},
    {"old", HEX, offsetof(struct facts, old)},
    {"root", HEX, offsetof(struct facts, root)},
    {"bytes", COUNT, offsetof(struct facts, bytes)},
    {"since", COUNT, offsetof(struct facts, since)},
    {"sharers", COUNT, offsetof(struct facts, sharers)},
    {"others", COUNT, offsetof(struct facts, others)},
    {"shared", COUNT, offsetof(struct facts, shared)},
    {"protected", COUNT, offsetof(struct facts, protected)},
    {"own", COUNT, offsetof(struct facts, own)},
    {"copies", COUNT, offsetof(struct facts, copies)},
    {"reuses", COUNT, offsetof(struct facts, reuses)},
    {"forks", COUNT, offsetof(struct facts, forks)},
    {"alike", COUNT, offsetof(struct facts, alike)},
    {"together", COUNT, offsetof(struct facts, together)},
    {"apart", COUNT, offsetof(struct facts, apart)},
    {"roots", COUNT, offsetof(struct facts, roots)},
    {"mappings", COUNT, offsetof(struct facts, mappings)},
    {"frames", COUNT, offsetof(struct facts, frames)},
    {"did", SENTENCE, offsetof(struct facts, did)},
    {"kind", SENTENCE, offsetof(struct facts, kind)},
    {"where", SENTENCE, offsetof(struct facts, where)},
    {"tail", SENTENCE, offsetof(struct facts, tail)},
    {"reason", SENTENCE, offsetof(struct facts, reason)},
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

static void put_fact(struct writer *w, const char *name, size_t length)
{
    const char *base = (const char *)w->facts;
    char number[32];
    const char *text = number;
    unsigned i = 0;

    while (i < FACT_ROWS && (strlen(fact_rows[i].name) != length ||
                             memcmp(fact_rows[i].name, name, length)))
        i++;
    if (i == FACT_ROWS) {
        put(w, name - 1, length + 2); /* {shown} as it stands */
        return;
    }
    base += fact_rows[i].offset;
    switch (fact_rows[i].form) {
    case TEXT: text = *(const char *const *)base; break;
    case HEX:
        snprintf(number, sizeof(number), "0x%" PRIx64, *(const u64 *)base);
        break;
    case COUNT:
        snprintf(number, sizeof(number), "%" PRIu64, *(const u64 *)base);
        break;
    case SENTENCE: put_sentence(w, *(const enum sentence *)base); return;
    }
    put(w, text ? text : "?", text ? strlen(text) : 1);
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
