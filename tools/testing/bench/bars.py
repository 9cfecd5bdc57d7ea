# SPDX-License-Identifier: GPL-2.0
"""Figures side by side, as bars; gnuplot draws them."""

import os
import shutil

from project import ROOT, output

COLOURS = ('#4878a8', '#c06030', '#609050', '#806098')
# Pixels: left of the bars, right of them, of one group with its gap
LEFT, WIDTH, STEP = 380, 960, 34


def cell(value):
    return '-' if value is None or value < 0 else f'{value:,}'


def quote(text):
    return '"' + text.replace('\\', '').replace('"', "'") + '"'


def bars(columns, names, label):
    """For each column the lines "value row height label" of its bars; those of one name share a row."""
    for head, figures in columns:
        lines = []
        for row, name in enumerate(names):
            here = [h for h, f in columns if name in f]
            if head in here:
                height = 0.8 / len(here)
                middle = row + height * (here.index(head) - (len(here) - 1) / 2)
                value = max(figures[name] or 0, 0)
                lines.append(f'{value} {middle:.3f} {height * 0.45:.3f} {quote(label(name, figures[name]))}')
        yield head, lines


def draw(path, title, columns, names, logarithmic=False, label=lambda _name, value: cell(value)):
    """Write horizontal bars to path as SVG; columns is [(head, {name: value})]."""
    if not shutil.which('gnuplot'):
        print('  SKIP    no picture without gnuplot; scripts/setup plot installs it')
        return
    script = [f'set terminal svg noenhanced font "sans-serif,12" size {WIDTH},{90 + STEP * len(names)}',
              f'set output {quote(path)}', f'set title {quote(title + ": instructions")}', 'set key below', 'set grid xtics',
              'set style fill solid', f'set lmargin at screen {LEFT / WIDTH:.3f}', 'set rmargin 24',
              f'set yrange [{len(names) - 0.4}:-0.6]', 'set format x "%.0f"', 'set border 3',
              'set logscale x' if logarithmic else 'set xrange [0:*]',
              'set ytics scale 0 (' + ', '.join(f'{quote(name)} {row}' for row, name in enumerate(names)) + ')']
    plots = []
    for number, (head, lines) in enumerate(bars(columns, names, label)):
        script += [f'$column{number} << END', *lines, 'END']
        plots += [f'$column{number} using 1:2:({int(logarithmic)}):1:($2-$3):($2+$3) with boxxyerror '
                  f'linecolor rgb "{COLOURS[number % len(COLOURS)]}" title {quote(head)}',
                  f'$column{number} using 1:2:4 with labels left offset 1,0 notitle']
    output('gnuplot', input='\n'.join([*script, 'plot ' + ', '.join(plots), '']))
    print(f'  SVG     {os.path.relpath(path, ROOT)}')
