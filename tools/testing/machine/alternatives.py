# SPDX-License-Identifier: GPL-2.0
"""The alternatives of the hardware model that a run takes: those that ALTERNATIVES names, or a few of the day.

make test takes a few, because all would take longer than the rest of it. Each day it takes the next ones in the
order of the table, so that all have their turn, and prints the command that takes the same ones again. It leaves
out those of a register that only the driver's experiments write: their boots do the same as with the default.
"""

import time

import experiments

# So many in make test
FEW = 2
# Of VINTF_INT_MASK
NOT_DAILY = ('alt-int-mask', 'alt-masked-edge')
DAY = 24 * 60 * 60


def chosen(words):
    """The alternatives with these names; a ValueError for a name that is not there."""
    every = list(experiments.model_rows())
    for word in words:
        if word not in [*every, 'all']:
            raise ValueError(f'no alternative {word}; there are: {" ".join(every)}, or all')
    return every if 'all' in words else [name for name in every if name in words]


def of_day(day):
    """A few, for the day with this number."""
    every = [name for name in experiments.model_rows() if name not in NOT_DAILY]
    return [every[(day * FEW + i) % len(every)] for i in range(FEW)]


def today():
    """Those of this day (UTC), after a line that names them."""
    names = of_day(int(time.time()) // DAY)
    print(f"  NOTE    the same again: make test-alternatives ALTERNATIVES='{' '.join(names)}'", flush=True)
    return names
