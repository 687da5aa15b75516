/* SPDX-License-Identifier: Apache-2.0 */
/* krb5_message: one message of Kerberos, by a bounded reader (RFC 4120 section 5.4). */
#include <string.h>

#include "sensor/dissect/der.h"
#include "sensor/dissect/krb5_state.h"

enum {
	APPLICATION = 0x60,
	CONTEXT = 0xa0,
	TICKET = 0x61,
	GENERAL_STRING = 0x1b,
	VERSION = 5,
	PA_ENC_TIMESTAMP = 2,
	PA_PK_AS_REQ = 16,
	PA_ENCRYPTED_CHALLENGE = 138
};

/* Field 'number' of a sequence's contents; empty if it is not there. */
static struct bytes
field(struct bytes sequence, unsigned number)
{
	while (sequence.left > 0 && bytes_ok(&sequence)) {
		uint8_t tag;
		struct bytes found = der_any(&sequence, &tag);
		if (tag == CONTEXT + number)
			return found;
	}
	return bytes_over(NULL, 0);
}

static int64_t
integer(struct bytes from)
{
	struct bytes digits = der_take(&from, DER_INTEGER);
	int64_t value = digits.left > 0 && digits.at[0] & 0x80 ? -1 : 0;

	if (digits.left > 8)
		return 0;
	while (digits.left > 0)
		value = (int64_t)((uint64_t)value << 8 | bytes_u8(&digits));
	return value;
}

static void
add_part(struct krb5_name *name, struct bytes part)
{
	if (name->parts++ > 0 && name->size < KRB5_NAME_MAX)
		name->at[name->size++] = '/';
	size_t room = (size_t)KRB5_NAME_MAX - name->size;
	size_t size = part.left < room ? part.left : room;
	if (size > 0)
		memcpy(name->at + name->size, part.at, size);
	name->size = (uint8_t)(name->size + size);
}

static void
take_realm(struct krb5_name *name, struct bytes from)
{
	struct bytes text = der_optional(&from, GENERAL_STRING);

	if (text.left > 0)
		add_part(name, text);
}

static void
take_name(struct krb5_name *name, struct bytes from)
{
	struct bytes sequence = der_optional(&from, DER_SEQUENCE);
	struct bytes names = field(sequence, 1);
	struct bytes parts = der_optional(&names, DER_SEQUENCE);

	while (parts.left > 0 && bytes_ok(&parts) && name->size < KRB5_NAME_MAX) {
		struct bytes part = der_take(&parts, GENERAL_STRING);
		if (bytes_ok(&part))
			add_part(name, part);
	}
}

static bool
etype_of(struct bytes encrypted, int32_t *etype)
{
	struct bytes sequence = der_optional(&encrypted, DER_SEQUENCE);
	struct bytes type = field(sequence, 0);

	*etype = (int32_t)integer(type);
	return type.left > 0;
}

static void
take_preauthentication(struct krb5_message *message, struct bytes from)
{
	struct bytes list = der_optional(&from, DER_SEQUENCE);

	while (list.left > 0 && bytes_ok(&list)) {
		struct bytes one = der_take(&list, DER_SEQUENCE);
		int64_t type = integer(field(one, 1));
		message->is_preauthenticated |= type == PA_ENC_TIMESTAMP ||
						type == PA_PK_AS_REQ ||
						type == PA_ENCRYPTED_CHALLENGE;
	}
}

static void
take_etypes(struct krb5_message *message, struct bytes from)
{
	struct bytes list = der_optional(&from, DER_SEQUENCE);

	while (list.left > 0 && bytes_ok(&list) &&
	       message->etype_count < KRB5_ETYPES_MAX) {
		message->etype[message->etype_count++] = (int32_t)integer(list);
		der_take(&list, DER_INTEGER);
	}
}

static void
take_request(struct krb5_message *message, struct bytes sequence)
{
	struct bytes fourth = field(sequence, 4);
	struct bytes body = der_optional(&fourth, DER_SEQUENCE);

	take_preauthentication(message, field(sequence, 3));
	take_name(&message->client, field(body, 1));
	take_realm(&message->realm, field(body, 2));
	take_name(&message->service, field(body, 3));
	message->nonce = (uint64_t)integer(field(body, 7));
	take_etypes(message, field(body, 8));
}

static void
take_reply(struct krb5_message *message, struct bytes sequence)
{
	struct bytes fifth = field(sequence, 5);
	struct bytes outer = der_optional(&fifth, TICKET);
	struct bytes ticket = der_optional(&outer, DER_SEQUENCE);

	take_realm(&message->realm, field(sequence, 3));
	take_name(&message->client, field(sequence, 4));
	take_name(&message->service, field(ticket, 2));
	message->has_ticket = etype_of(field(ticket, 3), &message->ticket);
	message->has_encryption = etype_of(field(sequence, 6), &message->encryption);
}

static void
take_error(struct krb5_message *message, struct bytes sequence)
{
	message->error = (uint32_t)integer(field(sequence, 6));
	take_name(&message->client, field(sequence, 8));
	take_realm(&message->realm, field(sequence, 9));
	take_name(&message->service, field(sequence, 10));
}

bool
krb5_message(struct bytes data, struct krb5_message *message)
{
	uint8_t tag;
	struct bytes outer = der_any(&data, &tag);
	struct bytes sequence = der_take(&outer, DER_SEQUENCE);
	uint8_t type = (uint8_t)(tag - APPLICATION);
	bool is_request = type == KRB5_AS_REQ || type == KRB5_TGS_REQ;

	*message = (struct krb5_message){ 0 };
	if (!bytes_ok(&sequence) || data.left > 0 || tag < APPLICATION)
		return false;
	if (integer(field(sequence, is_request ? 1 : 0)) != VERSION ||
	    integer(field(sequence, is_request ? 2 : 1)) != type)
		return false;
	message->type = type;
	if (is_request)
		take_request(message, sequence);
	else if (type == KRB5_AS_REP || type == KRB5_TGS_REP)
		take_reply(message, sequence);
	else if (type == KRB5_ERROR_MESSAGE)
		take_error(message, sequence);
	else
		return false;
	return true;
}
