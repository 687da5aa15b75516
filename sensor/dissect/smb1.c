/* SPDX-License-Identifier: Apache-2.0 */
/* smb1: headers and commands of SMB 1 (MS-CIFS 2.2.3, 2.2.4). */
#include <string.h>

#include "sensor/dissect/smb_state.h"
#include "sensor/dissect/utf16.h"

enum { IS_ANSWER = 0x80, IS_UNICODE = 0x8000, ACTION_GUEST = 1 };

enum command {
	DELETE = 0x06,
	RENAME = 0x07,
	TRANSACTION = 0x25,
	READ = 0x2e,
	WRITE = 0x2f,
	TREE_DISCONNECT = 0x71,
	NEGOTIATE = 0x72,
	SESSION_SETUP = 0x73,
	TREE_CONNECT = 0x75,
	CREATE = 0xa2
};

struct message {
	struct bytes words, data;
	size_t data_at; /* of 'data', from the header's begin */
	uint8_t command, flags;
	uint32_t status;
	uint16_t flags2, tree, user, id;
};

static bool
take_header(struct bytes all, struct message *message)
{
	struct bytes from = all;

	bytes_take(&from, 4);
	message->command = bytes_u8(&from);
	message->status = bytes_u32le(&from);
	message->flags = bytes_u8(&from);
	message->flags2 = bytes_u16le(&from);
	bytes_take(&from, 12);
	message->tree = bytes_u16le(&from);
	bytes_take(&from, 2);
	message->user = bytes_u16le(&from);
	message->id = bytes_u16le(&from);
	message->words = bytes_window(&from, 2 * (size_t)bytes_u8(&from));
	uint16_t size = bytes_u16le(&from);
	message->data_at = all.left - from.left;
	message->data = bytes_window(&from, size < from.left ? size : from.left);
	return bytes_ok(&message->words) && bytes_ok(&from);
}

/* A dialect is a 2 and a text (MS-CIFS 2.2.4.52.1). */
static void
take_negotiate(struct smb *smb, struct bytes data)
{
	smb->has_request = true;
	smb->dialect_count = 0;
	while (data.left > 1 && smb->dialect_count < SMB_DIALECTS_MAX &&
	       bytes_u8(&data) == 2) {
		const uint8_t *end = memchr(data.at, 0, data.left);
		size_t size = end ? (size_t)(end - data.at) : data.left;
		char *dialect = smb->dialects[smb->dialect_count++];
		size_t kept = size < SMB_DIALECT_SIZE - 1 ? size : SMB_DIALECT_SIZE - 1;
		memcpy(dialect, data.at, kept);
		dialect[kept] = '\0';
		bytes_take(&data, end ? size + 1 : size);
	}
}

static void
take_negotiated(struct smb *smb, struct bytes words)
{
	enum { SIGNING_REQUIRED = 8 };
	uint16_t index = bytes_u16le(&words);
	uint8_t mode = bytes_u8(&words);

	smb->has_answer = true;
	smb->signs = mode & SIGNING_REQUIRED;
	if (index < smb->dialect_count)
		memcpy(smb->dialect1, smb->dialects[index], SMB_DIALECT_SIZE);
}

/* A text of the data: Unicode stands at an even place. */
static size_t
text_of_data(const struct message *message, size_t behind, uint8_t *out, size_t room)
{
	struct bytes data = message->data;

	bytes_take(&data, behind);
	if (message->flags2 & IS_UNICODE) {
		if ((message->data_at + behind) % 2)
			bytes_take(&data, 1);
		return utf16_to_utf8(data, out, room);
	}
	size_t size = data.left ? strnlen((const char *)data.at, data.left) : 0;
	size = size < room ? size : room;
	if (size > 0)
		memcpy(out, data.at, size);
	return size;
}

static void
take_connect(struct smb *smb, const struct message *message)
{
	struct bytes words = message->words;
	uint8_t name[SMB_NAME_MAX];

	bytes_take(&words, 6);
	uint16_t password = bytes_u16le(&words);
	struct smb_tree *tree = bytes_ok(&words) ? smb_tree_new(smb) : NULL;
	if (tree == NULL)
		return;
	smb_tree_name(tree, name, text_of_data(message, password, name, sizeof(name)));
	smb_wait(smb, message->id, SMB_CONNECT, tree);
}

static void
take_create(struct smb *smb, const struct message *message, struct smb_tree *tree)
{
	enum { DELETE_ON_CLOSE = 0x1000 };
	struct bytes words = message->words;
	uint8_t name[SMB_PIPE_MAX];

	bytes_take(&words, 39);
	uint32_t options = bytes_u32le(&words);
	if (tree->is_pipe)
		smb_tree_pipe(tree, name, text_of_data(message, 0, name, sizeof(name)));
	smb_wait(smb, message->id, SMB_CREATE, tree)->deletes =
		bytes_ok(&words) && options & DELETE_ON_CLOSE;
}

static void
take_request(struct smb *smb, const struct message *message)
{
	static const struct {
		uint8_t command, kind;
	} waits[] = { { DELETE, SMB_DELETE },
		      { RENAME, SMB_RENAME },
		      { READ, SMB_READ },
		      { WRITE, SMB_WRITE } };

	if (message->command == NEGOTIATE)
		take_negotiate(smb, message->data);
	else if (message->command == SESSION_SETUP)
		smb_token(smb, message->data);
	else if (message->command == TREE_CONNECT)
		take_connect(smb, message);
	if (message->tree == 0 || message->command == TREE_CONNECT ||
	    message->command == NEGOTIATE || message->command == SESSION_SETUP)
		return;
	struct smb_tree *tree = smb_tree_of(smb, message->tree);
	if (tree == NULL)
		return;
	if (message->command == CREATE)
		take_create(smb, message, tree);
	if (message->command == WRITE || message->command == TRANSACTION)
		smb_tree_written(tree, message->data);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		if (waits[i].command == message->command)
			smb_wait(smb, message->id, waits[i].kind, tree);
}

/* The service a share offers, as text: "A:", "IPC", "LPT1:". */
static uint8_t
type_of(struct bytes data)
{
	enum { DISK = 1, PIPE, PRINT };

	if (data.left >= 3 && memcmp(data.at, "IPC", 3) == 0)
		return PIPE;
	return data.left >= 3 && memcmp(data.at, "LPT", 3) == 0 ? PRINT : DISK;
}

static void
take_created(const struct smb_waiting *waiting, struct bytes words)
{
	bytes_take(&words, 7);
	uint32_t action = bytes_u32le(&words);
	bytes_take(&words, 44);
	uint64_t size = bytes_u64le(&words);

	if (bytes_ok(&words))
		smb_created(waiting, action, size);
}

/* The low half of a size, something else, and the high half. */
static uint32_t
size_in_halves(struct bytes words)
{
	uint32_t low = bytes_u16le(&words);

	bytes_take(&words, 2);
	return low | (uint32_t)bytes_u16le(&words) << 16;
}

static void
take_result(const struct smb_waiting *waiting, const struct message *message)
{
	struct smb_tree *tree = waiting->tree;
	struct bytes words = message->words;

	switch (waiting->kind) {
	case SMB_CONNECT:
		tree->type = type_of(message->data);
		tree->is_pipe |= tree->type == 2;
		tree->id = message->tree;
		tree->has_id = true;
		return;
	case SMB_CREATE:
		take_created(waiting, words);
		return;
	case SMB_READ:
		bytes_take(&words, 10);
		tree->read += size_in_halves(words);
		return;
	case SMB_WRITE:
		bytes_take(&words, 4);
		tree->written += size_in_halves(words);
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
	struct bytes words = message->words;

	if (message->command == NEGOTIATE) {
		take_negotiated(smb, words);
	} else if (message->command == SESSION_SETUP) {
		bytes_take(&words, 4);
		smb->session = message->user;
		smb_session_over(smb, message->status,
				 bytes_u16le(&words) & ACTION_GUEST, at, out);
	} else if (message->command == TREE_DISCONNECT) {
		for (int i = 0; i < SMB_TREES_MAX; i++)
			if (smb->tree[i] && smb->tree[i]->has_id &&
			    smb->tree[i]->id == message->tree)
				smb_tree_over(smb, smb->tree[i], at, out);
	} else
		take_waited(smb, message, at, out);
}

void
smb1_message(struct smb *smb, int side, struct bytes data, struct instant at,
	     const struct dissect_out *out)
{
	struct message message;

	if (!take_header(data, &message))
		return;
	bool is_answer = message.flags & IS_ANSWER;
	/* a client of SMB 2 may ask in the form of SMB 1 first */
	smb->is_smb1 |= message.command != NEGOTIATE || is_answer;
	smb_client_is(smb, is_answer ? !side : side, out);
	if (is_answer)
		take_answer(smb, &message, at, out);
	else
		take_request(smb, &message);
}
