/* SPDX-License-Identifier: Apache-2.0 */
/* parent_health: the service manager hears that all is well as long as workers go on.
 */
#include "sensor/parent_private.h"

/* A lane whose time stands still longer than the watchdog waits is stuck.  While
 * workers start, or read files, there is nothing to expect. */
static bool
goes_on(struct parent *parent, uint32_t lane, int64_t now)
{
	struct health *health = &parent->health;
	const struct share *share = parent->link[lane].share;
	int64_t tick = share->last_tick;

	if (tick != health->tick[lane] || !share->is_at_work ||
	    parent->config->interfaces.count == 0) {
		health->tick[lane] = tick;
		health->moved_at[lane] = now;
	}
	return now - health->moved_at[lane] < parent->notify.watchdog;
}

void
parent_show_life(struct parent *parent)
{
	int64_t now = parent_mono();
	bool is_well = true;

	if (parent->notify.watchdog == 0)
		return;
	for (uint32_t i = 0; i < parent->lanes; i++)
		is_well = goes_on(parent, i, now) && is_well;
	if (!is_well || now - parent->health.said < parent->notify.watchdog / 3)
		return;
	parent->health.said = now;
	notify_say(&parent->notify, "WATCHDOG=1");
}
