/*
 * What the parts of a program share whose addresses are looked up. The types
 * are those whose parts have names of their own, and some that have none.
 */
#ifndef SHAPES_H
#define SHAPES_H

struct point {
    int x, y;
};

struct process {
    int pid;
    char name[12];
    struct point at[2];
    struct {
        short low, high;
    };
    unsigned flag : 3, rest : 5;
    union {
        int number;
        char text[4];
    } either;
};

typedef const int fixed;
typedef int row[3];

extern int counter, table[8], matrix[2][3], zeroed[5];
extern row rows[4];
extern struct process proc[4];
extern struct point origin;
extern fixed answer;
extern char *text;

int library_sum(const int *from, int count);

static inline int squared(int x)
{
    int copy = x;

    return copy * x;
}

#endif
