"""Many programs: run on both machines, compared, and counted."""

import multiprocessing
import tempfile
from pathlib import Path

from . import judge, layout
from .coverage import Coverage
from .shrink import Shrinker


class Outcome:
    """What came of one program."""

    def __init__(self, seed, report, counts):
        self.seed, self.report, self.counts = seed, report, counts


class Campaign:
    """build: a build folder of emu; of: the Judge; keep: where programs and
    what QEMU printed are left, or None."""

    def __init__(self, build, folder, of, options, keep=None, emu=None,
                 move=0):
        self.build, self.keep, self.judge = Path(build), keep, of
        self.both = judge.Comparison(
            Path(folder), of, judge.emu(emu or self.build / "emu", move),
            **options)

    def run(self, seed):
        path, chunks = self.both.build(seed)
        pte_bits = self.judge.has_pte_bits(seed)
        results = [machine.run(path, pte_bits)
                   for machine in self.both.machines]
        counts, again = self.count(path, pte_bits)
        at = self.both.first_difference(results, len(chunks))
        report = None if at is None else self.report(chunks, at, results)
        if not report and again != results[0][1]:
            report = "emu, when it is watched, does something else"
        if self.keep:
            (self.keep / path.name).write_bytes(path.read_bytes())
            (self.keep / ("%d.txt" % seed)).write_text(
                "\n".join(results[1][1]))
        path.unlink()
        return Outcome(seed, report and "program %d, %s" % (seed, report),
                       counts)

    def count(self, path, pte_bits):
        """What the program makes emu do, and what it prints meanwhile."""
        counts = judge.Machine("counts", [
            self.build / "tests" / "isa" / "counts", hex(layout.PROGRAM),
            hex(layout.LANDING)])
        status, lines = counts.run(path, pte_bits)
        printed = sum(" " not in line for line in lines)
        return lines[printed:], lines[:printed]

    def report(self, chunks, at, results):
        """What is different about the chunk `at`, the first that is."""
        before = None
        for before in [None] + chunks[:at][::-1]:
            text = Shrinker(self.both, chunks[at], before).report()
            if text:
                return text
        return "chunk %s differs behind all those before it" % chunks[at].seed


def work(parameters):
    """Runs the programs of these seeds, in a process of its own."""
    arguments, seeds = parameters
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(arguments[0], folder, *arguments[1:])
        for seed in seeds:
            outcomes.append(campaign.run(seed))
    return outcomes


def run(seeds, jobs, arguments, tell=print):
    """Runs the programs of all seeds; what was covered, and the reports of
    those that differ.  arguments: those of Campaign without the folder."""
    coverage, differ = Coverage(arguments[1]), []
    parts = [(arguments, seeds[i:i + 4]) for i in range(0, len(seeds), 4)]
    with multiprocessing.Pool(jobs) as pool:
        for outcomes in pool.imap_unordered(work, parts):
            for outcome in outcomes:
                coverage.add(outcome.counts)
                if outcome.report:
                    tell(outcome.report)
                    differ.append(outcome.report)
    return coverage, differ
