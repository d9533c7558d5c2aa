#!/usr/bin/env python3
"""Random programs on emu and on QEMU; see generator/__init__.py.

    generate.py --build DIR [--seed N] [--count N] …

prints each difference, made short, and what the programs made emu do; status 1
where there is a difference.  With --planted, mistakes are then put into emu,
and it prints which program finds each.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from generator import campaign, planted  # noqa

CHUNKS, LENGTH, TIMES = 64, 150, 12


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--emu", type=Path, help="another than the build's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=72, help="programs")
    parser.add_argument("--chunks", type=int, default=CHUNKS)
    parser.add_argument("--length", type=int, default=LENGTH,
                        help="atoms of a chunk")
    parser.add_argument("--times", type=int, default=TIMES,
                        help="that a loop runs, about")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--counts", action="store_true",
                        help="print all that was counted")
    parser.add_argument("--planted", choices=("quick", "all"),
                        help="find mistakes put into emu, too")
    parser.add_argument("--report", type=Path, help="all that, as JSON")
    return parser.parse_args()


def find_planted(options, shape, folder, seeds):
    """Which program finds each mistake, or None; the first made short."""
    mistakes = planted.QUICK + (
        planted.MORE if options.planted == "all" else [])
    found, short = {}, None
    if planted.find(options.build / "emu", folder, seeds) is not None:
        sys.exit("a mistake is found where there is none")
    for mistake in mistakes:
        path = planted.make(options.build.resolve(), folder, mistake)
        seed = planted.find(path, folder, seeds)
        found[mistake.name] = seed
        print("planted %-10s %s" % (mistake.name, "never found" if seed is None
                                    else "found by program %d" % seed),
              flush=True)
        if short is None and seed is not None:
            with tempfile.TemporaryDirectory() as other:
                short = campaign.Campaign(options.build, other, shape,
                                          emu=path).run(seed).report
    return found, short


def main():
    options = parse_arguments()
    seeds = list(range(options.seed, options.seed + options.count))
    shape = dict(chunks=options.chunks, length=options.length,
                 times=options.times)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) if options.planted else None
        coverage, differ = campaign.run(
            seeds, options.jobs, (options.build, shape, kept, options.emu),
            lambda text: print(text, flush=True))
        if options.counts:
            for name, n in sorted(coverage.count.items()):
                print(name, n)
        print(coverage.table())
        print("%d programs, %d differ" % (len(seeds), len(differ)), flush=True)
        found, short = (find_planted(options, shape, kept, seeds) if kept else
                        ({}, None))
    if options.report:
        options.report.write_text(json.dumps({
            "differ": differ, "low": coverage.failures(), "found": found,
            "short": short}))
    return len(differ) + list(found.values()).count(None) != 0


if __name__ == "__main__":
    sys.exit(main())
