# SPDX-License-Identifier: GPL-2.0
"""A private apt for one more Debian suite, under build/, beside the machine's own.

Mirror, keyring and options are those the machine uses for its own release; only the suite's name
differs. A security suite lies in an archive of its own: the machine's entry for the security suite of
its own release tells where; without one, it is taken to lie beside the main archive. Lists, cache and
sources are private, so nothing outside build/ is changed and no privilege is needed.
"""

import glob
import os
import re
import subprocess

from project import BUILD, Refused

KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
OWN_FIELDS = {'types', 'uris', 'suites', 'components', 'architectures', 'targets', 'languages',
              'enabled'}


def _codename():
    with open('/etc/os-release', encoding='utf-8') as f:
        m = re.search(r'^VERSION_CODENAME="?(\w+)', f.read(), re.M)
    if not m:
        raise Refused('/etc/os-release has no VERSION_CODENAME; Debian 12 or 13 is needed')
    return m.group(1)


def _one_line_entries(text):
    """Entries of the one-line format, as dictionaries with deb822 keys in lower case."""
    pattern = re.compile(r'^(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$')
    for line in text.splitlines():
        m = pattern.match(line.split('#')[0].strip())
        if not m:
            continue
        entry = {'types': m.group(1), 'uris': m.group(3), 'suites': m.group(4),
                 'components': m.group(5)}
        for option in (m.group(2) or '').split():
            key, _, value = option.partition('=')
            entry[key.lower().rstrip('+-')] = value.replace(',', ' ')
        yield entry


def _deb822_entries(text):
    text = re.sub(r'^#.*\n', '', text, flags=re.M)
    for stanza in re.split(r'\n\s*\n', text):
        entry, key = {}, None
        for line in stanza.splitlines():
            m = re.match(r'([A-Za-z-]+):\s*(.*)$', line)
            if m:
                key = m.group(1).lower()
                entry[key] = m.group(2)
            elif key:
                entry[key] += '\n' + line
        if 'uris' in entry and entry.get('enabled', 'yes').lower() != 'no':
            yield entry


def _machine_entries():
    """All of the machine's entries for packages of main."""
    files = ['/etc/apt/sources.list'] + sorted(glob.glob('/etc/apt/sources.list.d/*'))
    for path in files:
        if not os.path.isfile(path) or not path.endswith(('.list', '.sources')):
            continue
        with open(path, encoding='utf-8') as f:
            text = f.read()
        reader = _deb822_entries if path.endswith('.sources') else _one_line_entries
        for entry in reader(text):
            if 'deb' in entry['types'].split() and 'main' in entry['components'].split():
                yield entry


def machine_entry(suite, release, entries):
    """The entry for main of a suite, made from those of a machine that has a release; its URI is one."""
    def of(name):
        found = [e for e in entries if name in e['suites'].split()]
        return found[0] | {'uris': found[0]['uris'].split()[0]} if found else None

    main = of(release)
    if not main:
        raise Refused(f'found no entry for {release} main in the apt sources of this machine')
    if not suite.endswith('-security'):
        return main
    beside = main | {'uris': main['uris'].rstrip('/').removesuffix('/debian') + '/debian-security'}
    return of(f'{release}-security') or beside


def _signed_by(value):
    """The machine's keyring, and the complete Debian one: a release's own may lack later keys."""
    if '\n' in value or not value.strip().startswith('/'):
        return value
    keyrings = value.replace(',', ' ').split()
    if os.path.exists(KEYRING) and KEYRING not in keyrings:
        keyrings.append(KEYRING)
    return ' '.join(keyrings)


class Suite:
    """apt commands that see exactly these suites (names, a space between two).

    With an architecture, they see a machine of that architecture with no package installed, so that
    everything a package needs is found.
    """

    def __init__(self, suite, architecture=None):
        self.name = suite
        self.dir = os.path.join(BUILD, 'apt', '-'.join(suite.split() + ([architecture] if architecture else [])))
        for sub in ('lists/partial', 'cache/archives/partial', 'etc'):
            os.makedirs(os.path.join(self.dir, sub), exist_ok=True)
        entry = machine_entry(suite, _codename(), list(_machine_entries()))
        fields = {'Types': 'deb deb-src', 'URIs': entry['uris'], 'Suites': suite, 'Components': 'main'}
        for key, value in entry.items():
            if key not in OWN_FIELDS:
                fields[key.title()] = _signed_by(value) if key == 'signed-by' else value
        self.sources = os.path.join(self.dir, 'etc', 'suite.sources')
        with open(self.sources, 'w', encoding='utf-8') as f:
            f.writelines(f'{k}: {v}\n' for k, v in fields.items())
        self.options = [
            f'Dir::Etc::sourcelist={self.sources}', 'Dir::Etc::sourceparts=-',
            'Dir::Etc::preferences=-', 'Dir::Etc::preferencesparts=-',
            f'Dir::State={self.dir}', f'Dir::State::lists={self.dir}/lists',
            'Dir::State::status=/var/lib/dpkg/status', f'Dir::Cache={self.dir}/cache',
            'APT::Sandbox::User=root', 'APT::Get::List-Cleanup=1', 'Acquire::Languages=none',
            'Acquire::Retries=3', 'APT::Default-Release=',
        ]
        if architecture:
            status = os.path.join(self.dir, 'status')
            with open(status, 'w', encoding='utf-8'):
                pass
            self.options += [f'Dir::State::status={status}', f'APT::Architecture={architecture}',
                             f'APT::Architectures={architecture}', f'APT::Architectures::={architecture}']

    def run(self, tool, *args, cwd=None):
        """Run an apt tool on the suite; returns its output."""
        cmd = [tool] + [x for o in self.options for x in ('-o', o)] + list(args)
        p = subprocess.run(cmd, capture_output=True, text=True, cwd=cwd or self.dir)
        if p.returncode:
            errors = re.findall(r'^E: (.*)$', p.stderr, re.M) or [p.stderr.strip()[-500:] or 'no reason given']
            raise Refused(f'{tool} {args[0]}: {errors[-1]}')
        return p.stdout

    def update(self):
        self.run('apt-get', 'update')

    def versions(self, package):
        """Versions of a binary package, and the suites that have them."""
        out = self.run('apt-cache', 'madison', package)
        return [tuple(field.strip() for field in line.split('|'))[1] for line in out.splitlines()
                if 'Packages' in line]

    def source_versions(self, package):
        out = self.run('apt-cache', 'showsrc', '--only-source', package)
        return re.findall(r'^Version: (\S+)$', out, re.M)
