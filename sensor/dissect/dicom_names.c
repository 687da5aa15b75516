/* SPDX-License-Identifier: Apache-2.0 */
/* dicom_names: what UIDs and codes of the upper layer mean (PS3.6, PS3.8 section 9.3).
 */
#include <string.h>

#include "sensor/dissect/dicom_state.h"

static const struct {
	const char *uid, *name;
} sops[] = {
#define SOP(uid, name) { uid, name },
#include "sensor/dissect/dicom_sop_classes.def"
#undef SOP
};

const char *
dicom_sop_name(struct bytes uid)
{
	for (size_t i = 0; i < sizeof(sops) / sizeof(sops[0]); i++)
		if (strlen(sops[i].uid) == uid.left &&
		    memcmp(sops[i].uid, uid.at, uid.left) == 0)
			return sops[i].name;
	return NULL;
}

const char *
dicom_identity_name(uint8_t type)
{
	static const char *const names[] = {
		NULL, "username", "username_passcode", "kerberos", "saml", "jwt"
	};

	return type < sizeof(names) / sizeof(names[0]) && type > 0 ? names[type]
								   : "other";
}

const char *
dicom_reject_source(uint8_t source)
{
	static const char *const names[] = { NULL, "user", "acse", "presentation" };

	return source < sizeof(names) / sizeof(names[0]) && source > 0 ? names[source]
								       : "other";
}

static const struct {
	uint8_t source, reason;
	const char *name;
} reasons[] = {
	{ 1, 1, "no_reason_given" },
	{ 1, 2, "application_context_name_not_supported" },
	{ 1, 3, "calling_ae_title_not_recognized" },
	{ 1, 7, "called_ae_title_not_recognized" },
	{ 2, 1, "no_reason_given" },
	{ 2, 2, "protocol_version_not_supported" },
	{ 3, 1, "temporary_congestion" },
	{ 3, 2, "local_limit_exceeded" },
};

const char *
dicom_reject_reason(uint8_t source, uint8_t reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].source == source && reasons[i].reason == reason)
			return reasons[i].name;
	return "reserved";
}

const char *
dicom_abort_reason(uint8_t reason)
{
	static const char *const names[] = {
		"not_specified",
		"unrecognized_pdu",
		"unexpected_pdu",
		"reserved",
		"unrecognized_pdu_parameter",
		"unexpected_pdu_parameter",
		"invalid_pdu_parameter_value",
	};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "reserved";
}
