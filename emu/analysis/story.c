/* The way of a sentence to a line; see story.h. */
#include "analysis/story.h"

#include <stdio.h>

#define LINE_SIZE 768
#define FIRST_PAGE 4096 /* whatever points here was meant to point nowhere */

/* Sets coloured lines apart from what the guest prints between them. */
#define GUTTER "\33[36m|\33[0m "

void story_say(struct story *story, u64 ticket, u64 time,
               enum sentence sentence, const struct facts *facts)
{
    char line[sizeof(GUTTER) + LINE_SIZE] = GUTTER;
    size_t gutter = story->options.color ? sizeof(GUTTER) - 1 : 0;

    if (!story->options.line)
        return;
    sentence_write(line + gutter, LINE_SIZE, sentence, facts,
                   story->options.color);
    lines_put(&story->lines, ticket, time, line);
}

void story_name(struct story *story, struct table *root, char out[NAME_TEXT])
{
    if (!root)
        snprintf(out, NAME_TEXT, "an unknown space");
    else if (!marks_name_space(&story->marks, root->frame, out))
        snprintf(out, NAME_TEXT, "space %u",
                 spaces_number(&story->spaces, root));
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
        story_name(story, one, facts->other);
    facts->say_shared_with = single ? SAY_SHARED_ONE : SAY_SHARED_MANY;
    facts->say_sharers = single ? SAY_SHARER_ONE : SAY_SHARER_MANY;
    facts->say_sees = single ? SAY_SEES_ONE : SAY_SEES_MANY;
    facts->say_keeps = single   ? SAY_KEEPS_ONE
                       : others ? SAY_KEEPS_MANY
                                : SAY_KEEPS_UNSEEN;
}
