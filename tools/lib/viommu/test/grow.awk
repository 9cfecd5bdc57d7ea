# SPDX-License-Identifier: MIT OR GPL-2.0
# The headers of a later version: each structure that begins with its size has one member more at its end

/^struct [a-z0-9_]+ [{]$/ { first = NR + 1 }
NR == first { grows = /^\tuint32_t size;$/ }
/^};$/ {
	if (grows)
		print "\tuint64_t later;"
	grows = 0
}
{ print }
