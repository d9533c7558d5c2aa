/*
 * Touches a page for the first time in each of the lines that say so: a fault
 * there is to be told with the line, and with the name of what is touched.
 */
struct process {
    int pid;
    char stack[8188];
};

static volatile struct process proc[4];
static volatile char gap[4096];
static volatile int counter;

int main(void)
{
    static volatile char inside[3][4096];

    proc[2].pid = 3;         /* touch proc[2].pid */
    proc[0].stack[4092] = 1; /* touch proc[0].stack[4092] */
    counter = 1;             /* touch counter */
    inside[1][100] = 1;      /* touch inside[1][100] */
    return gap[0];
}
