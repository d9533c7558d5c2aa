#!/usr/bin/env python3
"""Random kernels, judged by what they say that they did.

kernels/random.c edits its page tables at random and logs each edit; here the
log becomes the claims that --explain has to make, all of them, in order.

    edits.py --build DIR [--seed N] [--count N] [--edits N]

runs seeds until one fails, and says from which edit on it does.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from claims import Claim, disagreement, either, several  # noqa: E402

POOL = 0x80200  # the first frame's number
PAGE = 0x1000
BY_FORK, BY_MERGE = "1", "2"


def number(text):
    return int(text, 16)


def frame(fields, name):
    return number(fields[name]) - POOL


def claim_of_fork(key, fields, who):
    """A fork that changes no page shows itself by little: it may go untold,
    or be told with a doubt."""
    child, shared, changed, before, still, parent_first = (
        number(fields[name])
        for name in ("child", "shared", "changed", "before", "open",
                     "parent_first"))
    parent = either(who)
    if not changed:
        return Claim("FORK_OR_MOVE", optional=True, parent=parent, child=child)
    if key == "EAGER":
        return Claim("EAGER", late=parent_first, parent=parent, child=child,
                     copied=changed)
    if still:
        return Claim("FORK_OPEN", parent=parent, child=child, shared=shared,
                     both=still)
    if before:
        return Claim("FORK_AGAIN", parent=parent, child=child, shared=shared,
                     lost=changed, cow=changed + before)
    return Claim("FORK", parent=parent, child=child, shared=shared,
                 lost=changed)


def claim_of_copy(manner, fields, who, va):
    others = [number(n) for n in fields["others"].split(",") if n]
    others = others[0] if len(others) == 1 else several(*others)
    new = frame(fields, "new")
    if manner == "user":
        return Claim("COPY", who=who, va=va, others=others, new=new,
                     old=frame(fields, "old"))
    if manner == "sum":
        return Claim("KERNEL_COPY", who=who, page=va, others=others, new=new)
    return Claim("KERNEL_WALK_COPY", who=who, page=va & -PAGE, new=new)


def claim_of_reuse(manner, fields, who, va):
    old, unclear = frame(fields, "old"), fields["unclear"] != "0"
    if manner != "user":
        quiet = manner == "walk" and fields["why"] == BY_MERGE
        return Claim("KERNEL_REUSE", optional=unclear or quiet, who=who, old=old,
                     page=va if manner == "sum" else va & -PAGE)
    key = "REUSE_UNFORKED" if fields["why"] == BY_MERGE else "REUSE_ANY"
    return Claim(key, optional=unclear, who=who, va=va, old=old)


def claim_of_alias(fields, who, va):
    others = [number(n) for n in fields["others"].split(",") if n]
    sure = fields["why"] == BY_FORK and all(
        fields[name] == "0" for name in ("unclear", "again", "mixed"))
    return Claim("ALIAS", optional=not sure, who=who, page=va,
                 new=frame(fields, "frame"),
                 others=others[0] if len(others) == 1 else several(*others))


def claim_of_line(line):
    """The claim that a line of the log is the truth of, or None."""
    words = line.split()
    what, who, va = words[0], number(words[1]), number(words[2])
    plain = [word for word in words[3:] if "=" not in word]
    fields = dict(word.split("=") for word in words[3:] if "=" in word)
    if what in ("fork", "eager"):
        return claim_of_fork(what.upper(), fields, who)
    if what == "copy":
        return claim_of_copy(plain[0], fields, who, va)
    if what == "alias":
        return claim_of_alias(fields, who, va)
    if what == "reuse":
        return claim_of_reuse(plain[0], fields, who, va)
    if what in ("refused", "unread"):
        key = "UNMAPPED" if plain == ["---"] else "REFUSED"
        return Claim(key, who=who, va=va,
                     does="stores" if what == "refused" else "loads")
    if what in ("move", "merge"):
        return Claim({"move": "MOVED", "merge": "MERGED"}[what],
                     optional=True, page=va)
    if what == "unprotect":  # in a call it is as if the kernel had to store
        return Claim("KERNEL_REUSE", optional=True, who=who, page=va)
    if what == "exit":
        return Claim("ENDS", optional=True, late=1, who=who)
    return None


def claims_of(log):
    found = []
    for count, line in enumerate(log.splitlines(), 1):
        claim = claim_of_line(line)
        if claim:
            claim.source = ", by line %d of the log: %s" % (count, line)
            found.append(claim)
    return found


# Of one seed in so many.
WORDS = ("", "load-first", "unmap-first", "eager", "alias", "alias load-first",
         "alias unmap-first")


def arguments(image, seed, edits):
    """What emu is given for a random kernel."""
    return ["--explain", "-append", ("run=random seed=%d edits=%d %s" % (
        seed, edits, WORDS[seed % len(WORDS)])).strip(), str(image)]


def fault_of(run, seed, edits):
    """What is wrong with a run of so many edits, or None. run() takes seed
    and edits, and gives status, console and explanation."""
    status, log, text = run(seed, edits)
    if status:
        return "status %d: %s" % (status, log[-200:])
    return disagreement(claims_of(log), text, listed=False)


def shortest_fault(run, seed, edits):
    """The same, of about the fewest edits that show it."""
    wrong, least, most = fault_of(run, seed, edits), 0, edits
    if not wrong:
        return None
    while most - least > 1:
        middle = (least + most) // 2
        found = fault_of(run, seed, middle)
        if found:
            most, wrong = middle, found
        else:
            least = middle
    log = run(seed, most)[1].splitlines()
    return "seed %d, edits %d: %s\nthe last of its log:%s" % (
        seed, most, wrong, "".join("\n    " + line for line in log[-12:]))


def main():
    parser = argparse.ArgumentParser(description="explain random kernels")
    parser.add_argument("--build", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--edits", type=int, default=2000)
    options = parser.parse_args()
    build = Path(options.build)

    def run(seed, edits):
        done = subprocess.run(
            [str(build / "emu")] + arguments(
                build / "tests" / "explain" / "kernels" / "random.elf",
                seed, edits),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=600)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    for seed in range(options.seed, options.seed + options.count):
        wrong = shortest_fault(run, seed, options.edits)
        if wrong:
            print(wrong)
            return 1
    print("%d kernels of %d edits are explained as they were"
          % (options.count, options.edits))
    return 0


if __name__ == "__main__":
    sys.exit(main())
