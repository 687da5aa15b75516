/* SPDX-License-Identifier: Apache-2.0 */
/* dicom_associate: a request for an association, or its acceptance (PS3.8
 * sections 9.3.2, 9.3.3). */
#include "sensor/dissect/dicom_state.h"

enum item {
	APPLICATION = 0x10,
	CONTEXT_ASKED = 0x20,
	CONTEXT_ANSWERED = 0x21,
	ABSTRACT = 0x30,
	TRANSFER = 0x40,
	USER = 0x50,
	MAX_LENGTH = 0x51,
	CLASS_UID = 0x52,
	VERSION_NAME = 0x55,
	IDENTITY = 0x58
};

/* The next item; false at the end, or where it would cross it: then 'list' is short. */
static bool
next_item(struct bytes *list, uint8_t *type, struct bytes *value)
{
	if (list->left == 0)
		return false;
	*type = bytes_u8(list);
	bytes_u8(list);
	uint16_t size = bytes_u16(list);
	*value = bytes_window(list, size);
	return bytes_ok(list);
}

bool
dicom_transfer_syntax(struct bytes *items, struct bytes *uid)
{
	uint8_t type;

	while (next_item(items, &type, uid))
		if (type == TRANSFER)
			return true;
	return false;
}

static bool
read_context(struct bytes value, struct dicom_associate *associate)
{
	struct dicom_context context = { .id = bytes_u8(&value) };
	struct bytes item;
	uint8_t type;

	bytes_u8(&value);
	context.result = bytes_u8(&value);
	bytes_u8(&value);
	context.items = value;
	while (next_item(&value, &type, &item))
		if (type == ABSTRACT)
			context.abstract = item;
	if (!bytes_ok(&value) || context.id % 2 == 0)
		return false;
	if (associate->count < DICOM_CONTEXTS_MAX)
		associate->context[associate->count++] = context;
	else
		associate->is_cut = true;
	return true;
}

static bool
read_user(struct bytes list, struct dicom_associate *associate)
{
	struct bytes item;
	uint8_t type;

	while (next_item(&list, &type, &item)) {
		switch (type) {
		case MAX_LENGTH:
			associate->max_length = bytes_u32(&item);
			associate->has_max_length = bytes_ok(&item);
			break;
		case CLASS_UID:
			associate->uid = item;
			break;
		case VERSION_NAME:
			associate->version = item;
			break;
		case IDENTITY: /* its type only: what follows is a name or a password */
			associate->identity = bytes_u8(&item);
			break;
		default:
			break;
		}
		if (!bytes_ok(&item))
			return false;
	}
	return bytes_ok(&list);
}

static bool
read_item(uint8_t type, struct bytes value, struct dicom_associate *associate)
{
	switch (type) {
	case APPLICATION:
		associate->application = value;
		return true;
	case CONTEXT_ASKED:
	case CONTEXT_ANSWERED:
		return read_context(value, associate);
	case USER:
		return read_user(value, associate);
	default:
		return true;
	}
}

const char *
dicom_associate_read(struct bytes body, bool is_cut, struct dicom_associate *associate)
{
	enum { RESERVED = 32 };
	struct bytes value;
	uint8_t type;

	associate->application = associate->uid = associate->version =
		(struct bytes){ 0 };
	associate->count = associate->max_length = associate->identity = 0;
	associate->has_max_length = associate->is_cut = false;
	uint16_t version = bytes_u16(&body);
	bytes_u16(&body);
	associate->called = bytes_take(&body, DICOM_AE_SIZE);
	associate->calling = bytes_take(&body, DICOM_AE_SIZE);
	bytes_take(&body, RESERVED);
	if (!bytes_ok(&body))
		return "dicom.associate_too_short";
	if ((version & 1) == 0)
		return "dicom.protocol_version";
	while (next_item(&body, &type, &value))
		if (!read_item(type, value, associate))
			return "dicom.associate_item";
	return bytes_ok(&body) || is_cut ? NULL : "dicom.associate_item";
}
