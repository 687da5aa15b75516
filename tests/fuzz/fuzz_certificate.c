/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_certificate: any bytes as a certificate; every text that comes of it is valid
 * UTF-8. */
#include <assert.h>
#include <stdlib.h>

#include "sensor/dissect/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct text text)
{
	assert(text_is_valid(text.at, text.size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct certificate_room room;
	struct certificate found;

	certificate_parse(bytes_over(data, size), &room, &found);
	if (!found.is_decoded)
		return 0;
	check(found.subject);
	check(found.issuer);
	check(found.serial);
	check(found.key_type);
	check(found.signature);
	assert(found.name_count <= CERTIFICATE_NAMES_MAX);
	for (uint32_t i = 0; i < found.name_count; i++)
		check(found.names[i]);
	assert(found.not_before.size == CERTIFICATE_DATE_SIZE - 1);
	return 0;
}
