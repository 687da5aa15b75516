/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selftest: before it serves anybody the console sends itself a request that hides
 * another one (Transfer-Encoding with Content-Length) and looks at the answer.
 */
#ifndef DASHBOARDS_CONSOLE_SELFTEST_H
#define DASHBOARDS_CONSOLE_SELFTEST_H

#include <stdbool.h>

#include "dashboards/console/http.h"

/* False with a reason unless the server refuses it within 2 s.  Turns the loop
 * meanwhile. */
bool selftest_run(struct loop *loop, const char *listen, const struct http *http,
		  struct error *err);

#endif
