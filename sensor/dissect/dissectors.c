/* SPDX-License-Identifier: Apache-2.0 */
/* dissectors: the protocols we read ourselves, one row each, in the order in which they
 * are asked. */
#include "sensor/dissect/dissector.h"

const struct dissector *const dissectors[] = {
	NULL,
};
