"""The short form of --explain: few lines for thousands of pages, none lost.

kernels/folds.c counts copies and pages that were kept.  What the lines of the
short form say in sum, what the full form says line by line and the totals
must be the same counts.
"""

import re

KERNEL = re.compile(r"^copied ([0-9a-f]+) kept ([0-9a-f]+)$", re.M)
TOTAL = re.compile(r"^Copy-on-write in all: .* copied (\d+) .* (\d+) times? "
                   r"found", re.M)
RUN = re.compile(r"^(space \d+) stores to (\d+) (?:of (\d+) )?pages, "
                 r"0x([0-9a-f]+) to 0x([0-9a-f]+)\. ")
ONE = re.compile(r"^(space \d+) stores to 0x([0-9a-f]+)\. ")
LEFT_OUT = re.compile(r"^(\d+) lines? (?:was|were) left out above", re.M)
KINDS = (("copies", re.compile(r"The kernel copies ")),
         ("keeps", re.compile(r"no copy, W=1 again\.$")))
BUDGET = 200

# A scenario, its pages, and at most so many lines.
SCENARIOS = (("both", 2000, 10), ("in-turns", 2000, 10), ("talking", 500, 15),
             ("again", 2000, 25), ("both", 3, 12), ("thirds", 2000, 10),
             ("scattered", 1000, 220), ("scattered", 2500, 2 * BUDGET + 10))


def told(text):
    """What each line about pages says: (space, what, first page, last page,
    how many of them)."""
    lines = []
    for line in text.splitlines():
        run, one = RUN.match(line), ONE.match(line)
        kinds = [name for name, words in KINDS if words.search(line)]
        if run and len(kinds) == 1:
            pages, span = run.group(2), run.group(3) or run.group(2)
            first, last = int(run.group(4), 16), int(run.group(5), 16)
            if last + 1 - first != int(span) << 12:
                raise ValueError("not so many pages: " + line)
            lines.append((run.group(1), kinds[0], first >> 12, last >> 12,
                          int(pages)))
        elif one and len(kinds) == 1:
            page = int(one.group(2), 16) >> 12
            lines.append((one.group(1), kinds[0], page, page, 1))
        elif " stores to " in line:
            raise ValueError("neither a run nor one page: " + line)
    return lines


def sums(lines):
    return [sum(pages for _, what, _, _, pages in lines if what == name)
            for name, _ in KINDS]


def other_pages(folded, every):
    """What the short form says of pages that the full form does not, each
    told once by both, or None."""
    left = {}
    for who, what, page, _, _ in every:
        left.setdefault((who, what), []).append(page)
    for who, what, first, last, pages in sorted(
            folded, key=lambda line: line[3] - line[2] + 1 > line[4]):
        mine = left.get((who, what), [])
        inside = [page for page in mine if first <= page <= last]
        if len(inside) < pages:
            return "%s %s %d pages, 0x%x to 0x%x: %d by the full form" % (
                who, what, pages, first, last, len(inside))
        for page in sorted(set(inside))[:pages]:
            mine.remove(page)
    rest = {key: pages for key, pages in left.items() if pages}
    return "not told: %s" % rest if rest else None


def disagreement(console, short, full, most):
    """How two explanations of a run differ from its counts, or None."""
    kernel = [int(n, 16) for n in KERNEL.search(console).groups()]
    every, folded = told(full), told(short)
    left = LEFT_OUT.search(short)
    lines = len(short.splitlines())
    for name, text in ("short", short), ("full", full):
        total = [int(n) for n in TOTAL.search(text).groups()]
        if total != kernel:
            return "kernel %s, %s form in all %s" % (kernel, name, total)
    if sums(every) != kernel:
        return "kernel %s, full form %s" % (kernel, sums(every))
    if lines > most:
        return "%d lines" % lines
    if left:
        missing = sum(sums(every)) - sum(sums(folded))
        return None if missing == int(left.group(1)) else (
            "%s lines left out, %d are missing" % (left.group(1), missing))
    return other_pages(folded, every)


def interleaving(both):
    """What is wrong with the lines among the console's, or None.  The guest
    prints a dot for each page and ends the line at each hundredth; what has
    happened before a line begins is told before it."""
    printed = []
    for at, line in enumerate(both.splitlines(True)):
        if line.strip(".") == "\n":
            printed.append(at)
    lines = both.splitlines()
    for count, at in enumerate(printed):
        pages = sum(sums(told("\n".join(lines[:at]))))
        if pages != 100 * count + 1:
            return "%d pages before line %d of the console" % (pages, count)
    return None if len(printed) == 5 else "%d lines" % len(printed)
