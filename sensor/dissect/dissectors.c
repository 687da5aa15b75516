/* SPDX-License-Identifier: Apache-2.0 */
/* dissectors: the protocols we read ourselves, one row each, in the order in which they
 * are asked. */
#include "sensor/dissect/dissector.h"

#include "sensor/dissect/tls_upgrade.h"

extern const struct dissector dissector_tls;
extern const struct dissector dissector_hl7;
extern const struct dissector dissector_dicom;
extern const struct dissector dissector_ike;
extern const struct dissector dissector_dns_tcp, dissector_dns_udp, dissector_mdns;
extern const struct dissector dissector_quic, dissector_dtls;
extern const struct dissector dissector_ssh;
extern const struct dissector dissector_smtp, dissector_ftp, dissector_imap,
	dissector_pop3;
extern const struct dissector dissector_mqtt, dissector_modbus;
extern const struct dissector dissector_syslog_udp, dissector_syslog_tcp;
extern const struct dissector dissector_ntp, dissector_snmp, dissector_radius,
	dissector_dhcp, dissector_dhcp6, dissector_stun, dissector_wireguard,
	dissector_l2tp, dissector_openvpn_udp, dissector_openvpn_tcp;
extern const struct dissector dissector_rdp;
extern const struct dissector dissector_ldap;
extern const struct dissector dissector_krb5_tcp, dissector_krb5_udp;
extern const struct dissector dissector_smb;
extern const struct dissector dissector_http;
extern const struct dissector dissector_http_proxy;
extern const struct dissector dissector_rfb;
extern const struct dissector dissector_telnet;

const struct dissector *const dissectors[] = {
	&dissector_tls,
	&dissector_hl7,
	&dissector_dicom,
	&dissector_ssh,
	&dissector_syslog_tcp,
	&dissector_openvpn_tcp,
	&dissector_smtp,
	&dissector_ftp,
	&dissector_imap,
	&dissector_pop3,
	&dissector_mqtt,
	&dissector_modbus,
	&dissector_rdp,
	&dissector_krb5_tcp,
	&dissector_smb,
	&dissector_ldap,
	&dissector_http,
	&dissector_http_proxy, /* CONNECT; goes on with TLS */
	&dissector_rfb,
	&dissector_telnet,
	&dissector_dns_tcp,
	/* these wait for TLS behind their own beginning */
	&dissector_xmpp,
	&dissector_postgresql,
	/* over datagrams */
	&dissector_ike,
	&dissector_krb5_udp,
	&dissector_quic,
	&dissector_dtls,
	&dissector_mdns,
	&dissector_dns_udp,
	&dissector_syslog_udp,
	&dissector_dhcp,
	&dissector_stun,
	&dissector_wireguard,
	&dissector_openvpn_udp,
	&dissector_l2tp,
	&dissector_snmp,
	&dissector_dhcp6,
	&dissector_radius,
	&dissector_ntp,
	NULL,
};
