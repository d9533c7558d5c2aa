"""The forms of --explain beside the English sentence say the same.

A run is said in three forms, each in a run of its own: English, Chinese, JSON.
Here they are compared, line by line; docs/explain-json.md is held against what
JSON has, and a filter against what it should let through.
"""

import json
import re

from claims import before_end

NUMBER = re.compile(r"#[0-9a-f]+|0x[0-9a-f]+|\d+|\b[r-][w-][x-](?!\w)")
# Latin that a Chinese sentence may have: names of things, not words.
TERMS = re.compile(r"--explain=full|\b(fork|exec|hart|ecall|sfence\.vma|satp|TLB|KiB|mmap|ns|"
                   r"SUM|PBMT|[AMNRSUDW])\b|->|[rwx-]{3}|#[0-9a-f]+|0x[0-9a-f]+|\([^)]*\)|"
                   r"`[^`]*`|[在由] \S+ \(\S+:\d+\)|\w+（\S+:\d+）中的|代码在 (?:\S+ 中|\S+?:\d+)|"
                   r"（(?:[^），]+，)*(?:在 \S+ 中|\S+?:\d+)）")
# What a name has in parentheses, which a text tells once and JSON always.
SAID_ONCE = re.compile(r"(\b(?:pid|space) \d+) \((?!...\s→)[^)]*\)")
KIND = re.compile(r'^(?:LINE|TOTAL)\((\w+), "(\w+)"', re.M)
RUN = re.compile(r"(\d+) (?:of \d+ )?pages(?: of [^,]*)?, "
                 r"(0x[0-9a-f]+) to (0x[0-9a-f]+)")
ROW = re.compile(r"^\| `(\w+)` \| [^|]* \| ([^|]*)\|$", re.M)
EVERYWHERE = {"kind", "text", "time_ns", "hart", "finding"}
COPIES = {"copy", "copy_unseen", "copy_call", "copy_call_unseen",
          "copy_silent"}
FORKS = {"fork", "fork_orphan", "fork_unborn", "fork_alike"}


def said(err):
    """The lines that are not emu's own, which ends in a report of a limit or
    a lost hart."""
    return [line for line in before_end(err).splitlines()
            if line and not line.startswith("emu: ")]


def before_end_marked(text):
    """The lines as they came, without the report of the end."""
    return text.split("\nemu: ")[0]


def languages(english, chinese):
    """How two languages differ in what they tell, or None."""
    lines, others = said(english), said(chinese)
    if len(lines) != len(others) or len(lines) < 2:
        return "%d lines and %d" % (len(lines), len(others))
    for line, other in zip(lines, others):
        if sorted(NUMBER.findall(line)) != sorted(NUMBER.findall(other)):
            return "not the same numbers:\n%s\n%s" % (line, other)
        if not re.search(r"[\u4e00-\u9fff]", other) or re.search(
                r"[a-zA-Z]{2}", TERMS.sub("", other)):
            return "not Chinese: " + other
    return None


def objects(err):
    """The lines of --explain=json as objects; whatever is wrong raises."""
    return [json.loads(line) for line in said(err)]


def schema(ctx):
    """Kind -> (the keys that it has, those that it may have), as documented."""
    text = (ctx.root / "docs" / "explain-json.md").read_text(encoding="utf-8")
    found = {}
    for kind, keys in ROW.findall(text.split("| kind |")[1]):
        keys = keys.split()
        found[kind] = ({key for key in keys if key[0] != "("},
                       {key.strip("()") for key in keys})
    return found


def kinds(ctx):
    """The kinds of lines that there are."""
    rows = KIND.findall((ctx.root / "emu" / "analysis" / "sentences.def")
                        .read_text(encoding="utf-8"))
    return {kind for _, kind in rows}


def values(key, value):
    """What a value looks like in a sentence."""
    if isinstance(value, dict):
        number = value.get("one_of", value.get("pid", value.get("number")))
        return [] if number is None else [str(number)]
    if key in ("frame", "old_frame"):
        return ["#" + value[2:]]
    return [str(value)]


def object_fault(thing, documented):
    """What is wrong with the object of a line, or None."""
    required, possible = documented.get(thing["kind"], (None, None))
    keys = set(thing) - EVERYWHERE
    if required is None or not required <= keys <= possible:
        return "not as documented"
    if ("time_ns" in thing) == thing["kind"].startswith("total"):
        return "time_ns"
    told = NUMBER.findall(thing["text"])
    words = thing["text"]
    by_name = {"va"} if "symbol" in thing else set()
    by_name |= {"pc"} if "target" in thing else set()
    for key in keys - by_name - {"by", "access", "reason", "outcome", "area",
                                 "since", "missing"}:
        for text in values(key, thing[key]):
            if text not in told and not re.search(
                    r"(?<!\w)%s(?!\w)" % re.escape(text), words):
                return "%s is not in the sentence" % key
    mine = {text for key in keys for text in values(key, thing[key])}
    for text in told:
        if text[0] == "#" or text.startswith("0x"):
            if text not in mine:
                return "%s is in no key" % text
    return None


def beginning(text):
    """What the sentence about a page has in common with that about several."""
    text = SAID_ONCE.sub(r"\1", text).split(" 0x")[0].split(" `")[0]
    return re.sub(r" (?:its|the caller's) page$", "", text.replace(
        "In a system call of", "Within system calls of"))


# What a fork means for its pages, which a text tells once of each form.
PAGES = re.compile(
    r"(?:Nothing is copied: both use|Both use) the same (\d+ frames?)[.;]"
    r"( at \d+ pages? .* has its own)?\.?"
    r"(?: (\d+) (?:was|were) writable; both sides lose W there, so the first "
    r"store to each will fault\.( \d+ had lost it before)?| (\d+) (?:was|were) "
    r"writable; W=0 on both sides, so the first store to each will fault)?\.?$")


def briefly(texts):
    """Sentences, with those of forks as a text has them."""
    told = set()
    for text in texts:
        match = PAGES.search(text)
        form = match and tuple(group is None for group in match.groups())
        if form and form in told:
            frames, own, lost, before, earlier = match.groups()
            text = "%s%s %s shared%s%s." % (
                text[:match.start()], frames,
                "is" if frames == "1 frame" else "are", own and "," + own or "",
                "; %s W%s" % (lost + (" loses" if lost == "1" else " lose"),
                              before and "," + before or "") if lost
                else "; %s had lost W before" % earlier if earlier else "")
        told.add(form)
        yield text


def unfolded(things, lines, full):
    """How the sentences of objects differ from these lines, or None.  Of pages
    that a line tells of together there is an object each."""
    each = [SAID_ONCE.sub(r"\1", thing["text"]) for thing in things]
    each = each if full else list(briefly(each))
    lines = [SAID_ONCE.sub(r"\1", line) for line in lines]
    if each == lines:
        return None
    runs = [line for line in lines if line not in each]
    alone = [thing for thing, text in zip(things, each) if text not in lines]
    if ([line for line in lines if line in each]
            != [text for text in each if text in lines]) or not runs:
        return "not the sentences of the run in text"
    for line in runs:
        run = RUN.search(line)
        if not run:
            return "not in JSON: " + line
        pages, first, last = (int(text, 0) for text in run.groups())
        mine = [thing for thing in alone
                if first <= int(thing.get("va", "-1"), 0) <= last
                and line.startswith(beginning(thing["text"]))]
        if len(mine) < pages:
            return "%d objects for: %s" % (len(mine), line)
        for thing in mine[:pages]:
            alone.remove(thing)
    return "not in text: %s" % alone if alone else None


def same_as_text(ctx, text, err, full=False):
    """How the objects differ from the sentences of the same run, or None."""
    first, *things = objects(err)
    documented = schema(ctx)
    if (first.get("v"), first.get("kind")) != (1, "begin"):
        return "begins with %s" % first
    wrong = unfolded([first] + things, said(text), full)
    if wrong:
        return wrong
    marked = "▸" in before_end_marked(text)
    if marked != any(thing.get("finding") is True for thing in things):
        return "findings are marked in one form alone"
    for thing in things:
        wrong = object_fault(thing, documented)
        if wrong:
            return "%s: %s" % (wrong, thing)
    return None


def totals_fault(err):
    """How the objects of lines differ from the total of them, or None."""
    things = objects(err)
    counts = {name: sum(thing["kind"] in which for thing in things)
              for name, which in (("copies", COPIES), ("forks", FORKS))}
    total = {"copies": 0, "forks": 0}
    for thing in things:
        if thing["kind"] == "total":
            total = dict(thing, forks=total["forks"] + thing["forks"])
        elif thing["kind"] == "total_stores":
            total["copies"] = thing["copies"]
        elif thing["kind"] == "total_eager":
            total["forks"] += thing["forks"]
    for name, count in counts.items():
        if count != total[name]:
            return "%d %s, in all %d" % (count, name, total[name])
    return None


def chosen(things, spaces=(), ranges=()):
    """Those of the objects that a filter should let through."""
    def is_about(thing):
        names = [thing[key] for key in ("space", "other", "user")
                 if key in thing]
        called = [str(name.get("pid", name.get("number"))) for name in names]
        called += [name.get("name") for name in names]
        va = int(thing.get("va", "-1"), 0)
        return ((not spaces or set(spaces) & set(called))
                and (not ranges or any(a <= va <= b for a, b in ranges)))
    return [thing for thing in things
            if thing["kind"].startswith(("begin", "total"))
            or is_about(thing)]
