/* SPDX-License-Identifier: Apache-2.0 */
/* ldap_message: a message of LDAP by a bounded reader (RFC 4511 section 4). */
#include <string.h>

#include "sensor/dissect/der.h"
#include "sensor/dissect/ldap_state.h"

enum operation {
	BIND = 0x60,
	BIND_DONE = 0x61,
	UNBIND = 0x42,
	SEARCH = 0x63,
	ENTRY = 0x64,
	SEARCH_DONE = 0x65,
	MODIFY = 0x66,
	MODIFY_DONE = 0x67,
	ADD = 0x68,
	ADD_DONE = 0x69,
	DELETE = 0x4a,
	DELETE_DONE = 0x6b,
	RENAME = 0x6c,
	RENAME_DONE = 0x6d,
	COMPARE = 0x6e,
	COMPARE_DONE = 0x6f,
	ABANDON = 0x50,
	EXTENDED = 0x77,
	EXTENDED_DONE = 0x78
};

enum { ENUMERATED = 0x0a, SIMPLE = 0x80, SASL = 0xa3, REQUEST_NAME = 0x80 };

static uint32_t
number(struct bytes digits)
{
	uint32_t value = 0;

	while (digits.left > 0)
		value = value << 8 | bytes_u8(&digits);
	return value;
}

/* Passes a tag and a length, whether what they announce is whole or not. */
static void
pass_head(struct bytes *from)
{
	bytes_take(from, 1);
	uint8_t length = bytes_u8(from);
	if (length > 0x80)
		bytes_take(from, length & 0x7f);
}

static uint8_t
keep(uint8_t *to, size_t room, struct bytes from)
{
	size_t size = from.left < room ? from.left : room;

	if (size > 0)
		memcpy(to, from.at, size);
	return (uint8_t)size;
}

static void
take_bind(struct ldap *ldap, uint32_t id, struct bytes body, struct instant at,
	  const struct dissect_out *out)
{
	uint8_t tag;

	if (ldap->waits != LDAP_FOR_NOTHING)
		ldap_report_request(ldap, false, 0, at, out);
	ldap->waits = LDAP_FOR_BIND;
	ldap->id = id;
	ldap->binds++;
	ldap->version = number(der_take(&body, DER_INTEGER));
	ldap->name_size =
		keep(ldap->name, LDAP_NAME_MAX, der_take(&body, DER_OCTET_STRING));
	tag = der_peek(&body);
	ldap->is_simple = tag == SIMPLE;
	pass_head(&body);
	ldap->has_password = ldap->is_simple && body.left > 0;
	ldap->mechanism_size = 0;
	if (tag == SASL)
		ldap->mechanism_size = keep(ldap->mechanism, LDAP_MECHANISM_MAX,
					    der_take(&body, DER_OCTET_STRING));
}

/* Of a search only how wide it is, and whether it begins at the root. */
static void
take_search(struct ldap *ldap, struct bytes body)
{
	enum { BASE_ONLY, ONE_LEVEL, SUBTREE };
	struct bytes base = der_take(&body, DER_OCTET_STRING);
	uint32_t scope = number(der_take(&body, ENUMERATED));

	ldap->searches++;
	ldap->subtree += bytes_ok(&body) && scope >= SUBTREE;
	ldap->root += bytes_ok(&base) && base.left == 0;
}

static void
take_extended(struct ldap *ldap, uint32_t id, struct bytes body, struct instant at,
	      const struct dissect_out *out)
{
	static const char start_tls[] = "1.3.6.1.4.1.1466.20037";
	struct bytes name = der_take(&body, REQUEST_NAME);

	if (!der_is(&name, start_tls, strlen(start_tls)))
		return;
	if (ldap->waits != LDAP_FOR_NOTHING)
		ldap_report_request(ldap, false, 0, at, out);
	ldap->waits = LDAP_FOR_START_TLS;
	ldap->id = id;
}

/* SASL in progress and a compare's true and false are no errors. */
static bool
is_error(uint32_t code)
{
	enum {
		COMPARE_FALSE = 5,
		COMPARE_TRUE,
		REFERRAL = 10,
		SASL_BIND_IN_PROGRESS = 14
	};

	return code != 0 && code != COMPARE_FALSE && code != COMPARE_TRUE &&
	       code != REFERRAL && code != SASL_BIND_IN_PROGRESS;
}

static void
take_result(struct ldap *ldap, uint8_t operation, uint32_t id, struct bytes body,
	    struct instant at, const struct dissect_out *out)
{
	struct bytes digits = der_take(&body, ENUMERATED);
	uint32_t code = number(digits);
	bool is_ours =
		(operation == BIND_DONE && ldap->waits == LDAP_FOR_BIND) ||
		(operation == EXTENDED_DONE && ldap->waits == LDAP_FOR_START_TLS);

	if (!bytes_ok(&digits))
		return;
	ldap->refused += is_error(code);
	if (!is_ours || id != ldap->id)
		return;
	ldap->is_sasl_bound |= operation == BIND_DONE && code == 0 && !ldap->is_simple;
	ldap_report_request(ldap, true, code, at, out);
}

static bool
is_request(uint8_t operation)
{
	static const uint8_t requests[] = {
		BIND,   UNBIND, SEARCH,  MODIFY,  ADD,
		DELETE, RENAME, COMPARE, ABANDON, EXTENDED
	};

	return memchr(requests, operation, sizeof(requests)) != NULL;
}

static void
take_request(struct ldap *ldap, uint8_t operation, uint32_t id, struct bytes body,
	     struct instant at, const struct dissect_out *out)
{
	switch (operation) {
	case BIND:
		take_bind(ldap, id, body, at, out);
		return;
	case SEARCH:
		take_search(ldap, body);
		return;
	case EXTENDED:
		take_extended(ldap, id, body, at, out);
		return;
	case MODIFY:
	case RENAME:
		ldap->modifies++;
		return;
	case ADD:
		ldap->adds++;
		return;
	case DELETE:
		ldap->deletes++;
		return;
	case COMPARE:
		ldap->compares++;
		return;
	default:
		return;
	}
}

void
ldap_message(struct ldap *ldap, int side, struct bytes data, struct instant at,
	     const struct dissect_out *out)
{
	pass_head(&data);
	struct bytes digits = der_take(&data, DER_INTEGER);
	uint32_t id = number(digits);
	uint8_t operation = der_peek(&data);
	bool is_asked = is_request(operation);

	if (!bytes_ok(&data) || digits.left > 4 || (operation & 0xc0) != 0x40) {
		ldap->violation = "ldap.malformed_data";
		return;
	}
	ldap->messages++;
	pass_head(&data);
	if (ldap->client < 0 && bytes_ok(&data)) {
		ldap->client = is_asked ? side : !side;
		out->client_is(out->ctx, ldap->client);
	}
	if (is_asked)
		take_request(ldap, operation, id, data, at, out);
	else if (operation == ENTRY)
		ldap->entries++;
	else
		take_result(ldap, operation, id, data, at, out);
}
