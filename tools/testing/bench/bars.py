# SPDX-License-Identifier: GPL-2.0
"""Figures side by side, as bars."""

from xml.sax.saxutils import escape

COLOURS = ('#4878a8', '#c06030', '#609050', '#806098')


def cell(value):
    return '-' if value is None or value < 0 else f'{value:,}'


def picture(title, columns, names):
    """Horizontal bars, one group of them for each figure, as SVG."""
    left, right, bar, gap = 390, 330, 15, 8
    step = bar * len(columns) + gap
    most = max(max(f.get(n) or 0 for _, f in columns) for n in names) or 1
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right + 110}" '
           f'height="{40 + step * len(names) + 22}" font-family="sans-serif" font-size="12">',
           f'<text x="8" y="20" font-size="15">{escape(title)}: instructions</text>']
    for i, name in enumerate(names):
        top = 36 + i * step
        out.append(f'<text x="{left - 6}" y="{top + 12}" text-anchor="end">{escape(name)}</text>')
        for k, (_, figures) in enumerate(columns):
            value = max(figures.get(name) or 0, 0)
            y, w = top + k * bar, right * value / most
            out.append(f'<rect x="{left}" y="{y}" width="{w:.1f}" height="{bar - 2}" '
                       f'fill="{COLOURS[k % len(COLOURS)]}"/>'
                       f'<text x="{left + w + 4:.1f}" y="{y + 11}">{cell(figures.get(name))}</text>')
    for k, (head, _) in enumerate(columns):
        out.append(f'<text x="{left + 130 * k}" y="{40 + step * len(names) + 14}" '
                   f'fill="{COLOURS[k % len(COLOURS)]}">{escape(head)}</text>')
    return '\n'.join(out + ['</svg>']) + '\n'
