/* What pages held; see versions.h. */
#include "machine/versions.h"

#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"

static const u8 zeroes[PAGE_SIZE];

static u64 weight(const struct version *v)
{
    return sizeof(*v) + (v->is_zero ? 0 : PAGE_SIZE);
}

struct version *versions_from(const struct versions *all, u64 page, u64 order)
{
    struct version *v = versions_newest(all, page), *found = NULL;

    for (; v && v->of->order >= order; v = v->older)
        found = v;
    return found;
}

bool versions_has(const struct versions *all, u64 page,
                  const struct version_owner *of)
{
    const struct version *v = versions_from(all, page, of->order);

    return v && v->of == of;
}

/* The place in the page's list, the newest first, of what is of this order. */
static bool link_in(struct versions *all, struct version *v)
{
    struct version *newer = versions_newest(all, v->page);

    if (!newer || newer->of->order < v->of->order) {
        v->older = newer;
        return map_put(&all->newest, v->page, v);
    }
    while (newer->older && newer->older->of->order > v->of->order)
        newer = newer->older;
    v->older = newer->older;
    newer->older = v;
    return true;
}

bool versions_add(struct versions *all, u64 page, struct version_owner *of,
                  const u8 *bytes)
{
    bool is_zero = !memcmp(bytes, zeroes, PAGE_SIZE);
    struct version *v = malloc(sizeof(*v) + (is_zero ? 0 : PAGE_SIZE));

    if (!v)
        return false;
    *v = (struct version){
        .next = of->first, .of = of, .page = page, .is_zero = is_zero};
    if (!is_zero)
        memcpy(v->bytes, bytes, PAGE_SIZE);
    if (!link_in(all, v)) {
        free(v);
        return false;
    }
    of->first = v;
    all->weight += weight(v);
    return true;
}

void versions_load(const struct version *v, u8 *bytes)
{
    memcpy(bytes, v->is_zero ? zeroes : v->bytes, PAGE_SIZE);
}

void versions_move(struct version *v, struct version_owner *to)
{
    v->of = to;
    v->next = to->first;
    to->first = v;
}

static void drop(struct versions *all, struct version *v)
{
    struct version *newer = versions_newest(all, v->page);

    if (newer != v) {
        while (newer->older != v)
            newer = newer->older;
        newer->older = v->older;
    } else if (v->older) {
        map_put(&all->newest, v->page, v->older);
    } else {
        map_remove(&all->newest, v->page);
    }
    all->weight -= weight(v);
    free(v);
}

void versions_merge(struct versions *all, struct version_owner *from,
                    struct version_owner *into)
{
    struct version *v = from->first;

    from->first = NULL;
    while (v) {
        struct version *next = v->next;

        if (!into || (v->older && v->older->of == into))
            drop(all, v);
        else
            versions_move(v, into);
        v = next;
    }
}

void versions_free(struct versions *all)
{
    map_free(&all->newest);
}
