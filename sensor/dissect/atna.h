/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atna: an audit message of IHE ATNA (ITI-20), read as far as it came.
 *
 * The XML of RFC 3881 or DICOM PS3.15 section A.5.  Who, where, which patient
 * and which documents become lists of identifiers, which the writer turns
 * into pseudonyms; parameters of queries are not read.
 */
#ifndef SENSOR_DISSECT_ATNA_H
#define SENSOR_DISSECT_ATNA_H

#include "sensor/dissect/telling.h"
#include "sensor/dissect/xml.h"

enum {
	ATNA_LIST_MAX = 32, /* members told of one list; the rest is left out */
	ATNA_TEXT_MAX = 512 /* bytes of one value */
};

/* Where the document of an audit message begins in 'text', or an empty window. */
struct bytes atna_document(struct bytes text);

/*
 * Fills atna.* of a record begun as EVENT_ATNA.  False if the document ends
 * too early or is broken: what stands before that is told, and what was not
 * found is missing rather than null.
 */
bool atna_tell(struct telling *telling, struct xml *xml, struct bytes document);

#endif
