/* SPDX-License-Identifier: Apache-2.0 */
/* language: which of the two languages a command speaks. */
#include "tool/language.h"

#include <stdlib.h>
#include <string.h>

enum report_language
language_choose(int choice)
{
	const char *lang = getenv("LC_ALL");

	if (choice == REPORT_JA || choice == REPORT_EN)
		return (enum report_language)choice;
	if (lang == NULL || lang[0] == '\0')
		lang = getenv("LANG");
	return lang != NULL && strncmp(lang, "en", 2) == 0 ? REPORT_EN : REPORT_JA;
}
