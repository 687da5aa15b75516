/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_xml: any bytes as a document, whole and in pieces: both ways tell the same
 * elements. */
#include <assert.h>
#include <stdlib.h>

#include "sensor/dissect/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t opened, closed, bytes;
};

static void
on_open(void *ctx, const struct xml_element *element)
{
	struct sum *sum = ctx;

	sum->opened++;
	assert(element->depth >= 1 && element->depth <= XML_DEPTH_MAX);
	assert(text_is_valid(element->name.at, element->name.size));
	for (uint32_t i = 0; i < element->attribute_count; i++)
		assert(text_is_valid(element->attribute[i].value.at,
				     element->attribute[i].value.size));
}

static void
on_text(void *ctx, struct text text)
{
	struct sum *sum = ctx;

	assert(text_is_valid(text.at, text.size));
	sum->bytes += text.size;
}

static void
on_close(void *ctx, const struct xml_element *element)
{
	struct sum *sum = ctx;

	(void)element;
	sum->closed++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct xml *xml;
	struct sum whole = { 0 }, pieces = { 0 };
	struct xml_sink sink = { &whole, on_open, on_text, on_close };

	if (xml == NULL)
		xml = xml_new();
	assert(xml != NULL && xml_begin(xml, &sink));
	xml_feed(xml, bytes_over(data, size));
	enum xml_result at_once = xml_end(xml);
	sink.ctx = &pieces;
	assert(xml_begin(xml, &sink));
	for (size_t at = 0; at < size; at += 7)
		xml_feed(xml, bytes_over(data + at, size - at < 7 ? size - at : 7));
	enum xml_result result = xml_end(xml);
	if (at_once <= XML_WHOLE) {
		assert(result == at_once);
		assert(whole.opened == pieces.opened && whole.closed == pieces.closed);
	}
	assert(whole.closed <= whole.opened);
	return 0;
}
