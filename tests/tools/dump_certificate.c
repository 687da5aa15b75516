/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dump_certificate: what our reader sees in certificates, one JSON line each.
 *
 * usage: dump_certificate FILE.der...   The fields of a certificate record.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/exit_code.h"
#include "common/file.h"
#include "common/record_write.h"
#include "sensor/dissect/certificate_cache.h"
#include "sensor/dissect/tls_report.h"

enum { FILE_MAX = 1 << 20 };

static void
on_record(void *ctx, struct instant at, struct record *record)
{
	char line[RECORD_SIZE_MAX];

	(void)ctx, (void)at;
	fwrite(line, 1, record_write(record, NULL, line), stdout);
	putchar('\n');
}

int
main(int argc, char **argv)
{
	struct error err;
	struct tls_lane lane = { .cache = certificate_cache_new(),
				 .report = tls_report_new() };
	struct tls tls = { .lane = &lane };
	struct dissect_out out = { .emit = on_record };

	for (int i = 1; i < argc; i++) {
		char *data;
		size_t size;
		if (file_read(argv[i], FILE_MAX, &data, &size, &err) == -1) {
			fprintf(stderr, "dump_certificate: %s\n", err.text);
			return EXIT_CODE_ENVIRONMENT;
		}
		struct bytes der = bytes_over(data, size);
		struct certificate *certificate =
			certificate_cache_take(lane.cache, der);
		tls_report_certificate(&tls, certificate, der, TLS_SERVER,
				       (struct instant){ 0 }, &out);
		certificate_drop(certificate);
		free(data);
	}
	tls_report_free(lane.report);
	certificate_cache_free(lane.cache);
	return EXIT_CODE_OK;
}
