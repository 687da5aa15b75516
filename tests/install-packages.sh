#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install-packages: installs from Debian what tests/packages.txt lists for the given purposes and is missing.
# usage: tests/install-packages.sh build [test] [demo]
set -u
cd "$(dirname "$0")/.." || exit 4
want=$(IFS='|'; echo "$*")
missing=()
while read -r purpose name _; do
	[[ $purpose =~ ^($want)$ ]] || continue
	# node and npm may come from elsewhere than Debian
	case $name in nodejs) command -v node >/dev/null && continue ;; npm) command -v npm >/dev/null && continue ;; esac
	dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
done < <(grep -v '^#' tests/packages.txt)
[ ${#missing[@]} -eq 0 ] && exit 0
echo "installing from Debian: ${missing[*]}" >&2
if [ "$(id -u)" -ne 0 ]; then
	echo "packages: ${missing[*]} are missing and only root may install them; run: sudo apt-get install ${missing[*]}" >&2
	exit 4
fi
log=$(mktemp)
if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
	rm -f "$log"
else
	tail -20 "$log" >&2
	echo "packages: apt-get could not install ${missing[*]}; see $log" >&2
	exit 4
fi
