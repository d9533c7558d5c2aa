/* Templates of sentences; see words.h. */
#include "view/words.h"

#include <stdio.h>
#include <string.h>

static const char *const en[WORDS] = {
    [WORDS_PAGE_OF] = "the page of {name}",
    [WORDS_AREA] = "a page of its {area}",
    [WORDS_KERNEL] = "The kernel, for {who},",
    [WORDS_STORES_VALUE] = "{who} stores {stored} to {what}",
    [WORDS_STORES] = "{who} stores to {what}",
    [WORDS_LOADS] = "{who} loads {what}",
    [WORDS_GOES] = "{who} goes to {what}",
    [WORDS_FAULT_SHARED] =
        "{act}. Shared with {other}, read-only since the fork: page fault.",
    [WORDS_FAULT_MAP] =
        "{act}. The page table does not allow that: page fault.",
    [WORDS_FAULT_STILL] = "{act}. Still read-only since the fork: page fault.",
    [WORDS_COPY] = "The kernel copies frame {old} to frame {new} for {who}, "
                   "which may write now. {other} keeps {old}.",
    [WORDS_COPY_ALONE] = "The kernel copies frame {old} to frame {new} for "
                         "{who}, which may write now.",
    [WORDS_REUSE] = "Nobody else uses frame {new} any more: {who} may write "
                    "again, and nothing is copied.",
    [WORDS_MAP] = "The kernel maps frame {new} there: {who} goes on.",
    [WORDS_FENCE] = "The fence empties the TLB of what it knew of {what}.",
    [WORDS_FENCE_NOTHING] = "The fence finds nothing of {what} in the TLB.",
    [WORDS_STORE] = "The store runs again and goes through{sees}.",
    [WORDS_LOAD] = "The load runs again and goes through{sees}.",
    [WORDS_AGAIN] = "The access runs again and goes through{sees}.",
    [WORDS_WRITE] = "{who} stores to {what}{sees}.",
    [WORDS_SEES] = ": {who} sees {value}",
    [WORDS_SEES_TOO] = ", {who} sees {value}",
    [WORDS_FORK] =
        "{other} forks {who}. Nothing is copied: both use the same {shared} "
        "frames; {lost} writable pages lose W on both sides.",
    [WORDS_FORK_ONE] =
        "{other} forks {who}. Nothing is copied: both use the same {shared} "
        "frames; {lost} writable page loses W on both sides.",
    [WORDS_BEGINS] = "{who} begins.",
    [WORDS_RUN_BEGINS] = "The run begins.",
    [WORDS_WAITS] = "{event} after: the hart waits.",
    [WORDS_PROGRAM] = "{event} after: the program runs.",
    [WORDS_KERNEL_RUNS] = "{event} after: the kernel runs.",
    [WORDS_FIRMWARE] = "{event} after: the firmware runs.",
};

static const char *const zh[WORDS] = {
    [WORDS_PAGE_OF] = "{name} 所在的页",
    [WORDS_AREA] = "它的 {area} 页",
    [WORDS_KERNEL] = "内核为 {who}",
    [WORDS_STORES_VALUE] = "{who} 把 {stored} 写入 {what}",
    [WORDS_STORES] = "{who} 写入 {what}",
    [WORDS_LOADS] = "{who} 读取 {what}",
    [WORDS_GOES] = "{who} 执行到 {what}",
    [WORDS_FAULT_SHARED] =
        "{act}。该页与 {other} 共享，fork 之后只读：缺页异常。",
    [WORDS_FAULT_MAP] = "{act}。页表不允许：缺页异常。",
    [WORDS_FAULT_STILL] = "{act}。fork 之后仍是只读：缺页异常。",
    [WORDS_COPY] = "内核为 {who} 把物理页帧 {old} 复制到 "
                   "{new}，它现在可以写。{other} 仍用 {old}。",
    [WORDS_COPY_ALONE] =
        "内核为 {who} 把物理页帧 {old} 复制到 {new}，它现在可以写。",
    [WORDS_REUSE] =
        "已经没有别人使用物理页帧 {new}：{who} 又可以写，不必复制。",
    [WORDS_MAP] = "内核在那里映射物理页帧 {new}：{who} 继续运行。",
    [WORDS_FENCE] = "sfence.vma 从 TLB 中清除 {what} 的旧表项。",
    [WORDS_FENCE_NOTHING] = "sfence.vma 执行时 TLB 中没有 {what} 的表项。",
    [WORDS_STORE] = "写指令重新执行并成功{sees}。",
    [WORDS_LOAD] = "读指令重新执行并成功{sees}。",
    [WORDS_AGAIN] = "访问重新执行并成功{sees}。",
    [WORDS_WRITE] = "{who} 写入 {what}{sees}。",
    [WORDS_SEES] = "：{who} 看到 {value}",
    [WORDS_SEES_TOO] = "，{who} 看到 {value}",
    [WORDS_FORK] = "{other} fork 出 {who}。没有复制：双方共用 {shared} "
                   "个物理页帧；{lost} 个可写页在双方都失去 W。",
    [WORDS_FORK_ONE] = "{other} fork 出 {who}。没有复制：双方共用 {shared} "
                       "个物理页帧；{lost} 个可写页在双方都失去 W。",
    [WORDS_BEGINS] = "{who} 开始运行。",
    [WORDS_RUN_BEGINS] = "运行开始。",
    [WORDS_WAITS] = "{event} 之后：hart 在等待。",
    [WORDS_PROGRAM] = "{event} 之后：程序在运行。",
    [WORDS_KERNEL_RUNS] = "{event} 之后：内核在运行。",
    [WORDS_FIRMWARE] = "{event} 之后：固件在运行。",
};

const char *words_template(enum rvemu_lang lang, enum words row)
{
    return (lang == RVEMU_LANG_ZH ? zh : en)[row];
}

/* The fact that {name} of so many bytes stands for; "": there is none. */
static const char *find(const struct words_fact *fact, const char *name,
                        size_t length)
{
    for (; fact->name; fact++)
        if (strlen(fact->name) == length && !strncmp(fact->name, name, length))
            return fact->text;
    return "";
}

void words_write(char *out, size_t size, enum rvemu_lang lang, enum words row,
                 const struct words_fact *facts)
{
    const char *at = words_template(lang, row);
    size_t to = 0;

    out[0] = '\0';
    while (*at && to + 1 < size) {
        size_t length = strcspn(at, "{");

        if (*at == '{') {
            length = strcspn(at, "}");
            to += (size_t)snprintf(out + to, size - to, "%s",
                                   find(facts, at + 1, length - 1));
            at += length + 1;
        } else {
            to +=
                (size_t)snprintf(out + to, size - to, "%.*s", (int)length, at);
            at += length;
        }
    }
}
