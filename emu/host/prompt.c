/* Where somebody types commands; see prompt.h. */
#include "host/prompt.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_LINES 1000
#define PATH_MOST 4096

/* Makes the folders of a file that is to be written; those that are there stay.
 */
static void make_folders(const char *path)
{
    char folder[PATH_MOST];

    for (size_t i = 1; path[i] && i < sizeof(folder); i++) {
        if (path[i] != '/')
            continue;
        memcpy(folder, path, i);
        folder[i] = '\0';
        mkdir(folder, 0700);
    }
}

/* The file of the lines that are kept; false: there is no place for one. */
static bool find_state(const struct prompt *p, char path[PATH_MOST])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length = -1;

    if (state && *state == '/')
        length = snprintf(path, PATH_MOST, "%s/emu/%s", state, p->config.state);
    else if (home && *home == '/')
        length = snprintf(path, PATH_MOST, "%s/.local/state/emu/%s", home,
                          p->config.state);
    return length > 0 && length < PATH_MOST;
}

/* The editor has a line: self is the prompt. */
static void take_typed(void *self, char *line)
{
    struct prompt *p = self;

    p->is_shown = false;
    p->typed = line;
    p->is_over |= !line;
    p->client.events = 0;
    if (!line)
        return;
    if (*line) {
        editor_add_history(line);
        p->has_lines = true;
    }
}

static void keep(struct prompt *p, const char *bytes, size_t count)
{
    if (p->count + count > p->room) {
        size_t room = 2 * (p->count + count);
        char *grown = realloc(p->ahead, room);

        if (!grown)
            return;
        p->ahead = grown;
        p->room = room;
    }
    memcpy(p->ahead + p->count, bytes, count);
    p->count += count;
}

/* There is something to be read: self is the prompt. */
static void read_typed(void *self)
{
    struct prompt *p = self;
    char bytes[PROMPT_LINE_MAX];
    ssize_t n;

    if (p->is_edited) {
        editor_read();
        return;
    }
    n = read(p->config.fd, bytes, sizeof(bytes));
    if (n > 0)
        keep(p, bytes, (size_t)n);
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        p->is_over = true;
}

/* self is the prompt. */
static char *complete_typed(void *self, const char *text, unsigned start,
                            unsigned end, unsigned n)
{
    const struct prompt *p = self;

    return p->config.complete(p->config.self, text, start, end, n);
}

void prompt_open(struct prompt *p, const struct prompt_config *config)
{
    const struct editor_client client = {p, take_typed, complete_typed};
    struct rvemu_error error;
    char path[PATH_MOST];

    *p = (struct prompt){
        .config = *config,
        .client = {.fd = config->fd, .ready = read_typed, .self = p},
        .is_terminal = config->fd >= 0 && isatty(config->fd),
    };
    if (p->is_terminal) {
        p->is_edited = editor_open(&client, EDITOR_MODULE, &error) == 0;
        if (!p->is_edited)
            fprintf(stderr, "emu: %s\n", error.text);
        else if (find_state(p, path))
            editor_read_history(path, HISTORY_LINES);
    }
    if (config->fd >= 0)
        loop_add(config->loop, &p->client);
}

void prompt_close(struct prompt *p)
{
    char path[PATH_MOST];

    prompt_hide(p);
    if (p->has_lines && find_state(p, path)) {
        make_folders(path);
        editor_write_history(path);
    }
    loop_remove(p->config.loop, &p->client);
    free(p->typed);
    free(p->ahead);
    *p = (struct prompt){.config.fd = -1};
}

void prompt_show(struct prompt *p)
{
    if (p->is_shown || p->is_over || prompt_has(p))
        return;
    p->is_shown = true;
    p->client.events = p->config.fd >= 0 ? POLLIN : 0;
    fflush(stdout);
    if (p->is_edited) {
        editor_begin(p->config.text);
        return;
    }
    fputs(p->config.text, stdout);
    fflush(stdout);
}

void prompt_hide(struct prompt *p)
{
    if (p->is_shown && p->is_edited)
        editor_end();
    p->is_shown = false;
    p->client.events = 0;
}

bool prompt_has(const struct prompt *p)
{
    return p->typed || p->is_over ||
           (p->count && memchr(p->ahead, '\n', p->count));
}

/* The first line of what was read ahead; at the end, what there is. */
static char *take_ahead(struct prompt *p)
{
    char *end = p->count ? memchr(p->ahead, '\n', p->count) : NULL;
    size_t length = end ? (size_t)(end - p->ahead) : p->count;
    size_t whole = end ? length + 1 : length;
    char *line = NULL;

    if (whole)
        line = strndup(p->ahead,
                       length < PROMPT_LINE_MAX ? length : PROMPT_LINE_MAX);
    if (line)
        line[strcspn(line, "\r")] = '\0';
    p->count -= whole;
    if (p->count)
        memmove(p->ahead, p->ahead + whole, p->count);
    return line;
}

char *prompt_take(struct prompt *p)
{
    char *line = p->typed;

    p->typed = NULL;
    if (!line)
        line = take_ahead(p);
    if (!p->is_terminal)
        printf("%s%s\n", p->is_shown ? "" : p->config.text, line ? line : "");
    p->is_shown = false;
    p->client.events = 0;
    return line;
}

void prompt_feed(struct prompt *p, int byte)
{
    char bytes = byte == '\r' ? '\n' : (char)byte;

    if (byte < 0)
        p->is_over = true;
    else
        keep(p, &bytes, 1);
}

void prompt_cancel(struct prompt *p)
{
    if (p->is_shown && p->is_edited) {
        editor_cancel();
    } else if (p->is_shown) {
        p->is_shown = false;
        putchar('\n');
        prompt_show(p);
    }
}

void prompt_resume(struct prompt *p)
{
    if (p->is_shown && p->is_edited)
        editor_resume(p->config.text);
}
