/*
 * Machine times as people write them, exactly: what stands behind the point is
 * added digit by digit, so that no time is rounded but one with fractions of a
 * ns.
 */
#include <rvemu/trace.h>

#include <stdbool.h>
#include <string.h>

/* How many ns the unit is, 0: there is none. */
static uint64_t unit_of(const char *text)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {
        {"", 1}, {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (!strcmp(text, units[i].name))
            return units[i].ns;
    return 0;
}

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

int rvemu_time_read(const char *text, uint64_t *time)
{
    const char *point, *end = text;
    uint64_t whole = 0, scale;

    for (; is_digit(*end); end++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(*end - '0'), &whole))
            return -1;
    point = end;
    if (*point == '.')
        for (end++; is_digit(*end);)
            end++;
    scale = unit_of(end);
    if (point == text || !scale || __builtin_mul_overflow(whole, scale, &whole))
        return -1;
    if (*point == '.')
        for (point++; is_digit(*point) && (scale /= 10); point++)
            if (__builtin_add_overflow(whole, (uint64_t)(*point - '0') * scale,
                                       &whole))
                return -1;
    *time = whole;
    return 0;
}
