"""Who types at a monitor: through a pipe, and in tmux."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from harness import Fail, Skip

PATIENCE = 30  # seconds
PROMPT = re.compile(r"\((?:emu|qemu)\) ")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r|\x07")


def same(what, told, wanted):
    if told != wanted:
        raise Fail("%s: %r, not %r" % (what, told, wanted))


class Typed:
    """Somebody at -monitor stdio, through a pipe, while the guest runs."""

    def __init__(self, ctx, command, guest):
        self.serial = ctx.tmp / ("serial-" + Path(command[0]).name)
        self.process = subprocess.Popen(
            [str(word) for word in command] +
            ["-M", "virt", "-display", "none", "-bios", "none", "-serial",
             "file:%s" % self.serial, "-monitor", "stdio", "-kernel",
             str(guest)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = ""
        end = time.monotonic() + PATIENCE
        while "ready" not in self.printed():
            if time.monotonic() > end:
                raise Fail("the guest is not ready")
            time.sleep(0.02)
        self.until_prompt()

    def printed(self):
        return self.serial.read_text() if self.serial.exists() else ""

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.process.kill()
        self.process.communicate()

    def until_prompt(self):
        """What came before the next prompt."""
        end = time.monotonic() + PATIENCE
        while True:
            text = ESCAPE.sub("", self.text)
            found = PROMPT.search(text)
            if found and text.endswith(found.group()):
                self.text = ""
                return text[:found.start()] + text[found.end():]
            if time.monotonic() > end:
                raise Fail("no prompt; got %r" % self.text[-500:])
            more = self.process.stdout.read()
            if more:
                self.text += more.decode("latin-1")
            else:
                time.sleep(0.01)

    def ask(self, line):
        """The lines that answer this one."""
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()
        told = self.answer()
        return told.split("\n")[:-1]

    def answer(self):
        """Of what is echoed, readline's play with each letter ends with the
        line's end."""
        text, end = "", time.monotonic() + PATIENCE
        while True:
            more = self.process.stdout.read()
            text += more.decode("latin-1") if more else ""
            clean = ESCAPE.sub("", text)
            if "\n" in clean and PROMPT.fullmatch(clean.rsplit("\n", 1)[1]):
                return clean.split("\n", 1)[1].rsplit("\n", 1)[0] + "\n"
            if time.monotonic() > end:
                raise Fail("no answer; got %r" % text[-500:])
            time.sleep(0.01)


class Screen:
    """A shell in tmux, 80 columns wide, with a home of its own."""

    def __init__(self, ctx, history=""):
        if not shutil.which("tmux"):
            raise Skip("no tmux")
        self.socket = ctx.tmp / "tmux"
        self.home = ctx.tmp / "home"
        self.state = self.home / ".local/state/emu/history"
        if history:
            self.state.parent.mkdir(parents=True)
            self.state.write_text(history)
        else:
            self.home.mkdir()
        env = {name: os.environ[name] for name in ("PATH",)}
        env.update(HOME=str(self.home), TERM="xterm", PS1="shell> ",
                   LC_ALL="C.UTF-8", INPUTRC="/dev/null")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x",
                  "80", "-y", "50", "bash --norc --noprofile", env=env)

    def tmux(self, *args, env=None):
        return subprocess.run(["tmux", "-S", str(self.socket), *args],
                              check=True, capture_output=True, text=True,
                              env=env).stdout

    def __enter__(self):
        return self

    def __exit__(self, *why):
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"],
                       capture_output=True, check=False)

    def type(self, *keys):
        self.tmux("send-keys", "-t", "t", *keys)

    def line(self, text):
        self.tmux("send-keys", "-t", "t", "-l", text)
        self.type("Enter")

    def text(self):
        return self.tmux("capture-pane", "-p", "-J", "-t", "t", "-S", "-500")

    def until(self, pattern, count=1):
        """Waits until the pattern has come so often."""
        end = time.monotonic() + PATIENCE
        while len(re.findall(pattern, self.text(), re.M)) < count:
            if time.monotonic() > end:
                raise Fail("no %r in\n%s" % (pattern, self.text()))
            time.sleep(0.05)

    def emu(self, ctx, *args):
        words = " ".join(str(word) for word in (ctx.build / "emu", *args))
        self.line("stty -g >%s; %s; stty -g >%s; echo over $?" % (
            ctx.tmp / "before", words, ctx.tmp / "after"))

    def over(self, ctx, status=0):
        self.until(r"^over %d" % status)
        same("the terminal", (ctx.tmp / "after").read_text(),
             (ctx.tmp / "before").read_text())
