"""Random programs, compared between emu and a QEMU, for which they are made:
its version decides what they hold.

    rows.py      rv64.def and csr.def as Python sees them; encodings
    layout.py    where things lie in memory; what a chunk's descriptor holds
    atom.py      instructions that stay together, and how they become code
    space.py     page tables: good ones, and entries that are not
    ordinary.py  atoms of rows: arithmetic, floating point, memory, jumps
    system.py    atoms of CSRs, interrupts, returns, self-modifying code
    memory.py    atoms of page tables, ASIDs, PMP, MPRV, wild addresses
    chunk.py     a chunk: where it begins, and its atoms
    image.py     chunks and runtime.S, handler.S as an ELF file
    judge.py     the machines, what they print, and where they differ
    shrink.py    a chunk that differs, made short
    known.py     what QEMU does otherwise, and what is done about it
    campaign.py  many programs, in several processes
    coverage.py  what the programs made emu do, and what they must
    planted.py   emu with a mistake put in, which must be found

A program is a list of chunks.  A chunk is a state to begin from and a list of
atoms; it depends on its seed alone and on no other chunk.  Jumps go forward,
but for those of loops, which count; so every chunk ends.
"""
