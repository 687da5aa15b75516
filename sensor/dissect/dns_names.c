/* SPDX-License-Identifier: Apache-2.0 */
/* dns_names: what IANA calls the code points of DNS. */
#include <stdio.h>
#include <stdlib.h>

#include "sensor/dissect/dns_state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct code {
	uint16_t code;
	const char *name;
};

/* Each by rising code point: they are searched by halves. */
/* clang-format off */
static const struct code types[] = {
	{ 1, "A" }, { 2, "NS" }, { 3, "MD" }, { 4, "MF" }, { 5, "CNAME" }, { 6, "SOA" },
	{ 7, "MB" }, { 8, "MG" }, { 9, "MR" }, { 10, "NULL" }, { 11, "WKS" }, { 12, "PTR" },
	{ 13, "HINFO" }, { 14, "MINFO" }, { 15, "MX" }, { 16, "TXT" }, { 17, "RP" },
	{ 18, "AFSDB" }, { 19, "X25" }, { 20, "ISDN" }, { 21, "RT" }, { 22, "NSAP" },
	{ 23, "NSAP-PTR" }, { 24, "SIG" }, { 25, "KEY" }, { 26, "PX" }, { 27, "GPOS" },
	{ 28, "AAAA" }, { 29, "LOC" }, { 30, "NXT" }, { 31, "EID" }, { 32, "NIMLOC" },
	{ 33, "SRV" }, { 34, "ATMA" }, { 35, "NAPTR" }, { 36, "KX" }, { 37, "CERT" },
	{ 38, "A6" }, { 39, "DNAME" }, { 40, "SINK" }, { 41, "OPT" }, { 42, "APL" },
	{ 43, "DS" }, { 44, "SSHFP" }, { 45, "IPSECKEY" }, { 46, "RRSIG" }, { 47, "NSEC" },
	{ 48, "DNSKEY" }, { 49, "DHCID" }, { 50, "NSEC3" }, { 51, "NSEC3PARAM" },
	{ 52, "TLSA" }, { 53, "SMIMEA" }, { 55, "HIP" }, { 59, "CDS" }, { 60, "CDNSKEY" },
	{ 61, "OPENPGPKEY" }, { 62, "CSYNC" }, { 63, "ZONEMD" }, { 64, "SVCB" },
	{ 65, "HTTPS" }, { 99, "SPF" }, { 104, "NID" }, { 105, "L32" }, { 106, "L64" },
	{ 107, "LP" }, { 108, "EUI48" }, { 109, "EUI64" }, { 249, "TKEY" }, { 250, "TSIG" },
	{ 251, "IXFR" }, { 252, "AXFR" }, { 253, "MAILB" }, { 254, "MAILA" }, { 255, "ANY" },
	{ 256, "URI" }, { 257, "CAA" }, { 260, "AMTRELAY" }, { 32768, "TA" }, { 32769, "DLV" },
};

static const struct code rcodes[] = {
	{ 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" },
	{ 4, "NOTIMP" }, { 5, "REFUSED" }, { 6, "YXDOMAIN" }, { 7, "YXRRSET" },
	{ 8, "NXRRSET" }, { 9, "NOTAUTH" }, { 10, "NOTZONE" }, { 11, "DSOTYPENI" },
	{ 16, "BADVERS" }, { 17, "BADKEY" }, { 18, "BADTIME" }, { 19, "BADMODE" },
	{ 20, "BADNAME" }, { 21, "BADALG" }, { 22, "BADTRUNC" }, { 23, "BADCOOKIE" },
};

/* RFC 8624 and before; as zone files have them. */
static const struct code algorithms[] = {
	{ 0, "DELETE" }, { 1, "RSAMD5" }, { 2, "DH" }, { 3, "DSA" }, { 5, "RSASHA1" },
	{ 6, "DSA-NSEC3-SHA1" }, { 7, "RSASHA1-NSEC3-SHA1" }, { 8, "RSASHA256" },
	{ 10, "RSASHA512" }, { 12, "ECC-GOST" }, { 13, "ECDSAP256SHA256" },
	{ 14, "ECDSAP384SHA384" }, { 15, "ED25519" }, { 16, "ED448" }, { 253, "PRIVATEDNS" },
	{ 254, "PRIVATEOID" },
};

/* RFC 9460 section 14.3.2, RFC 9461. */
static const struct code service_keys[] = {
	{ 0, "mandatory" }, { 1, "alpn" }, { 2, "no-default-alpn" }, { 3, "port" },
	{ 4, "ipv4hint" }, { 5, "ech" }, { 6, "ipv6hint" }, { 7, "dohpath" }, { 8, "ohttp" },
};
/* clang-format on */

static int
compare_codes(const void *a, const void *b)
{
	return (int)((const struct code *)a)->code - ((const struct code *)b)->code;
}

static const char *
find_name(const struct code *table, size_t count, unsigned code)
{
	struct code wanted = { .code = (uint16_t)code };
	const struct code *found =
		bsearch(&wanted, table, count, sizeof(*table), compare_codes);

	return found ? found->name : NULL;
}

const char *
dns_type_name(uint16_t type)
{
	return find_name(types, COUNT(types), type);
}

const char *
dns_rcode_name(unsigned rcode)
{
	return find_name(rcodes, COUNT(rcodes), rcode);
}

const char *
dns_algorithm_name(uint8_t algorithm)
{
	return find_name(algorithms, COUNT(algorithms), algorithm);
}

const char *
dns_service_key_name(uint16_t key)
{
	return find_name(service_keys, COUNT(service_keys), key);
}

struct text
dns_type_text(uint16_t type, struct scratch *scratch)
{
	const char *name = dns_type_name(type);
	char text[16];

	if (name)
		return text_of(name);
	snprintf(text, sizeof(text), "TYPE%u", (unsigned)type);
	return scratch_copy(scratch, text_of(text));
}
