"""How guest state is laid out, as a number: layout.py OUT HEADER...

What stands between PLAIN_BEGIN and PLAIN_END, without comments and blanks, is
what the number is of.  So a snapshot knows whether the structs that it holds
are those of the build that reads it.
"""

import hashlib
import re
import sys

PLAIN = re.compile(r"^PLAIN_BEGIN\n(.*?)^PLAIN_END$", re.M | re.S)
NOISE = re.compile(r"/\*.*?\*/|\s+", re.S)


def main(out, *headers):
    texts = []
    for header in headers:
        with open(header, encoding="utf-8") as file:
            texts += [NOISE.sub("", text) for text in PLAIN.findall(file.read())]
    number = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    with open(out, "w", encoding="utf-8") as file:
        file.write('#include "machine/parts.h"\n\n'
                   "const u64 parts_layout = 0x%su;\n" % number)


main(*sys.argv[1:])
