# SPDX-License-Identifier: Apache-2.0
# layers: a file includes only what its folder may, and libraries only by their doors (see layers.txt).
# usage: awk -f layers.awk layers.txt FILES...
FILENAME == ARGV[1] {
	if (/^#/ || !NF) next
	if (/^</) { library = glob($1); $1 = ""; doors[library] = $0 " "; next }
	split($0, half, ":"); may[half[1]] = " " half[2] " "
	next
}
FNR == 1 { me = FILENAME; sub(/\.[ch]$/, "", me); mine = part(me) }
/^#include "/ {
	split($0, quoted, "\""); them = quoted[2]
	if (them ~ /\.def$/ || them !~ /\// ) next
	theirs = part(them)
	if (theirs == "") complain("includes " them ", which lies in no folder of layers.txt")
	else if (theirs != mine && !index(may[mine], " " theirs " ") && !below(theirs))
		complain("includes " them "; " mine "/ may include only:" may[mine])
}
/^#include </ {
	for (library in doors)
		if ($2 ~ library && !has_door(doors[library]))
			complain("includes " $2 ", whose door is" doors[library])
}
# the longest folder of layers.txt that the path lies in
function part(path,    folder, best) {
	for (folder in may)
		if (index(path, folder "/") == 1 && length(folder) > length(best)) best = folder
	return best
}
# a parent may include its own subfolder that is listed by itself (sensor -> sensor/dissect)
function below(theirs) { return index(theirs, mine "/") == 1 }
function has_door(list,    words, count, i) {
	count = split(list, words, " ")
	for (i = 1; i <= count; i++)
		if (me == words[i] || index(me, words[i] "/") == 1 || index(me, words[i] "_") == 1) return 1
	return 0
}
function glob(text) { gsub(/\./, "[.]", text); gsub(/\*/, ".*", text); return "^" text "$" }
function complain(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; bad = 1 }
END { exit bad }
