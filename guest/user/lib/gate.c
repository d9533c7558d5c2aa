/*
 * Gates: a byte in a pipe is one permission to go on.
 */
#include "gate.h"

#include <unistd.h>

#include "check.h"

void gate_init(struct gate *gate)
{
    if (pipe(gate->fds) < 0)
        die("pipe");
}

void gate_open(const struct gate *gate)
{
    if (write(gate->fds[1], "", 1) != 1)
        die("gate");
}

void gate_wait(const struct gate *gate)
{
    char byte;

    if (read(gate->fds[0], &byte, 1) != 1)
        die("gate");
}

void gate_destroy(const struct gate *gate)
{
    close(gate->fds[0]);
    close(gate->fds[1]);
}
