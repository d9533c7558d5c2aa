/*
 * A session from within: what it is made of, for the files that it is written
 * in. session.c is its story; session_console.c has what the machine asks of
 * its host, session_watch.c those who watch it, session_spent.c counts, and
 * session_save.c keeps it in a snapshot and goes on from one.
 */
#ifndef CLI_SESSION_PRIV_H
#define CLI_SESSION_PRIV_H

#include "host/console.h"
#include "host/outfile.h"
#include "cli/control.h"
#include "cli/disks.h"
#include "cli/frames.h"
#include "cli/names.h"
#include "cli/observe.h"
#include "cli/recent.h"
#include "cli/serial.h"
#include "cli/session.h"
#include "cli/tracing.h"

#define NOTICES_MAX 16
#define NOTICE_LENGTH 520

/* What has become of --snapshot. */
struct session_saving {
    bool is_done;
    int failed; /* -1: with error */
    struct rvemu_error error;
    struct rvemu_recorder *recorder; /* of --record; NULL: none */
    int diverged; /* --replay: -1: with error, which ends the run */
};

struct session {
    const struct session_config *config;
    const struct options *options;
    struct session_result *result;
    enum rvemu_title what;
    struct session_saving saving;
    struct session_spent before; /* by the boots before this one */
    unsigned boot;
    struct serial serial;
    unsigned notices; /* what has been told of the guest (rvemu_host) */
    char notice[NOTICES_MAX][NOTICE_LENGTH];
    struct outfile signature;
    struct rvemu_expect *rules; /* NULL: none */
    struct script *input;       /* NULL: there is none */
    struct loop loop;
    struct console console;
    bool console_open;
    enum console_verdict verdict; /* of the last poll */
    rvemu *machine;
    struct control control;
    struct disks disks; /* of all its boots */
    struct observer *observer;
    struct observe_end end;        /* what that one left */
    struct rvemu_symbols *symbols; /* for -d; NULL: none */
    struct names *names;           /* NULL: nobody wants them */
    struct frames_watch frames;    /* with --frames */
    struct tracing tracing;        /* with --trace or --on-fail */
    struct recent *recent;         /* for a report of the end; NULL: none */
    unsigned printed_by; /* the hart that ended the console's last line */
    uint64_t printed_time;
};

/* What the run has used by now, over all boots; of that, how many instructions
 * it has retired. */
struct session_spent session_spent(const struct session *session);
uint64_t session_retired(const struct session *session);

/* What a machine of the session asks of its surroundings. */
struct rvemu_host session_host(struct session *session);

/* A line for people, among those of the observers, once in all boots; self is
 * the session. */
void session_notice(void *self, const char *text);

/* Looks at the host while the machine is stopped; false: the run is
 * to end. self is the session. */
bool session_look_stopped(void *self);

/* Opens the console with all that it is asked for, and closes it. Returns 0, or
 * -1 with error. */
int session_open_console(struct session *session,
                         const struct session_config *config,
                         struct rvemu_error *error);
int session_close_console(struct session *session, struct rvemu_error *error);

/* Opens what gives names to addresses, for the machine that there is now; has
 * it look at the machine of the next boot. */
int session_open_names(struct session *session,
                       const struct session_config *config,
                       struct rvemu_error *error);
void session_attach_names(struct session *session);

/* The guest's symbols and all names, opened when they are first asked for;
 * NULL: they cannot be. self is the session. */
struct rvemu_symbols *session_find_symbols(void *self);
struct names *session_find_names(void *self);

/* Subscribes all observers that the options ask for. */
int session_watch(struct session *session, const struct session_config *config,
                  struct rvemu_error *error);

/* Keeps what happens of late, for a report of the end, of this machine from now
 * on, if an option makes it likely that one is wanted. */
int session_record(struct session *session, struct rvemu_error *error);

/* How many steps to run at most, of so many, before session_look(). */
uint64_t session_steps(const struct session *session, uint64_t steps);

/* Writes the snapshot if it is time. That it could not be written is told in
 * the end. False: a run that is made again ends here. */
bool session_look(struct session *session, struct rvemu_stop *stop);

/* A machine is there, with all that is in it: of each boot. Returns 0, or -1
 * with error. */
int session_begin(struct session *session, struct rvemu_error *error);

/* Whether a run that is made again has come to its end. */
bool session_is_over(const struct session *session);

/* Writes the snapshot if it is to be of the end, and says what became of it.
 * Returns 0, or -1 with error: it is not there. */
int session_save_last(struct session *session, struct rvemu_error *error);

/* Writes a snapshot of now. Returns 0, or -1 with error. self is the session.
 */
int session_save(void *self, const char *path, struct rvemu_error *error);

/* The machine goes on from a snapshot: so does what the session knows of it.
 * The console is open. Returns 0, or -1 with error. */
int session_resume(struct session *session, struct rvemu_error *error);

#endif
