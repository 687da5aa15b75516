/* SPDX-License-Identifier: Apache-2.0 */
/* http_report: what the makers of http, ihe and fhir records share. */
#ifndef SENSOR_DISSECT_HTTP_REPORT_H
#define SENSOR_DISSECT_HTTP_REPORT_H

#include "sensor/dissect/http_state.h"

/* The path of the request's target without scheme and host, and what is behind its '?'.
 */
struct bytes http_report_path(const struct http_exchange *exchange,
			      struct bytes *query);

#endif
