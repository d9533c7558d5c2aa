/*
 * Explanations: what a run did with its memory, in sentences or as JSON.
 *
 * An explainer is fed events, live or from a file, and writes a line for
 * each fork and each page fault once its outcome is known. In the short form of
 * text a run of pages that the same is said of is one line, so is what
 * libraries touch (analysis/asides.h) and what many processes in a row do
 * (broods.h), and of a kind of line there are only so many (folds.h). Every
 * fact in a line comes from page-table events; marks (mark.h) lend names to
 * processes and areas and nothing else. It works on any kernel that uses Sv39,
 * Sv48 or Sv57 and never looks at a machine.
 */
#ifndef RVEMU_EXPLAIN_H
#define RVEMU_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/check.h>
#include <rvemu/error.h>
#include <rvemu/expect.h>
#include <rvemu/frames.h>
#include <rvemu/names.h>
#include <rvemu/trace.h>

struct rvemu_explain;

/* Takes a finished line, without a newline, valid during the call. */
typedef void rvemu_line_fn(void *arg, const char *line);

enum rvemu_lang { RVEMU_LANG_EN, RVEMU_LANG_ZH, RVEMU_LANGS };

/* The code of a language: "en". NULL from RVEMU_LANGS on. */
const char *rvemu_lang_code(unsigned lang);

/* What is run; …_GIVEN: on a firmware that was given. */
enum rvemu_title {
    RVEMU_TITLE_BUNDLED,
    RVEMU_TITLE_BUNDLED_GIVEN,
    RVEMU_TITLE_PROGRAM,
    RVEMU_TITLE_PROGRAM_GIVEN,
    RVEMU_TITLE_KERNEL,
    RVEMU_TITLE_KERNEL_GIVEN,
    RVEMU_TITLE_BARE,
    RVEMU_TITLE_LOADED,
    RVEMU_TITLE_LOADED_GIVEN,
    RVEMU_TITLE_LOADED_BARE,
    RVEMU_TITLES
};

/* A title in words, for people. */
const char *rvemu_title_text(enum rvemu_title title, enum rvemu_lang lang);

/* The title that reads so in English, in a language; `english` itself where it
 * is none of them. */
const char *rvemu_title_find(const char *english, enum rvemu_lang lang);

#define RVEMU_EXPLAIN_FILTERS 16
#define RVEMU_EXPLAIN_NAME 16

/* A space, as sentences call it: by pid, or, where no mark lends it one, by
 * number; or by the name of its program. */
struct rvemu_explain_space {
    char name[RVEMU_EXPLAIN_NAME]; /* "": by number */
    uint64_t number;
};

struct rvemu_explain_range {
    uint64_t first;
    uint64_t last; /* inclusive */
};

/* Lines to be said: those that name one of these spaces and tell of a virtual
 * address in one of these ranges. None of a kind: all. Totals are not
 * filtered. */
struct rvemu_explain_filter {
    unsigned spaces;
    struct rvemu_explain_space space[RVEMU_EXPLAIN_FILTERS];
    unsigned ranges;
    struct rvemu_explain_range range[RVEMU_EXPLAIN_FILTERS];
};

/* What coloured lines begin with, to be told from what the guest prints. */
#define RVEMU_EXPLAIN_GUTTER "\33[36m|\33[0m "

struct rvemu_explain_options {
    rvemu_line_fn *line; /* may be NULL: only count */
    void *arg;
    bool full;            /* every fault; else forks, COW and refusals, and in
                             text a run of pages is one line */
    bool color;           /* accents by SGR sequences */
    bool ignore_marks;    /* name spaces by their roots */
    bool json;            /* a line is an object (docs/explain-json.md) */
    enum rvemu_lang lang; /* of sentences, and of "text" in JSON */
    struct rvemu_explain_filter filter;
    /* Who is asked for names; NULL: nobody. Stays the caller's, and must
     * outlive the explainer's last event. */
    const struct rvemu_names *names;
    bool only_checks; /* say what `frames` and checks find, and nothing else */
    uint8_t check[RVEMU_CHECKS]; /* enum rvemu_check_level of each */
    /* The allocator to be watched, copied; NULL: none. Its functions have to be
     * probed, and events told promptly (rvemu_set_prompt()). */
    const struct rvemu_frames *frames;
    /* Rules that are told of each conclusion, once, whether a line tells it or
     * not; NULL: none. They stay the caller's, and must outlive the explainer.
     */
    struct rvemu_expect *expect;
};

/* Reads a list (list.h) into options: "short", "full", "text" or "json" set
 * form and extent, "space=3", "space=NAME", "addr=0x10000-0x1ffff" and
 * "addr=0x10000", which stands for its page, each add to the filter. Returns
 * 0, or -1 with error, which says what of the list is wrong. */
int rvemu_explain_read(struct rvemu_explain_options *options, const char *list,
                       struct rvemu_error *error);

/* What was seen of copy-on-write. Pages are of 4 KiB. */
struct rvemu_cow_totals {
    uint64_t forks;          /* new roots that share write-protected frames */
    uint64_t shared;         /* pages that forks found shared */
    uint64_t protected;      /* of these: copy-on-write */
    uint64_t copies;         /* shared frames replaced by a copy on a store */
    uint64_t kernel_copies;  /* of these: stores of the kernel, no fault */
    uint64_t needless;       /* of these: of frames that nobody shared more */
    uint64_t reuses;         /* W given back to the last that maps a frame */
    uint64_t broken;         /* W given back while others map the frame */
    uint64_t private_copies; /* copies of frames never shared by a fork */
    uint64_t eager_forks;    /* new roots with copies and no protection */
    uint64_t eager_pages;    /* pages these copied */
    uint64_t first_touches;  /* faults answered by a first mapping */
    uint64_t refused;        /* faults answered by none */
    uint64_t spurious;       /* faults that the tables already allowed */
};

/* What RVEMU_CHECK_TLB found. A use is counted once for each translation. */
struct rvemu_stale_totals {
    uint64_t certain;  /* uses that the TLB answered with what was no more */
    uint64_t may;      /* uses that a hart may have answered so */
    uint64_t windows;  /* either, with a fence before it could do harm */
    uint64_t harmless; /* what was no more said the same, or refused */
    uint64_t possible; /* frames given out again while a hart may have held
                          such a translation to them */
    uint64_t unjudged; /* uses and translations that there was no room for */
};

/* All live roots, walked now. */
struct rvemu_spaces_totals {
    uint64_t roots;    /* that map any user page */
    uint64_t mappings; /* user leaves, counted once for each root */
    uint64_t frames;   /* distinct frames these map, in 4 KiB */
    uint64_t shared;   /* of these: mapped more than once */
    /* Of the pages that forks protected whose both sides live: */
    uint64_t together; /* still one frame */
    uint64_t apart;    /* two by now */
};

/* Returns NULL when memory is lacking. */
struct rvemu_explain *
rvemu_explain_new(const struct rvemu_explain_options *options);
void rvemu_explain_free(struct rvemu_explain *explain);

/* Says what is being explained, in a line before all others: in JSON the one
 * with the schema's version. title has up to 1024 bytes; one that is a
 * rvemu_title_text() in English is said in the explainer's language. Nothing
 * else depends on it. */
void rvemu_explain_begin(struct rvemu_explain *explain, const char *title);

/* Stops saying lines, or goes on. Facts are kept up to date all the while. A
 * line counts as said at the time when its outcome is known: what is known
 * when a pause begins is said at once, though it would have waited for its
 * place; what becomes known while it lasts is not said, then or later, but the
 * totals tell how many lines that were. Totals are said in a pause, too. */
void rvemu_explain_pause(struct rvemu_explain *explain, bool paused);

/* What sentences call a space. */
struct rvemu_explain_called {
    uint64_t number; /* in the order of first turns */
    bool has_pid;    /* marks lend it … */
    uint64_t pid;    /* … this pid */
    char name[32];   /* by marks or its code; "": not known */
};

/* How sentences call the space with this root as of now: its physical page
 * number. False: there is none, or it has had no turn. */
bool rvemu_explain_called(const struct rvemu_explain *explain,
                          uint64_t root_ppn,
                          struct rvemu_explain_called *called);

/* What a line of text begins with that says that the guest's kernel errs; in
 * JSON such an object has "finding":true. */
#define RVEMU_EXPLAIN_MARK "▸ "

/* The earliest such line of those that were said so far, without accents and
 * mark; "" where there is none. Valid until the next event. */
const char *rvemu_explain_finding(const struct rvemu_explain *explain);

/* The set of event kinds that feed() wants; others are ignored. */
rvemu_event_set
rvemu_explain_kinds(const struct rvemu_explain_options *options);

/* Takes the next event. Its type is that of a subscriber. */
void rvemu_explain_feed(void *explain, const struct rvemu_event *event);

/* The state of what is known, as struct rvemu_subscription wants it of an
 * observer, with the explainer as its arg. A copy (NULL when memory is lacking)
 * costs what has changed since the one before; restore() goes to one, as often
 * as one likes, to be fed from there on what came then. Copies are to be
 * dropped before the explainer is freed. What was said is said: lines, rules
 * (`expect`) and the totals of lines do not go back, and of events that were
 * fed before nothing is said again. Names are asked for anew. */
void *rvemu_explain_save(void *explain);
void rvemu_explain_restore(void *explain, const void *saved);
void rvemu_explain_drop(void *explain, void *saved);

/* The future that was told before restore() does not come: from here on
 * everything is said. */
void rvemu_explain_cut(struct rvemu_explain *explain);

/* Says what waits for the next page of a run: a line that is told before what
 * the guest prints next, though it could have grown. For who puts lines and
 * the guest's console into one stream. */
void rvemu_explain_flush(struct rvemu_explain *explain);

/* No more events come: says what is still open, then the summary. */
void rvemu_explain_finish(struct rvemu_explain *explain);

void rvemu_explain_cow_totals(const struct rvemu_explain *explain,
                              struct rvemu_cow_totals *totals);
void rvemu_explain_spaces_totals(const struct rvemu_explain *explain,
                                 struct rvemu_spaces_totals *totals);
/* Adds what was found to *totals: those of all boots of a run. */
void rvemu_explain_add_stale(const struct rvemu_explain *explain,
                             struct rvemu_stale_totals *totals);
/* The same of every check but RVEMU_CHECK_TLB, by enum rvemu_check. */
void rvemu_explain_add_checks(const struct rvemu_explain *explain,
                              struct rvemu_check_totals totals[RVEMU_CHECKS]);

/* Whether any check is asked for. */
bool rvemu_explain_checks_any(const struct rvemu_explain_options *options);

void rvemu_explain_frames_totals(const struct rvemu_explain *explain,
                                 struct rvemu_frames_totals *totals);

#endif
