/* SPDX-License-Identifier: Apache-2.0 */
/* fhir_content: resource type, a bundle's type, total and entries, an outcome's codes;
 * of JSON or XML, as it comes. */
#include "sensor/dissect/fhir.h"

#include <string.h>

enum { JSON_DEEPEST = 62 };

enum key {
	KEY_OTHER,
	KEY_RESOURCE,
	KEY_TYPE,
	KEY_TOTAL,
	KEY_ENTRY,
	KEY_ISSUE,
	KEY_META,
	KEY_CODE,
	KEY_PROFILE
};

static const char *const keys[] = {
	[KEY_OTHER] = "",         [KEY_RESOURCE] = "resourceType",
	[KEY_TYPE] = "type",      [KEY_TOTAL] = "total",
	[KEY_ENTRY] = "entry",    [KEY_ISSUE] = "issue",
	[KEY_META] = "meta",      [KEY_CODE] = "code",
	[KEY_PROFILE] = "profile"
};

static enum key
key_of(struct text name)
{
	for (int i = 1; i <= KEY_PROFILE; i++)
		if (text_is(name, keys[i]))
			return (enum key)i;
	return KEY_OTHER;
}

/* Codes and names of types alone: letters, digits, '-' and '.'. */
static bool
is_code(struct text text)
{
	for (uint32_t i = 0; i < text.size; i++) {
		char c = text.at[i];
		if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '.')
			return false;
	}
	return text.size > 0 && text.size < FHIR_NAME_MAX;
}

static void
set_name(char *at, uint8_t *size, struct text text)
{
	if (*size > 0 || !is_code(text))
		return;
	memcpy(at, text.at, text.size);
	*size = (uint8_t)text.size;
}

static void
set_type(struct fhir_content *content, struct text text)
{
	if (fhir_is_resource(bytes_over(text.at, text.size)))
		set_name(content->type, &content->type_size, text);
}

static void
add_issue(struct fhir_content *content, struct text text)
{
	if (is_code(text))
		http_list_add(&content->issues, content->budget,
			      bytes_over(text.at, text.size), FHIR_ISSUES_MAX);
}

/* A profile of MHD's Provide Document Bundle, such as IHE.MHD.Minimal.ProvideBundle. */
static void
take_profile(struct fhir_content *content, struct text text)
{
	content->is_provided |=
		text.size > 0 &&
		(memmem(text.at, text.size, "ProvideBundle", 13) != NULL ||
		 memmem(text.at, text.size, "ProvideDocumentBundle", 21) != NULL);
}

static bool
is_array(const struct fhir_content *content)
{
	return content->arrays >> content->depth & 1;
}

/* A string that is a value. */
static void
take_value(struct fhir_content *content, struct text text)
{
	const uint8_t *key = content->key;

	if (content->depth == 1 && key[1] == KEY_RESOURCE)
		set_type(content, text);
	else if (content->depth == 1 && key[1] == KEY_TYPE)
		set_name(content->bundle_type, &content->bundle_type_size, text);
	else if (content->depth == 3 && key[1] == KEY_ISSUE && key[3] == KEY_CODE)
		add_issue(content, text);
	else if (content->depth == 3 && key[1] == KEY_META && key[2] == KEY_PROFILE)
		take_profile(content, text);
}

static void
end_string(struct fhir_content *content)
{
	struct text text = { content->text, content->text_size };

	content->is_in_string = false;
	if (!content->is_key_next)
		take_value(content, text);
	else if (content->depth < 4)
		content->key[content->depth] = (uint8_t)key_of(text);
}

static void
take_string_byte(struct fhir_content *content, uint8_t byte)
{
	if (!content->is_escaped && byte == '"') {
		end_string(content);
		return;
	}
	content->is_escaped = !content->is_escaped && byte == '\\';
	if (content->text_size < sizeof(content->text))
		content->text[content->text_size++] = (char)byte;
}

static void
open_nested(struct fhir_content *content, bool is_list)
{
	if (content->depth == JSON_DEEPEST) {
		content->is_none = true;
		content->lost = "truncated";
		return;
	}
	content->entries += content->depth == 2 && !is_list &&
			    content->key[1] == KEY_ENTRY && is_array(content);
	content->depth++;
	content->arrays &= ~(UINT64_C(1) << content->depth);
	content->arrays |= (uint64_t)is_list << content->depth;
	if (content->depth < 4)
		content->key[content->depth] = KEY_OTHER;
	content->is_key_next = !is_list;
}

static void
take_digit(struct fhir_content *content, uint8_t digit)
{
	if (content->depth != 1 || content->key[1] != KEY_TOTAL ||
	    content->total > UINT32_MAX)
		return;
	content->has_total = true;
	content->total = content->total * 10 + digit - '0';
}

static void
take_byte(struct fhir_content *content, uint8_t byte)
{
	switch (byte) {
	case '"':
		content->is_in_string = true;
		content->is_escaped = false;
		content->text_size = 0;
		break;
	case '{':
	case '[':
		open_nested(content, byte == '[');
		break;
	case '}':
	case ']':
		content->depth -= content->depth > 0;
		break;
	case ',':
		content->is_key_next = !is_array(content);
		break;
	case ':':
		content->is_key_next = false;
		break;
	default:
		if (byte >= '0' && byte <= '9')
			take_digit(content, byte);
	}
}

static void
take_json(struct fhir_content *content, struct bytes data)
{
	while (data.left > 0 && !content->is_none) {
		uint8_t byte = bytes_u8(&data);
		bool is_blank = byte <= ' ' || byte >= 0x80;
		if (!content->is_begun && is_blank)
			continue; /* blanks, or a byte order mark */
		if (!content->is_begun && byte != '{')
			content->is_none = true;
		content->is_begun = true;
		if (content->is_in_string)
			take_string_byte(content, byte);
		else if (!is_blank)
			take_byte(content, byte);
	}
}

/* The same of XML: members are elements, values their attribute of that name. */
static void
on_open(void *ctx, const struct xml_element *element)
{
	struct fhir_content *content = ctx;
	struct text value = xml_attribute(element, "value");
	enum key key = key_of(element->name);

	if (element->depth == 1)
		set_type(content, element->name);
	if (element->depth < 4)
		content->key[element->depth] = (uint8_t)key;
	if (element->depth == 2 && key == KEY_TYPE)
		set_name(content->bundle_type, &content->bundle_type_size, value);
	else if (element->depth == 2 && key == KEY_ENTRY)
		content->entries++;
	else if (element->depth == 2 && key == KEY_TOTAL && value.size < 10) {
		content->has_total = value.size > 0;
		for (uint32_t i = 0; i < value.size; i++)
			content->total =
				content->total * 10 + (uint8_t)value.at[i] - '0';
	} else if (element->depth == 3 && content->key[2] == KEY_ISSUE &&
		   key == KEY_CODE)
		add_issue(content, value);
	else if (element->depth == 3 && content->key[2] == KEY_META &&
		 key == KEY_PROFILE)
		take_profile(content, value);
}

bool
fhir_content_begin(struct fhir_content *content, struct kept_budget *budget,
		   bool is_xml)
{
	struct xml_sink sink = { .ctx = content, .open = on_open };

	memset(content, 0, sizeof(*content));
	content->budget = budget;
	if (!is_xml)
		return true;
	content->xml = xml_new();
	return content->xml != NULL && xml_begin(content->xml, &sink);
}

void
fhir_content_feed(struct fhir_content *content, struct bytes data)
{
	if (content->xml == NULL) {
		take_json(content, data);
		return;
	}
	enum xml_result result = xml_feed(content->xml, data);
	if (result > XML_WHOLE && content->lost == NULL)
		content->lost = result == XML_LIMIT ? "truncated" : "not_decoded";
}

void
fhir_content_end(struct fhir_content *content, const char *why)
{
	if (content->xml != NULL)
		xml_end(content->xml);
	xml_free(content->xml);
	content->xml = NULL;
	content->is_none = true; /* nothing more is read */
	if (content->lost == NULL)
		content->lost = why;
}

void
fhir_content_release(struct fhir_content *content)
{
	xml_free(content->xml);
	http_list_release(&content->issues, content->budget);
}
