#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# network: the demo's nation in network namespaces: base, two regions with their members, a supplier.
#
#   hospital clinic pharmacy -- region-a -- [poi-east] base [poi-west] -- region-b -- hospital clinic pharmacy
#                                                        |
#                                                     supplier
# usage: network.sh up|down PREFIX    (namespaces PREFIX-base, PREFIX-ra, PREFIX-ha, ...)
set -eu
verb=$1 p=$2
hosts=(base ra rb ha ca pa hb cb pb su)

down() {
	for host in "${hosts[@]}"; do ip netns del "$p-$host" 2>/dev/null || true; done
}
in_ns() { local host=$1; shift; ip -n "$p-$host" "$@"; }
addr() { # host device v4 v6...
	local host=$1 device=$2; shift 2
	for each in "$@"; do in_ns "$host" addr add "$each" dev "$device" nodad 2>/dev/null || in_ns "$host" addr add "$each" dev "$device"; done
}
# link NUMBER UPPER DEVICE LOWER: a veth pair; the lower one's default route leads up
link() {
	local n=$1 upper=$2 device=$3 lower=$4
	ip link add "$device" netns "$p-$upper" type veth peer name up netns "$p-$lower"
	addr "$upper" "$device" "169.254.$n.1/30" "fd00:0:0:$n::1/64"
	addr "$lower" up "169.254.$n.2/30" "fd00:0:0:$n::2/64"
	in_ns "$upper" link set dev "$device" up
	in_ns "$lower" link set dev up up
	in_ns "$lower" route add default via "169.254.$n.1"
	in_ns "$lower" -6 route add default via "fd00:0:0:$n::1"
}
# behind NUMBER HOST DEVICE V4NET V6NET: what lies behind the lower end of link NUMBER
behind() {
	in_ns "$2" route add "$4" via "169.254.$1.2" dev "$3"
	in_ns "$2" -6 route add "$5" via "fd00:0:0:$1::2" dev "$3"
}
region() { # LETTER NUMBER DEVICE
	local r=$1 n=$2 i=0 member
	link "$n" base "$3" "r$r"
	behind "$n" base "$3" "10.1$n.0.0/16" "2001:db8:$r::/48"
	addr "r$r" lo "10.1$n.0.2/32" "2001:db8:$r::2/128"
	for member in h c p; do
		i=$((i + 1))
		link "$n$i" "r$r" "to-$member" "$member$r"
		behind "$n$i" "r$r" "to-$member" "10.1$n.$i.0/24" "2001:db8:$r:$i::/64"
		addr "$member$r" lo "10.1$n.$i.20/32" "2001:db8:$r:$i::20/128"
	done
}
up() {
	trap down ERR
	for host in "${hosts[@]}"; do
		ip netns add "$p-$host"
		in_ns "$host" link set lo up
		ip netns exec "$p-$host" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	for last in 10 11 12 13 14 15 53 123; do addr base lo "10.10.0.$last/32" "2001:db8:0:1::$last/128"; done
	region a 1 poi-east
	region b 2 poi-west
	link 3 base to-su su
	behind 3 base to-su 10.20.0.0/24 2001:db8:c::/64
	addr su lo 10.20.0.5/32 2001:db8:c::5/128
	# a host nobody registered, behind region b
	in_ns base route add 10.99.0.0/24 via 169.254.2.2 dev poi-west
	addr rb lo 10.99.0.7/32
}
case $verb in up) up ;; down) down ;; *) echo "network.sh: $verb; expected up or down" >&2; exit 2 ;; esac
