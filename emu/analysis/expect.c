/* What rules count, and how they are judged; see expect.h. */
#include "analysis/expect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SENTENCE_SIZE 1536

/* ---- what a conclusion is worth ---- */

static bool is_fork(enum sentence sentence)
{
    return sentence == SAY_FORK || sentence == SAY_FORK_ORPHAN ||
           sentence == SAY_FORK_UNBORN || sentence == SAY_FORK_ALIKE;
}

static bool is_unseen_copy(enum sentence sentence)
{
    return sentence == SAY_COPY_UNSEEN || sentence == SAY_COPY_CALL_UNSEEN;
}

/* A child that ends before it runs is never seen: then its parent's copy was
 * needed, and maybe not, by the same events. */
static bool is_needless(enum sentence sentence, const struct facts *facts)
{
    return is_unseen_copy(sentence) && facts->was_shared;
}

static bool is_copy(enum sentence sentence)
{
    return sentence == SAY_COPY || sentence == SAY_COPY_CALL ||
           sentence == SAY_COPY_SILENT || is_unseen_copy(sentence);
}

static bool is_reuse(enum sentence sentence)
{
    return sentence == SAY_REUSE || sentence == SAY_REUSE_UNSHARED ||
           sentence == SAY_REUSE_SILENT;
}

static bool is_refusal(enum sentence sentence)
{
    return sentence == SAY_REFUSED || sentence == SAY_REFUSED_NULL ||
           sentence == SAY_REFUSED_NO_COW;
}

static bool is_loss(enum sentence sentence)
{
    return sentence == SAY_LOST_FRAMES || sentence == SAY_LOST_TABLES;
}

static bool is_found(const struct rule *rule, enum sentence sentence,
                     const struct facts *facts)
{
    return sentence_is_finding(sentence, facts) &&
           (!rule->kind[0] || !strcmp(rule->kind, sentence_kind(sentence)));
}

/* How much a conclusion adds to what the rule counts. */
static u64 amount_of(const struct rule *rule, enum sentence sentence,
                     const struct facts *facts)
{
    bool fork = is_fork(sentence);

    switch (rule->quantity) {
    case QUANTITY_FORKS: return fork;
    case QUANTITY_COPIES:
        return rule->event == AFTER_FORK ? facts->own : is_copy(sentence);
    case QUANTITY_NEEDLESS: return is_needless(sentence, facts);
    case QUANTITY_REUSES: return is_reuse(sentence);
    case QUANTITY_EAGER: return fork ? facts->own : 0;
    case QUANTITY_SHARED: return fork ? facts->shared : 0;
    case QUANTITY_PROTECTED: return fork ? facts->protected : 0;
    case QUANTITY_OPEN:
        return fork ? facts->open_parent + facts->open_child + facts->open_both
                    : 0;
    case QUANTITY_FAULTS: return sentence == SAY_FAULT;
    case QUANTITY_FIRST_TOUCHES: return sentence == SAY_FIRST_TOUCH;
    case QUANTITY_REFUSALS: return is_refusal(sentence);
    case QUANTITY_FINDINGS: return is_found(rule, sentence, facts);
    case QUANTITY_LOST: return is_loss(sentence) ? facts->pages : 0;
    default: return 0;
    }
}

/* How many copies a store to a shared page has led to. One of a page that
 * nobody else maps any more is one too many: the others have had theirs. False:
 * the conclusion is about no such store. */
static bool copies_of_store(enum sentence sentence, const struct facts *facts,
                            u64 *copies)
{
    *copies = 0;
    switch (sentence) {
    case SAY_COPY:
    case SAY_COPY_CALL:
    case SAY_COPY_SILENT:
    case SAY_COPY_UNSEEN:
    case SAY_COPY_CALL_UNSEEN:
        *copies = is_needless(sentence, facts) ? 2 : 1;
        return true;
    case SAY_BROKEN:
    case SAY_BROKEN_SILENT:
    case SAY_ALIAS:
    case SAY_ALIAS_FREE:
    case SAY_STALE_SHARED: return true;
    case SAY_FORK:
    case SAY_FORK_ORPHAN:
    case SAY_MOVED: return sentence_is_finding(sentence, facts);
    case SAY_REFUSED:
    case SAY_REFUSED_NO_COW:
    case SAY_LOOP:
    case SAY_OPEN:
    case SAY_WRONG_COPY:
    case SAY_REPLACED: return facts->of_fork;
    case SAY_MOVED_PAGE:
    case SAY_MERGED: return facts->of_fork && facts->others;
    default: return false;
    }
}

static bool holds(enum comparison comparison, u64 value, u64 with)
{
    switch (comparison) {
    case IS: return value == with;
    case IS_NOT: return value != with;
    case AT_MOST: return value <= with;
    case AT_LEAST: return value >= with;
    case LESS: return value < with;
    default: return value > with;
    }
}

/* ---- what is told ---- */

void expect_begin(struct rvemu_expect *e, enum rvemu_lang lang)
{
    e->boot++;
    e->lang = lang;
}

void expect_paged(struct rvemu_expect *e)
{
    e->paged = true;
}

void expect_frames(struct rvemu_expect *e, bool at_start, u64 frames, u64 taken)
{
    e->has_taken |= taken != 0;
    if (!at_start)
        e->frames_at_exit = frames;
    else if (!e->has_start)
        e->frames_at_start = frames;
    e->has_start |= at_start;
}

static void keep_sentence(struct rvemu_expect *e, struct rule *rule, u64 time,
                          enum sentence sentence, const struct facts *facts)
{
    if (!rule->sentence)
        rule->sentence = malloc(SENTENCE_SIZE);
    if (!rule->sentence)
        return;
    sentence_write_plain(rule->sentence, SENTENCE_SIZE, sentence, facts,
                         e->lang);
    rule->time = time;
    rule->boot = e->boot;
}

/* Of what breaks a rule the earliest is told. */
static bool is_first(const struct rvemu_expect *e, const struct rule *rule,
                     u64 time)
{
    return !rule->violated || (rule->boot == e->boot && time < rule->time);
}

/* Whether a sum is beyond the most that the rule allows, which no more that is
 * counted can mend. */
static bool is_beyond(const struct rule *rule)
{
    switch (rule->comparison) {
    case IS:
    case AT_MOST: return rule->value > rule->number;
    case LESS: return rule->value >= rule->number;
    default: return false;
    }
}

static bool is_called(const struct space_name *name, const char *program)
{
    return !strncmp(name->program, program, PROGRAM_TEXT - 1) &&
           name->program[0];
}

/* Whether it happened where the rule looks; notes that the program was seen. */
static bool is_there(struct rule *rule, enum sentence sentence,
                     const struct facts *facts)
{
    if (rule->program[0]) {
        if (!is_called(&facts->who, rule->program) &&
            !(is_fork(sentence) && is_called(&facts->other, rule->program)))
            return false;
        rule->program_seen = true;
    }
    return !rule->function[0] || !strcmp(facts->in_function, rule->function);
}

static void hear_event(struct rvemu_expect *e, struct rule *rule, u64 time,
                       enum sentence sentence, const struct facts *facts)
{
    u64 value = 0;

    if (rule->event == AFTER_FORK ? !is_fork(sentence)
                                  : !copies_of_store(sentence, facts, &value))
        return;
    if (rule->event == AFTER_FORK)
        value = amount_of(rule, sentence, facts);
    rule->events++;
    if (holds(rule->comparison, value, rule->number) ||
        !is_first(e, rule, time))
        return;
    keep_sentence(e, rule, time, sentence, facts);
    rule->violated = true;
    rule->violation = value;
}

static void hear_sum(struct rvemu_expect *e, struct rule *rule, u64 time,
                     enum sentence sentence, const struct facts *facts)
{
    u64 amount = amount_of(rule, sentence, facts);

    if (rule->quantity == QUANTITY_AT_EXIT && is_loss(sentence) &&
        !rule->sentence)
        keep_sentence(e, rule, time, sentence, facts);
    rule->value += amount;
    if (!amount || rule->has_other || !is_beyond(rule))
        return;
    if (rule->violated && (rule->number || !is_first(e, rule, time)))
        return;
    keep_sentence(e, rule, time, sentence, facts);
    rule->violated = true;
}

void expect_hear(struct rvemu_expect *e, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    e->broken_off |= sentence == SAY_FAILED || sentence == SAY_WOVEN;
    for (unsigned i = 0; i < e->rules; i++) {
        struct rule *rule = &e->rule[i];

        if (!is_there(rule, sentence, facts))
            continue;
        if (rule->event)
            hear_event(e, rule, time, sentence, facts);
        else
            hear_sum(e, rule, time, sentence, facts);
    }
}

void rvemu_expect_console(struct rvemu_expect *e, uint8_t byte, uint64_t time)
{
    if (byte == '\r')
        return;
    if (e->printed == sizeof(e->tail))
        memmove(e->tail, e->tail + 1, --e->printed);
    e->tail[e->printed++] = (char)byte;
    for (unsigned i = 0; i < e->rules; i++) {
        struct rule *rule = &e->rule[i];
        size_t length = strlen(rule->wanted);

        if (!length || rule->printed || length > e->printed ||
            memcmp(e->tail + e->printed - length, rule->wanted, length) != 0)
            continue;
        rule->printed = true;
        rule->time = time;
        rule->boot = e->boot;
    }
}

/* ---- judgement ---- */

static u64 value_of(const struct rvemu_expect *e, enum quantity quantity,
                    const struct rule *rule)
{
    switch (quantity) {
    case QUANTITY_AT_START: return e->frames_at_start;
    case QUANTITY_AT_EXIT: return e->frames_at_exit;
    case QUANTITY_TIME: return rule->time;
    case QUANTITY_CONSOLE: return rule->printed;
    default: return rule->value;
    }
}

static unsigned traits_of(const struct rule *rule)
{
    return rule->quantity < QUANTITIES
               ? expect_quantities[rule->quantity].traits
               : 0;
}

/* What the rule rests on and the run did not have; NULL: nothing is lacking. */
static const char *lacking(const struct rvemu_expect *e,
                           const struct rule *rule)
{
    unsigned traits = traits_of(rule);

    if (traits & NEEDS_PAGING && !e->paged)
        return "no page table was ever used";
    if (traits & NEEDS_PAGING && e->broken_off)
        return "page tables could not be followed to the end of the run";
    if (traits & NEEDS_FRAMES && !e->has_taken)
        return "no frame was seen to be given out";
    if (traits & NEEDS_FRAMES && !e->has_start)
        return "no program was seen to begin";
    if (rule->program[0] && !rule->program_seen)
        return "that program was not seen";
    if (rule->event == AFTER_FORK && !rule->events)
        return "no fork was seen";
    if (rule->event == STORE_TO_SHARED && !rule->events)
        return "no store to a shared page was seen";
    if (rule->quantity == QUANTITY_TIME && !rule->printed)
        return "it was never printed";
    return NULL;
}

/* "copies: 2" */
static void say_value(struct rule *rule, enum quantity quantity, u64 value)
{
    size_t used = strlen(rule->why);

    snprintf(rule->why + used, sizeof(rule->why) - used, "%s%s: %" PRIu64 "%s",
             used ? ", " : "", expect_quantities[quantity].many, value,
             quantity == QUANTITY_TIME ? " ns" : "");
}

static void say_why(const struct rvemu_expect *e, struct rule *rule, u64 value,
                    u64 other)
{
    const char *lack = lacking(e, rule);

    if (lack) {
        snprintf(rule->why, sizeof(rule->why), "%s", lack);
        return;
    }
    if (rule->quantity == QUANTITY_CONSOLE) {
        snprintf(rule->why, sizeof(rule->why), "%s",
                 rule->printed ? "it was printed" : "it was never printed");
        return;
    }
    say_value(rule, rule->quantity, value);
    if (rule->has_other)
        say_value(rule, rule->other, other);
}

static void judge(const struct rvemu_expect *e, struct rule *rule)
{
    u64 value =
        rule->event ? rule->violation : value_of(e, rule->quantity, rule);
    u64 other = rule->has_other ? value_of(e, rule->other, rule) : 0;

    if (lacking(e, rule))
        rule->passed = false;
    else if (rule->event)
        rule->passed = !rule->violated;
    else
        rule->passed = holds(rule->comparison, value, other + rule->number);
    if (!rule->passed)
        say_why(e, rule, value, other);
}

void rvemu_expect_end(struct rvemu_expect *e, int status)
{
    for (unsigned i = 0; i < e->rules; i++) {
        struct rule *rule = &e->rule[i];

        if (rule->quantity == QUANTITY_STATUS)
            rule->value = (u64)status;
        judge(e, rule);
    }
}

unsigned rvemu_expect_count(const struct rvemu_expect *e)
{
    return e->rules;
}

void rvemu_expect_rule(const struct rvemu_expect *e, unsigned index,
                       struct rvemu_expect_rule *out)
{
    const struct rule *rule = &e->rule[index];
    bool told = !rule->passed && rule->sentence;

    *out = (struct rvemu_expect_rule){.line = rule->line,
                                      .points = rule->points,
                                      .rule = rule->text,
                                      .message = rule->message,
                                      .passed = rule->passed,
                                      .why = rule->why,
                                      .sentence = told ? rule->sentence : "",
                                      .boot = rule->boot,
                                      .time = rule->time};
    out->has_time =
        !rule->passed && rule->time != UINT64_MAX && (told || rule->printed);
}

/* ---- what it can be judged on ---- */

static int refuse(const struct rvemu_expect *e, const struct rule *rule,
                  unsigned column, const char *why, struct rvemu_error *error)
{
    return error_set(error, "%.200s:%u:%u: %s", e->name, rule->line, column,
                     why);
}

static int check_kind(const struct rvemu_expect *e, const struct rule *rule,
                      const struct rvemu_expect_ground *ground,
                      struct rvemu_error *error)
{
    enum sentence s = expect_finding_of(rule->kind);

    if (s >= SAY_MAY_RIGHTS && s <= SAY_MAY_SPACE &&
        !ground->check[RVEMU_CHECK_TLB])
        return refuse(e, rule, rule->kind_column,
                      "this is found with emu --check tlb alone", error);
    if (s == SAY_STALE_CODE && !ground->check[RVEMU_CHECK_ICACHE])
        return refuse(e, rule, rule->kind_column,
                      "this is found with emu --check icache alone", error);
    if (((s >= SAY_FREED_MAPPED && s <= SAY_FREED_TWICE) || is_loss(s) ||
         s == SAY_ALIAS_FREE) &&
        !ground->frames)
        return refuse(e, rule, rule->kind_column,
                      "this is found with emu --frames alone", error);
    return 0;
}

static int check_rule(const struct rvemu_expect *e, const struct rule *rule,
                      const struct rvemu_expect_ground *ground,
                      struct rvemu_error *error)
{
    char why[2 * EXPECT_WORD + 96];

    if (traits_of(rule) & NEEDS_FRAMES && !ground->frames)
        return refuse(e, rule, rule->quantity_column,
                      "frames are counted with emu --frames alone", error);
    if (rule->kind[0] && check_kind(e, rule, ground, error) < 0)
        return -1;
    if (rule->function[0] && !ground->functions)
        return refuse(e, rule, rule->function_column,
                      "functions of faults are known to emu --expect alone",
                      error);
    if (!rule->function[0] || !ground->has_function ||
        ground->has_function(ground->arg,
                             rule->program[0] ? rule->program : NULL,
                             rule->function))
        return 0;
    snprintf(why, sizeof(why),
             "no file at hand has a function '%s'%s%s: --symbols names files",
             rule->function, rule->program[0] ? " of the program " : "",
             rule->program);
    return refuse(e, rule, rule->function_column, why, error);
}

int rvemu_expect_check(const struct rvemu_expect *e,
                       const struct rvemu_expect_ground *ground,
                       struct rvemu_error *error)
{
    for (unsigned i = 0; i < e->rules; i++)
        if (check_rule(e, &e->rule[i], ground, error) < 0)
            return -1;
    return 0;
}
