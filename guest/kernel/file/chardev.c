/*
 * The small devices under /dev, and their names.
 */
#include "file/chardev.h"

#include "dev/printk.h"
#include "file/file.h"
#include "lib/errno.h"
#include "lib/random.h"
#include "mm/mm.h"

static i64 null_read(struct file *f, u64 user_buf, size_t n)
{
    (void)f;
    (void)user_buf;
    (void)n;
    return 0;
}

static i64 null_write(struct file *f, u64 user_buf, size_t n)
{
    (void)f;
    (void)user_buf;
    return (i64)n;
}

static i64 fill_user(u64 user_buf, size_t n, void (*fill)(void *, size_t))
{
    u8 chunk[256] = {0};

    for (size_t done = 0; done < n; done += sizeof(chunk)) {
        size_t part = min_u64(n - done, sizeof(chunk));

        if (fill)
            fill(chunk, part);
        if (copy_to_user(user_buf + done, chunk, part))
            return -EFAULT;
    }
    return (i64)n;
}

static i64 zero_read(struct file *f, u64 user_buf, size_t n)
{
    (void)f;
    return fill_user(user_buf, n, NULL);
}

static i64 random_read(struct file *f, u64 user_buf, size_t n)
{
    (void)f;
    return fill_user(user_buf, n, random_fill);
}

static const struct file_ops null_ops = {
    .read = null_read,
    .write = null_write,
};

static const struct file_ops zero_ops = {
    .read = zero_read,
    .write = null_write,
};

static const struct file_ops random_ops = {
    .read = random_read,
    .write = null_write,
};

struct inode *chardev_dir(struct inode *parent, const char *name)
{
    struct dirent *entry = dir_find(parent, name);
    struct inode *dir;

    if (entry)
        return entry->inode;
    dir = inode_new(S_IFDIR | 0755);
    if (!dir || dir_add(parent, name, dir))
        PANIC("no memory for /%s", name);
    inode_put(dir);
    return dir;
}

void chardev_init(void)
{
    static const struct {
        const char *name;
        const struct file_ops *ops;
        u32 rdev; /* major << 8 | minor, as Linux numbers them */
    } devices[] = {
        {"null", &null_ops, 0x103},     {"zero", &zero_ops, 0x105},
        {"random", &random_ops, 0x108}, {"urandom", &random_ops, 0x109},
        {"console", &tty_ops, 0x501},   {"tty", &tty_ops, 0x500},
    };
    struct inode *dev = chardev_dir(fs_root(), "dev");

    for (unsigned n = 0; n < ARRAY_LEN(devices); n++) {
        struct inode *i = inode_new(S_IFCHR | 0666);

        if (!i || dir_add(dev, devices[n].name, i))
            PANIC("no memory for /dev/%s", devices[n].name);
        i->rdev = devices[n].rdev;
        i->file_ops = devices[n].ops;
        inode_put(i);
    }
}
