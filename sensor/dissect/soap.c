/* SPDX-License-Identifier: Apache-2.0 */
/* soap: reads a SOAP envelope as it comes, and keeps codes, counts and ids alone. */
#include "sensor/dissect/soap.h"

#include <stdio.h>
#include <string.h>

static const char envelope_11[] = "http://schemas.xmlsoap.org/soap/envelope/";
static const char envelope_12[] = "http://www.w3.org/2003/05/soap-envelope";

static struct bytes
bytes_of(struct text text)
{
	return bytes_over(text.at, text.size);
}

void
soap_set(struct soap *soap, enum soap_text which, struct text value)
{
	if (value.size > 0)
		http_texts_set(&soap->texts, soap->budget, which, bytes_of(value),
			       SOAP_TEXT_MAX);
}

void
soap_gather(struct soap *soap, uint32_t depth,
	    void (*take)(struct soap *, struct bytes, unsigned), unsigned where)
{
	soap->taking_depth = depth;
	soap->take = take;
	soap->take_where = where;
	soap->size = 0;
}

void
soap_take_text(struct soap *soap, struct bytes text, unsigned which)
{
	text = http_trim(text);
	if (text.left > 0)
		http_texts_set(&soap->texts, soap->budget, which, text, SOAP_TEXT_MAX);
}

/* A stored query has its values in quotes, and several in brackets. */
static struct bytes
next_value(struct bytes *list)
{
	static const char around[] = "'()\" \t\r\n";
	struct bytes one = http_until(list, ',');

	while (one.left > 0 && strchr(around, one.at[0]) != NULL)
		bytes_take(&one, 1);
	while (one.left > 0 && strchr(around, one.at[one.left - 1]) != NULL)
		one.left--;
	return one;
}

void
soap_take_item(struct soap *soap, struct bytes text, unsigned list)
{
	while (text.left > 0)
		http_list_add(&soap->list[list], soap->budget, next_value(&text),
			      SOAP_ITEMS_MAX);
}

struct bytes
soap_patient(char *room, struct bytes authority, struct bytes id)
{
	int size = snprintf(room, SOAP_TEXT_MAX, "%.*s^^^&%.*s&ISO",
			    (int)(id.left < 200 ? id.left : 200),
			    id.left ? (const char *)id.at : "",
			    (int)(authority.left < 200 ? authority.left : 200),
			    authority.left ? (const char *)authority.at : "");

	return bytes_over(room, (size_t)size);
}

static void
add_patient(struct soap *soap, struct bytes authority, struct bytes id)
{
	char room[SOAP_TEXT_MAX];

	if (id.left > 0)
		http_list_add(&soap->list[SOAP_PATIENTS], soap->budget,
			      soap_patient(room, authority, id), SOAP_ITEMS_MAX);
}

void
soap_add_patient(struct soap *soap, struct text authority, struct text id)
{
	add_patient(soap, bytes_of(authority), bytes_of(id));
}

/* HL7's CX: the id, two components we pass over, the authority: name & id & kind. */
void
soap_take_patients(struct soap *soap, struct bytes text, unsigned unused)
{
	(void)unused;
	while (text.left > 0) {
		struct bytes one = next_value(&text);
		struct bytes id = http_until(&one, '^');
		http_until(&one, '^');
		http_until(&one, '^');
		struct bytes authority = http_until(&one, '^');
		http_until(&authority, '&');
		add_patient(soap, http_until(&authority, '&'), id);
	}
}

static void
open_envelope(struct soap *soap, const struct xml_element *element)
{
	if (!text_is(element->name, "Envelope"))
		soap->is_none = true;
	else if (text_is(element->space, envelope_11))
		soap->version = 11;
	else if (text_is(element->space, envelope_12))
		soap->version = 12;
	else
		soap->is_none = true;
}

static enum soap_context
part_of(const struct soap *soap, const struct xml_element *element)
{
	if (!text_is(element->space, soap->version == 11 ? envelope_11 : envelope_12))
		return SOAP_IN_OTHER;
	if (text_is(element->name, "Header"))
		return SOAP_IN_HEADER;
	return text_is(element->name, "Body") ? SOAP_IN_BODY : SOAP_IN_OTHER;
}

static void
on_open(void *ctx, const struct xml_element *element)
{
	struct soap *soap = ctx;
	enum soap_context context = SOAP_IN_OTHER;
	uint32_t depth = element->depth;

	if (depth == 1)
		open_envelope(soap, element);
	else if (depth == 2)
		context = part_of(soap, element);
	else if (soap->assertion_depth != 0)
		context = soap_open_saml(soap, element,
					 (enum soap_context)soap->context[depth - 1]);
	else
		context = soap_open(soap, element,
				    (enum soap_context)soap->context[depth - 1]);
	soap->context[depth] = (uint8_t)context;
}

static void
on_text(void *ctx, struct text text)
{
	struct soap *soap = ctx;
	size_t room = sizeof(soap->text) - soap->size;
	size_t size = text.size < room ? text.size : room;

	if (soap->taking_depth == 0)
		return;
	memcpy(soap->text + soap->size, text.at, size);
	soap->size = (uint16_t)(soap->size + size);
	soap->texts.is_cut |= size < text.size;
}

static void
on_close(void *ctx, const struct xml_element *element)
{
	struct soap *soap = ctx;

	if (element->depth == soap->taking_depth) {
		soap->taking_depth = 0;
		soap->take(soap, bytes_over(soap->text, soap->size), soap->take_where);
	}
	if (element->depth == soap->assertion_depth)
		soap->assertion_depth = 0;
}

bool
soap_begin(struct soap *soap, struct kept_budget *budget)
{
	struct xml_sink sink = { soap, on_open, on_text, on_close };

	memset(soap, 0, sizeof(*soap));
	soap->budget = budget;
	soap->slot = SOAP_LISTS;
	soap->xml = xml_new();
	return soap->xml != NULL && xml_begin(soap->xml, &sink);
}

void
soap_feed(struct soap *soap, struct bytes data)
{
	if (soap->xml == NULL || soap->is_none)
		return;
	switch (xml_feed(soap->xml, data)) {
	case XML_GOES_ON:
	case XML_WHOLE:
		break;
	case XML_LIMIT:
		soap_end(soap, "truncated");
		break;
	case XML_BROKEN:
	case XML_REFUSED:
		soap_end(soap, "not_decoded");
		break;
	}
}

void
soap_end(struct soap *soap, const char *why)
{
	if (soap->xml == NULL)
		return;
	enum xml_result result = xml_end(soap->xml);
	xml_free(soap->xml);
	soap->xml = NULL;
	if (why == NULL && result == XML_GOES_ON)
		why = "truncated";
	if (why == NULL && result != XML_WHOLE)
		why = "not_decoded";
	soap->lost = why;
}

void
soap_release(struct soap *soap)
{
	xml_free(soap->xml);
	soap->xml = NULL;
	http_texts_release(&soap->texts, soap->budget);
	for (int i = 0; i < SOAP_LISTS; i++)
		http_list_release(&soap->list[i], soap->budget);
}
