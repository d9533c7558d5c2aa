"""Many processes in a row are one line of the short form, and none is lost.

What the lines of the short form say in sum and what the full form says line by
line, of the same run, must be the same: forks, pages shared, copies, pages
kept, spaces that end, pages that they unmap.
"""

import re
from collections import Counter

# What a line tells, and by which words.
FORK = re.compile(r"^\S+ \d+(?: \(\S+\))? (?:forks|begins after an ecall of) ")
SHARED = re.compile(r"(?:(?:both use the same|Both use the same) (?=\d+ frames?)|"
                    r"\. (?=\d+ frames? (?:is|are) shared))(\d+)")
COPY = re.compile(r"The kernel copies it to #|even the kernel faults: copied to #|"
                  r"gives .* a copy of its own")
REUSE = re.compile(r"no copy, W=1 again\.$|gives .* W=1 again, without")
END = re.compile(r"^\S+ \d+(?: \(\S+\))? (?:ends|execs|ends in .*)\b.*?"
                 r"(\d+) pages? (?:of the old one )?unmapped")
BROOD = re.compile(r"^(?:.* (?:forks|fork) (\d+) times? more in a row|(\d+) more "
                   r"spaces? begins? after ecalls of )")
SUMS = (("shared", re.compile(r"(\d+) pages? (?:is|are) shared, ")),
        ("copies", re.compile(r"Stores among these copy (\d+) page")),
        ("kept", re.compile(r"(?:and|theirs alone) (\d+) times?\b")),
        ("ends", re.compile(r"(\d+) spaces? ends?\b")),
        ("unmapped", re.compile(r"with (\d+) pages? unmapped")))


def tally(text):
    """What the lines of an explanation say in sum, and how many of them stand
    for many processes."""
    sums, broods = Counter(), 0
    for line in text.splitlines():
        brood, end = BROOD.match(line), END.match(line)
        if brood or " end in a row: " in line:
            broods += 1
            if brood:
                sums["forks"] += int(brood.group(1) or brood.group(2))
            for name, words in SUMS:
                said = words.search(line)
                sums[name] += int(said.group(1)) if said else 0
        elif line.startswith("Library code of "):
            aside = re.findall(r"(\d+) pages? (?:is|are) (copied|shared)", line)
            for count, what in aside:
                sums["copies" if what == "copied" else "kept"] += int(count)
        elif FORK.match(line):
            sums["forks"] += 1
            shared = SHARED.search(line)
            sums["shared"] += int(shared.group(1)) if shared else 0
        elif end:
            sums["ends"] += 1
            sums["unmapped"] += int(end.group(1))
        else:
            sums["copies"] += bool(COPY.search(line))
            sums["kept"] += bool(REUSE.search(line))
    return +sums, broods


def totals(text):
    return [line for line in text.splitlines()
            if re.match(r"(Copy-on-write|Live|Forks) ", line)]


def disagreement(short, full, most):
    """How two explanations of a run differ, or None; the short one may have so
    many lines."""
    (wanted, none), (told, broods) = tally(full), tally(short)
    if none or not broods:
        return "%d in the full form, %d in the short one" % (none, broods)
    if told != wanted or min(wanted["forks"], wanted["ends"]) < 15:
        return "short %s, full %s" % (dict(told), dict(wanted))
    if totals(short) != totals(full):
        return "other totals"
    lines = len(short.splitlines())
    return "%d lines" % lines if lines > most else None
