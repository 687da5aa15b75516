/* SPDX-License-Identifier: Apache-2.0 */
/* tls_hello: ClientHello and ServerHello taken apart into windows. */
#include "sensor/dissect/tls_hello.h"

#include <string.h>

enum { RANDOM_SIZE = 32, SESSION_ID_MAX = 32 };

static const struct bytes not_sent = { .is_short = true };

/* The random of a HelloRetryRequest: SHA-256 of its name (RFC 8446 section 4.1.3). */
static const uint8_t retry_random[RANDOM_SIZE] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c
};

static struct bytes
take_list8(struct bytes *from)
{
	return bytes_window(from, bytes_u8(from));
}

static struct bytes
take_list16(struct bytes *from)
{
	return bytes_window(from, bytes_u16(from));
}

bool
tls_extension_take(struct bytes *extensions, uint16_t *type, struct bytes *body)
{
	if (extensions->left == 0)
		return false;
	*type = bytes_u16(extensions);
	*body = take_list16(extensions);
	return bytes_ok(extensions);
}

/* ServerNameList: the first name of type host_name (RFC 6066 section 3). */
static struct bytes
host_name(struct bytes body)
{
	struct bytes list = take_list16(&body);

	while (bytes_ok(&list) && list.left > 0) {
		uint8_t type = bytes_u8(&list);
		struct bytes name = take_list16(&list);
		if (type == 0)
			return name;
	}
	return not_sent;
}

static void
read_client_extension(struct tls_client_hello *hello, uint16_t type, struct bytes body)
{
	/* clang-format off */
	const struct {
		uint16_t type;
		struct bytes *window;
		struct bytes (*take)(struct bytes *);
	} lists[] = {
		{ TLS_EXT_GROUPS,        &hello->groups,     take_list16 },
		{ TLS_EXT_SIGNATURES,    &hello->signatures, take_list16 },
		{ TLS_EXT_VERSIONS,      &hello->versions,   take_list8 },
		{ TLS_EXT_POINT_FORMATS, &hello->formats,    take_list8 },
		{ TLS_EXT_ALPN,          &hello->alpn,       take_list16 },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i].type == type && !bytes_ok(lists[i].window))
			*lists[i].window = lists[i].take(&body);
	if (type == TLS_EXT_SERVER_NAME && !hello->has_server_name) {
		hello->has_server_name = true;
		hello->name = host_name(body);
	}
	if (type == TLS_EXT_ENCRYPTED_HELLO && body.left > 0 && body.at[0] == 0)
		hello->has_encrypted_hello = true;
}

static void
begin_client_hello(struct tls_client_hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	hello->name = hello->groups = hello->signatures = not_sent;
	hello->versions = hello->formats = hello->alpn = not_sent;
}

bool
tls_client_hello_read(struct bytes body, struct tls_client_hello *hello)
{
	uint16_t type;
	struct bytes extension;

	begin_client_hello(hello);
	hello->legacy_version = bytes_u16(&body);
	bytes_take(&body, RANDOM_SIZE);
	hello->session_id = take_list8(&body);
	hello->suites = take_list16(&body);
	take_list8(&body); /* compression methods */
	if (!bytes_ok(&body) || hello->session_id.left > SESSION_ID_MAX ||
	    hello->suites.left % 2 != 0 || hello->suites.left == 0)
		return false;

	if (body.left > 0)
		hello->extensions = take_list16(&body);
	if (!bytes_ok(&body) || body.left > 0)
		return false;
	struct bytes extensions = hello->extensions;
	while (tls_extension_take(&extensions, &type, &extension))
		read_client_extension(hello, type, extension);
	return bytes_ok(&extensions);
}

bool
tls_client_hello_read_v2(struct bytes body, struct tls_client_hello *hello)
{
	begin_client_hello(hello);
	hello->is_v2 = true;
	bytes_u8(&body); /* message type */
	hello->legacy_version = bytes_u16(&body);
	size_t suites_size = bytes_u16(&body);
	size_t session_id_size = bytes_u16(&body);
	size_t challenge_size = bytes_u16(&body);
	hello->suites = bytes_window(&body, suites_size);
	hello->session_id = bytes_window(&body, session_id_size);
	bytes_take(&body, challenge_size);
	return bytes_ok(&body) && body.left == 0 && suites_size % 3 == 0 &&
	       suites_size > 0 && session_id_size <= SESSION_ID_MAX;
}

bool
tls_suite_take(struct tls_client_hello *hello, uint16_t *suite)
{
	/* SSLv2's own suites have a first byte that is not 0 and no place in IANA's
	 * table. */
	while (hello->is_v2 && hello->suites.left > 0 && bytes_u8(&hello->suites) != 0)
		bytes_u16(&hello->suites);
	if (hello->suites.left < 2)
		return false;
	*suite = bytes_u16(&hello->suites);
	return true;
}

static void
read_server_extension(struct tls_server_hello *hello, uint16_t type, struct bytes body)
{
	if (type == TLS_EXT_VERSIONS && body.left == 2)
		hello->version = bytes_u16(&body);
	else if ((type == TLS_EXT_KEY_SHARE || type == TLS_EXT_KEY_SHARE_DRAFT) &&
		 body.left >= 2)
		hello->group = bytes_u16(&body);
	else if (type == TLS_EXT_PRE_SHARED_KEY)
		hello->has_psk = true;
	else if (type == TLS_EXT_ALPN)
		hello->alpn = take_list16(&body);
}

bool
tls_server_hello_read(struct bytes body, struct tls_server_hello *hello)
{
	uint16_t type;
	struct bytes extension;

	memset(hello, 0, sizeof(*hello));
	hello->alpn = not_sent;
	hello->legacy_version = hello->version = bytes_u16(&body);
	const uint8_t *random = bytes_take(&body, RANDOM_SIZE);
	/* Drafts before 22 have neither session id nor compression method. */
	bool is_early_draft = hello->version >> 8 == 0x7f;
	if (!is_early_draft)
		hello->session_id = take_list8(&body);
	hello->suite = bytes_u16(&body);
	if (!is_early_draft)
		bytes_u8(&body);
	if (body.left > 0)
		hello->extensions = take_list16(&body);
	if (!bytes_ok(&body) || body.left > 0 ||
	    hello->session_id.left > SESSION_ID_MAX)
		return false;

	hello->is_retry = memcmp(random, retry_random, RANDOM_SIZE) == 0;
	struct bytes extensions = hello->extensions;
	while (tls_extension_take(&extensions, &type, &extension))
		read_server_extension(hello, type, extension);
	return bytes_ok(&extensions);
}
