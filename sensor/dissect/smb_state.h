/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb_state: what the parts of the SMB dissector share; only they and its tests include
 * it.
 *
 * smb.c cuts the stream into messages, smb1.c and smb2.c read their headers
 * and commands, smb_tree.c keeps shares and the requests that wait for an
 * answer, smb_auth.c reads the log-in, smb_report.c makes the records.  Of a
 * file's name and contents not a byte is kept.
 */
#ifndef SENSOR_DISSECT_SMB_STATE_H
#define SENSOR_DISSECT_SMB_STATE_H

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/telling.h"

enum {
	SMB_KEPT_MAX = 8192,  /* bytes kept of a message; contents of files are cut */
	SMB_TREES_MAX = 16,   /* shares at once; those beyond are dropped and counted */
	SMB_WAITING_MAX = 32, /* requests that wait; then the oldest is dropped */
	SMB_NAME_MAX = 128,   /* bytes of UTF-8 of a name */
	SMB_LIST_MAX = 8,     /* pipes, and interfaces, of a share */
	SMB_PIPE_MAX = 32,
	SMB_UUID_SIZE = 16,
	SMB_DIALECTS_MAX = 12,
	SMB_DIALECT_SIZE = 24
};

enum {
	STATUS_SUCCESS = 0,
	STATUS_PENDING = 0x103,
	STATUS_MORE_PROCESSING = (int)0xc0000016
};

struct smb_name {
	uint8_t at[SMB_NAME_MAX]; /* UTF-8 */
	uint8_t size;
};

struct smb_tree {
	uint32_t id;
	bool has_id, is_pipe, has_share;
	uint8_t type; /* 1 disk, 2 pipe, 3 print; 0 not known */
	uint32_t status;
	struct smb_name share;
	uint8_t pipe_count, interface_count;
	uint8_t pipe_size[SMB_LIST_MAX];
	uint8_t pipe[SMB_LIST_MAX][SMB_PIPE_MAX];
	uint8_t interface[SMB_LIST_MAX][SMB_UUID_SIZE];
	uint64_t opened, created, overwritten, deleted, renamed, refused, largest;
	uint64_t read, written;
};

enum smb_kind { SMB_CONNECT, SMB_CREATE, SMB_READ, SMB_WRITE, SMB_DELETE, SMB_RENAME };

struct smb_waiting {
	uint64_t id;
	struct smb_tree *tree; /* borrowed */
	uint8_t kind;
	bool is_used, deletes; /* on close */
};

struct smb {
	struct dissect_lane *lane;
	struct pieces pieces[SIDES];
	bool is_lost[SIDES];
	int client; /* its side, -1 = not known yet */
	bool is_first, has_request, has_answer, is_smb1, is_smb2, is_encrypted;
	uint16_t dialect; /* of SMB 2 and 3 */
	bool has_dialect, signs;
	uint8_t dialect_count;
	char dialects[SMB_DIALECTS_MAX][SMB_DIALECT_SIZE]; /* offered */
	char dialect1[SMB_DIALECT_SIZE];                   /* chosen of SMB 1 */
	bool is_kerberos, is_ntlm, has_user;
	struct smb_name user, domain, host;
	uint64_t session;
	bool is_session_told;
	struct smb_tree *tree[SMB_TREES_MAX]; /* owned, counted in the lane */
	struct smb_tree *last;                /* the one spoken of last; borrowed */
	struct smb_waiting waiting[SMB_WAITING_MAX];
	uint8_t next_waiting;
	const char *violation; /* literal, or NULL */
};

/* A message behind the four bytes of its frame; 'is_cut': its end is missing. */
void smb1_message(struct smb *smb, int side, struct bytes message, struct instant at,
		  const struct dissect_out *out);
void smb2_message(struct smb *smb, int side, struct bytes message, struct instant at,
		  const struct dissect_out *out);

void smb_client_is(struct smb *smb, int side, const struct dissect_out *out);

/* The log-in's token: NTLMSSP or Kerberos, in SPNEGO or not. */
void smb_token(struct smb *smb, struct bytes token);
/* 'flags' of SMB 2: 1 guest, 2 anonymous, 4 encrypt. */
void smb_session_over(struct smb *smb, uint32_t status, uint16_t flags,
		      struct instant at, const struct dissect_out *out);

struct smb_tree *smb_tree_new(struct smb *smb);
/* The share of 'id'; one that was connected to before the capture is new. */
struct smb_tree *smb_tree_of(struct smb *smb, uint32_t id);
void smb_tree_name(struct smb_tree *tree, const uint8_t *utf8, size_t size);
void smb_tree_pipe(struct smb_tree *tree, const uint8_t *utf8, size_t size);
/* Data written to a pipe: a bind names interfaces. */
void smb_tree_written(struct smb_tree *tree, struct bytes data);
/* Tells of it and lets it go. */
void smb_tree_over(struct smb *smb, struct smb_tree *tree, struct instant at,
		   const struct dissect_out *out);

struct smb_waiting *smb_wait(struct smb *smb, uint64_t id, enum smb_kind kind,
			     struct smb_tree *tree);
/* The request of this answer, taken out; 'is_used' is false if there is none. */
struct smb_waiting smb_answered(struct smb *smb, uint64_t id);
/* How a file was opened: CreateAction, and its size. */
void smb_created(const struct smb_waiting *waiting, uint32_t action, uint64_t size);

void smb_report_session(struct smb *smb, bool has_status, uint32_t status,
			uint16_t flags, struct instant at,
			const struct dissect_out *out);
void smb_report_tree(struct smb *smb, const struct smb_tree *tree, struct instant at,
		     const struct dissect_out *out);

#endif
