/* SPDX-License-Identifier: Apache-2.0 */
/* dicom_recognise: what the first PDU of either side must hold to be DICOM's. */
#include <string.h>

#include "sensor/dissect/dicom_state.h"

enum { PLAUSIBLE = 1 << 20 /* bytes of a request; more is not taken for one */ };

static bool
is_title(const uint8_t *title)
{
	for (int i = 0; i < DICOM_AE_SIZE; i++)
		if (title[i] < ' ' || title[i] > '~')
			return false;
	return true;
}

/* Request or acceptance: version 1, printable titles, and the application context comes
 * first. */
static enum recognition
recognise_associate(struct bytes first, uint32_t size)
{
	enum { APPLICATION = 0x10 };

	if (size < DICOM_ASSOCIATE || size > PLAUSIBLE)
		return RECOGNISED_NO;
	uint16_t version = bytes_u16(&first);
	bytes_u16(&first);
	const uint8_t *called = bytes_take(&first, DICOM_AE_SIZE);
	const uint8_t *calling = bytes_take(&first, DICOM_AE_SIZE);
	bytes_take(&first, 32);
	uint8_t item = bytes_u8(&first);
	if (called != NULL && !is_title(called))
		return RECOGNISED_NO;
	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	return (version & 1) && is_title(calling) && item == APPLICATION
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

static enum recognition
recognise_reject(struct bytes first, uint32_t size)
{
	uint8_t zero = bytes_u8(&first), result = bytes_u8(&first);
	uint8_t source = bytes_u8(&first), reason = bytes_u8(&first);

	if (size != DICOM_FIXED)
		return RECOGNISED_NO;
	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	bool is_one = zero == 0 && result >= 1 && result <= 2 && source >= 1 &&
		      source <= 3 && reason <= 10 && first.left == 0;
	return is_one ? RECOGNISED_YES : RECOGNISED_NO;
}

/* The middle of an association: the first fragment of a command set, which begins with
 * its length. */
static enum recognition
recognise_data(struct bytes first, uint32_t size)
{
	static const uint8_t beginning[] = { 0, 0, 0, 0, 4, 0, 0, 0 };
	uint32_t pdv = bytes_u32(&first);
	uint8_t id = bytes_u8(&first), control = bytes_u8(&first);
	const uint8_t *set = bytes_take(&first, sizeof(beginning));

	if (size < DICOM_HEADER + sizeof(beginning))
		return RECOGNISED_NO;
	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	return pdv <= size - 4 && id % 2 == 1 &&
			       (control & ~DICOM_IS_LAST) == DICOM_IS_COMMAND &&
			       memcmp(set, beginning, sizeof(beginning)) == 0
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

/* By what stands in the first PDU of either side; never by port. */
enum recognition
dicom_recognise(struct bytes first, int side)
{
	uint8_t type = bytes_u8(&first), zero = bytes_u8(&first);
	uint32_t size = bytes_u32(&first);

	(void)side;
	if (first.left == 0 && first.is_short)
		return type <= DICOM_DATA && zero == 0 ? RECOGNISED_MAYBE
						       : RECOGNISED_NO;
	if (zero != 0)
		return RECOGNISED_NO;
	switch (type) {
	case DICOM_REQUEST:
	case DICOM_ACCEPT:
		return recognise_associate(first, size);
	case DICOM_REJECT:
		return recognise_reject(first, size);
	case DICOM_DATA:
		return recognise_data(first, size);
	default:
		return RECOGNISED_NO;
	}
}
