#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs the tests of the hardware model and prints KTAP: run.py [NAME...]

NAME restricts the run to tests whose name contains it. QEMU says which QEMU.
"""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))


def flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


def main():
    sys.path.insert(0, HERE)
    suite = unittest.TestLoader().discover(HERE, 'test_*.py')
    tests = [t for t in flatten(suite) if not sys.argv[1:] or any(n in t.id() for n in sys.argv[1:])]
    if not tests:
        sys.exit(f'run.py: no test has {" or ".join(sys.argv[1:])} in its name')
    failed = 0
    print('TAP version 13', f'1..{len(tests)}', sep='\n', flush=True)
    for number, test in enumerate(tests, 1):
        result = unittest.TestResult()
        test.run(result)
        bad = result.errors + result.failures
        failed += bool(bad)
        print(f"{'not ok' if bad else 'ok'} {number} {test.id()}", flush=True)
        for _, trace in bad:
            print(*[f'# {line}' for line in trace.splitlines()], sep='\n', flush=True)
    print(f'# Totals: pass:{len(tests) - failed} fail:{failed}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
