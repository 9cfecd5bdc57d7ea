# SPDX-License-Identifier: MIT OR GPL-2.0
# Takes the VMM fragment out of viommu(7): the literal display that begins with its first include.
/^\.Bd -literal/ { inside = 1; text = ""; next }
/^\.Ed/ {
	if (text ~ /^#include <viommu\.h>/)
		printf "%s", text
	inside = 0
	next
}
inside {
	gsub(/\\e/, "\\")
	text = text $0 "\n"
}
