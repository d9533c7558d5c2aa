/*
 * Pages of RAM that are not zero; see ram_runs.h.
 *
 * RAM that nobody has touched has no memory on the host yet, and looking at it
 * would give it some: the host is asked which pages have any
 * (/proc/self/pagemap), and where it does not say, all are looked at.
 *
 * Pages that a file has as they are, in long runs, are mapped from there, to be
 * read when they are used, and copied when they are changed.
 */
#define _GNU_SOURCE
#include "machine/ram_runs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"

#define HAS_MEMORY (3ull << 62) /* in pagemap: present, or swapped */
#define ASKED 8192              /* words of pagemap that are read at a time */
#define MAP_LEAST 16            /* pages that are worth a mapping */
#define MAPS_MAX 16384          /* Linux has room for four times as many */

static bool is_zero(const u8 *page)
{
    for (unsigned at = 0; at < PAGE_SIZE; at += 64) {
        u64 words[8];

        memcpy(words, page + at, sizeof(words));
        if (words[0] | words[1] | words[2] | words[3] | words[4] | words[5] |
            words[6] | words[7])
            return false;
    }
    return true;
}

bool ram_runs_add(struct ram_runs *r, u64 first, u64 count)
{
    struct ram_run *last = r->count ? &r->run[r->count - 1] : NULL;

    r->pages += count;
    if (last && last->first + last->count == first) {
        last->count += count;
        return true;
    }
    if (r->count == r->room) {
        size_t room = r->room ? 2 * r->room : 256;
        struct ram_run *run = realloc(r->run, room * sizeof(*run));

        if (!run)
            return false;
        r->run = run;
        r->room = room;
    }
    r->run[r->count++] = (struct ram_run){first, count};
    return true;
}

/* Asks the host about so many pages from `first` on; if it does not know, they
 * all have memory. */
static void ask(int fd, const struct ram *ram, u64 first, u64 count,
                u64 word[ASKED])
{
    off_t at =
        (off_t)((((uintptr_t)ram->host >> PAGE_SHIFT) + first) * sizeof(u64));

    if (fd < 0 || pread(fd, word, count * sizeof(u64), at) !=
                      (ssize_t)(count * sizeof(u64)))
        memset(word, 0xff, count * sizeof(u64));
}

static int open_pagemap(const struct ram *ram)
{
    if (ram->is_mapped || sysconf(_SC_PAGESIZE) != PAGE_SIZE)
        return -1;
    return open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
}

bool ram_runs_find(struct ram_runs *r, const struct ram *ram)
{
    u64 pages = ram->size >> PAGE_SHIFT, count;
    u64 *word = malloc(ASKED * sizeof(*word));
    int fd = open_pagemap(ram);
    bool ok = word != NULL;

    *r = (struct ram_runs){0};
    for (u64 first = 0; ok && first < pages; first += count) {
        count = least(ASKED, pages - first);
        ask(fd, ram, first, count, word);
        for (u64 i = 0; ok && i < count; i++)
            if (word[i] & HAS_MEMORY &&
                !is_zero(ram->host + ((first + i) << PAGE_SHIFT)))
                ok = ram_runs_add(r, first + i, 1);
    }
    if (fd >= 0)
        close(fd);
    free(word);
    if (!ok)
        ram_runs_free(r);
    return ok;
}

void ram_runs_free(struct ram_runs *r)
{
    free(r->run);
    *r = (struct ram_runs){0};
}

u64 ram_runs_sum(const struct ram_runs *r, const struct ram *ram)
{
    u64 sum = digest_of(r->run, r->count * sizeof(*r->run));

    for (size_t i = 0; i < r->count; i++)
        sum = digest(sum, ram->host + (r->run[i].first << PAGE_SHIFT),
                     r->run[i].count << PAGE_SHIFT);
    return sum;
}

void ram_runs_put(struct bytes *bytes, const struct ram_runs *r)
{
    u64 at = 0;

    bytes_put_number(bytes, r->count);
    for (size_t i = 0; i < r->count; i++) {
        bytes_put_number(bytes, r->run[i].first - at);
        bytes_put_number(bytes, r->run[i].count);
        at = r->run[i].first + r->run[i].count;
    }
}

bool ram_runs_get(struct ram_runs *r, struct cursor *cursor, u64 ram_size)
{
    u64 pages = ram_size >> PAGE_SHIFT, at = 0;
    u64 count = cursor_number(cursor);

    *r = (struct ram_runs){0};
    for (u64 i = 0; i < count; i++) {
        u64 gap = cursor_number(cursor), length = cursor_number(cursor);

        if (cursor->failed || !length || gap > pages - at ||
            length > pages - at - gap || !ram_runs_add(r, at + gap, length)) {
            ram_runs_free(r);
            return false;
        }
        at += gap + length;
    }
    return !cursor->failed;
}

bool ram_runs_save(const struct ram_runs *r, const struct ram *ram,
                   section_fn *put, void *self)
{
    u8 *piece = malloc(SECTION_PIECE);
    bool ok = piece != NULL;
    u64 used = 0;
    u32 index = 0;

    for (size_t i = 0; ok && i < r->count; i++) {
        u64 at = r->run[i].first << PAGE_SHIFT;
        u64 left = r->run[i].count << PAGE_SHIFT;

        while (ok && left) {
            u64 part = least(left, SECTION_PIECE - used);

            memcpy(piece + used, ram->host + at, part);
            used += part;
            at += part;
            left -= part;
            if (used < SECTION_PIECE)
                continue;
            ok = put(self, SECTION_RAM, index++, piece, used);
            used = 0;
        }
    }
    if (ok && used)
        ok = put(self, SECTION_RAM, index, piece, used);
    free(piece);
    return ok;
}

bool ram_runs_match(const struct ram_runs *r, const struct sections *s)
{
    u64 left = r->pages << PAGE_SHIFT;
    u32 index = 0;

    while (left) {
        const struct section *piece = sections_find(s, SECTION_RAM, index++);

        if (!piece || piece->size != least(left, SECTION_PIECE))
            return false;
        left -= piece->size;
    }
    return !sections_find(s, SECTION_RAM, index);
}

/* Where RAM is being filled. */
struct filling {
    struct ram *ram;
    const struct section *from;
    const u8 *bytes; /* of it */
    u64 used;        /* of these */
    u32 next;        /* index of the next section */
    unsigned maps;
    u8 *room;
};

/* Puts the next so many bytes of a section at a place in RAM. */
static void fill(struct filling *f, u64 at, u64 size)
{
    u8 *host = f->ram->host + at;
    u64 place = f->from->place + f->used;

    if (f->from->fd >= 0 && size >= MAP_LEAST * PAGE_SIZE &&
        f->maps < MAPS_MAX && place % PAGE_SIZE == 0 &&
        mmap(host, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
             f->from->fd, (off_t)place) != MAP_FAILED) {
        f->maps++;
        f->ram->is_mapped = true;
    } else {
        memcpy(host, f->bytes + f->used, size);
    }
    f->used += size;
}

/* Has bytes of a section at hand. False: there are none that can be had. */
static bool turn_over(struct filling *f, const struct sections *s)
{
    if (f->from && f->used < f->from->size)
        return true;
    f->from = sections_find(s, SECTION_RAM, f->next++);
    f->bytes = f->from ? section_open(f->from, f->room) : NULL;
    f->used = 0;
    return f->bytes != NULL;
}

bool ram_runs_load(const struct ram_runs *r, struct ram *ram,
                   const struct sections *s)
{
    struct filling f = {.ram = ram, .room = malloc(SECTION_PIECE)};
    bool ok = f.room != NULL;

    for (size_t i = 0; ok && i < r->count; i++) {
        u64 at = r->run[i].first << PAGE_SHIFT;
        u64 left = r->run[i].count << PAGE_SHIFT;

        while (left && (ok = turn_over(&f, s))) {
            u64 part = least(left, f.from->size - f.used);

            fill(&f, at, part);
            at += part;
            left -= part;
        }
    }
    free(f.room);
    return ok;
}
