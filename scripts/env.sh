# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Settings that every building script shares; sourced from the top directory.

# Ends the script with one line, which begins with its folder and name
die() {
	folder=${0%/*}
	printf '%s\n' "${folder##*/}/${0##*/}: $*" >&2
	exit 1
}

# die unless $2, the value of $1, is a number of at most $3 digits, and not 0
demand_number() {
	case $2 in
	*[!0-9]* | 0* | '') ;;
	*) [ ${#2} -gt "$3" ] || return 0 ;;
	esac
	die "$1 is not a number of 1 to $3 digits: \"$2\""
}

case $PWD in
*[[:space:]:]*) die "make does not take a directory with blanks or colons in its name: $PWD" ;;
esac
JOBS=${JOBS:-$(nproc)}
demand_number JOBS "$JOBS" 4

# Compiler results survive make clean, and are shared between checkouts in different places
if command -v ccache >/dev/null 2>&1; then
	CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD}
	CCACHE_NOHASHDIR=1
	# The compiler says what it has read: no run of the preprocessor, which is a third of the time of a miss
	CCACHE_DEPEND=1
	export CCACHE_BASEDIR CCACHE_NOHASHDIR CCACHE_DEPEND
	CCACHE='ccache '
else
	CCACHE=
fi

# Everything is built for arm64, but for what proves that x86_64 works, too: target ARCHITECTURE
target() {
	KARCH=$1
	case $KARCH-$(uname -m) in
	arm64-aarch64 | x86_64-x86_64) CROSS_COMPILE= ;;
	arm64-*) CROSS_COMPILE=aarch64-linux-gnu- ;;
	x86_64-*) CROSS_COMPILE=x86_64-linux-gnu- ;;
	*) die "no architecture \"$KARCH\"; there are arm64 and x86_64" ;;
	esac
	export KARCH CROSS_COMPILE
}
target "${KARCH:-arm64}"
export JOBS CCACHE

# When the project was changed last, in seconds since the Epoch; project.py has the same for Python
project_date() {
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		demand_number SOURCE_DATE_EPOCH "$SOURCE_DATE_EPOCH" 10
		echo "$SOURCE_DATE_EPOCH"
	else
		git log -1 --format=%ct 2>/dev/null || sed -n 's/^DATE=//p' META
	fi
}

# The words for make on the tree KERNEL_TREE (build/linux) with the output in $1: kernel_make OUTPUT TARGET...
kernel_make() {
	output=$1
	shift
	make -C "${KERNEL_TREE:-build/linux}" O="$output" ARCH="$KARCH" CROSS_COMPILE="$CROSS_COMPILE" \
		CC="${CCACHE}${CROSS_COMPILE}gcc" "$@"
}

# Lines of the fragment $1 that the configuration $2 does not have: kconfig drops an option without a word if a
# dependency is not met. The last line about an option counts.
lost_options() {
	sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/\1=n/p; /^CONFIG_/p' "$1" | tac | awk -F= '!seen[$1]++' |
		while IFS= read -r line; do
			case $line in
			*=n) ! grep -q "^${line%n}" "$2" ;;
			*) grep -qxF "$line" "$2" ;;
			esac || printf ' %s' "$line"
		done
}

# True if $2 must be made (again) from $1
stale() {
	[ ! -e "$2" ] || [ -n "$(find "$1" -newer "$2")" ]
}
