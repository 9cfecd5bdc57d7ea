# SPDX-License-Identifier: GPL-2.0
"""Suites that take a part of what there is: all of it has its turn, and the choice can be repeated."""

import unittest

import alternatives
import boots
import experiments
import guests
import suites


def last_values(words):
    """The word after each word: of an option that is given twice the last value, which holds."""
    return dict(zip(words, words[1:]))


class Suites(unittest.TestCase):
    def test_alternatives_of_days(self):
        """each alternative is in a run of make test after as many days as there are, and again later"""
        every = list(experiments.model_rows())
        for start in (0, 20786):
            days = [alternatives.of_day(start + day) for day in range(len(every))]
            self.assertEqual(set(every), {name for names in days for name in names})
            self.assertEqual([alternatives.FEW] * len(every), [len(set(names)) for names in days])

    def test_alternatives_in_boots(self):
        """the boots of an alternative have its second answer"""
        for name, (_, second) in experiments.model_rows().items():
            for boot, words in (*suites.alternatives([name]), *suites.whole_alternatives([name])):
                models = [word for before, word in zip(words, words[1:])
                          if before == '--model' or word.startswith('tegra241-cmdqv-hw,')]
                self.assertTrue(models, boot)
                for properties in models:
                    self.assertFalse(properties.startswith('--') or ',--' in properties, boot)
                    given = [word for word in properties.split(',') if word.startswith(f'{name}=')]
                    # The boots of a seed have an answer of their own
                    own = ['alt-unmapped=stops'] if 'seed=' in properties else []
                    self.assertIn(given, ([f'{name}={second}'], own), boot)

    def test_seeds(self):
        """the boots of a seed have its number of processors, and all numbers and both answers occur"""
        seen = set()
        for seed in range(1, 7):
            for boot, words in suites.seed(seed):
                last = last_values(words)
                self.assertEqual(str(boots.seed_cpus(seed)), last['--smp'], boot)
                self.assertIn(f'seed={seed},', last['--model'], boot)
                self.assertIn(f'alt-unmapped={boots.seed_unmapped(seed)}', last['--model'], boot)
            seen.add((boots.seed_cpus(seed), boots.seed_unmapped(seed)))
        self.assertEqual({(cpus, answer) for cpus in (1, 2, 4) for answer in ('runs', 'stops')}, seen)

    def test_case_of_seed(self):
        """each case of Debian's QEMU with queues has its turn among the seeds"""
        every = guests.seed_cases()
        self.assertEqual(every, [guests.seed_case(seed) for seed in range(len(every))])
        self.assertLess(10, len(every))
        self.assertNotIn('cmdqv', {key for row in every for key in row.words})

    def test_foreign_driver(self):
        """an image has the same boots as the base's kernel, whose broken rules alone are expected, with each seed"""
        known = {'map-vintf-off=128', 'smmu-off-cmdqv-on=1'}
        bases, images = (suites.foreign_driver(kernel, [1, 2]) for kernel in ('base', '/path/Image'))
        self.assertEqual(['', '-errors', '-ats', '-seed-1', '-seed-2'],
                         [name.removeprefix('base-driver') for name, _ in bases])
        for (name, base), (other, image) in zip(bases, images, strict=True):
            self.assertEqual(name.removeprefix('base-driver'), other.removeprefix('image-driver'))
            self.assertEqual(['base', '/path/Image'], [last_values(words)['--kernel'] for words in (base, image)])
            self.assertEqual(known, {word for before, word in zip(base, base[1:]) if before == '--expect-strict'})
            self.assertIn('--any-strict', image)
            strip = {'--any-strict', '--expect-strict', 'base', '/path/Image', *known}
            self.assertEqual([word for word in base[:-1] if word not in strip],
                             [word for word in image[:-1] if word not in strip])
            if 'seed' in name:
                self.assertIn(f'seed={name[-1]},', last_values(base)['--model'])
