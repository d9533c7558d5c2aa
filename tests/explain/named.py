"""A program whose stores, loads and jumps --explain names.

The events of its page faults say where and at what it stores, binutils what
that is in the source; the program says it once more, in its comments.
"""

import re

from harness import Fail, describe, expect

CROSS = "riscv64-unknown-elf-"
HERE = "tests/explain/guest/named.c"
LIBRARY = "tests/symbols/guest/"

ACT = re.compile(r"^space \d+(?: \(\w+\))? (jumps to|fetches from|loads from|"
                 r"stores to|stores into) (?:`(.+?)`|(?:address )?0x([0-9a-f]+))"
                 r"(?: \((.*?)\))?(?=[ .:,])")
EVENT = re.compile(r"^ *\d+ h\d U 0x([0-9a-f]+) .*\bpage_fault +va=0x([0-9a-f]+) "
                   r"access=(\w+)", re.M)
ACCESS = {"fetch": ("jumps to", "fetches from"), "load": ("loads from",),
          "store": ("stores to", "stores into")}
COMMENT = re.compile(r"/\* (parent|child) (.+?) \*/")
# What names change in a sentence.
NAMED = re.compile(r"(jumps to|fetches from|loads from|stores) (?:to |into )?"
                   r"((?:the caller's (?:page )?)?)(?:`.+?`|(?:address )?0x[0-9a-f]+)"
                   r"(?: \(.*?\))?(?:, on the page of `\w+`)?(?=[ .:,])")
GOES_ON = re.compile(r"goes on (?:in `.+?`|at 0x[0-9a-f]+)")
WHO = re.compile(r"\b(space \d+) \((?!...\s→)[^)]*\)")


def compiled(ctx, more=()):
    """The program, whole and stripped, each in a folder of its own."""
    library, whole, bare = (ctx.tmp / name for name in (
        "library.o", "whole/named", "bare/named"))
    options = ["-nostdlib", "-ffreestanding", "-mcmodel=medany", "-O1",
               *more]
    for path in whole, bare:
        path.parent.mkdir(exist_ok=True)
    ctx.expect(ctx.run([CROSS + "gcc", *options, "-g0", "-c", "-o", library,
                        ctx.root / LIBRARY / "library.c"]))
    ctx.expect(ctx.run([CROSS + "gcc", *options, "-gdwarf-5", "-static",
                        "-Wl,-Ttext-segment=0x40000,-z,max-page-size=4096,--no-relax",
                        "-o", whole, ctx.root / LIBRARY / "start.S",
                        ctx.root / HERE, library]))
    ctx.expect(ctx.run([CROSS + "strip", "-o", bare, whole]))
    return whole, bare


def explained(ctx, program, more=(), form="full"):
    return expect(ctx.emu(["--explain=" + form, *more, "-append", "marks=0",
                           program]))


def lines_of(ctx, program, addresses):
    """(function, "file:line" or "") of each address, as addr2line has it."""
    out = ctx.expect(ctx.run([CROSS + "addr2line", "-f", "-e", program],
                             "".join("%#x\n" % at for at in addresses))).out
    for function, place in zip(*[iter(out.split("\n"))] * 2):
        place = re.sub(r" \(discriminator .*", "", place).rsplit("/")[-1]
        yield function, "" if "?" in place else place


def variable_at(ctx, program, address):
    out = ctx.expect(ctx.run([CROSS + "nm", "-S", program])).out
    for start, size, name in re.findall(r"^(\w+) (\w+) \w (\S+)$", out, re.M):
        if 0 <= address - int(start, 16) < int(size, 16):
            return name
    return None


def disagreement(ctx, program, act, fault, place):
    """What is wrong with what is said of a fault, or None."""
    does, name, address, source = act
    pc, va, access = int(fault[0], 16), int(fault[1], 16), fault[2]
    if does not in ACCESS[access]:
        return "the access is a %s" % access
    if address and int(address, 16) != va:
        return "the address is %#x" % va
    base = re.split(r"[.[]", name)[0] if name else None
    if name and base != variable_at(ctx, program, va):
        return "%#x is in %s" % (va, variable_at(ctx, program, va))
    if access == "fetch" and pc == va:
        return None
    wanted = place[1] or "in " + place[0]
    return None if source == wanted else "addr2line says %s" % wanted


def lines_and_variables(ctx):
    """Each fault is told with the line of the instruction and the variable at
    the address that the event has."""
    program, _ = compiled(ctx)
    log = ctx.tmp / "events"
    result = explained(ctx, program, ["-D", log, "-d", "page_fault"])
    told = [match.groups() for match in map(ACT.match, result.err.splitlines())
            if match]
    faults = EVENT.findall(log.read_text())
    if len(told) != len(faults) or len(told) < 12:
        raise Fail("%d faults, %d told\n%s"
                   % (len(faults), len(told), describe(result)))
    places = lines_of(ctx, program, [int(fault[0], 16) for fault in faults])
    for act, fault, place in zip(told, faults, places):
        wrong = disagreement(ctx, program, act, fault, place)
        if wrong:
            raise Fail("told %s: %s\n%s" % (act, wrong, describe(result)))
    check_comments(ctx, result)


def check_comments(ctx, result):
    """The lines that say so are told with what they say."""
    wanted = {"null": "stores to address 0x0 (%s), a null pointer: ",
              "call": "jumps to address 0x0 (%s), a null pointer: ",
              "`main`": "stores into `main` (%s). "}
    found = 0
    source = (ctx.root / HERE).read_text().splitlines()
    for number, line in enumerate(source, 1):
        for who, what in COMMENT.findall(line):
            space = "space 1 " if who == "parent" else "space [2-9] "
            text = wanted.get(what, "stores to `%s` (%%s). " % what)
            expect(result, err="^%s%s" % (space, re.escape(
                text % ("named.c:%d" % number))))
            found += 1
    expect(result, err=r"^space 2 stores to 0x\w+ \(in library_sum\)\. ")
    if found != 7:
        raise Fail("%d lines say what they do" % found)


ASIDE = re.compile(r"^Library code of (space \d+) \(library_sum\)"
                   r" meets (\d+) copy-on-write faults? that this line alone tells of: (?:(\d+) pages? (?:is|are) "
                   r"copied \(\d+ KiB\))?(?:, )?(?:(\d+) pages? (?:is|are) "
                   r"shared no more)?", re.M)
IN_LIBRARY = re.compile(r"^(space \d+) stores to .* \(in library_sum\)(.*?)\. ."
                        r"*(copies it|no copy, W=1)", re.M)


def library_counts(text):
    """What the lines about the library say: {space: [copied, kept]}."""
    counts = {}
    for who, _, what in IN_LIBRARY.findall(text):
        counts.setdefault(who, [0, 0])[what != "copies it"] += 1
    return counts


def asides(ctx):
    """What only the library touched is one line of a process, with the counts
    of the full form and before its end; what lies beside a variable of the
    user's is told with that."""
    program, _ = compiled(ctx)
    full = explained(ctx, program)
    short = explained(ctx, program, form="short")
    told = {who: [int(copied or 0), int(kept or 0)]
            for who, _, copied, kept in ASIDE.findall(short.err)}
    if told != library_counts(full.err) or not told or library_counts(short.err):
        raise Fail("%s, by the full form %s\n%s" % (
            told, library_counts(full.err), describe(short)))
    expect(short, err=r"(?s)^space 2 stores to `counter`.*^Library "
           r"code of space 2 .*?\n(?:space 2 ends|space 2 stores to address 0)")
    if "Library code" in full.err:
        raise Fail("asides in the full form\n" + describe(full))
    program, _ = compiled(ctx, ["-DNEIGHBOUR"])
    beside = explained(ctx, program, form="short")
    expect(beside, err=r"^space 2 stores to 0x\w+ \(in library_sum\), on the page "
           r"of `numbers`\. The page is shared with space 1, so W=0")
    if "Library code" in beside.err:
        raise Fail("asides of the user's pages\n" + describe(beside))


def facts(result):
    """The explanation without what names can have lent."""
    text = WHO.sub(r"\1", result.err)
    return GOES_ON.sub("goes on", NAMED.sub(r"\1 \2AT", text)).replace(
        "caller's AT", "caller's page AT").splitlines()


def with_and_without(ctx):
    """A stripped program is told of alike, whether its names are at hand or
    not."""
    whole, bare = compiled(ctx)
    named = explained(ctx, bare, ["--symbols", whole.parent])
    plain = explained(ctx, bare)
    expect(named, err=r"^space 1 stores to `counter` \(named\.c:\d+\)")
    if "`" in plain.err or "named.c" in plain.err:
        raise Fail("names from nowhere\n" + describe(plain))
    if facts(named) != facts(plain):
        raise Fail("\n    ".join(["other facts with names:"] + [
            "%s\n    %s" % pair for pair in zip(facts(named), facts(plain))
            if pair[0] != pair[1]]))
