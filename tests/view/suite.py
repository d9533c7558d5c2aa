"""emu-view: what is on the screen is what the machine has, and keys do what
they say.

`lab` (docs/examples/lab.c) is the guest: a child stores to a variable that it
shares.  Most tests press keys by --press and read the state that is written
beside the picture; those of the window use real keys and a real mouse on a
display of their own.  `stopped` runs the same machine to a step by the library
alone, and judges.
"""

import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import languages  # noqa: E402
import pages  # noqa: E402
import pictures  # noqa: E402
import runs  # noqa: E402
from display import PATIENCE, Display, lab, viewer  # noqa: E402
from harness import Case, Fail, Skip, Test, describe  # noqa: E402

UNMOVED = "the viewer makes its machine by itself"
STEPS = 40
FLIPS = 30
TOLERANCE = 40  # of 255, in a square of 8 pixels
GOLDEN = Path(__file__).resolve().parent / "golden"
HASTE = 5  # ms between two keys


def shot(ctx, options, guest=None, name="a"):
    """The state of the screen, and where its picture is."""
    picture, state = ctx.tmp / (name + ".png"), ctx.tmp / (name + ".json")
    ctx.expect(ctx.run([viewer(ctx), "--shot", picture, "--state", state,
                        *options, *(guest or [lab(ctx)])],
                       env=dict(os.environ, SDL_VIDEODRIVER="dummy")))
    return json.loads(state.read_text()), picture


def press(ctx, keys, guest=None):
    return shot(ctx, ["--press", keys] if keys else [], guest)[0]


def row(state, label="counter.value"):
    return next(row for row in state["rows"] if row["label"] == label)


def want(state, **wanted):
    for name, value in wanted.items():
        if state[name] != value:
            raise Fail("%s is %r, wanted %r, at step %d: %s" % (
                name, state[name], value, state["step"], state["sentence"]))


def frames(state):
    """The frames of the variable, left, middle, right: name and value."""
    return [frame and (frame["name"], frame["value"])
            for frame in row(state)["frames"]]


def same(what, got, wanted):
    if got != wanted:
        raise Fail("%s: %r, wanted %r" % (what, got, wanted))


# ---- the first minute ----

def opens_at_the_fault(ctx):
    state = press(ctx, "")
    want(state, kind="fault", sentence="pid 3 stores 42 to counter.value. "
         "Shared with pid 1, read-only since the fork: page fault.")
    if not re.match(r"lab\.c:\d+    counter\.value = 42;", state["source"]):
        raise Fail("the source line is %r" % state["source"])
    same("frames", frames(state), [None, ("A", 7), None])
    same("rights", [page["rights"] for page in row(state)["pages"]],
         ["r--", "r--"])


def copies(ctx):
    state = press(ctx, "next")
    want(state, kind="copy")
    same("frames", frames(state), [None, ("A", 7), ("B", 7)])
    same("rights", [page["rights"] for page in row(state)["pages"]],
         ["r--", "rw-"])
    if not row(state)["tlb"][1]["stale"]:
        raise Fail("the TLB entry is not stale between the copy and the fence")


def fences(ctx):
    before, state = press(ctx, "next"), press(ctx, "next,next")
    want(state, kind="fence")
    same("the TLB's slot", (bool(before["rows"] and row(before)["tlb"][1]),
                            row(state)["tlb"][1]), (True, None))


def stores(ctx):
    state = press(ctx, "next,next,next")
    want(state, kind="store", sentence="The store runs again and goes through: "
         "pid 3 sees 42, pid 1 sees 7.")
    same("frames", frames(state), [None, ("A", 7), ("B", 42)])


def goes_back(ctx):
    there, back = press(ctx, "next"), press(ctx, "next,next,next,back,back")
    for state in (there, back):
        del state["texts"]
    same("the screen after going back", back, there)


def asks_why(ctx):
    state = press(ctx, "why")
    want(state, kind="fork")
    same("rights", [page["rights"] for page in row(state)["pages"]],
         ["r--", "r--"])
    earlier, _ = shot(ctx, ["--at", str(state["step"] - 1)])
    if earlier["processes"][1]["lives"]:
        raise Fail("the child lives before the fork")
    same("undone", press(ctx, "why,undo")["kind"], "fault")


def finds_events(ctx):
    for keys, kind in [("home,fork_before", "fork"), ("fork_before,fault",
                       "fault"), ("next,fault_before", "fault"),
                       ("end", "end"), ("end,home", "fault")]:
        error = None
        state = press(ctx, keys)
        if state["kind"] != kind:
            error = "%s, wanted %s" % (state["kind"], kind)
        yield Case(keys, error)


def predicts(ctx):
    asked = press(ctx, "predict,next")
    want(asked, kind="fault", asked=True)
    shown = " ".join(text["text"] for text in asked["texts"])
    if "copy" in shown or "?" not in shown:
        raise Fail("the answer is shown: %s" % shown)
    want(press(ctx, "predict,next,next"), kind="copy", asked=False)


def steps_by_instruction(ctx):
    first = press(ctx, "")
    on = press(ctx, "finer,finer,next")
    same("a step on", on["step"], first["step"] + 1)
    same("and back", press(ctx, "finer,finer,next,back,back")["step"],
         first["step"] - 1)


def steps_by_line(ctx):
    state = press(ctx, "next,next,next,finer,next")
    here = int(re.match(r"lab\.c:(\d+)", press(ctx, "")["source"]).group(1))
    same("steps on", state["step"] > press(ctx, "next,next,next")["step"], True)
    back = press(ctx, "next,next,next,finer,back")
    line = re.match(r"lab\.c:(\d+)|", back["source"]).group(1)
    if line and int(line) > here:
        raise Fail("back from line %d leads to %s" % (here, back["source"]))


def panels(ctx):
    for key, text in [("tables", "L0"), ("events", "fault   pid 3"),
                      ("console", "before: 7"), ("frames", "frames, "), ("registers", "pc ffffff"),
                      ("keys", "step back")]:
        state = press(ctx, key)
        found = any(text in item["text"] for item in state["texts"])
        yield Case(key, None if found else "no %r on the screen" % text)


def console_is_of_the_step(ctx):
    def printed(keys):
        return " ".join(item["text"] for item in press(ctx, keys)["texts"])
    if "child:  42" in printed("console"):
        raise Fail("the console is ahead of the step")
    if "child:  42" not in printed("console,end"):
        raise Fail("the console has not got all")


def crowd(ctx):
    """Eight processes: two are large, the others small; the frames of all are
    in the grid, and a click makes another one large."""
    guest = ["-append", "init=/bin/lab5-fork"]
    state, _ = shot(ctx, ["--at", "exit"], guest)
    alive = [p for p in state["processes"] if p and p["lives"]]
    same("processes", len(state["others"]) + len(alive), state["living"])
    if state["living"] < 6:
        raise Fail("only %d live" % state["living"])
    grid, _ = shot(ctx, ["--at", "exit", "--press", "frames"], guest)
    text = next(t["text"] for t in grid["texts"] if "frames, " in t["text"])
    frames, shared = map(int, re.findall(r"\d+", text))
    if not shared or shared >= frames:
        raise Fail("the grid says: %s" % text)
    with Display(ctx, ["-append", "init=/bin/lab5-fork"]) as display:
        display.look(kind="fault")
        state = display.key("End", kind="end")
        while not state["others"]:
            state = display.go("Left")
        pids = [t for t in state["texts"] if t["text"].isdigit()
                and t["y"] < 170]
        display.tool("mousemove", int(pids[-1]["x"]) + 4, int(pids[-1]["y"]) + 6,
                     "click", 1)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if any(p and str(p["pid"]) == pids[-1]["text"]
                   for p in display.look()["processes"]):
                return
            time.sleep(0.05)
    raise Fail("pid %s does not become large" % pids[-1]["text"])


# ---- truth ----

def images(ctx):
    return [ctx.build / name for name in (
        "firmware/firmware.elf", "guest/kernel/kernel.elf",
        "guest/user/initrd.cpio")]


def say(value):
    return int(value, 16)


def requests(state):
    """What is claimed of a step: (step, satp, va, leaf, TLB's, value, size)."""
    for row in state["rows"]:
        if not row["single"]:
            continue
        for side, process in enumerate(state["processes"]):
            if not process or not process["lives"]:
                continue
            page, slot = row["pages"][side], row["tlb"][side]
            value = None
            if page:
                value = row["frames"][page["place"]].get("value")
            yield (state["step"], say(process["satp"]),
                   say(row["var"] if row["size"] else row["va"]),
                   say(page["pte"]) if page else 0,
                   say(slot["pte"]) if slot else 0, value, row["size"])


def judge(claims, hart, line):
    """What of the claims about a step is not so, or None."""
    pc, priv, satp, leaf, tlb, value = (int(word, 16) for word in line.split())
    _, _, va, said_leaf, said_tlb, said, size = claims
    wrong = []
    if (pc, priv, satp) != (say(hart["pc"]), hart["priv"], say(hart["satp"])):
        wrong.append("the hart is at %x, said %s" % (pc, hart["pc"]))
    if said_leaf != leaf:
        wrong.append("leaf of %x: %x, said %x" % (va, leaf, said_leaf))
    if said_tlb != tlb:
        wrong.append("TLB for %x: %x, said %x" % (va, tlb, said_tlb))
    if said is not None and said & (1 << 8 * size) - 1 != (
            value & (1 << 8 * size) - 1):
        wrong.append("at %x is %x, said %x" % (va, value, said))
    return "; ".join(wrong) or None


def truth(ctx):
    """At random steps the screen says what a machine stopped there has."""
    firmware, kernel, initrd = images(ctx)
    guest = ["-bios", firmware, "-kernel", kernel, "-initrd", initrd,
             "-append", "init=/bin/cow"]
    first, _ = shot(ctx, [], guest)
    last, _ = shot(ctx, ["--at", "end"], guest)
    rng = random.Random(14)
    fork, _ = shot(ctx, ["--at", "fork"], guest)
    steps = sorted([rng.randrange(fork["step"], last["step"])
                    for _ in range(STEPS - 1)] + [first["step"]])
    claims, harts = [], []
    for step in steps:
        state, _ = shot(ctx, ["--at", str(step)], guest)
        for claim in requests(state):
            claims.append(claim)
            harts.append(state["harts"][0])
    if len(claims) < 3 * STEPS:
        raise Fail("only %d claims" % len(claims))
    result = ctx.expect(ctx.run(
        [ctx.build / "tests/view/stopped", *images(ctx), "init=/bin/cow"],
        stdin="".join("%x %x %x\n" % claim[:3] for claim in claims)))
    for claim, hart, line in zip(claims, harts, result.out.splitlines()):
        yield Case("%d-%x-%x" % claim[:3], judge(claim, hart, line))


def make_trace(ctx, guest, name="run.emt"):
    path = ctx.tmp / name
    ctx.expect(ctx.emu(["--trace", path, *guest]))
    return path


def known(state):
    """What a trace tells, too."""
    return [[state["kind"], state["processes"], state["living"]]] + [
        [row["label"], row["pages"], row["tlb"],
         [frame and {key: frame[key] for key in frame if key != "value"}
          for frame in row["frames"]]] for row in state["rows"]]


def trace_truth(ctx):
    """A trace shows what the machine that it is of shows, at each event and at
    random steps."""
    trace = make_trace(ctx, [lab(ctx)])
    begun, _ = shot(ctx, ["--at", "copy"], [trace])
    end, _ = shot(ctx, ["--at", "end"], [trace])
    rng = random.Random(3)
    places = ["fault:%d" % n for n in (1, 2)] + ["copy", "fence:2", "store:2",
                                                 "exit"]
    places += [str(rng.randrange(begun["step"], end["step"]))
               for _ in range(20)]
    for place in places:
        live, _ = shot(ctx, ["--at", place])
        told, _ = shot(ctx, ["--at", place], [trace])
        wrong = [(a, b) for a, b in zip(known(live), known(told)) if a != b]
        yield Case(place, wrong and "machine and trace: %s, %s" % wrong[0]
                   or None)


def trace_damaged(ctx):
    """A damaged trace is shown as far as it goes, or refused in a line."""
    data = make_trace(ctx, [lab(ctx)]).read_bytes()
    rng = random.Random(4)
    bad = ctx.tmp / "bad.emt"
    for n in range(FLIPS):
        broken = bytearray(data[:rng.randrange(len(data))]
                           if n % 3 == 0 else data)
        for _ in range(rng.randrange(1, 20) if broken else 0):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        bad.write_bytes(broken)
        result = ctx.run([viewer(ctx), "--press", "next,end,why,home", "--shot",
                          ctx.tmp / "a.png", bad])
        lines = result.err.strip().split("\n")
        good = result.status == 0 or (result.status == 125 and len(lines) == 1)
        yield Case("damaged-%d" % n, None if good else describe(result))


def look_at(ctx, program, bug, event):
    append = "init=/bin/%s%s" % (program, bug and " bug=" + bug)
    return shot(ctx, ["--at", event], ["-append", append], bug or "right")


def one_entry(ctx):
    """A kernel that leaves W where it should take it: what differs is W."""
    right, one = look_at(ctx, "cow", "", "fork")
    wrong, other = look_at(ctx, "cow", "keep-w", "mistake")
    rights = [[page["rights"] for row in state["rows"] if row["single"]
               for page in row["pages"][:1]] for state in (right, wrong)]
    if set(rights[0]) != {"r--"} or "rw-" not in rights[1]:
        raise Fail("rights of the parent: %s" % rights)
    if pictures.far(one, other) < TOLERANCE:
        raise Fail("the pictures do not differ")


def forgotten_fence(ctx):
    """A TLB entry that no fence removed is shown as stale."""
    wrong, _ = look_at(ctx, "stale", "nofence", "mistake")
    right, _ = look_at(ctx, "stale", "", "fork")
    stale = [[slot["stale"] for row in state["rows"] for slot in row["tlb"]
              if slot] for state in (right, wrong)]
    if any(stale[0]) or not any(stale[1]):
        raise Fail("stale entries, right and wrong: %s" % stale)


# ---- the look ----

def texts_apart(state, size):
    """What is wrong with where texts stand, or None."""
    width = max(720 * size[0] / size[1], 1100)
    texts = state["texts"]
    for i, a in enumerate(texts):
        if a["x"] < 0 or a["x"] + a["w"] > width + 1 or a["y"] < 0 or (
                a["y"] + a["h"] > 720):
            return "%r is cut" % a["text"]
        if a["text"].endswith("…"):
            return "%r is shortened" % a["text"]
        for b in texts[:i]:
            if (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
                    and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]):
                return "%r lies over %r" % (a["text"], b["text"])
    return None


def layout(ctx):
    """Nothing overlaps or is cut, and fewer than 40 words are on the screen."""
    for size in [(1280, 720), (2560, 1440), (1024, 768), (1920, 1080)]:
        for keys in ["", "next", "next,next", "next,next,next", "why"]:
            options = ["--size", "%dx%d" % size]
            state, _ = shot(ctx, options + (["--press", keys] if keys else []))
            error = texts_apart(state, size)
            if state["words"] >= 40:
                error = "%d words" % state["words"]
            yield Case("%dx%d-%s" % (size + (keys,)), error)


def boxes_stay(ctx):
    """What has a name stands where it stood, at each step of the story."""
    def places(state):
        return {text["text"]: (text["x"], text["y"]) for text in state["texts"]
                if text["text"] in ("pid 1", "pid 3", "A", "text", "data")}
    before = places(press(ctx, ""))
    if len(before) < 4:
        raise Fail("only %s are there" % before)
    for keys in ["next", "next,next", "next,next,next", "why"]:
        now = places(press(ctx, keys))
        moved = [name for name in before if now.get(name) != before[name]]
        yield Case(keys, moved and "%s moved" % moved or None)


def golden(ctx):
    """The pictures of the first minute are those that are kept."""
    for name, options in GOLDENS.items():
        _, picture = shot(ctx, ["--size", "480x320", *options], name=name)
        kept = GOLDEN / (name + ".png")
        if os.environ.get("EMU_VIEW_KEEP"):
            shutil.copy(str(picture), str(kept))
        far = pictures.far(picture, kept)
        yield Case(name, None if far < TOLERANCE else
                   "it differs by %d from %s" % (far, kept))


GOLDENS = {
    "fault-dark": [],
    "copy-light": ["--theme", "light", "--press", "next"],
    "fence-dark": ["--press", "next,next"],
    "store-light": ["--theme", "light", "--press", "next,next,next"],
    "fork-dark": ["--press", "why"],
}


def planted_picture(ctx):
    """The comparison sees a step's difference."""
    one, other = (GOLDEN / (name + ".png")
                  for name in ("fault-dark", "fence-dark"))
    if pictures.far(one, other) < TOLERANCE:
        raise Fail("two steps pass for the same picture")


def documented(ctx):
    """The pictures in README and docs/view.md are rebuilt, and the keys and
    lines there are those that there are."""
    ctx.expect(ctx.run([ctx.root / "tools/pictures", "--build", ctx.build,
                        ctx.tmp]))
    viewer(ctx)
    for picture in sorted((ctx.root / "docs/view").glob("*.png")):
        far = pictures.far(ctx.tmp / picture.name, picture)
        yield Case(picture.name, None if far < TOLERANCE else
                   "it differs by %d: tools/pictures makes it" % far)
    manual = (ctx.root / "docs/view.md").read_text()
    for key, what in re.findall(
            r'^KEY\(\w+, "([^"]+)", "([^"]+)"\)',
            (ctx.root / "tools/view/keys.def").read_text(), re.M):
        yield Case("key-" + what.replace(" ", "-"),
                   None if "| %s | %s |\n" % (key, what) in manual
                   else "docs/view.md does not have it")
    readme = (ctx.root / "README.md").read_text()
    said = press(ctx, "")["sentence"]
    explained = ctx.emu(["--explain", lab(ctx)]).err
    line = next(line for line in explained.split("\n") if "counter" in line)
    readme, line = (re.sub(r"#[0-9a-f]{5}", "#", text)
                    for text in (readme, line))
    for text in (said, line):
        yield Case(text[:20], None if text in readme
                   else "README.md does not say: %s" % text)


# ---- a window ----

def window_keys(ctx):
    """The first minute by real keys."""
    with Display(ctx) as display:
        first = display.look(kind="fault")
        for key, wanted in [
                ("Right", dict(kind="copy")), ("Right", dict(kind="fence")),
                ("space", dict(kind="store")), ("Left", dict(kind="fence")),
                ("Left", dict(kind="copy")), ("w", dict(kind="fork")),
                ("BackSpace", dict(kind="copy")), ("Home", dict(kind="fault")),
                ("Down", dict(grain="line")),
                ("Down", dict(grain="instruction")),
                ("Right", dict(step=first["step"] + 1)),
                ("Left", dict(step=first["step"])), ("Up", dict(grain="line")),
                ("Up", dict(grain="event")), ("t", dict(panel=3)),
                ("t", dict(panel=0)), ("e", dict(panel=2)),
                ("Escape", dict(panel=0)), ("question", dict(panel=1)),
                ("Escape", dict(panel=0)), ("n", {}), ("p", {}),
                ("Home", dict(kind="fault")), ("End", dict(kind="end")),
                ("p", dict(kind="fault"))]:
            display.key(key, **wanted)
        for typed, wanted in [("fork", dict(kind="fork")), ("copy:1", dict(
                kind="copy")), (str(first["step"]), dict(step=first["step"])),
                              ("lab.c", {})]:
            display.tool("key", "slash")
            display.tool("type", typed)
            display.key("Return", **wanted)
        display.tool("key", "q")
        same("status", display.viewer.wait(PATIENCE), 0)


def middle(state, text):
    item = next(t for t in state["texts"] if t["text"] == text)
    return int(item["x"] + item["w"] / 2), int(item["y"] + item["h"] / 2)


def window_mouse(ctx):
    """A click on frame A lights up all that maps it; one on an event goes
    there."""
    with Display(ctx) as display:
        state = display.look(kind="fault")
        ppn = row(state)["frames"][1]["ppn"]
        display.tool("mousemove", *middle(state, "A"), "click", 1)
        end = time.monotonic() + PATIENCE
        wanted = "frame %s, mapped by 2" % ppn
        while time.monotonic() < end:
            state = display.look()
            if any(text["text"] == wanted for text in state["texts"]):
                break
        else:
            raise Fail("nothing says %r" % wanted)
        x, y = middle(state, "copy")
        display.tool("mousemove", x, y - 30, "click", 1)
        display.look(kind="copy")


def window_again(ctx):
    """F5 reads the program again, and goes to the same event."""
    source = (ctx.root / "docs/examples/lab.c").read_text()
    if not shutil.which("riscv64-unknown-elf-gcc"):
        raise Skip("no RISC-V compiler")
    program = ctx.tmp / "lab"
    program.write_bytes(lab(ctx).read_bytes())
    with Display(ctx, [program]) as display:
        display.look(kind="fault")
        display.key("Right", kind="copy")
        data = program.read_bytes()
        assert "{7}" in source
        at = find_variable(data)
        program.write_bytes(data[:at] + b"\x09" + data[at + 1:])
        display.tool("key", "F5")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state = display.look(kind="copy")
            if frames(state)[1] == ("A", 9):
                return
            time.sleep(0.05)
    raise Fail("the frames are %s" % frames(state))


def find_variable(data):
    """Where in the ELF file the page begins whose first word is 7."""
    for at in range(0, len(data) - 4096, 4096):
        if (struct.unpack_from("<I", data, at)[0] == 7
                and not any(data[at + 4:at + 4096])):
            return at
    raise Fail("the variable is not in the file")


# ---- what cannot be shown ----

def refused(ctx):
    """One line, and 125."""
    empty = ctx.tmp / "empty"
    empty.write_bytes(b"")
    text = ctx.tmp / "text"
    text.write_text("no guest\n")
    cut = ctx.tmp / "cut"
    cut.write_bytes(lab(ctx).read_bytes()[:700])
    out = ["--shot", ctx.tmp / "a.png"]
    bare = dict(os.environ, SDL_VIDEODRIVER="x11", DISPLAY="")
    for name, arguments, env in [
            ("missing", out + [ctx.tmp / "none"], {}),
            ("missing-trace", out + [ctx.tmp / "none.emt"], {}),
            ("empty", out + [empty], {}), ("text", out + [text], {}),
            ("cut", out + [cut], {}), ("folder", out + [ctx.tmp], {}),
            ("no-display", [lab(ctx)], bare),
            ("no-font", out + [lab(ctx)], {"EMU_VIEW_FONT": "/none.ttf"}),
            ("bad-font", out + [lab(ctx)], {"EMU_VIEW_FONT": str(text)}),
            ("no-event", out + ["--at", "fork:9", lab(ctx)], {}),
            ("no-key", out + ["--press", "none", lab(ctx)], {}),
            ("size", ["--size", "0x0", lab(ctx)], {}),
            ("theme", ["--theme", "pink", lab(ctx)], {}),
            ("count", ["--count", "0", lab(ctx)], {}),
            ("page", ["--html", "/none/a.html", lab(ctx)], {}),
            ("page-and-shot", ["--html", ctx.tmp / "a.html", *out, lab(ctx)],
             {}),
            ("scale", ["--scale", "9", lab(ctx)], {}),
            ("no-value", ["--shot"], {}),
            ("no-folder", ["--shot", "/none/a.png", lab(ctx)], {}),
            ("option", ["--none", lab(ctx)], {}),
            ("late", ["-smp", "1", *out, lab(ctx)], {})]:
        result = ctx.run([viewer(ctx), *arguments],
                         env=dict(os.environ, **env))
        lines = result.err.strip().split("\n")
        good = (result.status == 125 and len(lines) == 1 and not result.out
                and lines[0].startswith("emu-view: "))
        yield Case(name, None if good else describe(result))


def tests(ctx):
    yield Test("minute/opens", opens_at_the_fault)
    yield Test("minute/copy", copies)
    yield Test("minute/fence", fences)
    yield Test("minute/store", stores)
    yield Test("minute/back", goes_back)
    yield Test("minute/why", asks_why)
    yield Test("events", finds_events)
    yield Test("predict", predicts)
    yield Test("grain/instruction", steps_by_instruction)
    yield Test("grain/line", steps_by_line)
    yield Test("panels", panels)
    yield Test("console", console_is_of_the_step)
    yield Test("crowd", crowd)
    yield Test("truth", truth, timeout=120)
    yield Test("trace/truth", trace_truth, timeout=120)
    yield Test("trace/damaged", trace_damaged)
    yield Test("mistakes/w", one_entry)
    yield Test("mistakes/fence", forgotten_fence)
    yield Test("layout", layout)
    yield Test("boxes-stay", boxes_stay)
    yield Test("golden", golden)
    yield Test("golden/planted", planted_picture)
    yield Test("documented", documented)
    yield Test("window/keys", window_keys)
    yield Test("window/mouse", window_mouse)
    yield Test("window/again", window_again)
    yield Test("refused", refused)
    yield from languages.tests(ctx)
    yield from pages.tests(ctx)
    yield from runs.tests(ctx)
