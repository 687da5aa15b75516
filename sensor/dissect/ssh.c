/* SPDX-License-Identifier: Apache-2.0 */
/* ssh: banners, key exchange and the shape of the log-in of SSH (RFC 4253, 4252). */
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "sensor/dissect/ssh_state.h"

enum {
	DISCONNECT = 1,
	KEXINIT = 20,
	NEWKEYS = 21,
	KEX_INIT = 30,
	KEX_REPLY = 31, /* in a group exchange (RFC 4419) the server's group */
	GEX_INIT = 32,
	GEX_REPLY = 33,
	GEX_REQUEST = 34,
	COOKIE = 16,
	KEY_NAME_MAX = 64
};

static enum recognition
recognise(struct bytes first, int side)
{
	static const char begin[] = "SSH-";
	size_t size = first.left < 4 ? first.left : 4;

	(void)side;
	if (size > 0 && memcmp(first.at, begin, size) != 0)
		return RECOGNISED_NO;
	if (first.left > 4 && first.at[4] != '1' && first.at[4] != '2')
		return RECOGNISED_NO;
	if (first.left > 5)
		return first.at[5] == '.' ? RECOGNISED_YES : RECOGNISED_NO;
	return RECOGNISED_MAYBE;
}

static void *
begin(void *shared)
{
	struct dissect_lane *lane = shared;
	struct ssh *ssh = calloc(1, sizeof(*ssh));

	if (ssh == NULL) {
		lane->counters.no_memory++;
		return NULL;
	}
	ssh->lane = lane;
	ssh->client = -1;
	return ssh;
}

static bool
violate(struct ssh *ssh, const char *how)
{
	ssh->violation = how;
	return false;
}

static bool
is_old(const struct ssh_side *side)
{
	const char *version = (const char *)side->banner + 4;

	return side->banner_size >= 6 && version[0] == '1' &&
	       (side->banner_size < 8 || memcmp(version, "1.99", 4) != 0);
}

int
ssh_version(const struct ssh *ssh)
{
	if (is_old(&ssh->side[0]) || is_old(&ssh->side[1]))
		return 1;
	return ssh->side[0].banner_size || ssh->side[1].banner_size ? 2 : 0;
}

static bool
take_line(struct ssh *ssh, struct ssh_side *side, const struct piece *piece)
{
	struct bytes line = piece->data;

	if (line.left < 4 || memcmp(line.at, "SSH-", 4) != 0)
		return ++side->lines <= SSH_LINES_MAX ||
		       violate(ssh, "ssh.invalid_banner");
	if (piece->is_cut || line.left > SSH_BANNER_MAX)
		return violate(ssh, "ssh.long_banner");
	if (recognise(line, 0) != RECOGNISED_YES)
		return violate(ssh, "ssh.invalid_banner");
	memcpy(side->banner, line.at, line.left);
	side->banner_size = (uint8_t)line.left;
	side->phase = SSH_IN_PACKETS;
	return true;
}

static void
client_is(struct ssh *ssh, int side, const struct dissect_out *out)
{
	if (ssh->client < 0)
		out->client_is(out->ctx, side);
	ssh->client = side;
}

static void
take_kexinit(struct ssh *ssh, struct ssh_side *side, struct bytes body, bool is_cut)
{
	bytes_take(&body, COOKIE);
	if (side->has_kexinit)
		return;
	side->has_kexinit = true;
	if (is_cut ||
	    !kept_add(&ssh->lane->budget, &side->kexinit, body, SSH_KEPT_MAX)) {
		kept_release(&ssh->lane->budget, &side->kexinit);
		ssh->lane->counters.cut++;
	}
}

/* A host key begins with its own name; the prime of a group exchange does not. */
static void
take_reply(struct ssh *ssh, struct bytes body)
{
	struct bytes key = bytes_window(&body, bytes_u32(&body));
	struct bytes inner = key;
	struct bytes name = bytes_window(&inner, bytes_u32(&inner));

	if (!bytes_ok(&key) || !bytes_ok(&name) || name.left == 0 ||
	    name.left > KEY_NAME_MAX || ssh->has_host_key)
		return;
	for (size_t i = 0; i < name.left; i++)
		if (name.at[i] < '!' || name.at[i] > '~')
			return;
	struct digest digest = digest_of(key.at, key.left);
	memcpy(ssh->host_key, digest.byte, sizeof(ssh->host_key));
	ssh->has_host_key = true;
}

static void
take_disconnect(struct ssh *ssh, struct bytes body)
{
	ssh->disconnect = bytes_u32(&body);
	ssh->has_disconnect = bytes_ok(&body);
}

/* False if the packet breaks the protocol. */
static bool
take_packet(struct ssh *ssh, int side, const struct piece *piece,
	    const struct dissect_out *out)
{
	struct ssh_side *from = &ssh->side[side];
	struct bytes body = piece->data;

	bytes_take(&body, 4);
	uint8_t padding = bytes_u8(&body);
	uint8_t type = bytes_u8(&body);
	if (!bytes_ok(&body))
		return violate(ssh, "ssh.invalid_record");
	if (!piece->is_cut)
		body = bytes_window(
			&body, body.left - (padding < body.left ? padding : body.left));
	switch (type) {
	case DISCONNECT:
		take_disconnect(ssh, body);
		return true;
	case KEXINIT:
		take_kexinit(ssh, from, body, piece->is_cut);
		return true;
	case NEWKEYS:
		from->phase = SSH_ENCRYPTED;
		return true;
	case KEX_INIT:
	case GEX_INIT:
	case GEX_REQUEST:
		client_is(ssh, side, out);
		return true;
	case KEX_REPLY:
	case GEX_REPLY:
		client_is(ssh, !side, out);
		take_reply(ssh, body);
		return true;
	default:
		return true;
	}
}

static uint64_t
size_of(struct bytes first)
{
	uint32_t size = bytes_u32(&first);

	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	return size < 2 || size > SSH_PACKET_MAX ? PIECE_BROKEN : 4 + (uint64_t)size;
}

/* True if something was taken from 'data' and there may be more. */
static bool
take_clear(struct ssh *ssh, int side, struct bytes *data, const struct dissect_out *out)
{
	struct ssh_side *from = &ssh->side[side];
	struct kept_budget *budget = &ssh->lane->budget;
	struct piece piece;
	bool is_line = from->phase == SSH_IN_BANNER;
	enum pieces_result result =
		is_line ? pieces_line(&from->pieces, budget, data, SSH_BANNER_MAX,
				      &piece)
			: pieces_message(&from->pieces, budget, size_of, 4,
					 SSH_KEPT_MAX, data, &piece);

	if (result == PIECES_BROKEN)
		return violate(ssh, "ssh.invalid_record");
	if (result == PIECES_NONE)
		return false;
	bool is_good = is_line ? take_line(ssh, from, &piece)
			       : take_packet(ssh, side, &piece, out);
	if (!is_line && from->phase == SSH_ENCRYPTED)
		pieces_release(&from->pieces, budget);
	return is_good;
}

/* Nothing more can be learnt. */
static bool
is_over(const struct ssh *ssh)
{
	const struct ssh_side *one = &ssh->side[0], *other = &ssh->side[1];

	if (one->phase == SSH_LOST && other->phase == SSH_LOST)
		return true;
	if (ssh->auth.is_success || ssh->auth.is_given_up || ssh->auth.is_lost)
		return true;
	return ssh_version(ssh) == 1 && one->banner_size && other->banner_size;
}

static enum dissect_result
conclude(struct ssh *ssh, struct instant at, const struct dissect_out *out)
{
	if (ssh->violation)
		return DISSECT_VIOLATION;
	if (!is_over(ssh))
		return DISSECT_MORE;
	ssh_report(ssh, at, out);
	return DISSECT_DONE;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct ssh *ssh = state;
	struct ssh_side *from = &ssh->side[side];

	while (data.left > 0 && from->phase < SSH_ENCRYPTED && !is_over(ssh) &&
	       take_clear(ssh, side, &data, out))
		;
	if (data.left > 0 && from->phase == SSH_ENCRYPTED)
		ssh_auth_feed(ssh, side, data);
	return conclude(ssh, at, out);
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct ssh *ssh = state;
	struct ssh_side *from = &ssh->side[side];

	(void)missing;
	if (from->phase == SSH_ENCRYPTED)
		ssh->auth.is_lost = true;
	from->phase = SSH_LOST;
	pieces_release(&from->pieces, &ssh->lane->budget);
	return conclude(ssh, at, out);
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct ssh *ssh = state;

	ssh_auth_finish(ssh);
	ssh_report(ssh, at, out);
}

static void
end(void *state)
{
	struct ssh *ssh = state;

	for (int side = 0; side < SIDES; side++) {
		pieces_release(&ssh->side[side].pieces, &ssh->lane->budget);
		kept_release(&ssh->lane->budget, &ssh->side[side].kexinit);
	}
	free(ssh);
}

static const char *
violation(const void *state)
{
	return ((const struct ssh *)state)->violation;
}

const struct dissector dissector_ssh = {
	.name = "ssh",
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = dissect_lane_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
};
