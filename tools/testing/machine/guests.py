# SPDX-License-Identifier: GPL-2.0
"""Guests of Debian's own QEMU in the emulated machine: the suite, and what "run guest" shows."""

import os
import re
import subprocess

import boots
import cases
import image
import ktap
from project import BUILD, ROOT, Refused


def fetch():
    """None if QEMU is there, or one line that says why not."""
    p = subprocess.run([os.path.join(ROOT, 'tools/testing/guest/fetch')], stderr=subprocess.PIPE, text=True)
    return p.stderr.strip().splitlines()[0] if p.returncode else None


def absent(planned):
    """None if QEMU is there. Otherwise one line says why not, and the planned tests are skipped: their counts."""
    why = fetch()
    if why:
        print(f'  SKIP    qemu: {why}')
    return (0, 0, planned) if why else None


def read(*path):
    with open(os.path.join(BUILD, 'results', *path), encoding='utf-8', errors='replace') as f:
        return f.read()


def judge(name, rows):
    """Judge the results that only the host sees; prints the table. Returns the problems."""
    results = read(name, 'ktap')
    tests, _ = ktap.parse_results(results, [row.name for row in rows])
    ktap.scan_log(read(name, 'log'), tests)
    splats = {test.number: sum(p.startswith('kernel log: ') for p in test.problems) for test in tests}
    print(cases.table(rows, results, splats))
    where = os.path.join(BUILD, 'results', name)
    wrote, worked = (set(re.findall(rf'^\s*ok \d+ (\S+): {what}', results, re.M))
                     for what in ('the guest writes to the disk', 'the device works'))
    return cases.wrong_blocks(where, rows, wrote) + cases.wrong_frames(where, rows, worked)


def start(name, rows, kernel, *options):
    """Run cases in one start of the machine, with more options of boot; returns (passed, failed, skipped)."""
    where = os.path.join(BUILD, 'results', name)
    os.makedirs(where, exist_ok=True)
    try:
        words = cases.start(where, rows, kernel)
    except image.Missing as e:
        raise Refused(e) from e
    counts = boots.boot(name, *words, *options)
    wrong = judge(name, rows)
    for line in wrong[:10]:
        print(f'  FAIL    {line}')
    return counts[0] + (not wrong), counts[1] + bool(wrong), counts[2]


def seed_cases():
    """The cases that seeds take in turn."""
    return [row for row in cases.CASES + cases.MORE_CASES if row.has_queues()]


def seed_case(number):
    """The case of a seed."""
    return seed_cases()[number % len(seed_cases())]


def seed(number):
    """Late effects by this seed under a guest with queues of its own."""
    return start(f'seed-{number}-qemu', [seed_case(number)], 'fast', *boots.seed_options(number),
                 '--timeout', '3600', '--test-timeout', '3000')


def run(rows, kernel):
    """Run cases; those with a network card have a machine whose kernel has networks."""
    skipped = absent(len(rows))
    if skipped:
        return skipped
    wired = [row for row in rows if row.disk == 'net']
    others = [row for row in rows if row.disk != 'net']
    results = [start('qemu', others, kernel)] if others else []
    if wired:
        results.append(start('qemu-net', wired, 'net' if kernel == 'fast' else kernel))
    return tuple(sum(column) for column in zip(*results))
