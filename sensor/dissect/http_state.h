/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_state: what the parts of the HTTP dissector share; only they and its tests
 * include it.
 *
 * http.c knows it by its first bytes and hands bytes to http1.c (RFC 9112) or
 * http2.c (RFC 9113), or to TLS behind a CONNECT.  Both make messages of them:
 * http_head.c takes what is kept of a head, http_body.c reads a content that
 * is SOAP or FHIR, http_exchange.c pairs requests with responses,
 * http_report.c, ihe_report.c and fhir_report.c tell them.
 *
 * Of a head only what a record tells is kept.  Of Cookie, Authorization and
 * all fields that are not named in http_head.c no value is kept; of a content
 * nothing but codes, counts and identifiers that leave as pseudonyms.
 */
#ifndef SENSOR_DISSECT_HTTP_STATE_H
#define SENSOR_DISSECT_HTTP_STATE_H

#include "sensor/dissect/dissector.h"
#include "sensor/dissect/http_texts.h"
#include "sensor/dissect/pieces.h"
#include "sensor/dissect/telling.h"

enum {
	HTTP_LINE_MAX = 16 << 10, /* bytes kept of a line; the rest is cut and said */
	HTTP_FIELDS_MAX = 256,    /* field lines of a head; more are a violation */
	HTTP_EXCHANGES_MAX = 100, /* under way in a flow; then the oldest (of HTTP/2),
				     or all are told */
	HTTP_HELD_MAX = 32 << 20, /* bytes all flows of a lane hold in texts */
	HTTP_XML_MAX = 32         /* documents read at once in all flows of a lane */
};

/* Texts kept of a message. */
enum http_text {
	HTTP_TEXT_METHOD,
	HTTP_TEXT_TARGET,
	HTTP_TEXT_HOST,
	HTTP_TEXT_AGENT,
	HTTP_TEXT_FORWARDED,
	HTTP_TEXT_TYPE,   /* Content-Type with its parameters */
	HTTP_TEXT_ACCEPT, /* media types asked for: FHIR says its version there */
	HTTP_TEXT_ACTION, /* SOAPAction */
	HTTP_TEXT_LOCATION,
	HTTP_TEXT_SERVER,
	HTTP_TEXT_ENCODING,
	HTTP_TEXT_UPGRADE,
	HTTP_TEXT_AUTH, /* the scheme alone, of this and the next two */
	HTTP_TEXT_PROXY_AUTH,
	HTTP_TEXT_CHALLENGE,
	HTTP_TEXT_COUNT
};

enum http_framing {
	HTTP_NO_CONTENT,
	HTTP_LENGTH,
	HTTP_CHUNKED,
	HTTP_UNTIL_CLOSE,
	HTTP_STREAM
};

struct http_body;

/* One way of an exchange. */
struct http_message {
	struct http_texts texts;
	bool is_begun, has_head, is_over;
	bool has_cookie;
	bool has_length, has_coding, is_chunked; /* as its fields say */
	bool is_coding_unknown; /* a transfer coding that is not known */
	uint8_t version;        /* 0x10, 0x11, 0x20 */
	uint16_t status;        /* of a response */
	enum http_framing framing;
	uint64_t length;  /* Content-Length */
	uint64_t size;    /* bytes of the content */
	const char *lost; /* why it is not whole, or NULL */
	struct instant first, last;
	struct http_body *body; /* owned: who reads the content, or NULL */
	bool is_soap_unread,
		is_fhir_unread; /* it may be one, and nobody could read it */
	const char *unread;     /* why: not_decoded, truncated */
};

struct http_exchange {
	struct http_exchange *next;
	struct http_message request, response;
	uint32_t number, stream_id;
	bool is_unasked;          /* made for a response that no request waits for */
	const char *upgrade;      /* what the connection turns to, or NULL */
	const char *stream_error; /* HTTP/2: why it was reset, or NULL */
};

enum http_phase {
	HTTP_START,
	HTTP_FIELDS,
	HTTP_CONTENT,
	HTTP_CLOSE, /* content until the stream ends */
	HTTP_CHUNK_SIZE,
	HTTP_CHUNK,
	HTTP_CHUNK_END,
	HTTP_TRAILERS,
	HTTP_LOST
};

/* One side of HTTP/1. */
struct http_side {
	enum http_phase phase;
	struct pieces line;
	uint64_t left; /* bytes of the content, or of the chunk */
	uint32_t fields;
	struct http_exchange *exchange; /* whose message is under way */
	bool was_lost;
	bool is_interim; /* the response under way is one of 1xx */
	uint64_t told;   /* anomalies told already, a bit each */
};

struct http2;

/* What all flows of a lane share. */
struct http_lane {
	struct dissect_lane lane; /* first: dissect_lane_counters */
	uint32_t documents;       /* XML being read, HTTP_XML_MAX at most */
	void *tunnel;             /* shared by what is behind a CONNECT */
};

struct http {
	struct http_lane *lane;
	struct http_side side[SIDES];
	int client; /* side, or -1 */
	struct http_exchange *oldest, *newest;
	uint32_t count, number; /* exchanges under way, and so far */
	uint32_t skipped;       /* responses whose requests were told already: HTTP/1 */
	struct http2 *two;      /* owned; HTTP/2 is spoken */
	void *tunnel;           /* owned; state of what is behind a CONNECT */
	bool is_done;
	const char *violation; /* literal, or NULL */
};

/* The call under way: where records go. */
struct http_call {
	struct http *http;
	int side;
	struct instant at;
	const struct dissect_out *out;
};

static inline struct kept_budget *
http_budget(const struct http *http)
{
	return &http->lane->lane.budget;
}

static inline struct http_side *
http_side_of(const struct http_call *call)
{
	return &call->http->side[call->side];
}

static inline bool
http_is_client(const struct http_call *call)
{
	return call->side == call->http->client;
}

/* The message the side is at, or NULL. */
static inline struct http_message *
http_message_of(const struct http_call *call)
{
	struct http_exchange *exchange = http_side_of(call)->exchange;

	if (exchange == NULL)
		return NULL;
	return http_is_client(call) ? &exchange->request : &exchange->response;
}

/* http_anomaly.c */

/* Named for requests and for responses. */
enum http_anomaly {
	HTTP_ANOMALY_START_LINE,
	HTTP_ANOMALY_PROTOCOL,
	HTTP_ANOMALY_NO_COLON,
	HTTP_ANOMALY_FIELD_NAME,
	HTTP_ANOMALY_SPACE_BEFORE_COLON,
	HTTP_ANOMALY_FOLDING,
	HTTP_ANOMALY_BARE_LF,
	HTTP_ANOMALY_LINE_TOO_LONG,
	HTTP_ANOMALY_TOO_MANY_FIELDS,
	HTTP_ANOMALY_LENGTH_INVALID,
	HTTP_ANOMALY_LENGTH_TWICE,
	HTTP_ANOMALY_LENGTHS_DIFFER,
	HTTP_ANOMALY_CODING,
	HTTP_ANOMALY_LENGTH_AND_CHUNKED,
	HTTP_ANOMALY_CHUNKED_OLD,
	HTTP_ANOMALY_CHUNK_SIZE,
	HTTP_ANOMALY_NO_HOST,
	HTTP_ANOMALY_HOST_TWICE,
	HTTP_ANOMALY_UNASKED,
	HTTP_ANOMALY_COUNT
};

/* Tells it, once a side and flow. */
void http_anomaly(struct http_call *call, enum http_anomaly anomaly);
/* The same, and the flow is read no more. */
void http_violate(struct http_call *call, enum http_anomaly anomaly);

/* http_head.c */

/* A field of a head (RFC 9110 section 5), or of HTTP/2 with its name in small letters.
 */
void http_field(struct http_call *call, struct http_message *message, bool is_response,
		struct bytes name, struct bytes value);
/* How many bytes of the value a record may need: what HPACK's tables keep of it. */
size_t http_field_worth(struct bytes name, struct bytes value);

/* http_exchange.c */

/* A new one at the end, or NULL for want of memory (counted). */
struct http_exchange *http_exchange_new(struct http_call *call);
/* The oldest whose response has not begun, or NULL. */
struct http_exchange *http_exchange_unanswered(const struct http *http);
void http_message_begin(struct http_call *call, struct http_message *message);
/* The head is whole: who reads the content is decided. */
void http_message_head(struct http_call *call, struct http_exchange *exchange,
		       bool is_response);
void http_message_content(struct http_call *call, struct http_message *message,
			  struct bytes data);
/* 'missing' bytes of the content were not seen. */
void http_message_gap(struct http_call *call, struct http_message *message,
		      uint64_t missing);
/* The message is over; with the second of them the exchange is told and let go. */
void http_message_end(struct http_call *call, struct http_exchange *exchange,
		      bool is_response);
/* Tells it as it is and lets it go. */
void http_exchange_end(struct http_call *call, struct http_exchange *exchange);
/* Tells all that are under way; 'why' what is missing cannot be known, or NULL. */
void http_exchanges_end(struct http_call *call, const char *why);
void http_message_release(struct http *http, struct http_message *message);
/* Lets them go untold. */
void http_exchanges_free(struct http *http);

/* http_report.c */

/* Why the other side's silence says nothing, or NULL. */
const char *http_silence(const struct http_call *call,
			 const struct http_exchange *exchange);
/* The http, ihe and fhir records of it. */
void http_report(struct http_call *call, const struct http_exchange *exchange);
/* The http record alone. */
void http_report_alone(struct http_call *call, const struct http_exchange *exchange);
/* The http fields of a record of any of the three. */
void http_report_common(const struct http_call *call,
			const struct http_exchange *exchange, struct telling *telling);

/* http1.c */

void http1_feed(struct http_call *call, struct bytes *data);
void http1_gap(struct http_call *call, uint64_t missing);
/* The stream is over: so is a content that lasts until then. */
void http1_finish(struct http_call *call);

/* http1_start.c */

/* The beginning of a request or of a response. */
enum recognition http1_recognise(struct bytes first);
/* RFC 9110 section 5.6.2 */
bool http1_is_token(struct bytes name);
void http1_status_line(struct http_call *call, struct bytes line);
void http1_request_line(struct http_call *call, struct bytes line);

/* http.c */

/* From here on both sides speak what is in the tunnel. */
void http_open_tunnel(struct http_call *call, struct http_exchange *exchange,
		      const char *name);
/* From here on both sides speak HTTP/2; the exchange, if any, becomes its first. */
void http_turn_to_two(struct http_call *call, struct http_exchange *exchange);

#endif
