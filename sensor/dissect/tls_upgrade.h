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

extern const struct dissector dissector_xmpp, dissector_http_connect,
	dissector_postgresql;

/*
 * The same for protocols that have a dissector of their own.  It hands all
 * bytes on to this part too, from the first, and shares its lane by way of
 * shared_new; the part finds TLS and tells of it.
 */
extern const struct dissector tls_behind_rdp, tls_behind_ldap, tls_behind_smtp,
	tls_behind_ftp, tls_behind_imap, tls_behind_pop3;
/* 'tls' is the state of such a part: TLS has begun on 'side'. */
bool tls_behind_has_begun(const void *tls, int side);

#endif
