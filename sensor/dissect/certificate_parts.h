/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_parts: names, times and algorithms of a certificate, each into text. */
#ifndef SENSOR_DISSECT_CERTIFICATE_PARTS_H
#define SENSOR_DISSECT_CERTIFICATE_PARTS_H

#include "sensor/dissect/certificate.h"

/* A Name (RFC 5280 section 4.1.2.4) as RFC 4514 writes it.  False if it is malformed.
 */
bool certificate_dn(struct bytes name, struct scratch *scratch, struct text *text);

/* GeneralNames (section 4.2.1.6): DNS, IP, mail, URI; others are left out.  False if
 * malformed. */
bool certificate_names(struct bytes general_names, struct certificate_room *room,
		       uint32_t *count);

/* A Time (section 4.1.2.5) and its text.  Takes it from 'validity'; false if it is
 * none. */
bool certificate_time(struct bytes *validity, struct scratch *scratch,
		      struct instant *at, struct text *text);

/* The name of the AlgorithmIdentifier whose contents are given. */
struct text certificate_signature(struct bytes algorithm, struct scratch *scratch);

/* SubjectPublicKeyInfo, its contents: the kind of key and its bits, 0 if unknown. */
struct text certificate_key(struct bytes key_info, struct scratch *scratch,
			    uint32_t *bits);

#endif
