# SPDX-License-Identifier: GPL-2.0
"""How the cost of an unmap grows with its size, and with the number of VMs: tables, and a picture of the commands
with two logarithmic axes."""

import os
import re
import shutil

from bars import COLOURS, cell, quote
from project import ROOT, output

FIGURE = re.compile(r'unmap, (\d+ \w+) of (\d+ \w+) pages(, no ranges|)(: commands \(exact\)|)$')
VMS = re.compile(r'unmap for each of (\d+) VMs(, no ranges|)(: commands \(exact\)|)$')
UNITS = {'KiB': 10, 'MiB': 20, 'GiB': 30}
COLUMN = 23


def size(text):
    """Bytes."""
    number, unit = text.split()
    return int(number) << UNITS[unit]


def series(figures, commands=True):
    """{(size of pages, '' or ', no ranges'): {size: commands or instructions}}, all as text but the figures."""
    found = {}
    for name, value in figures.items():
        m = FIGURE.match(name)
        if m and value > 0 and bool(m[4]) == commands:
            found.setdefault((m[2], m[3]), {})[m[1]] = value
    return found


def vms(figures):
    """{name of a column: {number of VMs: figure}}."""
    found = {}
    for name, value in figures.items():
        m = VMS.match(name)
        if m and value > 0:
            found.setdefault(('commands' if m[3] else 'instructions') + m[2], {})[m[1]] = value
    return dict(sorted(found.items()))


def sizes(found):
    return sorted({text for points in found.values() for text in points}, key=size)


def lines(title, columns, rows):
    """A table: columns is {head: {row: figure}}."""
    width = max(map(len, (title, *rows)))
    text = [' '.join([title.ljust(width)] + [head.rjust(COLUMN) for head in columns])]
    text += [' '.join([row.ljust(width)] + [cell(points.get(row)).rjust(COLUMN) for points in columns.values()])
             for row in rows]
    return '\n'.join(text) + '\n'


def tables(figures):
    """Commands and instructions by size, and both by the number of VMs; '' without such figures."""
    found = []
    for commands, title in (True, 'commands for an unmap of'), (False, 'instructions for an unmap of'):
        by_size = series(figures, commands)
        if by_size:
            found.append(lines(title, {f'{page} pages{end}': points for (page, end), points in by_size.items()},
                               sizes(by_size)))
    by_vms = vms(figures)
    if by_vms:
        found.append(lines('32 MiB of each of so many VMs', by_vms,
                           sorted({number for points in by_vms.values() for number in points}, key=int)))
    return '\n'.join(found)


def by_head(figures):
    """{first head of a table: {head: {row: figure}}}, with all columns that a table of the README can have."""
    known = {'VMs': vms(figures)}
    for commands, title in (True, 'commands for an unmap of'), (False, 'instructions for an unmap of'):
        known[title] = {f'{page} pages{end}': points for (page, end), points in series(figures, commands).items()}
    return known


def readme(text, figures):
    """The text of a README with the cells of its tables of unmaps from figures. Its author chooses rows and columns,
    and may leave a cell empty; a column of another name stays as it is."""
    known = by_head(figures)

    def table(m):
        heads = [head.strip() for head in m[1].strip('|').split('|')]
        rows = [[word.strip() for word in row.strip('|').split('|')] for row in m[3].splitlines()]
        for row in rows:
            for i, head in enumerate(heads):
                if row[i] and head in known[heads[0]]:
                    row[i] = cell(known[heads[0]][head].get(row[0]))
        return m[1] + m[2] + ''.join('|' + ''.join(f' {word} |' if word else ' |' for word in row) + '\n'
                                     for row in rows)

    return re.sub(rf'^(\| (?:{"|".join(known)}) \|.*)(\n\|[-|]+\n)((?:\|.*\n)+)', table, text, flags=re.M)


def draw(path, found):
    """Write lines to path as SVG: the size to the right, commands up; dashed without range invalidation."""
    if not shutil.which('gnuplot'):
        print('  SKIP    no picture without gnuplot; scripts/setup plot installs it')
        return
    tics = ', '.join(f'{quote(text)} {size(text)}' for text in sizes(found))
    script = ['set terminal svg noenhanced font "sans-serif,12" size 960,480', f'set output {quote(path)}',
              'set title "commands for an unmap in a nesting parent, by its size"', 'set key left top', 'set grid',
              'set logscale xy', f'set xtics ({tics})', 'set format y "%.0f"', 'set yrange [1:*]']
    plots, pages = [], list(dict.fromkeys(page for page, _ in found))
    for number, ((page, end), points) in enumerate(found.items()):
        script += [f'$line{number} << END', *(f'{size(text)} {value}' for text, value in points.items()), 'END']
        plots.append(f'$line{number} with linespoints linewidth 2 pointtype 7 dashtype {2 if end else 1} linecolor '
                     f'rgb "{COLOURS[pages.index(page)]}" title {quote(f"{page} pages{end}")}')
    output('gnuplot', input='\n'.join([*script, 'plot ' + ', '.join(plots), '']))
    print(f'  SVG     {os.path.relpath(path, ROOT)}')
