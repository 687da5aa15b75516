/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: sekisho-sensor: packets in, records out.
 *
 * What it may be told is the table below; --help, the file's keys and the man
 * page come from it.  The order of its processes:
 *
 *	parent (CAP_NET_RAW)   opens captures, forks, puts up again    parent.c
 *	worker, one a lane     packet -> record -> ring                worker.c
 *	reader, if it is needed, hashes packets out to the workers     reader.c
 *	spool                  ring -> frame -> disk -> correlator     spooler.c
 *	   or output           ring -> lines in a file                 output.c
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/endpoint.h"
#include "common/exit_code.h"
#include "common/intake_protocol.h"
#include "common/log.h"
#include "common/pseudonym.h"
#include "common/ring.h"
#include "common/text.h"
#include "sensor/inputs.h"
#include "sensor/parent.h"
#include "sensor/reload.h"
#include "sensor/uplink.h"
#include "store/spool.h"

#define INTO(member) offsetof(struct config, member)
#define MIB          ((int64_t)1 << 20)
#define GIB          ((int64_t)1 << 30)

/* in the order of enum config_checksums */
static const char *const checksums[] = { "ignore", "check", NULL };
static const char *const dns_versions[] = { "3", "2", NULL };
/* in the order of enum config_share */
static const char *const shares[] = { "hash", "cpu", "reader", NULL };

/* clang-format off */
static const struct setting table[] = {
	{ "Capture", "interface", 'i', SETTING_WORDS, INTO(interfaces), .placeholder = "NAME,...", .key = "capture.interfaces",
	  .meaning = "network interfaces to listen on; several are one tap, such as its two directions" },
	{ "Capture", "read", 'r', SETTING_WORDS, INTO(files), .placeholder = "FILE,...",
	  .meaning = "read packets from pcap or pcapng files, from all files of a directory in the order of their first packets, or from standard input (-)" },
	{ "Capture", "filter", 'f', SETTING_TEXT, INTO(filter), .placeholder = "BPF", .key = "capture.filter",
	  .meaning = "take only packets this expression lets through, see pcap-filter(7)" },
	{ "Capture", "snap-length", 0, SETTING_SIZE, INTO(snap_length), .initial = "262144B", .key = "capture.snap_length", .least = 128, .most = 262144,
	  .meaning = "bytes taken of a packet" },
	{ "Capture", "buffer", 0, SETTING_SIZE, INTO(buffer_bytes), .initial = "64MiB", .key = "capture.buffer", .least = MIB, .most = GIB,
	  .meaning = "the kernel's buffer for packets, of each interface" },
	{ "Capture", "checksums", 0, SETTING_CHOICE, INTO(checksums), .initial = "ignore", .key = "capture.checksums", .choices = checksums,
	  .meaning = "packets whose checksums do not hold: take them (ignore: the tap sees them before a card has filled them in), or tell of them and leave them out (check)" },
	{ "Capture", "workers", 0, SETTING_NUMBER, INTO(workers), .initial = "1", .key = "capture.workers", .least = 1, .most = CONFIG_LANES_MAX,
	  .meaning = "processes that decode, each with its flows and a lane of its own; the limits below are of all together" },
	{ "Capture", "share", 0, SETTING_CHOICE, INTO(share), .initial = "hash", .key = "capture.share", .choices = shares,
	  .meaning = "who shares packets out to several workers: the kernel by a hash of addresses and ports (hash) or by the CPU of the card's queue (cpu), "
	  "or a process that looks into tunnels and fragments too (reader; always so for files and for several interfaces)" },
	{ "Capture", "cpus", 0, SETTING_WORDS, INTO(cpus), .placeholder = "N,...", .key = "capture.cpus",
	  .meaning = "the CPU each worker stays on, in order, the reader behind them; a short list begins again (default: the kernel decides)" },

	{ "Identity", "sensor", 0, SETTING_TEXT, INTO(sensor), .placeholder = "NAME", .key = "sensor",
	  .meaning = "name of this sensor in every record (default: the host's name)" },
	{ "Identity", "poi", 0, SETTING_TEXT, INTO(poi), .initial = "poi", .placeholder = "NAME", .key = "poi",
	  .meaning = "interconnection point it watches" },

	{ "Output", "spool", 0, SETTING_PATH, INTO(spool), .initial = "/var/lib/sekisho/spool/spool.db", .key = "spool.path",
	  .meaning = "file that keeps records until the correlator has committed them" },
	{ "Output", "spool-size", 0, SETTING_SIZE, INTO(spool_size), .initial = "10GiB", .key = "spool.size", .least = (int64_t)SPOOL_SIZE_MIN, .most = 16384 * GIB,
	  .meaning = "the spool never grows past this; at 7/8 of it flow summaries go first, all is counted" },
	{ "Output", "spool-grace", 0, SETTING_DURATION, INTO(grace), .initial = "10m", .key = "spool.grace",
	  .meaning = "how long committed records are kept, for a correlator that comes back from a backup" },
	{ "Output", "socket", 0, SETTING_PATH, INTO(socket), .initial = INTAKE_SOCKET_DEFAULT, .key = "intake.socket",
	  .meaning = "the correlator's Unix socket; empty: records stay in the spool" },
	{ "Output", "correlator", 0, SETTING_TEXT, INTO(correlator), .placeholder = "ADDRESS:PORT", .key = "intake.correlator",
	  .meaning = "the correlator on another machine, by TLS 1.3 instead of the socket: 192.0.2.1:8641 or [2001:db8::1]:8641" },
	{ "Output", "certificate", 0, SETTING_PATH, INTO(certificate), .initial = "/var/lib/sekisho/keys/sensor.pem", .key = "intake.certificate",
	  .meaning = "this sensor's certificate for TLS, which names sensor and interconnection points; SIGHUP reads it and its key anew" },
	{ "Output", "key", 0, SETTING_PATH, INTO(key), .initial = "/var/lib/sekisho/keys/sensor.key", .key = "intake.key",
	  .meaning = "the certificate's private key" },
	{ "Output", "ca", 0, SETTING_PATH, INTO(ca), .initial = "/var/lib/sekisho/keys/ca.pem", .key = "intake.ca",
	  .meaning = "certificate of the CA that signed the correlator's" },
	{ "Output", "metrics", 0, SETTING_PATH, INTO(metrics), .placeholder = "SOCKET", .key = "metrics.socket",
	  .meaning = "Unix socket that answers HTTP with counters as Prometheus text, for a local scraper" },
	{ "Output", "wait-sent", 0, SETTING_BOOL, INTO(waits_sent),
	  .meaning = "at the end wait until the correlator has committed everything" },
	{ "Output", "output", 'o', SETTING_PATH, INTO(output), .placeholder = "FILE", .key = "output.eve",
	  .meaning = "write EVE lines to this file or to standard output (-) instead of a spool" },
	{ "Output", "ring", 0, SETTING_SIZE, INTO(ring_bytes), .initial = "32MiB", .key = "limits.ring", .least = RING_SIZE_MIN, .most = 4 * GIB,
	  .meaning = "memory between a worker and the spool; a live capture counts what finds no room" },

	{ "Output", "packet-ring", 0, SETTING_SIZE, INTO(packet_ring_bytes), .initial = "32MiB", .key = "limits.packet_ring", .least = RING_SIZE_MIN, .most = 4 * GIB,
	  .meaning = "memory between the reader and each worker; a live capture counts what finds no room" },

	{ "Rights", "user", 'u', SETTING_TEXT, INTO(user), .placeholder = "NAME", .key = "rights.user",
	  .meaning = "run as this user when started as root (default: sekisho-sensor if there is one)" },
	{ "Rights", "pseudonym-key", 0, SETTING_PATH, INTO(pseudonym_key), .placeholder = "FILE", .key = "privacy.key",
	  .meaning = "key for pseudonyms of persons; without it such fields are left out" },

	{ "Limits", "flows", 0, SETTING_NUMBER, INTO(flows_max), .initial = "1000000", .key = "limits.flows", .least = 1024, .most = 100000000,
	  .meaning = "flows followed at once; when there are more, the one that would be over first is told early (reason forced; coverage.lost.flow)" },
	{ "Limits", "flow-memory", 0, SETTING_SIZE, INTO(flow_bytes), .initial = "0", .key = "limits.flow_memory", .most = 64 * GIB,
	  .meaning = "as many flows as fit into so much memory, instead of --flows; 0: --flows holds" },
	{ "Limits", "flow-budget", 0, SETTING_NUMBER, INTO(flow_budget), .initial = "5000", .key = "limits.flow_budget", .most = 10000000,
	  .meaning = "flow records a second; above it unanswered flows of one packet are told in exact sums by source and port (flow_summary); 0: no bound" },
	{ "Limits", "undecided", 0, SETTING_NUMBER, INTO(undecided_max), .initial = "65536", .key = "limits.undecided", .least = 16, .most = 10000000,
	  .meaning = "flows whose application is still being found out or read; the oldest is given up (stats.ndpi.gave_up, stats.tcp.ssn_memcap_drop, stats.udp.gave_up)" },
	{ "Limits", "undecided-memory", 0, SETTING_SIZE, INTO(undecided_bytes), .initial = "0", .key = "limits.undecided_memory", .most = 64 * GIB,
	  .meaning = "as many of them as fit into so much memory, instead of --undecided; 0: --undecided holds" },
	{ "Limits", "stream-memory", 0, SETTING_SIZE, INTO(stream_bytes_max), .initial = "64MiB", .key = "limits.stream_memory", .least = 65536, .most = 64 * GIB,
	  .meaning = "bytes held out of order, all flows together; what finds no room is a gap of its stream (coverage.lost.stream)" },
	{ "Limits", "stream-flow", 0, SETTING_SIZE, INTO(stream_flow_max), .initial = "256KiB", .key = "limits.stream_flow", .least = 4096, .most = GIB,
	  .meaning = "bytes held out of order in one direction of a flow; what finds no room is a gap of its stream" },
	{ "Limits", "fragment-memory", 0, SETTING_SIZE, INTO(defrag_bytes), .initial = "16MiB", .key = "limits.fragment_memory", .least = MIB, .most = 64 * GIB,
	  .meaning = "bytes of datagrams that are not whole yet; a piece that finds no room is let go (stats.defrag.max_frags_reached)" },
	{ "Limits", "fragmented", 0, SETTING_NUMBER, INTO(defrag_max), .initial = "8192", .key = "limits.fragmented", .least = 16, .most = 10000000,
	  .meaning = "datagrams that are not whole yet; the oldest goes (stats.defrag.max_trackers_reached)" },

	{ "Records", "dns-version", 0, SETTING_CHOICE, INTO(dns_version), .initial = "3", .key = "dns.version", .choices = dns_versions,
	  .meaning = "form of the dns object: that of Suricata 8 (3), or of 7 and before (2: type query or answer, the name beside it), which Filebeat and Splunk read" },

	{ "Times", "tcp-new", 0, SETTING_DURATION, INTO(tcp_new), .initial = "60s", .key = "times.tcp_new", .least = 1000000, .most = 86400000000,
	  .meaning = "a TCP flow without an answer ends after this silence" },
	{ "Times", "tcp-established", 0, SETTING_DURATION, INTO(tcp_established), .initial = "5m", .key = "times.tcp_established", .least = 1000000, .most = 86400000000,
	  .meaning = "an established TCP flow ends after this silence" },
	{ "Times", "tcp-closed", 0, SETTING_DURATION, INTO(tcp_closed), .initial = "10s", .key = "times.tcp_closed", .least = 1000000, .most = 86400000000,
	  .meaning = "a closed TCP flow is written after this silence" },
	{ "Times", "udp", 0, SETTING_DURATION, INTO(udp), .initial = "30s", .key = "times.udp", .least = 1000000, .most = 86400000000,
	  .meaning = "a UDP flow ends after this silence" },
	{ "Times", "other", 0, SETTING_DURATION, INTO(other), .initial = "30s", .key = "times.other", .least = 1000000, .most = 86400000000,
	  .meaning = "a flow of another protocol ends after this silence" },
	{ "Times", "fragment", 0, SETTING_DURATION, INTO(defrag_timeout), .initial = "30s", .key = "times.fragment", .least = 1000000, .most = 3600000000,
	  .meaning = "a datagram that is not whole this long after its first piece is let go (stats.defrag)" },
	{ "Times", "interim", 0, SETTING_DURATION, INTO(interim), .initial = "5m", .key = "times.interim",
	  .meaning = "a flow that goes on is reported each time this has passed; 0: only at its end" },
	{ "Times", "coverage", 0, SETTING_DURATION, INTO(coverage_interval), .initial = "10s", .key = "times.coverage", .least = 1000000, .most = 3600000000,
	  .meaning = "interval of coverage records" },
	{ "Times", "tick", 0, SETTING_DURATION, INTO(tick_interval), .initial = "200ms", .key = "times.tick", .least = 10000, .most = 10000000,
	  .meaning = "interval of ticks" },
	{ 0 },
};
/* clang-format on */

static int
check_name(const char *option, const char *name, struct error *err)
{
	size_t size = strlen(name);

	if (size == 0 || size > INTAKE_NAME_MAX || !text_is_valid(name, size))
		return error_set(err, "--%s: expected 1 to %d bytes of UTF-8", option,
				 INTAKE_NAME_MAX);
	return 0;
}

static int
check_cpus(const struct words *cpus, struct error *err)
{
	for (size_t i = 0; i < cpus->count; i++) {
		char *end;
		unsigned long cpu = strtoul(cpus->word[i], &end, 10);
		if (*end != '\0' || end == cpus->word[i] || cpu >= CPU_SETSIZE)
			return error_set(err, "--cpus: %s is no CPU; expected 0 to %d",
					 cpus->word[i], CPU_SETSIZE - 1);
	}
	return 0;
}

/* What no single row of the table can say. */
static int
check(const void *into, struct error *err)
{
	const struct config *c = into;

	if ((c->interfaces.count == 0) == (c->files.count == 0))
		return error_set(err, "expected either --interface or --read");
	if (c->interfaces.count > CONFIG_INTERFACES_MAX)
		return error_set(err, "--interface: at most %d are possible",
				 CONFIG_INTERFACES_MAX);
	if (check_cpus(&c->cpus, err) == -1)
		return -1;
	if (strlen(c->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return error_set(err,
				 "--socket: %s is longer than a socket's name can be",
				 c->socket);
	struct endpoint unused;
	struct error why;
	if (c->correlator != NULL && endpoint_parse(c->correlator, &unused, &why) == -1)
		return error_set(err, "--correlator: %s", why.text);
	if (c->sensor != NULL && check_name("sensor", c->sensor, err) == -1)
		return -1;
	return check_name("poi", c->poi, err);
}

/* Keys are part of the configuration: they fail here, and not in a child. */
static int
check_keys(const struct config *config, struct error *err)
{
	struct uplink uplink;

	if (config->correlator == NULL || config->output != NULL)
		return 0;
	if (uplink_open(&uplink, config, err) == -1)
		return -1;
	uplink_close(&uplink);
	return 0;
}

static const struct settings_program program = {
	.name = "sekisho-sensor",
	.purpose = "Watches an interconnection point: packets in, records out.",
	.arguments = "",
	.table = table,
	.check = check,
};

static int
run(struct reload *reload, struct arena *arena)
{
	struct config *config = reload->config;
	char host[INTAKE_NAME_MAX + 1] = "";
	struct pseudonym_key *key = NULL;
	struct error err;
	int status = EXIT_CODE_INPUT;

	gethostname(host, sizeof(host) - 1);
	if (config->sensor == NULL)
		config->sensor = host[0] ? host : "sensor";
	config->tap = inputs_tap(config, arena);
	if (inputs_expand(config, arena, &err) == -1 ||
	    check_keys(config, &err) == -1 ||
	    (config->pseudonym_key != NULL &&
	     (key = pseudonym_key_load(config->pseudonym_key, &err)) == NULL))
		log_error("sensor", "%s", err.text);
	else
		status = parent_run(reload, key);
	pseudonym_key_free(key);
	return status;
}

int
main(int argc, char **argv)
{
	struct config config = { 0 };
	struct reload reload = {
		.program = &program, .argc = argc, .argv = argv, .config = &config
	};
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1)
		status = run(&reload, &settings.arena);
	settings_release(&reload.settings);
	settings_release(&settings);
	return status;
}
