/*
 * Access to user memory from the kernel.
 *
 * uaccess_copy (uaccess.S) uses the user's own translations with SUM set.
 * A fault in it goes through do_page_fault like any other, so a buffer may
 * span pages that are not there yet, or that fork has shared. The range is
 * checked here: below USER_END nothing but user pages is ever mapped.
 */
#include "mm/mm.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pgtable.h"

u64 uaccess_copy(void *dst, const void *src, u64 n);

static bool is_user_range(u64 va, size_t n)
{
    return n <= USER_END && va <= USER_END - n;
}

int copy_from_user(void *dst, u64 user_src, size_t n)
{
    if (!is_user_range(user_src, n))
        return -EFAULT;
    return uaccess_copy(dst, (const void *)user_src, n) ? -EFAULT : 0;
}

int copy_to_user(u64 user_dst, const void *src, size_t n)
{
    if (!is_user_range(user_dst, n))
        return -EFAULT;
    return uaccess_copy((void *)user_dst, src, n) ? -EFAULT : 0;
}

i64 copy_string_from_user(char *dst, u64 user_src, size_t size)
{
    size_t len = 0;

    while (len < size) {
        size_t part = min_u64(size - len, 64);

        /* Never beyond the page the string may end in. */
        part = min_u64(part, PAGE_SIZE - (user_src + len) % PAGE_SIZE);
        if (copy_from_user(dst + len, user_src + len, part))
            return -EFAULT;
        for (size_t end = len + part; len < end; len++) {
            if (!dst[len])
                return (i64)len;
        }
    }
    return -ENAMETOOLONG;
}

int mm_write(struct mm *mm, u64 va, const void *src, size_t n)
{
    while (n) {
        size_t part = min_u64(n, PAGE_SIZE - va % PAGE_SIZE);
        u64 *slot = pt_find(mm->root, va);
        int err;

        if (!slot || !(*slot & PTE_W)) {
            err = do_page_fault(mm, va, 15);
            if (err)
                return err;
            continue;
        }
        memcpy((u8 *)phys_to_virt(pte_pa(*slot)) + va % PAGE_SIZE, src, part);
        src = (const u8 *)src + part;
        va += part;
        n -= part;
    }
    return 0;
}

size_t mm_read(struct mm *mm, u64 va, void *dst, size_t n)
{
    size_t done = 0;

    while (done < n) {
        u64 at = va + done;
        size_t part = min_u64(n - done, PAGE_SIZE - at % PAGE_SIZE);
        u64 *slot = pt_find(mm->root, at);

        if (!slot || !(*slot & PTE_V))
            break;
        memcpy((u8 *)dst + done,
               (u8 *)phys_to_virt(pte_pa(*slot)) + at % PAGE_SIZE, part);
        done += part;
    }
    return done;
}
