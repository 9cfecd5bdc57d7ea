# SPDX-License-Identifier: GPL-2.0
"""Filters the data races that KCSAN reports.

The base has known races of its own, for example in fork() and in the maple trees of memory maps. A report
counts if a function of drivers/iommu is in one of its stacks, unless any caller of the same function has the race.
"""

import re
import subprocess

BEGIN = re.compile(r'BUG: KCSAN: (.*)')
END = re.compile(r'={60}')
# A task that wakes up looks at its timer, whose interrupt changes it
SLEEP = re.compile(r'data-race in hrtimer_wakeup / \w*schedule_hrtimeout\w*$')
# CPUs that spin for a mutex or rwsem form a queue, whose nodes are static data of kernel/locking, one for each CPU:
# osq_lock() writes node->next, and osq_unlock() reads it before it takes it by xchg()
SPIN = re.compile(r'data-race in osq_\w+ / osq_\w+$')
FRAME = re.compile(r'(?:^|\] ) (\w[\w.]*)\+0x')


def functions(archive):
    """The functions that are defined in an archive of objects."""
    p = subprocess.run(['nm', archive], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                       check=True)
    fields = (line.split() for line in p.stdout.splitlines())
    return {f[2] for f in fields if len(f) == 3 and f[1] in 'tT'}


def split(log, own):
    """(The log without the reports that have no function of own, their titles)."""
    kept, report, titles = [], None, []
    for line in log.splitlines():
        begin = BEGIN.search(line)
        if begin:
            report = [line]
        elif report is None:
            kept.append(line)
        else:
            report.append(line)
            if END.search(line):
                frames = {m.group(1) for m in map(FRAME.search, report) if m}
                if frames & own and not SLEEP.search(report[0]) and not SPIN.search(report[0]):
                    kept += report
                else:
                    titles.append(BEGIN.search(report[0]).group(1))
                report = None
    return '\n'.join(kept + (report or [])), titles
