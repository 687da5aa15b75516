/* SPDX-License-Identifier: Apache-2.0 */
/* smb2: headers and commands of SMB 2 and 3 (MS-SMB2 2.2). */
#include <stdio.h>
#include <string.h>

#include "sensor/dissect/smb_state.h"
#include "sensor/dissect/utf16.h"

enum { HEADER = 64, IS_ANSWER = 1, IS_ASYNC = 2 };

enum command {
	NEGOTIATE = 0,
	SESSION_SETUP = 1,
	TREE_CONNECT = 3,
	TREE_DISCONNECT = 4,
	CREATE = 5,
	READ = 8,
	WRITE = 9,
	IOCTL = 11,
	SET_INFO = 17
};

/* A message: from its header on, and the same behind the header. */
struct message {
	struct bytes all, body;
	uint32_t status, flags, tree;
	uint16_t command;
	uint64_t id, session;
};

static bool
take_header(struct bytes data, struct message *message, uint32_t *next)
{
	message->all = data;
	bytes_take(&data, 8);
	message->status = bytes_u32le(&data);
	message->command = bytes_u16le(&data);
	bytes_take(&data, 2);
	message->flags = bytes_u32le(&data);
	*next = bytes_u32le(&data);
	message->id = bytes_u64le(&data);
	bytes_take(&data, 4);
	message->tree = bytes_u32le(&data);
	message->session = bytes_u64le(&data);
	bytes_take(&data, 16);
	message->body = data;
	return bytes_ok(&data);
}

/* A buffer by its place in the message and its size; what is cut off is missing. */
static struct bytes
buffer(const struct message *message, uint32_t offset, uint32_t size)
{
	struct bytes all = message->all;

	bytes_take(&all, offset);
	return bytes_window(&all, size < all.left ? size : all.left);
}

static void
take_negotiate(struct smb *smb, struct bytes body)
{
	bytes_take(&body, 2);
	uint16_t count = bytes_u16le(&body);
	bytes_take(&body, 32);
	smb->has_request = true;
	smb->dialect_count = 0;
	while (count-- > 0 && smb->dialect_count < SMB_DIALECTS_MAX) {
		unsigned dialect = bytes_u16le(&body);
		if (!bytes_ok(&body))
			return;
		snprintf(smb->dialects[smb->dialect_count++], SMB_DIALECT_SIZE,
			 "%x.%02x", dialect >> 8, dialect & 0xff);
	}
}

static void
take_negotiated(struct smb *smb, struct bytes body)
{
	bytes_take(&body, 2);
	uint16_t mode = bytes_u16le(&body);
	uint16_t dialect = bytes_u16le(&body);

	if (!bytes_ok(&body))
		return;
	smb->has_answer = smb->has_dialect = true;
	smb->dialect = dialect;
	smb->signs = mode & 2;
}

static void
take_setup(struct smb *smb, const struct message *message)
{
	struct bytes body = message->body;

	bytes_take(&body, 12);
	uint16_t offset = bytes_u16le(&body);
	uint16_t size = bytes_u16le(&body);
	if (bytes_ok(&body))
		smb_token(smb, buffer(message, offset, size));
}

static void
take_connect(struct smb *smb, const struct message *message)
{
	struct bytes body = message->body;
	uint8_t name[SMB_NAME_MAX];

	bytes_take(&body, 4);
	uint16_t offset = bytes_u16le(&body);
	uint16_t size = bytes_u16le(&body);
	struct smb_tree *tree = bytes_ok(&body) ? smb_tree_new(smb) : NULL;
	if (tree == NULL)
		return;
	smb_tree_name(tree, name,
		      utf16_to_utf8(buffer(message, offset, size), name, sizeof(name)));
	smb_wait(smb, message->id, SMB_CONNECT, tree);
}

static void
take_create(struct smb *smb, const struct message *message, struct smb_tree *tree)
{
	enum { DELETE_ON_CLOSE = 0x1000 };
	struct bytes body = message->body;
	uint8_t name[SMB_PIPE_MAX];

	bytes_take(&body, 40);
	uint32_t options = bytes_u32le(&body);
	uint16_t offset = bytes_u16le(&body);
	uint16_t size = bytes_u16le(&body);
	if (!bytes_ok(&body))
		return;
	if (tree->is_pipe)
		smb_tree_pipe(tree, name,
			      utf16_to_utf8(buffer(message, offset, size), name,
					    sizeof(name)));
	smb_wait(smb, message->id, SMB_CREATE, tree)->deletes =
		options & DELETE_ON_CLOSE;
}

/* MS-FSCC 2.4: of a file's information only its name and its end are of interest. */
static void
take_set_info(struct smb *smb, const struct message *message, struct smb_tree *tree)
{
	enum { FILE_INFO = 1, RENAME = 10, DISPOSITION = 13, DISPOSITION_EX = 64 };
	struct bytes body = message->body;

	bytes_take(&body, 2);
	uint8_t type = bytes_u8(&body);
	uint8_t what = bytes_u8(&body);
	uint32_t size = bytes_u32le(&body);
	uint16_t offset = bytes_u16le(&body);
	struct bytes info = buffer(message, offset, size);
	if (type != FILE_INFO || !bytes_ok(&body))
		return;
	if (what == RENAME)
		smb_wait(smb, message->id, SMB_RENAME, tree);
	else if ((what == DISPOSITION || what == DISPOSITION_EX) && bytes_u8(&info) & 1)
		smb_wait(smb, message->id, SMB_DELETE, tree);
}

static void
take_request(struct smb *smb, const struct message *message)
{
	struct smb_tree *tree =
		message->tree == UINT32_MAX || message->command <= TREE_CONNECT
			? smb->last
			: smb_tree_of(smb, message->tree);

	switch (message->command) {
	case NEGOTIATE:
		take_negotiate(smb, message->body);
		return;
	case SESSION_SETUP:
		take_setup(smb, message);
		return;
	case TREE_CONNECT:
		take_connect(smb, message);
		return;
	default:
		break;
	}
	if (tree == NULL)
		return;
	switch (message->command) {
	case CREATE:
		take_create(smb, message, tree);
		return;
	case READ:
		smb_wait(smb, message->id, SMB_READ, tree);
		return;
	case WRITE:
		smb_wait(smb, message->id, SMB_WRITE, tree);
		smb_tree_written(tree, message->body);
		return;
	case IOCTL:
		smb_tree_written(tree, message->body);
		return;
	case SET_INFO:
		take_set_info(smb, message, tree);
		return;
	default:
		return;
	}
}

static void
take_created(const struct smb_waiting *waiting, struct bytes body)
{
	bytes_take(&body, 4);
	uint32_t action = bytes_u32le(&body);
	bytes_take(&body, 40);
	uint64_t size = bytes_u64le(&body);

	if (bytes_ok(&body))
		smb_created(waiting, action, size);
}

static void
take_result(const struct smb_waiting *waiting, const struct message *message)
{
	struct smb_tree *tree = waiting->tree;
	struct bytes body = message->body;

	switch (waiting->kind) {
	case SMB_CONNECT:
		bytes_take(&body, 2);
		tree->type = bytes_u8(&body);
		tree->is_pipe |= tree->type == 2;
		tree->id = message->tree;
		tree->has_id = true;
		return;
	case SMB_CREATE:
		take_created(waiting, body);
		return;
	case SMB_READ:
	case SMB_WRITE:
		bytes_take(&body, 4);
		if (waiting->kind == SMB_READ)
			tree->read += bytes_u32le(&body);
		else
			tree->written += bytes_u32le(&body);
		return;
	case SMB_DELETE:
		tree->deleted++;
		return;
	default:
		tree->renamed++;
		return;
	}
}

static void
take_waited(struct smb *smb, const struct message *message, struct instant at,
	    const struct dissect_out *out)
{
	struct smb_waiting waiting = smb_answered(smb, message->id);

	if (!waiting.is_used)
		return;
	if (message->status == STATUS_SUCCESS) {
		take_result(&waiting, message);
	} else if (waiting.kind == SMB_CONNECT) {
		waiting.tree->status = message->status;
		smb_tree_over(smb, waiting.tree, at, out);
	} else if (waiting.kind == SMB_CREATE)
		waiting.tree->refused++;
}

static void
take_answer(struct smb *smb, const struct message *message, struct instant at,
	    const struct dissect_out *out)
{
	struct bytes body = message->body;

	if (message->status == STATUS_PENDING)
		return;
	if (message->command == NEGOTIATE) {
		take_negotiated(smb, body);
	} else if (message->command == SESSION_SETUP) {
		bytes_take(&body, 2);
		smb->session = message->session;
		smb_session_over(smb, message->status, bytes_u16le(&body), at, out);
	} else if (message->command == TREE_DISCONNECT) {
		if (message->status == STATUS_SUCCESS && !(message->flags & IS_ASYNC))
			for (int i = 0; i < SMB_TREES_MAX; i++)
				if (smb->tree[i] && smb->tree[i]->has_id &&
				    smb->tree[i]->id == message->tree)
					smb_tree_over(smb, smb->tree[i], at, out);
	} else
		take_waited(smb, message, at, out);
}

/* Several may stand in a row, each telling where the next begins. */
void
smb2_message(struct smb *smb, int side, struct bytes data, struct instant at,
	     const struct dissect_out *out)
{
	struct message message;
	uint32_t next;

	smb->is_smb2 = true;
	do {
		if (!take_header(data, &message, &next))
			return;
		bool is_answer = message.flags & IS_ANSWER;
		smb_client_is(smb, is_answer ? !side : side, out);
		if (next > 0 && next < message.body.left + HEADER)
			message.body.left = next < HEADER ? 0 : next - HEADER;
		if (is_answer)
			take_answer(smb, &message, at, out);
		else
			take_request(smb, &message);
	} while (next >= HEADER && bytes_take(&data, next) != NULL);
}
