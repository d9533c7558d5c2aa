/*
 * Editing lines by GNU readline, called through a table that is filled from the
 * module; see editor.h. Readline calls back without saying for whom: hence the
 * one variable of file scope. Signals stay terminal.c's.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "host/editor.h"

static struct {
    struct editor_client client;
    void *module;
#define FUNCTION(name) __typeof__(name) *name;
#define VARIABLE(name) __typeof__(name) *name;
#include "host/readline.def"
    unsigned start, end; /* of the word that is completed */
    unsigned next;       /* the completion that is asked for next */
} editor;

/* Finds all functions and variables; false when the module lacks one. */
static bool find_all(void)
{
#define FUNCTION(name) VARIABLE(name)
#define VARIABLE(name)                                    \
    *(void **)&editor.name = dlsym(editor.module, #name); \
    if (!editor.name)                                     \
        return false;
#include "host/readline.def"
    return true;
}

static void take_line(char *line)
{
    editor.rl_callback_handler_remove();
    editor.client.line(editor.client.self, line);
}

static char *next_word(const char *text, int state)
{
    if (!state)
        editor.next = 0;
    return editor.client.complete(editor.client.self, *editor.rl_line_buffer,
                                  editor.start, editor.end, editor.next++);
}

static char **complete(const char *text, int start, int end)
{
    *editor.rl_attempted_completion_over = 1;
    editor.start = (unsigned)start;
    editor.end = (unsigned)end;
    return editor.rl_completion_matches(text, next_word);
}

static int type(const char *command)
{
    editor.rl_replace_line(command, 0);
    *editor.rl_done = 1;
    return 0;
}

/* Ctrl-A c and Ctrl-A x do what they do on the guest's console. */
static int go_on(int count, int key)
{
    return type("cont");
}

static int quit(int count, int key)
{
    return type("quit");
}

int editor_open(const struct editor_client *client, const char *module,
                struct rvemu_error *error)
{
    editor.client = *client;
    if (editor.module)
        return 0;
    editor.module = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    if (!editor.module || !find_all()) {
        if (editor.module)
            dlclose(editor.module);
        editor.module = NULL;
        return rvemu_error_set(error,
                               "editing, history and completion need "
                               "readline's %s, which is not here: install the "
                               "package libreadline8",
                               module);
    }
    *editor.rl_readline_name = "emu";
    *editor.rl_catch_signals = 0;
    *editor.rl_attempted_completion_function = complete;
    *editor.rl_completer_word_break_characters = " \t*+-()=,/&|<>!";
    editor.rl_bind_keyseq("\\C-ac", go_on);
    editor.rl_bind_keyseq("\\C-ax", quit);
    editor.using_history();
    return 0;
}

void editor_begin(const char *prompt)
{
    editor.rl_callback_handler_install(prompt, take_line);
}

void editor_end(void)
{
    editor.rl_callback_handler_remove();
}

void editor_read(void)
{
    editor.rl_callback_read_char();
}

void editor_cancel(void)
{
    editor.rl_replace_line("", 0);
    editor.rl_crlf();
    editor.rl_on_new_line();
    editor.rl_redisplay();
}

void editor_resume(const char *prompt)
{
    editor_end();
    editor_begin(prompt);
}

void editor_read_history(const char *path, int most)
{
    editor.read_history(path);
    editor.stifle_history(most);
}

void editor_add_history(const char *line)
{
    editor.add_history(line);
}

void editor_write_history(const char *path)
{
    editor.write_history(path);
}
