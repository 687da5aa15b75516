/* SPDX-License-Identifier: Apache-2.0 */
/* icmp: which ICMP types ask and answer one another, as the community id has them. */
#include "sensor/icmp.h"

#include <stddef.h>

/* github.com/corelight/community-id-spec, "ICMP flows" */
static const struct icmp_pair {
	bool is_v6;
	uint8_t request, reply;
} pairs[] = {
	{ false, 8, 0 },    /* echo */
	{ false, 13, 14 },  /* timestamp */
	{ false, 15, 16 },  /* information */
	{ false, 10, 9 },   /* router solicitation, advertisement */
	{ false, 17, 18 },  /* address mask */
	{ true, 128, 129 }, /* echo */
	{ true, 133, 134 }, /* router solicitation, advertisement */
	{ true, 135, 136 }, /* neighbour solicitation, advertisement */
	{ true, 130, 131 }, /* multicast listener query, report */
	{ true, 139, 140 }, /* node information */
	{ true, 144, 145 }, /* home agent address discovery */
};

static const struct icmp_pair *
find_pair(bool is_v6, uint8_t type)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].is_v6 == is_v6 &&
		    (pairs[i].request == type || pairs[i].reply == type))
			return &pairs[i];
	return NULL;
}

int
icmp_counterpart(bool is_v6, uint8_t type)
{
	const struct icmp_pair *pair = find_pair(is_v6, type);

	if (pair == NULL)
		return -1;
	return pair->request == type ? pair->reply : pair->request;
}

bool
icmp_is_request(bool is_v6, uint8_t type)
{
	const struct icmp_pair *pair = find_pair(is_v6, type);

	return pair != NULL && pair->request == type;
}
