/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh_auth: whether somebody got in, by the sizes of the server's encrypted answers.
 *
 * USERAUTH_SUCCESS (RFC 4252 section 5.1) is one byte long, and no other
 * answer in that phase is: with the cipher and MAC agreed on, its size on the
 * wire is known.  SERVICE_ACCEPT, which goes before, is always 16 bytes more.
 * Any other answer is a refusal or a question (a prompt, a key that would do);
 * refusals carry the same list each time, so the size that came most often is
 * theirs.  Extra padding, or compression before the log-in, hides all this.
 */
#include <string.h>

#include "sensor/dissect/ssh_state.h"

enum { ACCEPT_IS_MORE = 16, LENGTH = 4 };

struct mac {
	const char *name;
	uint8_t size;
};

static const struct mac macs[] = {
	{ "hmac-sha1", 20 },      { "hmac-sha1-96", 12 },  { "hmac-md5", 16 },
	{ "hmac-md5-96", 12 },    { "hmac-sha2-256", 32 }, { "hmac-sha2-512", 64 },
	{ "hmac-ripemd160", 20 }, { "umac-64", 8 },        { "umac-128", 16 },
};

bool
ssh_next_name(struct bytes *list, struct bytes *name)
{
	if (list->left == 0)
		return false;
	const uint8_t *comma = memchr(list->at, ',', list->left);
	*name = bytes_window(list, comma ? (size_t)(comma - list->at) : list->left);
	if (comma)
		bytes_take(list, 1);
	return true;
}

bool
ssh_name_is(struct bytes name, const char *literal)
{
	size_t size = strlen(literal);

	return name.left == size && memcmp(name.at, literal, size) == 0;
}

struct bytes
ssh_list(const struct ssh_side *side, enum ssh_list list)
{
	struct bytes from = bytes_over(side->kexinit.at, side->kexinit.size);
	struct bytes names = bytes_over(NULL, 0);

	for (unsigned i = 0; i <= (unsigned)list; i++)
		names = bytes_window(&from, bytes_u32(&from));
	return bytes_ok(&names) ? names : bytes_over(NULL, 0);
}

static bool
has_name(struct bytes list, struct bytes wanted)
{
	struct bytes name;

	while (ssh_next_name(&list, &name))
		if (name.left == wanted.left &&
		    memcmp(name.at, wanted.at, name.left) == 0)
			return true;
	return false;
}

struct bytes
ssh_agreed(const struct ssh *ssh, enum ssh_list list)
{
	int client = ssh_client(ssh);
	struct bytes ours = ssh_list(&ssh->side[client], list);
	struct bytes theirs = ssh_list(&ssh->side[!client], list), name;

	while (ssh_next_name(&ours, &name))
		if (name.left > 0 && has_name(theirs, name))
			return name;
	return bytes_over(NULL, 0);
}

static bool
ends(struct bytes name, const char *with)
{
	size_t size = strlen(with);

	return name.left >= size && memcmp(name.at + name.left - size, with, size) == 0;
}

static bool
starts(struct bytes name, const char *with)
{
	size_t size = strlen(with);

	return name.left >= size && memcmp(name.at, with, size) == 0;
}

static bool
is_gcm(struct bytes cipher)
{
	return ends(cipher, "-gcm@openssh.com") || ends(cipher, "_GCM");
}

bool
ssh_cipher_has_mac(struct bytes cipher)
{
	return is_gcm(cipher) || starts(cipher, "chacha20-poly1305");
}

/* Bytes of a cipher's block; 0 if it is none we know. */
static uint32_t
block_of(struct bytes cipher)
{
	if (starts(cipher, "aes") || starts(cipher, "rijndael") ||
	    starts(cipher, "AEAD_AES") || starts(cipher, "camellia") ||
	    starts(cipher, "twofish") || starts(cipher, "serpent"))
		return 16;
	if (starts(cipher, "chacha20-poly1305") || starts(cipher, "3des") ||
	    starts(cipher, "blowfish") || starts(cipher, "cast128") ||
	    starts(cipher, "arcfour"))
		return 8;
	return 0;
}

static uint32_t
mac_size(struct bytes name, bool *is_etm)
{
	*is_etm = ends(name, "-etm@openssh.com");
	const uint8_t *at = name.left ? memchr(name.at, '@', name.left) : NULL;
	struct bytes bare =
		bytes_over(name.at, at ? (size_t)(at - name.at) : name.left);
	if (*is_etm)
		bare.left -= strlen("-etm");
	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++)
		if (ssh_name_is(bare, macs[i].name))
			return macs[i].size;
	return 0;
}

/* RFC 4253 section 6; where the length is no part of what is padded, it is said. */
static void
learn_sizes(struct ssh *ssh)
{
	struct ssh_auth *auth = &ssh->auth;
	struct bytes cipher = ssh_agreed(ssh, SSH_CIPHERS_DOWN);
	uint32_t block = block_of(cipher);
	bool is_apart = ssh_cipher_has_mac(cipher);

	auth->has_lengths = is_gcm(cipher);
	auth->tag = 16;
	if (!is_apart) {
		auth->tag = mac_size(ssh_agreed(ssh, SSH_MACS_DOWN), &is_apart);
		auth->has_lengths = is_apart;
	}
	auth->success = (is_apart ? LENGTH + block : 16) + auth->tag;
	auth->is_known = block > 0 && auth->tag > 0 &&
			 !ssh_name_is(ssh_agreed(ssh, SSH_COMPRESSIONS_DOWN), "zlib");
}

static void
answer(struct ssh_auth *auth, uint32_t size)
{
	if (size == auth->success) {
		auth->is_success = true;
		return;
	}
	for (int i = 0; i < SSH_ANSWERS; i++) {
		if (auth->answer[i].count == 0)
			auth->answer[i].size = size;
		if (auth->answer[i].size == size) {
			auth->answer[i].count++;
			return;
		}
	}
}

/* What is before SERVICE_ACCEPT (EXT_INFO, RFC 8308) is no answer. */
static void
take_answer(struct ssh_auth *auth, uint32_t size)
{
	if (auth->is_accepted)
		answer(auth, size);
	else
		auth->is_accepted = size == auth->success + ACCEPT_IS_MORE;
}

static void
take_lengths(struct ssh_auth *auth, struct bytes data)
{
	while (data.left > 0 && !auth->is_success) {
		if (auth->left > 0) {
			size_t size = data.left < auth->left ? data.left : auth->left;
			bytes_take(&data, size);
			auth->left -= (uint32_t)size;
			continue;
		}
		auth->header[auth->header_size++] = bytes_u8(&data);
		if (auth->header_size < LENGTH)
			continue;
		struct bytes header = bytes_over(auth->header, LENGTH);
		uint32_t size = bytes_u32(&header);
		auth->header_size = 0;
		if (size > SSH_PACKET_MAX) {
			auth->is_given_up = true;
			return;
		}
		auth->left = size + auth->tag;
		take_answer(auth, LENGTH + auth->left);
	}
}

static void
end_turn(struct ssh_auth *auth)
{
	uint32_t accept = auth->success + ACCEPT_IS_MORE;

	if (auth->turn > accept && !auth->is_accepted) {
		/* the client asked for the service and to log in at once */
		auth->is_accepted = true;
		auth->turn -= accept;
	}
	if (auth->turn > 0)
		take_answer(auth, auth->turn);
	auth->turn = 0;
}

/* A segment that is SERVICE_ACCEPT or SUCCESS by itself needs no end of the turn. */
static void
take_turn(struct ssh_auth *auth, struct bytes data)
{
	bool is_accept =
		!auth->is_accepted && data.left == auth->success + ACCEPT_IS_MORE;
	bool is_success = auth->is_accepted && data.left == auth->success;

	if (auth->turn == 0 && (is_accept || is_success))
		take_answer(auth, (uint32_t)data.left);
	else if (auth->is_asked)
		auth->turn += (uint32_t)data.left;
}

void
ssh_auth_feed(struct ssh *ssh, int side, struct bytes data)
{
	struct ssh_auth *auth = &ssh->auth;
	bool is_server = side != ssh_client(ssh);

	if (!auth->is_begun)
		learn_sizes(ssh);
	auth->is_begun = true;
	if (data.left > SSH_ENCRYPTED_MAX - auth->bytes[side] || !auth->is_known) {
		auth->is_given_up = true;
		return;
	}
	auth->bytes[side] += (uint32_t)data.left;
	if (!is_server) {
		end_turn(auth);
		auth->is_asked = true;
	} else if (auth->has_lengths)
		take_lengths(auth, data);
	else
		take_turn(auth, data);
}

void
ssh_auth_finish(struct ssh *ssh)
{
	if (ssh->auth.is_known)
		end_turn(&ssh->auth);
}

struct ssh_refusals
ssh_auth_refusals(const struct ssh_auth *auth)
{
	int most = 0;

	for (int i = 1; i < SSH_ANSWERS; i++)
		if (auth->answer[i].count > auth->answer[most].count)
			most = i;
	return (struct ssh_refusals){ .count = auth->answer[most].count,
				      .has_first = most == 0 };
}
