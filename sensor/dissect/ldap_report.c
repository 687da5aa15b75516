/* SPDX-License-Identifier: Apache-2.0 */
/* ldap_report: the ldap records: a bind, StartTLS, and all that was done, in counts. */
#include <string.h>

#include "sensor/dissect/ldap_state.h"

enum { SASL_BIND_IN_PROGRESS = 14 };

static bool
is_plain(const struct ldap *ldap)
{
	static const char plain[] = "PLAIN";

	return ldap->mechanism_size == strlen(plain) &&
	       memcmp(ldap->mechanism, plain, strlen(plain)) == 0;
}

static void
tell_bind(struct ldap *ldap)
{
	struct telling *telling = &ldap->lane->lane.telling;
	struct record *record = &telling->record;

	record_set_number(record, FIELD_LDAP_VERSION, ldap->version);
	telling_text(telling, FIELD_LDAP_NAME, bytes_over(ldap->name, ldap->name_size),
		     LDAP_NAME_MAX * 4);
	telling_name(telling, FIELD_SLDAP_METHOD,
		     !ldap->is_simple     ? "sasl"
		     : ldap->has_password ? "simple"
					  : "anonymous");
	record_set_flag(record, FIELD_SLDAP_CLEAR,
			ldap->has_password || is_plain(ldap));
	if (!ldap->is_simple)
		telling_text(telling, FIELD_LDAP_MECHANISM,
			     bytes_over(ldap->mechanism, ldap->mechanism_size),
			     LDAP_MECHANISM_MAX * 4);
}

static void
tell_no_answer(struct ldap *ldap, const struct dissect_out *out)
{
	struct telling *telling = &ldap->lane->lane.telling;
	int server = !ldap->client;

	if (!out->is_seen(out->ctx, server))
		telling_hide(telling, "ldap.answer", "asymmetric");
	else if (ldap->is_lost[server])
		telling_hide(telling, "ldap.answer", "loss");
	else if (out->is_cut)
		telling_hide(telling, "ldap.answer", "truncated");
	else
		telling_name(telling, FIELD_SLDAP_OUTCOME, "unanswered");
}

void
ldap_report_request(struct ldap *ldap, bool has_code, uint32_t code, struct instant at,
		    const struct dissect_out *out)
{
	struct telling *telling = &ldap->lane->lane.telling;
	bool is_bind = ldap->waits == LDAP_FOR_BIND;

	ldap->waits = LDAP_FOR_NOTHING;
	if (is_bind && ldap->binds > LDAP_BINDS_MAX) {
		ldap->lane->lane.counters.dropped++;
		return;
	}
	telling_begin(telling, EVENT_LDAP);
	telling_name(telling, FIELD_SLDAP_KIND, is_bind ? "bind" : "starttls");
	telling_name(telling, FIELD_LDAP_OPERATION,
		     is_bind ? "bind_request" : "extended_request");
	record_set_number(&telling->record, FIELD_LDAP_ID, ldap->id);
	if (is_bind)
		tell_bind(ldap);
	if (has_code) {
		record_set_number(&telling->record, FIELD_SLDAP_CODE, code);
		telling_name(telling, FIELD_SLDAP_OUTCOME,
			     code == 0                       ? "success"
			     : code == SASL_BIND_IN_PROGRESS ? "continues"
							     : "failure");
	} else
		tell_no_answer(ldap, out);
	telling_emit(telling, out, at, true);
}

void
ldap_report_end(struct ldap *ldap, struct instant at, const struct dissect_out *out)
{
	struct telling *telling = &ldap->lane->lane.telling;
	struct record *record = &telling->record;

	if (ldap->is_told || ldap->messages == 0)
		return;
	ldap->is_told = true;
	telling_begin(telling, EVENT_LDAP);
	telling_name(telling, FIELD_SLDAP_KIND, "end");
	record_set_number(record, FIELD_SLDAP_SEARCHES, ldap->searches);
	record_set_number(record, FIELD_SLDAP_SUBTREE, ldap->subtree);
	record_set_number(record, FIELD_SLDAP_ROOT, ldap->root);
	record_set_number(record, FIELD_SLDAP_ADDS, ldap->adds);
	record_set_number(record, FIELD_SLDAP_MODIFIES, ldap->modifies);
	record_set_number(record, FIELD_SLDAP_DELETES, ldap->deletes);
	record_set_number(record, FIELD_SLDAP_COMPARES, ldap->compares);
	record_set_number(record, FIELD_SLDAP_BINDS, ldap->binds);
	record_set_number(record, FIELD_SLDAP_ENTRIES, ldap->entries);
	record_set_number(record, FIELD_SLDAP_REFUSED, ldap->refused);
	if (ldap->is_hidden || behind_has_begun(&ldap->tls, 0))
		telling_hide(telling, "sekisho.ldap.operations", "encrypted");
	else if (ldap->is_lost[0] || ldap->is_lost[1])
		telling_hide(telling, "sekisho.ldap.operations", "loss");
	telling_emit(telling, out, at, true);
}
