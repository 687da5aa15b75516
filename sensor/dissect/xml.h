/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml: reads an untrusted document piece by piece, bounded, and tells its elements.
 *
 * The one door to expat.  Nothing is fetched, and no entity is declared: a
 * document type declaration ends the reading (decisions.md 21).  Bytes, depth
 * and attributes have a limit each; names come with their namespace.  A
 * document that is cut off is read as far as it came.
 */
#ifndef SENSOR_DISSECT_XML_H
#define SENSOR_DISSECT_XML_H

#include "common/bytes.h"
#include "common/text.h"

enum {
	XML_READ_MAX = 1 << 20,  /* bytes of one document */
	XML_DEPTH_MAX = 64,      /* elements inside each other */
	XML_ATTRIBUTES_MAX = 32, /* told of one element; the rest is left out */
	XML_TEXT_MAX =
		16 << 10 /* bytes of one attribute's value; the rest is left out */
};

enum xml_result {
	XML_GOES_ON,
	XML_WHOLE,   /* the document is over; only blanks and comments may follow */
	XML_BROKEN,  /* not well formed, or in an encoding we do not know */
	XML_REFUSED, /* it declares a document type */
	XML_LIMIT    /* too large, or too deep */
};

/* Texts are borrowed for the call; no namespace is an empty 'space'. */
struct xml_attribute {
	struct text space, name, value;
};

struct xml_element {
	struct text space, name;
	uint32_t depth; /* 1 for the outermost */
	const struct xml_attribute *attribute;
	uint32_t attribute_count; /* 0 when it is closed */
	bool is_cut;              /* attributes or their values were left out */
};

/* Who is told.  Each may be NULL.  The text of one element may come in pieces. */
struct xml_sink {
	void *ctx;
	void (*open)(void *ctx, const struct xml_element *element);
	void (*text)(void *ctx, struct text text);
	void (*close)(void *ctx, const struct xml_element *element);
};

struct xml; /* one document at a time */

/* NULL if there is no memory. */
struct xml *xml_new(void);
void xml_free(struct xml *xml);

/* Begins a document; what was read before is forgotten.  False for want of memory. */
bool xml_begin(struct xml *xml, const struct xml_sink *sink);
/*
 * Reads on.  What came last may be told only by the next call or by xml_end.
 * After XML_BROKEN, XML_REFUSED and XML_LIMIT nothing more is read and the
 * result stays.
 */
enum xml_result xml_feed(struct xml *xml, struct bytes data);
/* Nothing more comes: XML_GOES_ON now says that the document was cut off. */
enum xml_result xml_end(struct xml *xml);

/* The value of the attribute 'name' in no namespace, or an empty text. */
struct text xml_attribute(const struct xml_element *element, const char *name);

#endif
