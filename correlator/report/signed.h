/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signed: a report's detached signature, FILE.sig, and what it says of the report.
 *
 * Two lines: a JSON object with the SHA-256 of the report's bytes and what the
 * report is of, and the Ed25519 signature of that line.  Any form of a report
 * is signed in the same way.
 */
#ifndef CORRELATOR_REPORT_SIGNED_H
#define CORRELATOR_REPORT_SIGNED_H

#include "correlator/report/report.h"
#include "correlator/seal/signature.h"

struct signed_report {
	char region[256], period[128], sha256[65];
	int64_t from, to;
	int zone;
};

int signed_write(const char *path, const struct report *report,
		 const struct signing_key *key, struct error *err);
/* 0 if the file is the one that was signed by the key; -1 and one sentence if not. */
int signed_verify(const char *path, const struct public_key *key,
		  struct signed_report *is, struct error *err);
/* What the report is of: from its signature, or from the report itself if it is JSON;
 * not verified. */
int signed_read(const char *path, struct signed_report *is, struct error *err);

#endif
