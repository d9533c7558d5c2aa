"""What tools/run linux needs is fetched, or one line says why not; what it
makes of made-up packages is a kernel, and an initrd whose modules load in
their order."""

import lzma
import os
import re
import shutil
from pathlib import Path

from harness import Fail, Skip, Test, describe

KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"

# Name, what it needs: some in the order of the alphabet, some against it.
MODULES = {"virtio_mmio": "", "virtio_blk": "", "virtio-rng": "zz-base",
           "zz_base": "", "crc32c_generic": "", "ext4": "mbcache,jbd2",
           "jbd2": "aa", "mbcache": "", "aa": "mbcache", "unwanted": ""}

APT = """case "$*" in
*indextargets*) echo "%(release)s x MIRROR"; echo "other x OTHER" ;;
*download*) for package; do :; done
    [ "$package" = "%(lacking)s" ] && { echo "E: no $package" >&2; exit 100; }
    echo "$package" >"${package}_1_riscv64.deb" ;;
esac
"""

DPKG = """case $1 in
-f) echo "linux-image-9.9 (= 9.9-1), other" ;;
-x) [ -d "$3" ] && cp -r "%s/$(cat "$2")/." "$3" ;;
esac
"""


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def fetch(ctx, apt, *arguments):
    """fetch-linux, with an apt-get and a dpkg-deb that know of these."""
    if not os.path.exists(KEYS):
        raise Skip("no " + KEYS)
    folder, cache = ctx.tmp / "bin", ctx.tmp / "cache"
    folder.mkdir(exist_ok=True)
    script(folder / "apt-get", apt)
    script(folder / "dpkg-deb", DPKG % (ctx.tmp / "packages"))
    script(folder / "mke2fs", "exit 0\n")
    path = "%s:%s" % (folder, os.environ["PATH"])
    result = ctx.run([ctx.root / "tools" / "fetch-linux"] + list(arguments),
                     env={"PATH": path, "XDG_CACHE_HOME": str(cache)})
    return result, cache / "emu" / "linux"


def packages(ctx):
    root = ctx.tmp / "packages"
    boot, busybox = root / "linux-image-9.9/boot", root / "busybox-static/bin"
    modules = root / "linux-image-9.9/usr/lib/modules/9.9/kernel"
    for folder in boot, busybox, modules, root / "linux-image-riscv64":
        folder.mkdir(parents=True)
    (boot / "vmlinux-9.9").write_bytes(b"the kernel")
    (busybox / "busybox").write_bytes(b"busybox!")
    for number, (name, needs) in enumerate(MODULES.items()):
        data = b"ELF\0name=%s\0depends=%s\0" % (name.encode(), needs.encode())
        if number % 2:
            (modules / (name + ".ko.xz")).write_bytes(lzma.compress(data))
        else:
            (modules / (name + ".ko")).write_bytes(data)


def entries(archive):
    """[(name, mode, data)] of a newc archive."""
    found, at = [], 0
    while True:
        assert archive[at:at + 6] == b"070701", archive[at:at + 6]
        field = [int(archive[at + 6 + 8 * i:at + 14 + 8 * i], 16)
                 for i in range(13)]
        name = archive[at + 110:at + 109 + field[11]].decode()
        start = (at + 110 + field[11] + 3) & ~3
        if name == "TRAILER!!!":
            return found
        found.append((name, field[1], archive[start:start + field[6]]))
        at = (start + field[6] + 3) & ~3


def whole(ctx):
    packages(ctx)
    result, cache = fetch(ctx, APT % {"release": "trixie", "lacking": "-"})
    ctx.expect(result, out=[r"^vmlinux-9\.9, 9 modules$"], err=r"\A\Z")
    left = sorted(path.name for path in cache.iterdir())
    if left != ["Image", "initrd.cpio"]:
        raise Fail("there is %s" % left)
    if (cache / "Image").read_bytes() != b"the kernel":
        raise Fail("another kernel")
    archive = (cache / "initrd.cpio").read_bytes()
    files = {name: data for name, mode, data in entries(archive)}
    if files["bin/busybox"] != b"busybox!" or "init" not in files:
        raise Fail("in the initrd: %s" % sorted(files))
    seen = []
    for name in sorted(n for n in files if n.startswith("modules/")):
        told = re.search(rb"name=([^\0]*)\0depends=([^\0]*)", files[name])
        module, needs = (word.decode().replace("-", "_")
                         for word in told.groups())
        early = [n for n in needs.split(",") if n and n not in seen]
        if early:
            raise Fail("%s is loaded before %s" % (module, early))
        seen.append(module)
    wanted = sorted(n.replace("-", "_") for n in MODULES if n != "unwanted")
    if sorted(seen) != wanted:
        raise Fail("loaded are %s" % seen)


def one_missing(ctx):
    """What somebody has deleted is made again."""
    packages(ctx)
    apt = APT % {"release": "trixie", "lacking": "-"}
    _, cache = fetch(ctx, apt)
    (cache / "initrd.cpio").unlink()
    result, _ = fetch(ctx, apt)
    ctx.expect(result)
    if not (cache / "initrd.cpio").exists():
        raise Fail("no initrd.cpio\n" + describe(result))


def no_package(ctx):
    packages(ctx)
    result, cache = fetch(ctx, APT % {"release": "trixie",
                                      "lacking": "busybox-static"})
    ctx.expect(result, 1, err=r"\Atools/fetch-linux: MIRROR has no "
               r"busybox-static in trixie\n\Z")
    if list(cache.iterdir()):
        raise Fail("left behind: %s" % list(cache.iterdir()))


def no_source(ctx):
    result, cache = fetch(ctx, "")
    ctx.expect(result, 1, err=r"\Atools/fetch-linux: this host's apt has no "
               r"source of Debian; name one by --mirror\n\Z")
    if list(cache.iterdir()):
        raise Fail("left behind: %s" % list(cache.iterdir()))


def run(ctx, *arguments):
    """tools/run in a tree whose emu, built already, says what it is given."""
    tree = ctx.tmp / "tree"
    shutil.copytree(ctx.root / "tools", tree / "tools")
    for name in "bootstrap", "build", "fetch-linux":
        script(tree / "tools" / name, "exit 0\n")
    (tree / "build").mkdir()
    script(tree / "build" / "emu", 'for word; do echo "<$word>"; done\n')
    return ctx.run([tree / "tools" / "run", *arguments],
                   env={"XDG_CACHE_HOME": "/C"}), tree


def run_linux(ctx):
    plain, root = "console=ttyS0 quiet", "console=ttyS0 quiet root=/dev/vda rw"
    for arguments, append, disk in (
            (["linux"], plain, ""), (["linux", "-smp", "2"], plain, ""),
            (["linux", "--root", "-smp", "2"], root, "<-drive>\n<file=/C/emu/"
             "linux/root.ext4,if=none,format=raw,id=root>\n<-device>\n"
             "<virtio-blk-device,drive=root>\n")):
        shutil.rmtree(ctx.tmp / "tree", ignore_errors=True)
        result, _ = run(ctx, *arguments)
        last = "".join("<%s>\n" % w for w in arguments if w in ("-smp", "2"))
        wanted = ("<-m>\n<512M>\n<-kernel>\n</C/emu/linux/Image>\n<-initrd>\n"
                  "</C/emu/linux/initrd.cpio>\n<-append>\n<%s>\n%s%s"
                  % (append, disk, last))
        if result.out != wanted:
            raise Fail(describe(result))


def run_xv6(ctx):
    if not shutil.which("make"):
        raise Skip("no make")
    tree = ctx.tmp / "xv6"
    tree.mkdir()
    result, _ = run(ctx, "xv6", tree)
    ctx.expect(result, 125, err=r"\Atools/run: \S+/xv6 is no xv6 tree: no "
               r"QEMUOPTS in a Makefile\n\Z")
    (tree / "Makefile").write_text("QEMUOPTS = -m 128M -smp $(CPUS)\nCPUS = 3\n"
                                   "qemu:\n\t@$(QEMU) $(QEMUOPTS)\n")
    shutil.rmtree(ctx.tmp / "tree")
    result, _ = run(ctx, "xv6", tree, "CPUS=1")
    ctx.expect(result, out=r"<-m>\n<128M>\n<-smp>\n<1>\n")


TESTS = [
    Test("linux/fetched", whole),
    Test("linux/no-initrd", one_missing),
    Test("linux/no-package", no_package),
    Test("linux/no-source", no_source),
    Test("linux/run", run_linux),
    Test("xv6/run", run_xv6),
]
