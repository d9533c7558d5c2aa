"""A display with the viewer on it, for real keys and a real mouse."""

import json
import os
import shutil
import subprocess
import time

from harness import Fail, Skip

PATIENCE = 20  # seconds


def viewer(ctx):
    path = ctx.build / "emu-view"
    if not path.exists():
        raise Skip("built without SDL2")
    return path


def lab(ctx):
    return ctx.build / "tests/view/lab"


class Display:
    """A display of its own, with the viewer on it."""

    def __init__(self, ctx, guest=None):
        if not shutil.which("Xvfb") or not shutil.which("xdotool"):
            raise Skip("no Xvfb or xdotool")
        self.state = ctx.tmp / "window.json"
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x720x24",
             "-nolisten", "tcp"], pass_fds=[write], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as said:
            number = said.readline().strip()
        if not number:
            raise Fail("Xvfb does not start")
        self.env = dict(os.environ, DISPLAY=":" + number,
                        SDL_VIDEODRIVER="x11")
        self.viewer = subprocess.Popen(
            [str(viewer(ctx)), "--state", str(self.state),
             *map(str, guest or [lab(ctx)])], env=self.env,
            stderr=subprocess.PIPE)
        self.seen = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.viewer, self.server):
            process.terminate()
            process.wait()
        self.viewer.stderr.close()

    def tool(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], env=self.env,
                       check=True, stdout=subprocess.DEVNULL)

    def finds(self, words):
        """Whether a window is called so."""
        return subprocess.run(["xdotool", "search", "--name", words],
                              env=self.env, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def look(self, **wanted):
        """The state, once it has all that is wanted."""
        end = time.monotonic() + PATIENCE
        state = None
        while time.monotonic() < end and self.viewer.poll() is None:
            if self.state.exists():
                state = json.loads(self.state.read_text())
                if all(state[name] == value for name, value in wanted.items()):
                    return state
            time.sleep(0.05)
        said = b""
        if self.viewer.poll() is not None:
            said = self.viewer.stderr.read()
        raise Fail("%s never came; the state is %s; status %s, %r" % (
            wanted, state and {name: state[name] for name in wanted},
            self.viewer.poll(), said))

    def key(self, name, **wanted):
        self.tool("key", name)
        return self.look(**wanted)

    def go(self, name):
        """The state behind a key that leads to another step."""
        before = self.look()["step"]
        self.tool("key", name)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state = self.look()
            if state["step"] != before:
                return state
            time.sleep(0.02)
        raise Fail("%s leads nowhere from step %d" % (name, before))
