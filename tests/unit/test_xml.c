/* SPDX-License-Identifier: Apache-2.0 */
/* test_xml: elements come out the same however the document is cut; limits and document
 * types end it. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "sensor/dissect/xml.h"

enum { TOLD = 4096 };

struct told {
	char text[TOLD];
	size_t size, elements;
	uint32_t deepest, most_attributes;
	bool is_cut;
};

static struct xml *xml;

static void
tell(struct told *told, const char *before, struct text text)
{
	if (told->size + text.size + 2 < TOLD)
		told->size += (size_t)snprintf(told->text + told->size,
					       TOLD - told->size, "%s%.*s", before,
					       (int)text.size, text.at ? text.at : "");
}

static void
on_open(void *ctx, const struct xml_element *element)
{
	struct told *told = ctx;

	tell(told, "<", element->space);
	tell(told, "|", element->name);
	for (uint32_t i = 0; i < element->attribute_count; i++) {
		tell(told, " ", element->attribute[i].space);
		tell(told, "|", element->attribute[i].name);
		tell(told, "=", element->attribute[i].value);
	}
	tell(told, ">", (struct text){ 0 });
	told->elements++;
	told->is_cut |= element->is_cut;
	if (element->depth > told->deepest)
		told->deepest = element->depth;
	if (element->attribute_count > told->most_attributes)
		told->most_attributes = element->attribute_count;
}

static void
on_text(void *ctx, struct text text)
{
	tell(ctx, "", text);
}

static void
on_close(void *ctx, const struct xml_element *element)
{
	tell(ctx, "</", element->name);
}

static enum xml_result
read_in_pieces(const char *document, size_t size, size_t piece, struct told *told)
{
	struct xml_sink sink = { told, on_open, on_text, on_close };
	enum xml_result result = XML_GOES_ON;

	memset(told, 0, sizeof(*told));
	assert_true(xml_begin(xml, &sink));
	for (size_t at = 0; at < size; at += piece) {
		size_t now = size - at < piece ? size - at : piece;
		/* Its own allocation, so that a read past the end is seen. */
		char *copy = malloc(now);
		memcpy(copy, document + at, now);
		result = xml_feed(xml, bytes_over(copy, now));
		free(copy);
	}
	return result > XML_WHOLE ? result : xml_end(xml);
}

static enum xml_result
read_text(const char *document, struct told *told)
{
	return read_in_pieces(document, strlen(document), 1 << 16, told);
}

static const char sample[] =
	"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\n<!-- no -->"
	"<s:Envelope xmlns:s='urn:s' xmlns='urn:d'><Body s:id='1' "
	"n=\"a&amp;&#x3042;\">x"
	"<![CDATA[<y>]]>\xe7\x97\x85</Body><e/></s:Envelope>\n";
static const char sample_told[] = "<urn:s|Envelope><urn:d|Body urn:s|id=1 "
				  "|n=a&\xe3\x81\x82>x<y>\xe7\x97\x85</Body"
				  "<urn:d|e></e</Envelope";

static void
elements_come_with_namespaces_in_any_pieces(void **state)
{
	struct told told;

	(void)state;
	for (size_t piece = 1; piece <= sizeof(sample); piece++) {
		assert_int_equal(
			read_in_pieces(sample, sizeof(sample) - 1, piece, &told),
			XML_WHOLE);
		assert_string_equal(told.text, sample_told);
	}
}

static void
every_prefix_goes_on_and_tells_a_prefix(void **state)
{
	struct told told;

	(void)state;
	for (size_t size = 1; size < sizeof(sample) - 1; size++) {
		enum xml_result result = read_in_pieces(sample, size, size, &told);
		assert_int_equal(result,
				 size < sizeof(sample) - 2 ? XML_GOES_ON : XML_WHOLE);
		assert_memory_equal(told.text, sample_told, told.size);
	}
}

static void
every_damaged_byte_is_survived(void **state)
{
	char copy[sizeof(sample)];
	struct told told;
	unsigned broken = 0;

	(void)state;
	for (size_t at = 0; at < sizeof(sample) - 1; at++)
		for (unsigned value = 0; value < 256; value++) {
			memcpy(copy, sample, sizeof(sample));
			copy[at] = (char)value;
			broken += read_in_pieces(copy, sizeof(sample) - 1, 64, &told) ==
				  XML_BROKEN;
		}
	assert_in_range(broken, sizeof(sample) * 100, sizeof(sample) * 256);
}

static void
what_is_no_document_is_broken(void **state)
{
	static const char *const documents[] = {
		"<a></b>",     "x",
		"<a>&b;</a>",  "<a b='1' b='2'/>",
		"<p:a/>",      "<a/><b/>",
		"<a>\x80</a>", "<?xml version='1.0' encoding='x'?><a/>"
	};
	struct told told;

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		enum xml_result result = read_text(documents[i], &told);
		if (result != XML_BROKEN)
			fail_msg("%s is %d", documents[i], result);
	}
}

/* Neither an entity nor anything outside is ever looked at. */
static void
a_document_type_ends_it(void **state)
{
	struct told told;

	(void)state;
	assert_int_equal(read_text("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", &told),
			 XML_REFUSED);
	assert_int_equal(
		read_text("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", &told),
		XML_REFUSED);
	assert_int_equal(told.elements, 0);
	assert_int_equal(xml_feed(xml, bytes_over("<a/>", 4)), XML_REFUSED);
}

static void
depth_size_and_attributes_have_limits(void **state)
{
	static char big[XML_READ_MAX + 8];
	struct told told;
	size_t size = 0;

	(void)state;
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		size += (size_t)sprintf(big + size, "<a>");
	assert_int_equal(read_text(big, &told), XML_GOES_ON);
	sprintf(big + size, "<a>");
	assert_int_equal(read_text(big, &told), XML_LIMIT);
	assert_int_equal(told.deepest, XML_DEPTH_MAX);

	size = (size_t)sprintf(big, "<a");
	for (int i = 0; i <= XML_ATTRIBUTES_MAX; i++)
		size += (size_t)sprintf(big + size, " b%d=''", i);
	sprintf(big + size, "/>");
	assert_int_equal(read_text(big, &told), XML_WHOLE);
	assert_int_equal(told.most_attributes, XML_ATTRIBUTES_MAX);
	assert_true(told.is_cut);

	size = (size_t)sprintf(big, "<a b='");
	memset(big + size, 'x', XML_TEXT_MAX + 1);
	sprintf(big + size + XML_TEXT_MAX + 1, "'/>");
	assert_int_equal(read_text(big, &told), XML_WHOLE);
	assert_true(told.is_cut);

	memset(big, ' ', sizeof(big) - 1);
	memcpy(big, "<a>", 3);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(read_text(big, &told), XML_LIMIT);
}

static int
make(void **state)
{
	(void)state;
	xml = xml_new();
	return xml == NULL;
}

static int
drop(void **state)
{
	(void)state;
	xml_free(xml);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_with_namespaces_in_any_pieces),
		cmocka_unit_test(every_prefix_goes_on_and_tells_a_prefix),
		cmocka_unit_test(every_damaged_byte_is_survived),
		cmocka_unit_test(what_is_no_document_is_broken),
		cmocka_unit_test(a_document_type_ends_it),
		cmocka_unit_test(depth_size_and_attributes_have_limits),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
