"""Names and source lines of addresses are what binutils and LLVM say.

The same program is compiled in many ways (guest/), and `lookup` says what
librvemu makes of its addresses; addr2line, nm and llvm-symbolizer judge.  Of
variables the compiler itself says where each is (guest/probes.c).  Broken
files give a line that says so, or answers, and never a crash.
"""

import os
import random
import re
import shutil
import struct
import zlib

from harness import Case, Fail, Skip, Test, describe

UNMOVED = "it looks at files"
CROSS = "riscv64-unknown-elf-"
BASE = 0x10000
GUEST = ("-nostdlib", "-ffreestanding", "-mcmodel=medany", "-g0")
# Ways to compile, by name: the compiler and its options.
GCC = {"dwarf%d-O%s" % (version, level): ["-gdwarf-%d" % version, "-O" + level]
       for version in (2, 3, 4, 5) for level in "02"}
GCC.update({
    "strict": ["-gdwarf-2", "-gstrict-dwarf", "-O1"],
    "strict-sections": ["-gdwarf-2", "-gstrict-dwarf", "-O1",
                        "-ffunction-sections"],
    "compressed": ["-gdwarf-5", "-gz=zlib", "-O1"],
    "compressed-gnu": ["-gdwarf-4", "-gz=zlib-gnu", "-O1"],
    "split-4": ["-gdwarf-4", "-gsplit-dwarf", "-O1"],
    "split-5": ["-gdwarf-5", "-gsplit-dwarf", "-O1"],
    "sections": ["-gdwarf-5", "-O1", "-ffunction-sections",
                 "-Wl,--gc-sections", "-Wl,-u,probes"],
})
CLANG = {"clang-%d" % version: ["-gdwarf-%d" % version, "-O1"]
         for version in (2, 4, 5)}
PROBE = struct.Struct("<Q24s")
FLIPS = 60


def build_library(ctx):
    path = ctx.tmp / "library.o"
    ctx.expect(ctx.run([CROSS + "gcc", *GUEST, "-O1", "-c", "-o", path,
                        ctx.root / "tests/symbols/guest/library.c"]))
    return path


def build(ctx, options, compiler=(CROSS + "gcc",)):
    """The program, compiled so; its path."""
    folder = ctx.root / "tests/symbols/guest"
    path = ctx.tmp / "program"
    ctx.expect(ctx.run(
        [*compiler, *GUEST, *options, "-Wl,-Ttext=%#x" % BASE, "-o", path,
         folder / "start.S", folder / "shapes.c", folder / "probes.c",
         build_library(ctx)], cwd=str(ctx.tmp)))
    return path


def build_clang(ctx, options):
    for name in ("clang", "ld.lld"):
        if not shutil.which(name):
            raise Skip("no " + name)
    return build(ctx, options, ("clang", "--target=riscv64-unknown-elf",
                                "-march=rv64gc", "-fuse-ld=lld"))


def lookup(ctx, path, questions, state="ok"):
    """The answers to questions ("code" or "data", address), split."""
    result = ctx.expect(ctx.run(
        [ctx.build / "tests/symbols/lookup", path],
        "".join("%s %x\n" % question for question in questions)))
    lines = result.out.splitlines()
    if not re.match(state, lines[0]) or len(lines) != len(questions) + 1:
        raise Fail("not %s, or %d answers to %d questions\n%s" % (
            state, len(lines) - 1, len(questions), describe(result)))
    return [line.split("\t") for line in lines[1:]]


def symbols_of(ctx, path, prefix=CROSS):
    """(start, end, name) of functions and objects that state a size."""
    out = ctx.expect(ctx.run([prefix + "nm", "-S", path])).out
    return [(int(start, 16), int(start, 16) + int(size, 16), name)
            for start, size, kind, name in re.findall(
                r"^(\w+) (\w+) (\w) (\S+)$", out, re.M)]


def text_of(ctx, path, prefix=CROSS):
    """Where .text begins and ends."""
    out = ctx.expect(ctx.run([prefix + "readelf", "-SW", path])).out
    start, size = re.search(r" \.text +PROGBITS +(\w+) \w+ (\w+)",
                            out).groups()
    return int(start, 16), int(start, 16) + int(size, 16)


def judged(ctx, command, addresses):
    """What a program that is asked for "path:line" says of addresses."""
    out = ctx.expect(ctx.run(command, "".join("%#x\n" % address
                                              for address in addresses))).out
    found = []
    for line in out.split():
        match = re.fullmatch(r"(.+):([1-9]\d*)", line)
        if match and not match.group(1).startswith("??"):
            found.append((os.path.normpath(match.group(1)),
                          int(match.group(2))))
        elif ":" in line:
            found.append(None)
    return found


def judges(path, prefix):
    """Commands, and whether the paths that they give are to be trusted:
    binutils 2.40 misnumbers the files of DWARF 5. LLVM reads no .zdebug."""
    yield [prefix + "addr2line", "-e", path], False
    for name in ("llvm-symbolizer-19", "llvm-symbolizer"):
        if shutil.which(name) and b".zdebug" not in path.read_bytes():
            yield [name, "--output-style=GNU", "--no-inlines",
                   "--functions=none", "-e", path], True
            return


def agree(ours, theirs, is_exact):
    if is_exact or not ours or not theirs:
        return ours == theirs
    return ours[1] == theirs[1]


def check_lines(ctx, path, addresses, answers, prefix=CROSS):
    mine = [(os.path.normpath(answer[2]), int(answer[3]))
            if answer[2] != "-" else None for answer in answers]
    if mine.count(None) > len(mine) / 2:
        raise Fail("%d of %d addresses have no line"
                   % (mine.count(None), len(mine)))
    for command, is_exact in judges(path, prefix):
        said = judged(ctx, command, addresses)
        if len(said) != len(mine):
            raise Fail("%s gave %d answers to %d questions"
                       % (command[0], len(said), len(mine)))
        differ = ["%#x: %s, %s says %s" % (address, ours, command[0], theirs)
                  for address, ours, theirs in zip(addresses, mine, said)
                  if not agree(ours, theirs, is_exact)]
        if differ:
            raise Fail("\n    ".join(differ[:20]))


def check_names(ctx, path, addresses, answers, prefix=CROSS):
    symbols = symbols_of(ctx, path, prefix)
    for address, answer in zip(addresses, answers):
        fitting = [(name, address - start) for start, end, name in symbols
                   if start <= address < end]
        if fitting and (answer[0], int(answer[1], 16)) not in fitting:
            raise Fail("%#x is %s+%s, nm says %s"
                       % (address, answer[0], answer[1], fitting))


def check_probes(ctx, path):
    """Variables are called what the program calls them."""
    table = ctx.tmp / "probes"
    ctx.expect(ctx.run([CROSS + "objcopy", "-O", "binary", "-j", ".probes",
                        path, table]))
    probes = [(address, name.rstrip(b"\0").decode())
              for address, name in PROBE.iter_unpack(table.read_bytes())]
    answers = lookup(ctx, path, [("data", address) for address, _ in probes])
    wrong = ["%#x is %s, not %s" % (address, answer, name)
             for (address, name), answer in zip(probes, answers)
             if answer != [name, "1"]]
    if wrong or len(probes) < 20:
        raise Fail("%d probes\n    %s" % (len(probes), "\n    ".join(wrong)))


def check_statics(ctx, path):
    """A function's static variables go by their own names."""
    found = {}
    for start, _, name in symbols_of(ctx, path):
        plain = re.fullmatch(r"(?:\w+\.)?(calls|inner|hidden)(?:\.\d+)?", name)
        if plain:
            found[start] = plain.group(1)
    answers = lookup(ctx, path, [("data", start) for start in found])
    for name, answer in zip(found.values(), answers):
        if answer != [name + ("[0]" if name == "inner" else ""), "1"]:
            raise Fail("%s is called %s" % (name, answer))
    if len(found) != 3:
        raise Fail("found %s" % found)


def check_library(ctx, path):
    """What has no debug information has a name, and is not the user's."""
    start = {name: start for start, _, name in symbols_of(ctx, path)}
    code, first, second = lookup(
        ctx, path, [("code", start["library_sum"] + 2),
                    ("data", start["library_calls"]),
                    ("data", start["library_calls"] + 4)])
    if code != ["library_sum", "2", "-", "0", "0"]:
        raise Fail("library_sum: %s" % code)
    if (first, second) != (["library_calls", "0"], ["library_calls+0x4", "0"]):
        raise Fail("library_calls: %s, %s" % (first, second))


def check_program(ctx, path):
    start, end = text_of(ctx, path)
    addresses = list(range(start, end, 2))
    answers = lookup(ctx, path, [("code", address) for address in addresses])
    library = [answer for answer in answers if answer[0] == "library_sum"]
    if {answer[4] for answer in library} != {"0"}:
        raise Fail("the library's code is the user's own")
    check_names(ctx, path, addresses, answers)
    check_lines(ctx, path, addresses, answers)
    check_probes(ctx, path)
    check_statics(ctx, path)
    check_library(ctx, path)
    outside = lookup(ctx, path, [("code", 0), ("data", 8),
                                 ("code", 2**64 - 2), ("data", 2**63)])
    if outside != [["-", "0", "-", "0", "0"], ["-", "0"]] * 2:
        raise Fail("outside of it: %s" % outside)


def program(maker, options):
    return lambda ctx: check_program(ctx, maker(ctx, options))


def large(name, prefix):
    """Random addresses of something that is not made for this test."""
    def check(ctx):
        path = ctx.build / name
        start, end = text_of(ctx, path, prefix)
        random.seed(name)
        addresses = sorted(random.sample(range(start, end, 2), 1500))
        answers = lookup(ctx, path, [("code", at) for at in addresses])
        check_names(ctx, path, addresses, answers, prefix)
        check_lines(ctx, path, addresses, answers, prefix)
    return check


def separate(place):
    """A stripped program finds its debug file in this folder beside it."""
    def check(ctx):
        path = build(ctx, ["-gdwarf-5", "-O1"])
        start, end = text_of(ctx, path)
        questions = [("code", at) for at in range(start, end, 2)]
        whole = lookup(ctx, path, questions)
        folder = ctx.tmp / place
        folder.mkdir(exist_ok=True)
        debug = folder / "program.debug"
        objcopy = [CROSS + "objcopy"]
        ctx.expect(ctx.run(objcopy + ["--only-keep-debug", path, debug]))
        ctx.expect(ctx.run(objcopy + [
            "--strip-all", "--add-gnu-debuglink=%s" % debug, path]))
        if lookup(ctx, path, questions) != whole:
            raise Fail("the stripped program answers differently")
        debug.write_bytes(debug.read_bytes() + b"\0")
        for answer in lookup(ctx, path, questions):
            if answer != ["-", "0", "-", "0", "0"]:
                raise Fail("a file of another checksum was taken: %s" % answer)
    return check


def without_debug(ctx):
    """A program without DWARF has names, and no complaint."""
    path = build(ctx, ["-O1", "-g0"])
    start, end = text_of(ctx, path)
    addresses = list(range(start, end, 2))
    answers = lookup(ctx, path, [("code", address) for address in addresses])
    check_names(ctx, path, addresses, answers)
    if {tuple(answer[2:]) for answer in answers} != {("-", "0", "0")}:
        raise Fail("it has lines")


def questions_for(path):
    return [("code", BASE + 2 * n) for n in range(300)] + [
        ("data", BASE + 0x1200 + 4 * n) for n in range(200)]


def broken(ctx, path, data, name):
    """Whatever a file holds, there is an answer and no crash."""
    path.write_bytes(data)
    result = ctx.run([ctx.build / "tests/symbols/lookup", path],
                     "".join("%s %x\n" % question
                             for question in questions_for(path)), timeout=20)
    answers = result.out.splitlines()
    fine = (result.status == 0 and not result.err
            and re.match("ok$|no: .", answers[0])
            and len(answers) == len(questions_for(path)) + 1)
    return Case(name, error=None if fine else describe(result))


def truncated(ctx):
    data = build(ctx, ["-gdwarf-5", "-O1"]).read_bytes()
    for size in range(1, len(data), len(data) // 40):
        yield broken(ctx, ctx.tmp / "broken", data[:size], str(size))


def flipped(options):
    """Bits of the debug information and of the headers are flipped."""
    def check(ctx):
        data = build(ctx, options).read_bytes()
        random.seed(zlib.crc32(data))
        start = data.index(b"shapes.c") // 2
        for n in range(FLIPS):
            bad = bytearray(data)
            for _ in range(random.choice((1, 4, 40))):
                where = random.choice((0, start, start))
                bad[random.randrange(where, len(data))] ^= (
                    1 << random.randrange(8))
            yield broken(ctx, ctx.tmp / "broken", bytes(bad), str(n))
    return check


def spoil(ctx, path):
    """Give the first unit of a file a length that no unit has."""
    unit = ctx.tmp / "unit"
    objcopy = CROSS + "objcopy"
    ctx.expect(ctx.run([objcopy, "-O", "binary", "--set-section-flags",
                        ".debug_info=alloc", "-j", ".debug_info", path, unit]))
    unit.write_bytes(b"\xf0\xff\xff\xff" + unit.read_bytes()[4:])
    ctx.expect(ctx.run([objcopy, "--update-section", ".debug_info=%s" % unit,
                        path]))


def refused(ctx):
    """A file whose DWARF cannot be read says so, and has names."""
    path = build(ctx, ["-gdwarf-5", "-O1"])
    spoil(ctx, path)
    start, _ = text_of(ctx, path)
    answers = lookup(ctx, path, [("code", start)],
                     "no: .*/program: cannot read its debug information: ")
    if answers != [["_start", "0", "-", "0", "0"]]:
        raise Fail("answered %s" % answers)


SPACES = re.compile(r"^program (\S+): (\d+) own, (\d+) other, (\d+) none$",
                    re.M)


def spaces(ctx, initrd, append, *more):
    """Boot the bundled kernel; what `spaces` prints."""
    return ctx.expect(ctx.run(
        [ctx.build / "tests/symbols/spaces",
         "-bios", ctx.build / "firmware/firmware.elf",
         "-kernel", ctx.images / "kernel/kernel.elf",
         "-initrd", initrd, "-append", append, *more]))


def own_programs(ctx):
    """The programs of the initrd are told apart by their code, as the kernel's
    marks have it. Their first fetch finds nothing mapped; rwx makes code."""
    result = spaces(ctx, ctx.images / "user/initrd.cpio", "init=/bin/all")
    found = SPACES.findall(result.out)
    for name, own, other, none in found:
        wrong = (int(other) or int(own) < 10
                 or int(none) > (3 if name != "rwx" else 40))
        yield Case(name, error="%s own, %s other, %s none"
                   % (own, other, none) if wrong else None)
    if len(found) < 15:
        raise Fail(describe(result))


def strip(ctx, path, target):
    ctx.expect(ctx.run([CROSS + "strip", "-o", target, path]))


TOUCH = "tests/symbols/guest/touch.c"


def touching(ctx):
    """A program, and an initrd that has it stripped; faults(...) boots that."""
    program, initrd = ctx.tmp / "made" / "touch", ctx.tmp / "initrd.cpio"
    program.parent.mkdir()
    source = ctx.root / TOUCH
    ctx.expect(ctx.run(
        [CROSS + "gcc", *GUEST, "-gdwarf-5", "-O1", "-static",
         "-Wl,-Ttext-segment=0x40000,-z,max-page-size=4096", "-o", program,
         source.parent / "start.S", source]))
    ctx.expect(ctx.run([CROSS + "strip", "-o", ctx.tmp / "stripped", program]))
    ctx.expect(ctx.run([ctx.root / "guest/user/pack.py", initrd, "dev/",
                        "proc/", "tmp/",
                        "bin/it=%s" % (ctx.tmp / "stripped")]))
    return program, initrd


def faults(ctx, initrd, *more):
    """What `spaces` says of each fault of the program, and of all else."""
    result = spaces(ctx, initrd, "init=/bin/it", *more)
    lines = result.out.splitlines()
    return ([line.split("\t")[1:] for line in lines if line[:6] == "fault\t"],
            [line for line in lines if line[:6] != "fault\t"])


def touched(ctx):
    """A stripped program in an initrd, and what it was made from in a folder
    for --symbols: program, line, function and variable of each fault."""
    program, initrd = touching(ctx)
    wanted = [["touch", "touch.c:%d" % number, "main", match.group(1), "1"]
              for number, line in enumerate(
                  (ctx.root / TOUCH).read_text().splitlines(), 1)
              for match in [re.search(r"/\* touch (\S+) \*/", line)] if match]
    found, _ = faults(ctx, initrd, "--symbols", program.parent)
    missing = [fault for fault in wanted if fault not in found]
    if missing or len(wanted) != 4:
        raise Fail("found %s, not %s" % (found, missing))
    nameless, _ = faults(ctx, initrd)
    if ["it", "-", "-", "-", "0"] not in nameless:
        raise Fail("without --symbols: %s" % nameless)


def said_once(ctx):
    """That lines cannot be read is said in one line; names go on."""
    program, initrd = touching(ctx)
    spoil(ctx, program)
    found, rest = faults(ctx, initrd, "--symbols", program)
    names = [fault[3] for fault in found]
    if "counter" not in names or not re.search(r"\bproc\+0x", str(names)):
        raise Fail("found %s" % found)
    said = [line for line in rest if "cannot read its debug info" in line]
    if len(said) != 1:
        raise Fail("said %s" % rest)


def tests(ctx):
    for name, options in GCC.items():
        yield Test(name, program(build, options))
    for name, options in CLANG.items():
        yield Test(name, program(build_clang, options))
    yield Test("large-kernel", large("guest/kernel/kernel.elf", CROSS))
    yield Test("large-emu", large("emu", ""))
    yield Test("debuglink-beside", separate("."))
    yield Test("debuglink-folder", separate(".debug"))
    yield Test("without-debug", without_debug)
    yield Test("truncated", truncated)
    yield Test("flipped-5", flipped(["-gdwarf-5", "-O1"]))
    yield Test("flipped-3", flipped(["-gdwarf-3", "-O1"]))
    yield Test("refused", refused)
    yield Test("own-programs", own_programs)
    yield Test("touched", touched)
    yield Test("said-once", said_once)
