/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_show: an inventory in words on standard output, for 'sekisho inventory'. */
#include "tool/inventory_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/calendar.h"
#include "common/exit_code.h"
#include "correlator/inventory/take.h"

enum { ODD_MAX = 20, VLAN_ROOM = 8 };

static bool
has_sensor(const struct inventory *inventory, const char *poi)
{
	for (size_t i = 0; i < inventory_sensor_count(inventory); i++)
		if (strcmp(inventory_sensor(inventory, i)->poi, poi) == 0)
			return true;
	return false;
}

void
show_check(const struct inventory *inventory, const char *path)
{
	size_t odd = 0;

	for (size_t i = 0; i < inventory_poi_count(inventory); i++)
		if (!has_sensor(inventory, inventory_poi(inventory, i)))
			fprintf(stderr,
				"%s: POI \"%s\" has no sensor: nothing there can be "
				"seen\n",
				path, inventory_poi(inventory, i));
	for (size_t i = 0; i < inventory_participant_count(inventory); i++) {
		const struct participant *participant =
			inventory_participant(inventory, i);
		if (inventory_next_line(inventory, participant, NULL) != NULL ||
		    ++odd > ODD_MAX)
			continue;
		fprintf(stderr,
			"%s: participant \"%s\" has no line: it can never be "
			"observed\n",
			path, participant->id);
	}
	if (odd > ODD_MAX)
		fprintf(stderr, "%s: %zu more participants have no line\n", path,
			odd - ODD_MAX);
	printf("%s: good: %zu regions, %zu POIs, %zu participants, %zu services, %zu "
	       "lines, %zu "
	       "sensors\nsha256 %s\n",
	       path, inventory_region_count(inventory), inventory_poi_count(inventory),
	       inventory_participant_count(inventory),
	       inventory_service_count(inventory), inventory_line_count(inventory),
	       inventory_sensor_count(inventory), inventory_sha256(inventory));
}

int
show_all(const struct inventory *inventory)
{
	printf("%-24s %-18s %-16s %s\n", "id", "kind", "partition", "title");
	for (size_t i = 0; i < inventory_participant_count(inventory); i++) {
		const struct participant *p = inventory_participant(inventory, i);
		printf("%-24s %-18s %-16s %s / %s\n", p->id, p->kind, p->partition,
		       p->title.ja, p->title.en);
	}
	return EXIT_CODE_OK;
}

static void
print_member(const char *name, const char *text)
{
	if (text[0] != '\0')
		printf("%-12s %s\n", name, text);
}

static void
print_valid(struct instant from, struct instant to)
{
	char begin[CALENDAR_TEXT_SIZE] = "", end[CALENDAR_TEXT_SIZE] = "";

	if (from.usec == INT64_MIN && to.usec == INT64_MAX)
		return;
	if (from.usec != INT64_MIN)
		calendar_to_text(from, ZONE_TOKYO, begin);
	if (to.usec != INT64_MAX)
		calendar_to_text(to, ZONE_TOKYO, end);
	printf("%-12s %s .. %s (Asia/Tokyo)\n", "valid", begin, end);
}

static void
print_prefixes(const struct prefix *prefix, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[ADDRESS_TEXT_SIZE + 4];
		prefix_to_text(&prefix[i], text, sizeof(text));
		print_member("prefix", text);
	}
}

static void
print_line(const struct line *line)
{
	printf("%-12s %s (%s) at %s", "line", line->id, line->kind, line->poi);
	for (size_t i = 0; i < line->also_at_count; i++)
		printf(", also %s", line->also_at[i]);
	for (size_t i = 0; i < line->vlan_count; i++)
		printf("%s%llu", i ? "/" : ", VLAN ",
		       (unsigned long long)line->vlan[i]);
	printf("\n");
	print_valid(line->valid_from, line->valid_to);
	print_prefixes(line->prefix, line->prefix_count);
}

static void
print_participant(const struct inventory *inventory, const struct participant *p)
{
	const struct line *line = NULL;

	printf("%-12s %s (%s) in %s\n", "participant", p->id, p->kind, p->partition);
	printf("%-12s %s / %s\n", "title", p->title.ja, p->title.en);
	print_member("kana", p->kana);
	print_member("code", p->code);
	print_member("contact", p->contact);
	print_valid(p->valid_from, p->valid_to);
	while ((line = inventory_next_line(inventory, p, line)) != NULL)
		print_line(line);
	for (size_t i = 0; i < inventory_service_count(inventory); i++) {
		const struct service *service = inventory_service(inventory, i);
		if (service->participant == p)
			printf("%-12s %s (%s)\n", "service", service->id,
			       service->kind);
	}
}

static void
print_service(const struct service *service)
{
	printf("%-12s %s (%s) at %s\n", "service", service->id, service->kind,
	       service->participant->id);
	printf("%-12s %s / %s\n", "title", service->title.ja, service->title.en);
	print_prefixes(service->prefix, service->prefix_count);
	for (size_t i = 0; i < service->port_count; i++) {
		char text[32];
		port_range_to_text(&service->port[i], text, sizeof(text));
		print_member("port", text);
	}
}

static const struct line *
find_line(const struct inventory *inventory, const char *id)
{
	for (size_t i = 0; i < inventory_line_count(inventory); i++)
		if (strcmp(inventory_line(inventory, i)->id, id) == 0)
			return inventory_line(inventory, i);
	return NULL;
}

int
show_id(const struct inventory *inventory, const char *id)
{
	const struct participant *participant =
		inventory_find_participant(inventory, id);
	const struct service *service = inventory_find_service(inventory, id);
	const struct line *line = find_line(inventory, id);

	if (participant != NULL)
		print_participant(inventory, participant);
	if (service != NULL)
		print_service(service);
	if (line != NULL) {
		print_member("participant", line->participant->id);
		print_line(line);
	}
	if (participant != NULL || service != NULL || line != NULL)
		return EXIT_CODE_OK;
	fprintf(stderr,
		"sekisho inventory show: no participant, service or line \"%s\"\n", id);
	return EXIT_CODE_NO;
}

/* The question in the form inventory_resolve takes. */
struct asked {
	struct address address;
	const char *poi;
	uint64_t vlan[VLAN_ROOM];
	struct port_range port;
	struct instant at;
};

static bool
time_from_text(const char *text, struct instant *at)
{
	struct date date;

	if (date_from_text(text, &date)) {
		*at = calendar_begin(date, ZONE_TOKYO);
		return true;
	}
	return instant_from_text(text, strlen(text), at);
}

static int
read_question(const char *text, const struct question *question, struct asked *asked,
	      struct error *err)
{
	const char *sign = strchr(text, '@');
	struct text address = { text, (uint32_t)(sign - text) };

	*asked = (struct asked){ .poi = sign + 1,
				 .at = { (int64_t)time(NULL) * INSTANT_SECOND } };
	if (!address_from_text(address, &asked->address))
		return error_set(
			err,
			"\"%.*s\" is no address; expected such as 10.11.1.20@poi-east",
			(int)address.size, text);
	if (question->at != NULL && !time_from_text(question->at, &asked->at))
		return error_set(
			err,
			"--at: \"%s\" is no day or time; expected 2026-11-03 or "
			"2026-11-03T09:00:00+09:00",
			question->at);
	if (question->port != NULL &&
	    !port_range_from_text(question->port, &asked->port))
		return error_set(err,
				 "--port: \"%s\" is no port; expected such as tcp/443",
				 question->port);
	if (question->vlan.count > VLAN_ROOM)
		return error_set(err, "--vlan: more than %d tags", VLAN_ROOM);
	for (size_t i = 0; i < question->vlan.count; i++) {
		char *end;
		asked->vlan[i] = strtoull(question->vlan.word[i], &end, 10);
		if (*end != '\0' || asked->vlan[i] < 1 || asked->vlan[i] > 4094)
			return error_set(
				err, "--vlan: \"%s\" is no VLAN; expected 1 to 4094",
				question->vlan.word[i]);
	}
	return 0;
}

static bool
is_poi(const struct inventory *inventory, const char *name)
{
	for (size_t i = 0; i < inventory_poi_count(inventory); i++)
		if (strcmp(inventory_poi(inventory, i), name) == 0)
			return true;
	return false;
}

int
show_address(const struct inventory *inventory, const char *text,
	     const struct question *question)
{
	struct asked asked;
	struct error err;

	if (read_question(text, question, &asked, &err) == -1) {
		fprintf(stderr, "sekisho inventory show: %s\n", err.text);
		return EXIT_CODE_USAGE;
	}
	if (!is_poi(inventory, asked.poi)) {
		fprintf(stderr,
			"sekisho inventory show: no POI \"%s\" in the inventory\n",
			asked.poi);
		return EXIT_CODE_NO;
	}
	struct party party = inventory_resolve(
		inventory, asked.poi, asked.vlan, question->vlan.count, &asked.address,
		asked.port.protocol, asked.port.low, asked.at);
	if (party.participant == NULL) {
		fprintf(stderr, "sekisho inventory show: %s is nobody's\n", text);
		return EXIT_CODE_NO;
	}
	printf("%-12s %s (%s) in %s\n", "participant", party.participant->id,
	       party.participant->kind, party.participant->partition);
	printf("%-12s %s / %s\n", "title", party.participant->title.ja,
	       party.participant->title.en);
	print_line(party.line);
	if (party.service != NULL)
		print_service(party.service);
	return EXIT_CODE_OK;
}
