/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_parts: times, keys and alternative names of a certificate, each into
 * text. */
#include "sensor/dissect/certificate_parts.h"

#include <string.h>

#include "common/address.h"
#include "sensor/dissect/der.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct algorithm {
	const char *oid; /* dotted */
	const char *name;
	uint32_t bits; /* of a curve, 0 where the key says */
};

/* clang-format off */
static const struct algorithm signatures[] = {
	{ "1.2.840.113549.1.1.11", "sha256WithRSAEncryption", 0 },
	{ "1.2.840.10045.4.3.2",   "ecdsa-with-SHA256", 0 },
	{ "1.2.840.10045.4.3.3",   "ecdsa-with-SHA384", 0 },
	{ "1.2.840.10045.4.3.4",   "ecdsa-with-SHA512", 0 },
	{ "1.2.840.113549.1.1.12", "sha384WithRSAEncryption", 0 },
	{ "1.2.840.113549.1.1.13", "sha512WithRSAEncryption", 0 },
	{ "1.2.840.113549.1.1.10", "RSASSA-PSS", 0 },
	{ "1.3.101.112",           "ed25519", 0 },
	{ "1.3.101.113",           "ed448", 0 },
	{ "1.2.840.113549.1.1.5",  "sha1WithRSAEncryption", 0 },
	{ "1.3.14.3.2.29",         "sha1WithRSAEncryption", 0 }, /* ISO's older number for it */
	{ "1.2.840.113549.1.1.14", "sha224WithRSAEncryption", 0 },
	{ "1.2.840.113549.1.1.4",  "md5WithRSAEncryption", 0 },
	{ "1.2.840.113549.1.1.2",  "md2WithRSAEncryption", 0 },
	{ "1.2.840.10045.4.1",     "ecdsa-with-SHA1", 0 },
	{ "1.2.840.10045.4.3.1",   "ecdsa-with-SHA224", 0 },
	{ "1.2.840.10040.4.3",     "dsa-with-sha1", 0 },
	{ "2.16.840.1.101.3.4.3.1",  "dsa-with-sha224", 0 },
	{ "2.16.840.1.101.3.4.3.2",  "dsa-with-sha256", 0 },
	{ "2.16.840.1.101.3.4.3.17", "ML-DSA-44", 0 },
	{ "2.16.840.1.101.3.4.3.18", "ML-DSA-65", 0 },
	{ "2.16.840.1.101.3.4.3.19", "ML-DSA-87", 0 },
	{ "1.2.156.10197.1.501",     "sm2sign-with-sm3", 0 },
};

/* Key sizes that follow from the kind of key alone stand here. */
static const struct algorithm keys[] = {
	{ "1.2.840.113549.1.1.1",  "RSA", 0 },
	{ "1.2.840.10045.2.1",     "EC", 0 },
	{ "1.2.840.113549.1.1.10", "RSA", 0 }, /* RFC 4055: RSASSA-PSS only */
	{ "1.3.101.112",           "Ed25519", 256 },
	{ "1.3.101.113",           "Ed448", 456 },
	{ "1.2.840.10040.4.1",     "DSA", 0 },
};

static const struct algorithm curves[] = {
	{ "1.2.840.10045.3.1.7", "P-256", 256 },
	{ "1.3.132.0.34",        "P-384", 384 },
	{ "1.3.132.0.35",        "P-521", 521 },
	{ "1.3.132.0.33",        "P-224", 224 },
	{ "1.2.840.10045.3.1.1", "P-192", 192 },
	{ "1.3.132.0.10",        "secp256k1", 256 },
	{ "1.3.36.3.3.2.8.1.1.7",  "brainpoolP256r1", 256 },
	{ "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384 },
	{ "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", 512 },
	{ "1.2.156.10197.1.301",   "SM2", 256 },
};
/* clang-format on */

static const struct algorithm *
find_algorithm(const struct algorithm *table, size_t count, struct text oid)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(oid, table[i].oid))
			return &table[i];
	return NULL;
}

/* A name of ours is a literal; an OID without one is copied. */
static struct text
algorithm_text(const struct algorithm *known, struct text oid, struct scratch *scratch)
{
	return known ? text_of(known->name) : scratch_copy(scratch, oid);
}

struct text
certificate_signature(struct bytes algorithm, struct scratch *scratch)
{
	char room[128];
	struct text oid =
		der_oid_text(der_take(&algorithm, DER_OID), room, sizeof(room));

	return algorithm_text(find_algorithm(signatures, COUNT(signatures), oid), oid,
			      scratch);
}

static uint32_t
rsa_bits(struct bytes key, struct bytes parameters)
{
	(void)parameters;
	struct bytes pair = der_take(&key, DER_SEQUENCE);
	return der_integer_bits(der_take(&pair, DER_INTEGER));
}

static uint32_t
dsa_bits(struct bytes key, struct bytes parameters)
{
	(void)key;
	struct bytes group = der_take(&parameters, DER_SEQUENCE);
	return der_integer_bits(der_take(&group, DER_INTEGER));
}

/* A curve we do not know still shows its field by the size of the point (SEC 1
 * section 2.3.3). */
static uint32_t
ec_bits(struct bytes key, struct bytes parameters)
{
	char room[128];
	struct text oid =
		der_oid_text(der_optional(&parameters, DER_OID), room, sizeof(room));
	const struct algorithm *curve = find_algorithm(curves, COUNT(curves), oid);

	if (curve)
		return curve->bits;
	if (key.left < 2 || key.left > 1024)
		return 0;
	return (uint32_t)(key.at[0] == 4 ? (key.left - 1) / 2 : key.left - 1) * 8;
}

struct text
certificate_key(struct bytes key_info, struct scratch *scratch, uint32_t *bits)
{
	static uint32_t (*const measures[COUNT(keys)])(struct bytes, struct bytes) = {
		rsa_bits, ec_bits, rsa_bits, NULL, NULL, dsa_bits
	};
	char room[128];
	struct bytes algorithm = der_take(&key_info, DER_SEQUENCE);
	struct text oid =
		der_oid_text(der_take(&algorithm, DER_OID), room, sizeof(room));
	struct bytes key = der_take(&key_info, DER_BIT_STRING);
	const struct algorithm *known = find_algorithm(keys, COUNT(keys), oid);

	bytes_u8(&key); /* unused bits */
	*bits = known ? known->bits : 0;
	if (known && measures[known - keys])
		*bits = measures[known - keys](key, algorithm);
	return algorithm_text(known, oid, scratch);
}

static bool
take_number(struct bytes *digits, size_t count, int low, int high, int *number)
{
	*number = 0;
	for (size_t i = 0; i < count; i++) {
		uint8_t digit = bytes_u8(digits);
		if (digit < '0' || digit > '9')
			return false;
		*number = *number * 10 + (digit - '0');
	}
	return *number >= low && *number <= high;
}

/* Days from 1970-01-01 in the Gregorian calendar, which X.509 means for all years. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       719468;
}

/* What is left after the seconds: Z, or a fraction and Z. */
static bool
is_utc(struct bytes rest)
{
	int digit;

	if (rest.left > 1 && bytes_u8(&rest) == '.')
		while (rest.left > 1)
			if (!take_number(&rest, 1, 0, 9, &digit))
				return false;
	return rest.left == 1 && rest.at[0] == 'Z';
}

static void
write_number(char *out, int digits, int number)
{
	for (; digits > 0; number /= 10)
		out[--digits] = (char)('0' + number % 10);
}

bool
certificate_time(struct bytes *validity, struct scratch *scratch, struct instant *at,
		 struct text *text)
{
	uint8_t tag;
	int part[6]; /* year, month, day, hour, minute, second */
	static const int low[6] = { 0, 1, 1, 0, 0, 0 };
	static const int high[6] = { 9999, 12, 31, 23, 59, 60 };
	struct bytes digits = der_any(validity, &tag);

	if (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME)
		return false;
	for (int i = 0; i < 6; i++)
		if (!take_number(&digits, i == 0 && tag == DER_GENERALIZED_TIME ? 4 : 2,
				 low[i], high[i], &part[i]))
			return false;
	if (!is_utc(digits))
		return false;
	if (tag == DER_UTC_TIME)
		part[0] += part[0] < 50 ? 2000 : 1900; /* RFC 5280 section 4.1.2.5.1 */

	int64_t seconds = days_of(part[0], part[1], part[2]) * 86400 + part[3] * 3600 +
			  part[4] * 60 + part[5];
	*at = (struct instant){ seconds * INSTANT_SECOND };
	*text = scratch_copy(scratch, text_of("0000-00-00T00:00:00"));
	for (int i = 0; i < 6 && text->size > 0; i++)
		write_number((char *)(uintptr_t)text->at + (i ? 2 + 3 * i : 0),
			     i ? 2 : 4, part[i]);
	return true;
}

static struct text
address_name(struct bytes bytes, struct scratch *scratch)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address address = bytes.left == 4 ? address_from_ipv4(bytes.at)
						 : address_from_ipv6(bytes.at);

	return scratch_copy(scratch, (struct text){ text, (uint32_t)address_to_text(
								  &address, text) });
}

bool
certificate_names(struct bytes general_names, struct certificate_room *room,
		  uint32_t *count)
{
	while (bytes_ok(&general_names) && general_names.left > 0) {
		uint8_t tag;
		struct bytes name = der_any(&general_names, &tag);
		bool is_text =
			tag == 0x81 || tag == 0x82 || tag == 0x86; /* mail, DNS, URI */
		bool is_address = tag == 0x87 && (name.left == 4 || name.left == 16);

		if (!is_text && !is_address)
			continue;
		if (*count == CERTIFICATE_NAMES_MAX) {
			room->scratch.is_cut = true;
			continue;
		}
		room->names[(*count)++] =
			is_address ? address_name(name, &room->scratch)
				   : scratch_text(&room->scratch, name.at, name.left,
						  CERTIFICATE_NAME_SIZE);
	}
	return bytes_ok(&general_names);
}
