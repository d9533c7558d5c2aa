"""Pages of steps, by --html: what they hold is what is on the screen."""

import json
import os
import re
import shutil
import xml.etree.ElementTree as tree

from harness import Case, Fail, Skip, Test

NAME = "{http://www.w3.org/2000/svg}"
TOP, BOTTOM = 122, 690  # of the sheet, what a picture shows
STORY = ["start", "fault", "map", "fence", "store", "fork", "fault", "copy",
         "fence", "store", "exit", "end"]


def run(ctx, arguments, guest=None):
    path = ctx.build / "emu-view"
    if not path.exists():
        raise Skip("built without SDL2")
    ctx.expect(ctx.run([path, *arguments,
                        *(guest or [ctx.build / "tests/view/lab"])],
                       env=dict(os.environ, SDL_VIDEODRIVER="dummy")))


def page(ctx, *arguments, guest=None, name="page.html"):
    """The sections of a page, each parsed, and the page's text."""
    path = ctx.tmp / name
    run(ctx, ["--html", path, *arguments], guest)
    text = path.read_text()
    body = tree.fromstring(text.replace("<!DOCTYPE html>", "")).find("body")
    return body.findall("section"), text


def state_at(ctx, step):
    path = ctx.tmp / "state.json"
    run(ctx, ["--size", "1100x720", "--at", step, "--shot", ctx.tmp / "a.png",
              "--state", path])
    return json.loads(path.read_text())


def drawn(section):
    return [item.text for item in section.iter(NAME + "text")]


def wrong_with(section, state):
    """What a section says and the screen at its step does not, or None."""
    for name, part in [("sentence", "h2"), ("source", "code")]:
        if (section.find(part).text or "") != state[name]:
            return "%s: %r, on the screen %r" % (
                name, section.find(part).text, state[name])
    wanted = [text["text"] for text in state["texts"]
              if TOP < text["y"] + 0.78 * text["h"] < BOTTOM]
    if drawn(section) != wanted:
        return "drawn: %s, on the screen %s" % (drawn(section), wanted)
    return None


def story(ctx):
    """By default the fault's story in twelve steps, each as the screen has it,
    with a link; nothing is taken from elsewhere."""
    sections, text = page(ctx)
    if re.search(r"(src|href)=\"[^#]|url\(|@import", text):
        raise Fail("the page refers to something outside")
    kinds = []
    for number, section in enumerate(sections, 1):
        state = state_at(ctx, section.get("data-step"))
        kinds.append(state["kind"])
        error = wrong_with(section, state)
        if section.get("id") != str(number) or (
                'href="#%d"' % number not in text):
            error = "step %d has no link" % number
        yield Case("step-%d" % number, error)
    yield Case("kinds", None if kinds == STORY else str(kinds))


def ranges(ctx):
    """A page goes on from --at, by the grain chosen, as far as the run does."""
    first = state_at(ctx, "copy")["step"]
    for name, arguments, wanted in [
            ("instructions", ["--at", "copy", "--press", "finer,finer",
                              "--count", "3"], [first, first + 1, first + 2]),
            ("one", ["--at", "copy", "--count", "1"], [first])]:
        steps = [int(section.get("data-step"))
                 for section in page(ctx, *arguments)[0]]
        yield Case(name, None if steps == wanted else
                   "%s, wanted %s" % (steps, wanted))
    yield Case("end", None if len(page(ctx, "--at", "exit")[0]) == 2 else
               "the run's end does not end the page")


def asks(ctx):
    """With predict, a question comes before each answer."""
    titles = [section.find("h2").text for section in page(
        ctx, "--press", "predict", "--count", "3")[0]]
    if titles[1] != "What happens next?" or "copies" not in titles[2]:
        raise Fail("the page says %s" % titles)


def hostile(ctx):
    """A name that is markup stays a name."""
    program = ctx.tmp / "lab"
    program.write_bytes((ctx.build / "tests/view/lab").read_bytes().replace(
        b"counter\0", b"<b>&\"a;\0"))
    sections, text = page(ctx, guest=[program])
    if "<b>" in text or not any(
            "<b>&\"a;" in section.find("h2").text for section in sections):
        raise Fail("the variable's name is not on the page as it is")


def browser(ctx):
    """Keys step through the page in a browser, and a link leads to its step."""
    tool = shutil.which("chromium") or shutil.which("chromium-browser")
    if not tool:
        raise Skip("no chromium")
    _, text = page(ctx)
    presses = "".join(
        "setTimeout(function(){document.dispatchEvent(new KeyboardEvent("
        "'keydown',{key:'%s'}))},%d);" % (key, 100 * n)
        for n, key in enumerate(["End", "ArrowLeft", "ArrowRight",
                                 "ArrowLeft"], 1))
    driven = ctx.tmp / "driven.html"
    driven.write_text(text.replace(
        "</body>", "<script>%s</script></body>" % presses))
    for name, address, wanted in [
            ("link", "page.html#3", "3"), ("first", "page.html", "1"),
            ("keys", "driven.html", str(len(STORY) - 1))]:
        result = ctx.expect(ctx.run(
            [tool, "--headless", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=%s" % (ctx.tmp / "profile"),
             "--virtual-time-budget=3000", "--dump-dom",
             "file://%s/%s" % (ctx.tmp, address)]))
        shown = re.findall(r'<section id="(\d+)"[^>]*class="on"', result.out)
        yield Case(name, None if shown == [wanted] else
                   "step %s is shown, wanted %s" % (shown, wanted))


def tests(_):
    yield Test("page/story", story)
    yield Test("page/range", ranges)
    yield Test("page/predict", asks)
    yield Test("page/hostile", hostile)
    yield Test("page-browser", browser, timeout=60)
