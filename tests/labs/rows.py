"""Kernels with a mistake planted in each, as students make them.

A mistake is a text of a source and what is to stand there instead.  A row
names the program that shows it.  `lack` says what emu cannot tell of it yet,
and why: then nothing may be named, or the row is to be mended.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = re.compile(r"^[A-Za-z_][\w *()]*?\b(\w+)\(")


class Mistake:
    def __init__(self, path, old, new):
        self.path, self.old, self.new = path, old, new

    def error(self):
        """Why it cannot be planted, or None."""
        count = (ROOT / self.path).read_text().count(self.old)
        if count == 1:
            return None
        return "%s has '%s' %d times: rows.py is to follow it" % (
            self.path, self.old, count)

    def guilty(self, text):
        """The function that it is planted in, and the lines of that in the
        source with all mistakes."""
        lines = text.split("\n")
        first = text.count("\n", 0, text.index(self.new or self.behind(text)))
        while not FUNCTION.match(lines[first]):
            first -= 1
        last = lines.index("}", first)
        return FUNCTION.match(lines[first]).group(1), range(first + 1, last + 2)

    def behind(self, text):
        """What comes behind a text that was taken out."""
        whole = (ROOT / self.path).read_text()
        at = whole.index(self.old) + len(self.old)
        return whole[at:at + 60]


class Lab:
    def __init__(self, name, program, *mistakes, turns=(), says="", lack=None):
        """turns: the quanta to try, where it takes luck to see it; says: what
        the report has to have beside the name."""
        self.name, self.program, self.mistakes = name, program, mistakes
        self.turns, self.says, self.lack = turns, says, lack

    def text(self, path):
        """The source at path, with the mistakes of the lab."""
        text = (ROOT / path).read_text()
        for mistake in self.mistakes:
            if mistake.path == path:
                text = text.replace(mistake.old, mistake.new)
        return text

    def guilty(self):
        """Of its first mistake."""
        return self.mistakes[0].guilty(self.text(self.mistakes[0].path))


FAULT, SPACE = "guest/kernel/mm/fault.c", "guest/kernel/mm/space.c"
TABLES, ACCESS = "guest/kernel/mm/pgtable.c", "guest/kernel/mm/uaccess.c"
AREAS, CALLS = "guest/kernel/mm/vma.c", "guest/kernel/sys/sys_mm.c"
RACE = "tests/labs/guest/race.c"

# What copy_to_user is without the user's own translations.
COPYOUT = """    while (n) {
        size_t part = min_u64(n, PAGE_SIZE - user_dst % PAGE_SIZE);
        u64 *slot = pt_find(current->mm->root, user_dst);

        if (!slot || !(*slot & PTE_V)) {
            if (do_page_fault(current->mm, user_dst, 13))
                return -EFAULT;
            continue;
        }
        memcpy((u8 *)phys_to_virt(pte_pa(*slot)) + user_dst % PAGE_SIZE, src,
               part);
        src = (const u8 *)src + part;
        user_dst += part;
        n -= part;
    }
    return 0;"""
SHARED = "        *to = pte;\n        frame_of"
RELEASE = "    frame_put(old);\n    count_copy();"
ALONE = "    if ((vma->flags & VM_SHARED) ||\n        (frame_count(old)"
NO_AREA = "    if (!vma || !(vma->flags & access)) {"
COPIED = "    *slot = pte_make(virt_to_phys(page), flags);\n"

LABS = [
    # The kernel stores to a shared page through its own mapping.
    Lab("copyout", "user-copy",
        Mistake(ACCESS, "    return uaccess_copy((void *)user_dst, src, n) ? "
                "-EFAULT : 0;", COPYOUT),
        Mistake(ACCESS, '#include "mm/pgtable.h"\n',
                '#include "mm/pgtable.h"\n#include "task/task.h"\n'),
        says="through its own mapping of"),
    # The count is taken down before it is looked at.
    Lab("count-first", "lab5-cow",
        Mistake(FAULT, ALONE, "    frame_put(old);\n" + ALONE),
        Mistake(FAULT, RELEASE, "    count_copy();")),
    Lab("w-in-parent", "lab5-cow",
        Mistake(SPACE, "            *from = pte;\n", "")),
    Lab("w-in-child", "lab5-cow",
        Mistake(SPACE, SHARED, "        *to = pte | (pte & PTE_X ? 0 : PTE_W);\n"
                "        frame_of")),
    Lab("text-opened", "segv",
        Mistake(SPACE, SHARED, "        *to = pte & PTE_X ? pte | PTE_W | PTE_D"
                " : pte;\n        frame_of")),
    Lab("beyond-end", "beyond",
        Mistake(CALLS, "a[2] == dont_need && is_user_area(a[0], a[1])",
                "a[2] == dont_need")),
    Lab("double-free", "user-copy",
        Mistake(TABLES, "            frame_put(gone[--count]);",
                "            frame_put(gone[count - 1]), "
                "frame_put(gone[--count]);")),
    Lab("table-twice", "lab5-fork",
        Mistake(TABLES, "            free_leaf_table(pte_table(*slot));",
                "            free_leaf_table(pte_table(*slot)), "
                "frames_free(pte_table(*slot), 0);")),
    Lab("leak", "lab5-cow", Mistake(FAULT, RELEASE, "    count_copy();")),
    Lab("null", "segv",
        Mistake(FAULT, NO_AREA, "    if (!(vma->flags & access)) {")),
    Lab("recursion", "lab5-cow",
        Mistake(AREAS, "    if (mm->last && va >= mm->last->start",
                "    if (va && find_vma(mm, va ^ 1))\n        return mm->last;\n"
                "    if (mm->last && va >= mm->last->start"),
        says="the stack has overflowed"),
    Lab("large-array", "segv",
        Mistake(FAULT, "    int err = 0;\n\n    if (!vma",
                "    int err = 0;\n    volatile u64 seen[1200];\n\n"
                "    for (int i = 1199; i >= 0; i--)\n        seen[i] = va;\n"
                "    if (!vma"),
        lack="below this kernel's stacks is memory that may be stored to: no "
        "access is refused, and who stored to a word is not kept"),
    Lab("race", "race",
        Mistake(RACE, "    lock(&pool);\n    old =", "    old ="),
        turns=range(64, 400, 8)),
    Lab("no-fence-at-fork", "stale",
        Mistake(SPACE, "        mm_fence(parent);\n", "        (void)0;\n")),
    Lab("no-fence-in-handler", "lab5-cow",
        Mistake(FAULT, COPIED + "    mm_fence_page(mm, va);\n", COPIED),
        Mistake(FAULT, "        mm_fence_page(mm, va);\n"
                "        vmstat.spurious++;", "        vmstat.spurious++;")),
    Lab("freed-while-mapped", "user-copy",
        Mistake(TABLES, "                slot[i] = 0;\n", "")),
    # The page's frame goes back before the page is read from the file.
    Lab("mapped-free", "segv",
        Mistake(FAULT, "    if (n && inode_read(", "    if (n)\n        "
                "frames_free(page, 0);\n    if (n && inode_read(")),
]
