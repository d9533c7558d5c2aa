"""What --explain has to say of each small kernel: all of it, in order.

A row is a scenario of kernels/, the words of its variant, and its claims
(claims.py). Frames are numbers of the kernels' pool: a space's tables take
the first three that are free, its pages the next.
"""

from claims import Claim, either, several

DATA, NEXT, STACK = 0x20000, 0x21000, 0x30000
TEXT = 0x10000
BIG, OWN = 0x400000, 0x50000


class Row:
    """A scenario, its variant, and the claims that must be made of it."""

    def __init__(self, kernel, scenario, claims, words="", options=(),
                 status=0, totals=True):
        self.kernel, self.scenario, self.claims = kernel, scenario, claims
        self.words, self.options, self.status = words, options, status
        self.totals = totals  # whether those at the end count just these

    @property
    def name(self):
        return "/".join([self.kernel, "+".join(
            [self.scenario] + self.words.split())])


def fork(parent, child, shared=None, lost=None):
    return Claim("FORK", parent=parent, child=child, shared=shared, lost=lost)


def fork_any(parent, child):
    return Claim("FORK_ANY", parent=parent, child=child)


def unseen(parent, child, late):
    """A fork that may be told when its child runs."""
    return Claim("FORK_ANY", late=late, parent=either(parent), child=child)


def copy(who, va, others, new=None, old=None):
    return Claim("COPY", who=who, va=va, others=others, new=new, old=old)


def reuse(who, va, old=None):
    return Claim("REUSE", who=who, va=va, old=old)


def maybe(key, **parameters):
    """A true sentence that may as well be left out."""
    return Claim(key, optional=True, **parameters)


def ends(who):
    return maybe("ENDS", who=who)


def execs(who, heir):
    """A space that ends, and another, that is new, on its hart."""
    return [Claim("EXEC", who=who, heir=heir)]


def forks():
    """True forks."""
    first = [fork(1, 2, 3, 2), copy(2, DATA, 1, 8, 3), reuse(1, DATA, 3)]
    for words in "", "unmap-first", "load-first":
        yield Row("forks", "child-first", first, words)
        yield Row("forks", "parent-first", [
            fork(1, 2, 3, 2), copy(1, DATA + 8, 2, 8, 3),
            reuse(2, DATA + 8, 3)], words)
    yield Row("forks", "crosswise", [
        fork(1, 2, 3, 2), copy(1, DATA, 2, 8, 3), copy(2, NEXT, 1, 9, 4),
        reuse(1, NEXT, 4), reuse(2, DATA, 3)])
    yield Row("forks", "reading", [fork(1, 2, 4, 3)])
    yield Row("forks", "children", [
        fork(1, 2, 2, 1), copy(2, DATA, 1, 7), reuse(1, DATA, 3)],
        "children=1")
    # All forks come first; what there is of a child shows when it runs.
    yield Row("forks", "children", [
        fork(1, 2, 2, 1), unseen(1, 3, 1), copy(2, DATA, ".*", 10),
        copy(3, DATA, 1, 11), reuse(1, DATA, 3)], "children=2")
    yield Row("forks", "children", [
        fork(1, 2, 2, 1), unseen(1, 3, 1), unseen(1, 4, 2),
        copy(2, DATA, ".*", 13), copy(3, DATA, ".*", 14),
        copy(4, DATA, 1, 15), reuse(1, DATA, 3)], "children=3")
    # Of those who have left the page either may be the parent.
    yield Row("forks", "left-by-both", [
        fork(1, 2, 2, 1), copy(2, DATA, 1, 10, 3),
        maybe("COPY_LAST", who=1, va=DATA, new=11, old=3),
        Claim("FORK_OR_MOVE", parent="one of 2 spaces", child=3)],
        totals=False)
    yield Row("forks", "children-in-turn", [
        fork(1, 2, 2, 1), fork_any(either(1), 3),
        copy(1, DATA, several(2, 3), 10), copy(3, DATA, 2, 11),
        reuse(2, DATA, 3)])
    yield Row("forks", "grandchild", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8), fork_any(2, 3),
        copy(3, DATA, 2, 12), reuse(2, DATA, 8),
        copy(3, NEXT, several(1, 2), 13, 4), copy(2, NEXT, 1, 14, 4),
        reuse(1, NEXT, 4)])
    yield Row("forks", "chain", [fork(1, 2, 2, 1)] + [
        Claim("FORK_OR_MOVE", parent=either(n), child=n + 1)
        for n in (2, 3, 4)] + [
        copy(5, DATA, several(1, 2, 3, 4), 16),
        copy(1, DATA, several(2, 3, 4), 17)])
    yield Row("forks", "child-exits", [
        fork(1, 2, 3, 2), ends(2), reuse(1, DATA, 3), reuse(1, NEXT, 4)])
    yield Row("forks", "parent-exits", [
        fork(1, 2, 2, 1), copy(2, DATA, 1, 7), ends(1), fork(2, 3, 2, 1),
        copy(3, DATA, 2)])
    yield Row("forks", "parent-exits", [
        Claim("FORK_OR_MOVE", parent=1, child=2), copy(2, DATA, 1, 7)]
        + [ends(1), fork(2, 3, 2, 1), copy(3, DATA, 2)], "unreturned",
        totals=False)
    yield Row("forks", "again", [
        claim for n in (2, 3, 4) for claim in (
            fork(1, n, 2, 1), copy(n, DATA, 1, 7), ends(n),
            reuse(1, DATA, 3))])
    yield Row("forks", "exec", [fork(1, 2, 2, 1)] + execs(2, 3) + [
        reuse(1, DATA, 3)])
    yield Row("forks", "vfork", [])
    for words in "", "load-first":
        yield Row("forks", "eager", [
            Claim("EAGER", parent=1, child=2, copied=2)], words)
    yield Row("forks", "shared-memory", [
        fork(1, 2, 3), copy(2, NEXT, 1, 8)])
    yield Row("forks", "shared-protected", [fork(1, 2, 3)])
    yield Row("forks", "protected-before", [
        fork(1, 2, 3), copy(2, DATA, 1, 8)])
    yield Row("forks", "hidden", [
        fork(1, 2, 2, 1),
        Claim("UNMAPPED", who=2, does="loads", va=DATA),
        copy(2, DATA, 1, 7)])
    yield Row("forks", "untouched", [
        fork(1, 2, 2, 1), copy(2, DATA, 1, 9)])
    yield Row("forks", "lazy", [
        fork_any(1, 2), copy(2, DATA, 1, 8)], totals=False)
    yield Row("forks", "frames-again", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8), ends(2), reuse(1, DATA, 3)])
    yield Row("forks", "kernel-root", [
        fork(None, None, 2, 1), copy(None, DATA, r"space \d+", 8),
        reuse(None, DATA, 4)])
    # Of a kernel's own view of a program's pages nobody has to be told.
    for scenario, claims in (
            ("child-first", [fork(None, None, 3, 2),
                             copy(None, DATA, r"space \d+"),
                             reuse(None, DATA)]),
            ("parent-first", [fork(None, None, 3, 2),
                              copy(None, DATA + 8, r"space \d+"),
                              reuse(None, DATA + 8)])):
        yield Row("forks", scenario, claims, "two-roots")
    # A 2-MiB page.
    yield Row("forks", "split", [
        fork_any(1, 2), copy(2, BIG + 0x5008, 1)])
    yield Row("forks", "big", [
        fork_any(1, 2), copy(2, BIG + 0x5008, 1)])


def never():
    """No fork, however much two spaces share; nor anything else."""
    for scenario, words in (
            ("spawn", ""), ("spawn-loaded", ""), ("spawn-loaded", "unloaded"),
            ("spawn-loaded", "stored"), ("spawn-called", ""),
            ("constants", ""), ("elsewhere", ""), ("attached", ""),
            ("protect", ""), ("no-user", ""), ("first-touch", ""),
            ("breakpoint", "")):
        yield Row("never", scenario, [], words)
    yield Row("never", "exec", execs(1, 2))
    yield Row("never", "one-after-another", [ends(1), ends(2), ends(3)])
    # A copy of the frame of zeroes is a copy, and of no fork.
    yield Row("never", "zero-page", [
        maybe("COPY_PRIVATE", who=n, va=STACK) for n in (1, 2)],
        totals=False)


def moves():
    """Frames change, and nobody stored."""
    pair = [maybe("MERGED", page=DATA), maybe("MERGED", page=NEXT)]
    for words in "", "unmap-first":
        yield Row("moves", "merge", pair, words)
    yield Row("moves", "merge-stored", pair + [
        Claim("COPY_UNFORKED", who=2, va=DATA, others=1, new=8),
        Claim("REUSE_UNFORKED", who=1, va=DATA, old=3)])
    yield Row("moves", "merge-within", [maybe("MERGED", page=NEXT)])
    yield Row("moves", "merge-read-only", [maybe("MERGED", page=STACK)])
    yield Row("moves", "move", [maybe("MOVED", page=DATA)])
    yield Row("moves", "move-writable", 2 * [maybe("MOVED", page=DATA)])
    yield Row("moves", "move-shared", [
        fork(1, 2, 2, 1), maybe("MOVED", page=DATA),
        maybe("MERGED", page=DATA), copy(2, DATA, 1, 3), reuse(1, DATA, 7)])
    for words in ("", "elsewhere", "read-only", "read-only elsewhere",
                  "run-between", "run-between elsewhere"):
        yield Row("moves", "swap", [], words)
    yield Row("moves", "swap-store", [])
    yield Row("moves", "swap-shared", [
        fork(1, 2, 2, 1),
        maybe("REUSE_UNFORKED", who=2, va=DATA),
        reuse(1, DATA, 3)], totals=False)


def kernel_copy(who, page, others, new=None):
    return Claim("KERNEL_COPY", who=who, page=page, others=others, new=new)


def kernel_walk(who, page, new=None):
    return Claim("KERNEL_WALK_COPY", who=who, page=page, new=new)


def kernel_reuse(who, page, old=None):
    return Claim("KERNEL_REUSE", who=who, page=page, old=old)


def kernel_cow():
    """The kernel stores for a program, or for itself."""
    yield Row("kernelcow", "copyout", [
        fork(1, 2, 3, 2), kernel_copy(2, DATA + 8, 1, 8),
        kernel_reuse(1, DATA + 8, 3)])
    yield Row("kernelcow", "copyout", [
        fork(1, 2, 3, 2), kernel_copy(1, DATA + 8, 2, 8),
        kernel_reuse(2, DATA + 8, 3)], "parent-first")
    yield Row("kernelcow", "walk", [
        fork(1, 2, 3, 2), kernel_walk(2, DATA, 8), kernel_reuse(1, DATA, 3)])
    yield Row("kernelcow", "walk", [
        fork(1, 2, 3, 2), kernel_walk(1, DATA, 8), kernel_reuse(2, DATA, 3)],
        "parent-first")
    yield Row("kernelcow", "mixed", [
        fork(1, 2, 3, 2), kernel_copy(2, DATA, 1, 8), reuse(1, DATA, 3),
        kernel_walk(1, NEXT, 9), reuse(2, NEXT, 4)])
    yield Row("kernelcow", "harmless", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8)])
    yield Row("kernelcow", "bad-address", [
        Claim("KERNEL_REFUSED", who=1, does="stores", va=0x70000)])
    yield Row("kernelcow", "closed", [
        Claim("KERNEL_REFUSED", who=1, does="stores", va=DATA)])
    yield Row("kernelcow", "own", [
        fork_any(1, 2), Claim("KERNEL_OWN_COPY", page=OWN + 8, new=8),
        maybe("KERNEL_OWN_REUSE", page=OWN + 8), copy(2, DATA, 1, 9)],
        totals=False)


def needless(who, va, old, new=None):
    return Claim("COPY_NEEDLESS", who=who, va=va, old=old, new=new)


def mistakes():
    """What a student's kernel did wrong, and the harm of it."""
    yield Row("mistakes", "parent-keeps-w", [
        Claim("FORK_KEEPS_W", parent=1, child=2, keeper=1),
        copy(2, DATA, 1, 8)], "keep-w-parent", totals=False)
    yield Row("mistakes", "child-keeps-w", [
        Claim("FORK_KEEPS_W", parent=1, child=2, keeper=2),
        copy(1, DATA, 2, 8)], "keep-w-child", totals=False)
    # Memory that is meant to be shared looks the same.
    yield Row("mistakes", "both-keep-w", [fork_any(1, 2)],
              "keep-w-parent keep-w-child", totals=False)
    for words in "no-fork-fence", "no-fork-fence parent-first":
        yield Row("mistakes", "stale-store", [
            fork(1, 2, 3, 2), Claim("STALE_STORE", who=1, va=DATA, sees=2),
            copy(1, NEXT, 2, 8)], words)
    for words in "no-cow-fence", "no-cow-fence tries=3":
        yield Row("mistakes", "stale-fault", [
            fork(1, 2, 3, 2), copy(2, DATA, 1, 8),
            Claim("STALE_FAULT", who=2, va=DATA),
            maybe("REFUSED", who=2, va=DATA), ends(2)], words)
    yield Row("mistakes", "stale-fault", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8),
        Claim("STALE_FAULT", who=2, va=DATA),
        maybe("STALE_FAULT", who=2, va=DATA)], "no-cow-fence forever",
        options=["--max-insns", "300000"], status=124)
    yield Row("mistakes", "text-gone", [Claim("STALE_TEXT", who=1)])
    yield Row("mistakes", "given-again", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8),
        Claim("INTO_USED", who=2, va=NEXT, new=3, owner=1)], "drop-twice")
    yield Row("mistakes", "given-to-heap", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8),
        Claim("GIVEN_AGAIN", who=2, new=3, owner=1)], "drop-twice")
    # Who takes a frame clears it, while two spaces share it.
    yield Row("mistakes", "given-to-other", [
        fork(1, 2, 3, 2), alias(1, 2, page=DATA),
        Claim("GIVEN_AGAIN", who=3, new=3)])
    yield Row("mistakes", "given-to-table", [
        fork(1, 2, 3, 2), alias(1, 2, page=DATA),
        Claim("TABLE_IN_USE", frame=3)])
    yield Row("mistakes", "last-owner-copies", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8),
        needless(1, DATA, 3, 9)], "never-drop")
    yield Row("mistakes", "last-owner-copies", [
        fork(1, 2, 3, 2), copy(1, NEXT, 2, 8), ends(2),
        needless(1, DATA, 3)], "exit")
    yield Row("mistakes", "last-owner-calls", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8), copy(1, NEXT, 2, 9), Claim(
            "KERNEL_COPY_NEEDLESS", who=1, page=DATA, old=3, new=10)],
        "never-drop")
    # A child that never runs has the page, too.
    for words, more in ("", []), ("stored", [copy(1, NEXT, 2, 9)]):
        yield Row("mistakes", "copied-for-child", [
            fork(1, 2, 3, 2), copy(2, DATA, 1, 8)] + more + [
            Claim("COPY_LAST", who=1, va=DATA, old=3)], words)
    text = Claim("TEXT_WRITABLE", who=1, va=TEXT + 0x698, rights="r-x")
    yield Row("mistakes", "text-writable", [text], "text-too")
    yield Row("mistakes", "text-writable", [
        fork(1, 2, 2, 1), text], "text-too forked")
    yield Row("mistakes", "wrong-copy", [
        fork(1, 2, 3, 2), Claim("WRONG_COPY", who=2, va=DATA, new=8)],
        "wrong-copy")
    yield Row("mistakes", "blank", [
        fork(1, 2, 3, 2), Claim("WRONG_COPY", who=2, va=DATA + 8, new=8)])
    yield Row("mistakes", "rightless", [
        fork(1, 2, 3, 2), Claim("MALFORMED_OPEN", who=2, va=DATA,
                                what="W=1, R=0")],
        options=["--max-insns", "300000"], status=124)
    yield Row("mistakes", "uncopied", [
        fork(1, 2, 3, 2), Claim("SHARED_W", who=2, va=DATA, sees=1)])
    # Both had lost W, though one has it again when the child is first seen.
    yield Row("mistakes", "uncopied-early", [
        fork(1, 2, 3, 2), Claim("SHARED_W", who=1, va=DATA, sees=2)])
    yield Row("mistakes", "unprotected", [
        fork(1, 2, 3, 2), Claim("W_WHILE_SHARED", who=2, page=DATA, sees=1)])
    yield Row("mistakes", "ended-unseen", [
        fork(1, 2, 3, 2), Claim("W_BACK", who=1, va=DATA)], totals=False)


def alias(who, others, new=3, page=DATA + 8, key="ALIAS"):
    return Claim(key, who=who, page=page, new=new, others=others)


def aliases():
    """The kernel stores by a mapping of its own."""
    for words in ("", "bare", "elsewhere", "two-roots", "unmap-first",
                  "load-first"):
        new = {"elsewhere": 4, "two-roots": 6}.get(words, 3)
        yield Row("aliases", "copyout", [
            fork(1, 2, 3, 2), alias(2, 1, new), copy(2, DATA, 1),
            reuse(1, DATA, new)], words)
    for words in "", "bare":
        yield Row("aliases", "copyout-early", [
            fork(1, 2, 3, 2), alias(1, 2)], words)
    yield Row("aliases", "copyout-early", [
        fork(1, 2, 3, 2), alias(1, 2), copy(1, DATA, 2)], "leave")
    yield Row("aliases", "unasked", [
        fork(1, 2, 3, 2), alias(1, 2, key="ALIAS_ALONE")])
    yield Row("aliases", "many", [
        fork(1, 2, 3, 2), fork_any(either(1), 3), alias(2, several(1, 3))])
    yield Row("aliases", "run", [
        fork(1, 2, 7, 6),
        Claim("ALIAS_RUN", who=2, shared=6, page=DATA, others=1),
        Claim("FORK_OR_MOVE", parent=either(2), child=3),
        alias(3, several(1, 2))], totals=False)
    yield Row("aliases", "big", [
        fork_any(1, 2), alias(2, 1, "#82405", BIG + 0x5008)])
    # What kernels do by such a mapping and may.
    yield Row("aliases", "lawful", [
        fork(1, 2, 3, 2), copy(2, DATA, 1), ends(2), reuse(1, DATA, 3)])
    yield Row("aliases", "before-next", [
        fork(1, 2, 3, 2), ends(2),
        Claim("FORK_OR_MOVE", parent=1, child=3)], totals=False)
    yield Row("aliases", "freed-first", [fork(1, 2, 3, 2), ends(1), ends(2)])
    yield Row("aliases", "left-behind", [fork(1, 2, 3, 2)])
    yield Row("aliases", "by-no-fork", [fork(1, 2, 3, 1)])
    yield Row("aliases", "common", [fork_any(1, 2)])
    yield Row("aliases", "elsewhen", [
        Claim("EAGER", parent=1, child=2, copied=2)])


def null(does, at=0):
    return Claim("NULL", who=1, does=does, at=at)


def unmapped(does, va, who=1):
    return Claim("UNMAPPED", who=who, does=does, va=va)


def store_refused(va, rights, who=1):
    return Claim("STORE_REFUSED", who=who, va=va, rights=rights)


def killed(scenario, claim, words="", options=()):
    """An access that costs the program its life."""
    return Row("refused", scenario, [claim, ends(1)], words, options)


def refused():
    """Accesses that the kernel refuses."""
    wild = 0x12345678
    for does, scenario in (("stores", "store"), ("loads", "load"),
                           ("jumps", "jump")):
        yield killed("null-" + scenario, null(does))
        yield Row("refused", "null-" + scenario, [null(does)], "restart")
        yield killed("wild-" + scenario, unmapped(does, wild))
        yield killed("kernel-" + scenario, Claim(
            "NOT_USER", who=1, does=does, va=0x80001000))
    for does, scenario in (("stores", "store"), ("loads", "load")):
        yield killed("null-" + scenario, null(does, 8), "at=8")
    yield killed("stack-overflow", unmapped("stores", 0x30ff0))
    yield killed("text-store", store_refused(TEXT + 0x698, "r-x"))
    yield Row("refused", "text-store", [store_refused(TEXT + 0x698, "r-x")],
              "restart")
    yield killed("constant-store", store_refused(0x40008, "r--"))
    yield killed("data-jump", Claim(
        "NOT_EXECUTABLE", who=1, does="jumps", va=DATA, rights="rw-"))
    for scenario, va, what in (
            ("not-canonical", 1 << 38, "canonical"),
            ("misaligned", BIG + 8, "misaligned"),
            ("reserved-bit", DATA + 8, r"the entry \(malformed, refused\.c:\d+\) "
             r"is malformed \(reserved bits are not 0\)"),
            ("w-without-r", DATA + 8, r"the entry \(malformed, refused\.c:\d+\) "
             r"is malformed \(W=1, R=0\)"),
            ("marked-pointer", BIG + 8,
             r"is malformed \(a pointer with U, A or D\)"),
            ("pointer-below", DATA + 8, "pointer")):
        yield killed(scenario, Claim(
            "MALFORMED", who=1, does="loads", va=va, what=what))
    yield Row("refused", "in-child", [
        fork(1, 2, 5, 3), copy(2, DATA, 1, 10),
        Claim("NULL", who=2, does="stores", at=0), ends(2),
        reuse(1, DATA, 3)])
    yield Row("refused", "text-in-child", [
        fork(1, 2, 5, 3), store_refused(TEXT + 0x698, "r-x", 2), ends(2),
        reuse(1, DATA, 3)])
    yield Row("refused", "thrice", [
        null("stores"), unmapped("loads", wild),
        Claim("NOT_EXECUTABLE", who=1, does="jumps", va=DATA, rights="rw-")])
    yield Row("refused", "used", [], options=["--svade"])
    yield Row("refused", "used", [fork(1, 2, 3, 2), copy(2, DATA, 1, 8)],
              "forked", options=["--svade"])
    yield killed("unused", Claim(
        "MALFORMED", who=1, does="stores", va=NEXT, what=r"\bA\b"),
        options=["--svade"])
    endless = ["--max-insns", "100000"]
    for does, words in (("jumps", ""), ("stores", "store"),
                        ("loads", "load")):
        yield Row("refused", "kernel-null", [
            Claim("KERNEL_LOOP", does=does, at=0)], words, options=endless,
            status=124)
    # A handler that faults in turn at several places, and never comes back.
    yield Row("refused", "handler-turns", [
        Claim("KERNEL_PAIR", does="stores", va=0x1000, page=0x2000)],
        options=endless, status=124)
    for of in 3, 4:
        yield Row("refused", "handler-turns", [
            Claim("KERNEL_ROUND", does="stores", va=0x1000, page=0x2000,
                  shared=of - 1)], "of=%d" % of, options=endless, status=124)
    # A program that begins anew gets on, though it does the same again.
    yield Row("refused", "null-again", 4 * [
        Claim("NULL", who=1, does="stores", at=0)])
    # emu itself says that this hart is lost.
    yield Row("refused", "no-handler", [
        maybe("KERNEL_NULL", does="stores", at=0), Claim("KERNEL_LOOP")],
        status=1)


def harts():
    """Three harts."""
    def row(scenario, claims):
        return Row("harts", scenario, claims, options=["-smp", "3"])

    three = [fork(1, 2, 3, 2), fork_any(either(1), 3)]
    yield row("three", three + [
        copy(2, DATA, several(1, 3), 11), copy(3, DATA, 1, 12),
        reuse(1, DATA, 3)])
    yield row("wander", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8), reuse(1, DATA, 3)])
    # Space 2 stored first, space 3 had its answer first.
    yield row("overtake", three + [
        Claim("COPY", late=1, who=3, va=DATA, others=several(1, 2), new=11),
        copy(2, DATA, 1, 12), reuse(1, DATA, 3)])
    yield row("both-copy", [
        fork(1, 2, 3, 2), copy(2, DATA, 1, 8),
        Claim("COPY_LAST", who=1, va=DATA, old=3, new=9)])
    yield row("thread-stale", [
        fork(1, 2, 3, 2), Claim("STALE_STORE", who=1, va=DATA, sees=2)])
    yield row("thread-fenced", [fork(1, 2, 3, 2), copy(1, DATA, 2, 8)])
    yield row("thread-race", [fork(1, 2, 3, 2), copy(1, DATA + 8, 2, 8)])


def lifetimes():
    """Mistakes with frames, which --frames tells of (lifetimes.py)."""
    for scenario in ("twice", "mapped-free", "table-free", "lost", "two-lost",
                     "cleared-late"):
        yield Row("lifetimes", scenario, [])
    yield Row("lifetimes", "never-cleared", [ends(1)])
    for words in "", "once-more":
        yield Row("lifetimes", "counted", [], words)


def rows():
    for kind in (forks, never, moves, kernel_cow, aliases, mistakes, refused,
                 harts, lifetimes):
        yield from kind()
