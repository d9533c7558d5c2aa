/* The way of a sentence to a line; see story.h. */
#include "analysis/story.h"

#define LINE_SIZE 512

/* Sets coloured lines apart from what the guest prints between them. */
#define GUTTER "\33[36m|\33[0m "

void story_say(const struct story *story, enum sentence sentence,
               const struct facts *facts)
{
    char line[sizeof(GUTTER) + LINE_SIZE] = GUTTER;
    size_t gutter = story->options.color ? sizeof(GUTTER) - 1 : 0;

    if (!story->options.line)
        return;
    sentence_write(line + gutter, LINE_SIZE, sentence, facts,
                   story->options.color);
    story->options.line(story->options.arg, line);
}
