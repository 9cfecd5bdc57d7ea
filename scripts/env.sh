# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Settings that every building script shares; sourced from the top directory.

JOBS=${JOBS:-$(nproc)}

# Compiler results survive make clean, and are shared between checkouts in different places
if command -v ccache >/dev/null 2>&1; then
	CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD}
	CCACHE_NOHASHDIR=1
	export CCACHE_BASEDIR CCACHE_NOHASHDIR
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
	*) CROSS_COMPILE=x86_64-linux-gnu- ;;
	esac
	export KARCH CROSS_COMPILE
}
target "${KARCH:-arm64}"
export JOBS CCACHE

# When the project was changed last, in seconds since the Epoch; project.py has the same for Python
project_date() {
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	else
		git log -1 --format=%ct 2>/dev/null || sed -n 's/^DATE=//p' META
	fi
}

# True if $2 must be made (again) from $1
stale() {
	[ ! -e "$2" ] || [ -n "$(find "$1" -newer "$2")" ]
}
