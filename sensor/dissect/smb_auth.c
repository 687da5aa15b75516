/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb_auth: who logs in (MS-NLMP 2.2.1.3, RFC 4178).
 *
 * Tokens stand in SPNEGO or alone, so they are looked for by what they begin
 * with.  No challenge and no response is read.
 */
#include <string.h>

#include "sensor/dissect/smb_state.h"
#include "sensor/dissect/utf16.h"

enum { AUTHENTICATE = 3, FLAG_UNICODE = 1, FIELD_SIZE = 8 };

/* A field of a message: its size, and where it stands in it. */
static struct bytes
field_of(struct bytes message, size_t where)
{
	struct bytes field = message;

	bytes_take(&field, where);
	uint16_t size = bytes_u16le(&field);
	bytes_take(&field, 2);
	uint32_t offset = bytes_u32le(&field);
	bytes_take(&message, offset);
	struct bytes data = bytes_window(&message, size);
	return bytes_ok(&field) && bytes_ok(&data) ? data : bytes_over(NULL, 0);
}

static void
keep(struct smb_name *name, struct bytes field, bool is_unicode)
{
	if (is_unicode) {
		name->size = (uint8_t)utf16_to_utf8(field, name->at, SMB_NAME_MAX);
		return;
	}
	name->size = (uint8_t)(field.left < SMB_NAME_MAX ? field.left : SMB_NAME_MAX);
	if (name->size > 0)
		memcpy(name->at, field.at, name->size);
}

static void
take_ntlm(struct smb *smb, struct bytes message)
{
	enum { TYPE = 8, DOMAIN_AT = 28, USER_AT = 36, HOST_AT = 44, FLAGS_AT = 60 };
	struct bytes type = message, flags = message;

	smb->is_ntlm = true;
	bytes_take(&type, TYPE);
	if (bytes_u32le(&type) != AUTHENTICATE)
		return;
	bytes_take(&flags, FLAGS_AT);
	bool is_unicode = bytes_u32le(&flags) & FLAG_UNICODE;
	smb->has_user = true;
	keep(&smb->domain, field_of(message, DOMAIN_AT), is_unicode);
	keep(&smb->user, field_of(message, USER_AT), is_unicode);
	keep(&smb->host, field_of(message, HOST_AT), is_unicode);
}

void
smb_token(struct smb *smb, struct bytes token)
{
	/* of an AP-REQ: Kerberos's OID and its token id (RFC 4121 section 4.1) */
	static const uint8_t ap_req[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12,
					  0x01, 0x02, 0x02, 0x01, 0x00 };
	const uint8_t *ntlm =
		token.left ? memmem(token.at, token.left, "NTLMSSP", 8) : NULL;

	if (ntlm) {
		bytes_take(&token, (size_t)(ntlm - token.at));
		take_ntlm(smb, token);
	} else if (token.left && memmem(token.at, token.left, ap_req, sizeof(ap_req)))
		smb->is_kerberos = true;
}

void
smb_session_over(struct smb *smb, uint32_t status, uint16_t flags, struct instant at,
		 const struct dissect_out *out)
{
	if (status == (uint32_t)STATUS_MORE_PROCESSING)
		return;
	smb_report_session(smb, true, status, flags, at, out);
	smb->is_ntlm = smb->is_kerberos = smb->has_user = false;
}
