/* SPDX-License-Identifier: Apache-2.0 */
/* kinds: the closed lists of an inventory: what a participant, a service, a line may
 * be. */
#include "correlator/inventory/kinds.h"

#include <stddef.h>

/* clang-format off */
const char *const participant_kinds[] = {
	"base", "regional_network", "hospital", "clinic", "dental", "pharmacy", "care",
	"visiting_nursing", "laboratory", "emergency", "municipality", "insurer", "government",
	"supplier", NULL,
};

const char *const service_kinds[] = {
	"mpi", "xca", "hpki_auth", "ca", "record_sharing", "emergency_sharing", "patient_portal",
	"mynaportal", "external_storage", "public_api", "private_api", "repository", "viewer",
	"claims", "nsips", "visit", "chase", "care_db", "audit", "dns", "ntp", "vpn",
	"maintenance", NULL,
};

const char *const line_kinds[] = { "dedicated", "ip_vpn", "ipsec_ike", "open_tls", "base", NULL };
/* clang-format on */
