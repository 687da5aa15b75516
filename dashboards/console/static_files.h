/* SPDX-License-Identifier: Apache-2.0 */
/*
 * static_files: the web page, from a directory.
 *
 * Names with a hash in them never change (immutable); index.html is asked for
 * each time, and stands for every path without an extension, so that any place
 * in the page is a URL.
 */
#ifndef DASHBOARDS_CONSOLE_STATIC_FILES_H
#define DASHBOARDS_CONSOLE_STATIC_FILES_H

#include "dashboards/console/http.h"

void static_files_answer(const char *root, struct http_request *request);

#endif
