/*
 * What emu prints instead of a run: -help (from the rows of options.def),
 * --version and -cpu help.
 */
#include <string.h>

#include <rvemu/rvemu.h>

#include "cli/options_priv.h"

void options_print_machines(FILE *out)
{
    fprintf(out, "Supported machines are:\n"
                 "virt                 RISC-V VirtIO board (default)\n");
}

void options_print_events(FILE *out)
{
    fputs("\nKinds of events for -d and -trace-hash, with commas between them; "
          "\n'commit' stands for retire, load, store and csr_write, 'all' for "
          "the others:\n",
          out);
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++) {
        const struct rvemu_event_info *info = rvemu_event_info(kind);

        if (info)
            fprintf(out, "  %-26s %s\n", info->name, info->what);
    }
    fputs("Of QEMU's, int is trap and xret, mmu is page_fault and tlb_fill, "
          "exec and in_asm\nare retire; the others print nothing.\n",
          out);
}

static void print_option(FILE *out, const struct options_row *row)
{
    char left[64];

    snprintf(left, sizeof(left), "-%s%s%s", row->name,
             *row->argument && row->kind != OPTIONS_MAYBE ? " " : "",
             row->argument);
    if (strlen(left) > 26)
        fprintf(out, "%s\n%26s", left, "");
    else
        fprintf(out, "%-26s", left);
    fprintf(out, " %s", row->help);
    if (*row->preset)
        fprintf(out, " (%s)", row->preset);
    fprintf(out, "\n");
}

void options_print_help(FILE *out)
{
    fputs("usage: emu [options] [guest.elf [argument ...]]\n"
          "Runs a guest on a RISC-V machine (QEMU's virt). Without one, boots "
          "the bundled\nkernel to a shell. Options, with one dash or two:\n",
          out);
    for (const struct options_row *row = options_rows; row->name; row++) {
        if (row->kind == OPTIONS_SECTION)
            fprintf(out, "\n%s:\n", row->name);
        else if (row->help)
            print_option(out, row);
    }
    options_print_events(out);
    fputs("\nOn the console, Ctrl-A h lists the Ctrl-A commands.\n"
          "Status: 0 pass, the guest's own code when it fails, 1 --fail-on, "
          "--stop-on\nwithout a match, or a guest that cannot go on, 124 limit "
          "or deadlock,\n125 usage or host error, 126 --frames or --check "
          "found mistakes, "
          "128 + n signal n.\n",
          out);
}

void options_print_version(FILE *out)
{
    fprintf(out, "QEMU emulator version 10.0.0 (emu %s)\n", RVEMU_VERSION);
}

/* Prints a name behind the one before it, or on a new line. */
static void print_name(FILE *out, const char *name, unsigned *column)
{
    if (*column + strlen(name) > 76) {
        fprintf(out, "\n");
        *column = 0;
    }
    *column += (unsigned)fprintf(out, "  %s", name);
}

void options_print_cpus(FILE *out)
{
    unsigned column = 0;

    fprintf(out, "Available CPUs:\n");
    for (unsigned i = 0; rvemu_cpu_model(i); i++)
        fprintf(out, "  %s\n", rvemu_cpu_model(i));
    fprintf(out, "Extensions, to be turned on or off behind it, "
                 "as in rv64,zba=off:\n");
    for (unsigned i = 0; rvemu_cpu_extension(i); i++)
        print_name(out, rvemu_cpu_extension(i), &column);
    fprintf(out, "\n");
}
