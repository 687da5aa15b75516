/* SPDX-License-Identifier: Apache-2.0 */
/* registry: writes inventory and requirements into the store, for readers that have no
 * YAML. */
#include "correlator/registry.h"

#include "store/effects.h"

static int
write_regions(struct store *store, const struct inventory *inventory, struct error *err)
{
	for (size_t i = 0; i < inventory_region_count(inventory); i++) {
		const struct region *region = inventory_region(inventory, i);
		if (store_add_region(store, region->id, region->title.ja,
				     region->title.en, err) == -1)
			return -1;
	}
	return 0;
}

static int
write_participant_sensors(struct store *store, const struct inventory *inventory,
			  const struct participant *participant, struct error *err)
{
	for (size_t i = 0; i < inventory_sensor_count(inventory); i++) {
		const struct sensor_entry *sensor = inventory_sensor(inventory, i);
		if (inventory_sensor_sees(inventory, sensor, participant) &&
		    store_add_participant_sensor(store, participant->id, sensor->id,
						 err) == -1)
			return -1;
	}
	return 0;
}

static int
write_participants(struct store *store, const struct inventory *inventory,
		   struct error *err)
{
	static const struct participant_row nobody = { .id = "unknown",
						       .kind = "unknown",
						       .partition = "external",
						       .title_ja = "未登録",
						       .title_en = "not registered",
						       .kana = "",
						       .code = "",
						       .contact = "" };

	if (inventory_find_participant(inventory, nobody.id) == NULL &&
	    store_add_participant(store, &nobody, err) == -1)
		return -1;
	for (size_t i = 0; i < inventory_participant_count(inventory); i++) {
		const struct participant *from = inventory_participant(inventory, i);
		struct participant_row row = { .id = from->id,
					       .kind = from->kind,
					       .partition = from->partition,
					       .title_ja = from->title.ja,
					       .title_en = from->title.en,
					       .kana = from->kana,
					       .code = from->code,
					       .contact = from->contact };
		if (store_add_participant(store, &row, err) == -1 ||
		    write_participant_sensors(store, inventory, from, err) == -1)
			return -1;
	}
	return 0;
}

static int
write_services(struct store *store, const struct inventory *inventory,
	       struct error *err)
{
	for (size_t i = 0; i < inventory_service_count(inventory); i++) {
		const struct service *from = inventory_service(inventory, i);
		struct service_row row = { .id = from->id,
					   .kind = from->kind,
					   .participant =
						   from->participant != NULL
							   ? from->participant->id
							   : "",
					   .title_ja = from->title.ja,
					   .title_en = from->title.en };
		if (store_add_service(store, &row, err) == -1)
			return -1;
	}
	return 0;
}

static int
write_requirements(struct store *store, const struct policy *policy, struct error *err)
{
	static const char *const kinds[] = { [REQUIREMENT_MATRIX] = "matrix",
					     [REQUIREMENT_SESSION] = "session",
					     [REQUIREMENT_PRESENCE] = "presence",
					     [REQUIREMENT_FORBID] = "forbid",
					     [REQUIREMENT_MANUAL] = "manual" };

	for (size_t i = 0; i < policy_requirement_count(policy); i++) {
		const struct requirement *from = policy_requirement(policy, i);
		struct requirement_row row = { .id = from->id,
					       .ordinal = i,
					       .kind = kinds[from->kind],
					       .status = from->status,
					       .severity = from->severity,
					       .title_ja = from->title.ja,
					       .title_en = from->title.en,
					       .document = from->document.ja,
					       .document_en = from->document.en,
					       .clause = from->clause,
					       .rationale_ja = from->rationale.ja,
					       .rationale_en = from->rationale.en,
					       .remedy_ja = from->remedy.ja,
					       .remedy_en = from->remedy.en,
					       .min_coverage = from->min_coverage,
					       .settled_by_ja = from->settled_by.ja,
					       .settled_by_en = from->settled_by.en };
		if (store_add_requirement(store, &row, err) == -1)
			return -1;
	}
	return 0;
}

int
registry_write(struct store *store, const struct inventory *inventory,
	       const struct policy *policy, struct error *err)
{
	if (store_begin(store, err) == 0 && store_clear_inventory(store, err) == 0 &&
	    write_regions(store, inventory, err) == 0 &&
	    write_participants(store, inventory, err) == 0 &&
	    write_services(store, inventory, err) == 0 &&
	    write_requirements(store, policy, err) == 0 &&
	    store_commit(store, err) == 0)
		return 0;
	store_rollback(store);
	return -1;
}
