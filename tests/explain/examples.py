"""A sentence for each claim, as --explain would say it.

They show what the patterns of claims.py are after, and let the suite try the
judge: each is read as its claim with these parameters and with no others.
"""

EXAMPLES = {
    "FORK": (
        "space 1 forks space 2. Nothing is copied: both use the same 55 "
        "frames. 16 were writable; both sides lose W there, so the first "
        "store to each will fault.",
        {"parent": 1, "child": 2, "shared": 55, "lost": 16}),
    "FORK_AGAIN": (
        "space 1 forks space 3. Nothing is copied: both use the same 55 "
        "frames. 16 were writable; W=0 on both sides, so the first store to "
        "each will fault.",
        {"parent": 1, "child": 3, "shared": 55, "cow": 16}),
    "FORK_OPEN": (
        "space 1 forks space 2. Nothing is copied: both use the same 3 "
        "frames. 1 was writable; both sides lose W there, so the first store "
        "to each will fault. To 1 page both can store, and each will see it.",
        {"parent": 1, "child": 2, "shared": 3, "both": 1}),
    "FORK_ANY": (
        "One of spaces 1 and 2 forks space 3. Nothing is copied: all use the "
        "same 2 frames.",
        {"parent": "One of spaces 1 and 2", "child": 3}),
    "FORK_OR_MOVE": (
        "space 2 begins after an ecall of space 1, which has not come back "
        "from it. Nothing is copied: both use the same 2 frames.",
        {"parent": 1, "child": 2}),
    "EAGER": (
        "space 1 forks space 2 eagerly: 16 pages are copied at once, 39 are "
        "shared, and no store will fault.",
        {"parent": 1, "child": 2, "copied": 16}),
    "FORK_KEEPS_W": (
        "space 1 forks space 2. Nothing is copied: both use the same 3 "
        "frames. To 2 pages space 1 can still store, and space 2 will see "
        "it.",
        {"parent": 1, "child": 2, "keeper": 1}),
    "ENDS": (
        "space 2 ends: 2 pages unmapped.", {"who": 2}),
    "EXEC": (
        "space 2 ends in its own system call, and the hart goes on in space "
        "3, a new space, at 0x10000, as after an exec: 2 pages of the "
        "old one unmapped.",
        {"who": 2, "heir": 3}),
    "COPY_PRIVATE": (
        "space 1 stores to 0x30000. W=0, and no fork made it so: page fault. "
        "The kernel copies #80203 to #80208 for space 1 (r-- → rw-).",
        {"who": 1, "va": 0x30000, "new": 8}),
    "COPY": (
        "space 2 stores to 0x10008. The page is shared with space 1, so W=0: "
        "page fault. The kernel copies it to #80208 for space 2 (r-- → rw-); "
        "space 1 keeps #80203.",
        {"who": 2, "va": 0x10008, "others": 1, "new": 8, "old": 3}),
    "COPY_LAST": (
        "space 1 stores to 0x10008. W is still 0 from the fork: page fault. "
        "The kernel copies the page to #80209, and nobody maps #80203 any "
        "more.",
        {"who": 1, "va": 0x10008, "old": 3, "new": 9}),
    "COPY_NEEDLESS": (
        "space 1 stores to 0x10008. W=0: page fault. The kernel copies it to "
        "#80209 for space 1 (r-- → rw-); no other space that has run maps "
        "#80203: a needless copy, since W=1 would have done.",
        {"who": 1, "va": 0x10008, "old": 3, "new": 9}),
    "KERNEL_COPY_NEEDLESS": (
        "In a system call of space 1 the kernel gives the caller's page "
        "0x10000 a copy of its own, without a fault: #80203 is copied to "
        "#80209 (r-- → rw-); no other space that has run maps #80203: a "
        "needless copy, since W=1 would have done.",
        {"who": 1, "page": 0x10000, "old": 3, "new": 9}),
    "REUSE": (
        "space 1 stores to 0x10008. W is still 0 from the fork, but nobody "
        "shares #80203 any more: no copy, W=1 again.",
        {"who": 1, "va": 0x10008, "old": 3}),
    "REUSE_ANY": (
        "space 1 stores to 0x10008. W is 0, but nobody shares #80203 any "
        "more: no copy, W=1 again.",
        {"who": 1, "va": 0x10008, "old": 3}),
    "REUSE_UNFORKED": (
        "space 1 stores to 0x10008. W is 0, but nobody shares #80203 any "
        "more: no copy, W=1 again.",
        {"who": 1, "va": 0x10008, "old": 3}),
    "COPY_UNFORKED": (
        "space 2 stores to 0x10008. The page is shared with space 1, so W=0: "
        "page fault. The kernel copies it to #80208 for space 2 (r-- → rw-); "
        "space 1 keeps #80203.",
        {"who": 2, "va": 0x10008, "others": 1, "new": 8}),
    "KERNEL_COPY": (
        "In a system call of space 2 the kernel stores to the caller's page 0x820d0. "
        "It is shared with space 1, so even the kernel faults: copied to "
        "#80208.",
        {"who": 2, "page": 0x820d0, "others": 1, "new": 8}),
    "KERNEL_WALK_COPY": (
        "In a system call of space 2 the kernel readies the caller's page 0x82000 for "
        "a store, without a fault. It is shared with space 1: copied to "
        "#80208.",
        {"who": 2, "page": 0x82000, "new": 8}),
    "KERNEL_REUSE": (
        "In a system call of space 1 the kernel stores to the caller's page 0x82000. "
        "W is still 0 from the fork, but nobody shares #80203 any more: no "
        "copy, W=1 again.",
        {"who": 1, "page": 0x82000, "old": 3}),
    "KERNEL_OWN_COPY": (
        "The kernel stores to its page 0x50000. Space 1 maps it too, so W=0: "
        "even the kernel faults. It is copied to #80208.",
        {"page": 0x50000, "new": 8}),
    "KERNEL_OWN_REUSE": (
        "The kernel stores to its page 0x50000. W is still 0, but nobody "
        "shares #80203 any more: no copy, W=1 again.",
        {"page": 0x50000}),
    "MALFORMED_OPEN": (
        "space 2 stores to 0x20000: the entry (map, vm.c:12) is malformed (W=1, "
        "R=0). The run ends before an answer is seen.",
        {"who": 2, "va": 0x20000, "what": "W=1, R=0"}),
    "KERNEL_REFUSED": (
        "In a system call of space 1 the kernel stores to 0x70000: nothing "
        "is mapped there. It maps nothing, and goes on behind the store.",
        {"who": 1, "does": "stores", "va": 0x70000}),
    "REFUSED": (
        "space 1 stores to 0x40008. The page is r-- and no fork made it so: "
        "this is no copy-on-write. Refused.",
        {"who": 1, "does": "stores", "va": 0x40008}),
    "W_BACK": (
        "space 1 stores to 0x20000. W is still 0 from the fork; space 2 maps "
        "#80203 too, if it still lives: no copy, W=1 again.",
        {"who": 1, "va": 0x20000}),
    "MERGED": (
        "space 2's page 0x20000 is merged with an equal one of space 1: both "
        "use #80203 now, and nobody stored.",
        {"page": 0x20000}),
    "MOVED": (
        "space 1's page 0x20000 moves from #80203 to #8020a, which is equal; "
        "nobody stored.",
        {"page": 0x20000}),
    "NULL": (
        "space 1 stores to address 0, a null pointer: nothing is mapped "
        "there. The kernel refuses: it returns to another place.",
        {"who": 1, "does": "stores", "at": 0}),
    "UNMAPPED": (
        "space 1 loads 0x12345678: nothing is mapped there. The kernel "
        "refuses: it ends space 1.",
        {"who": 1, "does": "loads", "va": 0x12345678}),
    "STORE_REFUSED": (
        "space 1 stores to 0x10698. The page is r-x and no fork made it so: "
        "this is no copy-on-write. Refused.",
        {"who": 1, "va": 0x10698, "rights": "r-x"}),
    "NOT_EXECUTABLE": (
        "space 1 jumps to 0x20000. The page is rw-: X=0. Refused.",
        {"who": 1, "does": "jumps", "va": 0x20000, "rights": "rw-"}),
    "NOT_USER": (
        "space 1 loads 0x80001000. The page is the kernel's: U=0. Refused.",
        {"who": 1, "does": "loads", "va": 0x80001000}),
    "MALFORMED": (
        "space 1 loads 0x400008. The entry is a misaligned superpage, which "
        "no hart accepts. Refused.",
        {"who": 1, "does": "loads", "va": 0x400008, "what": "misaligned"}),
    "KERNEL_NULL": (
        "The kernel stores to address 0: not mapped. The run ends before an answer "
        "is seen: neither is the access allowed, nor does the kernel come back "
        "to it.",
        {"does": "stores", "at": 0}),
    "KERNEL_LOOP": (
        "The kernel calls address 0: not mapped. Its trap handler does the "
        "same again, and nothing changes in between: an endless loop.",
        {"does": "jumps", "at": 0}),
    "KERNEL_PAIR": (
        "The kernel stores to 0x1000: nothing is mapped there. This fault and "
        "one at 0x2000, in trap (trap.S:7), take turns, and nothing changes in "
        "between: an endless loop.",
        {"does": "stores", "va": 0x1000, "page": 0x2000}),
    "KERNEL_ROUND": (
        "The kernel stores to 0x1000: nothing is mapped there. This fault and "
        "3 others take turns, the next one at 0x2000, in trap (trap.S:7), and "
        "nothing changes in between: an endless loop.",
        {"does": "stores", "va": 0x1000, "page": 0x2000, "shared": 3}),
    "ALIAS": (
        "In a system call of space 2 the kernel (poke, aliases.c:27) stores to "
        "the caller's page 0x20008 through its own mapping of #80203. The page is "
        "shared with space 1, copy-on-write: no fault, no copy, and space 1 "
        "sees what is stored.",
        {"who": 2, "page": 0x20008, "new": 3, "others": 1}),
    "ALIAS_RUN": (
        "Within system calls of space 2 the kernel (poke, aliases.c:27) stores "
        "to 6 pages of it, 0x20000 to 0x25fff through its own mapping of "
        "the frames. They are shared with space 1, copy-on-write: no fault, "
        "no copy, and space 1 sees what is stored.",
        {"who": 2, "shared": 6, "page": 0x20000, "others": 1}),
    "ALIAS_ALONE": (
        "The kernel (poke, aliases.c:27) stores to 0x20008 of space 1 through "
        "its own mapping of #80203. The page is shared with 2 others, "
        "copy-on-write: no fault, no copy, and they see what is stored.",
        {"who": 1, "page": 0x20008, "new": 3, "others": "2 others"}),
    "STALE_STORE": (
        "space 1 stores to 0x10008 through an old TLB entry. Since the fork "
        "the table says r--, but no sfence.vma followed. No fault, no copy: "
        "space 2 sees what is stored.",
        {"who": 1, "va": 0x10008, "sees": 2}),
    "STALE_TEXT": (
        "space 1 fetches from 0x10004 through an old TLB entry: it runs in "
        "#80004, where the table maps nothing any more. It goes on until that "
        "entry is lost, as by an sfence.vma, and then faults.",
        {"who": 1}),
    "STALE_FAULT": (
        "space 2 stores to 0x20000 again. The table allows it by now, but an "
        "old TLB entry refuses: no sfence.vma followed.",
        {"who": 2, "va": 0x20000}),
    "SHARED_W": (
        "space 2 stores to 0x20000. The page is shared with space 1, so W=0: "
        "page fault. The kernel sets W=1, and there is no copy: space 1 sees "
        "the store.",
        {"who": 2, "va": 0x20000, "sees": 1}),
    "W_WHILE_SHARED": (
        "In a system call of space 2 the kernel sets the caller's page 0x20000 to W=1 "
        "while it is shared, with no copy: space 1 will see its stores.",
        {"who": 2, "page": 0x20000, "sees": 1}),
    "INTO_USED": (
        "space 2 stores to 0x21000. The page is shared with space 1, so W=0: "
        "page fault. The kernel copies it to #80203, which space 1 still "
        "maps.",
        {"who": 2, "va": 0x21000, "new": 3, "owner": 1}),
    "GIVEN_AGAIN": (
        "space 2 gets a new page at 0x30000: #80203, which space 1 still "
        "maps.",
        {"who": 2, "new": 3, "owner": 1}),
    "TEXT_WRITABLE": (
        "space 1 stores to 0x10698. The page is r-x and no fork made it so: "
        "this is no copy-on-write. Yet the kernel sets W=1.",
        {"who": 1, "va": 0x10698, "rights": "r-x"}),
    "WRONG_COPY": (
        "space 2 stores to 0x20000. The page is shared with space 1, so W=0: "
        "page fault. The kernel maps #80208, whose bytes differ.",
        {"who": 2, "va": 0x20000, "new": 8}),
    "TABLE_IN_USE": (
        "#80203 becomes a page table of space 3 while space 1 still maps it "
        "for its program.",
        {"frame": 3, "who": 1}),
}

# The counts at the end of one fork; of how many copies is open.
TOTAL_OF_COPIES = (
    "Copy-on-write in all: 1 forks shared 55 pages, 16 of them "
    "write-protected; later stores copied %d page (4 KiB) and 0 times found the "
    "page theirs alone.")

# Another value than a parameter has, where a number will not do.
OTHERS = {"stores": "loads", "loads": "stores", "jumps": "loads",
          "r-x": "r--", "rw-": "r-x", "misaligned": "reserved",
          "W=1, R=0": "reserved bits are not 0",
          "One of spaces 1 and 2": 1}
