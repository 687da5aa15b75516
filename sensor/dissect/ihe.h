/* SPDX-License-Identifier: Apache-2.0 */
/* ihe: transactions of IHE by the actions and messages of their SOAP envelopes. */
#ifndef SENSOR_DISSECT_IHE_H
#define SENSOR_DISSECT_IHE_H

#include "sensor/dissect/http_state.h"
#include "sensor/dissect/soap.h"

struct ihe_transaction {
	const char *action;  /* of the request */
	const char *answer;  /* of the response; NULL: the request's, and "Response" */
	const char *message; /* body of the request, if no other transaction has it */
	const char *id;      /* "ITI-38"; NULL: another has the same action */
	const char *name;
};

/* NULL if the action is none of ours; '*is_answer': it is the one of the response. */
const struct ihe_transaction *ihe_by_action(struct bytes action, bool *is_answer);
const struct ihe_transaction *ihe_by_message(struct bytes message);
/* Name of a stored query (ITI TF-2 section 3.18.4.1.2.4), or NULL. */
const char *ihe_query_name(struct bytes id);

/*
 * The ihe record of an exchange, if one of its two envelopes (either may be
 * NULL) is of IHE or HL7 v3.
 */
void ihe_report(struct http_call *call, const struct http_exchange *exchange,
		const struct soap *request, const struct soap *response, bool is_mtom);

#endif
