"""Random page tables of Sv39, a guest that has them, and what they mean.

The rules are those of the privileged specification, "Virtual Address
Translation Process", written here once more.
"""

V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
RAM = 0x80000000
TABLES = 0x80010000  # where they are
FLAGS = [R, R | W, X, R | X, R | W | X]

HEAD = """
.option norelax
.globl _start, spin
.text
_start:
    csrr t0, mhartid
    bnez t0, spin
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 0x2000
    csrs mstatus, t0
    li t0, %#x
    csrw satp, t0
    sfence.vma
    la t0, trap
    csrw stvec, t0
    li t0, 0x1234
    csrw sscratch, t0
    csrw mscratch, t0
    la t0, super
    csrw mepc, t0
    li t0, 0x1000
    csrc mstatus, t0
    li t0, 0x800
    csrs mstatus, t0
    mret
super:
%s
    li t0, 0x10000000
    la t1, ready
next:
    lbu t2, 0(t1)
    beqz t2, done
    sb t2, 0(t0)
    addi t1, t1, 1
    j next
done:
    li t0, 5
    li t1, -6
    li t2, 7
spin:
    j spin
.balign 4
trap:
    j trap
ready: .asciz "ready"
.balign 16
"""


class Tables:
    """A root, two tables of level 1 and three of level 0."""

    def __init__(self, random):
        self.random = random
        self.entry = {}  # address of an entry -> its value, but for 0
        root, one, two = (TABLES + 0x1000 * n for n in range(3))
        leaves = [TABLES + 0x1000 * n for n in range(3, 6)]
        self.root = root
        # The guest's own: its devices, and its memory.
        self.put(root, 2, (RAM >> 2) | V | R | W | X | A | D)
        self.put(root, 0, self.pointer(one))
        self.put(root, 256 + random.randrange(256), self.pointer(two))
        self.put(one, 0x10000000 >> 21, (0x10000000 >> 2) |
                 V | R | W | A | D)
        for table in (one, two):
            for _ in range(12):
                self.put(table, random.randrange(100), self.leaf(1))
            for leaf in leaves:
                self.put(table, 100 + random.randrange(16),
                         self.pointer(leaf))
        for table in leaves:
            index = 0
            while index < 512:
                run = random.randrange(1, 30)
                flags, frame = self.flags(), random.randrange(1 << 30)
                if random.randrange(3):
                    for n in range(min(run, 512 - index)):
                        self.put(table, index + n, flags | (frame + n) << 10)
                index += run

    def put(self, table, index, value):
        self.entry.setdefault(table + 8 * index, value)

    @staticmethod
    def pointer(table):
        return table >> 2 | V

    def flags(self):
        flags = self.random.choice(FLAGS) | V | self.random.choice((0, U))
        for bit in (G, A, D, 1 << 8, 1 << 9):
            flags |= self.random.choice((0, bit))
        return flags

    def leaf(self, level):
        frame = self.random.randrange(1 << 30) >> 9 * level << 9 * level
        return frame << 10 | self.flags()

    def source(self):
        words = ["    li %s, %#x" % (name, self.random.randrange(1 << 64))
                 for name in ("a0", "a7", "s2", "s11", "t6", "gp")]
        words += ["    fmv.d.x %s, %s" % pair for pair in
                  (("f1", "a0"), ("f8", "s2"), ("f31", "t6"))]
        text = [HEAD % (8 << 60 | self.root >> 12, "\n".join(words)),
                ".section .text\n.org %#x" % (TABLES - RAM)]
        for at in sorted(self.entry):
            text.append(".org %#x\n.dword %#x" % (at - RAM, self.entry[at]))
        text.append(".org %#x" % (TABLES + 0x6000 - RAM))
        return "\n".join(text) + "\n"

    def walk(self, va):
        """The entries that a walk comes by, and the physical address."""
        steps, table = [], self.root
        for level in (2, 1, 0):
            at = table + 8 * (va >> 12 + 9 * level & 511)
            pte = self.entry.get(at, 0)
            steps.append((level, at, pte))
            if not pte & V:
                return steps, None
            if pte & (R | W | X):
                inside = (1 << 12 + 9 * level) - 1
                return steps, (pte >> 10 << 12) & ~inside | va & inside
            table = pte >> 10 << 12
        return steps, None

    def allows(self, va, access, user):
        """Whether the tables let it be, with SUM and MXR 0, and with A and D
        set by the hart."""
        steps, pa = self.walk(va)
        pte = steps[-1][2]
        if pa is None or bool(pte & U) != user:
            return False
        return bool(pte & {"read": R, "write": W, "exec": X}[access])

    def every(self, table=None, level=2, va=0):
        """All leaves, in the order of addresses."""
        for index in range(512):
            pte = self.entry.get((table or self.root) + 8 * index, 0)
            at = va + (index << 12 + 9 * level)
            if level == 2 and index >= 256:
                at |= -1 << 39 & (1 << 64) - 1
            if not pte & V:
                continue
            if pte & (R | W | X):
                yield at, pte, 1 << 12 + 9 * level
            elif level:
                yield from self.every(pte >> 10 << 12, level - 1, at)

    def expected(self):
        """The rows of info mem, as words."""
        rows = []
        for va, pte, size in self.every():
            pa, flags = pte >> 10 << 12, pte & 0x3ff
            if rows and rows[-1][3] == flags and \
                    rows[-1][0] + rows[-1][2] == va and \
                    rows[-1][1] + rows[-1][2] == pa:
                rows[-1][2] += size
                rows[-1][4] += 1
            else:
                rows.append([va, pa, size, flags, 1])
        letters = "rwxugad"
        told = [["vaddr", "paddr", "size", "attr"], ["-" * 16] * 3 + ["-" * 7]]
        for va, pa, size, flags, _ in rows:
            told.append(["%016x" % va, "%016x" % pa, "%016x" % size, "".join(
                letters[n] if flags >> n + 1 & 1 else "-" for n in range(7))])
        return told

    def addresses(self, count):
        """Some that are mapped, and some that are not."""
        leaves = list(self.every())
        for n in range(count):
            if n % 4 == 3:
                yield self.random.randrange(1 << 38)
                continue
            va, _, size = self.random.choice(leaves)
            yield va + self.random.randrange(size)
