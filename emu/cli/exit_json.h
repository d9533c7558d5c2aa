/* --exit-json: how a run ended, for programs. docs/exit-json.md has the schema.
 */
#ifndef CLI_EXIT_JSON_H
#define CLI_EXIT_JSON_H

#include <stdio.h>

#include "cli/session.h"

void exit_json_write(FILE *out, const struct session_result *result);

#endif
