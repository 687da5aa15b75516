/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stix: a bundle of STIX 2.1 a file: what was seen, between whom, and a note.
 *
 * Ids are made of the alert's id and the transition's number, those of addresses
 * as STIX says (2.9), so a bundle told twice is the same bundle.  All is marked
 * TLP:AMBER.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "common/digest.h"
#include "correlator/notify/output.h"

#define AMBER "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"

enum { ID_SIZE = 96 };

/* 00abedb4-aa42-466c-9c01-fed23315a9b7, STIX 2.1 section 2.9. */
static const uint8_t name_space[16] = {
	0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
	0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7
};

/* "TYPE--UUID" with the version 5 UUID (RFC 9562) of 'name'. */
static void
make_id(const char *type, const char *name, char id[ID_SIZE])
{
	uint8_t whole[1024], hash[DIGEST_SIZE];
	size_t size = strlen(name);
	char hex[33];

	size = size < sizeof(whole) - 16 ? size : sizeof(whole) - 16;
	memcpy(whole, name_space, 16);
	memcpy(whole + 16, name, size);
	digest_as(DIGEST_SHA1, whole, 16 + size, hash);
	hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x50);
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	digest_to_hex(hash, 16, hex);
	snprintf(id, ID_SIZE, "%s--%.8s-%.4s-%.4s-%.4s-%.12s", type, hex, hex + 8,
		 hex + 12, hex + 16, hex + 20);
}

/* Adds the address; "" if there is none. */
static void
add_address(json_t *objects, const char *address, char id[ID_SIZE])
{
	const char *type = strchr(address, ':') != NULL ? "ipv6-addr" : "ipv4-addr";
	char name[128];

	id[0] = '\0';
	if (address[0] == '\0')
		return;
	snprintf(name, sizeof(name), "{\"value\":\"%.64s\"}", address);
	make_id(type, name, id);
	json_array_append_new(objects, json_pack("{s:s, s:s, s:s, s:s}", "type", type,
						 "spec_version", "2.1", "id", id,
						 "value", address));
}

/* The conversation, if anybody spoke; '*ref' is what the note is about. */
static void
add_seen(json_t *objects, const struct notice *notice, const char *identity,
	 const char *created, char ref[ID_SIZE])
{
	const struct notice_row *row = &notice->row;
	char client[ID_SIZE], server[ID_SIZE], traffic[ID_SIZE], first[32], last[32];

	add_address(objects, row->client.ip, client);
	add_address(objects, row->server.ip, server);
	if (client[0] == '\0' || server[0] == '\0')
		return;
	make_id("network-traffic", notice->key, traffic);
	json_t *json =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s]}", "type", "network-traffic",
			  "spec_version", "2.1", "id", traffic, "src_ref", client,
			  "dst_ref", server, "protocols",
			  strchr(row->client.ip, ':') != NULL ? "ipv6" : "ipv4");
	if (row->server_port != 0)
		json_object_set_new(json, "dst_port", json_integer(row->server_port));
	json_array_append_new(objects, json);
	make_id("observed-data", notice->key, ref);
	notice_time(row->first, first);
	notice_time(row->last < row->first ? row->first : row->last, last);
	json_array_append_new(
		objects,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:[s,s,s], "
			  "s:[s]}",
			  "type", "observed-data", "spec_version", "2.1", "id", ref,
			  "created_by_ref", identity, "created", created, "modified",
			  created, "first_observed", first, "last_observed", last,
			  "number_observed",
			  (json_int_t)(row->count < 999999999 ? row->count : 999999999),
			  "object_refs", client, server, traffic, "object_marking_refs",
			  AMBER));
}

static json_t *
bundle_of(const struct notify_settings *settings, const struct notice *notice)
{
	const struct notice_row *row = &notice->row;
	char identity[ID_SIZE], note[ID_SIZE], bundle[ID_SIZE], ref[ID_SIZE],
		created[32];
	char sentence[NOTICE_SENTENCE_SIZE];
	bool is_ja = settings->language == 0;
	json_t *objects = json_array();

	make_id("identity", "sekisho", identity);
	make_id("note", notice->key, note);
	make_id("bundle", notice->key, bundle);
	notice_time(row->time, created);
	notice_sentence(notice, is_ja, sentence);
	snprintf(ref, sizeof(ref), "%s", identity);
	json_array_append_new(objects,
			      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "type",
					"identity", "spec_version", "2.1", "id",
					identity, "created", "2026-01-01T00:00:00.000Z",
					"modified", "2026-01-01T00:00:00.000Z", "name",
					"Sekisho", "identity_class", "system"));
	add_seen(objects, notice, identity, created, ref);
	json_array_append_new(
		objects,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[s], s:[s], "
			  "s:[{s:s, s:s}]}",
			  "type", "note", "spec_version", "2.1", "id", note,
			  "created_by_ref", identity, "created", created, "modified",
			  created, "abstract", is_ja ? row->title_ja : row->title_en,
			  "content", sentence, "object_refs", ref,
			  "object_marking_refs", AMBER, "external_references",
			  "source_name", "sekisho", "external_id", notice->key));
	return json_pack("{s:s, s:s, s:o}", "type", "bundle", "id", bundle, "objects",
			 objects);
}

static int
write_bundle(const char *directory, const struct notice *notice, json_t *bundle,
	     struct error *err)
{
	char path[1200], fresh[1200];

	snprintf(path, sizeof(path), "%.1000s/%s.json", directory, notice->key);
	snprintf(fresh, sizeof(fresh), "%.1000s/.%s.new", directory, notice->key);
	if (bundle == NULL || json_dump_file(bundle, fresh, JSON_INDENT(1)) == -1 ||
	    rename(fresh, path) == -1)
		return error_errno(err, "cannot write %s", path);
	return 0;
}

int
stix_send(const struct notify_settings *settings, const struct notice *notice,
	  size_t count, struct delivery *delivery, struct error *err)
{
	if (mkdir(settings->stix, 0750) == -1 && errno != EEXIST)
		return error_errno(err, "cannot make %s", settings->stix);
	for (size_t i = 0; i < count; i++) {
		json_t *bundle = bundle_of(settings, &notice[i]);
		int result = write_bundle(settings->stix, &notice[i], bundle, err);
		json_decref(bundle);
		if (result == -1)
			return -1;
		delivery->done = i + 1;
	}
	return 0;
}
