/* SPDX-License-Identifier: Apache-2.0 */
/* capture: packets from an interface or a file; the only door to libpcap. */
#include "sensor/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pcap/pcap.h>

#include "sensor/capture_counters.h"
#include "sensor/capture_group.h"
#include "sensor/decode.h"

_Static_assert(LINK_NULL == DLT_NULL && LINK_ETHERNET == DLT_EN10MB &&
		       LINK_RAW == DLT_RAW && LINK_LOOP == DLT_LOOP &&
		       LINK_LINUX_SLL == DLT_LINUX_SLL && LINK_IPV4 == DLT_IPV4 &&
		       LINK_IPV6 == DLT_IPV6 && LINK_PPP == DLT_PPP &&
		       LINK_PPP_HDLC == DLT_PPP_SERIAL && LINK_PPPOE == DLT_PPP_ETHER &&
		       LINK_LINUX_SLL2 == DLT_LINUX_SLL2,
	       "decode has its own names for libpcap's numbers");

enum {
	SNAP_LENGTH = 262144,
	BUFFER_BYTES = 64 << 20,
	TIMEOUT_MSEC = 100 /* how long a block of the ring waits to be filled */
};

struct capture {
	pcap_t *pcap;
	FILE *file; /* libpcap's, or NULL if live */
	const char *name;
	int link_type;
	bool is_live, is_over, has_counters, is_stopped;
	uint64_t number;
	uint64_t file_size;               /* 0: unknown, a pipe */
	struct capture_counters counters; /* live */
	struct capture_losses losses;
	bool holds; /* capture_peek's */
	struct packet held;
	/* for the callback of one capture_read */
	packet_sink *sink;
	void *ctx;
};

static int
open_interface(struct capture *capture, const struct capture_config *config,
	       struct error *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	uint32_t snap = config->snap_length ? config->snap_length : SNAP_LENGTH;
	uint32_t buffer = config->buffer_bytes ? config->buffer_bytes : BUFFER_BYTES;

	capture->is_live = true;
	capture->pcap = pcap_create(config->interface, why);
	if (capture->pcap == NULL)
		return error_set(err, "cannot open interface %s: %s", config->interface,
				 why);
	if (snap > INT32_MAX || buffer > INT32_MAX)
		return error_set(err, "snap length and buffer must be below 2 GiB");
	pcap_set_snaplen(capture->pcap, (int)snap);
	pcap_set_buffer_size(capture->pcap, (int)buffer);
	pcap_set_promisc(capture->pcap, 1);
	pcap_set_timeout(capture->pcap, TIMEOUT_MSEC);
	int status = pcap_activate(capture->pcap);
	if (status < 0)
		return error_set(err, "cannot open interface %s: %s (%s)",
				 config->interface, pcap_statustostr(status),
				 pcap_geterr(capture->pcap));
	if (pcap_setnonblock(capture->pcap, 1, why) == -1)
		return error_set(err, "cannot read interface %s without waiting: %s",
				 config->interface, why);
	capture_counters_open(&capture->counters, config->interface);
	capture->has_counters = true;
	if (config->group == NULL)
		return 0;
	return capture_group_join(config->group, pcap_fileno(capture->pcap),
				  config->interface, err);
}

static int
open_file(struct capture *capture, const struct capture_config *config,
	  struct error *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct stat about;

	capture->pcap = pcap_open_offline(config->file, why);
	if (capture->pcap == NULL)
		return error_set(err, "cannot read capture %s: %s", config->file, why);
	capture->file = pcap_file(capture->pcap);
	if (fstat(fileno(capture->file), &about) == 0 && S_ISREG(about.st_mode))
		capture->file_size = (uint64_t)about.st_size;
	return 0;
}

static int
set_filter(struct capture *capture, const char *filter, struct error *err)
{
	struct bpf_program program;
	int result = 0;

	if (pcap_compile(capture->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) ==
	    -1)
		return error_set(err,
				 "filter \"%s\": %s; expected a BPF expression as in "
				 "pcap-filter(7)",
				 filter, pcap_geterr(capture->pcap));
	if (pcap_setfilter(capture->pcap, &program) == -1)
		result = error_set(err, "filter \"%s\": %s", filter,
				   pcap_geterr(capture->pcap));
	pcap_freecode(&program);
	return result;
}

static bool
is_decoded(int link_type)
{
	switch (link_type) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_RAW:
	case LINK_LOOP:
	case LINK_LINUX_SLL:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_LINUX_SLL2:
	case LINK_PPP:
	case LINK_PPP_HDLC:
	case LINK_PPPOE:
		return true;
	default:
		return false;
	}
}

static int
check_link(struct capture *capture, struct error *err)
{
	capture->link_type = pcap_datalink(capture->pcap);
	if (is_decoded(capture->link_type))
		return 0;
	const char *name = pcap_datalink_val_to_name(capture->link_type);
	return error_set(err,
			 "%s: link type %s (%d) is not decoded; expected Ethernet, raw "
			 "IP, Linux "
			 "cooked, PPP or loopback",
			 capture->name, name ? name : "unknown", capture->link_type);
}

struct capture *
capture_open(const struct capture_config *config, struct error *err)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (capture == NULL) {
		error_set(err, "no memory for a capture");
		return NULL;
	}
	if ((config->interface == NULL) == (config->file == NULL)) {
		error_set(err, "a capture is either an interface or a file");
		goto fail;
	}
	capture->name = config->interface ? config->interface : config->file;
	if ((config->interface ? open_interface : open_file)(capture, config, err) ==
		    -1 ||
	    check_link(capture, err) == -1)
		goto fail;
	if (config->filter != NULL && set_filter(capture, config->filter, err) == -1)
		goto fail;
	capture->name = NULL; /* borrowed, and no longer needed */
	return capture;
fail:
	capture_close(capture);
	return NULL;
}

void
capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	if (capture->has_counters)
		capture_counters_close(&capture->counters);
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	free(capture);
}

static struct packet
packet_of(struct capture *capture, const struct pcap_pkthdr *header, const u_char *data)
{
	return (struct packet){
		.seen = packet_time(header->ts.tv_sec, header->ts.tv_usec),
		.frame = bytes_over(data, header->caplen),
		.wire_size =
			header->len > header->caplen ? header->len : header->caplen,
		.link_type = capture->link_type,
		.number = ++capture->number,
	};
}

static void
on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	struct capture *capture = (struct capture *)user;
	struct packet packet = packet_of(capture, header, data);

	capture->sink(capture->ctx, &packet);
}

int
capture_peek(struct capture *capture, struct error *err)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	if (capture->holds)
		return 1;
	int found = pcap_next_ex(capture->pcap, &header, &data);
	if (found == 1) {
		capture->held = packet_of(capture, header, data);
		capture->holds = true;
	} else if (found == PCAP_ERROR) {
		return error_set(err, "after packet %llu: %s",
				 (unsigned long long)capture->number,
				 pcap_geterr(capture->pcap));
	}
	return found == 1;
}

const struct packet *
capture_held(const struct capture *capture)
{
	return capture->holds ? &capture->held : NULL;
}

void
capture_pass(struct capture *capture)
{
	capture->holds = false;
}

int
capture_read(struct capture *capture, int most, packet_sink *sink, void *ctx,
	     struct error *err)
{
	capture->sink = sink;
	capture->ctx = ctx;
	int count = pcap_dispatch(capture->pcap, most, on_packet, (u_char *)capture);
	if (count < 0)
		return error_set(err, "after packet %llu: %s",
				 (unsigned long long)capture->number,
				 pcap_geterr(capture->pcap));
	if (count == 0 && !capture->is_live)
		capture->is_over = true;
	return count;
}

bool
capture_is_over(const struct capture *capture)
{
	return capture->is_over;
}

int
capture_descriptor(const struct capture *capture)
{
	return capture->is_live ? pcap_get_selectable_fd(capture->pcap) : -1;
}

void
capture_stop(struct capture *capture)
{
	capture->is_stopped = true;
}

bool
capture_losses(struct capture *capture, struct capture_losses *losses)
{
	uint64_t offered, kernel, interface;

	if (!capture->is_live ||
	    !capture_counters_take(&capture->counters, pcap_fileno(capture->pcap),
				   &offered, &kernel, &interface))
		return false;
	capture->losses.offered += offered;
	capture->losses.kernel += kernel;
	capture->losses.interface += interface;
	*losses = capture->losses;
	uint64_t told = losses->kernel + capture->number;
	if (capture->is_stopped && losses->offered > told)
		losses->kernel += losses->offered - told;
	return true;
}

bool
capture_progress(const struct capture *capture, uint64_t *done, uint64_t *total)
{
	if (capture->is_live || capture->file_size == 0)
		return false;
	long at = ftell(capture->file);
	if (at < 0)
		return false;
	*done = (uint64_t)at;
	*total = capture->file_size;
	return true;
}

static void
note_time(void *ctx, const struct packet *packet)
{
	*(struct instant *)ctx = packet->seen;
}

struct instant
capture_first_time(const char *file)
{
	const struct capture_config config = { .file = file };
	struct instant first = { 0 };
	struct error err;
	struct capture *capture = capture_open(&config, &err);

	if (capture != NULL)
		capture_read(capture, 1, note_time, &first, &err);
	capture_close(capture);
	return first;
}

int
capture_check_filter(const char *filter, struct error *err)
{
	struct capture capture = { .pcap = pcap_open_dead(DLT_EN10MB, SNAP_LENGTH) };

	if (capture.pcap == NULL)
		return error_set(err, "no memory for a filter");
	int result = set_filter(&capture, filter, err);
	pcap_close(capture.pcap);
	return result;
}
