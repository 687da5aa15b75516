/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh_state: what the parts of the SSH dissector share; only they and its tests include
 * it.
 *
 * ssh.c cuts the clear part into banner and packets (RFC 4253), ssh_auth.c
 * judges the log-in by the sizes of what is encrypted, ssh_report.c makes the
 * record.  Nothing encrypted is ever kept.
 */
#ifndef SENSOR_DISSECT_SSH_STATE_H
#define SENSOR_DISSECT_SSH_STATE_H

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/telling.h"

enum {
	SSH_BANNER_MAX = 255,    /* bytes, RFC 4253 section 4.2 */
	SSH_LINES_MAX = 32,      /* lines a server may send before its banner */
	SSH_PACKET_MAX = 262144, /* bytes, above it a violation; OpenSSH's limit */
	SSH_KEPT_MAX = 16384, /* bytes kept of a packet; KEXINITs have less than 4096 */
	SSH_ANSWERS = 8,      /* different sizes of answers that are told apart */
	SSH_ENCRYPTED_MAX =
		65536 /* encrypted bytes of a side without a success: given up */
};

/* The lists of a KEXINIT in their order (RFC 4253 section 7.1). */
enum ssh_list {
	SSH_KEX,
	SSH_HOST_KEYS,
	SSH_CIPHERS_UP,
	SSH_CIPHERS_DOWN,
	SSH_MACS_UP,
	SSH_MACS_DOWN,
	SSH_COMPRESSIONS_UP,
	SSH_COMPRESSIONS_DOWN,
	SSH_LISTS
};

struct ssh_side {
	enum { SSH_IN_BANNER, SSH_IN_PACKETS, SSH_ENCRYPTED, SSH_LOST } phase;
	struct pieces pieces;
	uint32_t lines; /* before the banner */
	uint8_t banner[SSH_BANNER_MAX];
	uint8_t banner_size; /* 0 = none yet */
	struct kept kexinit; /* from its first list on */
	bool has_kexinit;
};

/* How the server's answers look behind NEWKEYS. */
struct ssh_auth {
	bool is_begun;    /* both sides are encrypted */
	bool is_known;    /* the sizes below hold */
	bool has_lengths; /* a packet's length is in the clear */
	uint32_t success; /* bytes on the wire of USERAUTH_SUCCESS */
	uint32_t tag;     /* of them, the MAC behind the packet */
	bool is_asked;    /* the client sent something encrypted */
	bool is_accepted; /* SERVICE_ACCEPT went by */
	bool is_lost, is_given_up, is_success;
	uint8_t header[4];
	uint8_t header_size;
	uint32_t left; /* bytes to come of the packet under way */
	uint32_t turn; /* bytes of the server since the client spoke */
	struct {
		uint32_t size, count;
	} answer[SSH_ANSWERS]; /* in the order of their first */
	uint32_t bytes[SIDES];
};

struct ssh {
	struct dissect_lane *lane;
	struct ssh_side side[SIDES];
	int client; /* its side; -1 = not known yet */
	struct ssh_auth auth;
	bool has_host_key, has_disconnect, is_told;
	uint8_t host_key[32]; /* SHA-256 */
	uint32_t disconnect;
	const char *violation; /* literal, or NULL */
};

/* The client's side as far as is known; side 0 sent the first packet. */
static inline int
ssh_client(const struct ssh *ssh)
{
	return ssh->client < 0 ? 0 : ssh->client;
}

/* 1 or 2; 0 while no banner came. */
int ssh_version(const struct ssh *ssh);

/* A list of a KEXINIT; empty if there is none. */
struct bytes ssh_list(const struct ssh_side *side, enum ssh_list list);
/* What both agree on: the client's first that the server has too; empty if none. */
struct bytes ssh_agreed(const struct ssh *ssh, enum ssh_list list);
/* Takes a name from the front of a list; false at its end. */
bool ssh_next_name(struct bytes *list, struct bytes *name);
bool ssh_name_is(struct bytes name, const char *literal);
bool ssh_cipher_has_mac(struct bytes cipher);

/* Bytes of 'side' behind its NEWKEYS. */
void ssh_auth_feed(struct ssh *ssh, int side, struct bytes data);
/* The flow is over: the server's last answer is whole. */
void ssh_auth_finish(struct ssh *ssh);
/* What the server refused. */
struct ssh_refusals {
	uint32_t count;
	bool has_first; /* the first answer is one of them */
};
struct ssh_refusals ssh_auth_refusals(const struct ssh_auth *auth);

/* Emits the record, once. */
void ssh_report(struct ssh *ssh, struct instant at, const struct dissect_out *out);

#endif
