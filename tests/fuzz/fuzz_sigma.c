/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sigma: any bytes as a file of detections: read, indexed, its tests run, a record matched. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "correlator/policy/example_record.h"
#include "correlator/sigma/sigma.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_finding(void *ctx, const struct finding *finding)
{
	size_t *found = ctx;

	*found += finding->condition_count + strlen(finding->requirement->id);
	for (size_t i = 0; i < finding->condition_count; i++)
		assert(text_is_valid(finding->condition[i].observed, strlen(finding->condition[i].observed)));
}

static void
match(const struct sigma *sigma)
{
	static const char text[] = "{type: tls, client: 10.0.0.1, server: 10.0.0.2, port: 443, app_proto: tls, tls: "
				   "{sni: a-b.EXAMPLE, version: TLSv1, subject: 'CN=é,O=b'}, unobservable: {tls.client: "
				   "encrypted}, sekisho.tls.suites_offered: [a, b, '']}";
	struct arena arena = { 0 };
	struct record record;
	struct error err;
	size_t found = 0;
	struct yaml *yaml = yaml_parse("record", text, sizeof(text) - 1, &err);

	assert(yaml != NULL);
	int result = example_record_read(&arena, yaml_root(yaml, 0), (struct instant){ 1 }, "", &record, &err);
	assert(result == 0);
	sigma_judge(sigma, &record, NULL, on_finding, &found);
	arena_release(&arena);
	yaml_free(yaml);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rule_text file = { "fuzz.yml", (const char *)data, size };
	struct error err = { "" };
	struct sigma *sigma = sigma_parse(&file, 1, NULL, 0, &err);

	if (sigma == NULL) {
		assert(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
		return 0;
	}
	for (size_t i = 0; i < sigma_count(sigma); i++)
		assert((sigma_row(sigma, i)->state == DETECTION_LOADED) == (sigma_row(sigma, i)->reason[0] == '\0'));
	match(sigma);
	sigma_free(sigma);
	return 0;
}
