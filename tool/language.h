/* SPDX-License-Identifier: Apache-2.0 */
/* language: which of the two languages a command speaks. */
#ifndef TOOL_LANGUAGE_H
#define TOOL_LANGUAGE_H

#include "correlator/report/report.h"

/* 'choice': of {"ja", "en", "auto"}; auto follows LC_ALL, then LANG, and is Japanese
 * where these say nothing. */
enum report_language language_choose(int choice);

#endif
