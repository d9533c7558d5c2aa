"""What events say of page tables is what memory has, at any time."""

from harness import Fail, Test


def rebuilt(program, harts=1):
    """Every table rebuilt from events equals memory, at random places."""
    def check(ctx):
        images = [ctx.build / name for name in (
            "firmware/firmware.elf", "guest/kernel/kernel.elf",
            "guest/user/initrd.cpio")]
        result = ctx.run(
            [ctx.build / "tests/trace/rebuild", harts, 1000, 40000000, 1] +
            images + ["init=/bin/" + program], timeout=120)
        ctx.expect(result, out=r"^\d+ points, \d+ tables, \d+ entries, ")
        points, roots = (int(result.out.split()[i]) for i in (0, 6))
        if points < 20 or roots < 3:
            raise Fail("nothing to compare: " + result.out)
    return check


def tests(ctx):
    for program in ("cow", "fork-exec", "bomb", "pstree"):
        yield Test("rebuilt/" + program, rebuilt(program))
