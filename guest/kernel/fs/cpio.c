/*
 * The initrd: a cpio archive in the "newc" format.
 *
 *   6 magic "070701" | 13 fields of 8 hex digits | name, 0 | pad to 4 |
 *   contents | pad to 4
 *
 * Field 1 is the mode, 6 the size of the contents, 9 and 10 the device
 * number, 11 the length of the name with its zero bytes: our own archives
 * pad the name so that contents start on a page. The entry TRAILER!!! ends
 * the archive. Links and times are ignored.
 */
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/errno.h"
#include "lib/string.h"

#define HEADER_SIZE 110
#define FIELD_MODE 1
#define FIELD_FILESIZE 6
#define FIELD_NAMESIZE 11

static u64 field(const u8 *header, unsigned i)
{
    const u8 *digits = header + 6 + 8 * i;
    u64 value = 0;

    for (unsigned n = 0; n < 8; n++) {
        u8 c = digits[n];
        u8 digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

        value = value << 4 | (digit & 15);
    }
    return value;
}

static int add(const char *path, u32 mode, const u8 *data, u64 size)
{
    char name[NAME_SIZE];
    struct inode *dir, *i;
    int err = path_parent(fs_root(), path, &dir, name);

    if (err)
        return err == -EEXIST ? 0 : err;
    i = inode_new(mode);
    err = -ENOMEM;
    if (i) {
        i->image = data;
        i->size = i->image_size = inode_is(i, S_IFDIR) ? 0 : size;
        err = dir_find(dir, name) ? 0 : dir_add(dir, name, i);
        inode_put(i);
    }
    inode_put(dir);
    return err;
}

int cpio_unpack(const u8 *archive, u64 size)
{
    u64 at = 0;
    int files = 0;

    while (at + HEADER_SIZE < size) {
        const u8 *header = archive + at;
        const char *name = (const char *)header + HEADER_SIZE;
        u64 data =
            ALIGN_UP(at + HEADER_SIZE + field(header, FIELD_NAMESIZE), 4);
        u64 bytes = field(header, FIELD_FILESIZE);
        u32 mode = (u32)field(header, FIELD_MODE);
        int err;

        if (memcmp(header, "070701", 6) != 0 || data + bytes > size)
            return -EINVAL;
        if (strcmp(name, "TRAILER!!!") == 0)
            return files;
        err = add(name, mode, archive + data, bytes);
        if (err)
            return err;
        files++;
        at = ALIGN_UP(data + bytes, 4);
    }
    return -EINVAL;
}
