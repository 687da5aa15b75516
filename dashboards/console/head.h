/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head: is this request head one that every server on its way reads alike?
 *
 * RFC 9112 as a strict sender writes it, and less: GET, HEAD and POST, HTTP/1.0
 * or 1.1, a path from the root, exactly one Host, at most one Content-Length of
 * digits, no Transfer-Encoding, no Expect, no folding, no bare LF, no NUL, no
 * blank before the colon.  Whatever two parsers could read in two ways is
 * refused, because a request that hides in another one begins like that.
 */
#ifndef DASHBOARDS_CONSOLE_HEAD_H
#define DASHBOARDS_CONSOLE_HEAD_H

#include <stddef.h>
#include <stdint.h>

enum { HEAD_SIZE_MAX = 16384, HEAD_FIELDS_MAX = 64, BODY_SIZE_MAX = 65536 };

enum head_fault {
	HEAD_OK,
	HEAD_LINE,   /* no request line, or a line without CR LF */
	HEAD_METHOD, /* another method */
	HEAD_PATH, /* no plain absolute path: .., //, %00, %2f, blanks, another host */
	HEAD_VERSION,  /* neither HTTP/1.0 nor HTTP/1.1 */
	HEAD_FIELD,    /* a field no parser is sure of, or too many */
	HEAD_HOST,     /* none, two, or an odd one */
	HEAD_LENGTH,   /* two, or no plain number */
	HEAD_ENCODING, /* Transfer-Encoding, or Expect */
	HEAD_SIZE,     /* head over HEAD_SIZE_MAX */
	HEAD_BODY,     /* body over BODY_SIZE_MAX */
	HEAD_BUSY,     /* too many connections */
	HEAD_FAULT_COUNT
};

/* "line", "method", ... as in bad_request's parameter 'what'. */
const char *head_fault_name(enum head_fault fault);

/* Bytes up to and with the empty line, or 0 if it is not there yet. */
size_t head_length(const char *data, size_t size);

/* 'head' is what head_length counted.  '*body' is its Content-Length, or 0. */
enum head_fault head_check(const char *head, size_t size, size_t *body);

#endif
