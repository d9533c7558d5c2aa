"""The build: other compilers, what is linked, and that it is repeatable.

SERIAL, since each test uses all processors by itself, and since later
suites use what this one builds.
"""

import os
import re
import shutil
import subprocess

import elf
from harness import BUGS_IMAGE, IMAGES, VARIANTS, Case, Fail, Test

SERIAL = True
UNMOVED = "it looks at files"
# What emu itself may link; anything more is opened when first used.
LIBRARIES = ("libc", "libm", "libfdt", "libelf", "libz", "libzstd", "ld-linux",
             "linux-vdso", "libpthread")


def variant(name):
    def check(ctx):
        folder = ctx.build_variant(name, *([] if name == "clang" else ["emu"]))
        ctx.expect(ctx.run([folder / "emu", "--version"]))
    return check


def linked_libraries(ctx):
    """emu links little: libc, libfdt, libelf and what these need."""
    out = ctx.expect(ctx.run(["ldd", ctx.build / "emu"])).out
    found = re.findall(r"^\s*(?:/\S*/)?([\w+-]+?)(?:-x86-64|-aarch64)?\.so",
                       out, re.M)
    other = sorted(set(found) - set(LIBRARIES))
    if other or "libc" not in found:
        raise Fail("emu links %s\n%s" % (other, out))


def copy_source(ctx):
    names = subprocess.run(["git", "ls-files", "-z"], cwd=str(ctx.root),
                           stdout=subprocess.PIPE, check=True).stdout
    copy = ctx.tmp / "elsewhere" / "source"
    for name in names.decode().split("\0"):
        if name and (ctx.root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(str(ctx.root / name), str(copy / name))
    return copy


def changed_by(build, before):
    return [name for name in (*IMAGES, BUGS_IMAGE, "emu")
            if (build / name).stat().st_mtime_ns != before[name]]


def stamps(build):
    return {name: (build / name).stat().st_mtime_ns
            for name in (*IMAGES, BUGS_IMAGE, "emu")}


def copy_and_touch(ctx):
    """A clone elsewhere builds the same images; a touched kernel header
    rebuilds the kernel and embeds it anew, and nothing else does."""
    copy = copy_source(ctx)
    build = ctx.tmp / "build"
    make = [copy / "tools" / "build", build, "--", "emu"]
    ctx.expect(ctx.run(make))
    for name in (*IMAGES, BUGS_IMAGE):
        same = (build / name).read_bytes() == (ctx.build / name).read_bytes()
        yield Case("same-" + os.path.basename(name),
                   error=None if same else "differs when built elsewhere")
    before = stamps(build)
    ctx.expect(ctx.run(make))
    again = changed_by(build, before)
    yield Case("idle", error="rebuilt %s for nothing" % again
               if again else None)
    headers = sorted((copy / "guest" / "kernel").glob("*/*.h"))
    if len(headers) < 5:
        raise Fail("only %d kernel headers" % len(headers))
    for header in headers[::max(1, len(headers) // 5)]:
        before = stamps(build)
        header.write_text(header.read_text() + "\n")
        ctx.expect(ctx.run(make))
        changed = changed_by(build, before)
        wanted = {"guest/kernel/kernel.elf", BUGS_IMAGE, "emu"}
        if header.parent.name == "bugs":
            wanted.remove("guest/kernel/kernel.elf")
        yield Case("touch-" + header.name,
                   error=None if set(changed) == wanted
                   else "rebuilt %s" % changed)


def library(ctx):
    """A program outside of the tree, by public headers and archive alone."""
    program, guest = ctx.tmp / "program", ctx.tmp / "guest.elf"
    guest.write_bytes(elf.elf(elf.words(elf.hello("hi\n"), elf.exit_fail(9))))
    ctx.expect(ctx.run(
        ["gcc", "-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror",
         "-I", ctx.root / "emu" / "include", "-o", program,
         ctx.root / "tests" / "build" / "library.c",
         ctx.build / "librvemu.a", "-lfdt", "-lelf", "-lz", "-lzstd", "-lm",
         "-pthread"]))
    ctx.expect(ctx.run([program, guest]), out=r"\Ahi\nreason 2, code 9, \d+ ")


def without_images(ctx):
    """-Dguest=disabled gives an emu that says what it lacks."""
    folder = ctx.tmp / "bare"
    ctx.expect(ctx.run([ctx.root / "tools" / "build", folder,
                        "-Dguest=disabled", "--", "emu"]))
    ctx.expect(ctx.run([folder / "emu"]), 125,
               err=r"\Aemu: .*without a bundled kernel.*\n\Z")


def tests(ctx):
    yield Test("ldd", linked_libraries)
    for name in VARIANTS:
        yield Test(name, variant(name), timeout=300)
    yield Test("library", library)
    yield Test("copy", copy_and_touch, timeout=300)
    yield Test("without-images", without_images, timeout=120)
