"""What the bundled kernel printed: programs' lines, and what they should be.

Expected output stands in expected/NAME, a line for a line. `<n>` is a
decimal number, `<x>` an address. A line that opens with `cow!` or `eager!`
holds in that fork mode only.
"""

import re
from pathlib import Path

EXPECTED = Path(__file__).resolve().parent / "expected"
WILDCARDS = {"<n>": r"\d+", "<x>": r"0x[0-9a-f]+"}
# How /bin/all begins, and ends each program's output.
OPENING = re.compile(r"^all: \d+ tests$")
VERDICT = re.compile(r"^(not )?ok ([\w-]+)( \(.*\))?$")
# How the kernel's own programs begin and end.
UAPP_OPENING = re.compile(r"^fork      ")
UAPP_END = re.compile(r"^uapp\d+: status (\d+)$")


def run_by_all():
    """The programs that all.c names."""
    source = Path(__file__).resolve().parents[2] / "guest" / "user" / "all.c"
    table = re.search(r"\btests\[\] = \{(.*?)\};", source.read_text(), re.S)
    return re.findall(r'"([^"]+)"', table.group(1))


def lines_of(result):
    return result.out.replace("\r", "").split("\n")


def expected(name, fork):
    """The lines of expected/NAME that hold in this fork mode."""
    lines = []
    for line in (EXPECTED / name).read_text().splitlines():
        mode, bang, rest = line.partition("! ")
        if not bang or mode not in ("cow", "eager"):
            lines.append(line)
        elif mode == fork:
            lines.append(rest)
    return lines


def pattern(line):
    parts = re.split("(<n>|<x>)", line)
    return "".join(WILDCARDS.get(part, re.escape(part)) for part in parts)


def difference(wanted, got):
    """The first line in which the output differs, or None."""
    for number, (want, line) in enumerate(zip(wanted, got), 1):
        if not re.fullmatch(pattern(want), line):
            return "line %d: wanted %r, got %r" % (number, want, line)
    if len(got) < len(wanted):
        return "ends before %r" % wanted[len(got)]
    if len(got) > len(wanted):
        return "goes on with %r" % got[len(wanted)]
    return None


def sections(lines):
    """Program -> (its lines, whether it succeeded), of a run of /bin/all."""
    found, current = {}, []
    for line in lines:
        match = VERDICT.match(line)
        if OPENING.match(line):
            current = []
        elif match:
            found[match.group(2)] = (current, not match.group(1))
            current = []
        else:
            current.append(line)
    return found


def uapp_sections(lines):
    """A list of (lines, whether it succeeded), of a run with boot=uapp."""
    found, current = [], []
    for line in lines:
        match = UAPP_END.match(line)
        if UAPP_OPENING.match(line):
            current = []
        elif match:
            found.append((current, match.group(1) == "0"))
            current = []
        else:
            current.append(line)
    return found


def alone(wanted, lines):
    """The lines of a program that ran between the kernel's own, from the
    first that is wanted to the last."""
    start = next((i for i, line in enumerate(lines)
                  if wanted and re.fullmatch(pattern(wanted[0]), line)), 0)
    end = max((i + 1 for i, line in enumerate(lines)
               if wanted and re.fullmatch(pattern(wanted[-1]), line)),
              default=len(lines))
    return lines[start:end]
