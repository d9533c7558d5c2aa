/*
 * Plain data: structs that hold guest state.
 *
 * A struct between PLAIN_BEGIN and PLAIN_END has no padding: the compiler
 * refuses it otherwise. So two of them with equal members have equal bytes,
 * and state can be copied, compared and hashed as bytes. That no pointer is
 * among the members has to be seen to by whoever writes them.
 */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#define PLAIN_PRAGMA(text) _Pragma(#text)
#define PLAIN_BEGIN                   \
    PLAIN_PRAGMA(GCC diagnostic push) \
    PLAIN_PRAGMA(GCC diagnostic error "-Wpadded")
#define PLAIN_END PLAIN_PRAGMA(GCC diagnostic pop)

#endif
