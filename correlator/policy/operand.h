/* SPDX-License-Identifier: Apache-2.0 */
/* operand: what a rule writes after an operator, as values of the field's type. */
#ifndef CORRELATOR_POLICY_OPERAND_H
#define CORRELATOR_POLICY_OPERAND_H

#include "correlator/policy/model.h"

/* 'node' is the operand as written; a "$kind.name" stands for its set.  -1 with the
 * complaint. */
typedef int operand_read(struct model *model, const struct yaml_node *node,
			 struct asked *asked, struct error *err);

operand_read operand_read_one, operand_read_list, operand_read_number,
	operand_read_range, operand_read_order, operand_read_prefixes,
	operand_read_true, operand_read_windows, operand_read_pattern;

/* Place of 'value' among the ordered values of 'field', or -1. */
int operand_order(enum field_id field, struct text value);
bool operand_has_text(const struct operand *operand, struct text text);
bool operand_has_number(const struct operand *operand, uint64_t number);

#endif
