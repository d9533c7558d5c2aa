"""Pictures in files: reading PNG, and how far two of them differ."""

import struct
import zlib

CHANNELS = {2: 3, 6: 4}  # colour type -> bytes a pixel


def chunks(data):
    at = 8
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8:at + 8 + size]
        at += size + 12


def unfilter(kind, row, above, step):
    """A row of bytes as it was before PNG's filter (PNG, 9.2)."""
    for i in range(len(row)):
        a = row[i - step] if i >= step else 0
        b, c = above[i], above[i - step] if i >= step else 0
        if kind == 1:
            guess = a
        elif kind == 2:
            guess = b
        elif kind == 3:
            guess = (a + b) // 2
        elif kind == 4:
            p = a + b - c
            guess = min((abs(p - a), 0, a), (abs(p - b), 1, b),
                        (abs(p - c), 2, c))[2]
        else:
            return row
        row[i] = (row[i] + guess) & 255
    return row


def read(path):
    """(width, height, rows): each row has three bytes a pixel."""
    body = b""
    for kind, data in chunks(path.read_bytes()):
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", data[:10])
        elif kind == b"IDAT":
            body += data
    body, step = zlib.decompress(body), CHANNELS[colour]
    size = width * step
    rows, above = [], bytearray(size)
    for y in range(height):
        start = y * (size + 1)
        above = unfilter(body[start], bytearray(body[start + 1:start + 1 + size]),
                         above, step)
        rows.append(bytes(above[i] for i in range(size) if i % step < 3))
    return width, height, rows


def difference(one, other, cell=8):
    """The largest difference, 0 to 255, between the means of two pictures in
    one square of so many pixels: what fonts do differently at the edges of
    letters is little of that, a box that is elsewhere is much."""
    (width, height, a), (w, h, b) = one, other
    if (width, height) != (w, h):
        return 255
    worst = 0
    for y in range(0, height, cell):
        for x in range(0, width, cell):
            sums = [0, 0]
            for row in range(y, min(y + cell, height)):
                part = slice(3 * x, 3 * min(x + cell, width))
                sums[0] += sum(a[row][part])
                sums[1] += sum(b[row][part])
            worst = max(worst, abs(sums[0] - sums[1]) / (3 * cell * cell))
    return worst


def far(one, other):
    """The difference of two files; most often they are the same bytes."""
    if one.read_bytes() == other.read_bytes():
        return 0
    return difference(read(one), read(other))
