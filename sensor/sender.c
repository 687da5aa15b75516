/* SPDX-License-Identifier: Apache-2.0 */
/* sender: frames from the spool to the correlator. */
#include "sensor/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/intake_protocol.h"
#include "common/log.h"

#define RETRY_LEAST (INSTANT_SECOND / 10)
#define RETRY_MOST  (5 * INSTANT_SECOND)

enum {
	INPUT_SIZE = 1 << 14, /* the correlator's messages are small */
	OUTPUT_SIZE = INTAKE_HEADER_SIZE + INTAKE_BODY_MAX,
	FRAMES_A_RUN = 64
};

enum state { STATE_OFF, STATE_GREETED, STATE_SENDING };

/* A frame that is sent and not committed. */
struct under_way {
	uint32_t lane;
	uint64_t last_seq;
	size_t size;
};

struct sender {
	const struct sender_config *config;
	struct spool *spool;
	enum state state;
	struct wire *wire;
	int64_t mono, retry, retry_at, heard, beat_at;
	bool is_said;       /* that it cannot connect */
	bool has_more;      /* it stopped to let others run */
	uint64_t positions; /* lanes the correlator has answered for, a bit each */
	int64_t row;        /* the last one sent */
	uint64_t next[SPOOL_LANES_MAX]; /* seq that comes next in each lane */
	struct frame_codec *codec;
	struct under_way way[SENDER_FRAMES_MAX];
	unsigned way_count;
	size_t way_bytes;
	size_t input_size, output_at, output_size;
	uint8_t input[INPUT_SIZE];
	uint8_t *output; /* OUTPUT_SIZE */
};

struct sender *
sender_new(const struct sender_config *config, struct spool *spool)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (sender == NULL)
		return NULL;
	sender->output = malloc(OUTPUT_SIZE);
	sender->codec = frame_codec_new();
	sender->wire = wire_new(&config->target);
	if (sender->output == NULL || sender->codec == NULL || sender->wire == NULL) {
		sender_free(sender);
		return NULL;
	}
	sender->config = config;
	sender->spool = spool;
	return sender;
}

void
sender_free(struct sender *sender)
{
	if (sender == NULL)
		return;
	wire_free(sender->wire);
	frame_codec_free(sender->codec);
	free(sender->output);
	free(sender);
}

int
sender_descriptor(const struct sender *sender, short *events)
{
	return wire_descriptor(sender->wire, sender->output_at < sender->output_size,
			       events);
}

int64_t
sender_due(const struct sender *sender)
{
	if (sender->state == STATE_OFF)
		return sender->retry_at;
	/* the socket takes no more now: polling tells when it does */
	if (sender->output_at < sender->output_size)
		return sender->heard + INTAKE_SILENCE_MAX + 1;
	return sender->has_more ? sender->mono : sender->beat_at;
}

bool
sender_is_connected(const struct sender *sender)
{
	return sender->state == STATE_SENDING;
}

/* Ends the connection; 'why' is said once until one stands again. */
static void
hang_up(struct sender *sender, const char *why)
{
	if (!sender->is_said)
		log_warn("sender", "%s: %s; records wait in the spool",
			 sender->config->name, why);
	sender->is_said = true;
	wire_close(sender->wire);
	sender->state = STATE_OFF;
	spool_sent(sender->spool, 0);
	sender->retry = sender->retry < RETRY_LEAST      ? RETRY_LEAST
			: sender->retry * 2 < RETRY_MOST ? sender->retry * 2
							 : RETRY_MOST;
	sender->retry_at = sender->mono + sender->retry;
}

static void
greet(struct sender *sender)
{
	struct intake_hello hello = { .version = INTAKE_VERSION };

	snprintf(hello.sensor, sizeof(hello.sensor), "%s", sender->config->sensor);
	snprintf(hello.poi, sizeof(hello.poi), "%s", sender->config->poi);
	snprintf(hello.epoch, sizeof(hello.epoch), "%s", spool_epoch(sender->spool));
	hello.lane_count = (uint16_t)spool_lane_count(sender->spool);
	for (uint16_t i = 0; i < hello.lane_count; i++)
		hello.lane[i] = i;
	sender->output_size = intake_write_hello(&hello, sender->output);
}

static void
begin(struct sender *sender)
{
	struct error err;

	if (wire_open(sender->wire, &err) == -1) {
		hang_up(sender, err.text);
		return;
	}
	sender->state = STATE_GREETED;
	sender->heard = sender->mono;
	sender->positions = 0;
	sender->row = 0;
	sender->way_count = 0;
	sender->way_bytes = 0;
	sender->input_size = sender->output_at = sender->output_size = 0;
	greet(sender);
	sender->beat_at = sender->mono + INTAKE_HEARTBEAT_INTERVAL;
}

/* Takes off the window what is committed.  Lanes are committed each by itself, so all
 * are looked at. */
static void
forget_committed(struct sender *sender, uint32_t lane, uint64_t seq)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < sender->way_count; i++) {
		struct under_way way = sender->way[i];

		if (way.lane == lane && way.last_seq <= seq)
			sender->way_bytes -= way.size;
		else
			sender->way[kept++] = way;
	}
	sender->way_count = kept;
}

static void
take_position(struct sender *sender, enum intake_type type,
	      const struct intake_position *position)
{
	uint32_t lanes = spool_lane_count(sender->spool);

	if (position->lane >= lanes)
		return;
	/* only a correlator that comes anew may have less than it had */
	if (type == INTAKE_POSITION ||
	    position->checkpoint > spool_lane(sender->spool, position->lane)->committed)
		spool_position(sender->spool, position->lane, position->checkpoint);
	if (type == INTAKE_COMMITTED) {
		forget_committed(sender, position->lane, position->checkpoint);
		return;
	}
	sender->positions |= UINT64_C(1) << position->lane;
	if (sender->state != STATE_GREETED ||
	    sender->positions != UINT64_MAX >> (64 - lanes))
		return;
	for (uint32_t i = 0; i < lanes; i++)
		sender->next[i] = spool_lane(sender->spool, i)->committed + 1;
	sender->state = STATE_SENDING;
	sender->retry = 0;
	sender->is_said = false;
	log_info("sender", "%s: connected, lane 0 is committed up to %llu",
		 sender->config->name,
		 (unsigned long long)spool_lane(sender->spool, 0)->committed);
}

static int
take_message(struct sender *sender, const struct intake_header *header,
	     struct bytes body, struct error *err)
{
	struct intake_position position;
	struct intake_refused refused;

	switch (header->type) {
	case INTAKE_POSITION:
	case INTAKE_COMMITTED:
		if (intake_read_position(body, &position, err) == -1)
			return -1;
		take_position(sender, (enum intake_type)header->type, &position);
		return 0;
	case INTAKE_REFUSED:
		if (intake_read_refused(body, &refused, err) == 0)
			error_set(err, "the correlator refuses: %s", refused.reason);
		return -1;
	default: /* of a newer correlator */
		return 0;
	}
}

/* -1 with '*err' when the connection is to end. */
static int
take_messages(struct sender *sender, struct error *err)
{
	struct bytes input = bytes_over(sender->input, sender->input_size);
	struct intake_header header;
	struct bytes body;
	int found;

	while ((found = intake_next(&input, &header, &body, err)) == 1)
		if (take_message(sender, &header, body, err) == -1)
			return -1;
	if (found == -1)
		return -1;
	memmove(sender->input, input.at, input.left);
	sender->input_size = input.left;
	if (input.left == INPUT_SIZE)
		return error_set(err, "a message is too long for a sensor");
	return 0;
}

/* Reads until nothing is left. */
static int
receive(struct sender *sender, struct error *err)
{
	for (;;) {
		ssize_t got =
			wire_receive(sender->wire, sender->input + sender->input_size,
				     INPUT_SIZE - sender->input_size, err);
		if (got <= 0)
			return (int)got;
		sender->input_size += (size_t)got;
		sender->heard = sender->mono;
		if (take_messages(sender, err) == -1)
			return -1;
	}
}

/* 1 = all is out, 0 = the socket takes no more now. */
static int
flush(struct sender *sender, struct error *err)
{
	while (sender->output_at < sender->output_size) {
		ssize_t sent = wire_send(
			sender->wire, sender->output + sender->output_at,
			sender->output_size - sender->output_at, err);
		if (sent <= 0)
			return (int)sent;
		sender->output_at += (size_t)sent;
	}
	sender->output_at = sender->output_size = 0;
	return 1;
}

static int
put_heartbeat(struct sender *sender, struct instant now, struct error *err)
{
	struct spool_counters counters;

	if (spool_counters(sender->spool, &counters, err) == -1)
		return -1;
	struct intake_heartbeat beat = { now, counters.waiting, counters.lost };
	sender->output_size = intake_write_heartbeat(&beat, sender->output);
	sender->beat_at = sender->mono + INTAKE_HEARTBEAT_INTERVAL;
	return 1;
}

static void
put(struct sender *sender, int64_t row, const void *frame, size_t size,
    struct under_way way)
{
	size_t head = intake_write_frame_head((uint64_t)row, size, sender->output);

	memcpy(sender->output + head, frame, size);
	sender->output_size = head + size;
	way.size = size;
	sender->way[sender->way_count++] = way;
	sender->way_bytes += size;
	sender->next[way.lane] = way.last_seq + 1;
}

/*
 * Whole frames before 'row' were let go at the spool's limit.  Frames of empty
 * lines stand in for them, so that the correlator's position has no hole.
 */
static void
put_hole(struct sender *sender, const struct spool_row *row)
{
	char lines[FRAME_RECORDS_MAX];
	uint64_t first = sender->next[row->lane], count = row->first_seq - first;
	const void *frame;
	size_t size;

	if (count > FRAME_RECORDS_MAX)
		count = FRAME_RECORDS_MAX;
	memset(lines, '\n', count);
	struct frame_header header = { .count = (uint16_t)count,
				       .raw_size = (uint32_t)count,
				       .lane = row->lane,
				       .first_seq = first };
	frame_pack(sender->codec, &header, lines, &frame, &size);
	put(sender, row->id, frame, size,
	    (struct under_way){ .lane = row->lane, .last_seq = first + count - 1 });
}

/* 1 = a frame stands in the output, 0 = there is none, or the window is full. */
static int
put_frame(struct sender *sender, struct error *err)
{
	struct spool_row row;

	if (sender->way_count == SENDER_FRAMES_MAX ||
	    sender->way_bytes > SENDER_BYTES_MAX)
		return 0;
	int found = spool_next(sender->spool, sender->row, &row, err);
	if (found != 1)
		return found;
	if (row.first_seq > sender->next[row.lane]) {
		put_hole(sender, &row);
		return 1;
	}
	put(sender, row.id, row.frame, row.size,
	    (struct under_way){ .lane = row.lane, .last_seq = row.last_seq });
	sender->row = row.id;
	spool_sent(sender->spool, row.id);
	return 1;
}

static int
send_what_there_is(struct sender *sender, struct instant now, struct error *err)
{
	for (int i = 0; i < FRAMES_A_RUN; i++) {
		int done = flush(sender, err);
		if (done != 1)
			return done;
		if (sender->mono >= sender->beat_at)
			done = put_heartbeat(sender, now, err);
		else if (sender->state == STATE_SENDING)
			done = put_frame(sender, err);
		else
			return 0;
		if (done != 1)
			return done;
	}
	sender->beat_at =
		sender->beat_at < sender->mono ? sender->beat_at : sender->mono;
	return 0;
}

void
sender_run(struct sender *sender, int64_t mono, struct instant now)
{
	struct error err = { "the correlator is silent" };

	sender->mono = mono;
	sender->has_more = false;
	if (sender->state == STATE_OFF && mono >= sender->retry_at)
		begin(sender);
	if (sender->state == STATE_OFF)
		return;
	if (receive(sender, &err) == -1 ||
	    send_what_there_is(sender, now, &err) == -1 ||
	    mono - sender->heard > INTAKE_SILENCE_MAX)
		hang_up(sender, err.text);
}
