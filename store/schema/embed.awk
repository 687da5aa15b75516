# SPDX-License-Identifier: Apache-2.0
# embed: the .sql files as C strings, schema_<file name without .sql>.
BEGIN { print "/* made from the .sql files beside it by store/schema/embed.awk */" }
FNR == 1 {
	if (NR > 1) print "\t;"
	name = FILENAME; sub(/.*\//, "", name); sub(/\.sql$/, "", name)
	printf "static const char schema_%s[] __attribute__((unused)) =\n", name
}
{ sub(/--.*/, ""); gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "\t\"%s\\n\"\n", $0 }
END { print "\t;" }
