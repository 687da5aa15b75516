/* SPDX-License-Identifier: Apache-2.0 */
/* ike_names: what IKE's numbers mean: the registries of RFC 7296, RFC 2408 and RFC
 * 2409. */
#include <string.h>

#include "sensor/dissect/ike_state.h"

struct name {
	uint8_t major;
	uint16_t number;
	const char *name;
};

static const char *
find_name(const struct name *names, size_t count, uint8_t major, uint16_t number)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].major == major && names[i].number == number)
			return names[i].name;
	return NULL;
}

#define FIND(names, major, number) \
	find_name(names, sizeof(names) / sizeof((names)[0]), major, number)

/* clang-format off */
static const struct name payload_names[] = {
	{ 1, 1, "SecurityAssociation" }, { 1, 4, "KeyExchange" }, { 1, 5, "Identification" },
	{ 1, 6, "Certificate" }, { 1, 7, "CertificateRequest" }, { 1, 8, "Hash" }, { 1, 9, "Signature" },
	{ 1, 10, "Nonce" }, { 1, 11, "Notification" }, { 1, 12, "Delete" }, { 1, 13, "VendorID" },
	{ 1, 14, "Attributes" }, { 1, 20, "NatDiscovery" }, { 1, 21, "NatOriginalAddress" },
	{ 1, 130, "NatDiscoveryDraft" }, { 1, 131, "NatOriginalAddressDraft" }, { 1, 132, "Fragment" },
	{ 2, 33, "SecurityAssociation" }, { 2, 34, "KeyExchange" }, { 2, 35, "IdentInitiator" },
	{ 2, 36, "IdentResponder" }, { 2, 37, "Certificate" }, { 2, 38, "CertificateRequest" },
	{ 2, 39, "Authentication" }, { 2, 40, "Nonce" }, { 2, 41, "Notify" }, { 2, 42, "Delete" },
	{ 2, 43, "VendorID" }, { 2, 44, "TrafficSelectorInitiator" }, { 2, 45, "TrafficSelectorResponder" },
	{ 2, 46, "EncryptedAndAuthenticated" }, { 2, 47, "Configuration" },
	{ 2, 48, "ExtensibleAuthentication" }, { 2, 53, "EncryptedFragment" },
};

static const struct name exchange_names[] = {
	{ 1, 1, "Base" }, { 1, 2, "IdentityProtection" }, { 1, 3, "AuthenticationOnly" }, { 1, 4, "Aggressive" },
	{ 1, 5, "Informational" }, { 1, 6, "Transaction" }, { 1, 32, "QuickMode" }, { 1, 33, "NewGroupMode" },
	{ 2, 34, "IKE_SA_INIT" }, { 2, 35, "IKE_AUTH" }, { 2, 36, "CREATE_CHILD_SA" }, { 2, 37, "INFORMATIONAL" },
	{ 2, 38, "IKE_SESSION_RESUME" }, { 2, 43, "IKE_INTERMEDIATE" }, { 2, 44, "IKE_FOLLOWUP_KE" },
};

static const struct name notify_names[] = {
	{ 1, 1, "INVALID-PAYLOAD-TYPE" }, { 1, 4, "INVALID-COOKIE" }, { 1, 5, "INVALID-MAJOR-VERSION" },
	{ 1, 7, "INVALID-EXCHANGE-TYPE" }, { 1, 9, "INVALID-MESSAGE-ID" }, { 1, 11, "INVALID-SPI" },
	{ 1, 14, "NO-PROPOSAL-CHOSEN" }, { 1, 16, "PAYLOAD-MALFORMED" }, { 1, 17, "INVALID-KEY-INFORMATION" },
	{ 1, 18, "INVALID-ID-INFORMATION" }, { 1, 20, "INVALID-CERTIFICATE" }, { 1, 23, "INVALID-HASH-INFORMATION" },
	{ 1, 24, "AUTHENTICATION-FAILED" }, { 1, 25, "INVALID-SIGNATURE" }, { 1, 24578, "INITIAL-CONTACT" },
	{ 2, 1, "UNSUPPORTED_CRITICAL_PAYLOAD" }, { 2, 4, "INVALID_IKE_SPI" }, { 2, 5, "INVALID_MAJOR_VERSION" },
	{ 2, 7, "INVALID_SYNTAX" }, { 2, 9, "INVALID_MESSAGE_ID" }, { 2, 11, "INVALID_SPI" },
	{ 2, 14, "NO_PROPOSAL_CHOSEN" }, { 2, 17, "INVALID_KE_PAYLOAD" }, { 2, 24, "AUTHENTICATION_FAILED" },
	{ 2, 34, "SINGLE_PAIR_REQUIRED" }, { 2, 35, "NO_ADDITIONAL_SAS" }, { 2, 36, "INTERNAL_ADDRESS_FAILURE" },
	{ 2, 37, "FAILED_CP_REQUIRED" }, { 2, 38, "TS_UNACCEPTABLE" }, { 2, 39, "INVALID_SELECTORS" },
	{ 2, 43, "TEMPORARY_FAILURE" }, { 2, 44, "CHILD_SA_NOT_FOUND" },
	{ 2, 16384, "INITIAL_CONTACT" }, { 2, 16388, "NAT_DETECTION_SOURCE_IP" },
	{ 2, 16389, "NAT_DETECTION_DESTINATION_IP" }, { 2, 16390, "COOKIE" },
	{ 2, 16392, "HTTP_CERT_LOOKUP_SUPPORTED" }, { 2, 16396, "MOBIKE_SUPPORTED" },
	{ 2, 16404, "MULTIPLE_AUTH_SUPPORTED" }, { 2, 16406, "REDIRECT_SUPPORTED" }, { 2, 16407, "REDIRECT" },
	{ 2, 16408, "REDIRECTED_FROM" }, { 2, 16418, "CHILDLESS_IKEV2_SUPPORTED" },
	{ 2, 16430, "IKEV2_FRAGMENTATION_SUPPORTED" }, { 2, 16431, "SIGNATURE_HASH_ALGORITHMS" },
	{ 2, 16435, "USE_PPK" }, { 2, 16438, "INTERMEDIATE_EXCHANGE_SUPPORTED" },
	{ 2, 16441, "ADDITIONAL_KEY_EXCHANGE" },
};

/* Ids are hashes of names; what a version follows is matched by its beginning. */
static const struct {
	uint8_t size;
	uint8_t id[20];
	bool is_nat;
	const char *name;
} vendors[] = {
	{ 16, { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f },
	  true, "RFC 3947 NAT-T" },
	{ 16, { 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08, 0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f },
	  true, "NAT-T draft 02" },
	{ 16, { 0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8, 0x7c, 0xfd, 0xb2, 0xfc, 0x68, 0xb6, 0xa4, 0x48 },
	  true, "NAT-T draft 02" },
	{ 16, { 0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f, 0x2c, 0x17, 0x9d, 0x92, 0x15, 0x52, 0x9d, 0x56 },
	  true, "NAT-T draft 03" },
	{ 14, { 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57 },
	  false, "RFC 3706 dead peer detection" },
	{ 6, { 0x09, 0x00, 0x26, 0x89, 0xdf, 0xd6 }, false, "XAUTH" },
	{ 14, { 0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9, 0x70, 0x2d, 0x9f, 0xe2, 0x74, 0xcc },
	  false, "Cisco Unity" },
	{ 16, { 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3 },
	  false, "fragmentation" },
	{ 16, { 0x1e, 0x2b, 0x51, 0x69, 0x05, 0x99, 0x1c, 0x7d, 0x7c, 0x96, 0xfc, 0xbf, 0xb5, 0x87, 0xe4, 0x61 },
	  false, "Microsoft" },
	{ 16, { 0x88, 0x2f, 0xe5, 0x6d, 0x6f, 0xd2, 0x0d, 0xbc, 0x22, 0x51, 0x61, 0x3b, 0x2e, 0xbe, 0x5b, 0xeb },
	  false, "strongSwan" },
};

/* IKEv1 numbers ciphers and hashes otherwise; groups alike; it alone negotiates authentication. */
static const struct {
	enum ike_transform kind;
	uint16_t id, v1; /* v1: 0 if it has none of its own */
	const char *name;
} transforms[] = {
	{ IKE_ENCR, 1, 0, "ENCR_DES_IV64" }, { IKE_ENCR, 2, 1, "ENCR_DES" }, { IKE_ENCR, 3, 5, "ENCR_3DES" },
	{ IKE_ENCR, 4, 4, "ENCR_RC5" }, { IKE_ENCR, 5, 2, "ENCR_IDEA" }, { IKE_ENCR, 6, 6, "ENCR_CAST" },
	{ IKE_ENCR, 7, 3, "ENCR_BLOWFISH" }, { IKE_ENCR, 8, 0, "ENCR_3IDEA" }, { IKE_ENCR, 9, 0, "ENCR_DES_IV32" },
	{ IKE_ENCR, 11, 0, "ENCR_NULL" }, { IKE_ENCR, 12, 7, "ENCR_AES_CBC" }, { IKE_ENCR, 13, 0, "ENCR_AES_CTR" },
	{ IKE_ENCR, 14, 0, "ENCR_AES_CCM_8" }, { IKE_ENCR, 15, 0, "ENCR_AES_CCM_12" },
	{ IKE_ENCR, 16, 0, "ENCR_AES_CCM_16" }, { IKE_ENCR, 18, 0, "ENCR_AES_GCM_8" },
	{ IKE_ENCR, 19, 0, "ENCR_AES_GCM_12" }, { IKE_ENCR, 20, 0, "ENCR_AES_GCM_16" },
	{ IKE_ENCR, 21, 0, "ENCR_NULL_AUTH_AES_GMAC" }, { IKE_ENCR, 23, 8, "ENCR_CAMELLIA_CBC" },
	{ IKE_ENCR, 24, 0, "ENCR_CAMELLIA_CTR" }, { IKE_ENCR, 25, 0, "ENCR_CAMELLIA_CCM_8" },
	{ IKE_ENCR, 26, 0, "ENCR_CAMELLIA_CCM_12" }, { IKE_ENCR, 27, 0, "ENCR_CAMELLIA_CCM_16" },
	{ IKE_ENCR, 28, 0, "ENCR_CHACHA20_POLY1305" },
	{ IKE_PRF, 1, 1, "PRF_HMAC_MD5" }, { IKE_PRF, 2, 2, "PRF_HMAC_SHA1" }, { IKE_PRF, 3, 3, "PRF_HMAC_TIGER" },
	{ IKE_PRF, 4, 0, "PRF_AES128_XCBC" }, { IKE_PRF, 5, 4, "PRF_HMAC_SHA2_256" },
	{ IKE_PRF, 6, 5, "PRF_HMAC_SHA2_384" }, { IKE_PRF, 7, 6, "PRF_HMAC_SHA2_512" },
	{ IKE_PRF, 8, 0, "PRF_AES128_CMAC" },
	{ IKE_INTEG, 0, 0, "NONE" }, { IKE_INTEG, 1, 0, "AUTH_HMAC_MD5_96" }, { IKE_INTEG, 2, 0, "AUTH_HMAC_SHA1_96" },
	{ IKE_INTEG, 3, 0, "AUTH_DES_MAC" }, { IKE_INTEG, 4, 0, "AUTH_KPDK_MD5" },
	{ IKE_INTEG, 5, 0, "AUTH_AES_XCBC_96" }, { IKE_INTEG, 6, 0, "AUTH_HMAC_MD5_128" },
	{ IKE_INTEG, 7, 0, "AUTH_HMAC_SHA1_160" }, { IKE_INTEG, 8, 0, "AUTH_AES_CMAC_96" },
	{ IKE_INTEG, 12, 0, "AUTH_HMAC_SHA2_256_128" }, { IKE_INTEG, 13, 0, "AUTH_HMAC_SHA2_384_192" },
	{ IKE_INTEG, 14, 0, "AUTH_HMAC_SHA2_512_256" },
	{ IKE_GROUP, 0, 0, "NONE" }, { IKE_GROUP, 1, 1, "MODP_768" }, { IKE_GROUP, 2, 2, "MODP_1024" },
	{ IKE_GROUP, 5, 5, "MODP_1536" }, { IKE_GROUP, 14, 14, "MODP_2048" }, { IKE_GROUP, 15, 15, "MODP_3072" },
	{ IKE_GROUP, 16, 16, "MODP_4096" }, { IKE_GROUP, 17, 17, "MODP_6144" }, { IKE_GROUP, 18, 18, "MODP_8192" },
	{ IKE_GROUP, 19, 19, "ECP_256" }, { IKE_GROUP, 20, 20, "ECP_384" }, { IKE_GROUP, 21, 21, "ECP_521" },
	{ IKE_GROUP, 22, 22, "MODP_1024_160" }, { IKE_GROUP, 23, 23, "MODP_2048_224" },
	{ IKE_GROUP, 24, 24, "MODP_2048_256" }, { IKE_GROUP, 25, 25, "ECP_192" }, { IKE_GROUP, 26, 26, "ECP_224" },
	{ IKE_GROUP, 27, 27, "BRAINPOOL_P224R1" }, { IKE_GROUP, 28, 28, "BRAINPOOL_P256R1" },
	{ IKE_GROUP, 29, 29, "BRAINPOOL_P384R1" }, { IKE_GROUP, 30, 30, "BRAINPOOL_P512R1" },
	{ IKE_GROUP, 31, 31, "CURVE25519" }, { IKE_GROUP, 32, 32, "CURVE448" }, { IKE_GROUP, 35, 0, "ML_KEM_512" },
	{ IKE_GROUP, 36, 0, "ML_KEM_768" }, { IKE_GROUP, 37, 0, "ML_KEM_1024" },
	{ IKE_AUTH, 1, 1, "PRE_SHARED_KEY" }, { IKE_AUTH, 2, 2, "DSS_SIGNATURE" }, { IKE_AUTH, 3, 3, "RSA_SIGNATURE" },
	{ IKE_AUTH, 4, 4, "RSA_ENCRYPTION" }, { IKE_AUTH, 5, 5, "RSA_ENCRYPTION_REVISED" },
	{ IKE_AUTH, 9, 9, "ECDSA_256" }, { IKE_AUTH, 10, 10, "ECDSA_384" }, { IKE_AUTH, 11, 11, "ECDSA_521" },
	{ IKE_AUTH, 64221, 64221, "HYBRID_INIT_RSA" }, { IKE_AUTH, 64222, 64222, "HYBRID_RESP_RSA" },
	{ IKE_AUTH, 65001, 65001, "XAUTH_INIT_PRE_SHARED_KEY" }, { IKE_AUTH, 65002, 65002, "XAUTH_RESP_PRE_SHARED_KEY" },
	{ IKE_AUTH, 65005, 65005, "XAUTH_INIT_RSA" }, { IKE_AUTH, 65006, 65006, "XAUTH_RESP_RSA" },
};
/* clang-format on */

enum {
	TRANSFORMS = sizeof(transforms) / sizeof(transforms[0]),
	VENDORS = sizeof(vendors) / sizeof(vendors[0])
};

const char *
ike_payload_name(uint8_t major, uint8_t type)
{
	return FIND(payload_names, major, type);
}

const char *
ike_exchange_name(uint8_t major, uint8_t exchange)
{
	return FIND(exchange_names, major, exchange);
}

const char *
ike_notify_name(uint8_t major, uint16_t type)
{
	return FIND(notify_names, major, type);
}

/* Row of the vendor, or VENDORS. */
static size_t
find_vendor(struct bytes id)
{
	size_t i = 0;

	while (i < VENDORS && (id.left < vendors[i].size ||
			       memcmp(id.at, vendors[i].id, vendors[i].size) != 0))
		i++;
	return i;
}

const char *
ike_vendor_name(struct bytes id)
{
	size_t row = find_vendor(id);

	return row < VENDORS ? vendors[row].name : NULL;
}

bool
ike_vendor_is_nat(struct bytes id)
{
	size_t row = find_vendor(id);

	return row < VENDORS && vendors[row].is_nat;
}

const char *
ike_transform_name(enum ike_transform kind, uint32_t id)
{
	enum ike_transform named = kind == IKE_ADDITIONAL ? IKE_GROUP : kind;

	for (size_t i = 0; i < TRANSFORMS; i++)
		if (transforms[i].kind == named && transforms[i].id == id)
			return transforms[i].name;
	return NULL;
}

const char *
ike_transform_prefix(enum ike_transform kind)
{
	static const char *const prefixes[IKE_TRANSFORMS] = {
		[IKE_ENCR] = "ENCR_",        [IKE_PRF] = "PRF_",
		[IKE_INTEG] = "AUTH_",       [IKE_GROUP] = "GROUP_",
		[IKE_ADDITIONAL] = "GROUP_", [IKE_AUTH] = "METHOD_",
	};

	return prefixes[kind];
}

uint32_t
ike_transform_from_v1(enum ike_transform kind, uint16_t id)
{
	for (size_t i = 0; i < TRANSFORMS && id != 0; i++)
		if (transforms[i].kind == kind && transforms[i].v1 == id)
			return transforms[i].id;
	return IKE_ONLY_V1 | id;
}
