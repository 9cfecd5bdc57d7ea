# SPDX-License-Identifier: GPL-2.0
"""Suites that take a part of what there is: all of it has its turn, and the choice can be repeated."""

import unittest

import alternatives
import boots
import experiments
import guests
import seed_boots
import suites


def last_values(words):
    """The word after each word: of an option that is given twice the last value, which holds."""
    return dict(zip(words, words[1:]))


def model_words(words):
    """Properties of each hardware model."""
    return [word for before, word in zip(words, words[1:])
            if before == '--model' or word.startswith(f'{boots.MODEL_DEVICE},')]


class Suites(unittest.TestCase):
    def test_alternatives_of_days(self):
        """make test takes each alternative, except those of VINTF_INT_MASK, within as many days as there are"""
        every = [name for name in experiments.model_rows() if name not in ('alt-int-mask', 'alt-masked-edge')]
        self.assertEqual(len(experiments.model_rows()), len(every) + 2)
        self.assertEqual(list(experiments.model_rows()), alternatives.chosen(['all']))
        for start in (0, 20786):
            days = [alternatives.of_day(start + day) for day in range(len(every))]
            self.assertEqual(set(every), {name for names in days for name in names})
            self.assertEqual([alternatives.FEW] * len(every), [len(set(names)) for names in days])

    def test_alternatives_in_boots(self):
        """the boots of an alternative have its second answer"""
        for name, (_, second) in experiments.model_rows().items():
            for boot, words in (*suites.alternatives([name]), *suites.whole_alternatives([name])):
                models = model_words(words)
                self.assertTrue(models, boot)
                for properties in models:
                    self.assertFalse(properties.startswith('--') or ',--' in properties, boot)
                    given = [word for word in properties.split(',') if word.startswith(f'{name}=')]
                    # The boots of a seed have an answer of their own
                    own = ['alt-unmapped=stops'] if 'seed=' in properties else []
                    self.assertIn(given, ([f'{name}={second}'], own), boot)

    def test_late_alternatives(self):
        """boots of an answer that shows only with late STATUS have a seed, and reach the second queue for its error"""
        for name in boots.LATE:
            for boot, words in (*suites.alternatives([name]), *suites.whole_alternatives([name])):
                self.assertNotIn('driver-spread-', boot)
                self.assertIn('--icount', words, boot)
                for properties in model_words(words):
                    self.assertIn('seed=', properties, boot)
                    if 'fault-vcmdq=1' in properties:
                        self.assertIn(last_values(words).get('--smp'), ('2', '4'), boot)

    def test_unmapped_edge(self):
        """boots of an answer about a queue that is not mapped have a model in which such a queue runs, unless by a seed"""
        name = 'alt-unmapped-edge'
        for boot, words in (*suites.alternatives([name]), *suites.whole_alternatives([name])):
            for properties in model_words(words):
                given = [word for word in properties.split(',') if word.startswith('alt-unmapped=')]
                own = 'alt-unmapped=stops' if 'seed=' in properties else 'alt-unmapped=runs'
                self.assertIn(given, (['alt-unmapped=runs'], [own]), boot)

    def test_slow_commands(self):
        """a boot whose commands have to be slower than a limit of the driver has the clock of -icount"""
        self.assertIn('--icount', dict(boots.topology())['ats-slow'])

    def test_seeds(self):
        """the boots of a seed have its number of processors, and all numbers and both answers occur"""
        seen = set()
        for seed in range(1, 7):
            for boot, words in seed_boots.of_seed(seed) + seed_boots.every(seed):
                last = last_values(words)
                self.assertEqual(str(boots.seed_cpus(seed)), last['--smp'], boot)
                self.assertIn(f'seed={seed},', last['--model'], boot)
                self.assertIn(f'alt-unmapped={boots.seed_unmapped(seed)}', last['--model'], boot)
            seen.add((boots.seed_cpus(seed), boots.seed_unmapped(seed)))
        self.assertEqual({(cpus, answer) for cpus in (1, 2, 4) for answer in ('runs', 'stops')}, seen)

    def test_turns_of_seeds(self):
        """each boot that seeds take in turn comes often in 64 of them, with each number of processors and both answers"""
        met = {}
        for seed in range(1, 65):
            name, words = seed_boots.turn(seed)
            met.setdefault(name.removeprefix(f'seed-{seed}-'), []).append(seed)
            self.assertEqual([(name, words)], [start for start in seed_boots.of_seed(seed) if start[0] == name])
        self.assertEqual({boot.__name__.replace('_', '-') for boot in seed_boots.BOOTS}, set(met))
        for boot, seeds in met.items():
            self.assertLess(5, len(seeds), boot)
            self.assertEqual({1, 2, 4}, {boots.seed_cpus(seed) for seed in seeds}, boot)
            self.assertEqual({'runs', 'stops'}, {boots.seed_unmapped(seed) for seed in seeds}, boot)

    def test_drivers_of_seeds(self):
        """the driver meets each of its boots with each number of processors that can be and both answers in 18 seeds"""
        met = set()
        for seed in range(1, 19):
            words = dict(boots.seeds(seed))[f'seed-{seed}-driver']
            properties = last_values(words)['--model'].removeprefix(boots.seed_model(seed)).strip(',')
            met.add((properties, words[-1], boots.seed_cpus(seed), boots.seed_unmapped(seed)))
        self.assertEqual({(properties, f'{boots.KERNEL_QUEUES} {arguments}', cpus, answer)
                          for properties, arguments in boots.SEED_DRIVERS for cpus in boots.SEED_CPUS
                          for answer in ('runs', 'stops') if cpus > 1 or 'illegal' not in properties}, met)

    def test_guests_of_seeds(self):
        """virtual machines that come in turn meet each number of processors and both answers in 30 seeds"""
        met = {}
        for seed in range(1, 31):
            program = dict(seed_boots.of_seed(seed))[f'seed-{seed}-vmm']
            for name in (suites.HOTPLUG, suites.SNAPSHOTS, suites.two_guests()[-1]):
                if name in program:
                    met.setdefault(name, set()).add((boots.seed_cpus(seed), boots.seed_unmapped(seed)))
        self.assertEqual([6, 6, 6], [len(seen) for seen in met.values()])

    def test_turns_of_a_day(self):
        """16 seeds, from any on, have each boot that seeds take in turn"""
        for first in range(64):
            names = {seed_boots.turn(seed)[0].split('-', 2)[2] for seed in range(first, first + 16)}
            self.assertEqual(len(seed_boots.BOOTS), len(names), first)

    def test_second_smmu_of_seed(self):
        """the CMDQ-V of another SMMU is late by the seed, too"""
        words = dict(seed_boots.every(3))['seed-3-two-smmus']
        models = [word for word in words if word.startswith(f'{boots.MODEL_DEVICE},') or word.startswith('seed=')]
        self.assertEqual(2, len(models))
        for model in models:
            self.assertIn(boots.seed_model(3), model)

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
