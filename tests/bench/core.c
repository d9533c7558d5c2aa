/*
 * The usual integer work of a small program, in four parts that a round goes
 * through one after another: a linked list that is sorted, searched and
 * reversed; a matrix product; a state machine that reads numbers from text;
 * and a checksum of all that, bit by bit.
 */
#include "bench.h"

#define ROUNDS 5000
#define NODES 200
#define SIZE 20
#define WANTED 0x10ca

struct node {
    struct node *next;
    i16 key, value;
};

static struct node nodes[NODES];
static i16 left[SIZE][SIZE], right[SIZE][SIZE];
static i32 product[SIZE][SIZE];
static const char text[] =
    "12,-7,+0x1f,3.25e4,abc,99e-2,0,--1,4.,.5,1e,+77,0xzz,123456,-.75e+3,";

static u16 crc16(u16 crc, u32 value, unsigned bits)
{
    for (unsigned i = 0; i < bits; i++) {
        bool odd = (crc ^ value) & 1;

        crc >>= 1;
        value >>= 1;
        if (odd)
            crc ^= 0xa001;
    }
    return crc;
}

static struct node *make_list(u32 seed)
{
    for (u32 i = 0; i < NODES; i++) {
        seed = seed * 1103515245 + 12345;
        nodes[i].key = (i16)(seed >> 16);
        nodes[i].value = (i16)i;
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
    }
    return nodes;
}

static struct node *merge(struct node *a, struct node *b)
{
    struct node head, *tail = &head;

    while (a && b) {
        struct node **least = a->key <= b->key ? &a : &b;

        tail->next = *least;
        tail = *least;
        *least = tail->next;
    }
    tail->next = a ? a : b;
    return head.next;
}

static struct node *sort(struct node *list)
{
    struct node *middle = list, *end, *second;

    if (!list || !list->next)
        return list;
    for (end = list->next; end && end->next; end = end->next->next)
        middle = middle->next;
    second = middle->next;
    middle->next = NULL;
    return merge(sort(list), sort(second));
}

static struct node *reverse(struct node *list)
{
    struct node *done = NULL;

    while (list) {
        struct node *rest = list->next;

        list->next = done;
        done = list;
        list = rest;
    }
    return done;
}

static const struct node *find(const struct node *list, i16 value)
{
    while (list && list->value != value)
        list = list->next;
    return list;
}

static u16 work_list(u32 round, u16 crc)
{
    struct node *list = reverse(sort(make_list(round)));

    for (i16 wanted = 0; wanted < NODES; wanted += 16) {
        const struct node *found = find(list, wanted);

        crc = crc16(crc, (u16)found->key, 16);
    }
    return crc;
}

static u16 work_matrix(u32 round, u16 crc)
{
    for (u32 i = 0; i < SIZE; i++) {
        for (u32 j = 0; j < SIZE; j++) {
            left[i][j] = (i16)(i * round + j);
            right[i][j] = (i16)(j * round ^ i);
        }
    }
    for (u32 i = 0; i < SIZE; i++) {
        for (u32 j = 0; j < SIZE; j++) {
            i32 sum = 0;

            for (u32 k = 0; k < SIZE; k++)
                sum += left[i][k] * right[k][j];
            product[i][j] = sum;
        }
    }
    for (u32 i = 0; i < SIZE; i++)
        crc = crc16(crc, (u32)product[i][SIZE - 1 - i], 32);
    return crc;
}

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, POWER, BAD };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static enum state advance(enum state state, char c)
{
    switch (state) {
    case START:
        if (c == '+' || c == '-')
            return SIGN;
        /* fall through */
    case SIGN: return is_digit(c) ? INTEGER : c == '.' ? POINT : BAD;
    case INTEGER:
        if (c == '.')
            return FRACTION;
        return is_digit(c) ? INTEGER : c == 'e' ? EXPONENT : BAD;
    case POINT: return is_digit(c) ? FRACTION : BAD;
    case FRACTION: return is_digit(c) ? FRACTION : c == 'e' ? EXPONENT : BAD;
    case EXPONENT: return is_digit(c) || c == '+' || c == '-' ? POWER : BAD;
    case POWER: return is_digit(c) ? POWER : BAD;
    default: return BAD;
    }
}

static u16 work_text(u32 round, u16 crc)
{
    u32 count[BAD + 1] = {0};
    enum state state = START;

    for (u32 pass = 0; pass < 8; pass++) {
        for (const char *at = text; *at; at++) {
            char c = *at;

            if (c == ',') {
                count[state]++;
                state = START;
            } else {
                state = advance(state, (char)(c ^ ((round + pass) % 7 == 0)));
            }
        }
    }
    for (u32 i = 0; i <= BAD; i++)
        crc = crc16(crc, count[i], 16);
    return crc;
}

bool bench_main(void)
{
    u16 crc = 0xffff;

    for (u32 round = 0; round < ROUNDS; round++) {
        crc = work_list(round, crc);
        crc = work_matrix(round, crc);
        crc = work_text(round, crc);
    }
    return bench_result(crc, WANTED);
}
