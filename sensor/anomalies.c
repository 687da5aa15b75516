/* SPDX-License-Identifier: Apache-2.0 */
/* anomalies: records of what breaks its protocol, and how many a kind may make. */
#include "sensor/anomalies.h"

static bool
may_make(struct anomalies *anomalies, enum decode_result kind, struct instant now)
{
	int64_t interval = now.usec / ANOMALIES_INTERVAL;

	if (anomalies->kind[kind].interval != interval) {
		anomalies->kind[kind].interval = interval;
		anomalies->kind[kind].made = 0;
	}
	if (anomalies->kind[kind].made == ANOMALIES_PER_KIND) {
		anomalies->suppressed++;
		return false;
	}
	anomalies->kind[kind].made++;
	return true;
}

void
anomalies_frame(struct anomalies *anomalies, struct lane *lane,
		const struct packet *packet, const struct headers *headers,
		enum decode_result result)
{
	struct record *record = &anomalies->record;
	const char *event = decode_result_event(result);

	if (event == NULL || !may_make(anomalies, result, lane->now))
		return;
	record_begin(record, EVENT_ANOMALY);
	describe_origin(&lane->describer, record, lane_stamp(lane, lane->now));
	describe_packet(&lane->describer, record, headers);
	record_set_number(record, FIELD_PCAP_CNT, packet->number);
	record_set_text(record, FIELD_ANOMALY_TYPE, text_of("decode"));
	record_set_text(record, FIELD_ANOMALY_EVENT, text_of(event));
	record_set_text(record, FIELD_ANOMALY_LAYER,
			text_of(decode_result_layer(result)));
	lane_emit(lane, record);
}

void
anomalies_flow(struct anomalies *anomalies, struct lane *lane, const struct flow *flow,
	       struct instant at, const char *type, const char *event,
	       const char *layer)
{
	struct record *record = &anomalies->record;

	record_begin(record, EVENT_ANOMALY);
	describe_event(&lane->describer, record, flow, lane_stamp(lane, at));
	record_set_text(record, FIELD_ANOMALY_TYPE, text_of(type));
	record_set_text(record, FIELD_ANOMALY_EVENT, text_of(event));
	if (layer != NULL) {
		record_set_text(record, FIELD_ANOMALY_LAYER, text_of(layer));
		record_set_text(record, FIELD_ANOMALY_APP, text_of(layer));
	}
	lane_emit(lane, record);
}
