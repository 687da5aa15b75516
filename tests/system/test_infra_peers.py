#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_infra_peers: daemons of Debian speak the protocols of infrastructure over loopback; what they said is what is told.

usage: test_infra_peers.py [name ...]   only those protocols
"""
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

AUDIT = ('<AuditMessage><EventIdentification EventActionCode="R" EventDateTime="2026-11-20T09:00:00Z" EventOutcomeIndicator="0">'
         '<EventID csd-code="110106" codeSystemName="DCM"/><EventTypeCode csd-code="ITI-39"/></EventIdentification>'
         '<ActiveParticipant UserID="MARKER-user" UserIsRequestor="true"/><AuditSourceIdentification AuditSourceID="gw"/>'
         '<ParticipantObjectIdentification ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1" '
         'ParticipantObjectID="MARKER^^^&amp;1.2.3&amp;ISO"/>' + "<!-- filler -->" * 200 + '</AuditMessage>')


def of(records, event):
    return [r for r in records if r["event_type"] == event]


def differ(what, have, want):
    return [] if have == want else [f"{what}: {have}, expected {want}"]


def run_syslog(folder, daemons):
    """rsyslog forwards what logger says, in each framing, to another rsyslog."""
    udp, tcp, control = peers.free_port(socket.SOCK_DGRAM), peers.free_port(), peers.free_port()
    with open(f"{folder}/to.conf", "w") as conf:
        conf.write(f'global(workDirectory="{folder}" maxMessageSize="64k")\nmodule(load="imudp")\nmodule(load="imtcp")\n'
                   f'input(type="imudp" address="127.0.0.1" port="{udp}")\ninput(type="imtcp" address="127.0.0.1" port="{tcp}")\n'
                   f'action(type="omfile" file="{folder}/got")\n')
    forward = "".join(f'action(type="omfwd" target="127.0.0.1" port="{port}" protocol="{protocol}" {more} '
                      'template="RSYSLOG_SyslogProtocol23Format")\n'
                      for port, protocol, more in ((udp, "udp", ""), (tcp, "tcp", 'TCP_Framing="octet-counted"'),
                                                   (tcp, "tcp", 'TCP_Framing="traditional"')))
    with open(f"{folder}/from.conf", "w") as conf:
        conf.write(f'global(workDirectory="{folder}" maxMessageSize="64k")\nmodule(load="imtcp")\n'
                   f'input(type="imtcp" address="127.0.0.1" port="{control}")\n{forward}')
    with peers.Tap("lo") as tap:
        for name, port in (("to", tcp), ("from", control)):
            daemons.append(subprocess.Popen(["rsyslogd", "-n", "-iNONE", "-f", f"{folder}/{name}.conf"], stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL))
            if not peers.wait_for(port, daemons[-1]):
                return [f"rsyslogd ({name}) does not listen"]
        logger = ["logger", "-n", "127.0.0.1", "-t", "xca", "--size", "60000"]
        via = logger + ["-T", "-P", str(control), "--octet-count", "--rfc5424=notq"]
        subprocess.run(via + ["-p", "local2.notice", "--msgid", "IHE+RFC-3881", "--", AUDIT], check=True)
        subprocess.run(via + ["-p", "user.warning", "--", "MARKER plain"], check=True)
        subprocess.run(logger + ["-d", "-P", str(udp), "--rfc3164", "-p", "mail.info", "--", "MARKER bsd"], check=True)
        time.sleep(1)
    records, out = peers.records_of(tap, folder, udp, tcp)
    framings = ["datagram", "newline", "octet_counting"]
    audits, plain = of(records, "atna"), of(records, "syslog")
    problems = differ("framings of audits", sorted(r["syslog"]["framing"] for r in audits), framings)
    for r in audits:
        problems += differ("audit", [r["atna"].get(k) for k in ("event_id", "event_types", "action", "outcome", "audit_source")],
                           ["110106", ["ITI-39"], "R", 0, "gw"])
        problems += differ("truncated", r["sekisho"].get("truncated"), None)
    problems += differ("messages", sorted((r["syslog"]["framing"], r["syslog"]["facility"], r["syslog"]["severity"],
                                           r["syslog"]["app_name"]) for r in plain if r["syslog"]["app_name"] == "xca"),
                       sorted([(f, 1, 4, "xca") for f in framings] + [("datagram", 2, 6, "xca")]))
    return problems + (["a marker is told"] if b"MARKER" in out else [])


def start(daemons, *command, **more):
    daemons.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **more))
    return daemons[-1]


def run_quiet(*command, **more):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30, **more).returncode


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def run_ntp(folder, daemons):
    """chronyd serves, another chronyd asks once."""
    port = peers.free_port(socket.SOCK_DGRAM)
    write(f"{folder}/s.conf", f"port {port}\nallow 127.0.0.1\nlocal stratum 5\ncmdport 0\nbindaddress 127.0.0.1\n"
                              f"bindcmdaddress {folder}/s.sock\npidfile {folder}/s.pid\n")
    with peers.Tap("lo") as tap:
        start(daemons, "chronyd", "-d", "-x", "-u", "root", "-f", f"{folder}/s.conf")
        time.sleep(1)
        run_quiet("chronyd", "-Q", "-t", "10", "-u", "root", "-f", "/dev/null", f"server 127.0.0.1 port {port} iburst",
                  f"pidfile {folder}/c.pid", "cmdport 0")
    records = of(peers.records_of(tap, folder, port)[0], "ntp")
    answers = [r for r in records if r["ntp"]["mode"] == 4]
    problems = [] if answers and len(answers) * 2 == len(records) else [f"{len(answers)} answers in {len(records)}"]
    for r in answers:
        problems += differ("answer", (r["ntp"]["version"], r["ntp"]["stratum"], r["sekisho"]["server"]["port"]), (4, 5, port))
        if not (r["sekisho"]["ntp"]["latency_usec"] < 1e6 and r["sekisho"]["ntp"]["skew_usec"] < 1e6):
            problems.append(f"times {r['sekisho']['ntp']}")
    return problems


def run_snmp(folder, daemons):
    """snmpd is asked in each version and at each level of security."""
    port = peers.free_port(socket.SOCK_DGRAM)
    write(f"{folder}/snmpd.conf", f"agentaddress udp:127.0.0.1:{port}\nrocommunity public\nrocommunity MARKER\n"
                                  "createUser MARKERu SHA MARKERpassword AES MARKERprivate\nrouser MARKERu noauth\n")
    env = {**os.environ, "SNMP_PERSISTENT_DIR": folder, "MIBS": ""}
    user = ["-v3", "-u", "MARKERu", "-a", "SHA", "-A", "MARKERpassword", "-x", "AES", "-X", "MARKERprivate"]
    with peers.Tap("lo") as tap:
        start(daemons, "snmpd", "-f", "-C", "-c", f"{folder}/snmpd.conf", "-I", "-smux", env=env)
        time.sleep(2)
        for who in (["-v1", "-c", "public"], ["-v2c", "-c", "MARKER"], user + ["-l", "noAuthNoPriv"],
                    user + ["-l", "authNoPriv"], user + ["-l", "authPriv"]):
            run_quiet("snmpget", *who, f"127.0.0.1:{port}", ".1.3.6.1.2.1.1.3.0", ".1.3.6.1.2.1.1.5.0", env=env)
    records, out = peers.records_of(tap, folder, port)
    have = [(r["snmp"]["version"], r["snmp"].get("pdu_type"), r["sekisho"]["snmp"].get("community_kind") or
             r["sekisho"]["snmp"]["security_level"]) for r in of(records, "snmp")]
    want = [(1, "get_request", "public"), (1, "response", "public"), (2, "get_request", "other"), (2, "response", "other")]
    for level in ("noAuthNoPriv", "authNoPriv", "authPriv"):
        want += [(3, "get_request", "noAuthNoPriv"), (3, "report", "noAuthNoPriv")]
        want += [(3, None, level)] * 2 if level == "authPriv" else [(3, "get_request", level), (3, "response", level)]
    return differ("messages", have, want) + (["a marker is told"] if b"MARKER" in out else [])


def run_radius(folder, daemons):
    """radclient asks freeradius: who may, who may not, how many seconds."""
    port = peers.free_port(socket.SOCK_DGRAM)
    write(f"{folder}/users", 'MARKER-good Cleartext-Password := "MARKER-secret"\n\tFramed-IP-Address = 10.1.2.3\n')
    write(f"{folder}/radiusd.conf", f"""
prefix = /usr
libdir = /usr/lib/freeradius
logdir = {folder}
run_dir = {folder}
pidfile = {folder}/pid
security {{
 allow_core_dumps = no
}}
client localhost {{
 ipaddr = 127.0.0.1
 secret = testing123
}}
modules {{
 pap {{
 }}
 files {{
  usersfile = {folder}/users
 }}
}}
server default {{
 listen {{
  type = auth
  ipaddr = 127.0.0.1
  port = {port}
 }}
 authorize {{
  files
  pap
 }}
 authenticate {{
  Auth-Type PAP {{
   pap
  }}
 }}
}}
""")
    with peers.Tap("lo") as tap:
        start(daemons, "freeradius", "-f", "-l", "stdout", "-d", folder, "-D", "/usr/share/freeradius")
        time.sleep(3)
        for password in ("MARKER-secret", "MARKER-wrong"):
            subprocess.run(["radclient", "-r", "1", "-t", "5", f"127.0.0.1:{port}", "auth", "testing123"], text=True, timeout=30,
                           input=f'User-Name = "MARKER-good", User-Password = "{password}", NAS-Identifier = "vpn-1"',
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    records, out = peers.records_of(tap, folder, port)
    have = [(r["radius"]["code"], r["radius"].get("method"), r["radius"].get("framed_ip")) for r in of(records, "radius")]
    want = [("access_request", "pap", None), ("access_accept", None, "10.1.2.3"), ("access_request", "pap", None),
            ("access_reject", None, "10.1.2.3")]
    return differ("messages", have, want) + (["a marker is told"] if b"MARKER" in out else [])


def run_stun(folder, daemons):
    """turnserver answers its own tools."""
    port = peers.free_port(socket.SOCK_DGRAM)
    with peers.Tap("lo") as tap:
        start(daemons, "turnserver", "-n", "-L", "127.0.0.1", "-E", "127.0.0.1", "-p", str(port), "--no-tls", "--no-dtls", "--no-cli",
              "--allow-loopback-peers", "-a", "-u", "MARKER:MARKERpass", "-r", "example.org", "-l", "stdout", "--pidfile",
              f"{folder}/pid", "--userdb", f"{folder}/db")
        time.sleep(2)
        run_quiet("turnutils_stunclient", "-p", str(port), "127.0.0.1")
        run_quiet("turnutils_uclient", "-n", "1", "-m", "1", "-y", "-u", "MARKER", "-w", "MARKERpass", "-p", str(port), "127.0.0.1")
    records, out = peers.records_of(tap, folder, port)
    have = {(r["stun"]["class"], r["stun"]["method"]) for r in of(records, "stun")}
    want = {("request", "binding"), ("success", "binding"), ("request", "allocate"), ("error", "allocate"), ("success", "allocate")}
    problems = differ("missing", want - have, set())
    codes = {r["stun"].get("error_code") for r in of(records, "stun") if r["stun"]["class"] == "error"}
    return problems + differ("codes", codes, {401}) + (["a marker is told"] if b"MARKER" in out else [])


def certificates(folder):
    run_quiet("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=peer", "-keyout", f"{folder}/key",
              "-out", f"{folder}/cert")


def run_openvpn(folder, daemons):
    """Two openvpn begin a session, over UDP and TCP, with each protection of the control channel."""
    certificates(folder)
    run_quiet("openvpn", "--genkey", "secret", f"{folder}/static")
    problems = []
    for protocol, option in (("udp", None), ("udp", "tls-auth"), ("udp", "tls-crypt"), ("tcp", "tls-crypt"), ("tcp", None)):
        port = peers.free_port(socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM)
        common = ["openvpn", "--dev", "null", "--ifconfig-noexec", "--route-noexec", "--ca", f"{folder}/cert", "--cert",
                  f"{folder}/cert", "--key", f"{folder}/key", "--verb", "0"] + ([f"--{option}", f"{folder}/static"] if option else [])
        server = ["--proto", "udp"] if protocol == "udp" else ["--proto", "tcp-server"]
        client = ["--proto", "udp"] if protocol == "udp" else ["--proto", "tcp-client"]
        with peers.Tap("lo") as tap:
            mine = []
            start(mine, *common, *server, "--tls-server", "--dh", "none", "--local", "127.0.0.1", "--port", str(port))
            time.sleep(1)
            start(mine, *common, *client, "--tls-client", "--remote", "127.0.0.1", str(port), "--nobind")
            time.sleep(3)
            peers.stop(*mine[::-1])
        have = [(r["openvpn"]["kind"], r["openvpn"].get("protection"), r["openvpn"]["is_answered"], r["sekisho"]["server"]["port"])
                for r in of(peers.records_of(tap, folder, port)[0], "openvpn")]
        protection = option or "none"
        problems += differ(f"{protocol} {option}", have[:2], [("start", protection, True, port), ("end", protection, True, port)])
    return problems


def run_l2tp(folder, daemons):
    """One xl2tpd opens a tunnel to another."""
    port = 1701
    with peers.Tap("lo") as tap:
        for name, ip, more in (("s", "127.0.0.1", "[lns default]\nip range = 10.9.0.2-10.9.0.3\nlocal ip = 10.9.0.1\n"),
                               ("c", "127.0.0.2", "[lac x]\nlns = 127.0.0.1\nautodial = yes\n")):
            write(f"{folder}/{name}.conf", f"[global]\nlisten-addr = {ip}\nport = {port}\n{more}")
            start(daemons, "xl2tpd", "-D", "-c", f"{folder}/{name}.conf", "-p", f"{folder}/{name}.pid", "-C", f"{folder}/{name}.ctl")
            time.sleep(1)
        time.sleep(2)
    records = of(peers.records_of(tap, folder, port)[0], "l2tp")
    have = [r["l2tp"]["message"] for r in records][:3]
    problems = differ("messages", have, ["SCCRQ", "SCCRP", "SCCCN"])
    if records:
        problems += differ("client", records[0]["sekisho"]["client"]["ip"], "127.0.0.2")
        problems += differ("vendor", records[0]["l2tp"].get("vendor"), "xelerance.com")
    return problems


def run_mqtt(folder, daemons):
    """mosquitto's own client subscribes and publishes, by each version."""
    port = peers.free_port()
    write(f"{folder}/conf", f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with peers.Tap("lo") as tap:
        server = start(daemons, "mosquitto", "-c", f"{folder}/conf")
        if not peers.wait_for(port, server):
            return ["mosquitto does not listen"]
        common = ["-h", "127.0.0.1", "-p", str(port), "-t", "MARKER/topic", "-u", "MARKER", "-P", "MARKER"]
        for version in ("mqttv31", "mqttv311", "mqttv5"):
            listener = start(daemons, "mosquitto_sub", *common, "-V", version, "-C", "1")
            time.sleep(0.5)
            run_quiet("mosquitto_pub", *common, "-V", version, "-m", "MARKER", "-i", f"MARKER{version}")
            listener.wait(10)
    records, out = peers.records_of(tap, folder, port)
    ends = [r for r in of(records, "mqtt") if r["sekisho"]["mqtt"]["kind"] == "end"]
    have = sorted((r["mqtt"]["connect"]["protocol_version"], r["mqtt"]["connack"]["return_code"],
                   r["mqtt"]["connect"]["flags"]["password"], r["sekisho"]["mqtt"]["publish_to_server"],
                   r["sekisho"]["mqtt"]["publish_to_client"], r["sekisho"]["mqtt"]["subscribe"]) for r in ends)
    want = sorted((v, 0, True, *counts) for v in (3, 4, 5) for counts in ((1, 0, 0), (0, 1, 1)))
    return differ("ends", have, want) + (["a marker is told"] if b"MARKER" in out else [])


def run_modbus(folder, daemons):
    """pymodbus reads, writes and is refused."""
    port = peers.free_port()
    write(f"{folder}/server.py", f"""
from pymodbus.server import StartTcpServer
from pymodbus.datastore import ModbusSequentialDataBlock as B, ModbusServerContext as C, ModbusSlaveContext as S
StartTcpServer(context=C(slaves=S(hr=B(0, [7] * 10), co=B(0, [1] * 10)), single=True), address=("127.0.0.1", {port}))
""")
    write(f"{folder}/client.py", f"""
from pymodbus.client import ModbusTcpClient
c = ModbusTcpClient("127.0.0.1", port={port})
c.connect()
for i in range(5):
    c.read_holding_registers(1, 2, slave=3)
c.write_register(1, 5, slave=3)
c.read_coils(500, 8, slave=3)
c.close()
""")
    with peers.Tap("lo") as tap:
        server = start(daemons, "/usr/bin/python3", f"{folder}/server.py")
        if not peers.wait_for(port, server):
            return ["the server does not listen"]
        run_quiet("/usr/bin/python3", f"{folder}/client.py")
        time.sleep(0.3)
    records = of(peers.records_of(tap, folder, port)[0], "modbus")
    have = [(r["modbus"]["request"]["function_code"], r["modbus"]["request"]["unit_id"],
             r["modbus"].get("response", {}).get("exception", {}).get("raw")) for r in records if "modbus" in r]
    want = [("RdHoldRegs", 3, None), ("WrSingleReg", 3, None), ("RdCoils", 3, 2)]
    ends = [r["sekisho"]["modbus"] for r in records if r["sekisho"]["modbus"]["kind"] == "end"]
    return differ("requests", have, want) + differ("end", [(e["requests"], e["responses"], e["exceptions"], e["writes"]) for e in ends],
                                                   [(7, 7, 1, 1)])


def run_dhcp(folder, daemons):
    """dnsmasq lends dhclient an address, of each version, over a pair of interfaces in a namespace of its own."""
    space, here = f"sekisho-dhcp-{os.getpid()}", ["ip", "netns", "exec", f"sekisho-dhcp-{os.getpid()}"]
    other = space + "-c"
    try:
        for command in (["ip", "netns", "add", space], ["ip", "netns", "add", other],
                        ["ip", "-n", space, "link", "add", "srv", "type", "veth", "peer", "name", "cli", "netns", other],
                        ["ip", "-n", space, "addr", "add", "10.77.0.1/24", "dev", "srv"],
                        ["ip", "-n", space, "addr", "add", "fd77::1/64", "dev", "srv", "nodad"],
                        ["ip", "-n", space, "link", "set", "srv", "up"], ["ip", "-n", other, "link", "set", "cli", "up"]):
            if run_quiet(*command) != 0:
                return [f"{command} failed"]
        start(daemons, *here, "dnsmasq", "-k", "-C", "/dev/null", "-p", "0", "-i", "srv", "--bind-interfaces", "-u", "root",
              "-F", "10.77.0.50,10.77.0.60,1h", "-F", "fd77::50,fd77::60,64,1h", f"--dhcp-leasefile={folder}/leases", "-x", f"{folder}/pid")
        dump = start(daemons, *here, "/usr/bin/python3", "-c", TAKE, "srv", f"{folder}/dhcp.pcap")
        time.sleep(3)  # the link's own address is not used before it is known to be alone
        for version in ("-4", "-6"):
            client = start(daemons, "ip", "netns", "exec", other, "dhclient", version, "-1", "-d", "-sf", "/bin/true", "-cf",
                           "/dev/null", "-lf", f"{folder}/l{version}", "-pf", f"{folder}/p{version}", "cli")
            time.sleep(4)
            peers.stop(client)
        peers.stop(dump)
        out = subprocess.run([peers.TOOL, f"{folder}/dhcp.pcap"], check=True, capture_output=True).stdout
    finally:
        run_quiet("ip", "netns", "del", space)
        run_quiet("ip", "netns", "del", other)
    records = of([peers.json.loads(line) for line in out.splitlines()], "dhcp")
    problems = []
    for version, kinds, prefix in ((4, ["discover", "offer", "request", "ack"], "10.77.0."),
                                   (6, ["solicit", "advertise", "request", "reply"], "fd77:")):
        mine = [r for r in records if r["sekisho"]["dhcp"]["version"] == version]
        have = [r["dhcp"]["dhcp_type"] for r in mine]
        problems += differ(f"version {version}", have[:4], kinds)
        if have[:4] == kinds and not (mine[3]["dhcp"]["assigned_ip"].startswith(prefix) and mine[3]["dhcp"]["lease_time"] == 3600):
            problems.append(f"version {version}: {mine[3]['dhcp']}")
    return problems


# Takes the packets of an interface inside a namespace until it is ended.
TAKE = """
import socket, struct, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind((sys.argv[1], 0))
with open(sys.argv[2], "wb", 0) as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1))
    while True:
        frame = s.recv(1 << 16)
        now = time.time()
        out.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)
"""


def run_ftp(folder, daemons):
    """Python's client logs in to vsftpd, as nobody it knows and as anonymous, and fetches a file passively."""
    import ftplib
    port = peers.free_port()
    os.makedirs(f"{folder}/root/MARKER-dir")
    write(f"{folder}/root/MARKER.hl7", "MARKER")
    os.chmod(folder, 0o755)
    write(f"{folder}/conf", f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nanonymous_enable=YES\nlocal_enable=NO\n"
                            f"anon_root={folder}/root\nbackground=NO\nseccomp_sandbox=NO\nsecure_chroot_dir={folder}/root/MARKER-dir\n")
    with peers.Tap("lo") as tap:
        server = start(daemons, "vsftpd", f"{folder}/conf")
        if not peers.wait_for(port, server):
            return ["vsftpd does not listen"]
        client = ftplib.FTP()
        client.connect("127.0.0.1", port, 10)
        try:
            client.login("MARKER-user", "MARKER-password")
        except ftplib.error_perm:
            pass
        client.login()
        client.retrbinary("RETR MARKER.hl7", lambda data: None)
        client.quit()
    records, out = peers.records_of(tap, folder, port)
    have = [(r["ftp"]["command"], r["ftp"]["completion_code"]) for r in of(records, "ftp")]
    # the probe that waits for the port makes a connection too, which says the greeting
    have = [h for h in have if h[0]]
    want = [("USER", ["530"])] if ("USER", ["530"]) in have else [("USER", ["331"]), ("PASS", ["530"])]
    want += [("USER", ["331"]), ("PASS", ["230"]), ("TYPE", ["200"])]
    problems = differ("commands", have[:len(want)], want)
    problems += differ("rest", have[len(want):], [(have[len(want)][0] if len(have) > len(want) else None, have[len(want)][1] if
                       len(have) > len(want) else None), ("RETR", ["150", "226"]), ("QUIT", ["221"])])
    if not any(r["ftp"].get("mode") == "passive" and r["ftp"]["dynamic_port"] > 1023 for r in of(records, "ftp")):
        problems.append("no passive port is told")
    return problems + (["a marker is told"] if b"MARKER" in out else [])


def run_mailbox(folder, daemons):
    """Python's clients log in to dovecot over POP3 and IMAP, wrongly, rightly, and behind STARTTLS."""
    import imaplib
    import poplib
    import ssl
    certificates(folder)
    ports = {"pop3": peers.free_port(), "imap": peers.free_port()}
    for name in ("base", "mail", "run"):
        os.makedirs(f"{folder}/{name}")
    os.chmod(folder, 0o755)
    write(f"{folder}/users", "MARKER:{PLAIN}MARKER-secret:65534:65534::" + f"{folder}/mail::\n")
    os.chown(f"{folder}/mail", 65534, 65534)
    services = "".join(f"service {name}-login {{\n chroot =\n inet_listener {name} {{\n address = 127.0.0.1\n port = {port}\n }}\n"
                       f" inet_listener {name}s {{\n port = 0\n }}\n}}\n" for name, port in ports.items())
    write(f"{folder}/conf", f"base_dir = {folder}/run\nstate_dir = {folder}/base\nprotocols = imap pop3\nlog_path = {folder}/log\n"
                            f"ssl = yes\nssl_cert = <{folder}/cert\nssl_key = <{folder}/key\ndisable_plaintext_auth = no\n"
                            f"mail_location = maildir:{folder}/mail\nauth_mechanisms = plain login\n{services}"
                            f"passdb {{\n driver = passwd-file\n args = {folder}/users\n}}\n"
                            f"userdb {{\n driver = passwd-file\n args = {folder}/users\n}}\nservice anvil {{\n chroot =\n unix_listener anvil-auth-penalty {{\n mode = 0\n }}\n}}\n"
                            "first_valid_uid = 1\nauth_username_format = %u\n")
    with peers.Tap("lo") as tap:
        server = start(daemons, "dovecot", "-F", "-c", f"{folder}/conf")
        if not all(peers.wait_for(port, server) for port in ports.values()):
            return ["dovecot does not listen"]
        context = ssl._create_unverified_context()
        for secret in ("MARKER-wrong", "MARKER-secret"):
            for connect in (lambda: poplib.POP3("127.0.0.1", ports["pop3"], 10), lambda: imaplib.IMAP4("127.0.0.1", ports["imap"], 10)):
                client = connect()
                try:
                    if isinstance(client, poplib.POP3):
                        client.capa()
                        client.user("MARKER")
                        client.pass_(secret)
                        client.quit()
                    else:
                        client.login("MARKER", secret)
                        client.logout()
                except (poplib.error_proto, imaplib.IMAP4.error):
                    client.quit() if isinstance(client, poplib.POP3) else client.logout()
        client = poplib.POP3("127.0.0.1", ports["pop3"], 10)
        client.stls(context)
        client.user("MARKER")
        client.pass_("MARKER-secret")
        client.quit()
        client = imaplib.IMAP4("127.0.0.1", ports["imap"], 10)
        client.starttls(context)
        client.login("MARKER", "MARKER-secret")
        client.logout()
    records, out = peers.records_of(tap, folder, *ports.values())
    problems = []
    for name in ports:
        have = sorted(((r[name]["login"] or "none", r[name]["is_password_clear"], r[name]["is_tls"]) for r in of(records, name)))
        # who asked whether the port listens closed at once: before or after the greeting, which alone makes it a session
        probe = ("none", False, False)
        if have.count(probe) == 1:
            have.remove(probe)
        want = sorted([("failure", True, False), ("success", True, False), ("none", False, True)])
        problems += differ(name, have, want)
    if len(of(records, "tls")) != 2:
        problems.append(f"{len(of(records, 'tls'))} TLS handshakes")
    return problems + (["a marker is told"] if b"MARKER" in out else [])


def run_smtp(folder, daemons):
    """Python's client sends mail to aiosmtpd, in the clear and behind STARTTLS."""
    import smtplib
    import ssl
    certificates(folder)
    port = peers.free_port()
    write(f"{folder}/server.py", f"""
import ssl, time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("{folder}/cert", "{folder}/key")
Controller(Sink(), hostname="127.0.0.1", port={port}, tls_context=context).start()
time.sleep(600)
""")
    with peers.Tap("lo") as tap:
        server = start(daemons, "/usr/bin/python3", f"{folder}/server.py")
        if not peers.wait_for(port, server):
            return ["the server does not listen"]
        for is_tls in (False, True):
            with smtplib.SMTP("127.0.0.1", port, "pc.example", 10) as client:
                if is_tls:
                    client.starttls(context=ssl._create_unverified_context())
                client.sendmail("MARKER@a.example", ["MARKER1@b.example", "MARKER2@b.example"], "Subject: MARKER\n\nMARKER\n.\n220 x\n")
    records, out = peers.records_of(tap, folder, port)
    have = [(r["sekisho"]["smtp"]["kind"], r["sekisho"]["smtp"].get("recipients"), r["sekisho"]["smtp"].get("code"),
             r["sekisho"]["smtp"].get("is_tls")) for r in of(records, "smtp") if r["smtp"]["helo"]]
    want = [("mail", 2, 250, None), ("session", None, None, False), ("session", None, None, True)]
    problems = differ("records", sorted(have, key=str), want) + differ("TLS", len(of(records, "tls")), 1)
    return problems + (["a marker is told"] if b"MARKER" in out else [])


# name: what it runs, programs it needs
PROTOCOLS = {
    "syslog": (run_syslog, ("rsyslogd", "logger")),
    "ntp": (run_ntp, ("chronyd",)),
    "snmp": (run_snmp, ("snmpd", "snmpget")),
    "radius": (run_radius, ("freeradius", "radclient")),
    "stun": (run_stun, ("turnserver", "turnutils_stunclient")),
    "openvpn": (run_openvpn, ("openvpn", "openssl")),
    "l2tp": (run_l2tp, ("xl2tpd",)),
    "dhcp": (run_dhcp, ("dnsmasq", "dhclient", "ip")),
    "mqtt": (run_mqtt, ("mosquitto", "mosquitto_pub")),
    "modbus": (run_modbus, ()),
    "ftp": (run_ftp, ("vsftpd",)),
    "mailbox": (run_mailbox, ("dovecot", "openssl")),
    "smtp": (run_smtp, ("openssl",)),
}


def main():
    failed = 0
    for name, (run, programs) in PROTOCOLS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        why = peers.why_not(*programs)
        if why:
            print(f"ok - {name} of real peers # SKIP {why}", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            daemons = []
            try:
                failed += peers.say(f"{name} of real peers", run(folder, daemons))
            finally:
                peers.stop(*daemons[::-1])
    return 1 if failed else 0


sys.exit(main())
