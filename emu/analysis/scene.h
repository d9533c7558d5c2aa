/*
 * The scene behind rvemu/scene.h: an explainer, and beside it what sentences do
 * not need to know: spaces that have ended, since when things are what they
 * are, TLBs, and stories with their parts.
 *
 * It lies in the explainer's arena, and so goes back with it. `told` does not.
 * Tables, frames and copy-on-write are the explainer's (spaces.h, cow.h): they
 * are looked at here, and never changed.
 */
#ifndef ANALYSIS_SCENE_H
#define ANALYSIS_SCENE_H

#include <rvemu/scene.h>

#include "analysis/explain.h"

#define SCENE_ENDED 4096    /* spaces that have ended, and are kept */
#define SCENE_STORIES 4096  /* a power of two */
#define SCENE_PENDING 64    /* stories with parts to come */
#define SCENE_EPISODES 1024 /* faults whose parts are kept */
#define SCENE_NESTED 4      /* faults that a hart is in */
#define SCENE_ENTRIES                                                   \
    (1 << 18)               /* page-table entries, frames; then all are \
                               forgotten */
#define SCENE_TLB (1 << 17) /* entries of a hart's TLB */

struct scene_space {
    unsigned id;
    unsigned levels;
    u64 root;
    u64 satp;
    u64 seen;
    u64 ended; /* 0: it is alive, and its table knows more */
    bool ran;
    unsigned fork;                    /* its number, where it has ended … */
    struct space_name name;           /* … and what it was called */
    struct rvemu_story_moment taken;  /* W, from a page of it, last … */
    struct rvemu_story_moment fenced; /* … and the fence behind that */
    struct scene_space *next;         /* that ended next */
};

/* A page-table entry. */
struct scene_entry {
    u64 frame; /* that it maps for a user */
    u64 since;
    u64 changed;
    u64 changed_pc;
    u64 changed_from;
    u64 taken;
    u64 taken_pc;
};

/* A page that a frame was. */
struct scene_use {
    unsigned space;
    u64 va;
    u64 until;
};

struct scene_frame {
    u64 since;
    u64 copy_of;
    u64 copied;
    u64 copies;
    struct scene_use was;
    struct scene_use left; /* the last mapping that went */
};

struct scene_item {
    u64 va;
    u64 pte;
    u64 pte_pa;
    u64 filled;
    unsigned space;
    u16 asid;
    u8 level;
    u8 shift;
    bool global;
    struct scene_item *next;            /* of the same page … */
    struct scene_item *before, *behind; /* … and of all */
};

/* What a hart's TLB holds. */
struct scene_tlb {
    struct map by_page; /* the first struct scene_item, by va and shift */
    struct scene_item *first;
    struct scene_item *spare;
    u64 count;
};

/* A fault, as long as its hart is in it, and what became of it. */
struct scene_episode {
    u64 time; /* 0: none */
    u64 va;
    u64 pc;
    u64 root;
    u8 hart;
    u8 priv;
    u8 access;
    bool open;
    struct rvemu_story_moment part[RVEMU_PARTS];
};

struct scene_hart {
    u64 satp;
    struct scene_tlb tlb;
    u64 fault[SCENE_NESTED]; /* numbers of episodes, the latest last … */
    unsigned faults;         /* … so many */
};

struct scene_story {
    struct rvemu_story story;
    u64 episode; /* its number, or 0 */
};

/* What is known of a fork. */
struct scene_fork {
    u64 story;
    u64 time;
};

/* What was told does not go back. */
struct scene_told {
    u64 stories; /* so many */
    u64 serial;  /* changes with what is known */
    /* Frames of which something is known, from `base` on; of `indexed`. */
    u64 *frames;
    u64 base;
    u64 count;
    u64 indexed;
};

struct rvemu_scene {
    struct rvemu_explain *explain;
    struct arena *arena;
    struct scene_told *told;
    struct spaces_ear ear;
    struct rvemu_scene_options options;
    rvemu_event_set wanted; /* events that matter … */
    rvemu_event_set kinds;  /* … to the explainer */
    u64 events;
    u64 time;
    struct map space;  /* struct scene_space, by id */
    struct map number; /* the same, by the number it goes by */
    struct scene_space *first_ended, *last_ended;
    unsigned ended;
    struct map entry; /* struct scene_entry, by its place */
    struct map frame; /* struct scene_frame, by scene_frame_key() */
    struct scene_hart *hart[HARTS];
    unsigned harts; /* those beyond have done nothing */
    struct scene_episode episode[SCENE_EPISODES]; /* a ring */
    u64 episodes;
    struct rvemu_ev_frame_copied copied; /* the latest … */
    u64 copied_time;                     /* … and when */
    struct scene_fork *fork;             /* number n is fork[n - 1] */
    u64 forks;
    struct scene_story *story; /* a ring of `room` … */
    u64 room;
    u64 stories;
    u64 pending[SCENE_PENDING]; /* ids of stories */
    unsigned pendings;
    u64 tellings; /* stories that were, at this place */
    u64 forgotten;
    bool failed;
};

static inline struct spaces *scene_spaces(const struct rvemu_scene *scene)
{
    return &scene->explain->story.spaces;
}

static inline u64 scene_frame_key(u64 ppn, unsigned level)
{
    return (u64)level << 60 | ppn;
}

struct scene_hart *scene_hart(struct rvemu_scene *scene, unsigned hart);

/* A record of a map, made if there is none; NULL when memory is lacking. Of one
 * that is full all are forgotten. */
void *scene_record(struct rvemu_scene *scene, struct map *map, u64 key,
                   size_t size);

/* Spaces: what rvemu/spaces.h tells of, and a satp event. */
void scene_begun(void *scene, struct table *root);
void scene_ended(void *scene, struct table *root);
void scene_take_satp(struct rvemu_scene *scene,
                     const struct rvemu_event *event);
struct scene_space *scene_space(const struct rvemu_scene *scene, unsigned id);
unsigned scene_space_called(struct rvemu_scene *scene, u64 number);

/* The fork that a space began with: its number, or 0; and its story. */
unsigned scene_fork_of(const struct rvemu_scene *scene, unsigned space);
u64 scene_fork_story(const struct rvemu_scene *scene, u64 fork);

/* Pages and frames: a pte_write or pte_found that the spaces know. */
void scene_take_entry(struct rvemu_scene *scene,
                      const struct rvemu_event *event);
void scene_left(void *scene, const struct table *root, u64 va,
                const struct frame *frame);

/* TLBs: tlb_fill, tlb_evict, tlb_flush. */
void scene_take_tlb(struct rvemu_scene *scene, const struct rvemu_event *event);

/* Stories. A fault begins, before the explainer hears of it; then what else
 * makes their parts, behind it. */
void scene_open_episode(struct rvemu_scene *scene,
                        const struct rvemu_event *event);
void scene_take_part(struct rvemu_scene *scene,
                     const struct rvemu_event *event);
/* An entry is stored that had lost W then. */
void scene_take_write(struct rvemu_scene *scene,
                      const struct rvemu_event *event,
                      const struct rvemu_story_moment *taken);
void scene_hear(void *scene, u64 time, enum sentence sentence,
                const struct facts *facts);
/* Tells what has all its parts; all there is. */
void scene_tell(struct rvemu_scene *scene, bool all);

#endif
