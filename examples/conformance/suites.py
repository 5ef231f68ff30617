#!/usr/bin/env python3
"""Runs the frameworks' own suites against a running service, and prints a table.

    python3 suites.py http://localhost:8080 [onnx] [pytorch] [gradcheck] [keras] [steps]

Needs NumPy and, for each suite, its framework; a suite without its framework is skipped with a sentence. Exit status 1
after a difference that docs/conformance.md does not explain.
"""
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")


class Report:
    """Counts what a suite compares."""

    def __init__(self, suite):
        self.suite, self.cases, self.failures, self.explained, self.worst = suite, 0, [], {}, 0.0

    def near(self, case, name, got, expected, rtol, atol):
        got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
        if got.size != expected.size:
            self.failures.append(f"{case}: {name} has {got.size} numbers in place of {expected.size}")
            return
        difference = np.abs(got.ravel() - expected.ravel())
        allowed = atol + rtol * np.abs(expected.ravel())
        if difference.size:
            self.worst = max(self.worst, float(difference.max()))
        if not (difference <= allowed).all():
            self.failures.append(f"{case}: {name} differs by {difference.max():.3g}")

    def explain(self, case, reason):
        self.explained.setdefault(reason, []).append(case)

    def row(self):
        explained = sum(map(len, self.explained.values()))
        failed = len({failure.split(":")[0] for failure in self.failures})
        return f"| {self.suite} | {self.cases} | {self.cases - failed - explained} | {explained} | {failed} | {self.worst:.1e} |"


def main(base, *chosen):
    reports = []
    for name in chosen or ("onnx", "pytorch", "gradcheck", "keras", "steps"):
        try:
            suite = __import__(f"suite_{name}")
        except ImportError as missing:
            print(f"{name}: skipped, {missing}", file=sys.stderr)
            continue
        reports += suite.run(base, Report)
    print("| suite | cases | passed | differences explained | failed | largest difference |\n|---|---:|---:|---:|---:|---:|")
    for report in reports:
        print(report.row())
    for report in reports:
        for reason, cases in report.explained.items():
            print(f"{report.suite}: {reason}: {', '.join(cases)}")
        for failure in report.failures:
            print(f"FAILED {report.suite}: {failure}")
    return 1 if any(report.failures for report in reports) or not reports else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
