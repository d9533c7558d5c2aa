/*
 * sh: the shell of the bundled system.
 *
 *   sh               reads commands from standard input, with a prompt when
 *                    that is a terminal, until its end
 *   sh FILE          reads them from a file
 *   sh -c COMMAND    runs one line
 *
 * A line is commands joined by | ; & && and ||, each with words and the
 * redirections < > >> and 2>. Words know '…', "…", \, $?, $$ and $NAME.
 * Built in: cd, exit, wait, help.
 *
 * A line is run as it is read: a command's words are expanded only when all
 * commands before it have ended, so that $? is theirs. Every pipeline is a
 * process group of its own; on a terminal the foreground one owns it, so ^C
 * reaches the pipeline and never the shell.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MAX_LINE = 1024,
    MAX_WORDS = 64,
    MAX_STAGES = 16,
    STATUS_SYNTAX = 2,
    STATUS_CANNOT_RUN = 126,
    STATUS_NOT_FOUND = 127,
    STATUS_SIGNAL = 128, /* plus the signal's number */
};

/* What ends a pipeline. */
enum joint { END, SEQUENCE, BACKGROUND, AND, OR, ERROR };

struct redirection {
    char *path; /* NULL: none */
    int flags;
};

struct command {
    char *argv[MAX_WORDS + 1];
    int argc;
    struct redirection redirections[3]; /* by descriptor */
};

struct pipeline {
    struct command stages[MAX_STAGES];
    int count;
};

/* Where a line is read and where its expanded words are kept. */
struct reader {
    const char *at;
    char words[4 * MAX_LINE];
    size_t used;
};

#define PROMPT "emu$ "

static int last_status;
static bool on_terminal;

static enum joint complain(const char *message)
{
    fprintf(stderr, "sh: %s\n", message);
    last_status = STATUS_SYNTAX;
    return ERROR;
}

/* Words. */

static bool keep(struct reader *in, char c)
{
    if (in->used == sizeof(in->words))
        return false;
    in->words[in->used++] = c;
    return true;
}

static bool keep_text(struct reader *in, const char *text)
{
    while (*text != '\0')
        if (!keep(in, *text++))
            return false;
    return true;
}

/* in->at is behind a $. A $ that names nothing stands for itself. */
static bool expand(struct reader *in)
{
    char name[64];
    size_t n = 0;
    const char *value;

    if (*in->at == '?' || *in->at == '$') {
        snprintf(name, sizeof(name), "%d",
                 *in->at == '?' ? last_status : getpid());
        in->at++;
        return keep_text(in, name);
    }
    while ((isalnum((unsigned char)*in->at) || *in->at == '_') &&
           n < sizeof(name) - 1)
        name[n++] = *in->at++;
    if (n == 0)
        return keep(in, '$');
    name[n] = '\0';
    value = getenv(name);
    return value == NULL || keep_text(in, value);
}

/* One word, quotes resolved, or NULL when it does not end or does not fit. */
static char *read_word(struct reader *in)
{
    char *word = in->words + in->used;
    char quote = '\0';
    bool fits = true;

    while (fits && *in->at != '\0' &&
           (quote != '\0' || strchr(" \t|&;<>", *in->at) == NULL)) {
        char c = *in->at++;

        if (c == quote)
            quote = '\0';
        else if (quote == '\0' && (c == '\'' || c == '"'))
            quote = c;
        else if (c == '$' && quote != '\'')
            fits = expand(in);
        else if (c == '\\' && quote != '\'' && *in->at != '\0')
            fits = keep(in, *in->at++);
        else
            fits = keep(in, c);
    }
    return fits && quote == '\0' && keep(in, '\0') ? word : NULL;
}

static bool accept(struct reader *in, const char *token)
{
    size_t length = strlen(token);

    if (strncmp(in->at, token, length) != 0)
        return false;
    in->at += length;
    return true;
}

static void skip_blanks(struct reader *in)
{
    in->at += strspn(in->at, " \t");
    if (*in->at == '#')
        in->at += strlen(in->at);
}

/* Pipelines. */

static bool read_redirection(struct reader *in, struct command *command)
{
    int fd = STDOUT_FILENO;
    int flags = O_WRONLY | O_CREAT | O_TRUNC;

    if (accept(in, "2>"))
        fd = STDERR_FILENO;
    else if (accept(in, ">>"))
        flags = O_WRONLY | O_CREAT | O_APPEND;
    else if (accept(in, "<")) {
        fd = STDIN_FILENO;
        flags = O_RDONLY;
    } else
        accept(in, ">");
    skip_blanks(in);
    command->redirections[fd].path = read_word(in);
    command->redirections[fd].flags = flags;
    return command->redirections[fd].path != NULL &&
           command->redirections[fd].path[0] != '\0';
}

static bool read_command(struct reader *in, struct command *command)
{
    memset(command, 0, sizeof(*command));
    for (;;) {
        skip_blanks(in);
        if (*in->at == '\0' || strchr("|&;", *in->at) != NULL)
            return true;
        if (*in->at == '<' || *in->at == '>' || strncmp(in->at, "2>", 2) == 0) {
            if (!read_redirection(in, command))
                return false;
        } else if (command->argc == MAX_WORDS ||
                   (command->argv[command->argc++] = read_word(in)) == NULL) {
            return false;
        }
    }
}

/* Reads up to the end of a pipeline and says what ended it. */
static enum joint read_pipeline(struct reader *in, struct pipeline *line)
{
    in->used = 0;
    line->count = 0;
    do {
        if (line->count == MAX_STAGES)
            return complain("too many commands in a pipeline");
        if (!read_command(in, &line->stages[line->count]))
            return complain("unfinished quote, or a line too long");
        line->count++;
    } while (strncmp(in->at, "||", 2) != 0 && accept(in, "|"));
    if (line->count == 1 && line->stages[0].argc == 0)
        line->count = 0;
    for (int i = 0; i < line->count; i++)
        if (line->stages[i].argc == 0)
            return complain("a command is missing");
    if (accept(in, "&&"))
        return AND;
    if (accept(in, "||"))
        return OR;
    if (accept(in, "&"))
        return BACKGROUND;
    return accept(in, ";") ? SEQUENCE : END;
}

/* Running. */

static bool redirect(const struct command *command)
{
    for (int fd = 0; fd < 3; fd++) {
        const struct redirection *to = &command->redirections[fd];
        int from;

        if (to->path == NULL)
            continue;
        from = open(to->path, to->flags, 0666);
        if (from < 0) {
            fprintf(stderr, "sh: %s: %s\n", to->path, strerror(errno));
            return false;
        }
        dup2(from, fd);
        if (from != fd)
            close(from);
    }
    return true;
}

static void help(void)
{
    puts(
        "built in    cd exit help wait; words | < > >> 2> ; & && || $? ' \" #");
    puts("programs    ls /bin");
    puts("to see      cow, t_fork, lab5-fork, pstree, free, maps");
    puts("to test     all");
}

/* True when the command is one of the shell's own; it has then been run. */
static bool run_builtin(const struct command *command)
{
    const char *name = command->argv[0];
    const char *argument = command->argv[1];

    if (strcmp(name, "cd") == 0) {
        const char *path = argument != NULL ? argument : "/";

        last_status = chdir(path) < 0;
        if (last_status != 0)
            fprintf(stderr, "sh: cd: %s: %s\n", path, strerror(errno));
    } else if (strcmp(name, "exit") == 0) {
        exit(argument != NULL ? atoi(argument) : last_status);
    } else if (strcmp(name, "wait") == 0) {
        while (wait(NULL) > 0)
            ;
        last_status = 0;
    } else if (strcmp(name, "help") == 0) {
        help();
        last_status = 0;
    } else {
        return false;
    }
    return true;
}

static void run_child(const struct command *command)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGTTOU, SIG_DFL);
    if (!redirect(command))
        exit(EXIT_FAILURE);
    if (run_builtin(command))
        exit(last_status);
    execvp(command->argv[0], command->argv);
    fprintf(stderr, "sh: %s: %s\n", command->argv[0],
            errno == ENOENT ? "not found" : strerror(errno));
    exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}

/*
 * Forks one stage; in and out are its ends of the pipes, unused the read end
 * of its own output. The group is set on both sides: whichever runs first.
 */
static pid_t start_stage(const struct command *command, pid_t group, int in,
                         int out, int unused, bool foreground)
{
    pid_t pid = fork();

    if (pid != 0) {
        if (pid > 0)
            setpgid(pid, group);
        return pid;
    }
    setpgid(0, group);
    if (on_terminal && foreground)
        tcsetpgrp(STDIN_FILENO, getpgid(0));
    if (unused >= 0)
        close(unused);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (in != STDIN_FILENO)
        close(in);
    if (out != STDOUT_FILENO)
        close(out);
    run_child(command);
    return 0;
}

static void note_status(int status)
{
    if (WIFEXITED(status)) {
        last_status = WEXITSTATUS(status);
        return;
    }
    last_status = STATUS_SIGNAL + WTERMSIG(status);
    if (WTERMSIG(status) != SIGINT && WTERMSIG(status) != SIGPIPE)
        fprintf(stderr, "%s\n", strsignal(WTERMSIG(status)));
}

static void wait_for(const pid_t *pids, int count)
{
    for (int i = 0; i < count; i++) {
        int status;
        pid_t pid;

        do
            pid = waitpid(pids[i], &status, 0);
        while (pid < 0 && errno == EINTR);
        if (pid > 0 && i == count - 1)
            note_status(status);
    }
    if (on_terminal)
        tcsetpgrp(STDIN_FILENO, getpgid(0));
}

static void run_pipeline(const struct pipeline *line, bool foreground)
{
    pid_t pids[MAX_STAGES];
    int started = 0;
    int in = STDIN_FILENO;

    if (line->count == 1 && foreground && run_builtin(&line->stages[0]))
        return;
    last_status = 0;
    for (int i = 0; i < line->count; i++) {
        int fds[2] = {-1, STDOUT_FILENO};
        bool last = i == line->count - 1;

        if (!last && pipe(fds) < 0)
            break;
        pids[i] = start_stage(&line->stages[i], started ? pids[0] : 0, in,
                              fds[1], fds[0], foreground);
        if (in != STDIN_FILENO)
            close(in);
        if (!last)
            close(fds[1]);
        in = last ? STDIN_FILENO : fds[0];
        if (pids[i] < 0)
            break;
        started++;
    }
    if (started < line->count) {
        fprintf(stderr, "sh: cannot start a process: %s\n", strerror(errno));
        if (in != STDIN_FILENO)
            close(in);
    }
    if (foreground)
        wait_for(pids, started);
    if (started < line->count)
        last_status = EXIT_FAILURE;
}

static void run_line(const char *text)
{
    static struct pipeline line;
    static struct reader in;
    enum joint joint = SEQUENCE;
    bool skip = false;

    in.at = text;
    while (joint != END) {
        joint = read_pipeline(&in, &line);
        if (joint == ERROR)
            return;
        if (!skip && line.count > 0)
            run_pipeline(&line, joint != BACKGROUND);
        if (joint == AND)
            skip = last_status != 0;
        else if (joint == OR)
            skip = last_status == 0;
        else
            skip = false;
    }
}

/*
 * Reads a line byte by byte: the commands it runs share the descriptor, and
 * what follows the line is theirs to read. False at the end of input, which
 * may have ended a line as well: a terminal tells it only once.
 */
static bool read_line(int fd, char *line)
{
    size_t length = 0;
    ssize_t n;
    char c;

    while ((n = read(fd, &c, 1)) == 1 && c != '\n')
        if (length < MAX_LINE - 1)
            line[length++] = c;
    line[length] = '\0';
    return n == 1;
}

/* Also the handler of SIGINT, hence no stdio. */
static void prompt(int number)
{
    (void)number;
    if (write(STDOUT_FILENO, PROMPT, strlen(PROMPT)) < 0)
        _exit(EXIT_FAILURE);
}

static void run_input(int fd)
{
    static char line[MAX_LINE];
    bool more = true;

    while (more) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (on_terminal)
            prompt(0);
        more = read_line(fd, line);
        if (on_terminal && !more)
            putchar('\n');
        run_line(line);
    }
}

/*
 * On a terminal the shell leads a group of its own and lets only the
 * foreground pipeline be interrupted. ^C reaches it at the prompt alone; the
 * terminal has forgotten the line, and the handler gives a new prompt, while
 * the shell goes on reading.
 */
static void take_terminal(void)
{
    signal(SIGINT, prompt);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    setpgid(0, 0);
    tcsetpgrp(STDIN_FILENO, getpgid(0));
}

int main(int argc, char **argv)
{
    int fd = STDIN_FILENO;

    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        run_line(argv[2]);
        return last_status;
    }
    if (argc > 1 && (fd = open(argv[1], O_RDONLY | O_CLOEXEC)) < 0) {
        fprintf(stderr, "sh: %s: %s\n", argv[1], strerror(errno));
        return STATUS_NOT_FOUND;
    }
    on_terminal = argc == 1 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (on_terminal)
        take_terminal();
    run_input(fd);
    return last_status;
}
