/*
 * Lines as JSON objects, for programs: docs/explain-json.md is their schema.
 *
 * Its keys are those of the facts (sentences.c) that the English sentence
 * tells; what is added to the schema leaves its version, what changes in it
 * does not.
 */
#ifndef ANALYSIS_JSON_H
#define ANALYSIS_JSON_H

#include "analysis/sentences.h"

#define JSON_VERSION 1
#define JSON_LINE 16384 /* more than any line takes */

/* Writes the object of a line about what happened at this time in ns,
 * UINT64_MAX for one about the whole run. text is what the line says in words,
 * in any bytes: those that are no UTF-8 become U+FFFD. */
void json_write(char out[JSON_LINE], enum sentence sentence,
                const struct facts *facts, u64 time, const char *text);

/* Writes the object that comes before all others. */
void json_begin(char out[JSON_LINE], enum rvemu_lang lang, const char *title);

#endif
