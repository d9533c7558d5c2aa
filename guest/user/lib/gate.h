/*
 * A gate between processes: one byte through a pipe. Whoever waits sleeps
 * in the kernel until another has opened the gate once for it. It leaves no
 * choice of order to the scheduler.
 */
#ifndef USER_GATE_H
#define USER_GATE_H

struct gate {
    int fds[2];
};

/* They end the program when the system refuses. */
void gate_init(struct gate *gate);
void gate_open(const struct gate *gate);
void gate_wait(const struct gate *gate);
void gate_destroy(const struct gate *gate);

#endif
