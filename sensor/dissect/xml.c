/* SPDX-License-Identifier: Apache-2.0 */
/* xml: reads an untrusted document piece by piece, bounded, and tells its elements. */
#include "sensor/dissect/xml.h"

#include <expat.h>
#include <stdlib.h>

/* Between a namespace and a name; stands in neither, since XML has no such character.
 */
static const char separator = '\n';

struct xml {
	XML_Parser parser;
	struct xml_sink sink;
	struct xml_attribute attribute[XML_ATTRIBUTES_MAX];
	size_t size; /* bytes fed of this document */
	uint32_t depth;
	enum xml_result result;
	bool is_ended;
};

static struct text
cut_text(const char *at, size_t size, bool *is_cut)
{
	if (size > XML_TEXT_MAX) {
		*is_cut = true;
		size = XML_TEXT_MAX;
		while (size > 0 && ((uint8_t)at[size] & 0xc0) == 0x80)
			size--;
	}
	return (struct text){ at, (uint32_t)size };
}

/* expat writes a qualified name as namespace, separator, local name. */
static void
split_name(const char *qualified, struct text *space, struct text *name, bool *is_cut)
{
	const char *end = strchr(qualified, separator);

	*space = end ? cut_text(qualified, (size_t)(end - qualified), is_cut)
		     : (struct text){ 0 };
	qualified = end ? end + 1 : qualified;
	*name = cut_text(qualified, strlen(qualified), is_cut);
}

static void
stop(struct xml *xml, enum xml_result result)
{
	xml->result = result;
	XML_StopParser(xml->parser, XML_FALSE);
}

static void
read_attributes(struct xml *xml, const char **pair, struct xml_element *element)
{
	for (; pair[0] != NULL; pair += 2) {
		struct xml_attribute *to = xml->attribute + element->attribute_count;
		if (element->attribute_count == XML_ATTRIBUTES_MAX) {
			element->is_cut = true;
			return;
		}
		split_name(pair[0], &to->space, &to->name, &element->is_cut);
		to->value = cut_text(pair[1], strlen(pair[1]), &element->is_cut);
		element->attribute_count++;
	}
}

static void XMLCALL
on_open(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *xml = ctx;
	struct xml_element element = { .attribute = xml->attribute };

	if (xml->result != XML_GOES_ON)
		return;
	if (xml->depth == XML_DEPTH_MAX) {
		stop(xml, XML_LIMIT);
		return;
	}
	element.depth = ++xml->depth;
	if (xml->sink.open == NULL)
		return;
	split_name(name, &element.space, &element.name, &element.is_cut);
	read_attributes(xml, attributes, &element);
	xml->sink.open(xml->sink.ctx, &element);
}

static void XMLCALL
on_text(void *ctx, const XML_Char *at, int size)
{
	struct xml *xml = ctx;

	if (xml->result == XML_GOES_ON && xml->sink.text != NULL)
		xml->sink.text(xml->sink.ctx, (struct text){ at, (uint32_t)size });
}

static void XMLCALL
on_close(void *ctx, const XML_Char *name)
{
	struct xml *xml = ctx;
	struct xml_element element = { .depth = xml->depth };

	if (xml->result != XML_GOES_ON)
		return;
	xml->depth--;
	if (xml->sink.close != NULL) {
		split_name(name, &element.space, &element.name, &element.is_cut);
		xml->sink.close(xml->sink.ctx, &element);
	}
	if (xml->depth == 0)
		xml->result = XML_WHOLE;
}

static void XMLCALL
on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
	   const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(ctx, XML_REFUSED);
}

struct xml *
xml_new(void)
{
	struct xml *xml = calloc(1, sizeof(*xml));

	if (xml == NULL)
		return NULL;
	xml->parser = XML_ParserCreateNS(NULL, separator);
	if (xml->parser == NULL) {
		free(xml);
		return NULL;
	}
	xml->result = XML_BROKEN;
	return xml;
}

void
xml_free(struct xml *xml)
{
	if (xml == NULL)
		return;
	XML_ParserFree(xml->parser);
	free(xml);
}

bool
xml_begin(struct xml *xml, const struct xml_sink *sink)
{
	if (!XML_ParserReset(xml->parser, NULL))
		return false;
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_open, on_close);
	XML_SetCharacterDataHandler(xml->parser, on_text);
	XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
	xml->sink = *sink;
	xml->size = 0;
	xml->depth = 0;
	xml->result = XML_GOES_ON;
	xml->is_ended = false;
	return true;
}

/* An error that says no more than that the document ends too early. */
static bool
is_cut_off(enum XML_Error error)
{
	return error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
	       error == XML_ERROR_PARTIAL_CHAR ||
	       error == XML_ERROR_UNCLOSED_CDATA_SECTION;
}

static enum xml_result
parse(struct xml *xml, const char *at, size_t size, bool is_end)
{
	if (XML_Parse(xml->parser, at, (int)size, is_end) == XML_STATUS_OK ||
	    xml->result > XML_WHOLE)
		return xml->result;
	if (!is_end || !is_cut_off(XML_GetErrorCode(xml->parser)))
		xml->result = XML_BROKEN;
	return xml->result;
}

enum xml_result
xml_feed(struct xml *xml, struct bytes data)
{
	if (xml->result > XML_WHOLE || data.left == 0)
		return xml->result;
	if (data.left > XML_READ_MAX - xml->size) {
		xml->result = XML_LIMIT;
		return xml->result;
	}
	xml->size += data.left;
	return parse(xml, (const char *)data.at, data.left, false);
}

enum xml_result
xml_end(struct xml *xml)
{
	if (xml->result > XML_WHOLE || xml->is_ended)
		return xml->result;
	xml->is_ended = true;
	return parse(xml, "", 0, true);
}

struct text
xml_attribute(const struct xml_element *element, const char *name)
{
	for (uint32_t i = 0; i < element->attribute_count; i++)
		if (element->attribute[i].space.size == 0 &&
		    text_is(element->attribute[i].name, name))
			return element->attribute[i].value;
	return (struct text){ 0 };
}
