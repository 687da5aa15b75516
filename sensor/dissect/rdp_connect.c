/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdp_connect: the connect messages of RDP without TLS (MS-RDPBCGR 2.2.1.3, 2.2.1.4).
 *
 * The blocks stand behind T.125 and T.124 in a row of type and size.  What is
 * around them says nothing, so they are looked for by the key in front of
 * them ("Duca" of the client, "McDn" of the server).
 */
#include <string.h>

#include "sensor/dissect/rdp_state.h"
#include "sensor/dissect/utf16.h"

enum { CS_CORE = 0xc001, CS_NET = 0xc003, SC_SECURITY = 0x0c02, BLOCK_HEADER = 4 };

/* The row of blocks, behind the key and its size (one byte, or two). */
static struct bytes
blocks_behind(struct bytes data, const char *key)
{
	const uint8_t *at = data.left ? memmem(data.at, data.left, key, 4) : NULL;

	if (at == NULL)
		return bytes_over(NULL, 0);
	bytes_take(&data, (size_t)(at - data.at) + 4);
	if (bytes_u8(&data) & 0x80)
		bytes_u8(&data);
	return data;
}

/* Takes a block; false at the end. */
static bool
next_block(struct bytes *blocks, uint16_t *type, struct bytes *block)
{
	*type = bytes_u16le(blocks);
	uint16_t size = bytes_u16le(blocks);

	if (!bytes_ok(blocks) || size < BLOCK_HEADER)
		return false;
	*block = bytes_window(blocks, size - BLOCK_HEADER);
	return bytes_ok(block);
}

static void
take_core(struct rdp_client *client, struct bytes block)
{
	client->version = bytes_u32le(&block);
	client->width = bytes_u16le(&block);
	client->height = bytes_u16le(&block);
	bytes_take(&block, 4);
	client->keyboard = bytes_u32le(&block);
	client->build = bytes_u32le(&block);
	const uint8_t *name = bytes_take(&block, RDP_NAME_SIZE);
	client->has_core = name != NULL;
	if (name)
		memcpy(client->name, name, RDP_NAME_SIZE);
}

static void
take_channels(struct rdp_client *client, struct bytes block)
{
	uint32_t count = bytes_u32le(&block);

	client->has_channels = bytes_ok(&block);
	while (count-- > 0 && client->channel_count < RDP_CHANNELS_MAX) {
		const uint8_t *name = bytes_take(&block, RDP_CHANNEL_SIZE);
		bytes_take(&block, 4);
		if (name == NULL)
			return;
		memcpy(client->channel[client->channel_count++], name,
		       RDP_CHANNEL_SIZE);
	}
}

void
rdp_connect_request(struct rdp *rdp, struct bytes data)
{
	struct bytes blocks = blocks_behind(data, "Duca"), block;
	uint16_t type;

	while (next_block(&blocks, &type, &block))
		if (type == CS_CORE)
			take_core(&rdp->told, block);
		else if (type == CS_NET && !rdp->told.has_channels)
			take_channels(&rdp->told, block);
}

void
rdp_connect_response(struct rdp *rdp, struct bytes data)
{
	struct bytes blocks = blocks_behind(data, "McDn"), block;
	uint16_t type;

	while (next_block(&blocks, &type, &block))
		if (type == SC_SECURITY) {
			rdp->method = bytes_u32le(&block);
			rdp->level = bytes_u32le(&block);
			rdp->has_security = bytes_ok(&block);
		}
}
