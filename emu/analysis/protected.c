/* Pages without W that faults meet; see protected.h. */
#include "analysis/protected.h"

const struct frame *protected_at(const struct story *story,
                                 const struct fault *fault)
{
    const struct table *root = spaces_root(&story->spaces, fault->root);
    const struct frame *frame;
    struct entry at;
    u64 pte = root ? spaces_find(&story->spaces, root, fault->va, &at) : 0;

    if (!pte)
        return NULL;
    frame = frames_find(&story->spaces.frames, pte_frame(pte, at.table->level),
                        at.table->level);
    return frame && frame->protected ? frame : NULL;
}

static bool is_of_fork(struct story *story, const struct fault *fault,
                       struct table *root)
{
    const struct frame *frame = protected_at(story, fault);

    if (!frame || fault->access != RVEMU_ACCESS_STORE ||
        fault->reason != RVEMU_REASON_NOT_WRITABLE)
        return false;
    return frame->by_fork || (frame->lost && !frame->fork &&
                              !spaces_has_writable(&story->spaces, root));
}

void protected_note(struct story *story, struct fault *fault,
                    struct table *root)
{
    fault->of_fork = is_of_fork(story, fault, root);
    naming_function(&story->naming, fault->priv == 0 ? fault->root : 0,
                    fault->pc, fault->in_function);
}

/* Whether one of these calls is as a fork, or may yet become so, and has no
 * child. */
static bool has_childless(const struct call calls[SPACE_CALLS])
{
    for (unsigned i = 0; i < SPACE_CALLS; i++)
        if (calls[i].pc && calls[i].protects && !calls[i].claimed &&
            (calls[i].took_all || !calls[i].back))
            return true;
    return false;
}

bool protected_awaits(const struct life *life)
{
    const struct table *root;
    size_t at = 0;

    if (!life->story->options.expect)
        return false;
    for (unsigned i = 0; i < LIFE_GHOSTS; i++)
        if (life->ghost[i].id && has_childless(life->ghost[i].call))
            return true;
    while ((root = map_next(&life->story->spaces.roots, &at)))
        if (has_childless(root->call))
            return true;
    return false;
}
