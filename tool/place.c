/* SPDX-License-Identifier: Apache-2.0 */
/* place: where a command finds rules and a store when nothing is said. */
#include "tool/place.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
place_rules(void)
{
	struct stat about;

	return stat("rules", &about) == 0 && S_ISDIR(about.st_mode) ? "rules"
								    : PLACE_RULES;
}

int
place_make_temporary(char path[PLACE_SIZE], struct error *err)
{
	const char *below = getenv("TMPDIR");

	if (below == NULL || below[0] == '\0')
		below = "/tmp";
	if (snprintf(path, PLACE_SIZE, "%s/sekisho-XXXXXX", below) >= PLACE_SIZE ||
	    mkdtemp(path) == NULL)
		return error_errno(err, "cannot make a temporary store below %s",
				   below);
	return 0;
}

void
place_remove_temporary(const char *path)
{
	DIR *listing = opendir(path);

	if (listing == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(listing), entry->d_name, 0);
	closedir(listing);
	rmdir(path);
}
