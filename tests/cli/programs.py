"""What a program's output, and what its arguments, get to: every byte of its
own and no other."""

import re

import elf
from files import in_shell, refused, write
from harness import Case, Fail, Test, describe

S_MODE = elf.RAM + 0x200000


def only_its_own(ctx):
    """On a pipe a program writes what it writes, as a native one does."""
    folder = ctx.images / "user"
    text = "grüße\n\n\ttab, no end"
    for name, args, stdin, out in (
            ("echo", [folder / "echo.elf", "hi"], "", "hi\n"),
            ("cat", [folder / "cat.elf"], text, text),
            ("explain", ["--explain", folder / "echo.elf", "hi"], "", "hi\n"),
            ("silent", [folder / "true.elf"], "", ""),
            ("loud", ["-append", "quiet=0", folder / "true.elf"], "", None)):
        result = ctx.expect(ctx.emu(args, stdin=stdin, timeout=20))
        good = "emu kernel" in result.out if out is None \
            else result.raw == out.encode()
        yield Case(name, None if good else describe(result))


def open_line(ctx):
    """A last line without its end gets none, but where emu has to say more
    beside it."""
    talks = elf.hello("no end")
    for name, code, args, line, out, err in (
            ("silent", elf.exit_pass(), [], "", "no end", ""),
            ("apart", elf.exit_fail(7), [], "", "no end",
             "emu: the guest failed with code 7\n"),
            ("beside", elf.exit_fail(7), [], "2>&1",
             "no end\nemu: the guest failed with code 7\n", ""),
            ("beside-silent", elf.exit_pass(), [], "2>&1", "no end", ""),
            ("hash", elf.exit_fail(7), ["--trace-hash"], "2>&1",
             "no end\ntrace hash X\nemu: the guest failed with code 7\n", "")):
        guest = write(ctx, "guest.elf", elf.elf(elf.words(talks, code)))
        result = in_shell(ctx, line, *args, guest, status=None)
        got = re.sub("hash .*", "hash X", result.out)
        yield Case(name, None if (got, result.err) == (out, err)
                   else describe(result))


def quiet(ctx):
    """-quiet leaves out what firmware and bundled kernel say; trouble is
    told of all the same."""
    result = ctx.expect(ctx.emu(["-quiet", "-append", "init=/bin/echo hi"],
                                timeout=20))
    if result.out != "hi\r\n":
        raise Fail(describe(result))
    kernel = write(ctx, "kernel.elf", elf.elf(elf.words(
        elf.hello("mine\n"), elf.exit_pass()), base=S_MODE))
    for args, out in ((["-quiet"], r"\Amine\n\Z"),
                      ([], r"\Aemu firmware .*\nmine\n\Z")):
        ctx.expect(ctx.emu(args + [kernel], timeout=20), out=out)
    ctx.expect(ctx.emu(["-quiet", "-append", "nonsense init=/bin/true"],
                       timeout=20), 1,
               out=r"\Aboot option not understood: nonsense\r\n\Z")


def long_lines(ctx):
    """Arguments arrive whole, or a line says how many there may be."""
    echo = ctx.images / "user/echo.elf"
    for words in (["a"] * 8000, ["x" * 100000], ["", "b  c", "\t", "fork=odf"],
                  ["%d" % n for n in range(30000)]):
        result = ctx.expect(ctx.emu([echo] + words, timeout=20))
        if result.out != " ".join(words) + "\n":
            raise Fail("%d arguments came as %d bytes" % (
                len(words), len(result.out)))
    whole = "init=/bin/true ".ljust(16383, "x")
    ctx.expect(ctx.emu(["-append", whole], timeout=20), out="^init ")
    refused(ctx, [echo] + ["x" * 100000] * 20, "echo.elf", "bytes; the bundled",
            "takes 2000000")
    named = ctx.tmp / ("a program " + "x" * 240)
    named.write_bytes(echo.read_bytes())
    ctx.expect(ctx.emu([named, "hi"], timeout=20), out=r"\Ahi\n\Z")
    refused(ctx, ["-append", "x" * 16384], "-append", "takes 16384")
    ctx.expect(ctx.emu(["-append", "x" * 16384, "-kernel",
                        ctx.images / "kernel/kernel.elf"], timeout=20), 1,
               out=r"bootargs has 16385 bytes; this kernel takes 16384")
    tree = ctx.tmp / "tree"
    text = "x" * 100000
    ctx.expect(ctx.emu(["-append", text, "-kernel", write(
        ctx, "guest.elf", elf.elf(elf.words(elf.exit_pass()))), "-bios",
        "none", "-dump-dtb", tree]))
    if text.encode() not in tree.read_bytes():
        raise Fail("it is not in the device tree")


TESTS = [
    Test("programs/only-its-own", only_its_own),
    Test("programs/open-line", open_line),
    Test("programs/quiet", quiet),
    Test("programs/long-lines", long_lines),
]
