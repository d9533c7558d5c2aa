"""Sentences in the languages of --explain: each tells the same facts."""

import json
import os
import re

from display import lab, viewer
from harness import Case, Test

ROW = re.compile(r'\[WORDS_(\w+)\] =\s+((?:"[^"]*"\s*)+),')
NUMBER = re.compile(r"\d+|counter\.value")


def tables(ctx):
    """Language -> row -> the facts of its template."""
    text = (ctx.root / "tools/view/words.c").read_text()
    found = {}
    for lang, body in re.findall(
            r"char \*const (\w+)\[WORDS\] = \{\n(.*?)\n\};", text, re.S):
        found[lang] = {name: sorted(re.findall(r"\{(\w+)\}", words))
                       for name, words in ROW.findall(body)}
    return found


def same_facts(ctx):
    found = tables(ctx)
    rows = re.findall(r"^    WORDS_(\w+)[, ]", (
        ctx.root / "tools/view/words.h").read_text(), re.M)
    yield Case("languages", None if sorted(found) == ["en", "zh"] else
               str(sorted(found)))
    for row in rows:
        facts = [table.get(row) for table in found.values()]
        yield Case(row, None if facts[0] is not None and
                   all(other == facts[0] for other in facts) else str(facts))


def sentence(ctx, event, lang):
    path = ctx.tmp / "state.json"
    ctx.expect(ctx.run([viewer(ctx), "--at", event, "--shot",
                        ctx.tmp / "a.png", "--state", path, "--lang", lang,
                        lab(ctx)],
                       env=dict(os.environ, SDL_VIDEODRIVER="dummy")))
    return json.loads(path.read_text())["sentence"]


def on_the_screen(ctx):
    """The story in Chinese has the numbers that it has in English, and none of
    its words but names."""
    for event in ["start", "fork", "fault:1", "fault:2", "copy", "fence:1",
                  "fence:2", "store:1", "store:2", "exit"]:
        english, chinese = (sentence(ctx, event, lang)
                            for lang in ("en", "zh"))
        numbers = [sorted(NUMBER.findall(text)) for text in (english, chinese)]
        left = re.sub(r"pid|fork|sfence\.vma|TLB|counter\.value|lab|\b[ABW]\b",
                      "", chinese)
        error = None
        if numbers[0] != numbers[1] or re.search("[a-z]{2}", left):
            error = "%s / %s" % (english, chinese)
        yield Case(event, error)


def tests(_):
    yield Test("lang/facts", same_facts)
    yield Test("lang/screen", on_the_screen)
