# SPDX-License-Identifier: GPL-2.0
# Every target of the project; each is a small script in scripts/. All output goes to build/.
# BASE=FILE takes another tarball of Linux 6.12.y than that of the installed linux-source-6.12.
#
# Recipes read variables from the environment, where make puts those of its command line: "$$NAME" stays one
# word. The values are judged before any work, by valid-NAME.

MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

help:
	@echo 'make setup     install what building needs (apt, Debian 12 and 13)'
	@echo 'make tree      assemble build/linux: base + our files + hooks; BASE=FILE: a tarball of another 6.12.y'
	@echo 'make kernel    build the arm64 kernels: fast (demonstration) and debug (tests)'
	@echo 'make model     build QEMU with the hardware model'
	@echo 'make lib       build libviommu, native and for arm64; make lib-install puts it into PREFIX'
	@echo 'make vmm       build the small VMM, and what runs in its machines'
	@echo 'make demo      show a guest-owned command queue on the emulated machine'
	@echo 'make guest     show a Linux guest of stock QEMU with queues of its own; ./run guest shell: its prompt'
	@echo 'make probe     ask CMDQ-V what no document tells; on a Grace DEVICE=ADDRESS also tests with that device'
	@echo 'make test      run every test; the last line is the sum'
	@echo 'make check     style, static analysis, documentation comments, scripts'
	@echo 'make clean     remove everything built'
	@echo
	@echo 'make patches   the project as series for git am and quilt, in build/patches'
	@echo 'make apply     put the project into a kernel tree of your own: KDIR=DIR'
	@echo 'make unapply   take it out again: KDIR=DIR'
	@echo 'make docs      the pages of the documentation as HTML, in build/docs'
	@echo 'make deb       kernel packages for arm64 from CONFIG=FILE, or from the running kernel;'
	@echo '               LSMOD=FILE leaves out the modules that this output of lsmod does not list'
	@echo 'make bench     instructions of every operation, against the recorded ones'
	@echo 'make fuzz      random calls without an end'
	@echo
	@echo 'make test-hazards  take the handling of hazards out, one by one; a test must notice (hours; HAZARDS=60 is one)'
	@echo 'make record    write the edit counts into the headers of the hooks'
	@echo 'make programs  build the test programs for the emulated machine'
	@echo 'make test-KERNEL   suites on another kernel: 16k or 64k (pages), none or rt (preemption)'
	@echo 'make test-X    run one suite: absent assembly barriers input model mock machine seeds alternatives probe mutations demo fuzz viommu vmm qemu patches deb stress kcsan kexec kunit x86'

setup:
	@scripts/setup

valid-%:
	@scripts/variables.py $*

tree: valid-JOBS
	@scripts/build/unpack-base "$${BASE-}"
	@scripts/build/assemble

record:
	@scripts/build/unpack-base "$${BASE-}"
	@scripts/build/assemble --record

kernel: kernel-fast kernel-debug

# One kernel only; off is what check builds, base what the hardware model is tested with
kernel-fast kernel-net kernel-debug kernel-kcsan kernel-kexec kernel-base kernel-off kernel-16k kernel-64k kernel-none kernel-rt: kernel-%: tree
	@scripts/build/kernel $*

model: valid-JOBS
	@scripts/build/model

.PHONY: bench deb docs fuzz test-deb test-fuzz
# Instructions of every operation; KERNEL=IMAGE shows another kernel beside, RECORD=1 takes the figures
bench: valid-KERNEL valid-RECORD model kernel-fast programs
	@scripts/setup plot
	@tools/testing/bench/run $${KERNEL:+--kernel "$$KERNEL"} $${RECORD:+--record}

docs: tree
	@scripts/setup docs
	@scripts/package/docs

deb: valid-SOURCE_DATE_EPOCH valid-config tree
	@scripts/setup deb
	@scripts/package/deb "$$CONFIG"

valid-config:
	@scripts/package/deb --check "$$CONFIG"

# Random calls without an end; SEED=N begins with that round
fuzz: valid-CALLS valid-SEED model kernel-fast kernel-debug programs lib
	@tools/testing/machine/fuzz $${SEED:+"$$SEED"}

test-deb: model tree programs
	@scripts/setup deb
	@scripts/test/run deb

test-fuzz: model kernel-fast kernel-debug programs
	@scripts/test/run fuzz

# Only some of them: HAZARDS='4 31'
.PHONY: test-hazards
test-hazards: valid-HAZARDS model tree programs
	@scripts/setup hazards
	@tools/testing/hazards/run $${HAZARDS:+"$$HAZARDS"}

.PHONY: patches apply unapply test-patches
patches: valid-SIGNOFF valid-SOURCE_DATE_EPOCH tree
	@scripts/package/patches

apply unapply:
	@scripts/package/user-tree $@ "$${KDIR:?say which tree: KDIR=DIR}"

programs: tree
	@scripts/build/programs

lib: tree
	@scripts/build/lib

# PREFIX, LIBDIR, INCLUDEDIR, MANDIR and DESTDIR say where to
valid-prefix:
	@$(MAKE) -s -C tools/lib/viommu check-prefix

lib-install: valid-prefix tree
	@scripts/build/lib install

vmm: lib
	@scripts/build/vmm

demo: model kernel-fast programs vmm
	@scripts/test/demo

# The questions to CMDQ-V: on this machine if its kernel offers them, otherwise on the emulated one
OFFERED := $(wildcard /sys/module/arm_smmu_v3/parameters/cmdqv_experiments)
probe: valid-EXPERIMENTS valid-DEVICE $(if $(OFFERED),,model kernel-fast) programs
	@tools/testing/machine/probe

guest guest-cost guest-shell: model kernel-fast programs
	@[ $@ != guest-cost ] || scripts/setup plot
	@tools/testing/guest/fetch
	@tools/testing/guest/run $(patsubst guest%,%,$(subst -,,$@))

# The fast kernel begins with the objects of the base's kernel
test: model kernel-base kernel programs vmm
	@scripts/setup rust
	@scripts/test/run

test-assembly: tree
	@scripts/test/run assembly

test-patches: tree
	@scripts/setup patches
	@scripts/test/run patches

# The base's own driver; KERNEL=IMAGE takes another one, and shows the rules that it breaks. SEED, SEEDS as below
test-model: valid-KERNEL valid-SEED valid-SEEDS model $(if $(KERNEL),,kernel-base) programs
	@scripts/test/run model

test-mock: model kernel-debug programs lib
	@scripts/test/run mock

# Late effects on the hardware model; SEEDS=N runs N of them, SEED=N begins with this one
test-seeds: valid-SEED valid-SEEDS model kernel-fast programs vmm
	@scripts/test/run seeds seeds-qemu

# Unknown behaviour of the hardware, with the other answers of the model; ALTERNATIVES='NAME...' chooses. WHOLE=1
# runs the whole suites machine, driver and vmm with each (hours)
test-alternatives: valid-ALTERNATIVES valid-WHOLE model kernel-fast $(if $(WHOLE),kernel-debug) programs vmm
	@ALTERNATIVES="$${ALTERNATIVES:-all}" scripts/test/run alternatives

# Each question to the hardware model, with each of its answers
test-probe: model kernel-fast programs
	@scripts/test/run probe facts

# One thing wrong in the hardware model at a time; its tests must notice
test-mutations: model programs
	@scripts/test/run mutations

# Barriers between commands and PROD, which an emulator does not need
test-barriers: model kernel-base kernel-fast programs vmm
	@scripts/build/model plugins
	@scripts/test/run barriers

# Minutes of races; STRESS_SECONDS=N changes the time for each scenario
test-stress: valid-STRESS_SECONDS model kernel-debug programs
	@scripts/test/run stress

test-kcsan: valid-STRESS_SECONDS model kernel-kcsan programs
	@scripts/test/run kcsan

test-kexec: model kernel-kexec programs
	@scripts/test/run kexec

# As a kernel developer runs KUnit; builds a kernel of its own
test-kunit: model tree
	@scripts/test/run kunit

# Other sizes of pages
test-16k test-64k: test-%: model kernel-% programs lib vmm
	@scripts/test/run --kernel $* mock machine vmm demo

# Other kinds of preemption
test-none test-rt: test-%: model kernel-% programs lib
	@scripts/test/run --kernel $* mock machine preempt

# A kernel package of your own, in the emulated machine: PACKAGE=DIR is where it is unpacked
test-package: model programs
	@scripts/test/run --kernel "$${PACKAGE:?say where the package is unpacked: PACKAGE=DIR}" machine

# Another architecture: its kernel, and the mock driver in an emulated PC
test-x86: tree
	@scripts/setup x86
	@scripts/build/kernel x86
	@scripts/build/programs x86_64
	@scripts/test/run x86

# Wrong input; needs nothing that is built
test-input:
	@scripts/test/run input

# The installed selftests, where something that they need is absent
test-absent: model kernel-fast programs vmm
	@scripts/test/run absent

test-machine: model kernel-debug programs
	@scripts/test/run machine

test-demo: model kernel-fast programs
	@scripts/test/run demo

test-viommu: lib
	@scripts/setup rust
	@scripts/test/run viommu

test-vmm: model kernel-fast programs vmm
	@scripts/test/run vmm

# Every case of the table in tools/testing/guest; CASES='NAME...' chooses, KERNEL=IMAGE takes another host
test-qemu: valid-CASES valid-KERNEL model kernel-fast kernel-net kernel-base programs
	@CASES="$${CASES:-all}" scripts/test/run qemu

check: tree
	@scripts/check/run

clean:
	rm -rf build

# The steps share build/; each of them uses all processors by itself
.NOTPARALLEL:
.PHONY: valid-config valid-prefix help setup tree record lib lib-install vmm kernel kernel-fast kernel-net kernel-debug kernel-kcsan kernel-kexec kernel-none kernel-base kernel-off \
	kernel-16k kernel-64k kernel-rt model programs \
	demo probe test-probe test test-assembly test-model test-mock test-seeds test-alternatives test-barriers test-mutations test-stress test-kcsan test-kexec test-none test-kunit test-x86 test-machine test-absent test-demo test-input test-viommu \
	test-vmm test-qemu test-16k test-64k test-rt test-package guest guest-cost guest-shell check clean
