#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# spdx: every source file names its licence in its first three lines.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
while IFS= read -r file; do
	head -3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' && continue
	echo "$file:1: no SPDX line; expected 'SPDX-License-Identifier: Apache-2.0'"
	bad=1
done < <(git ls-files -co --exclude-standard -- '*.c' '*.h' '*.def' '*.sql' '*.awk' '*.sh' '*.py' '*.mjs' '*.ts' '*.tsx' '*.css' Makefile)
exit $bad
