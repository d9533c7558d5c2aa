/* What is kept of a machine's run; see history.h. */
#include "machine/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/sparse.h"
#include "dev/virtio/virtio.h"
#include "hart/mmu/arrays.h"
#include "machine/machine.h"
#include "machine/parts.h"

#define DISTANCE 8000000   /* steps, where none is chosen */
#define PIECE 262144       /* steps at a time: so often weight is looked at */
#define SNAPSHOTS_MAX 1024 /* of more, some are dropped */
#define SNAPSHOTS_FEW 8    /* of fewer, the earliest is dropped */
#define DISK_SHIFT 56      /* page numbers: 0 for RAM, then a slot and 1 */

static u64 disk_page(unsigned slot, u64 n)
{
    return (u64)(slot + 1) << DISK_SHIFT | n;
}

/* The disk that a page is of, or NULL: it is a frame. */
static struct past *disk_of(const struct history *h, u64 page, u64 *n)
{
    *n = page & ((1ull << DISK_SHIFT) - 1);
    return page >> DISK_SHIFT ? h->disk[(page >> DISK_SHIFT) - 1] : NULL;
}

static u64 frame_pa(const struct history *h, u64 frame)
{
    return h->m->bus.ram.base + (frame << PAGE_SHIFT);
}

static int load_page(const struct history *h, u64 page, u8 *bytes)
{
    u64 n;
    struct past *disk = disk_of(h, page, &n);

    if (disk)
        return past_load(disk, n, bytes);
    memcpy(bytes, ram_host(&h->m->bus.ram, frame_pa(h, n)), PAGE_SIZE);
    return 0;
}

static int store_page(const struct history *h, const struct version *v)
{
    struct rvemu *m = h->m;
    u8 bytes[PAGE_SIZE];
    u64 n, pa;
    struct past *disk = disk_of(h, v->page, &n);

    if (disk) {
        versions_load(v, bytes);
        return past_store(disk, n, bytes);
    }
    pa = frame_pa(h, n);
    versions_load(v, ram_host(&m->bus.ram, pa));
    if (*ram_frame_flags(&m->bus.ram, pa) & FRAME_CODE)
        blocks_stored(m->blocks, pa, PAGE_SIZE);
    return 0;
}

static bool is_dirty(const struct history *h, u64 page)
{
    u64 n;
    const struct past *disk = disk_of(h, page, &n);

    if (disk)
        return past_has_changed(disk, n);
    return !(h->m->bus.ram.frame_flags[n] & FRAME_CLEAN);
}

/* Gives a page that holds what it held at a snapshot a version of that. */
static bool add_version(struct history *h, u64 page, struct waypoint *w)
{
    u8 bytes[PAGE_SIZE];

    return load_page(h, page, bytes) == 0 &&
           versions_add(&h->versions, page, &w->owner, bytes);
}

static bool list_dirty(struct history *h, u64 page)
{
    if (h->dirties == h->dirty_room) {
        size_t room = h->dirty_room ? 2 * h->dirty_room : 1024;
        u64 *dirty = realloc(h->dirty, room * sizeof(*dirty));

        if (!dirty)
            return false;
        h->dirty = dirty;
        h->dirty_room = room;
    }
    h->dirty[h->dirties++] = page;
    return true;
}

/* A page that was clean is about to change. */
static void change(struct history *h, u64 page)
{
    struct waypoint *now = h->all[h->now];

    if (!list_dirty(h, page) ||
        (!versions_has(&h->versions, page, &now->owner) &&
         !add_version(h, page, now)))
        h->lost = true;
}

static void frame_changes(void *self, u64 frame)
{
    change(self, frame);
}

static void cluster_changes(void *arg, u64 n)
{
    const struct history_disk *disk = arg;

    change(disk->history, disk_page(disk->slot, n));
}

static void each_disk(struct history *h, void (*call)(struct past *past))
{
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        if (h->disk[i])
            call(h->disk[i]);
}

/* All pages are clean. */
static void clean(struct history *h)
{
    const struct ram *ram = &h->m->bus.ram;

    for (size_t i = 0; i < h->dirties; i++) {
        u64 page = h->dirty[i];

        if (page >> DISK_SHIFT)
            continue;
        ram->frame_flags[page] |= FRAME_CLEAN;
        arrays_protect(&h->m->harts, frame_pa(h, page));
    }
    h->dirties = 0;
    each_disk(h, past_clean);
}

static struct moment here(const struct rvemu *m)
{
    return (struct moment){m->s.steps, m->s.looks};
}

static bool make_room(struct history *h)
{
    size_t room = h->room ? 2 * h->room : 64;
    struct waypoint **all;

    if (h->count < h->room)
        return true;
    all = realloc(h->all, room * sizeof(struct waypoint *));
    if (!all)
        return false;
    h->all = all;
    h->room = room;
    return true;
}

static void insert(struct history *h, size_t at, struct waypoint *w)
{
    memmove(&h->all[at + 1], &h->all[at],
            (h->count - at) * sizeof(struct waypoint *));
    h->all[at] = w;
    h->count++;
    h->weight += w->weight;
    for (size_t i = at; i < h->count; i++)
        h->all[i]->owner.order = i ? h->all[i - 1]->owner.order + 1 : 0;
}

/* A snapshot within the past, w, has come behind now. */
static void split(struct history *h, struct waypoint *w)
{
    struct version_owner *now = &h->all[h->now]->owner;
    struct version *v = now->first;

    now->first = NULL;
    while (v) {
        struct version *next = v->next;

        versions_move(v, is_dirty(h, v->page) ? now : &w->owner);
        if (v->of == now && !add_version(h, v->page, w))
            h->lost = true;
        v = next;
    }
}

bool history_take(struct rvemu *m)
{
    struct history *h = m->history;
    struct waypoint *w;

    if (!make_room(h))
        return false;
    w = waypoint_new(m, h->arrival);
    if (!w)
        return false;
    insert(h, h->count ? h->now + 1 : 0, w);
    if (h->count > 1) {
        if (m->again)
            split(h, w);
        h->now++;
    }
    clean(h);
    return true;
}

static void drop(struct history *h, size_t at)
{
    struct waypoint *w = h->all[at];

    versions_merge(&h->versions, &w->owner, at ? &h->all[at - 1]->owner : NULL);
    h->weight -= w->weight;
    waypoint_free(w);
    h->count--;
    memmove(&h->all[at], &h->all[at + 1],
            (h->count - at) * sizeof(struct waypoint *));
    h->now -= h->now > at;
}

u64 history_weight(const struct history *h)
{
    return h->weight + h->versions.weight +
           h->versions.newest.size * sizeof(struct map_slot) +
           h->dirty_room * sizeof(*h->dirty);
}

/* How little is lost by dropping a snapshot: the stretch that it leaves, as
 * part of how far it is from here. */
static double loss(const struct history *h, size_t at)
{
    u64 steps = h->m->s.steps, place = h->all[at]->at.steps;
    u64 far = place < steps ? steps - place : place - steps;
    u64 gap = h->all[at + 1]->at.steps - h->all[at - 1]->at.steps;

    return (double)gap / (double)(far + h->distance);
}

/* The snapshot whose loss is least, of those between the earliest and the
 * latest; 0: there is none. */
static size_t find_least(const struct history *h)
{
    size_t found = 0;

    for (size_t i = 1; i + 1 < h->count; i++)
        if (i != h->now && (!found || loss(h, i) < loss(h, found)))
            found = i;
    return found;
}

void history_thin(struct rvemu *m)
{
    struct history *h = m->history;
    u64 target = h->limit - h->limit / 8;

    if (history_weight(h) <= h->limit && h->count <= SNAPSHOTS_MAX)
        return;
    if (h->now == 0 && !m->again && m->s.steps > h->all[0]->at.steps &&
        !history_take(m))
        return;
    while (h->count > 1 &&
           (history_weight(h) > target || h->count > SNAPSHOTS_MAX)) {
        size_t at = h->count > SNAPSHOTS_FEW ? find_least(h) : 0;

        if (at == h->now)
            break;
        drop(h, at);
    }
}

const struct waypoint *history_end(const struct history *h)
{
    return h->all[h->count - 1];
}

static void count_again(struct rvemu *m)
{
    struct history *h = m->history;

    if (m->again)
        h->steps_again += m->s.steps - h->seen;
    h->seen = m->s.steps;
}

/* The machine is in the present, which is the end of history. */
static void return_to_present(struct rvemu *m)
{
    m->again = false;
    each_disk(m->history, past_leave);
}

/* Whether the next snapshot is exactly here. */
static bool is_reached(const struct rvemu *m)
{
    const struct history *h = m->history;
    const struct waypoint *next;

    if (!m->again || h->now + 1 == h->count)
        return false;
    next = h->all[h->now + 1];
    return moment_is(next->at, here(m)) && next->log_next == m->log.next;
}

static void reach(struct rvemu *m)
{
    struct history *h = m->history;

    if (h->arrival.steps != m->s.steps)
        h->arrival = here(m);
    count_again(m);
    while (is_reached(m)) {
        clean(h);
        h->now++;
        if (h->now + 1 == h->count)
            return_to_present(m);
    }
}

void history_arrive(struct rvemu *m)
{
    reach(m);
}

static bool is_due(const struct rvemu *m)
{
    const struct history *h = m->history;

    return !m->again && !h->lost && moment_is(h->arrival, here(m)) &&
           m->s.steps - h->all[h->now]->at.steps >= h->distance;
}

void history_pass(struct rvemu *m)
{
    reach(m);
    if (is_due(m))
        history_take(m);
    history_thin(m);
}

u64 history_room(const struct rvemu *m)
{
    const struct history *h = m->history;
    u64 room = PIECE;

    if (m->again && h->all[h->now + 1]->at.steps > m->s.steps)
        room = least(room, h->all[h->now + 1]->at.steps - m->s.steps);
    return room;
}

bool history_find(const struct history *h, u64 position, size_t *at)
{
    for (size_t i = h->count; i-- > 0;) {
        const struct waypoint *w = h->all[i];

        if (w->at.steps > position ||
            (w->at.steps == position && !w->is_arrival && i))
            continue;
        *at = i;
        return true;
    }
    return false;
}

int history_leave(struct rvemu *m)
{
    struct history *h = m->history;
    const struct waypoint *now = h->all[h->now];

    if (m->again)
        return 0;
    if (!(moment_is(now->at, here(m)) && now->log_next == m->log.next) &&
        !history_take(m))
        return -1;
    m->again = true;
    each_disk(h, past_enter);
    if (moment_is_before(m->log.end, here(m)))
        m->log.end = here(m);
    return 0;
}

/* Whether v is what its page held at a snapshot of that order. */
static bool is_earliest(const struct version *v, u64 order)
{
    return !v->older || v->older->of->order < order;
}

/* What pages hold now that is to be gone back to: the end gets a version of it,
 * where no snapshot from now on has one. */
static int save_present(struct history *h, size_t to)
{
    u64 order = h->all[h->now]->owner.order;
    struct waypoint *end = h->all[h->count - 1];

    for (size_t i = to; i < h->now; i++)
        for (struct version *v = h->all[i]->owner.first; v; v = v->next)
            if (versions_newest(&h->versions, v->page)->of->order < order &&
                !add_version(h, v->page, end))
                return -1;
    return 0;
}

/* Makes every page what it was at an earlier snapshot, or at now. */
static int pages_back(struct history *h, size_t to)
{
    u64 order = h->all[to]->owner.order;
    int failed = 0;

    for (size_t i = to; i <= h->now; i++)
        for (struct version *v = h->all[i]->owner.first; v; v = v->next)
            if (is_earliest(v, order) && (i < h->now || is_dirty(h, v->page)))
                failed |= store_page(h, v);
    return failed;
}

/* The same for a later one. */
static int pages_forward(struct history *h, size_t to)
{
    u64 from = h->all[h->now]->owner.order, order = h->all[to]->owner.order;
    int failed = 0;

    for (size_t i = h->now; i < to; i++)
        for (struct version *v = h->all[i]->owner.first; v; v = v->next) {
            const struct version *wanted =
                is_earliest(v, from)
                    ? versions_from(&h->versions, v->page, order)
                    : NULL;

            if (wanted)
                failed |= store_page(h, wanted);
        }
    return failed;
}

int history_restore(struct rvemu *m, size_t to)
{
    struct history *h = m->history;

    count_again(m);
    if (save_present(h, to) < 0)
        return -1;
    if ((to <= h->now ? pages_back : pages_forward)(h, to) < 0)
        h->lost = true;
    clean(h);
    h->now = to;
    h->arrival = h->all[to]->arrival;
    waypoint_restore(m, h->all[to], h->parts_room);
    h->seen = m->s.steps;
    if (to + 1 == h->count)
        return_to_present(m);
    return 0;
}

void history_stay(struct rvemu *m)
{
    if (m->again && m->history->now + 1 == m->history->count)
        return_to_present(m);
}

int history_cut(struct rvemu *m)
{
    struct history *h = m->history;
    int failed = 0;

    count_again(m);
    while (h->count > h->now + 1) {
        struct waypoint *w = h->all[--h->count];

        versions_merge(&h->versions, &w->owner, NULL);
        h->weight -= w->weight;
        waypoint_free(w);
    }
    input_log_cut(&m->log, m->log.next);
    m->log.end = here(m);
    m->again = false;
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        if (h->disk[i] && past_write_back(h->disk[i]) < 0)
            failed = -1;
    return failed;
}

/* The device in a slot gets another disk for the one that it has. */
static void lend(struct rvemu *m, unsigned slot, rvemu_disk *disk)
{
    m->config.virtio.slot[slot].disk = disk;
    board_virtio(&m->board, slot)->disk = disk;
}

static bool add_disks(struct history *h)
{
    const struct rvemu_virtio *virtio = &h->m->config.virtio;

    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++) {
        rvemu_disk *disk = virtio->slot[i].disk;

        if (virtio->slot[i].kind != RVEMU_VIRTIO_BLK || !past_matters(disk))
            continue;
        h->disk_arg[i] = (struct history_disk){h, i};
        h->disk[i] = past_new(disk, cluster_changes, &h->disk_arg[i]);
        if (!h->disk[i])
            return false;
        lend(h->m, i, past_block(h->disk[i]));
    }
    return true;
}

static void set_all_clean(struct history *h, bool on)
{
    struct rvemu *m = h->m;

    for (u64 i = 0; i < m->bus.ram.size >> PAGE_SHIFT; i++) {
        u8 *flags = &m->bus.ram.frame_flags[i];

        *flags = (u8)(on ? (*flags | FRAME_CLEAN) & ~FRAME_WRITABLE
                         : *flags & ~FRAME_CLEAN);
    }
    for (unsigned i = 0; on && i < m->harts.count; i++)
        contexts_clear(&m->hart[i].c.contexts);
}

void history_moved(struct rvemu *m)
{
    const struct history *h = m->history;

    set_all_clean(m->history, true);
    for (size_t i = 0; i < h->dirties; i++)
        if (!(h->dirty[i] >> DISK_SHIFT))
            m->bus.ram.frame_flags[h->dirty[i]] &= (u8)~FRAME_CLEAN;
}

int history_new(struct rvemu *m, const struct rvemu_history_config *config,
                struct rvemu_error *error)
{
    struct history *h = calloc(1, sizeof(*h));

    if (!h)
        return error_set(error, "out of host memory");
    m->history = h;
    h->m = m;
    h->limit = config->bytes ? config->bytes : RVEMU_HISTORY_BYTES;
    h->distance = config->distance ? config->distance : DISTANCE;
    h->parts_room = malloc(parts_size(m));
    h->arrival = here(m);
    h->seen = m->s.steps;
    m->log.lost = m->log.lost && m->log.keepers;
    m->log.keepers++;
    if (!h->parts_room || !add_disks(h) || !history_take(m)) {
        history_free(m);
        return error_set(error, "out of host memory");
    }
    m->bus.ram.keeper = (struct ram_keeper){frame_changes, h};
    set_all_clean(h, true);
    return 0;
}

void history_free(struct rvemu *m)
{
    struct history *h = m->history;

    if (!h)
        return;
    set_all_clean(h, false);
    m->log.keepers--;
    m->bus.ram.keeper = (struct ram_keeper){0};
    while (h->count)
        drop(h, h->count - 1);
    versions_free(&h->versions);
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++) {
        if (h->disk[i])
            lend(m, i, past_lower(h->disk[i]));
        past_free(h->disk[i]);
    }
    free(h->all);
    free(h->dirty);
    free(h->parts_room);
    free(h);
    m->history = NULL;
    m->again = false;
}
