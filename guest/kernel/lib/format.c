/* Formatted text; see format.h. */
#include "lib/format.h"

#include "lib/string.h"

struct out {
    char *buf;
    size_t size;
    size_t len;
};

struct spec {
    bool left;
    bool zero;
    bool wide;
    int width;
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size)
        o->buf[o->len] = c;
    o->len++;
}

static void put_padded(struct out *o, const struct spec *sp, const char *s,
                       int len)
{
    int pad = sp->width - len;

    if (!sp->left) {
        while (pad-- > 0)
            put(o, sp->zero ? '0' : ' ');
    }
    while (len--)
        put(o, *s++);
    if (sp->left) {
        while (pad-- > 0)
            put(o, ' ');
    }
}

static void put_number(struct out *o, const struct spec *sp, u64 value,
                       unsigned base, bool negative)
{
    char digits[24];
    int at = sizeof(digits);

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative)
        digits[--at] = '-';
    put_padded(o, sp, digits + at, (int)sizeof(digits) - at);
}

static const char *parse_spec(const char *fmt, struct spec *sp)
{
    *sp = (struct spec){0};
    for (;; fmt++) {
        if (*fmt == '-')
            sp->left = true;
        else if (*fmt == '0')
            sp->zero = true;
        else
            break;
    }
    for (; *fmt >= '0' && *fmt <= '9'; fmt++)
        sp->width = sp->width * 10 + (*fmt - '0');
    for (; *fmt == 'l' || *fmt == 'z'; fmt++)
        sp->wide = true;
    return fmt;
}

static void put_signed(struct out *o, const struct spec *sp, i64 value)
{
    put_number(o, sp, value < 0 ? -(u64)value : (u64)value, 10, value < 0);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct out o = {buf, size, 0};
    struct spec sp;
    const char *s;
    char c;

    for (; *fmt; fmt++) {
        if (*fmt != '%') {
            put(&o, *fmt);
            continue;
        }
        fmt = parse_spec(fmt + 1, &sp);
        switch (*fmt) {
        case 'd':
            put_signed(&o, &sp, sp.wide ? va_arg(ap, i64) : va_arg(ap, int));
            break;
        case 'u':
        case 'x':
            put_number(&o, &sp,
                       sp.wide ? va_arg(ap, u64) : va_arg(ap, unsigned),
                       *fmt == 'x' ? 16 : 10, false);
            break;
        case 'p':
            put(&o, '0');
            put(&o, 'x');
            put_number(&o, &sp, (u64)va_arg(ap, void *), 16, false);
            break;
        case 's':
            s = va_arg(ap, const char *);
            put_padded(&o, &sp, s, (int)strlen(s));
            break;
        case 'c':
            c = (char)va_arg(ap, int);
            put_padded(&o, &sp, &c, 1);
            break;
        default: put(&o, *fmt); break;
        }
    }
    if (size)
        buf[o.len < size ? o.len : size - 1] = 0;
    return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return len;
}
