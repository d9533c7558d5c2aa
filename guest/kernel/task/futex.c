/*
 * Sleeping on a word of user memory.
 *
 * The lock is the program's: a word that it changes without asking us. It comes
 * here only to sleep until another changes the word, and to wake who sleeps.
 * The one thing that we promise is that between "the word is still `value`" and
 * "now I sleep" nobody gets in with a wake-up that would then be lost. With one
 * hart and interrupts off, to look and to sleep is one step.
 *
 * Two processes may know a word by different addresses. So a sleeper does not
 * wait at an address but at what the address means: of a shared area, a place
 * in its file; of any other memory, an address in its space.
 */
#include "task/futex.h"

#include "fs/inode.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "task/sched.h"
#include "task/timer.h"
#include "task/wait.h"

#define HASH_SIZE 64

/* What an address means. A sleeper holds the file: its area may go meanwhile.
 */
struct key {
    struct inode *file;
    const struct mm *mm; /* if there is no file */
    u64 where;           /* offset or address */
};

struct sleeper {
    struct list link; /* in its bucket; alone: it has been woken */
    struct key key;
    u32 bitset;
    struct task *task;
};

static struct list buckets[HASH_SIZE];

static struct list *bucket_of(const struct key *key)
{
    u64 sum = ((u64)key->file + (u64)key->mm) / 64 + key->where / sizeof(u32);
    struct list *bucket = &buckets[sum % HASH_SIZE];

    if (!bucket->next)
        list_init(bucket);
    return bucket;
}

static int key_of(u64 va, bool is_private, struct key *key)
{
    struct mm *mm = current->mm;
    const struct vma *vma = find_vma(mm, va);

    if (va % sizeof(u32))
        return -EINVAL;
    if (!vma)
        return -EFAULT;
    if (is_private || !(vma->flags & VM_SHARED))
        *key = (struct key){NULL, mm, va};
    else
        *key = (struct key){vma->file, NULL, va - vma->start + vma->offset};
    return 0;
}

static bool sleeps_at(const struct sleeper *s, const struct key *key)
{
    return s->key.file == key->file && s->key.mm == key->mm &&
           s->key.where == key->where;
}

static struct sleeper *sleeper_at(struct list *link)
{
    return list_entry(link, struct sleeper, link);
}

static void sleep_at(struct sleeper *s, const struct key *key)
{
    s->key = *key;
    inode_get(key->file);
    list_add_tail(&s->link, bucket_of(key));
}

static void leave(struct sleeper *s)
{
    list_del(&s->link);
    inode_put(s->key.file);
}

/* A deadline does not start over: the program has to be told. */
static int interrupted(u64 deadline)
{
    return deadline == WAIT_FOREVER ? -ERESTARTSYS : -EINTR;
}

i64 futex_wait(u64 va, bool is_private, u32 value, u32 bitset, u64 deadline)
{
    struct sleeper me = {.bitset = bitset, .task = current};
    struct key key;
    int err = key_of(va, is_private, &key);
    u32 now;

    if (!err && copy_from_user(&now, va, sizeof(now)))
        err = -EFAULT;
    if (!err && now != value)
        err = -EAGAIN;
    if (err)
        return err;
    sleep_at(&me, &key);
    while (!list_empty(&me.link) && !err)
        err = waitq_sleep(NULL, true, deadline);
    if (list_empty(&me.link))
        return 0; /* a wake-up counts, whatever else has come */
    leave(&me);
    return err == -ERESTARTSYS ? interrupted(deadline) : err;
}

static i64 wake_at(const struct key *key, u32 count, u32 bitset)
{
    u32 woken = 0;

    list_for_each_safe (at, bucket_of(key)) {
        struct sleeper *s = sleeper_at(at);

        if (woken == count)
            break;
        if (!sleeps_at(s, key) || !(s->bitset & bitset))
            continue;
        leave(s);
        sched_wake(s->task);
        woken++;
    }
    return woken;
}

i64 futex_wake(u64 va, bool is_private, u32 count, u32 bitset)
{
    struct key key;
    int err = key_of(va, is_private, &key);

    return err ? err : wake_at(&key, count, bitset);
}

static i64 move_to(const struct key *from, const struct key *to, u32 count)
{
    u32 moved = 0;

    list_for_each_safe (at, bucket_of(from)) {
        struct sleeper *s = sleeper_at(at);

        if (moved == count)
            break;
        if (!sleeps_at(s, from))
            continue;
        leave(s);
        sleep_at(s, to);
        moved++;
    }
    return moved;
}

i64 futex_requeue(u64 va, u64 to, bool is_private, u32 wake, u32 move,
                  bool compare, u32 value)
{
    struct key key, other;
    int err = key_of(va, is_private, &key);
    u32 now = value;
    i64 woken;

    if (!err)
        err = key_of(to, is_private, &other);
    if (!err && compare && copy_from_user(&now, va, sizeof(now)))
        err = -EFAULT;
    if (err)
        return err;
    if (now != value)
        return -EAGAIN;
    woken = wake_at(&key, wake, FUTEX_ALL);
    if (sleeps_at(&(struct sleeper){.key = other}, &key))
        return woken; /* they are there already */
    return woken + move_to(&key, &other, move);
}
