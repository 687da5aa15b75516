/* SPDX-License-Identifier: Apache-2.0 */
/* sensor: 'sekisho sensor ca, enroll, sign, show': certificates for sensors that stand
 * elsewhere. */
#ifndef TOOL_SENSOR_H
#define TOOL_SENSOR_H

#include "tool/command.h"

command_run command_sensor;

#endif
