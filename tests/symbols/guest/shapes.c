/*
 * Variables of many types, and functions of many lines: what each address in
 * here is called is judged by others (suite.py).
 */
#include "shapes.h"

int counter = 1;
static volatile long hidden = 2;
int table[8] = {1};
int matrix[2][3] = {{1}};
row rows[4] = {{1}};
struct process proc[4] = {{1}};
struct point origin = {1, 2};
fixed answer = 42;
char *text = "text";
int zeroed[5];

static int count_calls(int by)
{
    static int calls = 5;

    {
        static int inner[2] = {6, 7};

        inner[by & 1]++;
    }
    calls += by;
    return calls;
}

int never_called(int x)
{
    return x + 1;
}

static int spread(int x)
{
    int sum = 0;

    for (int i = 0; i < x; i++) {
        if (i & 1)
            sum += squared(i);
        else
            sum -= table[i & 7];
        sum ^= matrix[i & 1][i % 3];
    }
    return sum;
}

int main(void)
{
    int sum = 0;

    for (int i = 0; i < 10; i++)
        sum += count_calls(i) + spread(i);
    zeroed[2] = sum;
    proc[2].pid = library_sum(table, 8);
    proc[1].at[1].y = rows[1][2] + origin.x;
    hidden += answer;
    return sum + counter + (int)hidden + *text + proc[0].either.number;
}
