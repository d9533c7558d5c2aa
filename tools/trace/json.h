/* Pieces of JSON. See json.c. */
#ifndef TRACE_JSON_H
#define TRACE_JSON_H

#include <stdio.h>

#include "trace/source.h"

/* A text with its quotes; bytes that are no UTF-8 become U+FFFD. */
void json_text(FILE *out, const char *text);

/* ,"key":"text" */
void json_member(FILE *out, const char *key, const char *text);

/* The fields of an event's payload, each as ,"name":value or, for the first,
 * without the comma: numbers as numbers, addresses, frames and other words in
 * hex as "0x…", and what text shows otherwise as {"text":…,"raw":"0x…"}. */
void json_fields(FILE *out, const struct rvemu_event *event);

/* The event that the source gave last, as an object. */
void json_event(FILE *out, const struct source *source);

#endif
