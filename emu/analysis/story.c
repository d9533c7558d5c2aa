/* The way of a sentence to a line; see story.h. */
#include "analysis/story.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/expect.h"
#include "analysis/json.h"

#define LINE_SIZE 1536
#define SAID_MAX 65536  /* spaces whose name is known to have been said */
#define FIRST_PAGE 4096 /* whatever points here was meant to point nowhere */

/* FNV-1a, which spreads short texts well. */
static u64 hash(const char *text, size_t length)
{
    u64 hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
    return hash;
}

/* Whether what is in parentheses has been said of this space, and nothing else
 * since; it is said now. */
static bool was_said(struct story *story, const char *name, size_t length,
                     size_t plain)
{
    u64 key = hash(name, plain);
    struct map *names = &story->telling->said;
    char *said = map_get(names, key);
    char *copy;

    if (said && strlen(said) == length && !memcmp(said, name, length))
        return true;
    if (!said && names->count == SAID_MAX)
        return false;
    copy = strndup(name, length);
    if (!copy || !map_put(names, key, copy))
        free(copy);
    else
        free(said);
    return false;
}

/* How much of a name has to be said. */
static size_t length_to_say(struct story *story, const char *name,
                            size_t length)
{
    const char *parenthesis = memchr(name, '(', length);
    size_t plain = parenthesis ? (size_t)(parenthesis - name) - 1 : length;

    if (!parenthesis || was_said(story, name, length, plain))
        return plain;
    return length;
}

/* Hands a line on: takes out what sentence_write() has put round names, and the
 * parentheses of those that were said before. */
static void hand_on(struct story *story, const char *line)
{
    static const char ends[] = {NAME_BEGIN, NAME_END, '\0'};
    char out[sizeof(RVEMU_EXPLAIN_GUTTER) + LINE_SIZE];
    size_t used = 0;

    while (*line) {
        size_t length = strcspn(line, ends), said = length;

        if (*line == NAME_BEGIN) {
            length = strcspn(++line, ends);
            said = length_to_say(story, line, length);
        }
        memcpy(out + used, line, said);
        used += said;
        line += length + (line[length] == NAME_END);
    }
    out[used] = '\0';
    story->options.line(story->options.arg, out);
}

/* How the pages of a fork are told when the same was told before, in full;
 * SAY_NOTHING: in full again. */
static enum sentence brief_of(enum sentence copied)
{
    switch (copied) {
    case SAY_COPIED_NOTHING: return SAY_BRIEF_NOTHING;
    case SAY_COPIED_SOME: return SAY_BRIEF_SOME;
    case SAY_LOST_NOW: return SAY_BRIEF_LOST_NOW;
    case SAY_LOST_SOME: return SAY_BRIEF_LOST_SOME;
    case SAY_LOST_BEFORE: return SAY_BRIEF_LOST_BEFORE;
    default: return SAY_NOTHING;
    }
}

/* What a fork means for its pages is told once of each form. */
static void shorten_fork(struct story *story, struct facts *facts)
{
    enum sentence copied = brief_of(facts->say_copied);
    enum sentence lost = brief_of(facts->say_protection);
    unsigned bit;

    if (!copied || facts->say_open || story->options.full)
        return;
    bit = 1u << (4 * (copied == SAY_BRIEF_SOME) +
                 (lost ? lost - SAY_BRIEF_LOST_NOW + 1 : 0));
    if (story->telling->told_forks & bit) {
        facts->say_copied = copied;
        facts->say_protection = lost ? lost : SAY_FULL_STOP;
    }
    story->telling->told_forks |= bit;
}

/* Whether --frames or --check says it. */
static bool is_of_checks(const struct story *story, enum sentence sentence,
                         const struct facts *facts)
{
    return (sentence >= SAY_FREED_MAPPED && sentence <= SAY_TOTAL_NO_FRAMES) ||
           sentence == SAY_TOTAL_STALE || sentence == SAY_TOTAL_CHECK ||
           checks_tell(story->options.check, sentence, facts);
}

/* Whether it is said as what is possible, and no more. */
static bool is_possible(const struct story *story, enum sentence sentence,
                        const struct facts *facts)
{
    return checks_tell(story->options.check, sentence, facts) &&
           checks_finding_of(sentence, facts).level == RVEMU_CHECK_POSSIBLE;
}

static void write_text(struct story *story, enum sentence sentence,
                       const struct facts *said)
{
    struct facts facts = *said;
    char line[sizeof(RVEMU_EXPLAIN_GUTTER) + LINE_SIZE] = RVEMU_EXPLAIN_GUTTER;
    struct wording wording = {story->options.lang, story->options.color};
    size_t used = wording.color ? sizeof(RVEMU_EXPLAIN_GUTTER) - 1 : 0;
    bool possible = is_possible(story, sentence, said);

    shorten_fork(story, &facts);
    if (sentence_is_finding(sentence, &facts) || possible) {
        memcpy(line + used, RVEMU_EXPLAIN_MARK, sizeof(RVEMU_EXPLAIN_MARK));
        used += sizeof(RVEMU_EXPLAIN_MARK) - 1;
    }
    if (possible) {
        sentence_write(line + used, sizeof(line) - used, SAY_POSSIBLY, &facts,
                       wording);
        used += strlen(line + used);
    }
    sentence_write(line + used, sizeof(line) - used, sentence, &facts, wording);
    hand_on(story, line);
}

static void write_json(struct story *story, u64 time, enum sentence sentence,
                       const struct facts *facts)
{
    char text[LINE_SIZE] = "", line[JSON_LINE];

    if (is_possible(story, sentence, facts))
        sentence_write_plain(text, sizeof(text), SAY_POSSIBLY, facts,
                             story->options.lang);
    sentence_write_plain(text + strlen(text), sizeof(text) - strlen(text),
                         sentence, facts, story->options.lang);
    json_write(line, sentence, facts, time, text);
    story->options.line(story->options.arg, line);
}

/* Keeps the earliest line that says that the kernel errs. */
static void note_finding(struct story *story, u64 time, enum sentence sentence,
                         const struct facts *facts)
{
    struct telling *telling = story->telling;

    if (!sentence_is_finding(sentence, facts) ||
        (telling->finding && time >= telling->finding_time))
        return;
    if (!telling->finding)
        telling->finding = malloc(LINE_SIZE);
    if (!telling->finding)
        return;
    telling->finding_time = time;
    sentence_write_plain(telling->finding, LINE_SIZE, sentence, facts,
                         story->options.lang);
}

void story_say(struct story *story, u64 ticket, u64 time,
               enum sentence sentence, const struct facts *facts)
{
    struct telling *telling = story->telling;

    if (story->ear)
        story->ear(story->ear_arg, time, sentence, facts);
    if (story->options.expect && !telling->past)
        expect_hear(story->options.expect, time, sentence, facts);
    if (!facts->unsaid && !telling->past)
        checks_count(telling->found, sentence, facts);
    if (!story->options.line)
        return;
    if (facts->unsaid ||
        (story->options.only_checks && !is_of_checks(story, sentence, facts))) {
        lines_drop(&story->lines, ticket);
        return;
    }
    if (!sentence_is_total(sentence) &&
        (telling->paused ||
         !filter_takes(&story->options.filter, sentence, facts))) {
        telling->untold += !telling->past;
        lines_drop(&story->lines, ticket);
        return;
    }
    if (!telling->past)
        note_finding(story, time, sentence, facts);
    lines_put(&story->lines, ticket, time, sentence, facts);
}

/* Writes a line out; a line_fn. */
static void write_line(void *arg, u64 time, enum sentence sentence,
                       const struct facts *facts)
{
    struct story *story = arg;

    if (story->options.json)
        write_json(story, time, sentence, facts);
    else
        write_text(story, sentence, facts);
}

/* A line has its place in time, and goes on unless it went before; a line_fn.
 */
static void tell_line(void *arg, u64 time, enum sentence sentence,
                      const struct facts *facts)
{
    struct telling *telling = arg;

    if (!telling->past)
        asides_take(&telling->asides, time, sentence, facts);
}

bool story_begin(struct story *story)
{
    bool full = story->options.full || story->options.json;
    struct telling *telling = calloc(1, sizeof(*telling));

    if (!telling)
        return false;
    story->telling = telling;
    story->lines.say = tell_line;
    story->lines.arg = telling;
    telling->asides.say = broods_take;
    telling->asides.arg = &telling->broods;
    telling->asides.full = full;
    telling->broods.say = folds_take;
    telling->broods.arg = &telling->folds;
    telling->broods.full = full;
    telling->folds.say = write_line;
    telling->folds.arg = story;
    telling->folds.full = full;
    return true;
}

void story_advance(struct story *story, u64 now)
{
    u64 horizon;

    lines_advance(&story->lines, now);
    if (story->telling->past)
        return;
    horizon = lines_horizon(&story->lines, now);
    broods_advance(&story->telling->broods, horizon);
    folds_advance(&story->telling->folds, horizon);
}

void story_flush(struct story *story, bool asides)
{
    struct telling *telling = story->telling;

    if (telling->past)
        return;
    if (asides)
        asides_flush(&telling->asides);
    broods_flush(&telling->broods);
    folds_flush(&telling->folds);
}

void story_free(struct story *story)
{
    struct telling *telling = story->telling;
    size_t at = 0;

    for (char *name; (name = map_next(&telling->said, &at));)
        free(name);
    map_free(&telling->said);
    free(telling->finding);
    broods_free(&telling->broods);
    free(telling);
}

struct space_name story_name(struct story *story, struct table *root)
{
    struct space_name name = {.number = 0};

    if (!root)
        return name;
    name.number = spaces_number(&story->spaces, root);
    if (!marks_name_space(&story->marks, root->frame, &name))
        strncpy(name.program, naming_program(&story->naming, root->frame),
                PROGRAM_TEXT - 1);
    return name;
}

void story_permissions(u64 pte, char out[4])
{
    bool any = !leaf_is_malformed(pte);

    out[0] = any && pte & PTE_R ? 'r' : '-';
    out[1] = any && pte & PTE_W ? 'w' : '-';
    out[2] = any && pte & PTE_X ? 'x' : '-';
    out[3] = '\0';
}

enum sentence story_act(unsigned priv, bool on_call, u64 leaf)
{
    if (priv == 0)
        return SAY_ACT;
    if (pte_is_user(leaf))
        return on_call ? SAY_ACT_CALL : SAY_ACT_PAGE;
    return on_call ? SAY_ACT_KERNEL : SAY_ACT_ALONE;
}

enum sentence story_open(unsigned priv, bool finished)
{
    if (!finished)
        return SAY_NOT_FOLLOWED;
    return priv == 0 ? SAY_NOT_BACK : SAY_KERNEL_NOT_BACK;
}

static enum sentence source_of(const struct place *place)
{
    if (!place->line[0])
        return place->function[0] ? SAY_SOURCE_FUNCTION : SAY_NOTHING;
    return place->function[0] ? SAY_SOURCE_BOTH : SAY_SOURCE_LINE;
}

void story_place(const struct story *story, u64 root, struct facts *facts)
{
    bool named = facts->place.name[0] != '\0';
    unsigned kind = named ? 0 : marks_find_area(&story->marks, root, facts->va);

    facts->say_source = source_of(&facts->place);
    facts->say_beside = facts->place.beside[0] ? SAY_BESIDE : SAY_NOTHING;
    facts->say_kind = SAY_AREA + kind;
    facts->say_its = named ? SAY_ITS : SAY_ITS_PAGE;
    if (named)
        facts->say_at = SAY_AT_NAME;
    else if (!kind && facts->va < FIRST_PAGE)
        facts->say_at = SAY_AT_ADDRESS;
    else
        facts->say_at = SAY_AT;
    facts->say_by =
        facts->say_source == SAY_NOTHING ? SAY_NOTHING : SAY_WHERE_SOURCE;
    facts->say_area = kind ? SAY_WHERE_AREA : SAY_NOTHING;
    if (facts->say_by && kind)
        facts->say_where = facts->place.line[0] ? SAY_WHERE_AREA_LINE
                                                : SAY_WHERE_AREA_FUNCTION;
    else
        facts->say_where = kind ? facts->say_area : facts->say_by;
}

/* Names code of the kernel's; the first of three sentences is that for a line
 * alone, then come those for a function and for both. */
static enum sentence name_code(const struct story *story, u64 pc,
                               enum sentence first, char line[PLACE_TEXT],
                               char function[PLACE_TEXT])
{
    struct place place = {.name = ""};
    enum sentence source;

    naming_source(&story->naming, 0, pc, &place);
    source = source_of(&place);
    memcpy(line, place.line, PLACE_TEXT);
    memcpy(function, place.function, PLACE_TEXT);
    return source ? first + (source - SAY_SOURCE_LINE) : SAY_NOTHING;
}

static_assert(SAY_SOURCE_BOTH - SAY_SOURCE_LINE == 2 &&
                  SAY_WRITTEN_BOTH - SAY_WRITTEN_LINE == 2 &&
                  SAY_FENCE_BOTH - SAY_FENCE_LINE == 2,
              "line, function and both stand in this order");

void story_written(const struct story *story, u64 pc, struct facts *facts)
{
    facts->say_written = name_code(story, pc, SAY_WRITTEN_LINE, facts->writer,
                                   facts->writer_function);
}

void story_fence(const struct story *story, u64 pc, struct facts *facts)
{
    facts->say_fence = name_code(story, pc, SAY_FENCE_LINE, facts->fence_line,
                                 facts->fence_function);
}

void story_others(struct story *story, struct facts *facts, u64 others,
                  struct table *one)
{
    bool single = others == 1;

    facts->others = others;
    if (single)
        facts->other = story_name(story, one);
    facts->say_shared_with = single ? SAY_SHARED_ONE : SAY_SHARED_MANY;
    facts->say_sharers = single ? SAY_SHARER_ONE : SAY_SHARER_MANY;
    facts->say_sees = single ? SAY_SEES_ONE : SAY_SEES_MANY;
    facts->say_keeps = single   ? SAY_KEEPS_ONE
                       : others ? SAY_KEEPS_MANY
                                : SAY_KEEPS_UNSEEN;
}
