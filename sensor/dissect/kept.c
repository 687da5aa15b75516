/* SPDX-License-Identifier: Apache-2.0 */
/* kept: bytes that outlive their packet, bounded for one piece and for all flows of a
 * lane. */
#include "sensor/dissect/kept.h"

#include <stdlib.h>
#include <string.h>

static bool
make_room(struct kept_budget *budget, struct kept *kept, size_t wanted, uint32_t most)
{
	size_t room = kept->room ? (size_t)kept->room * 2 : 128;

	if (wanted <= kept->room)
		return true;
	room = room > most ? most : room;
	room = room < wanted ? wanted : room;
	if (budget->held + room - kept->room > budget->most)
		return false;
	uint8_t *at = realloc(kept->at, room);
	if (at == NULL)
		return false;
	budget->held += room - kept->room;
	kept->at = at;
	kept->room = (uint32_t)room;
	return true;
}

bool
kept_add(struct kept_budget *budget, struct kept *kept, struct bytes more,
	 uint32_t most)
{
	size_t size = more.left < most - kept->size ? more.left : most - kept->size;

	if (!make_room(budget, kept, kept->size + size, most))
		return false;
	if (size > 0)
		memcpy(kept->at + kept->size, more.at, size);
	kept->size += (uint32_t)size;
	return size == more.left;
}

void
kept_release(struct kept_budget *budget, struct kept *kept)
{
	budget->held -= kept->room;
	free(kept->at);
	*kept = (struct kept){ 0 };
}
