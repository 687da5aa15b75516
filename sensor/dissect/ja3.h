/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ja3: JA3 and JA3S, the fingerprints of hellos by their order.
 *
 * Version, suites, extensions, groups, point formats in decimal; GREASE left
 * out.  The hash is MD5 of that string.  An SSLv2 hello has none.
 */
#ifndef SENSOR_DISSECT_JA3_H
#define SENSOR_DISSECT_JA3_H

#include "sensor/dissect/scratch.h"
#include "sensor/dissect/tls_hello.h"

/* The string, put to 'scratch'; empty if it does not fit there. */
struct text ja3_client(const struct tls_client_hello *hello, struct scratch *scratch);
struct text ja3_server(const struct tls_server_hello *hello, struct scratch *scratch);

#endif
