"""Runs, what they cost, and pairs of them."""
from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one process cost with all its children, in seconds."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Pairs:
    """Runs without and with the plugin, taken by turns, so that what slows the machine slows both."""

    without: tuple[float, ...]
    with_it: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(after / before for before, after in zip(self.without, self.with_it, strict=True))

    @property
    def difference(self) -> float:
        """The median of the pairs' differences."""
        return statistics.median(after - before for before, after in zip(self.without, self.with_it, strict=True))

    @property
    def spread(self) -> float:
        """How far the runs without the plugin are from each other: (slowest - fastest) / median."""
        return (max(self.without) - min(self.without)) / statistics.median(self.without)


def cost(command: Sequence[str | Path], *, cwd: Path) -> Cost:
    """Run a command to its end, whatever its exit code says, and measure it by `os.wait4`."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if errors or process.returncode not in (0, 1):
        raise RuntimeError(f"{command} ended with {process.returncode}: {errors.decode()}")
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=time.perf_counter() - began)


def compared(without: Callable[[], float], *with_it: Callable[[], float], runs: int) -> list[Pairs]:
    """What each of several runs with the plugin costs, in this order, paired with one without it.

    That one is the first of a round or the last by turns. Where there are several, a round before the others does not count.
    """
    rounds = []
    spare = int(runs > 1)
    for number in range(runs + spare):
        before = without() if number % 2 else None
        after = [run() for run in with_it]
        rounds.append((without() if before is None else before, after))
    return [
        Pairs(without=tuple(before for before, _ in rounds[spare:]), with_it=tuple(after[index] for _, after in rounds[spare:]))
        for index in range(len(with_it))
    ]
