/*
 * What emu-trace prints instead of reading a trace: its options, from the rows
 * of options.def, its version, and the kinds of events.
 */
#include <string.h>

#include <rvemu/rvemu.h>

#include "trace/commands.h"
#include "trace/options_priv.h"

static void print_row(FILE *out, const char *left, const char *help,
                      const char *preset)
{
    if (strlen(left) > 26)
        fprintf(out, "  %s\n  %26s", left, "");
    else
        fprintf(out, "  %-26s", left);
    fprintf(out, " %s", help);
    if (*preset)
        fprintf(out, " (%s)", preset);
    fputc('\n', out);
}

static void print_option(FILE *out, const struct options_row *row)
{
    char left[64];

    snprintf(left, sizeof(left), "%s%s%s%s", row->name[1] ? "--" : "-",
             row->name, *row->argument ? " " : "", row->argument);
    print_row(out, left, row->help, row->preset);
}

static void print_command(FILE *out, const struct command *command)
{
    char left[64];

    snprintf(left, sizeof(left), "%s FILE%s", command->name,
             command->files == 2 ? " FILE" : "");
    print_row(out, left, command->help, "");
}

void options_print_help(FILE *out)
{
    fputs("usage: emu-trace COMMAND FILE.emt [option ...]\n"
          "Reads what emu --trace has written.\n\nCommands:\n",
          out);
    for (const struct command *c = commands; c->name; c++)
        print_command(out, c);
    for (const struct options_row *row = options_rows; row->name; row++) {
        if (row->kind == OPTIONS_SECTION)
            fprintf(out, "\n%s:\n", row->name);
        else if (row->help)
            print_option(out, row);
    }
    fputs("\nStatus: 0; 1 diff found a difference; 125 usage or host error; "
          "126 check found\na fault.\n",
          out);
}

void options_print_version(FILE *out)
{
    fprintf(out, "emu-trace (emu %s)\n", RVEMU_VERSION);
}

void options_print_events(FILE *out)
{
    fputs("Kinds of events, with commas between them; 'commit' stands for "
          "retire, load,\nstore and csr_write, 'all' for the others:\n",
          out);
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++) {
        const struct rvemu_event_info *info = rvemu_event_info(kind);

        if (info)
            fprintf(out, "  %-26s %s\n", info->name, info->what);
    }
}
