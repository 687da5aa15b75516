/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint: an IP address with a port, as settings write it.
 *
 * 192.0.2.1:8641 or [2001:db8::1]:8641.  No names: a sensor that has given up its
 * rights asks no resolver, and an answer of DNS is nothing to trust a correlator by.
 */
#ifndef COMMON_ENDPOINT_H
#define COMMON_ENDPOINT_H

#include <sys/socket.h>

#include "common/error.h"

struct endpoint {
	struct sockaddr_storage address;
	socklen_t size;
};

/* 0, or -1 with '*err'. */
int endpoint_parse(const char *text, struct endpoint *endpoint, struct error *err)
	__attribute__((warn_unused_result));

#endif
