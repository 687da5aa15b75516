/* SPDX-License-Identifier: Apache-2.0 */
/* smb_tree: shares, what is done there, and requests that wait for their answers. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/smb_state.h"
#include "sensor/dissect/utf16.h"

struct smb_tree *
smb_tree_new(struct smb *smb)
{
	struct kept_budget *budget = &smb->lane->budget;
	struct smb_tree *tree = NULL;
	int free_one = 0;

	while (free_one < SMB_TREES_MAX && smb->tree[free_one])
		free_one++;
	if (free_one < SMB_TREES_MAX && budget->held + sizeof(*tree) <= budget->most)
		tree = calloc(1, sizeof(*tree));
	if (tree == NULL) {
		smb->lane->counters.dropped++;
		return NULL;
	}
	budget->held += sizeof(*tree);
	smb->tree[free_one] = smb->last = tree;
	return tree;
}

struct smb_tree *
smb_tree_of(struct smb *smb, uint32_t id)
{
	for (int i = 0; i < SMB_TREES_MAX; i++)
		if (smb->tree[i] && smb->tree[i]->has_id && smb->tree[i]->id == id)
			return smb->last = smb->tree[i];
	struct smb_tree *tree = smb_tree_new(smb);
	if (tree) {
		tree->id = id;
		tree->has_id = true;
	}
	return tree;
}

void
smb_tree_name(struct smb_tree *tree, const uint8_t *utf8, size_t size)
{
	size_t kept = size < SMB_NAME_MAX ? size : SMB_NAME_MAX;

	memcpy(tree->share.at, utf8, kept);
	tree->share.size = (uint8_t)kept;
	tree->has_share = true;
	tree->is_pipe =
		kept >= 4 && strncasecmp((const char *)utf8 + kept - 4, "IPC$", 4) == 0;
}

void
smb_tree_pipe(struct smb_tree *tree, const uint8_t *utf8, size_t size)
{
	while (size > 0 && *utf8 == '\\') {
		utf8++;
		size--;
	}
	size = size < SMB_PIPE_MAX ? size : SMB_PIPE_MAX;
	for (int i = 0; i < tree->pipe_count; i++)
		if (tree->pipe_size[i] == size &&
		    memcmp(tree->pipe[i], utf8, size) == 0)
			return;
	if (size == 0 || tree->pipe_count == SMB_LIST_MAX)
		return;
	memcpy(tree->pipe[tree->pipe_count], utf8, size);
	tree->pipe_size[tree->pipe_count++] = (uint8_t)size;
}

static void
add_interface(struct smb_tree *tree, const uint8_t *uuid)
{
	for (int i = 0; i < tree->interface_count; i++)
		if (memcmp(tree->interface[i], uuid, SMB_UUID_SIZE) == 0)
			return;
	if (tree->interface_count < SMB_LIST_MAX)
		memcpy(tree->interface[tree->interface_count++], uuid, SMB_UUID_SIZE);
}

/* A bind of DCE/RPC (C706 section 12.6.4.3), little-endian as all Windows speak it. */
void
smb_tree_written(struct smb_tree *tree, struct bytes data)
{
	static const uint8_t bind[] = { 5, 0, 11, 3, 16, 0, 0, 0 };
	enum { BIND_HEADER = 24, SYNTAX = 20 };
	const uint8_t *at =
		data.left ? memmem(data.at, data.left, bind, sizeof(bind)) : NULL;

	if (at == NULL || !tree->is_pipe)
		return;
	bytes_take(&data, (size_t)(at - data.at) + BIND_HEADER);
	uint8_t contexts = bytes_u8(&data);
	bytes_take(&data, 3);
	while (contexts-- > 0) {
		bytes_take(&data, 2);
		uint8_t syntaxes = bytes_u8(&data);
		bytes_take(&data, 1);
		const uint8_t *uuid = bytes_take(&data, SYNTAX);
		bytes_take(&data, (size_t)syntaxes * SYNTAX);
		if (uuid == NULL)
			return;
		add_interface(tree, uuid);
	}
}

void
smb_tree_over(struct smb *smb, struct smb_tree *tree, struct instant at,
	      const struct dissect_out *out)
{
	smb_report_tree(smb, tree, at, out);
	for (int i = 0; i < SMB_WAITING_MAX; i++)
		if (smb->waiting[i].tree == tree)
			smb->waiting[i].is_used = false;
	for (int i = 0; i < SMB_TREES_MAX; i++)
		if (smb->tree[i] == tree)
			smb->tree[i] = NULL;
	if (smb->last == tree)
		smb->last = NULL;
	smb->lane->budget.held -= sizeof(*tree);
	free(tree);
}

struct smb_waiting *
smb_wait(struct smb *smb, uint64_t id, enum smb_kind kind, struct smb_tree *tree)
{
	struct smb_waiting *waiting = &smb->waiting[smb->next_waiting];

	smb->next_waiting = (uint8_t)((smb->next_waiting + 1) % SMB_WAITING_MAX);
	smb->lane->counters.dropped += waiting->is_used;
	*waiting = (struct smb_waiting){
		.id = id, .tree = tree, .kind = (uint8_t)kind, .is_used = true
	};
	return waiting;
}

struct smb_waiting
smb_answered(struct smb *smb, uint64_t id)
{
	for (int i = 0; i < SMB_WAITING_MAX; i++)
		if (smb->waiting[i].is_used && smb->waiting[i].id == id) {
			smb->waiting[i].is_used = false;
			struct smb_waiting found = smb->waiting[i];
			found.is_used = true;
			return found;
		}
	return (struct smb_waiting){ 0 };
}

void
smb_created(const struct smb_waiting *waiting, uint32_t action, uint64_t size)
{
	struct smb_tree *tree = waiting->tree;
	enum { OPENED = 1, CREATED = 2 };

	if (action == OPENED)
		tree->opened++;
	else if (action == CREATED)
		tree->created++;
	else
		tree->overwritten++;
	tree->deleted += waiting->deletes;
	if (size > tree->largest)
		tree->largest = size;
}
