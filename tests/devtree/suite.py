"""The device tree beside the one of QEMU 7.2's virt machine.

Both programs write their tree for the same harts, RAM and command line; the
trees are compared node by node and property by property.  What differs must
stand in one of the tables below, with the reason, and must really differ.
"""

import re
import struct

from harness import Case, Fail, Skip, Test

QEMU = "7.2"  # whose tree is the measure
ARGUMENTS = ["-m", "256", "-append", "console=ttyS0 quiet"]

# Nodes of QEMU's that are not in ours.
NOT_BUILT = {
    "/fw-cfg@10100000": "not built yet",
    "/flash@20000000": "not built yet",
    "/platform-bus@4000000": "for QEMU's own dynamic devices only",
    "/soc/pci@30000000": "not built yet",
}

# Nodes of ours that are not in QEMU's; without firmware, those in /soc alone.
ADDED = {
    "/reserved-memory": "OpenSBI adds it at run time; our firmware is known "
                        "before",
}

# (node, property): why its value differs; cpu@0 stands for all.
DIFFERENT = {
    ("/chosen", "rng-seed"): "from --seed, not from the host",
    ("/cpus/cpu@0", "riscv,isa"): "what this hart has, no more",
    ("/cpus/cpu@0", "mmu-type"): "Sv57, as QEMU 10 says",
    ("/cpus/cpu@0", "riscv,isa-base"): "QEMU 10 has it, tests/cpu compares",
    ("/cpus/cpu@0", "riscv,isa-extensions"): "the same",
    ("/cpus/cpu@0", "riscv,cbom-block-size"): "the same",
    ("/cpus/cpu@0", "riscv,cbop-block-size"): "the same",
    ("/cpus/cpu@0", "riscv,cboz-block-size"): "the same",
    ("/pmu", "riscv,event-to-mhpmcounters"): "7.2 ends it in five zeroes, "
                                             "later QEMU does not",
    ("/pmu", "riscv,event-to-mhpmevent"): "the binding asks for it",
    ("/pmu", "riscv,raw-event-to-mhpmcounters"): "raw events of ours",
    ("/soc/plic@c000000", "riscv,ndev"): "95 sources exist; 7.2 says 96, "
                                         "later QEMU 95",
}

TOKEN_BEGIN, TOKEN_END, TOKEN_PROPERTY, TOKEN_NOP, TOKEN_LAST = 1, 2, 3, 4, 9


def parse(blob):
    """{path: {property: bytes}} of a flattened device tree."""
    magic, _, at, strings = struct.unpack_from(">4I", blob)
    if magic != 0xd00dfeed:
        raise Fail("not a device tree")
    tree, path = {}, []

    def text(offset):
        return blob[offset:blob.index(b"\0", offset)].decode()

    while True:
        token, = struct.unpack_from(">I", blob, at)
        at += 4
        if token == TOKEN_BEGIN:
            name = text(at)
            at += (len(name) + 4) & ~3
            path.append(name)
            tree["/".join(path) or "/"] = {}
        elif token == TOKEN_END:
            path.pop()
        elif token == TOKEN_PROPERTY:
            length, name = struct.unpack_from(">2I", blob, at)
            at += 8
            tree["/".join(path) or "/"][text(strings + name)] = \
                blob[at:at + length]
            at += (length + 3) & ~3
        elif token == TOKEN_LAST:
            return tree
        elif token != TOKEN_NOP:
            raise Fail("bad token %d at %d" % (token, at - 4))


def write_guest(path, start):
    """An ELF of one instruction, `j .`, loaded at start."""
    code = struct.pack("<I", 0x0000006f)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 243,
                         1, start, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 120, start, start, len(code),
                          len(code), 4096)
    path.write_bytes(header + segment + code)
    return path


def inside(path, nodes):
    return any(path == node or path.startswith(node + "/") for node in nodes)


def compare_node(path, ours, theirs):
    """Cases, one a property, of a node that both trees have."""
    for name in sorted(set(ours) | set(theirs)):
        mine, other = ours.get(name), theirs.get(name)
        reason = DIFFERENT.get((re.sub(r"cpu@\d", "cpu@0", path), name))
        error = None
        if mine != other and not reason:
            error = "ours %r, QEMU's %r" % (mine, other)
        elif mine == other and reason:
            error = "is equal, but listed as different: " + reason
        yield Case("%s:%s" % (path, name), error)


def dump(ctx, start, more, machine="virt"):
    """The trees that emu and QEMU make for a guest loaded at start."""
    version = ctx.run(["qemu-system-riscv64", "--version"]).out
    if "version " + QEMU not in version:
        raise Skip("this QEMU is not " + QEMU)
    guest = write_guest(ctx.tmp / "guest", start)
    arguments = ARGUMENTS + more + ["-kernel", guest]
    files = [ctx.tmp / "emu.dtb", ctx.tmp / "qemu.dtb"]
    ctx.expect(ctx.emu(["--dump-dtb", files[0], "-M", machine] + arguments))
    ctx.expect(ctx.run(["qemu-system-riscv64", "-M",
                        "%s,dumpdtb=%s" % (machine, files[1])] + arguments))
    return [parse(path.read_bytes()) for path in files]


def compare(ours, theirs, added):
    """Cases of every node in either; only `added` may be ours alone."""
    for path in sorted(set(ours) | set(theirs)):
        if path in ours and path in theirs:
            listed = inside(path, NOT_BUILT) or inside(path, added)
            yield Case(path, "is in both" if listed else None)
            for case in compare_node(path, ours[path], theirs[path]):
                yield case
        elif path in ours:
            yield Case(path, None if inside(path, added)
                       else "is not in QEMU's")
        else:
            yield Case(path, None if inside(path, NOT_BUILT)
                       else "is missing")


def bare(harts, machine="virt"):
    def test(ctx):
        ours, theirs = dump(ctx, 0x80000000,
                            ["-bios", "none", "-smp", str(harts)], machine)
        yield Case("harts", None if "/cpus/cpu@%d" % (harts - 1) in ours
                   else "are too few")
        devices = [path for path in ADDED if path.startswith("/soc/")]
        for case in compare(ours, theirs, devices):
            yield case
    return test


def kernel(ctx):
    """A kernel on the bundled firmware, which has an initrd."""
    initrd = ctx.tmp / "initrd"
    initrd.write_bytes(b"x" * 12345)
    ours, theirs = dump(ctx, 0x80200000, ["-initrd", initrd])
    for path in ADDED:
        yield Case(path + ":added", None if path in ours else "is missing")
    for case in compare(ours, theirs, ADDED):
        yield case


def tests(ctx):
    for harts in (1, 2, 4, 8):
        yield Test("bare-%d" % harts, bare(harts))
    yield Test("bare-aclint", bare(2, "virt,aclint=on"))
    yield Test("kernel", kernel)
