#!/usr/bin/env python3
"""Packs an initrd: a cpio archive in format newc, the same bytes each time.

    pack.py OUTPUT PATH=FILE ...

Every directory above a PATH is made; a PATH that ends in '/' is an empty
directory. Times and owners are 0, inodes count up, entries are sorted. A
file's data starts on a page boundary of the archive: newc lets a name be
followed by any number of zeros, and the kernel can then map a program's
text where it lies instead of copying it.
"""
import os
import sys

PAGE = 4096
DIRECTORY, REGULAR = 0o040755, 0o100755


def entry(offset, inode, path, mode, data):
    """The bytes of one member that starts at offset."""
    name = path.encode() + b'\0'
    start = 110 + len(name)
    if data:
        name += b'\0' * (-(offset + start) % PAGE)
    links = 2 if mode == DIRECTORY else 1
    fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0,
              len(name), 0)
    head = b'070701' + b''.join(b'%08X' % field for field in fields) + name
    head += b'\0' * (-len(head) % 4)
    return head + data + b'\0' * (-len(data) % 4)


def members(arguments):
    """Path to file name, None for a directory, parents included."""
    tree = {}
    for argument in arguments:
        path, _, source = argument.partition('=')
        parent = os.path.dirname(path)
        while parent:
            tree[parent] = None
            parent = os.path.dirname(parent)
        if not path.endswith('/'):
            tree[path] = source
    return tree


def main():
    output, *arguments = sys.argv[1:]
    archive = bytearray()
    inode = 1
    for path, source in sorted(members(arguments).items()):
        data = b''
        if source is not None:
            with open(source, 'rb') as file:
                data = file.read()
        mode = DIRECTORY if source is None else REGULAR
        archive += entry(len(archive), inode, path, mode, data)
        inode += 1
    archive += entry(len(archive), 0, 'TRAILER!!!', 0, b'')
    with open(output, 'wb') as file:
        file.write(archive)


main()
