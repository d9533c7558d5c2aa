#!/usr/bin/env python3
"""Random programs on emu and on QEMU; see generator/__init__.py.

    generate.py --build DIR [--seed N] [--count N] …

prints each difference, made short, and what the programs made emu do; status 1
where there is a difference.  With --planted, mistakes are then put into emu,
and it prints which program finds each.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from generator import campaign, judge, known, planted  # noqa

CHUNKS, LENGTH, TIMES = 64, 150, 12


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--emu", type=Path, help="another than the build's")
    parser.add_argument("--judge", choices=known.BOTH, default=known.OLD,
                        help="the QEMU that the programs are for")
    parser.add_argument("--lift", metavar="NAME", action="append", default=[],
                        help="an entry of known.py that is not kept out")
    parser.add_argument("--move", type=int, default=0, metavar="N",
                        help="move emu to a fresh machine every N steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60, help="programs")
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


def chosen_judge(options):
    path, later = judge.QEMU, False
    if options.judge == known.NEW:
        found = subprocess.run([HERE.parents[1] / "tools" / "newer-qemu", "find"],
                               stdout=subprocess.PIPE)
        if found.returncode != 0:
            sys.exit("generate.py: no QEMU %s; tools/newer-qemu fetches it"
                     % options.judge)
        path = found.stdout.decode().strip()
        said = subprocess.run([path, "--version"], stdout=subprocess.PIPE)
        later = " %s " % known.FIRST_NEW not in said.stdout.decode()
    return judge.Judge(options.judge, path, options.lift, later)


def find_planted(options, of, shape, folder, seeds):
    """Which program finds each mistake, or None; the first made short."""
    mistakes = planted.QUICK[of.version] + (
        planted.MORE[of.version] if options.planted == "all" else [])
    found, short = {}, None
    if planted.find(options.build / "emu", of, folder, seeds) is not None:
        sys.exit("a mistake is found where there is none")
    for mistake in mistakes:
        path = planted.make(options.build.resolve(), folder, mistake)
        seed = planted.find(path, of, folder, seeds)
        found[mistake.name] = seed
        print("planted %-10s %s" % (mistake.name, "never found" if seed is None
                                    else "found by program %d" % seed),
              flush=True)
        if short is None and seed is not None:
            with tempfile.TemporaryDirectory() as other:
                short = campaign.Campaign(options.build, other, of, shape,
                                          emu=path).run(seed).report
    return found, short


def main():
    options = parse_arguments()
    of = chosen_judge(options)
    seeds = list(range(options.seed, options.seed + options.count))
    shape = dict(chunks=options.chunks, length=options.length,
                 times=options.times)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) if options.planted else None
        coverage, differ = campaign.run(
            seeds, options.jobs, (options.build, of, shape, kept, options.emu, options.move),
            lambda text: print(text, flush=True))
        if options.counts:
            for name, n in sorted(coverage.count.items()):
                print(name, n)
        print(coverage.table())
        print("%d programs, %d differ" % (len(seeds), len(differ)), flush=True)
        found, short = (find_planted(options, of, shape, kept, seeds) if kept else
                        ({}, None))
    if options.report:
        options.report.write_text(json.dumps({
            "differ": differ, "low": coverage.failures(), "found": found,
            "short": short}))
    return len(differ) + list(found.values()).count(None) != 0


if __name__ == "__main__":
    sys.exit(main())
