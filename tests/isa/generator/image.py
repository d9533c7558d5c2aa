"""Programs as ELF files: the runtime, assembled once, and chunks."""

import struct
import subprocess
from pathlib import Path

from . import layout

HERE = Path(__file__).resolve().parent
CC = "riscv64-unknown-elf-gcc"
FLAGS = ["-march=rv64gc_zba_zbb_zbs", "-mabi=lp64d", "-mcmodel=medany",
         "-nostdlib", "-static", "-Wl,-N,--build-id=none,--no-relax",
         "-Wl,--no-warn-rwx-segments", "-Wl,-Ttext=0x80000000"]
PT_LOAD, SHT_SYMTAB, EM_RISCV = 1, 2, 243


def link(source, path, *more):
    """An M-mode image at the start of RAM."""
    subprocess.run([CC] + FLAGS + list(more) + ["-o", str(path), str(source)],
                   check=True)


class Runtime:
    """runtime.S as bytes at layout.BASE, and its symbols."""

    def __init__(self, folder, judge):
        source = Path(folder) / "runtime.S"
        source.write_text(layout.constants(judge) +
                          (HERE / "runtime.S").read_text())
        image = Path(folder) / "runtime.elf"
        link(source, image, "-I", str(HERE))
        self.elf = image.read_bytes()
        self.bytes = self.load()
        self.symbols = self.read_symbols()

    def load(self):
        """What its one segment holds; the rest of it is 0."""
        start, = struct.unpack_from("<Q", self.elf, 32)
        size, count = struct.unpack_from("<HH", self.elf, 54)
        loaded = b""
        for i in range(count):
            kind, _, offset, _, pa, filled, _, _ = struct.unpack_from(
                "<IIQQQQQQ", self.elf, start + i * size)
            if kind == PT_LOAD:
                loaded = loaded.ljust(pa - layout.BASE, b"\0")
                loaded += self.elf[offset:offset + filled]
        return loaded

    def read_symbols(self):
        start, = struct.unpack_from("<Q", self.elf, 40)
        size, count = struct.unpack_from("<HH", self.elf, 58)
        headers = [struct.unpack_from("<IIQQQQIIQQ", self.elf,
                                      start + i * size) for i in range(count)]
        symbols = {}
        for header in headers:
            if header[1] != SHT_SYMTAB:
                continue
            names = headers[header[6]][4]
            for at in range(header[4], header[4] + header[5], 24):
                name, _, _, _, value, _ = struct.unpack_from("<IBBHQQ",
                                                             self.elf, at)
                end = self.elf.index(b"\0", names + name)
                symbols[self.elf[names + name:end].decode()] = value
        return symbols


def elf(segments):
    """An executable of these (address, bytes), entered at the first."""
    count = len(segments)
    head = (b"\x7fELF\2\1\1" + bytes(9) +
            struct.pack("<HHIQQQIHHHHHH", 2, EM_RISCV, 1, segments[0][0], 64,
                        0, 0, 64, 56, count, 0, 0, 0))
    offset = 64 + 56 * count
    for address, content in segments:
        head += struct.pack("<IIQQQQQQ", PT_LOAD, 7, offset, address, address,
                            len(content), len(content), 8)
        offset += len(content)
    return head + b"".join(content for _, content in segments)


def words(values):
    return struct.pack("<%dQ" % len(values), *values)


def program(runtime, chunks):
    """chunks: (chunk, atoms of it, flags)s, as an ELF file."""
    place = layout.PROGRAM + layout.DESCRIPTOR * len(chunks) + 8
    table, body = b"", bytearray()
    for i, (chunk, atoms, flags) in enumerate(chunks):
        body += bytes(2 * chunk.skew)
        code = chunk.assemble(atoms, place + len(body))
        pokes = len(body) + len(code) + 7 & ~7
        table += words(chunk.words(place + len(body), place + pokes, flags))
        body += code + bytes(pokes - len(body) - len(code))
        for pair in sorted(chunk.tables.pokes.items()):
            body += words(pair)
        body += bytes(16)
    table += bytes(8)
    if place + len(body) > layout.LANDING:
        raise ValueError("the program is too long: fewer or shorter chunks")
    return elf([(layout.BASE, runtime.bytes),
                (layout.PROGRAM, table + bytes(body)),
                (layout.LANDING, layout.landing())])
