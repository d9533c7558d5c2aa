#!/usr/bin/env python3
"""weave.py NAME SOURCE OUT: a source of the kernel with its mistakes woven in.

NAME is that of the source as from guest/kernel. Each row is a text that is there
once, whole lines of it, and what stands in its place, on as many lines: so that
line numbers stay those of the source. Where the text has changed, the build
fails, and says which.
"""

import sys

ROWS = {
    "boot/options.c": [(
        "    return set_choice(o, word);\n",
        "    return bug_option(word) || set_choice(o, word);\n",
    )],
    "main.c": [(
        "    tell_memory(&mem);\n",
        "    bug_tell(), tell_memory(&mem);\n",
    )],
    "mm/space.c": [(
        "            *from = pte;\n",
        "            *from = bug(BUG_KEEP_W) ? *from : pte;\n",
    ), (
        "        !copy_tables(child, parent, fork_mode)) {\n",
        "        (bug(BUG_EARLY_FENCE) ? mm_fence(parent) : (void)0,"
        " !copy_tables(child, parent, fork_mode))) {\n",
    ), (
        "    if (fork_mode == FORK_COW)\n        mm_fence(parent);\n",
        "    if (fork_mode == FORK_COW && !bug(BUG_NOFENCE)"
        " && !bug(BUG_EARLY_FENCE))\n        mm_fence(parent);\n",
    )],
    "mm/pgtable.c": [(
        "            frame_put(pte_pa(*slot));\n",
        "            bug(BUG_LEAK) ? (void)0 : frame_put(pte_pa(*slot));\n",
    )],
    "mm/fault.c": [(
        "    frame_put(old);\n",
        "    frame_put(old); if (bug(BUG_DOUBLE_FREE)) frame_put(old);\n",
    )],
    "mm/uaccess.c": [(
        "    return uaccess_copy((void *)user_dst, src, n) ? -EFAULT : 0;\n",
        "    return bug(BUG_NO_COPYOUT) && bug_copy_out(user_dst, src, n) ? 0"
        " : uaccess_copy((void *)user_dst, src, n) ? -EFAULT : 0;\n",
    )],
}


def weave(name, text):
    for old, new in ROWS[name]:
        if text.count(old) != 1:
            sys.exit("%s: these lines are there %d times, not once:\n%s"
                     % (name, text.count(old), old))
        if old.count("\n") != new.count("\n"):
            sys.exit("%s: this moves lines:\n%s" % (name, new))
        text = text.replace(old, new)
    return text


def main():
    name, source, out = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        text = file.read()
    with open(out, "w", encoding="utf-8") as file:
        file.write('#include "bugs/bugs.h"\n#line 1 "%s"\n%s'
                   % (source, weave(name, text)))


main()
