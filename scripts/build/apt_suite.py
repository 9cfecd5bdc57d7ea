# SPDX-License-Identifier: GPL-2.0
"""A private apt for one more Debian suite, under build/, beside the machine's own.

Mirror, keyring and options are those the machine uses for its own release; only the suite's name
differs. A security suite lies in an archive of its own: the machine's entry for the security suite of
its own release tells where; without one, it is taken to lie beside the main archive. Lists, cache and
sources are private, so nothing outside build/ is changed and no privilege is needed.
"""

import email
import glob
import os
import re
import shutil

from project import BUILD, Refused, output, read, write

KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
OWN_FIELDS = {'types', 'uris', 'suites', 'components', 'architectures', 'targets', 'languages',
              'enabled'}
# An entry of the one-line format: type, options, URI, suite, components
ONE_LINE = re.compile(r'^(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]+)', re.M)


def _codename():
    m = re.search(r'^VERSION_CODENAME="?(\w+)', read('/etc/os-release'), re.M)
    if not m:
        raise Refused('/etc/os-release has no VERSION_CODENAME; Debian 12 or 13 is needed')
    return m.group(1)


def _stanza(match):
    """An entry of the one-line format as one of the other."""
    kind, options, *rest = match.groups()
    fields = dict(zip(('types', 'uris', 'suites', 'components'), (kind, *rest)))
    for option in (options or '').split():
        key, _, value = option.partition('=')
        fields[key.rstrip('+-')] = value.replace(',', ' ')
    return ''.join(f'{key}: {value}\n' for key, value in fields.items()) + '\n'


def _value(text):
    """A value; one of several lines begins on the line after its key, of which some releases of Python keep nothing."""
    return f'\n {text.lstrip()}' if '\n' in text else text


def entries_of(name, text):
    """The entries for packages of main in a file with a name, whose keys are in lower case."""
    if name.endswith('.list'):
        text = ''.join(map(_stanza, ONE_LINE.finditer(text)))
    for stanza in re.split(r'\n\s*\n', re.sub(r'^#.*\n', '', text, flags=re.M)):
        entry = {key.lower(): _value(value) for key, value in email.message_from_string(stanza.lstrip('\n')).items()}
        if 'deb' in entry.get('types', '').split() and 'main' in entry.get('components', '').split() \
                and 'uris' in entry and entry.get('enabled', 'yes').lower() != 'no':
            yield entry


def _machine_entries():
    for path in ['/etc/apt/sources.list'] + sorted(glob.glob('/etc/apt/sources.list.d/*')):
        if os.path.isfile(path) and path.endswith(('.list', '.sources')):
            yield from entries_of(path, read(path))


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


def unpack(debs, where):
    """Unpack packages into a directory, which has all of them or is not there; nothing is installed."""
    shutil.rmtree(where + '.tmp', ignore_errors=True)
    os.makedirs(where + '.tmp')
    for deb in debs:
        output('dpkg-deb', '-x', deb, where + '.tmp')
    shutil.rmtree(where, ignore_errors=True)
    os.rename(where + '.tmp', where)


class Suite:
    """apt commands that see exactly these suites (names, a space between two).

    With an architecture, they see a machine of that architecture with no package installed, so that
    everything a package needs is found.
    """

    def __init__(self, suite, architecture=None):
        self.name = suite
        self.dir = os.path.join(BUILD, 'apt', '-'.join(suite.split() + ([architecture] if architecture else [])))
        for sub in ('lists/partial', 'cache/archives/partial'):
            os.makedirs(os.path.join(self.dir, sub), exist_ok=True)
        entry = machine_entry(suite, _codename(), list(_machine_entries()))
        fields = {'Types': 'deb deb-src', 'URIs': entry['uris'], 'Suites': suite, 'Components': 'main'}
        for key, value in entry.items():
            if key not in OWN_FIELDS:
                fields[key.title()] = _signed_by(value) if key == 'signed-by' else value
        sources = os.path.join(self.dir, 'etc', 'suite.sources')
        write(sources, ''.join(f'{k}: {v}\n' for k, v in fields.items()))
        self.options = [
            f'Dir::Etc::sourcelist={sources}', 'Dir::Etc::sourceparts=-',
            'Dir::Etc::preferences=-', 'Dir::Etc::preferencesparts=-',
            f'Dir::State={self.dir}', f'Dir::State::lists={self.dir}/lists',
            'Dir::State::status=/var/lib/dpkg/status', f'Dir::Cache={self.dir}/cache',
            'APT::Sandbox::User=root', 'APT::Get::List-Cleanup=1', 'Acquire::Languages=none',
            'Acquire::Retries=3', 'APT::Default-Release=',
        ]
        if architecture:
            status = os.path.join(self.dir, 'status')
            write(status, '')
            self.options += [f'Dir::State::status={status}', f'APT::Architecture={architecture}',
                             f'APT::Architectures={architecture}', f'APT::Architectures::={architecture}']

    def run(self, tool, *args, cwd=None):
        """Run an apt tool on the suite; returns its output."""
        # In front of the arguments, which have the last word
        options = [word for option in self.options for word in ('-o', option)]
        return output(tool, args[0], *options, *args[1:], cwd=cwd or self.dir)

    def download(self, *packages):
        """Download packages alone, without those that they depend on; returns the paths of the files."""
        where = os.path.join(self.dir, 'packages')
        shutil.rmtree(where, ignore_errors=True)
        os.makedirs(where)
        self.run('apt-get', 'download', *packages, cwd=where)
        return glob.glob(os.path.join(where, '*.deb'))

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
