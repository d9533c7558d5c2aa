/*
 * No editing of lines: emu was built with -Dreadline=disabled; see editor.h.
 */
#include "host/editor.h"

int editor_open(const struct editor_client *client, const char *module,
                struct rvemu_error *error)
{
    return rvemu_error_set(error,
                           "this emu was built without readline: lines are "
                           "read as the terminal gives them");
}

void editor_begin(const char *prompt)
{
}

void editor_end(void)
{
}

void editor_read(void)
{
}

void editor_cancel(void)
{
}

void editor_resume(const char *prompt)
{
}

void editor_read_history(const char *path, int most)
{
}

void editor_add_history(const char *line)
{
}

void editor_write_history(const char *path)
{
}
