/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_frame: a frame from outside is refused or has exactly the lines it says. */
#include <assert.h>
#include <stdlib.h>

#include "common/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct frame_codec *codec;
	struct frame_header header;
	const char *raw;
	struct error err;

	if (codec == NULL)
		codec = frame_codec_new();
	if (frame_open(codec, data, size, &header, &raw, &err) == -1)
		return 0;
	size_t lines = 0;
	for (size_t i = 0; i < header.raw_size; i++)
		lines += raw[i] == '\n';
	assert(lines == header.count && raw[header.raw_size - 1] == '\n');
	return 0;
}
