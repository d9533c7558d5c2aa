/*
 * The processes of the system, as /proc/PID/stat tells of them.
 */
#ifndef USER_PROCFS_H
#define USER_PROCFS_H

struct process {
    int pid;
    int parent;
    int group;
    char state; /* R running, S sleeping, Z ended and not waited for, … */
    long virtual_bytes;
    long resident_pages;
    char name[32];
};

/* Fills at most `most`, by number; returns how many, -1 on an error. */
int procfs_list(struct process *out, int most);

#endif
