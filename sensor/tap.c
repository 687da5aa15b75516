/* SPDX-License-Identifier: Apache-2.0 */
/* tap: several interfaces that see one line, read as one: packets in the order of their
 * time. */
#include "sensor/tap.h"

/* The capture whose next packet is the oldest; NULL if there is none now.  '*are_all':
 * every one has a next packet.  -1 on failure. */
static int
find_oldest(struct capture *const *captures, size_t count, struct capture **oldest,
	    bool *are_all, struct error *err)
{
	*oldest = NULL;
	*are_all = true;
	for (size_t i = 0; i < count; i++) {
		int found = capture_peek(captures[i], err);
		if (found == -1)
			return -1;
		if (found == 0)
			*are_all = false;
		else if (*oldest == NULL ||
			 instant_is_before(capture_held(captures[i])->seen,
					   capture_held(*oldest)->seen))
			*oldest = captures[i];
	}
	return 0;
}

int
tap_read(struct capture *const *captures, size_t count, int most, struct instant now,
	 packet_sink *sink, void *ctx, struct error *err)
{
	struct capture *oldest;
	bool are_all;
	int done = 0;

	if (count == 1)
		return capture_read(captures[0], most, sink, ctx, err);
	for (; done < most; done++) {
		if (find_oldest(captures, count, &oldest, &are_all, err) == -1)
			return -1;
		if (oldest == NULL)
			break;
		const struct packet *packet = capture_held(oldest);
		int64_t age = instant_between(packet->seen, now);
		/* far in the future: the clock was set back */
		if (!are_all && age < TAP_PATIENCE && age > -TAP_PATIENCE)
			break;
		sink(ctx, packet);
		capture_pass(oldest);
	}
	return done;
}

bool
tap_waits(struct capture *const *captures, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (capture_held(captures[i]) != NULL)
			return true;
	return false;
}
