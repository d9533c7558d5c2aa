"""An oracle for stale_use: from the log of a run alone, which uses of TLB
entries were stale.

It follows what was stored to memory (RAM begins as zeros, so no table is read
before it is written), which entries the TLB got and lost, and which accesses
were made, and has its own idea of what each walk finds.  It knows Sv39 with 4
KiB pages and larger ones, no NAPOT, no access across pages, and hart 0 alone.
"""

import re

LINE = re.compile(r"^ *(\d+) h(\d) ([USM]) 0x([0-9a-f]+) +(?:\S+\+\S+ +)?(\w+) +"
                  r"(.*)$")
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
RSW, PBMT = 3 << 8, 3 << 61
BITS = dict(zip("VRWXUGAD", (V, R, W, X, U, G, A, D)))
SUM, MXR, SATP, MSTATUS = 1 << 18, 1 << 19, 0x180, 0x300
FETCH, LOAD, STORE = "fetch", "load", "store"
PATIENCE = 32   # stores in vain, until a frame is let go
PTE_WORD = 8
LEVELS = 3


def pte_of(text):
    """The value of a page-table entry as text.c writes it."""
    if ":" not in text:
        return int(text, 16)
    head, *upper = text.split("+")
    ppn, flags = head.split(":")
    value = int(ppn, 16) << 10 | sum(BITS[c] for c in flags if c != "-")
    for word in upper:
        name, number = re.match(r"(rsw|pbmt|reserved)(\w+)", word).groups()
        value |= int(number, 0) << {"rsw": 8, "pbmt": 61, "reserved": 54}[name]
    return value


def satp_of(text):
    mode, asid, root = text.split(":")
    assert mode == "sv39"
    return 8 << 60 | int(asid) << 44 | int(root, 16)


def is_leaf(pte):
    return pte & V and pte & (R | W | X)


def takes(then, now):
    """Whether `now` in the place of `then` can take something from an access."""
    if then == now:
        return False
    if is_leaf(then) and is_leaf(now) and now & (R | W) != W:
        kept = then & now & (R | W | X | D) == then & (R | W | X | D)
        rest = ~(R | W | X | D | A | G | RSW)
        return not kept or (then ^ now) & rest != 0
    return (then ^ now) & ~(G | RSW) != 0


def permits(pte, access, mode, status):
    if mode == "U" and not pte & U:
        return False
    if mode == "S" and pte & U and (access == FETCH or not status & SUM):
        return False
    if access == FETCH:
        return bool(pte & X)
    if access == LOAD:
        return bool(pte & R or status & MXR and pte & X)
    return bool(pte & W)


class Entry:
    def __init__(self, va, level, pte, asid, walk):
        self.va, self.level, self.pte, self.asid = va, level, pte, asid
        self.size = 4096 << 9 * level
        self.taken_from(walk)
        self.is_global = any(value & G for _, value in walk)

    def taken_from(self, walk):
        self.walk = walk
        self.at = None          # the first of the walk that differs
        self.foreign = False    # of another root than satp has
        self.foreign_since = 0
        self.watched = len(walk)
        self.since, self.told = 0, set()

    def covers(self, va):
        return self.va <= va < self.va + self.size

    def pa(self, va):
        size = self.size - 1
        return (self.pte >> 10 & (1 << 44) - 1) << 12 & ~size | va & size


class Oracle:
    def __init__(self):
        self.memory = {}
        self.entries = []
        self.satp = self.status = 0
        self.fetch_page = None  # the page that instructions come from
        self.doubts_fetch = False
        self.vain = {}          # by watched frame
        self.uses = []          # what should have been reported
        self.let_go = 0

    # Memory and walks.

    def load(self, pa):
        return self.memory.get(pa & ~7, 0)

    def find(self, va):
        """The walk of va, as (place, value) from the root down, and whether it
        ends at a leaf of good form."""
        table, walk = (self.satp & (1 << 44) - 1) << 12, []
        for level in reversed(range(LEVELS)):
            place = table + (va >> 12 + 9 * level & 511) * PTE_WORD
            pte = self.load(place)
            walk.append((place, pte))
            ppn = pte >> 10 & (1 << 44) - 1
            if not pte & V or pte >> 54:
                return walk, False
            if is_leaf(pte):
                return walk, (pte & (R | W) != W
                              and not ppn & (1 << 9 * level) - 1)
            if pte & (D | A | U):
                return walk, False
            table = ppn << 12
        return walk, False

    def stored(self, time, pa, size, value):
        while size:
            part = min(8 - pa % 8, size)
            mask = (1 << 8 * part) - 1
            old, shift = self.load(pa), 8 * (pa % 8)
            new = old & ~(mask << shift) | (value & mask) << shift
            self.word_stored(time, pa & ~7, old, new)
            pa, size, value = pa + part, size - part, value >> 8 * part

    def word_stored(self, time, pa, old, new):
        self.memory[pa] = new
        if pa >> 12 not in self.vain:
            return
        hits = False
        if (old ^ new) & ~(A | G | RSW):
            for entry in self.entries:
                hits |= self.doubt(entry, time, pa, takes(old, new))
        self.vain[pa >> 12] = 0 if hits else self.vain[pa >> 12] + 1
        if self.vain[pa >> 12] == PATIENCE:
            self.vain[pa >> 12] = 0
            self.leave(pa >> 12)

    def doubt(self, entry, time, pa, taken):
        if pa not in [place for place, _ in entry.walk[:entry.watched]]:
            return False
        differing = [at for at, (place, value) in enumerate(entry.walk)
                     if takes(value, self.load(place))]
        before, entry.at = entry.at, differing[0] if differing else None
        entry.watched = len(entry.walk) if entry.at is None else entry.at + 1
        if taken or entry.at != before:
            entry.since, entry.told = time, set()
        self.watch(entry)
        if entry.at is not None and self.fetch_page is not None and (
                entry.covers(self.fetch_page) and self.is_named(entry)):
            self.doubts_fetch = True
        return True

    def watch(self, entry):
        for place, _ in entry.walk[:entry.watched]:
            self.vain.setdefault(place >> 12, 0)

    def leave(self, frame):
        reaching = [e for e in self.entries if frame in
                    [place >> 12 for place, _ in e.walk[:e.watched]]]
        if any(place >> 12 == frame and at != e.at for e in reaching
               for at, (place, _) in enumerate(e.walk[:e.watched])):
            return
        for entry in reaching:
            entry.watched = entry.at
        self.let_go += len(reaching)
        del self.vain[frame]

    # The TLB.

    def is_named(self, entry):
        return entry.is_global or entry.asid == self.satp >> 44 & 0xffff

    def look_up(self, va):
        matches = sorted((e for e in self.entries
                          if e.covers(va) and self.is_named(e)),
                         key=lambda e: e.size)
        own = [e for e in matches if not e.is_global]
        return own[-1] if own else matches[0] if matches else None

    def filled(self, fields):
        self.satp = satp_of(fields["satp"])
        va, level = int(fields["va"], 16), int(fields["level"])
        walk, good = self.find(va)
        entry = Entry(va, level, pte_of(fields["pte"]),
                      self.satp >> 44 & 0xffff, walk)
        if not good or walk[-1] != (int(fields["pte_pa"], 16), entry.pte):
            raise ValueError("a fill that no walk finds: %s" % fields)
        self.entries = [e for e in self.entries if
                        (e.va, e.size, e.is_global) !=
                        (entry.va, entry.size, entry.is_global)
                        or not (e.is_global or e.asid == entry.asid)]
        self.entries.append(entry)
        self.watch(entry)

    def evicted(self, fields):
        key = (int(fields["va"], 16), int(fields["asid"]),
               int(fields["level"]), pte_of(fields["pte"]))
        found = [e for e in self.entries
                 if (e.va, e.asid, e.level, e.pte) == key]
        if len(found) != 1:
            raise ValueError("%d entries are evicted" % len(found))
        self.entries.remove(found[0])

    def flushed(self, fields):
        va, asid = int(fields["va"], 16), int(fields["asid"])
        scope = fields["scope"]
        gone = [e for e in self.entries
                if ("va" not in scope or e.covers(va))
                and ("asid" not in scope
                     or not e.is_global and e.asid == asid)]
        if len(gone) != int(fields["entries"]):
            raise ValueError("a fence removed another number: %s" % fields)
        self.entries = [e for e in self.entries if e not in gone]
        self.fetch_page = None

    def rooted(self, time):
        """satp has got a value: who has its ASID, and another root?"""
        root, self.fetch_page = (self.satp & (1 << 44) - 1) << 12, None
        for entry in self.entries:
            if (not self.satp >> 60 or entry.is_global
                    or entry.asid != self.satp >> 44 & 0xffff):
                continue
            foreign = entry.walk[0][0] & -4096 != root
            if foreign and not entry.foreign:
                entry.foreign_since, entry.told = time, set()
            entry.foreign = foreign

    # Uses.

    def used(self, time, va, access, mode):
        entry = self.look_up(va)
        if (not entry or not permits(entry.pte, access, mode, self.status)
                or access == STORE and not entry.pte & D
                or entry.at is None and not entry.foreign):
            return
        walk, good = self.find(va)
        now = walk[-1][1]
        size = (4096 << 9 * (LEVELS - len(walk))) - 1
        pa = (now >> 10) << 12 & ~size | va & size
        if good and permits(now, access, mode, self.status) and (
                access != STORE or now & D) and pa == entry.pa(va):
            if len(walk) == len(entry.walk) and not takes(entry.pte, now):
                entry.taken_from(walk)
                self.watch(entry)
            return
        if access in entry.told:
            return
        entry.told.add(access)
        place, since = ((0, entry.foreign_since) if entry.at is None else
                        (entry.walk[entry.at][0], entry.since))
        self.uses.append((time, va, access, entry.level, place, entry.pte, now,
                          self.satp, since))

    def fetched(self, time, pc, mode):
        if self.fetch_page != pc >> 12 << 12 or self.doubts_fetch:
            self.used(time, pc, FETCH, mode)
        self.fetch_page = pc >> 12 << 12
        self.doubts_fetch = False

    def step(self, events):
        """The events of one step; the last says that it retired or trapped."""
        time, mode, pc, kind, last = events[-1]
        is_amo = kind == "retire" and int(last["insn"], 16) & 0x7f == 0x2f
        if mode != "M":
            self.fetched(time, pc, mode)
        for _, _, _, name, fields in events:
            self.event(time, mode, name, fields, is_amo)

    def event(self, time, mode, kind, fields, is_amo):
        if kind == "tlb_fill":
            self.filled(fields)
        elif kind == "tlb_evict":
            self.evicted(fields)
        elif kind == "tlb_flush":
            self.flushed(fields)
        elif kind == "ad_update":
            self.stored(time, int(fields["pte_pa"], 16), 8,
                        pte_of(fields["new"]))
        elif kind == LOAD and mode != "M":
            self.used(time, int(fields["va"], 16), STORE if is_amo else LOAD,
                      mode)
        elif kind == STORE:
            if mode != "M" and not is_amo:
                self.used(time, int(fields["va"], 16), STORE, mode)
            self.stored(time, int(fields["pa"], 16), int(fields["size"]),
                        int(fields["value"], 16))
        elif kind == "csr_write":
            number, value = int(fields["csr"], 16), int(fields["value"], 16)
            if number == SATP:
                self.satp = value
                self.rooted(time)
            elif number == MSTATUS:
                self.status = value
        elif kind in ("trap", "xret"):
            self.fetch_page = None


def events_of(log):
    for line in log.splitlines():
        if line[12:16] == " -- ":
            continue    # of no hart
        found = LINE.match(line)
        if not found:
            raise ValueError("no event: " + line)
        time, hart, mode, pc, kind, rest = found.groups()
        if hart != "0":
            continue    # parked
        yield (int(time), mode, int(pc, 16), kind,
               dict(word.split("=", 1) for word in rest.split() if "=" in word))


def reported(log):
    """The stale_use events of a log, as Oracle.uses has them."""
    return [(time, int(f["va"], 16), f["access"], int(f["level"]),
             int(f["pte_pa"], 16), pte_of(f["cached"]), pte_of(f["now"]),
             satp_of(f["satp"]), int(f["since"]))
            for time, _, _, kind, f in events_of(log) if kind == "stale_use"]


def judge(log):
    """An Oracle that has followed the log of a run with every kind but
    stale_use."""
    oracle, events = Oracle(), []
    for event in events_of(log):
        if event[3] == "stale_use":
            continue
        events.append(event)
        if event[3] in ("retire", "trap"):
            oracle.step(events)
            events = []
    return oracle
