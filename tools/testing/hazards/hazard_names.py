# SPDX-License-Identifier: GPL-2.0
"""Names of the patches that take the handling of hazards out."""

import glob
import os
import re

from project import ROOT

EVERY = sorted(os.path.basename(path).removesuffix('.patch')
               for path in glob.glob(os.path.join(ROOT, 'tools/testing/hazards/*.patch')))


def stands_for(word, patch):
    """Whether word, a number or a name, stands for the patch."""
    return patch == word or bool(re.match(rf'0*{re.escape(word)}[a-z]?-', patch))


def chosen(words):
    """The names for which the words stand, or a ValueError for a word without one."""
    for word in words:
        if not any(stands_for(word, patch) for patch in EVERY):
            raise ValueError(f'no patch {word} in tools/testing/hazards')
    return [patch for patch in EVERY if any(stands_for(word, patch) for word in words)]
