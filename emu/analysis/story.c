/* The way of a sentence to a line; see story.h. */
#include "analysis/story.h"

#include <string.h>

#include "analysis/json.h"

#define LINE_SIZE 1536
#define FIRST_PAGE 4096 /* whatever points here was meant to point nowhere */

static void put_text(struct story *story, u64 ticket, u64 time,
                     enum sentence sentence, const struct facts *facts)
{
    char line[sizeof(RVEMU_EXPLAIN_GUTTER) + LINE_SIZE] = RVEMU_EXPLAIN_GUTTER;
    struct wording wording = {story->options.lang, story->options.color};
    size_t gutter = wording.color ? sizeof(RVEMU_EXPLAIN_GUTTER) - 1 : 0;

    sentence_write(line + gutter, LINE_SIZE, sentence, facts, wording);
    lines_put(&story->lines, ticket, time, line);
}

static void put_json(struct story *story, u64 ticket, u64 time,
                     enum sentence sentence, const struct facts *facts)
{
    char text[LINE_SIZE], line[JSON_LINE];

    sentence_write(text, sizeof(text), sentence, facts,
                   (struct wording){story->options.lang, false});
    json_write(line, sentence, facts, time, text);
    lines_put(&story->lines, ticket, time, line);
}

void story_say(struct story *story, u64 ticket, u64 time,
               enum sentence sentence, const struct facts *facts)
{
    if (!story->options.line)
        return;
    if (!sentence_is_total(sentence) &&
        (story->paused ||
         !filter_takes(&story->options.filter, sentence, facts))) {
        story->untold++;
        lines_drop(&story->lines, ticket);
        return;
    }
    if (story->options.json)
        put_json(story, ticket, time, sentence, facts);
    else
        put_text(story, ticket, time, sentence, facts);
}

/* A name by this row, from the facts in it. */
static void write_name(const struct story *story, struct space_name *name,
                       enum sentence sentence)
{
    struct facts facts = {
        .number = name->number, .pid = name->pid, .others = name->alike};

    memcpy(facts.program, name->program, PROGRAM_TEXT);
    sentence_write(name->text, NAME_TEXT, sentence, &facts,
                   (struct wording){story->options.lang, false});
}

struct space_name story_name(struct story *story, struct table *root)
{
    struct space_name name = {.number = 0};

    if (!root) {
        write_name(story, &name, SAY_SPACE_UNKNOWN);
        return name;
    }
    name.number = spaces_number(&story->spaces, root);
    if (!marks_name_space(&story->marks, root->frame, &name))
        write_name(story, &name, SAY_SPACE);
    else
        write_name(story, &name,
                   name.program[0] ? SAY_SPACE_PROGRAM : SAY_SPACE_PID);
    return name;
}

struct space_name story_one_of(const struct story *story, u64 spaces)
{
    struct space_name name = {.alike = spaces};

    write_name(story, &name, SAY_SPACE_ALIKE);
    return name;
}

void story_permissions(u64 pte, char out[4])
{
    out[0] = pte & PTE_R ? 'r' : '-';
    out[1] = pte & PTE_W ? 'w' : '-';
    out[2] = pte & PTE_X ? 'x' : '-';
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

void story_place(const struct story *story, u64 root, struct facts *facts)
{
    unsigned kind = marks_find_area(&story->marks, root, facts->va);

    facts->say_kind = SAY_AREA + kind;
    if (kind)
        facts->say_at = SAY_AT_AREA;
    else
        facts->say_at = facts->va < FIRST_PAGE ? SAY_AT_ADDRESS : SAY_AT;
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
