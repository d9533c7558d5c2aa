"""The sentences of --explain as patterns, all of them here.

SAY has a pattern for each claim; {parameters} stand for what a row of the
table fills in: spaces and counts are numbers, addresses are hexadecimal,
frames are numbers of the kernels' pool (kernels/kernel.h) or texts. What a
row leaves out may be anything. NEUTRAL are lines that claim nothing about
one event: the totals, and what emu says of the guest.
"""

import re
from copy import copy

DOES = {"stores": r"stores to", "loads": r"(?:loads|reads)(?: from)?",
        "jumps": r"(?:jumps to|calls|fetches from|executes)"}

CODE = r"(?: \([^)]*\))?"  # which of the kernel's did it
KERNEL = r"(?:The|In a system call of space \d+ the) kernel" + CODE

SAY = {
    # Forks.
    # The same form is told in full once.
    "FORK": r"{parent} forks space {child}\. (?:Nothing is copied: both use the "
            r"same {shared} frames?\..*\b{lost} (?:was|were) writable|"
            r"{shared} frames? (?:is|are) shared; {lost} loses? W\b)",
    # Some of its pages had lost W before, and may be counted with the others.
    "FORK_AGAIN": r"{parent} forks space {child}\. (?:Nothing is copied: both "
                  r"use the same {shared} frames?\..*(?:\b{lost} (?:was|were) "
                  r"writable; both sides lose W|\b{cow} (?:was|were) writable; "
                  r"W=0)|{shared} frames? (?:is|are) shared; (?:{lost} loses? "
                  r"W\b|{cow} had lost W before))",
    # Memory that both are meant to share, and pages without W beside it.
    "FORK_OPEN": r"{parent} forks space {child}\. Nothing is copied: both use "
                 r"the same {shared} frames?\..* To {both} pages? both can store",
    "FORK_ANY": r"{parent} forks space {child}\b",
    # Its parent never came back from the call: it may have gone on as another.
    "FORK_OR_MOVE": r"(?:{parent} forks space {child}|space {child} begins "
                    r"after an ecall of {parent})\b",
    "EAGER": r"(?:{parent} forks space {child}\b|space {child} begins after an "
             r"ecall of {parent}, as a forked child does).*(?:\b{copied} (?:pages?|frames?)"
             r" (?:is|are) copied|\bat (?:all )?{copied} pages?\b)",
    # W that a fork left to one side.
    "FORK_KEEPS_W": r"{parent} forks space {child}\b.*{keeper} (?:(?:still )?"
                    r"(?:keeps|has) W|can (?:still )?store)",
    # The life of a space.
    "ENDS": r"{who} ends\b",
    "EXEC": r"{who} ends in its own system call, and the hart goes on in {heir}, "
            r"a new space, at 0x\w+, as after an exec: ",
    # Stores to what a fork shared.
    "COPY": r"{who} stores to {va}\. .*shared with {others}[,.].*copies it to "
            r"{new} for {who}.*\bkeeps? {old}",
    "COPY_LAST": r"{who} stores to {va}\. (?!.*needless)(?=.*cop(?:y|ies|ied)\b.*{new})"
                 r".*\b(?:nobody|no other space)\b[^.;]*{old}",
    "COPY_NEEDLESS": r"{who} stores to {va}\. .*copies it to {new} for {who}.*; "
                     r"no other space that has run maps {old}: a needless copy, "
                     r"since W=1 would have done\.",
    "KERNEL_COPY_NEEDLESS": r"In a system call of {who} the kernel" + CODE +
                            r" gives the caller's page {page} a copy of its own"
                            r".*{new}.* maps {old}: a needless copy",
    "REUSE": r"{who} stores to {va}\. .*nobody shares {old} any more: no copy, "
             r"W=1",
    "REUSE_ANY": r"{who} stores to {va}\. .*(?:nobody shares|no other "
                 r"space that has run maps) {old}\b.*no copy",
    "KERNEL_COPY": r"In a system call of {who} the kernel" + CODE +
                   r" stores to the caller's page {page}\. .*shared with {others}, so even "
                   r"the kernel faults: copied to {new}",
    "KERNEL_WALK_COPY": r"In a system call of {who} the kernel (?!.*faults:)"
                        r".*{page}\b.*\bcop(?:ies|ied)\b.*{new}",
    "KERNEL_REUSE": r"In a system call of {who} the kernel .*{page}\b.*(?:"
                    r"nobody shares {old} any more|no other space that has run "
                    r"maps {old})",
    "KERNEL_OWN_COPY": KERNEL + r" stores to (?:its page )?{page}\b.*"
                       r"cop(?:y|ies|ied)\b.*{new}",
    "KERNEL_OWN_REUSE": KERNEL + r" stores to (?:its page )?{page}\b.*"
                        r"\bno(?:body| other space)\b",
    # W=0 is no fork's doing here.
    "COPY_UNFORKED": r"{who} stores to {va}\. (?!.*from the fork).*shared with "
                     r"{others}[,.].*copies it to {new} for {who}",
    "COPY_PRIVATE": r"{who} stores to {va}\. (?!.*from the fork).*copies "
                    r"\S+(?: to|,) {new}",
    "REUSE_UNFORKED": r"{who} stores to {va}\. (?!.*from the fork).*(?:"
                      r"nobody shares|no other space that has run maps) {old}"
                      r"\b.*no copy",
    # W is back while a space that may have ended maps the frame.
    "W_BACK": r"{who} stores to {va}\. (?!.*\b(?:sees|missing|wrong)).*no copy",
    # Frames change, and nobody stored.
    "MERGED": r"(?=.*{page}\b).*(?:\bmerge[sd]?\b|equal\b.*\bone frame|same "
              r"bytes)",
    "MOVED": r"(?=.*{page}\b).*\bmove[sd]?\b",
    # Accesses that are refused.
    "NULL": r"{who} {does} address {at}, a null pointer: nothing is mapped "
            r"there\. (?:The kernel refuses|Refused)",
    "UNMAPPED": r"{who} {does} {va}\b.*nothing is mapped there\. (?:The kernel "
                r"refuses|Refused)",
    "REFUSED": r"{who} {does} {va}\b.*[Rr]efuse[sd]",
    "STORE_REFUSED": r"{who} stores to {va}\. The page is {rights} and no fork "
                     r"made it so: this is no copy-on-write\. (?:The kernel "
                     r"refuses|Refused)",
    "NOT_EXECUTABLE": r"{who} {does} {va}[.:] .*{rights}.*[Rr]efuse",
    "NOT_USER": r"{who} {does} {va}[.:] .*(?:the kernel's|U=0).*[Rr]efuse",
    "MALFORMED": r"{who} {does} {va}[.:] .*{what}.*[Rr]efuse",
    "KERNEL_REFUSED": r"In a system call of {who} the kernel" + CODE +
                      r" {does} .*?{va}\b"
                      r".*(?:nothing is mapped there|SUM)",
    "KERNEL_NULL": KERNEL + r" {does} address {at}\b.*(?:not|nothing is) "
                   r"mapped\b(?!.*endless)",
    "KERNEL_LOOP": KERNEL + r" {does} address {at}\b.*(?:not|nothing is) "
                   r"mapped\b.*endless loop",
    "KERNEL_PAIR": KERNEL + r" {does} {va}: nothing is mapped there\. This "
                   r"fault and one at {page}, in .*, take turns, and nothing "
                   r"changes in between: an endless loop",
    "KERNEL_ROUND": KERNEL + r" {does} {va}: nothing is mapped there\. This "
                    r"fault and {shared} others take turns, the next one at "
                    r"{page}, in .*: an endless loop",
    # The kernel stores to what a fork shares, by a mapping of its own.
    "ALIAS": r"In a system call of {who} the kernel" + CODE +
             r" stores to the caller's page {page} through its own mapping of {new}\b.*"
             r"shared with {others}, copy-on-write: no fault, no copy, and "
             r"(?:space \d+ sees|they see) what is stored",
    "ALIAS_RUN": r"Within system calls of {who} the kernel" + CODE +
                 r" stores to {shared} "
                 r"pages of it, {page} to .*through its own mapping of the "
                 r"frames\b.*shared with {others}, copy-on-write: no fault, no "
                 r"copy, and (?:space \d+ sees|they see) what is stored",
    "ALIAS_ALONE": r"The kernel" + CODE + r" stores to {page} of {who} "
                   r"through its own mapping of {new}\b.*shared with {others}, "
                   r"copy-on-write: no fault, no copy, and (?:space \d+ sees|"
                   r"they see) what is stored",
    # Mistakes.
    "STALE_STORE": r"{who} stores to {va} through an old TLB entry\. .*(?:no "
                   r"sfence\.vma followed|the sfence\.vma in .* was on another "
                   r"hart)\. No fault, no copy: {sees} sees what is stored",
    "MALFORMED_OPEN": r"{who} stores to {va}: the entry \(.*\) is malformed "
                      r"\({what}\)\. The run ends before an answer is seen",
    "STALE_TEXT": r"{who} fetches from 0x\w+ through an old TLB entry: it runs in "
                  r"\S+, where the table maps nothing any more(?!.*followed)",
    "STALE_FAULT": r"{who} stores to {va}\b(?! through).*\bTLB\b.*sfence\.vma",
    "SHARED_W": r"{who} stores to {va}\. .*no copy.*{sees} (?:sees|can see)",
    "W_WHILE_SHARED": r"(?=.*\b{who}\b)(?=.*{page}\b).*W=1.*no copy.*{sees} "
                      r"(?:will see|sees)",
    "INTO_USED": r"{who} stores to {va}\b.*(?:{new}\b[^.;]*, which {owner} "
                 r"(?:still )?(?:maps|uses)|{owner} (?:still )?(?:maps|uses) "
                 r"{new})",
    "GIVEN_AGAIN": r"(?=.*\b{who}\b)(?=.*{new}\b).*(?:{owner} (?:still )?"
                   r"(?:maps|uses)|\d+ others map)\b",
    "TEXT_WRITABLE": r"{who} stores to {va}\. The page is {rights} and no fork "
                     r"made it so(?!.*[Rr]efuse).*W=1",
    "WRONG_COPY": r"{who} stores to {va}[.:] .*{new}.*(?:differ|not equal|no "
                  r"copy of)",
    "TABLE_IN_USE": r".*{frame}.*(?:page table|root)\b.*(?:{who} (?:still )?"
                    r"maps|\d+ others map)",
}

# What is told with a mark: the kernel errs.
MARK = re.compile(r"^\u25b8 ", re.M)
ERRS = {"FORK_KEEPS_W", "ALIAS", "ALIAS_RUN", "ALIAS_ALONE", "STALE_STORE",
        "STALE_TEXT", "STALE_FAULT", "SHARED_W", "W_WHILE_SHARED", "INTO_USED",
        "GIVEN_AGAIN", "WRONG_COPY", "TEXT_WRITABLE", "TABLE_IN_USE", "KERNEL_LOOP",
        "KERNEL_PAIR", "KERNEL_ROUND"}

NEUTRAL = [
    r"an M-mode program, without firmware$",
    r"(?i:copy-on-write in all): ", r"  \S.*: \d+ pages shared, ",
    r"  \d+ of the copies (?:is|are) of pages that no fork which was seen "
    r"shared by then$",
    r"(?i:eager forks|forks without copy-on-write) in all: ",
    r"(?i:no copy-on-write was seen)\.?$", r"(?i:live at the end): ",
]

# Counts at the end, and the claims that they are of.
TOTAL = re.compile(r"^Copy-on-write in all: (?:(?P<forks>\d+) forks? shared .*)?"
                   r"stores copied (?P<copies>\d+) pages?(?: \(\d+ KiB\))?"
                   r"(?:, (?P<needless>\d+) of them needlessly,)? and "
                   r"(?P<reuses>\d+) times?\b", re.M)
COUNTED = {
    "forks": ("FORK", "FORK_OPEN", "FORK_AGAIN", "FORK_ANY", "FORK_OR_MOVE"),
    "copies": ("COPY", "COPY_LAST", "KERNEL_COPY", "KERNEL_WALK_COPY",
               "INTO_USED", "COPY_UNFORKED", "COPY_NEEDLESS",
               "KERNEL_COPY_NEEDLESS"),
    "needless": ("COPY_NEEDLESS", "KERNEL_COPY_NEEDLESS"),
    "reuses": ("REUSE", "REUSE_ANY", "REUSE_UNFORKED", "KERNEL_REUSE"),
}

ANYTHING = {"frame": r"\S+?", "space": r"space \d+", "va": r"0x[0-9a-f]+",
            "count": r"\d+", "text": r".*?"}
KINDS = {"parent": "space", "child": "bare", "who": "space", "sees": "space",
         "others": "text", "owner": "space", "heir": "space", "keeper": "text", "va": "va",
         "page": "va", "at": "at", "new": "frame", "old": "frame",
         "frame": "frame", "shared": "count", "lost": "count", "both": "count", "cow": "count",
         "copied": "count", "does": "does", "rights": "text", "what": "text"}
POOL = 0x80200


class Claim:
    """One sentence: a key of SAY and what its parameters are. optional: it
    may be left out; late: it may be told behind so many of the next."""

    def __init__(self, key, optional=False, late=0, **parameters):
        self.key, self.parameters = key, parameters
        self.source = ""  # where it comes from, for people
        self.optional, self.late = optional, late
        for name in parameters:
            if "{%s}" % name not in SAY[key]:
                raise ValueError("%s has no {%s}" % (key, name))

    def passed(self):
        """The same claim, when one behind it has been made."""
        other = copy(self)
        other.late -= 1
        return other

    def pattern(self):
        return re.compile("^" + re.sub(
            r"\{([a-z]+)\}", lambda m: fill(m.group(1), self.parameters),
            SAY[self.key]))

    def __str__(self):
        return "%s(%s)%s" % (self.key, ", ".join(
            "%s=%s" % (name, hex(value) if name in ("va", "page") else value)
            for name, value in self.parameters.items()
            if value is not None), self.source)


def fill(name, parameters):
    """A parameter as a pattern."""
    kind, value = KINDS[name], parameters.get(name)
    if value is None:
        return {"bare": r"\d+", "at": r"(?:0|0x[0-9a-f]+)",
                "does": "(?:%s)" % "|".join(DOES.values())}.get(
                    kind) or ANYTHING[kind]
    if kind == "does":
        return DOES[value]
    if isinstance(value, str):
        return value
    if kind == "va":
        return "0x%x" % value
    if kind == "at":
        return "0x%x" % value if value else "(?:0x)?0"
    if kind == "frame":
        return "(?:#|0x)%x" % (POOL + value)
    if kind == "space" or name in ("others", "keeper"):
        return r"space %d\b" % value
    return str(value)


def several(*numbers):
    """Some spaces, named or counted."""
    names = "(?:spaces? )?" + r"(?:, | and | and space |, space )".join(
        str(number) for number in numbers)
    return "(?:%s|%d others?(?: spaces)?|%d other spaces)" % (
        names, len(numbers), len(numbers))


def either(number):
    """A space, or a hedge: events cannot tell it from its equals."""
    return r"(?:space %d\b|[Oo]ne of [^.]*?)" % number


def is_neutral(line):
    return any(re.match(pattern, line) for pattern in NEUTRAL)


def disagreement(claims, text, totals=True, listed=True):
    """How the lines that emu printed differ from the claims of a row, or
    None: each claim once, in order, and no other line. listed: followed by
    all claims."""
    wrong = first_difference(claims, text, totals)
    if not wrong or not listed:
        return wrong
    return wrong + "\nall that it has to say:" + "".join(
        "\n    " + str(claim) for claim in claims)


def before_end(text):
    """What was said until the run ended: the rest is emu's report of that."""
    return MARK.sub("", re.split(
        r"^emu: (?:stopped by|hart \d|deadlock|the console)", text, maxsplit=1,
        flags=re.M)[0])


def wrong_marks(claims, text):
    """A line that is marked as one of a kernel that errs and is not, or the
    other way round; or None."""
    for line in text.splitlines():
        bare = MARK.sub("", line)
        keys = {claim.key for claim in claims if claim.pattern().search(bare)}
        if keys and (bare != line) != bool(keys & ERRS):
            return "marked wrongly: " + line
        if not keys and bare != line:
            return "marked: " + line
    return None


def first_difference(claims, text, totals):
    lines = [line for line in before_end(text).splitlines()
             if not is_neutral(line)]
    made, waiting = [], list(claims)
    for line in lines:
        at = place_of(line, waiting)
        if at is None:
            needed = [claim for claim in waiting if not claim.optional]
            return "says  %s\nwants %s" % (
                line, needed[0] if needed else "nothing more")
        if " as a forked child does" not in line:
            made.append(waiting[at].key)
        waiting[:at + 1] = [claim.passed() for claim in waiting[:at]
                            if claim.late]
    missing = [claim for claim in waiting if not claim.optional]
    if missing:
        return "does not say %s" % missing[0]
    return wrong_total(made, text) if totals else None


def place_of(line, waiting):
    """Which claim the line makes: the next, or one behind those that need
    not be made before it; or None."""
    for at, claim in enumerate(waiting):
        if claim.pattern().search(line):
            return at
        if not (claim.optional or claim.late):
            break
    return None


def wrong_total(made, text):
    total = TOTAL.search(text)
    for name, keys in COUNTED.items():
        count = sum(key in keys for key in made)
        said = int(total.group(name) or 0) if total else 0
        if said != count:
            return "%s in all: says %d, %d were told" % (name, said, count)
    return None
