/* SPDX-License-Identifier: Apache-2.0 */
/* dissectors: the protocols we read ourselves, one row each, in the order in which they
 * are asked. */
#include "sensor/dissect/dissector.h"

extern const struct dissector dissector_tls;

const struct dissector *const dissectors[] = {
	&dissector_tls,
	NULL,
};
