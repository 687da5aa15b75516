/* SPDX-License-Identifier: Apache-2.0 */
/* tls_upgrade: protocols that begin in the clear and turn to TLS on their way. */
#include "sensor/dissect/tls_upgrade.h"

#include <string.h>

#include "sensor/dissect/tls_state.h"

enum {
	CLEAR_MAX = 65536, /* bytes of one side in the clear; then it is given up */
	FIRST_BYTE_OF_TLS = TLS_HANDSHAKE
};

struct tls_upgrade {
	const char *name; /* tls.from_proto */
	/* Text: a line ends with one of these.  NULL: messages that tell their size. */
	const char *ends;
	/* Size of the message whose first bytes are given; 0 = more bytes, please;
	 * SIZE_MAX = give up. */
	size_t (*size_of)(struct bytes first);
	enum recognition (*recognise)(struct bytes first, int side);
};

static bool
begins(struct bytes first, const char *with)
{
	size_t size = strlen(with);

	return first.left >= size && memcmp(first.at, with, size) == 0;
}

/* Like begins, but MAYBE while all bytes there are fit. */
static enum recognition
may_begin(struct bytes first, const char *with)
{
	size_t size = strlen(with);

	if (first.left >= size)
		return begins(first, with) ? RECOGNISED_YES : RECOGNISED_NO;
	return memcmp(first.at, with, first.left) == 0 ? RECOGNISED_MAYBE
						       : RECOGNISED_NO;
}

/* The best of several beginnings. */
static enum recognition
may_begin_one(struct bytes first, const char *const *with)
{
	enum recognition best = RECOGNISED_NO;

	for (; *with; with++) {
		enum recognition now = may_begin(first, *with);
		if (now > best)
			best = now;
	}
	return best;
}

static bool
has(struct bytes first, const char *word)
{
	return memmem(first.at, first.left, word, strlen(word)) != NULL;
}

/* The banner 220 is both SMTP's and FTP's: what it says, or what the client says,
 * decides. */
static enum recognition
recognise_banner(struct bytes first, const char *own, const char *other,
		 const char *const *client_words)
{
	enum recognition banner = may_begin(first, "220");

	if (banner != RECOGNISED_YES)
		return banner == RECOGNISED_MAYBE ? banner
						  : may_begin_one(first, client_words);
	if (has(first, own))
		return RECOGNISED_YES;
	return has(first, other) ? RECOGNISED_NO : RECOGNISED_MAYBE;
}

static enum recognition
recognise_smtp(struct bytes first, int side)
{
	static const char *const words[] = { "EHLO ", "HELO ", "LHLO ", "ehlo ", NULL };

	(void)side;
	return recognise_banner(first, "SMTP", "FTP", words);
}

static enum recognition
recognise_ftp(struct bytes first, int side)
{
	static const char *const words[] = { "AUTH ", "USER ", "FEAT\r", "auth ",
					     NULL };

	(void)side;
	return recognise_banner(first, "FTP", "SMTP", words);
}

static enum recognition
recognise_imap(struct bytes first, int side)
{
	static const char *const words[] = { "* OK ", "* PREAUTH ", NULL };

	(void)side;
	return may_begin_one(first, words);
}

static enum recognition
recognise_pop3(struct bytes first, int side)
{
	(void)side;
	return may_begin(first, "+OK ");
}

static enum recognition
recognise_xmpp(struct bytes first, int side)
{
	static const char *const words[] = { "<?xml ", "<stream:stream", NULL };
	enum recognition found = may_begin_one(first, words);

	(void)side;
	if (found != RECOGNISED_YES || has(first, "<stream:stream"))
		return found;
	return RECOGNISED_MAYBE; /* some XML; which, the next bytes tell */
}

static enum recognition
recognise_connect(struct bytes first, int side)
{
	(void)side;
	return may_begin(first, "CONNECT ");
}

/* The operation of an LDAPMessage, behind its size and its id; 0 if it is not there
 * yet. */
static uint8_t
ldap_operation(struct bytes first)
{
	bytes_take(&first, 1);
	uint8_t size = bytes_u8(&first);
	if (size > 0x80)
		bytes_take(&first, size & 0x7f);
	bytes_take(&first, 1);
	bytes_take(&first, bytes_u8(&first));
	return bytes_u8(&first);
}

/* An ExtendedRequest with the name of StartTLS (RFC 4511 section 4.14.1). */
static enum recognition
recognise_ldap(struct bytes first, int side)
{
	enum {
		EXTENDED = 0x77,
		START_TLS_MAX = 48 /* bytes, in the longest usual form */
	};
	uint8_t operation = ldap_operation(first);

	(void)side;
	if (first.at[0] != 0x30 || (operation != 0 && operation != EXTENDED))
		return RECOGNISED_NO;
	if (operation == EXTENDED && has(first, "1.3.6.1.4.1.1466.20037"))
		return RECOGNISED_YES;
	return first.left < START_TLS_MAX ? RECOGNISED_MAYBE : RECOGNISED_NO;
}

/* SSLRequest: its size and its code. */
static enum recognition
recognise_postgresql(struct bytes first, int side)
{
	static const uint8_t request[] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f };
	size_t size = first.left < sizeof(request) ? first.left : sizeof(request);

	(void)side;
	if (memcmp(first.at, request, size) != 0)
		return RECOGNISED_NO;
	return size == sizeof(request) ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

/* TPKT and an X.224 connection request that ends with RDP's negotiation
 * (MS-RDPBCGR 2.2.1.1). */
static enum recognition
recognise_rdp(struct bytes first, int side)
{
	enum { NEGOTIATION = 8, SMALLEST = 4 + 7 + NEGOTIATION, REQUEST = 0xe0 };

	(void)side;
	if (first.at[0] != 3 || (first.left > 1 && first.at[1] != 0) ||
	    (first.left > 5 && first.at[5] != REQUEST))
		return RECOGNISED_NO;
	if (first.left < 6)
		return RECOGNISED_MAYBE;
	size_t size = (size_t)first.at[2] << 8 | first.at[3];
	if (size < SMALLEST)
		return RECOGNISED_NO;
	if (has(first, "Cookie: mstshash="))
		return RECOGNISED_YES;
	if (first.left < size)
		return RECOGNISED_MAYBE;
	const uint8_t *end = first.at + size - NEGOTIATION;
	return end[0] == 1 && end[2] == NEGOTIATION && end[3] == 0 ? RECOGNISED_YES
								   : RECOGNISED_NO;
}

static size_t
size_of_tpkt(struct bytes first)
{
	if (first.at[0] != 3)
		return SIZE_MAX;
	if (first.left < 4)
		return 0;
	size_t size = (size_t)first.at[2] << 8 | first.at[3];
	return size > 4 ? size : SIZE_MAX;
}

static size_t
size_of_ldap(struct bytes first)
{
	size_t size = 0;

	if (first.at[0] != 0x30)
		return SIZE_MAX;
	bytes_take(&first, 1);
	uint8_t count = bytes_u8(&first);
	if (count < 0x80)
		return bytes_ok(&first) ? 2u + count : 0;
	count &= 0x7f;
	if (count == 0 || count > 4)
		return SIZE_MAX;
	for (uint8_t i = 0; i < count; i++)
		size = size << 8 | bytes_u8(&first);
	if (!bytes_ok(&first))
		return 0;
	return size > CLEAR_MAX ? SIZE_MAX : 2u + count + size;
}

/* The client's request of eight bytes, the server's S; its N means no. */
static size_t
size_of_postgresql(struct bytes first)
{
	if (first.at[0] == 0)
		return 8;
	return first.at[0] == 'S' ? 1 : SIZE_MAX;
}

/* clang-format off */
static const struct tls_upgrade
	smtp = { "smtp", "\n", NULL, recognise_smtp },
	ftp = { "ftp", "\n", NULL, recognise_ftp },
	imap = { "imap", "\n", NULL, recognise_imap },
	pop3 = { "pop3", "\n", NULL, recognise_pop3 },
	xmpp = { "xmpp", ">\n", NULL, recognise_xmpp },
	http_connect = { "http", "\n", NULL, recognise_connect },
	ldap = { "ldap", NULL, size_of_ldap, recognise_ldap },
	postgresql = { "postgresql", NULL, size_of_postgresql, recognise_postgresql },
	rdp = { "rdp", NULL, size_of_tpkt, recognise_rdp };
/* clang-format on */

const char *
tls_upgrade_name(const struct tls_upgrade *upgrade)
{
	return upgrade->name;
}

/* Bytes before the first of 'ends', or all. */
static size_t
size_before(const struct bytes *data, const char *ends)
{
	size_t size = data->left;

	for (; *ends; ends++) {
		const uint8_t *end = memchr(data->at, *ends, size);
		if (end)
			size = (size_t)(end - data->at);
	}
	return size;
}

static void
give_up(struct tls *tls)
{
	tls->is_given_up = true;
}

/* To behind the end of the line, or of the data. */
static void
pass_line(struct tls *tls, struct tls_side *side, struct bytes *data)
{
	size_t size = size_before(data, tls->upgrade->ends);

	side->is_in_unit = size == data->left;
	if (!side->is_in_unit)
		size++;
	side->clear_bytes += (uint32_t)size;
	bytes_take(data, size);
}

/* Gathers a message's first bytes until its size is known, then passes over the rest.
 */
static void
pass_message(struct tls *tls, struct tls_side *side, struct bytes *data)
{
	if (side->clear_left == 0) {
		side->header[side->header_size++] = bytes_u8(data);
		side->clear_bytes++;
		size_t size = tls->upgrade->size_of(
			bytes_over(side->header, side->header_size));
		if (size == SIZE_MAX ||
		    (size == 0 && side->header_size == sizeof(side->header))) {
			give_up(tls);
			return;
		}
		side->is_in_unit = true;
		if (size == 0)
			return;
		side->clear_left = (uint32_t)(size - side->header_size);
		side->header_size = 0;
	}
	size_t size = data->left < side->clear_left ? data->left : side->clear_left;
	bytes_take(data, size);
	side->clear_left -= (uint32_t)size;
	side->clear_bytes += (uint32_t)size;
	side->is_in_unit = side->clear_left > 0;
}

void
tls_upgrade_pass(struct tls *tls, int side, struct bytes *data)
{
	struct tls_side *from = &tls->side[side];

	if (!from->is_in_unit && data->at[0] == FIRST_BYTE_OF_TLS) {
		from->is_clear = false;
		return;
	}
	if (tls->upgrade->ends)
		pass_line(tls, from, data);
	else
		pass_message(tls, from, data);
	if (from->clear_bytes > CLEAR_MAX)
		give_up(tls);
}

/* A line ends at the next end there is; a message that lost bytes only if it had them
 * to come. */
void
tls_upgrade_gap(struct tls *tls, int side, uint64_t missing)
{
	struct tls_side *from = &tls->side[side];

	if (tls->upgrade->ends)
		from->is_in_unit = true;
	else if (missing < from->clear_left)
		from->clear_left -= (uint32_t)missing;
	else
		from->is_lost = true;
}

bool
tls_behind_has_begun(const void *tls, int side)
{
	return !((const struct tls *)tls)->side[side].is_clear;
}

static void *
begin(void *shared, const struct tls_upgrade *upgrade)
{
	struct tls *tls = tls_begin(shared);

	if (tls) {
		tls->upgrade = upgrade;
		tls->side[0].is_clear = tls->side[1].is_clear = true;
	}
	return tls;
}

/* A row: the functions of TLS itself but for the way in; named as nDPI names the flow.
 */
#define UPGRADE(id, row, called)                                                       \
	static void *begin_##id(void *shared)                                          \
	{                                                                              \
		return begin(shared, &id);                                             \
	}                                                                              \
	static enum recognition first_##id(struct bytes first, int side)               \
	{                                                                              \
		return first.left == 0 ? RECOGNISED_MAYBE : id.recognise(first, side); \
	}                                                                              \
	const struct dissector row = {                                                 \
		.name = called,                                                        \
		.recognise = first_##id,                                               \
		.begin = begin_##id,                                                   \
		.feed = tls_feed,                                                      \
		.gap = tls_gap,                                                        \
		.finish = tls_finish,                                                  \
		.end = tls_end,                                                        \
		.violation = tls_violation,                                            \
		.shared_new = tls_lane_new,                                            \
		.shared_free = tls_lane_free,                                          \
	}

UPGRADE(smtp, tls_behind_smtp, "smtp");
UPGRADE(ftp, tls_behind_ftp, "ftp_control");
UPGRADE(imap, tls_behind_imap, "imap");
UPGRADE(pop3, tls_behind_pop3, "pop3");
UPGRADE(xmpp, dissector_xmpp, "jabber");
UPGRADE(http_connect, dissector_http_connect, "http_connect");
UPGRADE(ldap, tls_behind_ldap, "ldap");
UPGRADE(postgresql, dissector_postgresql, "postgresql");
UPGRADE(rdp, tls_behind_rdp, "rdp");
