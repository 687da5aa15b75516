/* SPDX-License-Identifier: Apache-2.0 */
/* trust_identity: what the subjectAltName of a certificate says of its holder. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include "common/text.h"
#include "common/trust.h"

static const char scheme[] = "sekisho:";

static bool
is_unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c != '\0' && strchr("-._~", c) != NULL);
}

void
trust_uri(const char *kind, const char *name, char out[TRUST_URI_SIZE])
{
	static const char digits[] = "0123456789ABCDEF";
	int at = snprintf(out, TRUST_URI_SIZE, "%s%s/", scheme, kind);

	for (; *name != '\0' && at + 4 < TRUST_URI_SIZE; name++) {
		unsigned char c = (unsigned char)*name;
		if (is_unreserved(*name)) {
			out[at++] = *name;
			continue;
		}
		out[at++] = '%';
		out[at++] = digits[c >> 4];
		out[at++] = digits[c & 15];
	}
	out[at] = '\0';
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False if it is empty, too long, no UTF-8, or not encoded as RFC 3986 section 2 has
 * it. */
static bool
decode(const char *at, size_t size, char out[TRUST_NAME_SIZE])
{
	size_t length = 0;

	for (size_t i = 0; i < size; i++) {
		int c = (unsigned char)at[i];
		if (c == '%') {
			int high = size - i > 2 ? digit(at[i + 1]) : -1;
			int low = size - i > 2 ? digit(at[i + 2]) : -1;
			if (high == -1 || low == -1)
				return false;
			c = high << 4 | low;
			i += 2;
		} else if (!is_unreserved(at[i])) {
			return false;
		}
		if (length == TRUST_NAME_SIZE - 1)
			return false;
		out[length++] = (char)c;
	}
	out[length] = '\0';
	return length > 0 && text_is_valid(out, length);
}

/* The rest of 'uri' behind "sekisho:" and 'what'; NULL if it does not begin so. */
static const char *
behind(const char *uri, size_t size, const char *what, size_t *left)
{
	char begin[sizeof(scheme) + 16];
	size_t length = (size_t)snprintf(begin, sizeof(begin), "%s%s", scheme, what);

	if (size < length || memcmp(uri, begin, length) != 0)
		return NULL;
	*left = size - length;
	return uri + length;
}

struct reading {
	struct trust_identity *identity;
	bool is_correlator;
	struct error *err;
};

static int
take_uri(struct reading *reading, const char *uri, size_t size)
{
	struct trust_identity *identity = reading->identity;
	const char *name;
	size_t left;

	if ((name = behind(uri, size, "correlator", &left)) != NULL && left == 0) {
		reading->is_correlator = true;
	} else if ((name = behind(uri, size, "sensor/", &left)) != NULL) {
		if (identity->sensor[0] != '\0' ||
		    !decode(name, left, identity->sensor))
			return error_set(reading->err, "its certificate names two "
						       "sensors, or one that is none");
	} else if ((name = behind(uri, size, "poi/", &left)) != NULL) {
		if (identity->poi_count == TRUST_POIS_MAX ||
		    !decode(name, left, identity->poi[identity->poi_count]))
			return error_set(reading->err,
					 "its certificate names over %d POIs, or one "
					 "that is none",
					 TRUST_POIS_MAX);
		identity->poi_count++;
	}
	return 0;
}

static int
take_names(struct reading *reading, const X509 *certificate)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int result = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && result == 0; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_URI)
			continue;
		const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
		result = take_uri(reading, (const char *)ASN1_STRING_get0_data(uri),
				  (size_t)ASN1_STRING_length(uri));
	}
	GENERAL_NAMES_free(names);
	return result;
}

static int
take_serial(const X509 *certificate, char out[TRUST_SERIAL_SIZE])
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *text =
		number != NULL && !BN_is_negative(number) ? BN_bn2hex(number) : NULL;
	const char *at = text;
	size_t length = 0;

	while (at != NULL && at[0] == '0' && at[1] != '\0')
		at++;
	if (at != NULL && (length = strlen(at)) < TRUST_SERIAL_SIZE)
		for (size_t i = 0; i <= length; i++)
			out[i] = (char)(at[i] >= 'A' && at[i] <= 'F' ? at[i] - 'A' + 'a'
								     : at[i]);
	OPENSSL_free(text);
	BN_free(number);
	return length > 0 && length < TRUST_SERIAL_SIZE ? 0 : -1;
}

int
trust_identity_read(const X509 *certificate, struct trust_identity *identity,
		    struct error *err)
{
	struct reading reading = { .identity = identity, .err = err };
	struct tm end;

	*identity = (struct trust_identity){ 0 };
	if (take_names(&reading, certificate) == -1)
		return -1;
	if (take_serial(certificate, identity->serial) == -1 ||
	    ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
		return error_set(err, "its certificate has no serial number or no end "
				      "that can be read");
	identity->end = (struct instant){ timegm(&end) * INSTANT_SECOND };
	bool is_sensor = identity->sensor[0] != '\0' && identity->poi_count > 0;
	if (reading.is_correlator
		    ? identity->sensor[0] != '\0' || identity->poi_count > 0
		    : !is_sensor)
		return error_set(err, "its certificate is no sensor's with its POIs, "
				      "and no correlator's; expected "
				      "URIs sekisho:sensor/NAME and sekisho:poi/POI, "
				      "or sekisho:correlator");
	identity->role = reading.is_correlator ? TRUST_CORRELATOR : TRUST_SENSOR;
	return 0;
}

bool
trust_identity_has_poi(const struct trust_identity *identity, const char *poi,
		       size_t size)
{
	for (unsigned i = 0; i < identity->poi_count; i++)
		if (strlen(identity->poi[i]) == size &&
		    memcmp(identity->poi[i], poi, size) == 0)
			return true;
	return false;
}
