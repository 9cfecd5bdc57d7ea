# SPDX-License-Identifier: GPL-2.0
"""The driver's questions to the hardware model, whose answers are known: they must be exactly those."""

import os

import boots
import experiments
from ktap import say, total
from project import BUILD, read, write


def judged(name, model, expected):
    """Boot with all experiments; each answer must be as expected. Returns the counts, and the report."""
    counts = boots.boot(name, *boots.experiments(model, *experiments.DANGEROUS))
    path = boots.result(name, 'ktap')
    reports = experiments.parse(read(path)) if os.path.exists(path) else []
    if not reports:
        return counts if counts[1] else total([counts, say(False, f'{name}: no report')]), None
    if counts[1]:
        return counts, None
    wrong = experiments.differences(reports[0], expected)
    for line in wrong:
        print(f'          {line}')
    return total([counts, say(not wrong, f'{name}: {len(expected)} rows have the answers of the model')]), reports[0]


def probe():
    """The defaults of the model, then other answers, given as a file of facts."""
    rows = experiments.model_rows()
    counts, report = judged('probe-default', '', experiments.expected(rows, {}))
    if not report:
        return counts
    changed = experiments.expected(rows, {name: rows[name][1] for name in rows if name not in experiments.HIDES})
    file = os.path.join(BUILD, 'results', 'facts')
    write(file, experiments.changed_facts(report, changed))
    more, second = judged('probe-facts', f'facts={file}', changed)
    retired = boots.boot('probe-retired', *boots.retired_experiments())
    closed = second is not None and experiments.facts_alone(second) == read(file)
    return total([counts, more, retired, say(closed, 'probe-facts: the facts are those that the model was given')])


def facts():
    """Each alternative in turn."""
    rows = experiments.model_rows()
    results = [judged(f'facts-{name}', f'{name}={rows[name][1]}',
                                  experiments.expected(rows, {name: rows[name][1]}))[0] for name in rows]
    for name, model in experiments.CHECKS:
        results.append(judged(f'facts-{name}', model, experiments.expected(rows, {name: 'no'}))[0])
    return total(results)
