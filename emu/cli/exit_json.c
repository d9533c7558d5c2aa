/* --exit-json; see exit_json.h. */
#include "cli/exit_json.h"

#include <inttypes.h>

#define VERSION 1 /* of the schema: goes up when what is there changes */

/* A text as a JSON string. */
static void write_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\')
            fprintf(out, "\\u%04x", (unsigned char)*text);
        else
            fputc(*text, out);
    fputc('"', out);
}

static void write_string(FILE *out, const char *name, const char *text)
{
    if (!text[0])
        return;
    fprintf(out, ", \"%s\": ", name);
    write_quoted(out, text);
}

/* Where it went wrong, or where the hart was. */
static void write_place(FILE *out, const struct mortem_place *place)
{
    fprintf(out, ", \"at\": {\"hart\": %u, \"pc\": \"0x%" PRIx64 "\"",
            place->hart, place->pc);
    if (place->cause[0]) {
        write_string(out, "cause", place->cause);
        fprintf(out, ", \"address\": \"0x%" PRIx64 "\"", place->address);
    }
    write_string(out, "function", place->function);
    write_string(out, "file", place->file);
    if (place->line)
        fprintf(out, ", \"line\": %u", place->line);
    fputc('}', out);
}

static void write_milestones(FILE *out, const struct session_result *result)
{
    fprintf(out, ", \"milestones\": {");
    for (unsigned i = 0; i < result->milestones; i++) {
        const struct session_milestone *milestone = &result->milestone[i];

        fprintf(out, "%s", i ? ", " : "");
        write_quoted(out, milestone->name);
        if (milestone->is_reached)
            fprintf(out,
                    ": {\"boot\": %u, \"steps\": %" PRIu64
                    ", \"instructions\": %" PRIu64 ", \"time_ns\": %" PRIu64
                    "}",
                    milestone->boot, milestone->spent.steps,
                    milestone->spent.retired, milestone->spent.time);
        else
            fprintf(out, ": null");
    }
    fputc('}', out);
}

static void write_stale(FILE *out, const struct rvemu_stale_totals *stale)
{
    fprintf(out,
            "\"tlb\": {\"certain\": %" PRIu64 ", \"may\": %" PRIu64
            ", \"windows\": %" PRIu64 ", \"harmless\": %" PRIu64
            ", \"possible\": %" PRIu64 ", \"unjudged\": %" PRIu64 "}",
            stale->certain, stale->may, stale->windows, stale->harmless,
            stale->possible, stale->unjudged);
}

static void write_check(FILE *out, unsigned check,
                        const struct rvemu_check_totals *found)
{
    fprintf(out, "\"%s\": {\"certain\": %" PRIu64 ", \"possible\": %" PRIu64,
            rvemu_check_name(check), found->certain, found->possible);
    if (check == RVEMU_CHECK_ICACHE)
        fprintf(out, ", \"windows\": %" PRIu64, found->windows);
    fputc('}', out);
}

static void write_findings(FILE *out, const struct session_result *result)
{
    const char *lead = ", \"findings\": {", *first = lead;

    if (result->has_mistakes) {
        fprintf(out, "%s\"frames\": %" PRIu64, lead, result->mistakes);
        lead = ", ";
    }
    for (unsigned i = 0; result->check && i < RVEMU_CHECKS; i++) {
        if (!result->check[i] ||
            (i == RVEMU_CHECK_REFS && !result->has_mistakes))
            continue;
        fputs(lead, out);
        lead = ", ";
        if (i == RVEMU_CHECK_TLB)
            write_stale(out, &result->stale);
        else
            write_check(out, i, &result->checks[i]);
    }
    if (lead != first)
        fputc('}', out);
}

void exit_json_write(FILE *out, const struct session_result *result)
{
    fprintf(out, "{\"version\": %d, \"status\": %d, \"reason\": \"%s\"",
            VERSION, result->status, result->reason);
    write_string(out, "text", result->text);
    fprintf(out,
            ", \"steps\": %" PRIu64 ", \"instructions\": %" PRIu64
            ", \"time_ns\": %" PRIu64,
            result->spent.steps, result->spent.retired, result->spent.time);
    if (result->has_place)
        write_place(out, &result->place);
    write_findings(out, result);
    if (result->rules.passed || result->rules.failed)
        fprintf(out,
                ", \"rules\": {\"passed\": %u, \"failed\": %u, \"points\": "
                "%" PRIu64 ", \"of\": %" PRIu64 "}",
                result->rules.passed, result->rules.failed,
                result->rules.points, result->rules.of);
    if (result->tlb.harts) {
        fprintf(out, ", \"tlb\": ");
        tlb_counts_write_json(out, &result->tlb);
    }
    if (result->milestones)
        write_milestones(out, result);
    fprintf(out, "}\n");
}
