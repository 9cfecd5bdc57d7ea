# SPDX-License-Identifier: MIT OR GPL-2.0
"""Manual pages of the functions from the comments of the headers, one for each: manual.py MAN OUT

The comment in front of a declaration is the only text about it. A page has the structures and
enumerations that its function takes or names; the page of the first function of a header has the
comment at the top of that header. MAN has man7/viommu.7, whose date the pages have, and
man3/NAME.part: sections of a page that no comment can hold.
"""

import glob
import os
import re
import sys
import textwrap

INCLUDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'include/viommu')
LICENSE = '.\\" SPDX-License-Identifier: MIT OR GPL-2.0\n'
# kernel-doc comment, then the declaration up to the semicolon or the end of the structure
DOC = re.compile(r'/\*\*\n((?: \*.*\n)*?) \*/\n'
                 r'((?:struct|enum) (\w+) \{\n(?:.*\n)*?\};|[^{}]*?\b(\w+)\(([^()]*)\);)')
# Words that are macros of mdoc: pattern -> macro and its words
MACROS = ((r'(\*?)@(\w+(?:->\w+)?)', 'Fa {}{}'), (r'(viommu_\w+)\(\)', 'Xr {} 3'),
          (r'(viommu\w*)\((\d)\)', 'Xr {} {}'), (r'(\w+)\(\)', 'Fn {}'), (r'-(E[A-Z0-9]+)', 'Er \\-{}'),
          (r'((?:VIOMMU_|UINT)[A-Z0-9_]+|NULL)', 'Dv {}'))


def escape(text):
    text = re.sub(r'@(\w)', r'\1', text.replace('\\', '\\e').replace('"', '\\(dq'))
    return '\\&' + text if text.startswith(('.', "'")) else text


def macro(word):
    """A word as a line with a macro, or None; punctuation around it stays."""
    m = re.fullmatch(r'([(]?)(\w+\(\d?\)|.*?)([).,:;]*)', word)
    for pattern, form in MACROS:
        found = re.fullmatch(pattern, m[2])
        if found:
            name, _, words = form.partition(' ')
            return ' '.join(['.' + name, *m[1], words.format(*found.groups()), *m[3]])
    return None


def fill(text):
    """A paragraph as lines of mdoc: a line for each sentence, each macro has its own."""
    lines = []
    for sentence in re.split(r'(?<=[.:;?]) (?=[A-Z@0])', ' '.join(text.split())):
        plain = []
        for word in sentence.split(' ') + [None]:
            line = word and macro(word)
            if word is not None and not line:
                plain.append(escape(word))
                continue
            if plain:
                lines += textwrap.wrap(' '.join(plain), 78, break_on_hyphens=False, break_long_words=False)
                plain = []
            if line:
                lines.append(line)
    return [re.sub(r"^(?=[.'](?![A-Z][a-z] ))", r'\\&', line) for line in lines]


class Item:
    """The parts of a comment: a summary, entries of parameters or members, paragraphs, a result."""

    def __init__(self, comment, code, function, arguments):
        text = re.sub(r'^ \* ?', '', comment, flags=re.M)
        head, _, rest = text.partition('\n')
        self.name, _, summary = re.sub(r'^(struct|enum) ', '', head).partition(' - ')
        self.summary, self.code, self.function, self.arguments = summary, code, function, arguments
        rest, _, result = rest.partition('\nReturn:')
        self.result = result.strip().split('\n\n')
        parts = [p for p in rest.strip('\n').split('\n\n') if p.strip()]
        self.entries = []
        if parts and parts[0].lstrip().startswith('@'):
            self.entries = [(m[1], m[2]) for m in
                            re.finditer(r'^@(\w+): *((?:.*\n?)(?:[ \t]+.*\n?)*)', parts.pop(0), re.M)]
        self.parts = parts

    def mentions(self, text):
        return re.search(rf'\b(struct|enum) {self.name}\b', text)

    def text(self):
        return ' '.join([self.code, *self.parts, *self.result, *(t for _, t in self.entries)])


def capital(text):
    """With a capital letter, but for names."""
    return text if text.startswith(('sizeof', 'viommu', 'vIOMMU', 'log2')) else text[:1].upper() + text[1:]


def tagged(entries, tag):
    lines = ['.Bl -tag -width Ds']
    for name, text in entries:
        lines += [f'.It {tag} {name}', *fill(capital(text))]
    return [*lines, '.El']


def paragraphs(parts):
    lines = []
    for part in parts:
        lines += ['.Pp'] * bool(lines) + fill(part)
    return lines


def structure(item):
    code = item.code.expandtabs(4).replace('\\', '\\e').split('\n')
    lines = [f'.Ss {item.code.split(" ")[0]} {item.name}', *fill(capital(item.summary) + '.')]
    lines += ['.Bd -literal', *code, '.Ed']
    lines += tagged(item.entries, 'Dv' if item.code.startswith('enum') else 'Fa')
    return lines + (['.Pp'] + paragraphs(item.parts) if item.parts else [])


def page(item, top, types, others, man, date):
    prototype = re.match(r'(.*?)\s*\b\w+\(', item.code, re.S)[1]
    arguments = [' '.join(a.split()) for a in item.arguments.split(',')]
    summary = item.summary.rstrip('?')
    if not re.match('[A-Z]{2}', summary):
        summary = summary[:1].lower() + summary[1:]
    lines = [f'.Dd {date}', f'.Dt {item.name.upper()} 3', '.Os', '.Sh NAME', f'.Nm {item.name}',
             f'.Nd {summary}', '.Sh SYNOPSIS', '.In viommu.h', f'.Ft {quoted(prototype)}', f'.Fo {item.name}',
             *(f'.Fa "{a}"' for a in arguments), '.Fc', '.Sh DESCRIPTION']
    lines += paragraphs(item.parts) or fill(item.summary + '.' * (not item.summary.endswith('?')))
    lines += tagged(item.entries, 'Fa') if item.entries else []
    lines += [line for t in types for line in structure(t)]
    lines += ['.Ss Notes', *paragraphs(top)] if top else []
    part = os.path.join(man, 'man3', f'{item.name}.part')
    if os.path.exists(part):
        with open(part, encoding='utf-8') as f:
            lines += f.read().rstrip('\n').split('\n')[1:]
    if item.result != ['']:
        lines += ['.Sh RETURN VALUES', *paragraphs(item.result)]
    own = {name for name in re.findall(r'^\.Xr (viommu\w+) 3', '\n'.join(lines), re.M)}
    see = sorted(own | set(others) - {item.name})
    lines += ['.Sh SEE ALSO', *(f'.Xr {name} 3 ,' for name in see if name != item.name), '.Xr viommu 7']
    # A page does not refer to itself
    lines = [re.sub(rf'^\.Xr {item.name} 3', f'.Fn {item.name}', line) for line in lines]
    return LICENSE + '\n'.join(lines) + '\n'


def quoted(text):
    text = ' '.join(text.split())
    return f'"{text}"' if ' ' in text else text


def main():
    man, out = sys.argv[1:]
    with open(os.path.join(man, 'man7/viommu.7'), encoding='utf-8') as f:
        date = re.search(r'^\.Dd (.*)', f.read(), re.M)[1]
    headers = []
    for path in sorted(glob.glob(os.path.join(INCLUDE, '*.h'))):
        with open(path, encoding='utf-8') as f:
            text = f.read()
        top = re.sub(r'^ \* ?', '', re.search(r'/\*\n((?: \*.*\n)*?) \*/', text)[1], flags=re.M)
        items = [Item(m[1], m[2], m[4], m[5]) for m in DOC.finditer(text)]
        headers.append(([p for p in top.strip().split('\n\n') if not p.startswith('  ')], items))
    types = [i for _, items in headers for i in items if not i.function]
    os.makedirs(os.path.join(out, 'man3'), exist_ok=True)
    for top, items in headers:
        functions = [i for i in items if i.function]
        for n, item in enumerate(functions):
            used, text = [], item.text()
            for _ in types:
                found = [t for t in types if t not in used and t.mentions(text)]
                used += found
                text = ' '.join(t.text() for t in found)
            with open(os.path.join(out, 'man3', f'{item.name}.3'), 'w', encoding='utf-8') as f:
                f.write(page(item, [] if n else top, used, [i.name for i in functions], man, date))


main()
