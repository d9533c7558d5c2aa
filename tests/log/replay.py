"""Follows a commit log beside QEMU's trace of the same program.

QEMU (`-singlestep -d cpu,fpu,nochain`) prints its whole state before every
instruction.  The log says what each instruction wrote.  So the state that the
log makes, line by line, has to be QEMU's state at each of its instructions;
and what QEMU has and the log leaves out has to be an instruction that trapped.
Memory is followed, too, where addresses are physical: what a load brought into
a register has to be what the file or the log's own stores put there.  A store
through a translation makes all that is known of memory unknown.
"""

import re
import struct

LINE = re.compile(
    r"core +(\d): ([013]) 0x([0-9a-f]{16}) \(0x([0-9a-f]{4}|[0-9a-f]{8})\)"
    r"((?: (?:x|f)\d+ +0x[0-9a-f]{16}| c\d+_\w+ 0x[0-9a-f]{16})*)"
    r"((?: mem 0x[0-9a-f]{16}(?: 0x(?:[0-9a-f]{2}){1,8})?)*)$")
WRITE = re.compile(r" (x|f)(\d+) +0x(\w+)| c(\d+)_(\w+) 0x(\w+)")
ACCESS = re.compile(r" mem 0x(\w+)(?: 0x(\w+))?")
STATE = re.compile(r"(\w+)(?:/\w+)? +([0-9a-f]{16})\b")
# CSRs that QEMU shows under their own name, and always truly.
CSRS = {"mstatus", "mideleg", "medeleg", "mtvec", "stvec", "mepc", "sepc",
        "mcause", "scause", "mtval", "stval", "mscratch", "sscratch", "satp"}
LOAD, LOAD_FP, STORE, STORE_FP = 0x03, 0x07, 0x23, 0x27


class Differs(Exception):
    """The log says what is not so."""


class Instruction:
    """A line of the log."""

    def __init__(self, text):
        found = LINE.match(text)
        if not found:
            raise Differs("no line of a log: " + text)
        hart, priv, pc, raw, writes, accesses = found.groups()
        self.text, self.hart, self.priv = text, int(hart), int(priv)
        self.pc, self.raw, self.size = int(pc, 16), int(raw, 16), len(raw) // 2
        self.registers, self.csrs = {}, {}
        for file, number, value, _, csr, csr_value in WRITE.findall(writes):
            if csr:
                self.csrs[csr] = int(csr_value, 16)
            else:
                self.registers[file + number] = int(value, 16)
        self.loads, self.stores = [], []
        for va, value in ACCESS.findall(accesses):
            if value:
                self.stores.append((int(va, 16), bytes.fromhex(value)[::-1]))
            else:
                self.loads.append(int(va, 16))

    def loaded(self):
        """(bytes, sign-extends, is FP) of a plain load, or None."""
        if self.size == 2:
            return {(0, 1): (8, False, True), (0, 2): (4, True, False),
                    (0, 3): (8, False, False), (2, 1): (8, False, True),
                    (2, 2): (4, True, False), (2, 3): (8, False, False)}.get(
                        (self.raw & 3, self.raw >> 13))
        opcode, funct3 = self.raw & 0x7f, self.raw >> 12 & 7
        if opcode == LOAD:
            return 1 << (funct3 & 3), funct3 < 4, False
        if opcode == LOAD_FP:
            return 1 << funct3, False, True
        return None


    def stored(self):
        """The bytes of a plain store, or None."""
        if self.size == 2:
            return {(0, 5): 8, (0, 6): 4, (0, 7): 8, (2, 5): 8, (2, 6): 4,
                    (2, 7): 8}.get((self.raw & 3, self.raw >> 13))
        if self.raw & 0x7f in (STORE, STORE_FP):
            return 1 << (self.raw >> 12 & 3)
        return None


def log_lines(text):
    return [Instruction(line) for line in text.splitlines()]


def qemu_states(path, most):
    """{name: value} before each of the first `most` instructions."""
    state = None
    count = 0
    with open(str(path)) as file:
        for line in file:
            if line.startswith(" pc "):
                if state:
                    yield state
                    count += 1
                    if count == most:
                        return
                state = {}
            if state is not None:
                for name, value in STATE.findall(line):
                    state[name] = int(value, 16)
    if state:
        yield state


def is_physical(line, state):
    return line.priv == 3 or state["satp"] >> 60 == 0


class Memory:
    """Bytes by physical address."""

    def __init__(self, image):
        self.bytes = {}
        count = struct.unpack_from("<H", image, 56)[0]
        start = struct.unpack_from("<Q", image, 32)[0]
        for i in range(count):
            kind, _, offset, va, _, filled, size, _ = struct.unpack_from(
                "<IIQQQQQQ", image, start + 56 * i)
            if kind == 1:
                self.put(va, image[offset:offset + filled])
                self.put(va + filled, bytes(size - filled))

    def put(self, va, data):
        for i, byte in enumerate(data):
            self.bytes[va + i] = byte

    def get(self, va, size):
        """None where nothing is known: a device, a device tree."""
        data = [self.bytes.get(va + i) for i in range(size)]
        return None if None in data else bytes(data)


def check_accesses(line):
    """Each load and store is in the log, and with its size."""
    size = line.stored()
    if size and [len(data) for _, data in line.stores] != [size]:
        raise Differs("it stores %d bytes: %s" % (size, line.text))
    if line.loaded() and len(line.loads) != 1:
        raise Differs("it loads: " + line.text)


def check_load(line, state, memory):
    """Whether the load could be judged."""
    how = line.loaded()
    if not how or not line.registers or not is_physical(line, state):
        return False
    size, signed, fp = how
    data = memory.get(line.loads[0], size)
    if data is None:
        return False
    value = int.from_bytes(data, "little", signed=signed) & (1 << 64) - 1
    if fp and size < 8:
        value |= (1 << 64) - (1 << 8 * size)
    if list(line.registers.values()) != [value]:
        raise Differs("memory has 0x%x: %s" % (value, line.text))
    return True


def check_encoding(line, memory):
    data = memory.get(line.pc, line.size)
    if data is not None and int.from_bytes(data, "little") != line.raw:
        raise Differs("there is another instruction: " + line.text)


def check_state(mine, state, line):
    for name, value in mine.items():
        if name in state and state[name] != value:
            raise Differs("%s is 0x%x, in QEMU 0x%x, before %s"
                          % (name, value, state[name], line.text))


def start_of(lines, pc):
    for i, line in enumerate(lines):
        if line.pc == pc:
            return i
    raise Differs("the program's first instruction is not in the log")


def follow(lines, states, image, entry):
    """Compares, and counts: instructions, traps, loads judged."""
    memory = Memory(image)
    lines = lines[start_of(lines, entry):]
    mine, at, counts = {}, 0, {"instructions": 0, "traps": 0, "loads": 0}
    trapped, begun = False, False
    for state in states:
        begun = begun or state["pc"] == entry
        if not begun or at == len(lines):
            continue
        line = lines[at]
        if state["pc"] != line.pc:
            if trapped:
                raise Differs("QEMU is at 0x%x, the log at %s"
                              % (state["pc"], line.text))
            trapped = True
            counts["traps"] += 1
            continue
        if trapped and line.pc not in (state["mtvec"] & ~3,
                                       state["stvec"] & ~3):
            raise Differs("an instruction is missing before " + line.text)
        if line.pc in (state["mtvec"] & ~3, state["stvec"] & ~3):
            for name in CSRS:   # what a trap writes is not in the log
                mine.pop(name, None)
        trapped = False
        check_state(mine, state, line)
        if is_physical(line, state):
            check_encoding(line, memory)
        check_accesses(line)
        counts["loads"] += check_load(line, state, memory)
        mine.update(line.registers)
        mine.update((name, value) for name, value in line.csrs.items()
                    if name in CSRS)
        for va, data in line.stores:
            if is_physical(line, state):
                memory.put(va, data)
            else:
                memory.bytes.clear()
        counts["instructions"] += 1
        at += 1
    return counts
