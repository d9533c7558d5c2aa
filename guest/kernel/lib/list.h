/*
 * Circular doubly linked lists. A list head and a member are the same
 * struct; an unlinked member points at itself, so list_del is safe twice.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/types.h"

struct list {
    struct list *next;
    struct list *prev;
};

#define LIST_INIT(name)  \
    {                    \
        &(name), &(name) \
    }
#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_for_each(pos, head) \
    for (struct list *pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_safe(pos, head)                              \
    for (struct list *pos = (head)->next, *pos##_next = pos->next; \
         pos != (head); pos = pos##_next, pos##_next = pos->next)

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

/* Links `l` before `where`; before the head means at the tail. */
static inline void list_add_before(struct list *l, struct list *where)
{
    l->prev = where->prev;
    l->next = where;
    where->prev->next = l;
    where->prev = l;
}

static inline void list_add_tail(struct list *l, struct list *head)
{
    list_add_before(l, head);
}

static inline void list_add_head(struct list *l, struct list *head)
{
    list_add_before(l, head->next);
}

static inline void list_del(struct list *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

#endif
