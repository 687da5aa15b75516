/* SPDX-License-Identifier: Apache-2.0 */
/* dicom_command: command sets counted: what was asked, how it was answered (PS3.7
 * annexes C and E). */
#include <string.h>

#include "sensor/dissect/dicom_state.h"

enum { RESPONSE = 0x8000 };

static const struct {
	uint16_t field;
	enum dicom_service service;
} services[] = {
	{ 0x0001, DICOM_STORE }, { 0x0010, DICOM_GET },  { 0x0020, DICOM_FIND },
	{ 0x0021, DICOM_MOVE },  { 0x0030, DICOM_ECHO }, { 0x0100, DICOM_N },
	{ 0x0110, DICOM_N },     { 0x0120, DICOM_N },    { 0x0130, DICOM_N },
	{ 0x0140, DICOM_N },     { 0x0150, DICOM_N },    { 0x0fff, DICOM_CANCEL },
};

/* Elements of group 0000 that are read; no instance UID is among them. */
enum element {
	AFFECTED_CLASS = 0x0002,
	REQUESTED_CLASS = 0x0003,
	COMMAND_FIELD = 0x0100,
	MESSAGE_ID = 0x0110,
	ANSWERED_ID = 0x0120,
	DESTINATION = 0x0600,
	STATUS = 0x0900
};

struct command {
	uint16_t field, id, answered_id, status;
	bool has_field, has_id, has_answered_id, has_status;
	struct bytes sop, destination;
};

/* A command set is always little-endian (PS3.7 section 6.3.1). */
static uint16_t
little_u16(struct bytes *b)
{
	uint16_t low = bytes_u8(b);

	return (uint16_t)(low | bytes_u8(b) << 8);
}

static uint32_t
little_u32(struct bytes *b)
{
	uint32_t low = little_u16(b);

	return low | (uint32_t)little_u16(b) << 16;
}

static bool
take_number(struct bytes value, uint16_t *number, bool *has_number)
{
	*number = little_u16(&value);
	*has_number = bytes_ok(&value);
	return *has_number && value.left == 0;
}

static bool
take_element(struct command *command, uint16_t element, struct bytes value)
{
	switch (element) {
	case AFFECTED_CLASS:
	case REQUESTED_CLASS:
		command->sop = value;
		return true;
	case COMMAND_FIELD:
		return take_number(value, &command->field, &command->has_field);
	case MESSAGE_ID:
		return take_number(value, &command->id, &command->has_id);
	case ANSWERED_ID:
		return take_number(value, &command->answered_id,
				   &command->has_answered_id);
	case DESTINATION:
		command->destination = value;
		return true;
	case STATUS:
		return take_number(value, &command->status, &command->has_status);
	default:
		return true;
	}
}

static bool
read_command(struct bytes set, struct command *command)
{
	int32_t last = -1;

	while (set.left > 0) {
		uint16_t group = little_u16(&set);
		uint16_t element = little_u16(&set);
		struct bytes value = bytes_window(&set, little_u32(&set));
		if (!bytes_ok(&set) || group != 0 || element <= last ||
		    !take_element(command, element, value))
			return false;
		last = element;
	}
	return command->has_field;
}

/* Appends text that is not there yet, without the padding behind it; false if there is
 * no room. */
static bool
note(struct dicom_text *texts, uint32_t *count, uint32_t most, struct bytes text)
{
	while (text.left > 0 &&
	       (text.at[text.left - 1] == '\0' || text.at[text.left - 1] == ' '))
		text.left--;
	if (text.left == 0)
		return true;
	if (text.left > DICOM_UID_SIZE)
		return false;
	for (uint32_t i = 0; i < *count; i++)
		if (texts[i].size == text.left &&
		    memcmp(texts[i].at, text.at, text.left) == 0)
			return true;
	if (*count == most)
		return false;
	texts[*count].size = (uint8_t)text.left;
	memcpy(texts[(*count)++].at, text.at, text.left);
	return true;
}

static void
cut_list(struct dicom *dicom)
{
	if (!dicom->is_list_cut)
		dicom->lane->counters.cut++;
	dicom->is_list_cut = true;
}

static void
wait_for(struct dicom_call *call, uint16_t id)
{
	struct dicom *dicom = call->dicom;
	struct dicom_side *side = &dicom->side[call->side];

	if (side->waiting_count == DICOM_WAITING_MAX) {
		dicom->is_waiting_cut = true;
		dicom->lane->counters.dropped++;
		side->waiting_count--;
		memmove(side->waiting, side->waiting + 1,
			side->waiting_count * sizeof(*side->waiting));
	}
	side->waiting[side->waiting_count++] = id;
}

static void
answered(struct dicom_side *asked, uint16_t id)
{
	uint32_t i = 0;

	while (i < asked->waiting_count && asked->waiting[i] != id)
		i++;
	if (i == asked->waiting_count)
		return;
	asked->waiting_count--;
	memmove(asked->waiting + i, asked->waiting + i + 1,
		(asked->waiting_count - i) * sizeof(*asked->waiting));
}

/* PS3.7 annex C. */
static enum dicom_class
class_of(uint16_t status)
{
	if (status == 0)
		return DICOM_SUCCESS;
	if (status == 0xff00 || status == 0xff01)
		return DICOM_PENDING;
	if (status == 0xfe00)
		return DICOM_CANCELLED;
	if (status == 0x0001 || status == 0x0107 || status == 0x0116 ||
	    status >> 12 == 0xb)
		return DICOM_WARNING;
	return DICOM_FAILURE;
}

static void
note_failure(struct dicom *dicom, uint16_t status)
{
	for (uint32_t i = 0; i < dicom->failure_count; i++)
		if (dicom->failures[i] == status)
			return;
	if (dicom->failure_count == DICOM_FAILURES_MAX)
		cut_list(dicom);
	else
		dicom->failures[dicom->failure_count++] = status;
}

static void
count_response(struct dicom_call *call, const struct command *command)
{
	struct dicom *dicom = call->dicom;
	enum dicom_class class = class_of(command->status);

	if (dicom->client == -1)
		dicom_client_is(call, !call->side);
	dicom->responses[class]++;
	if (class == DICOM_FAILURE || class == DICOM_WARNING)
		note_failure(dicom, command->status);
	if (class != DICOM_PENDING && command->has_answered_id)
		answered(&dicom->side[!call->side], command->answered_id);
}

static void
count_request(struct dicom_call *call, const struct command *command,
	      enum dicom_service service)
{
	struct dicom *dicom = call->dicom;

	if (dicom->client == -1)
		dicom_client_is(call, call->side);
	dicom->requests[service]++;
	if (service != DICOM_CANCEL && command->has_id)
		wait_for(call, command->id);
	if (!note(dicom->sops, &dicom->sop_count, DICOM_SOPS_MAX, command->sop) ||
	    !note(dicom->destinations, &dicom->destination_count,
		  DICOM_DESTINATIONS_MAX, command->destination))
		cut_list(dicom);
}

const char *
dicom_command(struct dicom_call *call, struct bytes set)
{
	struct command command = { 0 };

	if (!read_command(set, &command))
		return "dicom.command_set";
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (command.field == services[i].field) {
			count_request(call, &command, services[i].service);
			return NULL;
		}
		if (command.field == (services[i].field | RESPONSE) &&
		    services[i].service != DICOM_CANCEL) {
			if (!command.has_status)
				return "dicom.command_set";
			count_response(call, &command);
			return NULL;
		}
	}
	return "dicom.command_field";
}
