"""A conversation with a program on a terminal of its own.

    converse(["emu"], [("emu[$] ", "ls\\n"), ("sh\n.*emu[$] ", "\x04")], 20)

Each step waits for a regular expression in what has come since the last
match, carriage returns left out, then types. Returns (exit status, all that
was shown).
"""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

from harness import Fail, shell_quote, tail


class Terminal:
    def __init__(self, command, timeout):
        self.command = [str(word) for word in command]
        self.end = time.monotonic() + timeout
        self.shown, self.matched = "", 0
        self.fd, inner = pty.openpty()
        self.process = subprocess.Popen(
            self.command, stdin=inner, stdout=inner, stderr=inner,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(inner)

    def fail(self, why):
        raise Fail("%s\n    $ %s\n%s" % (why, shell_quote(self.command),
                                         tail(self.shown)))

    def read_more(self):
        """Reads what there is; False at the end of the program."""
        left = self.end - time.monotonic()
        ready, _, _ = select.select([self.fd], [], [], max(left, 0))
        if not ready:
            self.fail("nothing more came in time")
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            data = b""
        self.shown += data.decode("utf-8", "replace").replace("\r", "")
        return bool(data)

    def wait_for(self, pattern):
        while True:
            match = re.search(pattern, self.shown[self.matched:], re.S)
            if match:
                self.matched += match.end()
                return
            if not self.read_more():
                self.fail("ended before /%s/" % pattern)

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.fd)


def converse(command, steps, timeout):
    terminal = Terminal(command, timeout)
    try:
        for pattern, text in steps:
            terminal.wait_for(pattern)
            terminal.type(text)
        while terminal.read_more():
            pass
        return terminal.process.wait(), terminal.shown
    finally:
        terminal.close()
