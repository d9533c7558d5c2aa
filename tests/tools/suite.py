"""bootstrap says what is missing and touches nothing that it need not; the
documents name only what is there; the test runner (runner.py) does what it is
told.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import linux  # noqa: E402
import runner  # noqa: E402
import seeds  # noqa: E402
from harness import Case, Fail, Skip, Test, describe  # noqa: E402

UNMOVED = "it looks at scripts and documents"

PATHS = re.compile(r"`((?:emu|firmware|guest|tests|tools|docs)/[\w./*-]+)`")
OPTION = re.compile(r"^\| `--?([a-zA-Z][\w-]*)", re.M)


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def fake_apt(ctx, folder):
    """An apt-get that notes what it is asked for; the notes' path."""
    notes = ctx.tmp / "notes"
    script(folder / "apt-get", 'echo "$*" >> "%s"\n' % notes)
    return notes


def bootstrap(ctx, path, wanted):
    return ctx.run([ctx.root / "tools" / "bootstrap", wanted],
                   env={"PATH": str(path), "XDG_CACHE_HOME": str(ctx.tmp)})


def nothing_missing(ctx):
    notes = fake_apt(ctx, ctx.tmp)
    programs = ctx.tmp / "emu" / "newer-qemu" / "usr" / "bin"
    programs.mkdir(parents=True)
    script(programs / "qemu-system-riscv64", "echo version 10.0.2\n")
    result = ctx.expect(bootstrap(
        ctx, "%s:%s" % (ctx.tmp, os.environ["PATH"]), "check"))
    if result.out or result.err or notes.exists():
        raise Fail("it did something\n" + describe(result))


def path_without(ctx, *left_out):
    """A folder of links to all commands there are, but for some."""
    folder = ctx.tmp / "bin"
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for name in os.listdir(place) if os.path.isdir(place) else ():
            if name not in left_out and not (folder / name).is_symlink():
                (folder / name).symlink_to(os.path.join(place, name))
    for name in ("apt-get", "id"):
        if (folder / name).is_symlink():
            (folder / name).unlink()
    return folder


def unprivileged(ctx):
    """Without root: the line to type, status 125, nothing installed."""
    folder = path_without(ctx, "meson", "ninja")
    notes = fake_apt(ctx, folder)
    script(folder / "id", "echo 1000\n")
    result = ctx.expect(
        bootstrap(ctx, folder, "run"), 125, out=["^  meson ", "^  ninja-build "],
        err="^  apt-get update && apt-get install --no-install-recommends "
        "meson ninja-build$")
    asked = notes.read_text() if notes.exists() else ""
    if "--assume-no" not in asked or "update" in asked or " -y" in asked:
        raise Fail("apt-get was asked: %s\n%s" % (asked, describe(result)))


def missing_header(ctx):
    """A library whose header the compiler does not find is named, with what it
    is for, by the name that it has everywhere."""
    folder = path_without(ctx, "gcc")
    fake_apt(ctx, folder)
    script(folder / "id", "echo 1000\n")
    script(folder / "gcc", """text=$(cat)
case $text in *elfutils/libdw.h*) exit 1 ;; esac
echo "$text" | %s "$@"
""" % shutil.which("gcc"))
    for release in ("bookworm", "trixie", "jammy", "noble"):
        told = ctx.tmp / "os-release"
        told.write_text("VERSION_CODENAME=%s\n" % release)
        for wanted in ("run", "check"):
            result = ctx.run(
                [ctx.root / "tools" / "bootstrap", wanted],
                env={"PATH": str(folder), "OS_RELEASE": str(told),
                     "XDG_CACHE_HOME": str(ctx.tmp)})
            ctx.expect(result, 125, out="^  libdw-dev +source lines *$",
                       err=r"--no-install-recommends (\S+ )*libdw-dev\b")


def failed_install(ctx):
    """As root, when apt-get does not bring what was asked for."""
    folder = path_without(ctx, "meson")
    notes = fake_apt(ctx, folder)
    script(folder / "id", "echo 0\n")
    ctx.expect(bootstrap(ctx, folder, "run"), 125, err="not found: meson$")
    asked = notes.read_text().splitlines()
    if not re.search("install -y --no-install-recommends meson$", asked[-1]):
        raise Fail("apt-get was asked: %s" % asked)


def installing(ctx, release, update, install, pause="10"):
    """bootstrap, as root, without meson, where apt-get does this."""
    folder = path_without(ctx, "meson")
    script(folder / "id", "echo 0\n")
    script(folder / "apt-get", "case $* in *--assume-no*) ;; "
           "*' update') %s ;; *' meson') %s ;; esac\n" % (update, install))
    told = ctx.tmp / "os-release"
    told.write_text("VERSION_CODENAME=%s\n" % release)
    return ctx.run([ctx.root / "tools" / "bootstrap", "run"],
                   env={"PATH": str(folder), "OS_RELEASE": str(told),
                        "PROGRESS_SECONDS": pause})


def shown_failures(ctx):
    """A failed update is shown and not the end; universe is Ubuntu's."""
    for release, hint in (("trixie", ""),
                          ("noble", r" \('universe' must be enabled\)")):
        result = installing(ctx, release, "echo E: no list 7; exit 100",
                            "echo E: no meson; exit 100")
        ctx.expect(result, 125, err=[
            "^E: no list 7\n.*apt-get update failed; going on",
            "^E: no meson\n.*apt-get install failed%s$" % hint])
        shutil.rmtree(str(ctx.tmp / "bin"))


APT_SAYS = """\
echo dlstatus:1:12.5:Retrieving >&3
echo pmstatus:meson:50.9:Unpacking meson >&3
ln -s /bin/true "%s/meson"
"""


def progress(ctx):
    """In a log: apt's own words, a line every ten seconds."""
    install = ctx.tmp / "install"
    script(install, APT_SAYS % (ctx.tmp / "bin"))
    for pause, shown in (("0", "downloading, 12 %: Retrieving\n"
                          "installing, 50 %: Unpacking meson\n"), ("10", "")):
        result = installing(ctx, "trixie", "true", install, pause)
        ctx.expect(result, out=r"configure the build *\n%sinstalled\.\n\Z"
                   % shown)
        shutil.rmtree(str(ctx.tmp / "bin"))


LISTS_ARE_LOCKED = """\
[ -e tried ] || { >tried
echo E: Could not get lock /lists/lock. It is held by process 5 '(apt-get)'
exit 100; }
"""

DPKG_IS_LOCKED = """\
case $* in *DPkg::Lock::Timeout=[1-9]*) ;; *) exit 100 ;; esac
for second in 1 2; do
echo "Waiting for cache lock: Could not get lock /dpkg/lock. It is held by \
process 6 (apt-get)..."
done
ln -s /bin/true "%s/meson"
"""


def another_apt(ctx):
    """Whoever holds apt's lists or dpkg's lock is waited for, and named."""
    update, install = ctx.tmp / "update", ctx.tmp / "install"
    script(update, "cd '%s'\n%s" % (ctx.tmp, LISTS_ARE_LOCKED))
    script(install, DPKG_IS_LOCKED % (ctx.tmp / "bin"))
    result = ctx.expect(installing(ctx, "trixie", update,
                                   "'%s' $*" % install, "0"),
                        out="waiting: Could not get lock /lists/lock. It is "
                        r"held by process 5 \(apt-get\)\n"
                        "(waiting: Could not get lock /dpkg/lock. It is "
                        r"held by process 6 \(apt-get\)\n){2}installed.\n\Z")
    if result.err:
        raise Fail("it complained\n" + describe(result))


def moving_line(ctx):
    """On a terminal it is one line, cut to fit, and gone at the end."""
    (ctx.tmp / "lines").write_text("a|1|2|%s\nb|3|4|y\n" % ("x" * 200))
    result = ctx.run(["script", "-qec", "stty columns 40; '%s' <'%s'" % (
        ctx.root / "tools" / "progress", ctx.tmp / "lines"), "/dev/null"],
        env={"TERM": "xterm"})
    ctx.expect(result, out=r"\A\r\033\[Ka, 50 %: x{30}\r\033\[Kb, 75 %: y"
               r"\r\033\[K\Z")


def no_newer_qemu(ctx):
    """A mirror without backports: one line says so, and nothing is left."""
    folder = path_without(ctx, "qemu-system-riscv64")
    script(folder / "apt-get", """case $* in
*indextargets*) echo "old old MIRROR" ;;
*) echo "E: no Release file" >&2; exit 100 ;;
esac
""")
    result = ctx.run([ctx.root / "tools" / "newer-qemu", "fetch", "old"],
                     env={"PATH": str(folder),
                          "XDG_CACHE_HOME": str(ctx.tmp / "cache")})
    ctx.expect(result, 1, out=r"\A\Z", err=r"\Atools/newer-qemu: old-backports "
               r"is not to be had from MIRROR: E: no Release file\n\Z")
    left = list((ctx.tmp / "cache" / "emu").iterdir())
    if left:
        raise Fail("left behind: %s" % left)


def compile_commands(ctx):
    """Editors are told how each source is compiled, and it is so."""
    listed = {}
    for entry in json.loads(
            (ctx.build / "compile_commands.json").read_text()):
        place = os.path.normpath(os.path.join(entry["directory"],
                                              entry["file"]))
        listed[place] = entry
    names = ctx.expect(ctx.run(
        ["git", "ls-files", "emu/*.c", "firmware/*.[cS]", "guest/*.[cS]",
         "tests/baremetal/*.c", ":!*.ld.S", ":!emu/host/editor_*.c"],
        cwd=str(ctx.root))).out.split()  # one of the editors is compiled
    missing = [name for name in names if str(ctx.root / name) not in listed]
    if missing or len(names) < 200:
        raise Fail("%d sources, not listed: %s" % (len(names), missing))
    for name in [name for name in names if name.endswith(".c")][::20]:
        entry = listed[str(ctx.root / name)]
        words = shlex.split(entry["command"])
        result = ctx.run(words + ["-fsyntax-only"], cwd=entry["directory"])
        yield Case(name, error=describe(result) if result.status else None)


def editorconfig(ctx):
    """What .editorconfig has editors do is done already."""
    out = subprocess.run(["git", "ls-files", "-z", "--", ":!*.svg", ":!*.emt",
                          ":!*.png", ":!tests/guest/expected"], cwd=str(ctx.root),
                         stdout=subprocess.PIPE, check=True).stdout.decode()
    found = []
    for path in [ctx.root / name for name in out.split("\0") if name]:
        text = path.read_bytes() if path.is_file() else b"\n"
        if re.search(rb"[ \t\r]$|^ *\t", text, re.M) or text[-1:] != b"\n":
            found.append(path.name)
    if found:
        raise Fail("blanks at the end, tabs, no last newline: %s" % found)


def contributing(ctx):
    """Each command line of CONTRIBUTING.md is one that its script takes."""
    text = (ctx.root / "CONTRIBUTING.md").read_text()
    lines = re.findall(r"(?:^|`)((?:tests|tools)/\S+)((?:[ \n]--?\w[^`\n]*)?)",
                       text, re.M)
    if len(lines) < 10:
        raise Fail("only found %s" % lines)
    for script, arguments in sorted(set(lines)):
        if not script.endswith(".py"):
            there = (ctx.root / script.strip("`,.")).exists()
            yield Case(script, error=None if there else "no such file")
            continue
        told = ctx.expect(ctx.run([sys.executable, ctx.root / script,
                                   "--help"])).out
        for option in re.findall(r" (--?[a-z][\w-]*)", arguments):
            yield Case(script + option, error=None if re.search(
                r"(?<!\S)%s\b" % option, told) else "no such option")


def documents(ctx):
    """Every file that the documents name is there."""
    for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
        text = (ctx.root / name).read_text()
        for path in sorted(set(PATHS.findall(text))):
            parts = re.sub(r"NAME|FILE|SUITE", "*", path)
            there = any(ctx.root.glob(parts.rstrip("/")))
            yield Case(name + ":" + path,
                       error=None if there else "no such file")


def readme_options(ctx):
    """README.md's table is made from the rows that -help is made from."""
    table = ctx.expect(ctx.run([ctx.root / "tools/manual", "table"])).out
    if table + "\n" not in (ctx.root / "README.md").read_text():
        raise Fail("it is not what tools/manual table prints")
    listed = ctx.expect(ctx.emu(["-help"])).out
    listed = re.findall(r"^-([\w-]+)", listed, re.M)
    names = OPTION.findall(table)
    for name in sorted(set(names + listed)):
        there = names.count(name) == listed.count(name) == 1
        yield Case(name, error=None if there else
                   "%d rows, %d lines in -help" % (names.count(name),
                                                   listed.count(name)))


def options_tried(ctx):
    """A test, be it only of its spelling, gives each option."""
    table = re.sub(r"/\*.*?\*/", "", (
        ctx.root / "emu" / "cli" / "options.def").read_text(), flags=re.S)
    text = "".join(path.read_text() for pattern in ("*/*.py", "unit/*.c")
                   for path in sorted((ctx.root / "tests").glob(pattern)))
    given = set(re.findall(r"(?<![\w-])--?([a-zA-Z][\w-]*)", text))
    for name in re.findall(r'^(?:OPTION|ALIAS)\("([^"]+)"', table, re.M):
        yield Case(name, error=None if name in given else "no test gives it")


def event_reference(ctx):
    """docs/events.md has every kind that -d knows, with its fields."""
    made = ctx.expect(ctx.run([ctx.root / "tools/manual", "events"])).out
    if made != (ctx.root / "docs" / "events.md").read_text():
        raise Fail("it is not what tools/manual events prints")
    listed = ctx.expect(ctx.emu(["-d", "help"])).out
    for name in re.findall(r"^## (\w+) \(", made, re.M):
        there = re.search(r"^ *%s\b" % name, listed, re.M)
        yield Case(name, error=None if there else "-d help has none such")


def monitor_commands(ctx):
    """docs/monitor.md has every command, with what help says of it."""
    made = ctx.expect(ctx.run([ctx.root / "tools/manual", "monitor"])).out
    if made not in (ctx.root / "docs" / "monitor.md").read_text():
        raise Fail("it is not what tools/manual monitor prints")
    lines = ctx.tmp / "script"
    lines.write_text("help\nquit\n")
    listed = ctx.expect(ctx.emu(["--script", lines])).out
    listed = re.findall(r"^  ((?:info )?[\w-]+)", listed, re.M)
    names = re.findall(r"^\| `((?:info )?[\w-]+)", made, re.M)
    for name in sorted(set(names + listed)):
        there = names.count(name) == listed.count(name) == 1
        yield Case(name, error=None if there else
                   "%d rows, %d lines in help" % (names.count(name),
                                                  listed.count(name)))


def manual(ctx):
    """The manual page has every option, and is one."""
    page = ctx.build / "emu.1"
    if not shutil.which("groff"):
        raise Skip("no groff")
    shown = ctx.expect(ctx.run(["groff", "-man", "-Tascii", "-ww", "-P-cbou",
                                page]), err=r"\A\Z").out
    listed = ctx.expect(ctx.emu(["-help"])).out
    for name in re.findall(r"^-([\w-]+)", listed, re.M):
        there = re.search(r"^ +--?%s\b" % re.escape(name), shown, re.M)
        yield Case(name, error=None if there else "not in emu.1")


def tests(ctx):
    if shutil.which("apt-get"):
        yield Test("bootstrap/nothing-missing", nothing_missing)
        yield Test("bootstrap/unprivileged", unprivileged)
        yield Test("bootstrap/missing-header", missing_header)
        yield Test("bootstrap/failed-install", failed_install)
        yield Test("bootstrap/shown-failures", shown_failures)
        yield Test("bootstrap/progress", progress)
        yield Test("bootstrap/another-apt", another_apt)
    yield Test("moving-line", moving_line)
    yield Test("no-newer-qemu", no_newer_qemu)
    yield Test("compile-commands", compile_commands)
    yield Test("editorconfig", editorconfig)
    yield Test("contributing", contributing)
    yield Test("documents", documents)
    yield Test("readme-options", readme_options)
    yield Test("monitor-commands", monitor_commands)
    yield Test("options-tried", options_tried)
    yield Test("event-reference", event_reference)
    yield Test("manual", manual)
    yield from linux.TESTS
    yield from runner.TESTS
    yield from seeds.TESTS
