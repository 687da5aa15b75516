/* SPDX-License-Identifier: Apache-2.0 */
/* kinds: the closed lists of an inventory: what a participant, a service, a line may be. */
#ifndef CORRELATOR_INVENTORY_KINDS_H
#define CORRELATOR_INVENTORY_KINDS_H

/* NULL at the end. */
extern const char *const participant_kinds[];
extern const char *const service_kinds[]; /* decisions.md 6 */
extern const char *const line_kinds[];

#endif
