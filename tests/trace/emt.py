#!/usr/bin/env python3
"""Reads trace files, from docs/trace-format.md alone: nothing of emu is used.

    emt.py FILE            how many events there are, and their hash
    emt.py FILE --events   every event on a line
    emt.py FILE --names    every record of names on a line

The hash is that of emu --trace-hash.
"""

import ctypes
import ctypes.util
import struct
import sys
import zlib
from collections import namedtuple

MASK = (1 << 64) - 1
GOLDEN = 0x9e3779b97f4a7c15
MAGIC = b"\x89emt\r\n\x1a\n"
CHUNK_MAGIC = 0xb7746d65
HEADER = 128
SCHEMA, ABOUT, EVENTS, NAMES, INDEX, END = range(1, 7)
WITH_NUMBER = (9, 10, 11)
WITH_TEXT = (1, 2, 3, 4, 6, 11)

Chunk = namedtuple("Chunk", "offset kind stored unpacked crc first events "
                   "boot first_time last_time index kinds roots")
Event = namedtuple("Event", "number boot time pc kind hart priv words")
Record = namedtuple("Record", "event question place address yes number text")


def zstd():
    library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    library.ZSTD_decompress.restype = ctypes.c_size_t
    library.ZSTD_decompress.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    return library


class Bytes:
    """A place in bytes, from which numbers and texts are taken."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        taken = self.data[self.at:self.at + size]
        if len(taken) != size:
            raise ValueError("the bytes end too early")
        self.at += size
        return taken

    def fixed(self, size):
        return int.from_bytes(self.take(size), "little")

    def number(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value & MASK

    def difference(self):
        folded = self.number()
        return folded >> 1 ^ -(folded & 1)

    def text(self):
        return self.take(self.number()).decode()


def context_of(kind, pc):
    return ((pc >> 1) + kind * GOLDEN) * GOLDEN % (1 << 64) >> 52


class Model:
    def __init__(self):
        self.time = 0
        self.pc = [0] * 256
        self.context = [0] * 256
        self.next = {}   # by context: next_pc, next_delay
        self.fields = {}  # by context and field: last, stride, seen

    def expect(self, hart):
        pc, delay = self.next.get(self.context[hart], (0, 0))
        return self.time + delay & MASK, pc or self.pc[hart]

    def learn(self, hart, kind, time, pc):
        self.next[self.context[hart]] = (pc, time - self.time & MASK)
        self.time, self.pc[hart] = time, pc
        self.context[hart] = context_of(kind, pc)
        return self.context[hart]

    def field(self, context, field, difference):
        last, stride, seen = self.fields.get((context, field), (0, 0, 0))
        value = last + stride + difference & MASK
        now = value - last & MASK
        if now == seen:
            stride = now
        self.fields[context, field] = (value, stride, now)
        return value


class Trace:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.library = zstd()
        if self.data[:8] != MAGIC:
            raise ValueError("this is no trace")
        self.version, header = struct.unpack("<II", self.data[8:16])
        if (self.version, header) != (1, HEADER):
            raise ValueError("version %d" % self.version)
        self.damaged = self.cut = 0
        self.chunks = list(self.find_chunks())
        self.schema = self.read_schema()
        about = self.first_of(ABOUT)
        self.title, self.kinds = about.text(), about.fixed(16)
        self.has_begun_late = bool(about.fixed(1))
        self.end = None
        if self.chunks[-1].kind == END:
            end = Bytes(self.unpack(self.chunks[-1]))
            self.end = (end.text(), end.text(), end.difference())

    # ---- chunks

    def header(self, offset):
        raw = self.data[offset:offset + HEADER]
        if len(raw) < HEADER:
            return None
        magic, crc = struct.unpack_from("<II", raw)
        if magic != CHUNK_MAGIC or crc != zlib.crc32(raw[8:]):
            return None
        (kind, zero, stored, unpacked, stored_crc, first, events, boot,
         first_time, last_time, index) = struct.unpack_from("<HHIIIQIIQQQ",
                                                            raw, 8)
        chunk = Chunk(offset, kind, stored, unpacked, stored_crc, first,
                      events, boot, first_time, last_time, index,
                      int.from_bytes(raw[64:80], "little"),
                      struct.unpack_from("<4Q", raw, 80))
        return chunk if offset + HEADER + stored <= len(self.data) else None

    def find_chunks(self):
        at = 16
        while at < len(self.data):
            chunk = self.header(at)
            if chunk:
                yield chunk
                at += HEADER + chunk.stored
                continue
            gap = at
            while not chunk:
                at = self.data.find(struct.pack("<I", CHUNK_MAGIC), at + 1)
                if at < 0:
                    self.cut = len(self.data) - gap
                    return
                chunk = self.header(at)
            self.damaged += 1

    def unpack(self, chunk):
        at = chunk.offset + HEADER
        stored = self.data[at:at + chunk.stored]
        if zlib.crc32(stored) != chunk.crc:
            raise ValueError("the chunk at %d is damaged" % chunk.offset)
        if chunk.stored == chunk.unpacked:
            return stored
        out = ctypes.create_string_buffer(chunk.unpacked)
        size = self.library.ZSTD_decompress(out, chunk.unpacked, stored,
                                            len(stored))
        if size != chunk.unpacked:
            raise ValueError("the chunk at %d cannot be unpacked"
                             % chunk.offset)
        return out.raw

    def of_kind(self, kind):
        return [chunk for chunk in self.chunks if chunk.kind == kind]

    def first_of(self, kind):
        return Bytes(self.unpack(self.of_kind(kind)[0]))

    def read_schema(self):
        """By kind: its name, and its fields' names and units."""
        from_ = self.first_of(SCHEMA)
        schema = {}
        for _ in range(from_.number()):
            kind, name, _what = from_.number(), from_.text(), from_.text()
            fields = [(from_.text(), from_.text(), from_.text())[:2]
                      for _ in range(from_.number())]
            schema[kind] = (name, fields)
        return schema

    def indexed(self):
        """Where chunks lie, as the indexes say from the last chunk on."""
        last = self.chunks[-1]
        at = last.offset if last.kind == INDEX else last.index
        offsets = []
        while at:
            chunk = self.header(at)
            raw = self.unpack(chunk)
            offsets += [int.from_bytes(raw[i:i + 8], "little")
                        for i in range(0, len(raw), HEADER)
                        if raw[i + 8:i + HEADER] == self.data[
                            int.from_bytes(raw[i:i + 8], "little") + 8:][:120]]
            at = chunk.index
        return sorted(offsets)

    # ---- events

    def chunk_events(self, chunk):
        from_ = Bytes(self.unpack(chunk))
        for _ in range(from_.number()):  # roots in force
            from_.number(), from_.number()
        count = from_.number()
        heads = []
        for left in range(from_.number()):
            heads.append((from_.number(), from_.fixed(1), from_.fixed(1),
                          from_.number()))
        sizes = [(from_.number(), from_.number())
                 for _ in range(from_.number())]
        columns = {column: Bytes(from_.take(size)) for column, size in sizes}
        model = Model()
        for i in range(count):
            kind, hart, priv, words = heads[columns[0].number()]
            time, pc = model.expect(hart)
            if words & 1:
                time = time + columns[1].difference() & MASK
            if words & 2:
                pc = pc + columns[2].difference() & MASK
            context = model.learn(hart, kind, time, pc)
            values = []
            for field in range(len(self.schema[kind][1])):
                more = 0
                if words & 4 << field:
                    more = columns[3 + 8 * kind + field].difference()
                values.append(model.field(context, field, more))
            yield Event(chunk.first + i, chunk.boot, time, pc, kind, hart,
                        priv, values)

    def events(self):
        for chunk in self.of_kind(EVENTS):
            yield from self.chunk_events(chunk)

    # ---- names

    def names(self):
        for chunk in self.of_kind(NAMES):
            from_, event = Bytes(self.unpack(chunk)), 0
            while from_.at < len(from_.data):
                event += from_.number()
                question, place = from_.number(), from_.number()
                address, yes = from_.number(), from_.number()
                number, text = 0, ""
                if yes and question in WITH_NUMBER:
                    number = from_.number()
                if yes and question in WITH_TEXT:
                    text = from_.text()
                yield Record(event, question, place, address, yes, number,
                             text)


def stir(value):
    for _ in range(2):
        value = (value ^ value >> 32) * 0xd6e8feb86659fd93 & MASK
    return value ^ value >> 32


def may_have(chunk, root):
    """Whether the set in a chunk's header may have a root."""
    x = stir(root)
    return (chunk.roots[x & 3] >> (x >> 2 & 63) & 1
            and chunk.roots[x >> 8 & 3] >> (x >> 10 & 63) & 1)


def hash_of(events):
    """How many there are, and the hash of --trace-hash."""
    state = count = 0

    def mix(state, word):
        state = (state ^ word) * GOLDEN & MASK
        return state ^ state >> 32

    for event in events:
        state = mix(state, event.time)
        state = mix(state, event.pc)
        state = mix(state, event.kind << 16 | event.hart << 8 | event.priv)
        for word in event.words:
            state = mix(state, word)
        count += 1
    return count, "%016x" % mix(mix(state, count), GOLDEN)


def main(path, what=""):
    trace = Trace(path)
    if what == "--events":
        for event in trace.events():
            name, fields = trace.schema[event.kind]
            print(event.number, event.boot, event.time, event.hart, event.priv,
                  "%#x" % event.pc, name,
                  *["%s=%#x" % (field[0], word)
                    for field, word in zip(fields, event.words)])
    elif what == "--names":
        for record in trace.names():
            print(*record)
    else:
        print("%d events, hash %s" % hash_of(trace.events()))


if __name__ == "__main__":
    main(*sys.argv[1:])
