"""Events, as they are kept in files and made use of."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

import boots  # noqa: E402
import example  # noqa: E402
import formats  # noqa: E402
import program  # noqa: E402
import rebuilt  # noqa: E402
import terminal  # noqa: E402


def tests(ctx):
    yield from boots.tests(ctx)
    yield from example.tests(ctx)
    yield from formats.TESTS
    yield from program.tests(ctx)
    yield from rebuilt.tests(ctx)
    yield from terminal.tests(ctx)
