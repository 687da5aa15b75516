/* SPDX-License-Identifier: Apache-2.0 */
/* ssh_report: the ssh record: who, what both can, what they agreed on, who got in. */
#include <string.h>

#include "common/digest.h"
#include "sensor/dissect/ssh_state.h"

enum {
	NAMES_MAX = 60, /* told of a list; 8 lists fit into a record's items */
	NAME_SIZE = 64, /* bytes told of an algorithm's name */
	STRING_SIZE =
		3000 /* bytes of a HASSH string that are told; the hash is of all */
};

/* What the record has of a side. */
struct side_fields {
	const char *key, *hassh_key; /* under sekisho.unobservable */
	enum field_id proto, software, comment, hash, string;
	struct {
		enum ssh_list list;
		enum field_id field;
	} list[4];
	enum ssh_list compressions;
};

static const struct side_fields sides[] = {
	{ "ssh.client",
	  "ssh.client.hassh",
	  FIELD_SSH_CLIENT_PROTO,
	  FIELD_SSH_CLIENT_SOFTWARE,
	  FIELD_SSSH_CLIENT_COMMENT,
	  FIELD_SSH_CLIENT_HASSH,
	  FIELD_SSH_CLIENT_HASSH_S,
	  { { SSH_KEX, FIELD_SSSH_CLIENT_KEX },
	    { SSH_HOST_KEYS, FIELD_SSSH_CLIENT_KEYS },
	    { SSH_CIPHERS_UP, FIELD_SSSH_CLIENT_CIPHERS },
	    { SSH_MACS_UP, FIELD_SSSH_CLIENT_MACS } },
	  SSH_COMPRESSIONS_UP },
	{ "ssh.server",
	  "ssh.server.hassh",
	  FIELD_SSH_SERVER_PROTO,
	  FIELD_SSH_SERVER_SOFTWARE,
	  FIELD_SSSH_SERVER_COMMENT,
	  FIELD_SSH_SERVER_HASSH,
	  FIELD_SSH_SERVER_HASSH_S,
	  { { SSH_KEX, FIELD_SSSH_SERVER_KEX },
	    { SSH_HOST_KEYS, FIELD_SSSH_SERVER_KEYS },
	    { SSH_CIPHERS_DOWN, FIELD_SSSH_SERVER_CIPHERS },
	    { SSH_MACS_DOWN, FIELD_SSSH_SERVER_MACS } },
	  SSH_COMPRESSIONS_DOWN },
};

/* They ask for the methods first: authentication method "none" (RFC 4252 section 5.2).
 */
static const char *const asks_first[] = { "OpenSSH_", "PuTTY_", NULL };

/* "SSH-2.0-software comment": up to, and without, 'until' or the end. */
static struct bytes
until(struct bytes *from, char end)
{
	const uint8_t *at = from->left ? memchr(from->at, end, from->left) : NULL;
	struct bytes part =
		bytes_window(from, at ? (size_t)(at - from->at) : from->left);

	if (at)
		bytes_take(from, 1);
	return part;
}

static void
tell_banner(struct telling *telling, const struct ssh_side *side,
	    const struct side_fields *fields)
{
	struct bytes banner = bytes_over(side->banner, side->banner_size);

	bytes_take(&banner, 4);
	struct bytes version = until(&banner, '-');
	struct bytes software = until(&banner, ' ');
	telling_text(telling, fields->proto, version, NAME_SIZE);
	telling_text(telling, fields->software, software, SSH_BANNER_MAX);
	telling_text(telling, fields->comment, banner, SSH_BANNER_MAX);
}

static void
tell_list(struct telling *telling, enum field_id field, struct bytes list)
{
	struct text *items = telling_items(telling, NAMES_MAX);
	struct bytes name;
	uint32_t count = 0;

	while (items && ssh_next_name(&list, &name)) {
		if (count == NAMES_MAX) {
			telling->scratch.is_cut = true;
			break;
		}
		items[count++] =
			scratch_text(&telling->scratch, name.at, name.left, NAME_SIZE);
	}
	if (items)
		record_set_texts(&telling->record, field, items, count);
}

/* kex;encryption;mac;compression, and its MD5. */
static void
tell_hassh(struct telling *telling, const struct ssh_side *side,
	   const struct side_fields *fields)
{
	enum ssh_list lists[] = { SSH_KEX, fields->list[2].list, fields->list[3].list,
				  fields->compressions };
	uint8_t string[SSH_KEPT_MAX];
	uint8_t hash[DIGEST_SIZE];
	char hex[2 * DIGEST_MD5_SIZE + 1];
	size_t used = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct bytes list = ssh_list(side, lists[i]);
		if (i > 0)
			string[used++] = ';';
		if (list.left > 0)
			memcpy(string + used, list.at, list.left);
		used += list.left;
	}
	digest_to_hex(hash, digest_as(DIGEST_MD5, string, used, hash), hex);
	record_set_text(&telling->record, fields->hash,
			scratch_copy(&telling->scratch, text_of(hex)));
	telling_text(telling, fields->string, bytes_over(string, used), STRING_SIZE);
}

static const char *
why_missing(const struct ssh *ssh, int side, const struct dissect_out *out)
{
	if (!out->is_seen(out->ctx, side))
		return "asymmetric";
	return ssh->side[side].phase == SSH_LOST ? "loss" : "truncated";
}

static void
tell_side(struct ssh *ssh, int side, const struct side_fields *fields,
	  const struct dissect_out *out)
{
	struct telling *telling = &ssh->lane->telling;
	const struct ssh_side *from = &ssh->side[side];

	if (from->banner_size == 0) {
		telling_hide(telling, fields->key, why_missing(ssh, side, out));
		return;
	}
	tell_banner(telling, from, fields);
	if (ssh_version(ssh) != 2)
		return;
	if (from->kexinit.size == 0) {
		telling_hide(telling, fields->hassh_key, why_missing(ssh, side, out));
		return;
	}
	for (size_t i = 0; i < sizeof(fields->list) / sizeof(fields->list[0]); i++)
		tell_list(telling, fields->list[i].field,
			  ssh_list(from, fields->list[i].list));
	tell_hassh(telling, from, fields);
}

static bool
offers(const struct ssh_side *side, const char *wanted)
{
	struct bytes list = ssh_list(side, SSH_KEX), name;

	while (ssh_next_name(&list, &name))
		if (ssh_name_is(name, wanted))
			return true;
	return false;
}

static void
tell_mac(struct ssh *ssh, enum field_id field, enum ssh_list cipher, enum ssh_list mac)
{
	struct bytes none = bytes_over(NULL, 0);
	bool has_mac = ssh_cipher_has_mac(ssh_agreed(ssh, cipher));

	telling_text(&ssh->lane->telling, field, has_mac ? none : ssh_agreed(ssh, mac),
		     NAME_SIZE);
}

static void
tell_agreed(struct ssh *ssh)
{
	struct telling *telling = &ssh->lane->telling;
	int client = ssh_client(ssh);

	telling_text(telling, FIELD_SSSH_KEX, ssh_agreed(ssh, SSH_KEX), NAME_SIZE);
	telling_text(telling, FIELD_SSSH_HOST_KEY, ssh_agreed(ssh, SSH_HOST_KEYS),
		     NAME_SIZE);
	telling_text(telling, FIELD_SSSH_CIPHER_UP, ssh_agreed(ssh, SSH_CIPHERS_UP),
		     NAME_SIZE);
	telling_text(telling, FIELD_SSSH_CIPHER_DOWN, ssh_agreed(ssh, SSH_CIPHERS_DOWN),
		     NAME_SIZE);
	tell_mac(ssh, FIELD_SSSH_MAC_UP, SSH_CIPHERS_UP, SSH_MACS_UP);
	tell_mac(ssh, FIELD_SSSH_MAC_DOWN, SSH_CIPHERS_DOWN, SSH_MACS_DOWN);
	record_set_flag(
		&telling->record, FIELD_SSSH_STRICT,
		offers(&ssh->side[client], "kex-strict-c-v00@openssh.com") &&
			offers(&ssh->side[!client], "kex-strict-s-v00@openssh.com"));
}

static void
tell_host_key(struct ssh *ssh)
{
	struct telling *telling = &ssh->lane->telling;
	char hex[DIGEST_TEXT_SIZE];

	if (!ssh->has_host_key) {
		telling_hide(telling, "sekisho.ssh.host_key", "truncated");
		return;
	}
	digest_to_hex(ssh->host_key, sizeof(ssh->host_key), hex);
	record_set_text(&telling->record, FIELD_SSSH_FINGERPRINT,
			scratch_copy(&telling->scratch, text_of(hex)));
}

static bool
does_ask_first(const struct ssh_side *client)
{
	struct bytes banner = bytes_over(client->banner, client->banner_size);

	bytes_take(&banner, 4);
	until(&banner, '-');
	for (const char *const *name = asks_first; *name; name++)
		if (banner.left >= strlen(*name) &&
		    memcmp(banner.at, *name, strlen(*name)) == 0)
			return true;
	return false;
}

static const char *
why_no_auth(const struct ssh *ssh, const struct dissect_out *out)
{
	const struct ssh_auth *auth = &ssh->auth;

	if (auth->is_lost)
		return "loss";
	if (!out->is_seen(out->ctx, 0) || !out->is_seen(out->ctx, 1))
		return "asymmetric";
	if (auth->is_success)
		return NULL;
	if (auth->is_given_up || (auth->is_begun && !auth->is_accepted))
		return "encrypted";
	return !auth->is_begun || out->is_cut ? "truncated" : NULL;
}

static void
tell_auth(struct ssh *ssh, const struct dissect_out *out)
{
	struct telling *telling = &ssh->lane->telling;
	struct ssh_refusals refused = ssh_auth_refusals(&ssh->auth);
	const char *why = why_no_auth(ssh, out);

	if (why) {
		telling_hide(telling, "sekisho.ssh.auth", why);
		return;
	}
	bool is_question = refused.count > 0 && refused.has_first &&
			   does_ask_first(&ssh->side[ssh_client(ssh)]);
	bool is_success = ssh->auth.is_success;
	uint32_t tried = refused.count - is_question;
	telling_name(telling, FIELD_SSSH_AUTH_OUTCOME,
		     is_success  ? "success"
		     : tried > 0 ? "failure"
				 : "none");
	record_set_number(&telling->record, FIELD_SSSH_AUTH_ATTEMPTS,
			  tried + is_success);
	record_set_number(&telling->record, FIELD_SSSH_AUTH_REFUSED, refused.count);
	telling_name(telling, FIELD_SSSH_AUTH_BASIS,
		     ssh->auth.has_lengths ? "lengths" : "turns");
}

static void
tell_second_version(struct ssh *ssh, const struct dissect_out *out)
{
	struct telling *telling = &ssh->lane->telling;

	if (ssh->side[0].kexinit.size > 0 && ssh->side[1].kexinit.size > 0)
		tell_agreed(ssh);
	else
		telling_hide(telling, "sekisho.ssh.chosen", "truncated");
	tell_host_key(ssh);
	tell_auth(ssh, out);
}

void
ssh_report(struct ssh *ssh, struct instant at, const struct dissect_out *out)
{
	struct telling *telling = &ssh->lane->telling;
	int client = ssh_client(ssh), version = ssh_version(ssh);

	if (ssh->is_told || version == 0)
		return;
	ssh->is_told = true;
	telling_begin(telling, EVENT_SSH);
	record_set_number(&telling->record, FIELD_SSSH_VERSION, (uint64_t)version);
	tell_side(ssh, client, &sides[0], out);
	tell_side(ssh, !client, &sides[1], out);
	if (version == 2)
		tell_second_version(ssh, out);
	if (ssh->has_disconnect)
		record_set_number(&telling->record, FIELD_SSSH_DISCONNECT,
				  ssh->disconnect);
	telling_emit(telling, out, at, true);
}
