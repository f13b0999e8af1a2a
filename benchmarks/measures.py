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
        return statistics.median(after / before for before, after in zip(self.without, self.with_it))

    @property
    def difference(self) -> float:
        """The median of the pairs' differences."""
        return statistics.median(after - before for before, after in zip(self.without, self.with_it))

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


def paired(without: Callable[[], float], with_it: Callable[[], float], *, runs: int) -> Pairs:
    """Both by turns, each first every other time, after one run of each that does not count."""
    without()
    with_it()
    pairs = []
    for number in range(runs):
        if number % 2:
            after, before = with_it(), without()
        else:
            before, after = without(), with_it()
        pairs.append((before, after))
    return Pairs(without=tuple(before for before, _ in pairs), with_it=tuple(after for _, after in pairs))
