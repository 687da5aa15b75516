/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdp_state: what the parts of the RDP dissector share; only they and its tests include
 * it.
 *
 * rdp.c cuts what is in the clear into TPKTs and reads the negotiation,
 * rdp_connect.c the connect messages that follow where no TLS does,
 * rdp_report.c makes the record.  TLS behind is read by tls_behind.h.
 */
#ifndef SENSOR_DISSECT_RDP_STATE_H
#define SENSOR_DISSECT_RDP_STATE_H

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/tls_behind.h"

enum {
	RDP_COOKIE_MAX = 128, /* bytes of a user's name; clients send nine */
	RDP_CHANNELS_MAX = 31,
	RDP_CHANNEL_SIZE = 8,
	RDP_NAME_SIZE = 32,
	RDP_KEPT_MAX = 4096 /* bytes kept of a TPKT; the rest is passed over */
};

/* The last that was seen, in its order. */
enum rdp_stage {
	RDP_NOTHING,
	RDP_REQUEST,
	RDP_RESPONSE,
	RDP_CONNECT_REQUEST,
	RDP_CONNECT_RESPONSE
};

struct rdp_request {
	bool is_seen, has_cookie, has_token, has_negotiation;
	uint8_t cookie[RDP_COOKIE_MAX];
	uint8_t cookie_size;
	uint8_t flags;
	uint32_t protocols;
};

struct rdp_answer {
	bool is_seen, is_failure;
	uint32_t code; /* protocol or failure */
};

/* MS-RDPBCGR 2.2.1.3 */
struct rdp_client {
	bool has_core, has_channels;
	uint32_t version, build, keyboard;
	uint16_t width, height;
	uint8_t name[RDP_NAME_SIZE]; /* UTF-16 */
	uint32_t channel_count;
	uint8_t channel[RDP_CHANNELS_MAX][RDP_CHANNEL_SIZE];
};

struct rdp {
	struct behind_lane *lane;
	struct behind tls;
	struct pieces pieces[SIDES];
	bool is_lost[SIDES];
	enum rdp_stage stage;
	int client; /* its side, -1 = not known yet */
	struct rdp_request request;
	struct rdp_answer answer;
	struct rdp_client told;
	bool has_security; /* of the connect response */
	uint32_t method, level;
	bool is_told;
	const char *violation; /* literal, or NULL */
};

/* The user data of a connect message, either side's; what is not there stays unseen. */
void rdp_connect_request(struct rdp *rdp, struct bytes data);
void rdp_connect_response(struct rdp *rdp, struct bytes data);

/* Emits the record, once. */
void rdp_report(struct rdp *rdp, struct instant at, const struct dissect_out *out);

#endif
