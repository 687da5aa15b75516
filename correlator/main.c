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
#include "correlator/policy/policy.h"
#include "correlator/trust/chains.h"
#include "store/store.h"

struct options {
	const char *store, *socket, *inventory, *rules, *user;
	const char *listen, *certificate, *key, *ca, *revoked;
	const char *mappings, *anchors;
	struct words logs;
};

#define INTO(member) offsetof(struct options, member)

static const struct setting table[] = {
	{ .group = "Store",
	  .name = "store",
	  .letter = 's',
	  .type = SETTING_PATH,
	  .offset = INTO(store),
	  .initial = "/var/lib/sekisho/store",
	  .placeholder = "DIR",
	  .key = "store.directory",
	  .meaning = "where records, verdicts, alerts and the position are kept" },
	{ .group = "Input",
	  .name = "socket",
	  .type = SETTING_PATH,
	  .offset = INTO(socket),
	  .initial = INTAKE_SOCKET_DEFAULT,
	  .key = "intake.socket",
	  .meaning = "Unix socket on which sensors deliver their records" },
	{ .group = "Input",
	  .name = "listen",
	  .type = SETTING_TEXT,
	  .offset = INTO(listen),
	  .placeholder = "ADDRESS:PORT",
	  .key = "intake.listen",
	  .meaning = "take sensors by TLS 1.3 here too: 0.0.0.0:8641 or [::]:8641; "
		     "both sides show certificates" },
	{ .group = "Input",
	  .name = "certificate",
	  .type = SETTING_PATH,
	  .offset = INTO(certificate),
	  .initial = "/var/lib/sekisho/keys/correlator.pem",
	  .key = "intake.certificate",
	  .meaning = "the correlator's certificate for TLS; SIGHUP reads these files "
		     "anew" },
	{ .group = "Input",
	  .name = "key",
	  .type = SETTING_PATH,
	  .offset = INTO(key),
	  .initial = "/var/lib/sekisho/keys/correlator.key",
	  .key = "intake.key",
	  .meaning = "the certificate's private key" },
	{ .group = "Input",
	  .name = "ca",
	  .type = SETTING_PATH,
	  .offset = INTO(ca),
	  .initial = "/var/lib/sekisho/keys/ca.pem",
	  .key = "intake.ca",
	  .meaning = "certificate of the CA that signed the sensors' certificates" },
	{ .group = "Input",
	  .name = "revoked",
	  .type = SETTING_PATH,
	  .offset = INTO(revoked),
	  .key = "intake.revoked",
	  .meaning = "file of serial numbers, one a line, of certificates that are "
		     "believed no longer" },
	{ .group = "Judgement",
	  .name = "inventory",
	  .letter = 'i',
	  .type = SETTING_PATH,
	  .offset = INTO(inventory),
	  .initial = "/etc/sekisho/inventory",
	  .key = "judgement.inventory",
	  .meaning = "who is who: a YAML file or a folder of them" },
	{ .group = "Judgement",
	  .name = "rules",
	  .letter = 'r',
	  .type = SETTING_PATH,
	  .offset = INTO(rules),
	  .initial = "/etc/sekisho/rules",
	  .key = "judgement.rules",
	  .meaning = "folder of connection requirements" },
	{ .group = "Judgement",
	  .name = "anchors",
	  .type = SETTING_PATH,
	  .offset = INTO(anchors),
	  .placeholder = "DIR",
	  .key = "judgement.anchors",
	  .meaning = "folder of *.pem: the CAs that members' certificates lead to, and "
		     "their CRLs" },
	{ .group = "Evidence",
	  .name = "mappings",
	  .type = SETTING_PATH,
	  .offset = INTO(mappings),
	  .initial = "/usr/share/sekisho/rules/evidence",
	  .key = "evidence.mappings",
	  .meaning = "folder of mappings from lines of logs to records" },
	{ .group = "Evidence",
	  .name = "log",
	  .type = SETTING_WORDS,
	  .offset = INTO(logs),
	  .placeholder = "MAPPING=PATH",
	  .key = "evidence.logs",
	  .meaning = "logs to follow, such as nginx=/var/log/nginx/sekisho.json or "
		     "suricata@poi-east=/var/log/suricata/eve.json" },
	{ .group = "Rights",
	  .name = "user",
	  .type = SETTING_TEXT,
	  .offset = INTO(user),
	  .placeholder = "NAME",
	  .key = "rights.user",
	  .meaning = "user to become when started by root" },
	{ 0 },
};

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

	if (options->listen == NULL ||
	    endpoint_parse(options->listen, &unused, &why) == 0)
		return 0;
	return error_set(err, "--listen: %s", why.text);
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
	.table = table,
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
	correlator->store = store_open(directory, STORE_WRITE, &err);
	if (correlator->store != NULL && serve(correlator, &err) == 0)
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
