/* SPDX-License-Identifier: Apache-2.0 */
/* capture_group: packet sockets of one interface share its packets; for capture alone.
 */
#include "sensor/capture_group.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

/* packet(7), PACKET_FANOUT: id in the low half, kind and flags in the high one */
int
capture_group_join(struct capture_group *group, int socket, const char *interface,
		   struct error *err)
{
	unsigned kind = group->is_by_cpu
				? PACKET_FANOUT_CPU
				: PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG;
	unsigned flag = group->is_made ? 0 : PACKET_FANOUT_FLAG_UNIQUEID;
	int value = (int)(group->id | (kind | flag) << 16);
	socklen_t size = sizeof(value);

	if (setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &value, size) == -1 ||
	    getsockopt(socket, SOL_PACKET, PACKET_FANOUT, &value, &size) == -1)
		return error_errno(err, "cannot share interface %s among workers",
				   interface);
	group->id = (uint16_t)value;
	group->is_made = true;
	return 0;
}
