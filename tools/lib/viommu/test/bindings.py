# SPDX-License-Identifier: MIT OR GPL-2.0
"""Rust items of bindgen's output, one a line and sorted: functions, structures, constants and types. Versions of
bindgen differ in blanks, attributes, and in the paths and names of C's types, and without rustfmt all is one line."""

import re
import sys

TOKEN = re.compile(r'#!?\[(?:"(?:[^"\\]|\\.)*"|[^"\]])*\]|/\*.*?\*/|"(?:[^"\\]|\\.)*"|::|->|\w+|\S', re.S)
PATHS = re.compile(r'(:: )?(std|core) :: (os :: raw|ffi|option) :: ')
LINE_COMMENT = re.compile(r'^\s*//.*', re.M)


def items(tokens):
    """From each `pub` outside of an item to the end of that: a semicolon, or the brace that closes it."""
    item, depth = [], 0
    for token in tokens:
        if not item:
            if token == 'pub':
                item = [token]
            continue
        item.append(token)
        depth += (token in '([{') - (token in ')]}') if len(token) == 1 else 0
        if depth == 0 and token in (';', '}'):
            yield ' '.join(item[1:])
            item = []


def main():
    text = LINE_COMMENT.sub('', sys.stdin.read())
    tokens = [t for t in TOKEN.findall(text) if not t.startswith(('#', '/*'))]
    found = [re.sub(r'\bsize_t\b', 'usize', PATHS.sub('', item)) for item in items(tokens)]
    # A comma before the end is a matter of layout
    found = [re.sub(r' ,(?= [)}>])', '', item) for item in found]
    print('# SPDX-License-Identifier: MIT OR GPL-2.0')
    print('\n'.join(sorted(item for item in found
                           if re.match(r'(const|fn|struct|type|union) (viommu|VIOMMU)_', item))))


main()
