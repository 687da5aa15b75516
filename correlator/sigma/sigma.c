/* SPDX-License-Identifier: Apache-2.0 */
/* sigma: detections in the Sigma language as loaded, and which of them a record
 * matches. */
#include "correlator/sigma/sigma.h"

#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "correlator/sigma/correlation.h"
#include "correlator/sigma/holds.h"
#include "correlator/sigma/prefilter.h"

static void
add_texts(struct digester *digester, const struct rule_text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		digester_add(digester, texts[i].text, texts[i].size);
}

struct sigma *
sigma_parse(const struct rule_text *detections, size_t detection_count,
	    const struct rule_text *mappings, size_t mapping_count, struct error *err)
{
	struct sigma *sigma = calloc(1, sizeof(*sigma));

	assert(sigma != NULL);
	sigma->yaml =
		calloc(detection_count + mapping_count + 1, sizeof(struct yaml *));
	sigma->view = calloc(1, sizeof(*sigma->view));
	assert(sigma->yaml != NULL && sigma->view != NULL);
	sigma->view->digester = digester_of(DIGEST_SHA256);
	if (catalogue_read(sigma, mappings, mapping_count, true, err) == -1 ||
	    catalogue_read(sigma, detections, detection_count, false, err) == -1 ||
	    correlations_resolve(sigma, err) == -1) {
		sigma_free(sigma);
		return NULL;
	}
	sigma->prefilter = prefilter_new(sigma);
	if (sigma->count > 0) {
		struct digester *digester = digester_new();
		add_texts(digester, mappings, mapping_count);
		add_texts(digester, detections, detection_count);
		struct digest digest = digester_end(digester);
		digest_to_text(&digest, sigma->sha256);
	}
	return sigma;
}

void
sigma_free(struct sigma *sigma)
{
	if (sigma == NULL)
		return;
	for (size_t i = 0; i < sigma->pattern_count; i++)
		pattern_free(sigma->pattern[i]);
	for (size_t i = 0; i < sigma->yaml_count; i++)
		yaml_free(sigma->yaml[i]);
	prefilter_free(sigma->prefilter);
	digester_free(sigma->view->digester);
	arena_release(&sigma->view->arena);
	arena_release(&sigma->arena);
	free(sigma->view);
	free(sigma->pattern);
	free(sigma->detection);
	free(sigma->yaml);
	free(sigma);
}

static void
tell(struct view *view, const struct detection *detection, finding_sink *sink,
     void *ctx)
{
	struct finding finding = {
		.requirement = &detection->row.about,
		.subject = view->parties != NULL ? view->parties->client.participant
						 : NULL,
		.outcome = OUTCOME_BAD,
	};

	holds_list(view, detection, &finding);
	sink(ctx, &finding);
}

static bool
alerts(const struct detection *detection)
{
	return detection->row.state == DETECTION_LOADED &&
	       (!detection->is_looked_for || detection->generates);
}

void
sigma_hear(const struct sigma *sigma, const struct record *record,
	   const struct parties *parties, finding_sink *sink, correlation_sink *events,
	   void *ctx)
{
	struct view *view = sigma->view;

	if (sigma->count == 0)
		return;
	view_begin(view, record, parties);
	const uint64_t *chosen = prefilter_choose(sigma->prefilter, view);
	for (size_t w = 0; w < prefilter_words(sigma->prefilter); w++)
		for (uint64_t left = chosen[w]; left != 0; left &= left - 1) {
			const struct detection *detection =
				&sigma->detection[w * 64 +
						  (size_t)__builtin_ctzll(left)];
			if (holds(view, detection) != OUTCOME_GOOD)
				continue;
			if (alerts(detection))
				tell(view, detection, sink, ctx);
			if (events != NULL)
				correlation_take(view, detection, events, ctx);
		}
}

void
sigma_judge(const struct sigma *sigma, const struct record *record,
	    const struct parties *parties, finding_sink *sink, void *ctx)
{
	sigma_hear(sigma, record, parties, sink, NULL, ctx);
}

size_t
sigma_correlation_count(const struct sigma *sigma)
{
	return sigma->correlation_count;
}

const struct correlation *
sigma_correlation(const struct sigma *sigma, size_t index)
{
	return sigma->correlation[index];
}

bool
sigma_alerts(const struct sigma *sigma, const struct correlation *correlation)
{
	return alerts(&sigma->detection[correlation->rule]);
}

uint64_t
sigma_missing_groups(const struct sigma *sigma)
{
	return sigma->view->missing_groups;
}

uint64_t
sigma_gave_up(const struct sigma *sigma)
{
	return sigma->view->gave_up;
}

size_t
sigma_count(const struct sigma *sigma)
{
	return sigma->count;
}

const struct detection_row *
sigma_row(const struct sigma *sigma, size_t index)
{
	return &sigma->detection[index].row;
}

const char *
sigma_state_name(enum detection_state state)
{
	static const char *const names[] = { [DETECTION_LOADED] = "loaded",
					     [DETECTION_SILENT] = "silent",
					     [DETECTION_NO_FIELD] = "unsupported field",
					     [DETECTION_NO_MODIFIER] =
						     "unsupported modifier",
					     [DETECTION_NOT_APPLICABLE] =
						     "not applicable" };

	return names[state];
}

const char *
sigma_sha256(const struct sigma *sigma)
{
	return sigma->sha256;
}
