# SPDX-License-Identifier: GPL-2.0
"""A table of the order rules that a kernel has broken on the hardware model, one column for each boot.

The last rows are the commands that the model has executed, and the errors of queues: a driver that uses no queue of
CMDQ-V breaks no rule.
"""

import os

import boots
import ktap
from project import read

# Row -> counter of the model
COUNTS = {
    'commands, queues of CMDQ-V': 'count commands',
    'commands, queue of the SMMU': 'count main-commands',
    'errors of queues': 'count errors',
}


def rows(reports):
    """[(text, number in each report)]: each rule that is broken in one of them, by name, and the counts."""
    names = sorted({key for report in reports for key, n in report.items()
                    if key.startswith('strict') and n and not key.endswith(' total')})
    found = [(key.replace('strict ', 'rule ').replace('strict-guest ', 'rule (guest) '), key) for key in names]
    if not found:
        found = [('rules', 'strict total')]
    return [(text, [report.get(key, 0) for report in reports]) for text, key in [*found, *COUNTS.items()]]


def table(heads, reports):
    """The table in lines; a boot without a report of its rules has a column of "-"."""
    lines = [('', heads)] + rows(reports)
    cells = [(text, ['-' if i and 'strict total' not in report else f'{cell}' if i == 0 else f'{cell:,}'
                     for cell, report in zip(numbers, reports)]) for i, (text, numbers) in enumerate(lines)]
    wide = max(len(text) for text, _ in cells)
    widths = [max(map(len, column)) for column in zip(*(numbers for _, numbers in cells))]
    return [f'{text.ljust(wide)}  {"  ".join(n.rjust(w) for n, w in zip(numbers, widths))}' for text, numbers in cells]


def show(names):
    """Print the table of these boots; the name of the first one is the beginning of all."""
    paths = [boots.result(name, 'model') for name in names]
    reports = [ktap.parse_model(read(path, errors='replace')) if os.path.exists(path) else {} for path in paths]
    heads = [name.removeprefix(names[0]).lstrip('-') or 'plain' for name in names]
    for line in table(heads, reports):
        print(f'          {line}'.rstrip())
