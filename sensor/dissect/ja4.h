/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ja4: JA4, the fingerprint of a ClientHello that does not depend on order.
 *
 * The TLS client fingerprint of the JA4 specification (FoxIO, BSD-3-Clause);
 * the others of that family are under another licence and not here.
 */
#ifndef SENSOR_DISSECT_JA4_H
#define SENSOR_DISSECT_JA4_H

#include "sensor/dissect/tls_hello.h"

enum {
	JA4_SIZE = 37, /* t13d1516h2_8daaf6152771_e5627efa2ab1 and NUL */
	JA4_CODES_MAX =
		512 /* suites, extensions or schemes; with more there is no JA4 */
};

/* What the handshake runs over, the first letter. */
enum { JA4_TCP = 't', JA4_QUIC = 'q', JA4_DTLS = 'd' };

struct digester; /* common/digest.h */

/* False if there are too many codes or it is an SSLv2 hello.  'sha256' is a digester of
 * that kind, the caller's. */
bool ja4_client(const struct tls_client_hello *hello, char transport,
		struct digester *sha256, char out[JA4_SIZE]);

#endif
