/* SPDX-License-Identifier: Apache-2.0 */
/* hpki: the role that a certificate of HPKI (保健医療福祉分野PKI) gives its holder. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "common/bytes.h"
#include "correlator/trust/chains.h"

enum { DEPTH_MAX = 12, FREE_TEXT = 0xa2 /* codeDataFreeText [2] of CodedData */ };

/* id-hcpki-at-healthcareactor, 1.0.17090.0.1, as DER of an OBJECT IDENTIFIER */
static const uint8_t actor[] = { 0x06, 0x06, 0x28, 0x81, 0x85, 0x42, 0x00, 0x01 };

static bool
is_text(int tag)
{
	return tag == V_ASN1_UTF8STRING || tag == V_ASN1_PRINTABLESTRING ||
	       tag == V_ASN1_TELETEXSTRING || tag == V_ASN1_IA5STRING;
}

static bool
take(const unsigned char *at, long size, char role[HPKI_ROLE_SIZE])
{
	if (size <= 0 || size >= HPKI_ROLE_SIZE || !text_is_valid(at, (size_t)size))
		return false;
	memcpy(role, at, (size_t)size);
	role[size] = '\0';
	return true;
}

/* The first text below codeDataFreeText; 'is_free': we are below one. */
static bool
find_text(const unsigned char *at, long size, bool is_free, unsigned depth,
	  char role[HPKI_ROLE_SIZE])
{
	const unsigned char *end = at + size;

	while (depth < DEPTH_MAX && at < end) {
		const unsigned char *start = at;
		long length;
		int tag, class;
		int form = ASN1_get_object(&at, &length, &tag, &class, end - at);
		if (form & 0x80 || length > end - at)
			return false;
		bool is_below = is_free || start[0] == FREE_TEXT;
		if (is_below && class == V_ASN1_UNIVERSAL && is_text(tag) &&
		    take(at, length, role))
			return true;
		if (form & V_ASN1_CONSTRUCTED &&
		    find_text(at, length, is_below, depth + 1, role))
			return true;
		at += length;
	}
	return false;
}

bool
certificate_hpki_role(struct der der, char role[HPKI_ROLE_SIZE])
{
	const unsigned char *at = der.at;
	X509 *certificate = der.size == 0 || der.size > CERTIFICATE_MAX
				    ? NULL
				    : d2i_X509(NULL, &at, (long)der.size);
	int place = certificate != NULL
			    ? X509_get_ext_by_NID(certificate,
						  NID_subject_directory_attributes, -1)
			    : -1;
	bool has_role = false;

	if (place >= 0) {
		const ASN1_OCTET_STRING *value =
			X509_EXTENSION_get_data(X509_get_ext(certificate, place));
		const unsigned char *bytes = ASN1_STRING_get0_data(value);
		size_t size = (size_t)ASN1_STRING_length(value);
		const unsigned char *found = memmem(bytes, size, actor, sizeof(actor));
		if (found != NULL)
			has_role = find_text(found + sizeof(actor),
					     (long)(bytes + size - found) -
						     (long)sizeof(actor),
					     false, 0, role);
	}
	X509_free(certificate);
	ERR_clear_error();
	return has_role;
}
