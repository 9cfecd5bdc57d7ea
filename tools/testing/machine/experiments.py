# SPDX-License-Identifier: GPL-2.0
"""Reports of the driver's experiments: the table for people, and the file of facts for the hardware model."""

import re

from project import read

# Answers that say nothing about the hardware
OPEN = ('undecided', 'not-asked', 'not-run')
# These run only when they are named
DANGEROUS = ('base-zero', 'unreadable', 'width')
LINE = re.compile(r'^\s*# experiments: (.*)$', re.M)
FIRST_LINE = 'cmdqv-facts 1'

# Without the first answer of the row, these rows cannot be decided
HIDES = {'alt-int-mask': ('alt-masked-edge',), 'alt-physical': ('alt-unmapped',), 'alt-sid-miss': ('alt-vsid',),
         'check-edges': ('alt-int-mask', 'alt-masked-edge'), 'check-hyp-own': ('alt-sid-miss', 'alt-vsid')}
# No experiment decides these, whatever the model does
UNDECIDED = ('alt-off-late', 'alt-superseded', 'alt-unmapped-edge')
# Facts that are known, and a fault of the model with which they do not hold
CHECKS = (
    ('check-edges', 'fault-irq-lost=4294967295'),
    # The kernel's own ATC_INVs have no StreamID slots then
    ('check-hyp-own', 'hyp-own=off,ats=off'),
    ('check-maps', 'fault-vintf=1,fault-lvcmdq-err-map0=1'),
)


class Row:
    """One experiment: property of the model, answer, the model's default, question, observation."""

    def __init__(self, fields):
        self.name, self.answer, self.default, self.question, self.seen = fields

    def verdict(self):
        if self.answer in OPEN:
            return self.answer
        if self.answer == 'other':
            return 'OTHER'
        return 'as the model' if self.answer == self.default else 'NOT as the model'


class Report:
    """The report of one instance of the driver."""

    def __init__(self, path):
        self.path, self.found, self.rows, self.end = path, [], [], None

    def answers(self):
        return {row.name: row.answer for row in self.rows}


def chosen(words):
    """These, if they are experiments that run only when they are named."""
    for word in words:
        if word not in DANGEROUS:
            raise ValueError(f'"{word}" is not one of: {" ".join(DANGEROUS)}')
    return words


def parse(text):
    """The reports in the output of cmdqv_experiments."""
    reports = []
    for line in LINE.findall(text):
        kind, *fields = line.split('\t')
        if kind == 'instance':
            reports.append(Report(fields[0]))
        elif kind == 'found':
            reports[-1].found.append(fields)
        elif kind in ('row', 'check'):
            reports[-1].rows.append(Row(fields))
        elif kind == 'end':
            reports[-1].end = fields
    return reports


def model_rows():
    """The alternatives of the hardware model and their answers, as its README has them."""
    return {name: (first, second) for name, first, second in
            re.findall(r'^\| `(alt-[\w-]+)` \| ([\w-]+), ([\w-]+) \|', read('tools/testing/qemu/README.md'), re.M)}


def not_decided():
    """Behaviour that no experiment decides, and the reasons, from the README of the model."""
    text = read('tools/testing/qemu/README.md').partition('| behaviour | reason |\n')[2].partition('\n\n')[0]
    return re.findall(r'^\| ([^|]+) \| ([^|]+) \|$', text, re.M)


def expected(rows, changed):
    """The answer to each question, if the model has these instead of its first ones."""
    answers = {name: first for name, (first, _) in rows.items()} | {name: 'yes' for name, _ in CHECKS} | changed
    hidden = [other for name, others in HIDES.items() if name in changed for other in others]
    return answers | {name: 'undecided' for name in (*UNDECIDED, *hidden)}


def differences(report, answers):
    """Lines for rows that are absent, not known, or have another answer."""
    got = report.answers()
    return [f'{name}: {got.get(name, "no row")}, expected {answers.get(name, "no row")}'
            for name in sorted(got.keys() | answers.keys()) if got.get(name) != answers.get(name)]


def facts_alone(report):
    """The file without comments."""
    return ''.join(f'{line}\n' for line in facts(report, '').splitlines() if not line.startswith('#'))


def changed_facts(report, answers):
    """The registers of the report, and these answers."""
    lines = [FIRST_LINE] + [f'found {name} {value}' for name, value in report.found]
    return '\n'.join(lines + [f'{name} {answer}' for name, answer in sorted(answers.items())]) + '\n'


def facts(report, asked):
    """The file for facts= of the hardware model; a comment tells which machine was asked."""
    lines = [FIRST_LINE, f'# Asked: {asked}']
    lines += [f'found {name} {value}' for name, value in report.found]
    for row in sorted(report.rows, key=lambda row: row.name):
        lines += [f'# {row.question}', f'#   {row.seen}']
        lines.append(f'{row.name} {"undecided" if row.answer in OPEN else row.answer}')
    return '\n'.join(lines) + '\n'


def table(report):
    """For people."""
    width = max(len(row.name) for row in report.rows)
    lines = [f'{"row":{width}}  answer      default     verdict']
    for row in report.rows:
        lines.append(f'{row.name:{width}}  {row.answer:10}  {row.default:10}  {row.verdict()}')
        lines.append(f'{"":{width}}  {row.question}')
        if row.seen != '-':
            lines.append(f'{"":{width}}  {row.seen}')
    lines += ['', 'No experiment decides:']
    lines += [f'  {what}: {why}' for what, why in not_decided()]
    return '\n'.join(lines) + '\n'
