/*
 * Stories of a scene: each sentence as facts, with the times of its parts; see
 * rvemu/scene.h.
 *
 * A fault is followed on its hart as an episode, from the event page_fault to
 * the return behind it: which entry was stored, whether it was fenced. A
 * sentence about the fault may come before the last of its parts or long behind
 * it; its story is told when the episode has ended.
 */
#include <string.h>

#include "analysis/scene.h"

#define STORY_TEXT 1536

static struct scene_episode *episode_at(struct rvemu_scene *scene, u64 number)
{
    struct scene_episode *episode = &scene->episode[number % SCENE_EPISODES];
    bool kept = number && scene->episodes - number < SCENE_EPISODES;

    return kept ? episode : NULL;
}

static struct rvemu_story_moment moment(const struct rvemu_event *event)
{
    return (struct rvemu_story_moment){event->time, event->pc};
}

/* Ends the episodes of a hart from the one at `from` on. */
static void close_from(struct rvemu_scene *scene, struct scene_hart *hart,
                       unsigned from)
{
    while (hart->faults > from) {
        struct scene_episode *episode =
            episode_at(scene, hart->fault[--hart->faults]);

        if (episode)
            episode->open = false;
    }
}

void scene_open_episode(struct rvemu_scene *scene,
                        const struct rvemu_event *event)
{
    struct scene_hart *hart = scene_hart(scene, event->hart);
    u64 number = ++scene->episodes;

    scene->episode[number % SCENE_EPISODES] = (struct scene_episode){
        .time = event->time,
        .va = event->page_fault.va,
        .pc = event->pc,
        .root = satp_frame(event->page_fault.satp),
        .hart = event->hart,
        .priv = event->priv,
        .access = (u8)event->page_fault.access,
        .open = hart != NULL,
        .part[RVEMU_PART_FAULT] = moment(event),
    };
    if (!hart)
        return;
    if (event->priv == 0)
        close_from(scene, hart, 0);
    if (hart->faults == SCENE_NESTED) {
        struct scene_episode *first = episode_at(scene, hart->fault[0]);

        if (first)
            first->open = false;
        memmove(hart->fault, hart->fault + 1,
                --hart->faults * sizeof(hart->fault[0]));
    }
    hart->fault[hart->faults++] = number;
}

void scene_take_write(struct rvemu_scene *scene,
                      const struct rvemu_event *event,
                      const struct rvemu_story_moment *taken)
{
    const struct rvemu_ev_pte_write *write = &event->pte_write;
    struct scene_hart *hart = scene->hart[event->hart];

    for (unsigned i = hart ? hart->faults : 0; i > 0; i--) {
        struct scene_episode *episode = episode_at(scene, hart->fault[i - 1]);

        if (!episode || write->level >= LEVELS ||
            (episode->va ^ write->va) & -level_size((unsigned)write->level))
            continue;
        if (taken->time)
            episode->part[RVEMU_PART_SHARED] = *taken;
        if (scene->copied.pte_pa == write->pte_pa)
            episode->part[RVEMU_PART_COPIED] =
                (struct rvemu_story_moment){scene->copied_time, event->pc};
        episode->part[RVEMU_PART_WRITTEN] = moment(event);
        episode->part[RVEMU_PART_FENCED].time = 0;
        return;
    }
}

static bool covers(const struct rvemu_ev_tlb_flush *flush, u64 va)
{
    bool by_va =
        flush->scope == RVEMU_SCOPE_VA || flush->scope == RVEMU_SCOPE_VA_ASID;

    return !by_va || flush->va >> 12 == va >> 12;
}

/* A fence behind the store to an entry; and behind the loss of W. */
static void take_fence(struct rvemu_scene *scene,
                       const struct rvemu_event *event, struct scene_hart *hart)
{
    const struct table *root =
        spaces_root(scene_spaces(scene), satp_frame(hart->satp));
    struct scene_space *space = root ? scene_space(scene, root->id) : NULL;

    for (unsigned i = 0; i < hart->faults; i++) {
        struct scene_episode *episode = episode_at(scene, hart->fault[i]);

        if (episode && episode->part[RVEMU_PART_WRITTEN].time &&
            !episode->part[RVEMU_PART_FENCED].time &&
            covers(&event->tlb_flush, episode->va))
            episode->part[RVEMU_PART_FENCED] = moment(event);
    }
    if (space && space->taken.time)
        space->fenced = moment(event);
}

/* The hart goes back to where an episode began, or to a program elsewhere. */
static void take_return(struct rvemu_scene *scene,
                        const struct rvemu_event *event,
                        struct scene_hart *hart)
{
    for (unsigned i = hart->faults; i > 0; i--) {
        struct scene_episode *episode = episode_at(scene, hart->fault[i - 1]);

        if (!episode || episode->pc != event->xret.to ||
            episode->priv != event->xret.target)
            continue;
        episode->part[RVEMU_PART_RETURNED] = moment(event);
        close_from(scene, hart, i - 1);
        return;
    }
    if (event->xret.target == 0)
        close_from(scene, hart, 0);
}

void scene_take_part(struct rvemu_scene *scene, const struct rvemu_event *event)
{
    struct scene_hart *hart = scene->hart[event->hart];

    if (!hart)
        return;
    if (event->kind == RVEMU_EVENT_xret)
        take_return(scene, event, hart);
    else
        take_fence(scene, event, hart);
}

/* ---- a sentence becomes a story ---- */

/* Room for one more story; NULL: memory is lacking. */
static struct scene_story *next_story(struct rvemu_scene *scene)
{
    u64 room = scene->room ? 2 * scene->room : 64;
    struct scene_story *grown;

    if (scene->stories == scene->room && room <= SCENE_STORIES) {
        grown = arena_grow(scene->arena, scene->story, room * sizeof(*grown));
        if (!grown)
            return NULL;
        memset(grown + scene->room, 0, (room - scene->room) * sizeof(*grown));
        scene->story = grown;
        scene->room = room;
    }
    return &scene->story[scene->stories % scene->room];
}

static const struct scene_story *story_at(const struct rvemu_scene *scene,
                                          u64 id)
{
    if (!id || id > scene->stories || scene->stories - id >= scene->room)
        return NULL;
    return &scene->story[(id - 1) % scene->room];
}

/* The episode of the fault that a sentence is about, or 0. */
static u64 find_episode(struct rvemu_scene *scene, const struct facts *facts)
{
    u64 number = scene->episodes;

    for (unsigned i = 0; facts->fault_time && i < SCENE_EPISODES && number;
         i++, number--) {
        const struct scene_episode *episode = episode_at(scene, number);

        if (!episode || episode->time < facts->fault_time)
            return 0;
        if (episode->time == facts->fault_time &&
            episode->hart + 1u == facts->hart && episode->va == facts->va)
            return number;
    }
    return 0;
}

static bool is_fork(enum sentence sentence)
{
    return sentence >= SAY_FORK && sentence <= SAY_FORK_ALIKE;
}

static_assert(SAY_FORK_ALIKE - SAY_FORK == 3, "FORK to FORK_ALIKE are forks");

/* The story about the same page before, or 0. */
static u64 story_before(const struct rvemu_scene *scene,
                        const struct rvemu_story *story)
{
    for (u64 id = story->id - 1; id && story->id - id < 64; id--) {
        const struct scene_story *at = story_at(scene, id);

        if (!at)
            return 0;
        if (at->story.va >> 12 == story->va >> 12 && at->story.size &&
            (at->story.space == story->space ||
             at->story.space == story->other ||
             at->story.other == story->space))
            return id;
    }
    return 0;
}

static u64 cause_of(const struct rvemu_scene *scene, enum sentence sentence,
                    const struct rvemu_story *story)
{
    u64 cause;

    if (is_fork(sentence) || sentence == SAY_MOVED)
        cause = scene_fork_story(scene, scene_fork_of(scene, story->other));
    else if (story->fork)
        cause = scene_fork_story(scene, story->fork);
    else if (sentence == SAY_END || sentence == SAY_EXEC)
        cause = scene_fork_story(scene, scene_fork_of(scene, story->space));
    else
        cause = story->va ? story_before(scene, story) : 0;
    return cause < story->id ? cause : 0;
}

/* W was taken from the parent's pages, and fenced. */
static void set_fork_parts(struct rvemu_scene *scene, struct rvemu_story *story)
{
    const struct scene_space *parent = scene_space(scene, story->other);

    if (!parent || parent->taken.time < story->time)
        return;
    story->part[RVEMU_PART_SHARED] = parent->taken;
    story->part[RVEMU_PART_FENCED] = parent->fenced;
}

/* The fork has this story; the first that tells of it stays. */
static void note_fork(struct rvemu_scene *scene,
                      const struct rvemu_story *story)
{
    u64 forks = scene->explain->story.cow.forks;
    struct scene_fork *grown;

    if (story->fork > scene->forks) {
        grown = arena_grow(scene->arena, scene->fork, forks * sizeof(*grown));
        if (!grown) {
            scene->failed = true;
            return;
        }
        memset(grown + scene->forks, 0,
               (forks - scene->forks) * sizeof(*grown));
        scene->fork = grown;
        scene->forks = forks;
    }
    if (story->fork && !scene->fork[story->fork - 1].story)
        scene->fork[story->fork - 1] =
            (struct scene_fork){story->id, story->time};
}

static void fill_story(struct rvemu_scene *scene, struct rvemu_story *story,
                       u64 time, enum sentence sentence,
                       const struct facts *facts)
{
    *story = (struct rvemu_story){
        .id = scene->stories + 1,
        .time = time == UINT64_MAX ? scene->time : time,
        .kind = sentence_kind(sentence),
        .text = story->text,
        .is_finding = sentence_is_finding(sentence, facts),
        .hart = facts->hart ? facts->hart - 1 : RVEMU_NO_HART,
        .space = scene_space_called(scene, facts->who.number),
        .other = scene_space_called(scene, facts->other.number),
        .va = facts->va,
        .size = facts->size,
        .frame = facts->frame,
        .old = facts->old,
        .pc = facts->fault_pc ? facts->fault_pc : facts->stored_pc,
        .pte_pa = facts->pte_pa,
        .old_pte = facts->old_pte,
        .pte = facts->pte,
        .fork = facts->fork,
    };
    if (facts->pte_pa)
        story->part[RVEMU_PART_WRITTEN] =
            (struct rvemu_story_moment){time, facts->stored_pc};
    if (is_fork(sentence) || sentence == SAY_MOVED)
        set_fork_parts(scene, story);
    story->cause = cause_of(scene, sentence, story);
}

static bool set_text(struct rvemu_scene *scene, struct rvemu_story *story,
                     enum sentence sentence, const struct facts *facts)
{
    char text[STORY_TEXT];
    char *copy;

    sentence_write_plain(text, sizeof(text), sentence, facts,
                         scene->options.explain.lang);
    copy = arena_take(scene->arena, strlen(text) + 1);
    if (!copy)
        return false;
    memcpy(copy, text, strlen(text) + 1);
    arena_give(scene->arena, (char *)story->text);
    story->text = copy;
    return true;
}

void scene_hear(void *arg, u64 time, enum sentence sentence,
                const struct facts *facts)
{
    struct rvemu_scene *scene = arg;
    struct scene_story *at;

    if (facts->unsaid || sentence_is_total(sentence) ||
        !*sentence_kind(sentence))
        return;
    at = next_story(scene);
    if (!at || !set_text(scene, &at->story, sentence, facts)) {
        scene->failed = true;
        return;
    }
    fill_story(scene, &at->story, time, sentence, facts);
    at->episode = find_episode(scene, facts);
    scene->stories++;
    if (is_fork(sentence) || sentence == SAY_MOVED)
        note_fork(scene, &at->story);
    if (scene->pendings == SCENE_PENDING)
        scene_tell(scene, true);
    scene->pending[scene->pendings++] = at->story.id;
}

/* ---- telling ---- */

/* The story with the parts that its episode has. */
static struct rvemu_story whole(const struct rvemu_scene *scene,
                                const struct scene_story *at)
{
    struct rvemu_story story = at->story;
    const struct scene_episode *episode =
        episode_at((struct rvemu_scene *)scene, at->episode);
    const struct scene_story *cause = story_at(scene, story.cause);

    for (unsigned i = 0; episode && i < RVEMU_PARTS; i++)
        if (episode->part[i].time)
            story.part[i] = episode->part[i];
    /* A child finds its entries without W: its parent lost it for both. */
    if (cause && story.pte_pa && !story.part[RVEMU_PART_SHARED].time)
        story.part[RVEMU_PART_SHARED] = cause->story.part[RVEMU_PART_SHARED];
    return story;
}

static void tell(struct rvemu_scene *scene, const struct scene_story *at)
{
    struct rvemu_story story;

    if (++scene->tellings <= scene->told->stories)
        return;
    scene->told->stories = scene->tellings;
    if (!at || !scene->options.story)
        return;
    story = whole(scene, at);
    scene->options.story(scene->options.arg, &story);
}

void scene_tell(struct rvemu_scene *scene, bool all)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < scene->pendings; i++) {
        u64 id = scene->pending[i];
        const struct scene_story *at = story_at(scene, id);
        const struct scene_episode *episode =
            at ? episode_at(scene, at->episode) : NULL;

        if (!all && episode && episode->open)
            scene->pending[kept++] = id;
        else
            tell(scene, at);
    }
    scene->pendings = kept;
}

bool rvemu_scene_story(const struct rvemu_scene *scene, uint64_t id,
                       struct rvemu_story *story)
{
    const struct scene_story *at = story_at(scene, id);

    *story = (struct rvemu_story){0};
    if (at)
        *story = whole(scene, at);
    return at != NULL;
}

uint64_t rvemu_scene_last_story(const struct rvemu_scene *scene)
{
    return scene->stories;
}

const char *rvemu_story_part_name(enum rvemu_story_part part)
{
    static const char *const names[RVEMU_PARTS] = {
        "shared", "fault", "copied", "written", "fenced", "returned"};

    return part < RVEMU_PARTS ? names[part] : "";
}
