/* SPDX-License-Identifier: Apache-2.0 */
/* http_head: what is kept of a head's fields; of all others, and of credentials,
 * nothing. */
#include <string.h>

#include "sensor/dissect/http_state.h"

enum { TEXT_MAX = 1024, TARGET_MAX = 2048 };

enum what {
	KEEP,   /* the value, up to TEXT_MAX */
	SCHEME, /* the first word alone, if it is a scheme we know */
	LENGTH, /* Content-Length */
	CODING, /* Transfer-Encoding */
	COOKIE, /* that there is one */
	HOST,   /* one alone */
	METHOD, /* of HTTP/2, as the next two */
	STATUS,
	TARGET
};

/* clang-format off */
static const struct {
	const char *name;
	enum what what;
	enum http_text text;
	bool is_of_request, is_of_response;
} fields[] = {
	{ "host",                HOST,   HTTP_TEXT_HOST,       true,  false },
	{ ":authority",          HOST,   HTTP_TEXT_HOST,       true,  false },
	{ ":method",             METHOD, HTTP_TEXT_METHOD,     true,  false },
	{ ":path",               TARGET, HTTP_TEXT_TARGET,     true,  false },
	{ ":status",             STATUS, HTTP_TEXT_COUNT,      false, true },
	{ "user-agent",          KEEP,   HTTP_TEXT_AGENT,      true,  false },
	{ "x-forwarded-for",     KEEP,   HTTP_TEXT_FORWARDED,  true,  false },
	{ "content-type",        KEEP,   HTTP_TEXT_TYPE,       true,  true },
	{ "accept",              KEEP,   HTTP_TEXT_ACCEPT,     true,  false },
	{ "soapaction",          KEEP,   HTTP_TEXT_ACTION,     true,  true },
	{ "upgrade",             KEEP,   HTTP_TEXT_UPGRADE,    true,  true },
	{ "content-encoding",    KEEP,   HTTP_TEXT_ENCODING,   true,  true },
	{ "location",            KEEP,   HTTP_TEXT_LOCATION,   false, true },
	{ "server",              KEEP,   HTTP_TEXT_SERVER,     false, true },
	{ "authorization",       SCHEME, HTTP_TEXT_AUTH,       true,  false },
	{ "proxy-authorization", SCHEME, HTTP_TEXT_PROXY_AUTH, true,  false },
	{ "www-authenticate",    SCHEME, HTTP_TEXT_CHALLENGE,  false, true },
	{ "proxy-authenticate",  SCHEME, HTTP_TEXT_CHALLENGE,  false, true },
	{ "content-length",      LENGTH, HTTP_TEXT_COUNT,      true,  true },
	{ "transfer-encoding",   CODING, HTTP_TEXT_COUNT,      true,  true },
	{ "cookie",              COOKIE, HTTP_TEXT_COUNT,      true,  false },
};

/* IANA's registry of HTTP authentication schemes, and two that are older. */
static const char *const schemes[] = { "basic", "bearer", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "ntlm",
	"oauth", "privatetoken", "scram-sha-1", "scram-sha-256", "vapid", "aws4-hmac-sha256", "token", NULL };
/* clang-format on */

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static void
keep(struct http_call *call, struct http_message *message, enum http_text text,
     struct bytes value)
{
	size_t most = text == HTTP_TEXT_TARGET ? TARGET_MAX : TEXT_MAX;

	http_texts_set(&message->texts, http_budget(call->http), text, value, most);
}

/* Whatever stands there instead of a scheme may be the secret itself. */
static void
take_scheme(struct http_call *call, struct http_message *message, enum http_text text,
	    struct bytes value)
{
	struct bytes word = http_until(&value, ' ');
	const char *found = "other";

	for (size_t i = 0; schemes[i] != NULL; i++)
		if (http_is(word, schemes[i]))
			found = schemes[i];
	keep(call, message, text, bytes_over(found, strlen(found)));
}

/* Digits alone (RFC 9110 section 8.6); false if it is no length. */
static bool
read_length(struct bytes value, uint64_t *length)
{
	*length = 0;
	if (value.left == 0 || value.left > 18)
		return false;
	while (value.left > 0) {
		uint8_t digit = bytes_u8(&value);
		if (digit < '0' || digit > '9')
			return false;
		*length = *length * 10 + digit - '0';
	}
	return true;
}

/* One field may hold a list of them: what two readers take from it differs. */
static void
take_length(struct http_call *call, struct http_message *message, struct bytes value)
{
	uint64_t length = 0;

	do {
		struct bytes one = http_trim(http_until(&value, ','));
		if (!read_length(one, &length)) {
			http_violate(call, HTTP_ANOMALY_LENGTH_INVALID);
			return;
		}
		if (message->has_length)
			http_anomaly(call, HTTP_ANOMALY_LENGTH_TWICE);
		if (message->has_length && message->length != length) {
			http_anomaly(call, HTTP_ANOMALY_LENGTHS_DIFFER);
			continue; /* as most readers do, the first holds */
		}
		message->has_length = true;
		message->length = length;
	} while (value.left > 0);
}

static void
take_coding(struct http_call *call, struct http_message *message, struct bytes value)
{
	static const char *const known[] = { "gzip",   "deflate",    "compress",
					     "x-gzip", "x-compress", "identity",
					     NULL };

	if (message->has_coding)
		http_anomaly(call, HTTP_ANOMALY_CODING);
	message->has_coding = true;
	while (value.left > 0) {
		struct bytes one = http_until(&value, ',');
		struct bytes coding = http_trim(http_until(&one, ';'));
		bool is_known = message->is_chunked = http_is(coding, "chunked");
		for (size_t i = 0; known[i] != NULL; i++)
			is_known |= http_is(coding, known[i]);
		if (!is_known) {
			message->is_coding_unknown = true;
			http_anomaly(call, HTTP_ANOMALY_CODING);
		}
	}
}

static void
take_status(struct http_message *message, struct bytes value)
{
	uint64_t status = 0;

	if (value.left == 3 && read_length(value, &status))
		message->status = (uint16_t)status;
}

static void
take_host(struct http_call *call, struct http_message *message, bool is_pseudo,
	  struct bytes value)
{
	struct bytes had = http_texts_get(&message->texts, HTTP_TEXT_HOST);

	if (!http_texts_has(&message->texts, HTTP_TEXT_HOST))
		keep(call, message, HTTP_TEXT_HOST, value);
	else if (!is_pseudo &&
		 (message->version != 0x20 || had.left != value.left ||
		  (value.left > 0 && memcmp(had.at, value.at, value.left) != 0)))
		http_anomaly(call, HTTP_ANOMALY_HOST_TWICE);
}

static size_t
row_of(struct bytes name)
{
	size_t i = 0;

	while (i < FIELDS && !http_is(name, fields[i].name))
		i++;
	return i;
}

size_t
http_field_worth(struct bytes name, struct bytes value)
{
	size_t row = row_of(name);

	if (row == FIELDS || fields[row].what == COOKIE)
		return 0;
	if (fields[row].what != SCHEME)
		return fields[row].what == TARGET ? TARGET_MAX : TEXT_MAX;
	struct bytes word = http_until(&value, ' ');
	return value.left > 0 ? word.left : 0; /* else it may be the secret itself */
}

void
http_field(struct http_call *call, struct http_message *message, bool is_response,
	   struct bytes name, struct bytes value)
{
	size_t i = row_of(name);

	if (i == FIELDS ||
	    !(is_response ? fields[i].is_of_response : fields[i].is_of_request) ||
	    (fields[i].name[0] == ':' && message->version != 0x20))
		return;
	switch (fields[i].what) {
	case KEEP:
	case METHOD:
	case TARGET:
		keep(call, message, fields[i].text, value);
		break;
	case SCHEME:
		take_scheme(call, message, fields[i].text, value);
		break;
	case LENGTH:
		take_length(call, message, value);
		break;
	case CODING:
		take_coding(call, message, value);
		break;
	case COOKIE:
		message->has_cookie = true;
		break;
	case HOST:
		take_host(call, message, fields[i].name[0] == ':', value);
		break;
	case STATUS:
		take_status(message, value);
		break;
	}
}
