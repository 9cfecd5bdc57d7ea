# SPDX-License-Identifier: GPL-2.0
# Every target of the project; the work is done by small scripts in scripts/. All output goes to build/.

MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

help:
	@echo 'make tree    assemble build/linux: base + our files + hooks'
	@echo 'make model   build QEMU with the hardware model'
	@echo 'make kernel  build the arm64 kernels: fast (benchmarks) and debug (tests)'
	@echo 'make programs  build init and the selftests for the emulated machine'
	@echo 'make record  write the edit counts into the headers of the hooks'
	@echo 'make clean   remove everything built'

# The base can be another tarball of the same series: make tree BASE=FILE
tree:
	@scripts/unpack-base $(BASE)
	@scripts/assemble

record:
	@scripts/unpack-base $(BASE)
	@scripts/assemble --record

kernel: tree
	@scripts/build-kernel fast debug

# One kernel only
kernel-fast kernel-debug kernel-off: kernel-%: tree
	@scripts/build-kernel $*

programs: tree
	@scripts/build-programs

setup:
	@scripts/setup

model:
	@scripts/build-model

clean:
	rm -rf build

.PHONY: help tree record kernel kernel-fast kernel-debug kernel-off programs setup model clean
