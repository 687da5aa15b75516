/* SPDX-License-Identifier: Apache-2.0 */
/* main: sekisho-correlator: settings, rules, store, engine, intake, loop, in this
 * order. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/endpoint.h"
#include "common/exit_code.h"
#include "common/intake_protocol.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "common/settings.h"
#include "common/trust.h"
#include "correlator/engine.h"
#include "correlator/intake.h"
#include "correlator/inventory/inventory.h"
#include "correlator/logs/tail.h"
#include "correlator/loop.h"
#include "correlator/notify/notify.h"
#include "correlator/options.h"
#include "correlator/policy/policy.h"
#include "correlator/trust/chains.h"
#include "store/store.h"

/* A set of rules with the people it is about; replaced as a whole. */
struct judgement {
	struct inventory *inventory;
	struct policy *policy;
};

static void
judgement_free(struct judgement *judgement)
{
	policy_free(judgement->policy);
	inventory_free(judgement->inventory);
}

static int
judgement_load(const struct options *options, struct judgement *judgement,
	       struct error *err)
{
	*judgement = (struct judgement){ .inventory = inventory_load(options->inventory,
								     err) };
	if (judgement->inventory == NULL)
		return -1;
	judgement->policy = policy_load(options->rules, judgement->inventory, err);
	if (judgement->policy != NULL)
		return 0;
	judgement_free(judgement);
	return -1;
}

static struct trust *
load_trust(const struct options *options, struct error *err)
{
	const struct trust_files files = { .certificate = options->certificate,
					   .key = options->key,
					   .ca = options->ca,
					   .revoked = options->revoked };

	return trust_new(TRUST_CORRELATOR, &files, err);
}

/* What no single row of the table can say. */
static int
check(const void *into, struct error *err)
{
	const struct options *options = into;
	struct endpoint unused;
	struct error why;

	if (options->listen != NULL &&
	    endpoint_parse(options->listen, &unused, &why) == -1)
		return error_set(err, "--listen: %s", why.text);
	return notify_check(&options->notify, err);
}

/* Rules and keys are part of the configuration: --check-config loads them and runs
 * their tests.
 */
static int
check_named(const void *into, struct error *err)
{
	struct judgement judgement;

	if (judgement_load(into, &judgement, err) == -1)
		return -1;
	judgement_free(&judgement);
	const struct options *options = into;
	if (options->listen == NULL)
		return 0;
	struct trust *trust = load_trust(options, err);
	trust_free(trust);
	return trust != NULL ? 0 : -1;
}

static const struct settings_program program = {
	.name = "sekisho-correlator",
	.purpose = "Judges the records of sensors and keeps verdicts, alerts and the "
		   "access "
		   "ledger.",
	.arguments = "",
	.table = correlator_settings,
	.check = check,
	.check_named = check_named,
};

struct correlator {
	struct options options;
	struct judgement judgement;
	struct store *store;
	struct engine *engine;
	struct intake *intake;
	struct trust *trust;       /* NULL: no TLS */
	struct chains *chains;     /* NULL: nothing is said of trust */
	struct chains *old_chains; /* of the engine that is about to go */
	struct log_mappings *mappings;
	struct tails *tails; /* NULL: no logs */
	struct loop *loop;
};

static void
reload_trust(struct correlator *correlator)
{
	struct error err;

	if (correlator->trust == NULL)
		return;
	struct trust *trust = load_trust(&correlator->options, &err);
	if (trust == NULL) {
		log_error("reload", "the old certificates stay: %s", err.text);
		return;
	}
	loop_trust(correlator->loop, trust);
	trust_free(correlator->trust);
	correlator->trust = trust;
}

/* A new CRL counts from SIGHUP on; a folder with a mistake leaves the old one. */
static void
reload_anchors(struct correlator *correlator)
{
	struct error err;

	if (correlator->options.anchors == NULL)
		return;
	struct chains *chains = chains_load(correlator->options.anchors, &err);
	if (chains == NULL) {
		log_error("reload", "the old anchors stay: %s", err.text);
		return;
	}
	correlator->old_chains = correlator->chains;
	correlator->chains = chains;
}

/* SIGHUP: the new set beside the old, which stays if anything of the new is wrong. */
static void
reload(void *ctx)
{
	struct correlator *correlator = ctx;
	struct judgement judgement;
	struct error err;

	reload_trust(correlator);
	if (judgement_load(&correlator->options, &judgement, &err) == -1) {
		log_error("reload", "the old rules stay: %s", err.text);
		return;
	}
	struct engine *engine = engine_new(judgement.inventory, judgement.policy,
					   correlator->store, ENGINE_LIVE, &err);
	if (engine == NULL) {
		log_error("reload", "the old rules stay: %s", err.text);
		judgement_free(&judgement);
		return;
	}
	if (correlator->tails != NULL)
		engine_await_evidence(engine);
	reload_anchors(correlator);
	if (correlator->chains != NULL)
		engine_trust(engine, correlator->chains);
	intake_use(correlator->intake, engine);
	engine_free(correlator->engine);
	chains_free(correlator->old_chains);
	correlator->old_chains = NULL;
	judgement_free(&correlator->judgement);
	correlator->engine = engine;
	correlator->judgement = judgement;
	log_info("reload", "policy %s %s, %s", policy_id(judgement.policy),
		 policy_version(judgement.policy), policy_sha256(judgement.policy));
}

static int
poll_logs(void *ctx, struct error *err)
{
	struct correlator *correlator = ctx;

	return tails_poll(correlator->tails, correlator->engine, err);
}

static int
follow_logs(struct correlator *correlator, struct error *err)
{
	const struct options *options = &correlator->options;

	if (options->logs.count == 0)
		return 0;
	correlator->mappings = log_mappings_load(options->mappings, err);
	if (correlator->mappings == NULL)
		return -1;
	correlator->tails = tails_new(options->logs.word, options->logs.count,
				      correlator->mappings, correlator->store, err);
	if (correlator->tails == NULL)
		return -1;
	engine_await_evidence(correlator->engine);
	loop_poll_with(correlator->loop, poll_logs);
	return 0;
}

static int
listen_tls(struct correlator *correlator, struct error *err)
{
	if (correlator->options.listen == NULL)
		return 0;
	return loop_listen_tls(correlator->loop, correlator->options.listen,
			       correlator->trust, err);
}

static int
serve(struct correlator *correlator, struct error *err)
{
	correlator->engine = engine_new(correlator->judgement.inventory,
					correlator->judgement.policy, correlator->store,
					ENGINE_LIVE, err);
	if (correlator->engine == NULL)
		return -1;
	if (correlator->options.anchors != NULL) {
		correlator->chains = chains_load(correlator->options.anchors, err);
		if (correlator->chains == NULL)
			return -1;
		engine_trust(correlator->engine, correlator->chains);
	}
	correlator->intake = intake_new(correlator->engine);
	correlator->loop = loop_new(correlator->options.socket, correlator->intake,
				    reload, correlator, err);
	if (correlator->loop == NULL)
		return -1;
	int result = follow_logs(correlator, err);
	if (result == 0)
		result = listen_tls(correlator, err);
	if (result == 0) {
		log_info("correlator", "%s: policy %s %s, listening on %s%s%s",
			 correlator->options.store,
			 policy_id(correlator->judgement.policy),
			 policy_version(correlator->judgement.policy),
			 correlator->options.socket,
			 correlator->options.listen != NULL ? " and " : "",
			 correlator->options.listen != NULL ? correlator->options.listen
							    : "");
		result = loop_run(correlator->loop, err);
	}
	loop_free(correlator->loop);
	return result;
}

static int
run(struct correlator *correlator)
{
	const char *directory = correlator->options.store;
	int code = EXIT_CODE_ENVIRONMENT;
	struct error err;

	if (sandbox_become(correlator->options.user, false, &err) == -1)
		goto out;
	if ((correlator->options.listen != NULL &&
	     (correlator->trust = load_trust(&correlator->options, &err)) == NULL) ||
	    judgement_load(&correlator->options, &correlator->judgement, &err) == -1) {
		code = EXIT_CODE_INPUT;
		goto out;
	}
	if (mkdir(directory, 0750) == -1 && errno != EEXIST) {
		error_errno(&err, "cannot make %s", directory);
		goto out;
	}
	/* before the store is open: no child may have its files */
	if (notify_start(&correlator->options.notify, directory, &err) == -1)
		goto out;
	correlator->store = store_open(directory, STORE_WRITE, &err);
	if (correlator->store != NULL &&
	    notify_begin(&correlator->options.notify, correlator->store, directory,
			 &err) == 0 &&
	    serve(correlator, &err) == 0)
		code = EXIT_CODE_OK;
out:
	if (code != EXIT_CODE_OK)
		log_error("correlator", "%s", err.text);
	return code;
}

int
main(int argc, char **argv)
{
	struct correlator correlator = { 0 };
	struct settings settings;
	int status =
		settings_read(&program, argc, argv, &correlator.options, &settings);

	if (status == -1)
		status = run(&correlator);
	intake_free(correlator.intake);
	engine_free(correlator.engine);
	trust_free(correlator.trust);
	tails_free(correlator.tails);
	log_mappings_free(correlator.mappings);
	chains_free(correlator.chains);
	store_close(correlator.store);
	judgement_free(&correlator.judgement);
	settings_release(&settings);
	return status;
}
