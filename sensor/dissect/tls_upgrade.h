/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_upgrade: protocols that begin in the clear and turn to TLS on their way.
 *
 * STARTTLS and its like (RFC 3207, 2595, 4217, 4511, 6120), RDP, PostgreSQL and
 * HTTP CONNECT (RFC 9110 section 9.3.6).  A row each; of what they say in the
 * clear only its ends are read, so that TLS is found where it begins.  A flow
 * that never turns to TLS leaves no record.
 */
#ifndef SENSOR_DISSECT_TLS_UPGRADE_H
#define SENSOR_DISSECT_TLS_UPGRADE_H

#include "sensor/dissect/dissector.h"

extern const struct dissector dissector_smtp, dissector_ftp, dissector_imap,
	dissector_pop3, dissector_xmpp, dissector_http_connect, dissector_ldap,
	dissector_postgresql, dissector_rdp;

#endif
