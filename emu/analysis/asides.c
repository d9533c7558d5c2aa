/* What libraries do, told at the side; see asides.h. */
#include "analysis/asides.h"

#include <string.h>

static bool is_copy(enum sentence sentence)
{
    return sentence == SAY_COPY || sentence == SAY_COPY_UNSEEN;
}

static bool is_aside(enum sentence sentence, const struct facts *facts)
{
    return (is_copy(sentence) || sentence == SAY_REUSE ||
            sentence == SAY_REUSE_UNSHARED) &&
           facts->place.is_library && facts->say_act == SAY_ACT &&
           facts->say_kind != SAY_AREA_STACK &&
           facts->say_tail == SAY_NOTHING && facts->size;
}

static bool is_of(const struct space_name *a, const struct space_name *b)
{
    return a->number ? a->number == b->number : sentence_same_space(a, b);
}

static void say_first(struct asides *asides)
{
    const struct aside *aside = &asides->aside[0];
    struct facts facts = {.who = aside->who,
                          .lines = aside->copies + aside->reuses,
                          .copies = aside->copies,
                          .bytes = aside->kib,
                          .reuses = aside->reuses};

    memcpy(facts.done_in, aside->functions, CODE_TEXT);
    facts.say_tail = !aside->reuses   ? SAY_ASIDE_COPIES
                     : !aside->copies ? SAY_ASIDE_REUSES
                                      : SAY_ASIDE_BOTH;
    asides->count--;
    memmove(&asides->aside[0], &asides->aside[1],
            asides->count * sizeof(asides->aside[0]));
    asides->say(asides->arg, asides->time, SAY_ASIDE, &facts);
}

void asides_flush(struct asides *asides)
{
    while (asides->count)
        say_first(asides);
}

/* Brings the aside of a process to the front; false: it has none. */
static bool bring_forward(struct asides *asides, const struct space_name *who)
{
    struct aside found;
    unsigned at = 0;

    while (at < asides->count && !is_of(&asides->aside[at].who, who))
        at++;
    if (at == asides->count)
        return false;
    found = asides->aside[at];
    memmove(&asides->aside[1], &asides->aside[0],
            at * sizeof(asides->aside[0]));
    asides->aside[0] = found;
    return true;
}

static struct aside *aside_of(struct asides *asides,
                              const struct space_name *who)
{
    for (unsigned i = 0; i < asides->count; i++)
        if (is_of(&asides->aside[i].who, who))
            return &asides->aside[i];
    if (asides->count == ASIDES_HELD)
        say_first(asides);
    asides->aside[asides->count] = (struct aside){.who = *who};
    return &asides->aside[asides->count++];
}

/* Whether a list has a name among its members. */
static bool lists(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = list; (at = strstr(at, name)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ',' || !at[length]))
            return true;
    return false;
}

static void add_function(struct aside *aside, const char *name)
{
    char *list = aside->functions;
    size_t used = strlen(list), length = strlen(name);
    bool fits = used + length + sizeof(", , …") <= CODE_TEXT;

    if (!*name || lists(list, name) || aside->named > ASIDES_NAMED)
        return;
    if (used) {
        memcpy(list + used, ", ", sizeof(", "));
        used += 2;
    }
    if (aside->named++ < ASIDES_NAMED && fits) {
        memcpy(list + used, name, length + 1);
        return;
    }
    aside->named = ASIDES_NAMED + 1;
    memcpy(list + used, "…", sizeof("…"));
}

void asides_take(void *arg, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    struct asides *asides = arg;
    struct aside *aside;

    if (!asides->full && is_aside(sentence, facts)) {
        aside = aside_of(asides, &facts->who);
        aside->copies += is_copy(sentence);
        aside->reuses += !is_copy(sentence);
        aside->kib += is_copy(sentence) ? facts->size >> 10 : 0;
        add_function(aside, facts->place.function);
        asides->time = time;
        return;
    }
    asides->time = time;
    if ((sentence == SAY_END || sentence == SAY_EXEC) &&
        bring_forward(asides, &facts->who))
        say_first(asides);
    asides->say(asides->arg, time, sentence, facts);
}
