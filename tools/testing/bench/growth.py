# SPDX-License-Identifier: GPL-2.0
"""How the commands of an unmap grow with its size: a table, and a picture with two logarithmic axes."""

import os
import re
import shutil

from bars import COLOURS, cell, quote
from project import ROOT, output

FIGURE = re.compile(r'unmap, (\d+ \w+) of (\d+ \w+) pages(, no ranges|): commands \(exact\)$')
UNITS = {'KiB': 10, 'MiB': 20, 'GiB': 30}


def size(text):
    """Bytes."""
    number, unit = text.split()
    return int(number) << UNITS[unit]


def series(figures):
    """{(size of pages, '' or ', no ranges'): {size: commands}}, all as text but the commands."""
    found = {}
    for name, value in figures.items():
        m = FIGURE.match(name)
        if m and value > 0:
            found.setdefault((m[2], m[3]), {})[m[1]] = value
    return found


def sizes(found):
    return sorted({text for points in found.values() for text in points}, key=size)


def table(found):
    heads = [f'{page} pages{end}' for page, end in found]
    lines = [' '.join(['commands for an unmap of'] + [head.rjust(23) for head in heads])]
    lines += [' '.join([text.ljust(24)] + [cell(points.get(text)).rjust(23) for points in found.values()])
              for text in sizes(found)]
    return '\n'.join(lines) + '\n'


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
