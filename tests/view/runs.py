"""Runs that are long, and runs of many processes."""

import json
import os
import time

from display import PATIENCE, Display, viewer
from harness import Case, Fail, Test

FRAMES = 6  # the panel's number in a state
LONG = ["--max-insns", "400000000", "-append", "init=/bin/spin"]
WORDS = "Looking at the run first"


def state(ctx, *arguments):
    path = ctx.tmp / "state.json"
    ctx.expect(ctx.run([viewer(ctx), "--shot", ctx.tmp / "a.png", "--state",
                        path, *arguments],
                       env=dict(os.environ, SDL_VIDEODRIVER="dummy")))
    return json.loads(path.read_text())


def grid_by_itself(ctx):
    """The grid of frames opens while more than twelve processes live, unless
    its key has closed it."""
    for name, program, keys, many, panel in [
            ("few", "lab5-fork", [], False, 0),
            ("many", "bomb", [], True, FRAMES),
            ("closed", "bomb", ["--press", "frames,next"], True, 0),
            ("escaped", "bomb", ["--press", "escape,next"], True, 0),
            ("over", "bomb", ["--press", "end"], False, 0)]:
        seen = state(ctx, "--at", "exit", *keys, "-append",
                     "init=/bin/" + program)
        yield Case(name, None if (seen["living"] > 12, seen["panel"]) == (
            many, panel) else "%d live, panel %d" % (
                seen["living"], seen["panel"]))


def window_says(display, words):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and display.viewer.poll() is None:
        if display.finds(words):
            return
        time.sleep(0.02)
    raise Fail("no window says %r" % words)


def says_that_it_looks(ctx):
    """While a long run is surveyed the window says so, and can be left."""
    with Display(ctx, LONG) as display:
        window_says(display, WORDS)
        display.look(kind="start")
        if display.finds(WORDS):
            raise Fail("the window still says %r" % WORDS)
    with Display(ctx, LONG) as display:
        window_says(display, WORDS)
        display.tool("search", "--name", WORDS, "key", "q")
        if display.viewer.wait(PATIENCE) != 0:
            raise Fail("status %d" % display.viewer.returncode)


def tests(_):
    yield Test("many/grid", grid_by_itself)
    yield Test("window/waits", says_that_it_looks, timeout=60)
