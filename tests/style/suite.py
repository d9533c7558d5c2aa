"""The rules of the house that a machine can check.

Each test lists every place that breaks its rule.  The files are those git
knows, so that a build folder or an editor's leavings do not count.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import rooms  # noqa: E402
from harness import Case, Fail, Skip, Test  # noqa: E402

UNMOVED = "it looks at files"
LONGEST_FUNCTION = 60
LONGEST_FILE = 700
# Words that say that something is not finished, spelled so that this file
# does not contain them.
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK",
              "not " + "implemented"]


def files(ctx, *patterns):
    out = subprocess.run(["git", "ls-files", "--"] + list(patterns),
                         cwd=str(ctx.root), stdout=subprocess.PIPE,
                         check=True).stdout.decode()
    return [name for name in out.splitlines() if (ctx.root / name).is_file()]


def read(ctx, name):
    return (ctx.root / name).read_text(encoding="utf-8", errors="replace")


def report(found):
    """Fail with the list of what was found, if anything was."""
    if found:
        raise Fail("%d places:\n    %s" % (len(found), "\n    ".join(found)))


def include_order(ctx):
    """Files include only what their room sees (rooms.TREES)."""
    for root, tree in rooms.TREES.items():
        found = rooms.upward(tree, rooms.sources(ctx.root, tree))
        yield Case(root, error="\n    ".join(found) or None)


def include_gathering(ctx):
    """No header includes headers of all the other rooms of its tree."""
    for root, tree in rooms.TREES.items():
        found = rooms.gathering(tree, rooms.sources(ctx.root, tree))
        yield Case(root, error="\n    ".join(found) or None)


def planted_includes(ctx):
    """The two rules find what breaks them, in each room."""
    for root, tree in rooms.TREES.items():
        files = rooms.sources(ctx.root, tree)
        for room, where, what in rooms.plants(tree, files):
            want = ["%s/%s includes %s" % (root, where, what)]
            got = rooms.upward(tree, rooms.plant(tree, files, where, what))
            yield Case("%s/%s: %s" % (root, room, what),
                       error=None if got == want else "found: %s" % got)
        yield from planted_headers(root, tree, files)


def planted_headers(root, tree, files):
    by_room = {tree.room_of(name): name
               for name in sorted(files, key=lambda n: n.endswith(".h"))}
    if len(by_room) < 3:
        return
    for where in [name for name in by_room.values() if name.endswith(".h")]:
        planted = files
        for what in by_room.values():
            if what != where:
                planted = rooms.plant(tree, planted, where, what)
        want = ["%s/%s includes all rooms" % (root, where)]
        got = rooms.gathering(tree, planted)
        yield Case("%s/%s: all rooms" % (root, where),
                   error=None if got == want else "found: %s" % got)


def call_circles(ctx):
    """No file calls, in however many steps, one that calls it."""
    for patterns, nm, objects in rooms.CALLS:
        symbols = {}
        for path in files(ctx, *patterns.split()):
            found = [ctx.build / name for name in objects(path)
                     if (ctx.build / name).is_file()]
            if found:
                out = ctx.expect(ctx.run([nm, found[0]])).out
                symbols[path] = rooms.read_symbols(out)
        found = rooms.circles(rooms.call_graph(symbols))
        if not symbols:
            yield Case(patterns, skip="not built here")
        else:
            yield Case(patterns, error="\n    ".join(found) or None)


def planted_circle(ctx):
    """A circle of three files is found, and a line of them is none."""
    line = {"a.c": ({"a"}, {"b"}), "b.c": ({"b"}, {"c"}), "c.c": ({"c"}, set())}
    report(rooms.circles(rooms.call_graph(line)))
    circle = dict(line, **{"c.c": ({"c"}, {"a"})})
    if len(rooms.circles(rooms.call_graph(circle))) != 3:
        raise Fail("a circle of three files was not found")


def public_headers(ctx):
    """A public header needs nothing private; front ends use nothing else."""
    found = []
    private = rooms.TREES["emu"].sees
    for name in files(ctx, "emu/include/*.h", "emu/host/*", "emu/cli/*",
                      "tools/*.c", "tools/*.h"):
        own = {"host": ["host/"], "cli": ["host/", "cli/"],
               "trace": ["host/", "trace/"],
               "view": ["cli/", "view/", "../guest/include/uapi/"]}.get(name.split("/")[1], [])
        for match in rooms.INCLUDE.finditer(read(ctx, name)):
            system, project = match.groups()
            if (system.split("/")[0] in private if system
                    else not project.startswith(tuple(own))):
                found.append("%s includes %s" % (name, system or project))
    report(found)


def include_sequence(ctx):
    """A source includes its own header, the system's, the project's."""
    found = []
    for name in files(ctx, "emu/*.c"):
        includes = [m.groups() for m in rooms.INCLUDE.finditer(read(ctx, name))]
        own = name[len("emu/"):-2] + ".h"
        if (ctx.root / "emu" / own).exists():
            if not includes or includes[0][1] != own:
                found.append("%s: its own header is not the first" % name)
            includes = includes[1:]
        kinds = [project is not None for _, project in includes]
        if kinds != sorted(kinds):
            found.append("%s: a system header after a project's" % name)
    report(found)


def headers_alone(ctx):
    """Every header compiles by itself."""
    for name in files(ctx, "emu/*.h"):
        result = ctx.run(["gcc", "-fsyntax-only", "-std=gnu11", "-Wall",
                          "-Wextra", "-Wno-unused-parameter", "-Werror",
                          "-Iemu", "-Iemu/include", "-Iguest/include",
                          "-x", "c", name], cwd=str(ctx.root))
        yield Case(name, error=result.err if result.status else None)


def layout(ctx):
    """clang-format 14 would change nothing."""
    names = files(ctx, "*.c", "*.h")
    try:
        result = ctx.run(["clang-format-14", "--dry-run", "-Werror"] + names,
                         cwd=str(ctx.root))
    except Fail:
        raise Skip("clang-format-14 is not here")
    if result.status:
        places = re.findall(r"^(\S+:\d+):\d+: error", result.err, re.M)
        report(sorted(set(places)))
        raise Fail(result.err)


def function_length(ctx):
    """No function is longer than a screen."""
    found = []
    for name in files(ctx, "*.c", "*.h"):
        start = None
        for number, line in enumerate(read(ctx, name).splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start - 1 > LONGEST_FUNCTION:
                    found.append("%s:%d: %d lines"
                                 % (name, start, number - start - 1))
                start = None
    report(found)


def file_length(ctx):
    """No file is long; tables (.def) are exempt."""
    counts = [(read(ctx, name).count("\n"), name) for name in files(
        ctx, "*.c", "*.h", "*.S", "*.inc", "*.py", "tools/*")]
    report(["%s: %d lines" % (name, count)
            for count, name in sorted(counts) if count > LONGEST_FILE])


def opening(ctx):
    """Every file opens with what it is for; of a pair, one says it all."""
    found = []
    for name in files(ctx, "*.c", "*.h", "*.S"):
        pair = {".c": ".h", ".h": ".c"}.get(name[-2:], "none")
        partner = ctx.root / (name[:-2] + pair)
        heads = [read(ctx, name).split("\n", 1)[0]]
        if partner.is_file():
            heads.append(partner.read_text().split("\n", 1)[0])
        if (not heads[0].startswith("/*")
                or all("*/" in head for head in heads)):
            found.append(name)
    for name in files(ctx, "*.py"):
        if '"""' not in read(ctx, name)[:60]:
            found.append(name)
    report(found)


def finished(ctx):
    """Nothing is left open."""
    words = re.compile("|".join(r"\b%s\b" % word for word in UNFINISHED))
    found = []
    for name in files(ctx, "*.c", "*.h", "*.S", "*.def", "*.py", "tools/*",
                      "*.ld", "*.build", "*.md", "CHANGELOG"):
        for number, line in enumerate(read(ctx, name).splitlines(), 1):
            if words.search(line):
                found.append("%s:%d: %s" % (name, number, line.strip()))
    report(found)


def package_hosts():
    """The hosts that this machine's apt was told of."""
    try:
        out = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(SITE)"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    except OSError:
        return []
    return sorted(set(re.findall(r"://([^/\s]+)", out)))


def no_machine(ctx):
    """The repository names no folder and no package host of a machine."""
    wanted = [str(ctx.root) + "/", "/ho" + "me/"] + package_hosts()
    words = re.compile("|".join(map(re.escape, wanted)))
    found = []
    for name in files(ctx):
        for number, line in enumerate(read(ctx, name).splitlines(), 1):
            if words.search(line):
                found.append("%s:%d: %s" % (name, number, line.strip()))
    report(found)


def is_shell(ctx, name):
    return read(ctx, name)[:32].split("\n")[0].endswith(("bash", "/sh"))


def shell_scripts(ctx):
    for name in files(ctx, "tools/*", ".ci/*", "tests/*.sh"):
        if is_shell(ctx, name):
            result = ctx.run(["shellcheck", name], cwd=str(ctx.root))
            yield Case(name, error=result.out if result.status else None)


def python_version(ctx):
    """Python files parse, as the oldest version that is supported."""
    import ast
    for name in files(ctx, "*.py"):
        try:
            ast.parse(read(ctx, name), name, feature_version=(3, 9))
            yield Case(name)
        except SyntaxError as error:
            yield Case(name, error=str(error))


def no_mutable_state(ctx):
    """librvemu has no variable of file scope: machines share nothing."""
    library = ctx.build / "librvemu.a"
    out = ctx.expect(ctx.run(["objdump", "-t", library])).out
    symbol = re.compile(r"^\S+ ......O (\S+)\t\S+\s+(\S+)$", re.M)
    mutable = re.compile(r"\.data(?!\.rel\.ro)|\.bss|\*COM\*")
    report(["%s (%s)" % (name, section)
            for section, name in symbol.findall(out)
            if mutable.match(section)])


PLAIN = re.compile(r"^PLAIN_BEGIN$(.*?)^PLAIN_END$", re.M | re.S)


def plain_state(ctx):
    """Guest state of bus and devices is plain, and no plain struct points."""
    found = []
    for name in files(ctx, "emu/*.c", "emu/*.h"):
        text = read(ctx, name)
        for body in PLAIN.findall(text):
            code = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
            found += ["%s: %s" % (name, line.strip())
                      for line in code.splitlines() if "*" in line]
        if name.startswith(("emu/bus/", "emu/dev/")):
            found += ["%s: struct %s is not between PLAIN_BEGIN and PLAIN_END"
                      % (name, struct)
                      for struct in re.findall(r"^struct (\w+_state) \{",
                                               PLAIN.sub("", text), re.M)]
    report(found)


PADDED = {"inside": "char a; long b;", "behind": "long b; char a;"}
PLAIN_AND_LOOSE = """
#include "base/plain.h"
PLAIN_BEGIN
struct plain { %s };
PLAIN_END
struct loose { %s };
int use[sizeof(struct plain) + sizeof(struct loose)];
"""


def padding_is_refused(ctx):
    """PLAIN_BEGIN turns padding into an error, until PLAIN_END."""
    for cc in filter(shutil.which, ("gcc", "clang")):
        command = [cc, "-fsyntax-only", "-Iemu", "-x", "c", "-"]
        for where, padded in PADDED.items():
            loose, plain = (
                ctx.run(command, PLAIN_AND_LOOSE % (first, padded),
                        cwd=str(ctx.root))
                for first in ("long b;", padded))
            error = loose.err if loose.status else None
            if plain.status == 0:
                error = "padding went unnoticed"
            yield Case("%s-%s" % (cc, where), error=error)


def tests(ctx):
    yield Test("include-order", include_order)
    yield Test("include-gathering", include_gathering)
    yield Test("includes-planted", planted_includes)
    yield Test("call-circles", call_circles)
    yield Test("circle-planted", planted_circle)
    yield Test("include-sequence", include_sequence)
    yield Test("public-headers", public_headers)
    yield Test("headers-alone", headers_alone)
    yield Test("format", layout, timeout=120)
    yield Test("function-length", function_length)
    yield Test("file-length", file_length)
    yield Test("opening", opening)
    yield Test("finished", finished)
    yield Test("no-machine", no_machine)
    yield Test("shell", shell_scripts)
    yield Test("python", python_version)
    yield Test("no-mutable-state", no_mutable_state)
    yield Test("plain-state", plain_state)
    yield Test("padding-is-refused", padding_is_refused)
