/*
 * The sentences in Chinese (simplified): the templates of the rows in
 * sentences.def, in the words of Chinese textbooks on operating systems.
 *
 * Names of spaces end in a Latin letter, a digit or a parenthesis, and so have
 * a space behind them.
 */
#include "analysis/sentences.h"

const char *const sentences_zh[SENTENCES] = {
    [SAY_NOTHING] = "",
    [SAY_FORK] = "*{other} fork 出{who}。*{copied}{protection}{open}",
    [SAY_FORK_ORPHAN] =
        "已消失的{other} *曾 fork 出{who}。*{copied}{protection}{open}",
    [SAY_FORK_UNBORN] =
        "*{other} fork 出{who}*，但它还没有运行就结束了。{copied}{protection}",
    [SAY_FORK_ALIKE] = "{others} 个无法区分的地址空间之一 *fork "
                       "出{who}。*{copied}{protection}",
    [SAY_MOVED] = "*{who} 从{other} 的 ecall 之后开始运行*，就像 fork "
                  "出的子进程那样。{copied}{protection}{open}",
    [SAY_EXEC] = "{ending}解除映射 {pages} 页{given_up}。",
    [SAY_END] = "*{who} 结束：*解除映射 {pages} 页{given_up}。",
    [SAY_COPY] =
        "{act}。{shared_with}，所以 "
        "W=0，触发缺页异常。*内核{written}把它复制到 {frame}*{tail}，归{who} "
        "使用（{old_permissions} → {permissions}）；{keeps}。",
    [SAY_COPY_UNSEEN] =
        "{act}。W=0，触发缺页异常。*内核{written}把它复制到 "
        "{frame}*{tail}，归{who} "
        "使用（{old_permissions} → "
        "{permissions}）；运行过的其他空间都没有映射 {old}{hint}。",
    [SAY_COPY_CALL] = "{act}。{shared_with}，所以内核自己写也会缺页：*复制到 "
                      "{frame}*{tail}；{keeps}。",
    [SAY_COPY_CALL_UNSEEN] =
        "{act}。W=0，所以内核自己写也会缺页：*复制到 "
        "{frame}*{tail}；运行过的其他空间都没有映射 {old}{hint}。",
    [SAY_COPY_SILENT] =
        "{gives}*单独复制一份*，没有经过缺页异常：{old} 复制到 "
        "{frame}（{old_permissions} → {permissions}）；{keeps}{hint}。",
    [SAY_REUSE] = "{act}。fork 之后 W 一直是 0，但已经没有谁共享 "
                  "{frame}：*不必复制，恢复 W=1*。",
    [SAY_REUSE_UNSHARED] =
        "{act}。该页曾被取消 W，而运行过的其他空间都没有映射 "
        "{frame}：*不必复制，恢复 W=1*。",
    [SAY_REUSE_SILENT] = "{gives}*恢复 W=1*，没有经过缺页异常：已经没有谁共享 "
                         "{frame}，也没有复制。",
    [SAY_BROKEN] =
        "{act}。*没有复制就恢复 W=1*{written}，可是{sharers} {frame}：{sees}。",
    [SAY_BROKEN_UNSEEN] =
        "{act}。*没有复制就恢复 W=1*{written}，而{sharers} {frame}。",
    [SAY_BROKEN_SILENT] =
        "{gives}*没有复制就恢复 W=1*，可是{sharers} {frame}：{sees}。",
    [SAY_BROKEN_SILENT_UNSEEN] =
        "{gives}*没有复制就恢复 W=1*，而{sharers} {frame}。",
    [SAY_TEXT_OPENED] =
        "{act}。该页权限是 {old_permissions}，并非由 fork "
        "造成，这不是写时复制。*内核{written}仍然设置 W=1*（{permissions}）。",
    [SAY_GIVEN_AGAIN] =
        "{act}：{reason}。*内核{written}映射 "
        "{frame}*{tail}（{permissions}）：同一个物理页帧又被分配了一次。",
    [SAY_GIVEN_SILENT] =
        "在{who} 的 {at}{area} 处，*内核{by}映射 "
        "{frame}*{tail}（{permissions}）：同一个物理页帧又被分配了一次。",
    [SAY_TABLE_IN_USE] =
        "*内核把 {frame} "
        "用作页表*，可是{used_by}它：同一个物理页帧又被分配了一次。",
    [SAY_PRIVATE_COPY] =
        "{act}。W=0，但并非由 fork 造成：触发缺页异常。*内核把 {old} 复制到 "
        "{frame}*，归{who} 使用（{old_permissions} → {permissions}）。",
    [SAY_KERNEL_COPY] =
        "{act}。W=0：触发缺页异常。*结果是复制* {old}，得到 "
        "{frame}（{old_permissions} → {permissions}）。这是内核自己的页。",
    [SAY_MOVED_PAGE] =
        "*内核{by}把{who} 的 {at}{area} 搬走*：从 {old} 换到内容相同的副本 "
        "{frame}（{old_permissions} → {permissions}）。",
    [SAY_MERGED] =
        "*内核{by}让{who} 的 {at}{area} 与{other} 共用 {frame}*：它与 {old} "
        "内容相同（{old_permissions} → {permissions}）。",
    [SAY_REPLACED] = "{act}：{reason}。*内核{written}在那里映射 "
                     "{frame}*，取代内容不同的 {old}（{permissions}）。",
    [SAY_FIRST_TOUCH] =
        "{act}：那里还没有映射。*内核映射 {frame}*（{permissions}）{tail}。",
    [SAY_ALLOWED] = "{act}：{reason}。*内核予以放行*（{old_permissions} → "
                    "{permissions}）；仍是 {frame}。",
    [SAY_FAULT] = "{act}：{reason}。*缺页异常。*",
    [SAY_SPURIOUS] = "{act}：{reason}。*重试该指令，页表项无需改动*{tail}。",
    [SAY_CHANGED] = "{act}：{reason}。*内核修改页表项*，从 {old} "
                    "{old_permissions} 改为 {frame} {permissions}。",
    [SAY_REFUSED] = "{act}：{reason}。*内核拒绝这次访问{tail}*",
    [SAY_REFUSED_NULL] =
        "{act}，这是空指针：{reason}。*内核拒绝这次访问{tail}*",
    [SAY_REFUSED_NO_COW] = "{act}。该页权限是 {old_permissions}，并非由 fork "
                           "造成，这不是写时复制。*内核拒绝这次访问{tail}*",
    [SAY_STALE_REFUSAL] =
        "{act}。页表允许这次访问，*但 hart 按旧的 TLB "
        "表项拒绝了它：修改页表{written}后没有执行 sfence.vma*。",
    [SAY_REMEMBERED] = "{act}。页表允许这次访问，*但 hart "
                       "记得该页表项无效{tail}：缺少一次 sfence.vma*。",
    [SAY_STALE_SHARED] =
        "{act}，*用的是旧的 TLB 表项*。{since_when}页表中的权限是 "
        "{permissions}{written}，但{missing}。"
        "既无缺页，也无复制：{sees}。",
    [SAY_STALE_RIGHTS] = "{act}，*用的是旧的 TLB 表项*。页表中的权限现在是 "
                         "{permissions}{written}，但{missing}：没有缺页。",
    [SAY_STALE_FRAME] =
        "{act}，*用的是旧的 TLB 表项*，因此访问到 {old}。页表中现在是 {frame} "
        "{permissions}{written}，但{missing}。",
    [SAY_STALE_ABSENT] =
        "{act}，*用的是旧的 TLB 表项*，因此访问到 "
        "{old}。页表现在在那里没有映射{written}，但{missing}。",
    [SAY_STALE_TEXT] =
        "{act}，*用的是旧的 TLB 表项*：代码位于 {old}，页表在那里已经没有映射"
        "{written}。一旦该表项失效（例如执行 sfence.vma），就会触发缺页异常。",
    [SAY_STALE_SPACE] =
        "{act}，*用的是 {other} 的 TLB 表项*，因此访问到 {old}。satp 中已是另一"
        "个根页表{written}，但 ASID 同为 {asid}：{missing}。",
    [SAY_MAY_RIGHTS] = "{act}。*hart 仍可能按页表原来的内容行事*：页表中的权限"
                       "现在是 {permissions}{written}，但{missing}。",
    [SAY_MAY_FRAME] = "{act}。*hart 仍可能访问到 {old}*：页表中现在是 {frame} "
                      "{permissions}{written}，但{missing}。",
    [SAY_MAY_ABSENT] =
        "{act}。*hart 仍可能访问到 {old}*：页表现在在那里没有映射"
        "{written}，但{missing}。",
    [SAY_MAY_SPACE] =
        "{act}。*hart 仍可能访问到 {old}，即 {other} 在那里映射的"
        "页帧*：satp 中已是另一个根页表{written}，但 ASID 同为 {asid}："
        "{missing}。",
    [SAY_STALE_CODE] =
        "{pc} 处的代码{by}正在执行，*但在该 hart 上一次 fence.i "
        "之后被修改过{changed}{written}*：该 hart 可能仍保有修改前的内容，"
        "{missing}。",
    [SAY_MAY_GIVEN] =
        "*{frame} 被再次分配*{written}，而某个 hart 可能仍能在 {who} 的 "
        "{at}{area} 访问它：{missing}。",
    [SAY_WRONG_COPY] =
        "{act}。fork 使 W=0：缺页。*内核{written}映射了 {frame}，"
        "它不是 {old} 的副本*（{old_permissions} → {permissions}）："
        "{who} 在那里的内容丢失了。",
    [SAY_ALIAS] =
        "{act}，*用的是内核自己对 {frame} 的映射*{tail}。{shared_with}（"
        "写时复制）：既无缺页，也无复制，{sees}。{hint}",
    [SAY_ALIAS_FREE] =
        "*内核{by}把 {frame} 当作空闲页帧写入*{tail}，用的是内核自己的映射，"
        "可是{who} 在 {at}{area} 映射着它，{sharers}它：它们会看到写入的内容。",
    [SAY_LOOP] = "{act}：{reason}。*{tail}，其间没有任何变化：这是死循环。*",
    [SAY_OPEN] = "{act}：{reason}。*{tail}*",
    [SAY_FREED_MAPPED] = "{who} 运行时在 {at} 仍映射着 {frame}，"
                         "*而它在映射期间已被释放*：释放于 {freed_in}{tail}。",
    [SAY_MAPPED_FREE] = "{who} 运行时在 {at} 映射着 {frame}，*而它是空闲的*："
                        "它在 {freed_in} 释放之后才被映射。",
    [SAY_FREED_TABLE] = "{who} 运行时有一个页表位于 {frame}，"
                        "*而它是空闲的*：释放于 {freed_in}。",
    [SAY_FREED_TWICE] = "*{frame} 被释放两次*：先在 {freed_in}，又在 "
                        "{done_in}。",
    [SAY_LOST_FRAMES] = "*从未释放*：在 {taken_in} 分配的 {pages} "
                        "个物理页帧，已无人映射{tail}。",
    [SAY_LOST_TABLES] = "*从未释放*：在 {taken_in} 分配的 {pages} "
                        "个页表，已不属于任何地址空间{tail}。",
    [SAY_TOTAL_FRAMES] = "*物理页帧总计*：分配 {taken} 个，收回 {freed} "
                         "个；物理页帧方面有 {mistakes} 处错误{hint}{tail}。",
    [SAY_TOTAL_NO_FRAMES] = "*没有看到任何物理页帧被分配*："
                            "分配器的函数未被调用，或被内联。",
    [SAY_FAILED] = "*解说到此为止：内存不足。*",
    [SAY_WOVEN] = "*解说到此为止：页表以过多的途径通向相同的页。*",
    [SAY_TOTAL] =
        "*写时复制总计*：{forks} 次 fork 共享了 {shared} 页，其中 "
        "{protected} 页被写保护；之后的写入复制了 {copies} "
        "页{stored}{of_these}，另有 {reuses} 次发现该页已归自己独有{tail}。",
    [SAY_TOTAL_STORES] =
        "*写时复制总计*：写入复制了 {copies} 页{stored}{of_these}，另有 "
        "{reuses} "
        "次发现该页已归自己独有；没有看到任何 fork 的双方都继续运行{tail}。",
    [SAY_KIB] = "（{bytes} KiB）",
    [SAY_TOTAL_FORK] =
        "  {other} -> {who}：共享 {shared} 页，写保护 {protected} 页，复制 "
        "{copies} 页，保留 {reuses} 页{tail}",
    [SAY_TOTAL_COPIES] = "  其中 {copies} 页在复制时已不被任何已见的 fork 共享",
    [SAY_TOTAL_EAGER] =
        "*不用写时复制的 fork 总计*：{forks} 次，子进程自己的页共 {own} 页。",
    [SAY_TOTAL_NONE] = "*没有观察到写时复制。*",
    [SAY_TOTAL_LIVE] =
        "结束时还有：{roots} 个地址空间，映射 {mappings} 个用户页，占用 "
        "{frames} 个物理页帧，其中 {shared} 个是共享的。",
    [SAY_TOTAL_STALE] =
        "*地址转换总计*：{certain} 次使用了旧的转换，{may} 次可能用到 hart "
        "仍保留"
        "的旧转换；另有 {windows} 次，栅栏及时到来；{harmless} "
        "个旧转换没有影响；"
        "{possible} 个页帧在 hart 可能仍保留旧转换时又被分配{tail}。",
    [SAY_UNJUDGED] = "；另有 {unjudged} 个因空间不足未作判断",
    [SAY_TOTAL_CHECK] = "*--check {check} 总计*：{certain} "
                        "处错误，{possible} 处可能的错误{tail}。",
    [SAY_CHECK_TLB] = "tlb",
    [SAY_CHECK_COW] = "cow",
    [SAY_CHECK_REFS] = "refs",
    [SAY_CHECK_UAF] = "uaf",
    [SAY_CHECK_ICACHE] = "icache",
    [SAY_IN_WINDOWS] = "；另有 {windows} 处在窗口内，fence.i 及时结束了它",
    [SAY_FRAMES_UNKNOWN] = "；没有 --frames 就不知道内核释放了什么",
    [SAY_POSSIBLY] = "可能：",
    [SAY_CHANGED_DEVICE] = "（由设备）",
    [SAY_MISSING_I] = "之后没有执行 fence.i",
    [SAY_MISSING_I_HART] = "{fence}fence.i 是在另一个 hart 上执行的",
    [SAY_FENCE_LINE] = "{fence_line} 处的 ",
    [SAY_FENCE_FUNCTION] = "{fence_function} 中的 ",
    [SAY_FENCE_BOTH] = "{fence_function}（{fence_line}）中的 ",
    [SAY_MISSING] = "之后没有执行 sfence.vma",
    [SAY_MISSING_HART] = "{fence}sfence.vma 是在另一个 hart 上执行的",
    [SAY_MISSING_VA] = "{fence}sfence.vma 指定的是别的地址",
    [SAY_MISSING_ASID] = "{fence}sfence.vma 指定的是别的 ASID",
    [SAY_MISSING_GLOBAL] = "{fence}sfence.vma 指定了 ASID，因而不包括全局页",
    [SAY_MISSING_LEVEL] = "{fence}sfence.vma 指定了地址，因而不包括指"
                          "向下级页表的页表项",
    [SAY_MISSING_BRACKETS] =
        "{fence}sinval.vma 前缺少 sfence.w.inval 或其后缺少 "
        "sfence.inval.ir",
    [SAY_MISSING_EARLY] = "{fence}sfence.vma 在修改之前执行，之后没有再执行",
    [SAY_TOTAL_UNTOLD] = "因过滤或暂停而未说出：{untold} 行。总计仍包含全部。",

    [SAY_SPACE] = "地址空间 {number}",
    [SAY_SPACE_NAMED] = "地址空间 {number} ({program})",
    [SAY_SPACE_PID] = "进程 {pid}",
    [SAY_SPACE_PROGRAM] = "进程 {pid} ({program})",
    [SAY_SPACE_ALIKE] = "{others} 个地址空间之一",
    [SAY_SPACE_UNKNOWN] = "某个未知的地址空间",

    [SAY_COPIED_NOTHING] =
        "什么也没有复制：双方使用相同的 {shared} 个物理页帧。",
    [SAY_COPIED_SOME] =
        "双方使用相同的 {shared} 个物理页帧；另有 {own} 页{who} 用自己的。",
    [SAY_COPIED_ALL] = "什么也没有共享：{own} 页全部是{who} 自己的物理页帧。",
    [SAY_COPIED_EMPTY] = "{who} 还没有映射任何页。",
    [SAY_BRIEF_NOTHING] = "共享 {shared} 个物理页帧",
    [SAY_BRIEF_SOME] = "共享 {shared} 个物理页帧，另有 {own} 页{who} 用自己的",
    [SAY_LOST_NOW] = "其中 {lost} 页原本可写；双方在这些页上都失去 "
                     "W，因此对每一页的第一次写入都会触发缺页异常。",
    [SAY_LOST_SOME] = "其中 {lost} 页原本可写；双方在这些页上都失去 "
                      "W，因此对每一页的第一次写入都会触发缺页异常。另有 "
                      "{before} 页此前已失去 W。",
    [SAY_LOST_BEFORE] = "其中 {protected} 页原本可写；双方都是 "
                        "W=0，因此对每一页的第一次写入都会触发缺页异常。",
    [SAY_BRIEF_LOST_NOW] = "；{lost} 页失去 W。",
    [SAY_BRIEF_LOST_SOME] = "；{lost} 页失去 W，另有 {before} 页此前已失去。",
    [SAY_BRIEF_LOST_BEFORE] = "；{protected} 页此前已失去 W。",
    [SAY_OPEN_PARENT] =
        "有 {open_parent} 页{other} *仍然可写，{who} 会看到写入的内容*{tail}。",
    [SAY_OPEN_CHILD] =
        "有 {open_child} 页{who} *可写，{other} 会看到写入的内容*{tail}。",
    [SAY_OPEN_BOTH] =
        "有 {open_both} 页*双方都可写，彼此会看到写入的内容*{tail}。",
    [SAY_GIVEN_UP] = "；其中 {alone} 个物理页帧现在只剩一个地址空间在映射",

    [SAY_EXECS] = "*{who} 执行 exec*，以{other} 的身份在新的地址空间中从 {pc} "
                  "处继续运行：原来的地址空间",
    [SAY_ENDS_FOR] = "*{who} 在自己的系统调用中结束*，该 hart 转到新的{other}，"
                     "从 {pc} 处继续运行，就像 exec 之后那样：",
    [SAY_ACT] = "{who} {does} {at}{where}{beside}",
    [SAY_ACT_CALL] =
        "在{who} 的系统调用中，内核{by}{does}{its} {at}{area}{beside}",
    [SAY_ACT_KERNEL] =
        "在{who} 的系统调用中，内核{by}{does} {at}{area}{beside}",
    [SAY_ACT_PAGE] = "内核{by}{does}{who} 的 {at}{area}{beside}",
    [SAY_ACT_ALONE] = "内核{by}{does} {at}{area}",
    [SAY_GIVES_CALL] = "在{who} 的系统调用中，内核{by}为它的页 {at}{area} ",
    [SAY_GIVES] = "内核{by}为 {at}{area}（属于{who}）",
    [SAY_FETCHES] = "取指访问",
    [SAY_LOADS] = "读取",
    [SAY_STORES] = "写入",
    [SAY_CACHES] = "以缓存操作访问",
    [SAY_JUMPS] = "跳转到",
    [SAY_STORES_INTO] = "写入",
    [SAY_ITS_PAGE] = "它的页",
    [SAY_ITS] = "它的",
    [SAY_AT] = "{va}",
    [SAY_AT_ADDRESS] = "地址 {va}",
    [SAY_AT_NAME] = "`{name}`",
    [SAY_BESIDE] = "（`{neighbour}` 也在这一页）",
    [SAY_WHERE_AREA] = "（{kind}）",
    [SAY_WHERE_SOURCE] = "（{source}）",
    [SAY_WHERE_AREA_LINE] = "（{kind}），代码在 {line}",
    [SAY_WHERE_AREA_FUNCTION] = "（{kind}），代码在 {function} 中",
    [SAY_SOURCE_LINE] = "{line}",
    [SAY_SOURCE_FUNCTION] = "在 {function} 中",
    [SAY_SOURCE_BOTH] = "{function}，{line}",
    [SAY_WRITTEN_LINE] = "（{writer}）",
    [SAY_WRITTEN_FUNCTION] = "（在 {writer_function} 中）",
    [SAY_WRITTEN_BOTH] = "（{writer_function}，{writer}）",
    [SAY_AREA] = "",
    [SAY_AREA_TEXT] = "代码段",
    [SAY_AREA_RODATA] = "只读数据段",
    [SAY_AREA_DATA] = "数据段",
    [SAY_AREA_HEAP] = "堆",
    [SAY_AREA_STACK] = "栈",
    [SAY_AREA_MMAP] = "mmap 区域",

    [SAY_SHARED_ONE] = "该页与{other} 共享",
    [SAY_SHARED_MANY] = "该页与另外 {others} 个地址空间共享",
    [SAY_KEEPS_ONE] = "{other} 保留 {old}",
    [SAY_KEEPS_MANY] = "其余地址空间保留 {old}",
    [SAY_KEEPS_UNSEEN] = "运行过的其他空间都没有映射 {old}",
    [SAY_SHARER_ONE] = "{other} 也映射着",
    [SAY_SHARER_MANY] = "另外 {others} 个地址空间也映射着",
    [SAY_SEES_ONE] = "{other} 会看到写入的内容",
    [SAY_SEES_MANY] = "它们会看到写入的内容",
    [SAY_USED_ONE] = "{user} 也映射着",
    [SAY_USED_MANY] = "另外 {users} 个地址空间也映射着",
    [SAY_MAPPED_SHARED] = "，而{used_by}它",
    [SAY_USED_INSIDE] = "，而{used_by}它",
    [SAY_ENDS] = "：{who} 结束。",
    [SAY_GOES_ON] = "：{who} 转到 {pc} 处继续运行。",
    [SAY_GOES_ON_IN] = "：{who} 转到 `{target}` 中继续运行。",
    [SAY_NOT_BACK] =
        "运行结束前未见处理：该访问没有得到允许，{who} 也没有继续运行。",
    [SAY_KERNEL_NOT_BACK] =
        "运行结束前未见处理：该访问没有得到允许，内核也没有回到那里。",
    [SAY_NOT_FOLLOWED] = "未见处理：同时未决的缺页异常太多。",
    [SAY_FULL_STOP] = "。",
    [SAY_STALE_TLB] = "：TLB 中是旧的表项",
    [SAY_SINCE_FORK] = "自 fork 以来",
    [SAY_NOW] = "现在",
    [SAY_SINCE] = "（自 {since} ns 起）",
    [SAY_WALKED] = "；按现在的页表，其中 {apart} "
                   "页在两个物理页帧中，{together} 页在同一个中",

    [SAY_LOST_IN] = "；其余页在 {done_in} 中失去 W",
    [SAY_TABLE_IN] = "；{who} 的页表是在 {taken_in} 中分配的",
    [SAY_TAKEN_SINCE] = "；此后又在 {taken_in} 重新分配",
    [SAY_LEFT_IN] = "；最后一次解除映射在 {done_in}",
    [SAY_UNSEEN] = "；其中 {unseen} 个在未见收回的情况下再次分配",
    [SAY_LOOP_SAME] = "同样的缺页一再发生",
    [SAY_LOOP_PAIR] = "它与在 {done_in} 访问 {next} 的缺页轮流发生",
    [SAY_LOOP_ROUND] = "它与另外 {faults} 个缺页轮流发生，下一个在 {done_in} "
                       "访问 {next}",
    [SAY_CALLED_BY] = "，由 {caller} 调用",
    [SAY_NONE_LOST] = "：没有一个丢失、被释放两次或在映射期间被释放",
    [SAY_MAY_CLEAR] = "如果这是在分配之前清空页帧，那么它释放得太早了。",
    [SAY_NEEDLESS] = "：这次复制是多余的，恢复 W=1 就够了",
    [SAY_REASON_NON_CANONICAL] = "不是规范的虚拟地址",
    [SAY_REASON_INVALID] = "那里没有映射",
    [SAY_REASON_RESERVED] = "页表项不合法",
    [SAY_REASON_UPPER] = "页表项{written}不合法（不该有的 N 或 PBMT）",
    [SAY_REASON_BITS] = "页表项{written}不合法（保留位不为 0）",
    [SAY_REASON_W_ALONE] = "页表项{written}不合法（W=1, R=0）",
    [SAY_REASON_POINTER] = "页表项{written}不合法（指针带有 U、A 或 D）",
    [SAY_REASON_NO_LEAF] = "最后一级页表中本应映射页，却是指针",
    [SAY_REASON_MISALIGNED] = "大页没有对齐",
    [SAY_REASON_NOT_USER] = "该页属于内核（U=0）",
    [SAY_REASON_USER] = "这是用户页，内核不能在其中执行，只有 SUM=1 时才能读写",
    [SAY_REASON_NOT_READABLE] = "该页不可读（{old_permissions}）",
    [SAY_REASON_NOT_WRITABLE] = "该页不可写（{old_permissions}）",
    [SAY_REASON_NOT_EXECUTABLE] = "该页不可执行（{old_permissions}）",
    [SAY_REASON_A_CLEAR] = "A 是 0",
    [SAY_REASON_D_CLEAR] = "D 是 0",
    [SAY_REASON_REMEMBERED] = "hart 记得它无效",

    [SAY_COPY_RUN] =
        "{act}。{shared_with}，所以 W=0，触发缺页异常。*内核逐页复制*（{bytes} "
        "KiB；{old_permissions} → {permissions}）；{keeps}。",
    [SAY_COPY_UNSEEN_RUN] =
        "{act}。W=0，触发缺页异常。*内核逐页复制*（{bytes} "
        "KiB；{old_permissions} → "
        "{permissions}）；运行过的其他空间都没有映射原来的物理页帧{hint}。",
    [SAY_COPY_CALL_RUN] = "{act}。{shared_with}，所以内核自己写也会缺页：*"
                          "逐页复制*（{bytes} KiB）；{keeps}。",
    [SAY_COPY_CALL_UNSEEN_RUN] =
        "{act}。W=0，所以内核自己写也会缺页：*逐页复制*（{bytes} "
        "KiB）；运行过的其他空间都没有映射原来的物理页帧{hint}。",
    [SAY_COPY_SILENT_RUN] =
        "{gives}*各单独复制一份*，没有经过缺页异常（{bytes} "
        "KiB；{old_permissions} → {permissions}）；{keeps}{hint}。",
    [SAY_REUSE_RUN] = "{act}。fork 之后 W 一直是 "
                      "0，但已经没有谁共享这些页：*不必复制，恢复 W=1*。",
    [SAY_REUSE_UNSHARED_RUN] =
        "{act}。这些页曾被取消 "
        "W，而运行过的其他空间都没有映射它们的物理页帧：*不必复制，恢复 W=1*。",
    [SAY_REUSE_SILENT_RUN] =
        "{gives}*恢复 "
        "W=1*，没有经过缺页异常：已经没有谁共享它们的物理页帧，也没有复制。",
    [SAY_BROKEN_RUN] = "{act}。*没有复制就恢复 "
                       "W=1*{written}，可是{sharers}它们的物理页帧：{sees}。",
    [SAY_BROKEN_UNSEEN_RUN] =
        "{act}。*没有复制就恢复 W=1*{written}，而{sharers}它们的物理页帧。",
    [SAY_BROKEN_SILENT_RUN] =
        "{gives}*没有复制就恢复 W=1*，可是{sharers}它们的物理页帧：{sees}。",
    [SAY_BROKEN_SILENT_UNSEEN_RUN] =
        "{gives}*没有复制就恢复 W=1*，而{sharers}它们的物理页帧。",
    [SAY_TEXT_OPENED_RUN] =
        "{act}。这些页的权限是 {old_permissions}，并非由 fork "
        "造成，这不是写时复制。*内核{written}仍然设置 W=1*（{permissions}）。",
    [SAY_GIVEN_AGAIN_RUN] =
        "{act}：{reason}，每次都如此。*内核{written}映射物理页帧*{tail}（{"
        "permissions}）：这些物理页帧又被分配了一次。",
    [SAY_GIVEN_SILENT_RUN] = "在{who} 位于 {at}{area} 的 "
                             "{run}上，*内核{by}映射物理页帧*{tail}（{"
                             "permissions}）：这些物理页帧又被分配了一次。",
    [SAY_REPLACED_RUN] =
        "{act}：{reason}，每次都如此。*内核{written}在那里映射别的物理页帧*，内"
        "容不同（{permissions}）。",
    [SAY_REFUSED_RUN] = "{act}：{reason}，每次都如此。*内核拒绝这些访问{tail}*",
    [SAY_REFUSED_NO_COW_RUN] =
        "{act}。这些页的权限是 {old_permissions}，并非由 fork "
        "造成，这不是写时复制。*内核拒绝这些访问{tail}*",
    [SAY_STALE_SHARED_RUN] =
        "{act}，*用的是旧的 TLB 表项*。{since_when}页表中的权限是 "
        "{permissions}{written}，但{missing}。"
        "既无缺页，也无复制：{sees}。",
    [SAY_STALE_RIGHTS_RUN] = "{act}，*用的是旧的 TLB 表项*。页表中的权限现在是 "
                             "{permissions}{written}，但{missing}：没有缺页。",
    [SAY_STALE_FRAME_RUN] =
        "{act}，*用的是旧的 TLB "
        "表项*，因此访问到原来的物理页帧。页表中现在是别的物理页帧（{"
        "permissions}）{written}，但{missing}。",
    [SAY_STALE_ABSENT_RUN] =
        "{act}，*用的是旧的 TLB "
        "表项*，因此访问到原来的物理页帧。页表现在在那里没有映射{written}"
        "，但{missing}。",
    [SAY_MAY_RIGHTS_RUN] =
        "{act}。*hart 仍可能按页表原来的内容行事*：页表中的权限现在是 "
        "{permissions}{written}，但{missing}。",
    [SAY_MAY_FRAME_RUN] =
        "{act}。*hart 仍可能访问到原来的物理页帧*：页表中现在是别的物理页帧（"
        "{permissions}）{written}，但{missing}。",
    [SAY_MAY_ABSENT_RUN] =
        "{act}。*hart 仍可能访问到原来的物理页帧*：页表现在在"
        "那里没有映射{written}，但{missing}。",
    [SAY_ALIAS_RUN] =
        "{act}，*用的是内核自己对这些物理页帧的映射*{tail}。{shared_with}（"
        "写时复制）：既无缺页，也无复制，{sees}。",
    [SAY_RUN] = "{pages} 页",
    [SAY_RUN_SPARSE] = "{span} 页中的 {pages} 页",
    [SAY_ACT_RUN] = "{who} {does} {run}：{at}{where}",
    [SAY_ACT_CALL_RUN] =
        "在{who} 的系统调用中，内核{by}{does}它位于 {at}{area} 的 {run}",
    [SAY_ACT_KERNEL_RUN] =
        "在{who} 的系统调用中，内核{by}{does} {at}{area} 的 {run}",
    [SAY_ACT_ALONE_RUN] = "内核{by}{does} {at}{area} 的 {run}",
    [SAY_ACT_PAGE_RUN] = "内核{by}{does}{who} 位于 {at}{area} 的 {run}",
    [SAY_GIVES_RUN] = "内核{by}为{who} 位于 {at}{area} 的 {run}",
    [SAY_GIVES_CALL_RUN] =
        "在{who} 的系统调用中，内核{by}为它位于 {at}{area} 的 {run}",
    [SAY_AT_RUN] = "{va} 到 {end}",
    [SAY_AT_ADDRESS_RUN] = "{va} 到 {end}",
    [SAY_AT_NAME_RUN] = "{va} 到 {end}",
    [SAY_SHARED_ONE_RUN] = "这些页与{other} 共享",
    [SAY_SHARED_MANY_RUN] = "这些页与另外 {others} 个地址空间共享",
    [SAY_KEEPS_ONE_RUN] = "{other} 保留原来的物理页帧",
    [SAY_KEEPS_MANY_RUN] = "其余地址空间保留原来的物理页帧",
    [SAY_KEEPS_UNSEEN_RUN] = "运行过的其他空间都没有映射原来的物理页帧",
    [SAY_MAPPED_SHARED_RUN] = "，而{used_by}它们",
    [SAY_ASIDE] = "*{who} 的库代码*（{done_in}）引起 {lines} "
                  "次写时复制的缺页异常，只在本行说明：{tail}。",
    [SAY_ASIDE_COPIES] = "复制 {copies} 页（{bytes} KiB）",
    [SAY_ASIDE_REUSES] = "{reuses} 页已无人共享（不必复制，恢复 W=1）",
    [SAY_ASIDE_BOTH] = "复制 {copies} 页（{bytes} KiB），{reuses} "
                       "页已无人共享（不必复制，恢复 W=1）",
    [SAY_BROOD] = "{begin}：从{who} 到{user}。{copied}{stored}{tail}",
    [SAY_BROOD_ENDS] = "*接连有 {ended} 个地址空间结束*{of_these}：从{who} "
                       "到{user}，共解除映射 {pages} 页。{stored}",
    [SAY_BEGIN] = "*{other} 接连又 fork 了 {forks} 次*",
    [SAY_BEGIN_MANY] = "*{other} 等接连又 fork 了 {forks} 次*",
    [SAY_BEGIN_MOVED] = "*又有 {forks} 个地址空间从{other} 的 ecall "
                        "之后开始运行*，就像 fork 出的子进程那样",
    [SAY_BEGIN_MANY_MOVED] = "*又有 {forks} 个地址空间从{other} 等的 ecall "
                             "之后开始运行*，就像 fork 出的子进程那样",
    [SAY_SUM_SHARED] =
        "其间什么也没有复制：共享 {shared} 页，其中 {protected} 页被写保护。",
    [SAY_SUM_OWN] = "什么也没有共享：子进程自有 {own} 页。",
    [SAY_SUM_BOTH] =
        "共享 {shared} 页，其中 {protected} 页被写保护；子进程自有 "
        "{own} 页。",
    [SAY_SUM_STORES] = "其间的写入复制了 {copies} 页（{bytes} KiB），另有 "
                       "{reuses} 次发现该页已归自己独有。",
    [SAY_SUM_COPIES] = "其间的写入复制了 {copies} 页（{bytes} KiB）。",
    [SAY_SUM_REUSES] = "其间的写入 {reuses} 次发现该页已归自己独有。",
    [SAY_SUM_ENDS] =
        "{ended} 个地址空间结束{of_these}，共解除映射 {pages} 页。",
    [SAY_SUM_EXECS] = "（其中 {execs} 个像 exec 那样）",
    [SAY_SUM_NEEDLESS] = "，其中 {needless} 页是多余的",
    [SAY_LEFT_OUT] =
        "*这已是{tail}同类行中的第 {lines} 行：此后的不再列出*，直到机器时间 1 "
        "秒内没有新的为止；--explain=full 会全部列出。",
    [SAY_TOTAL_LEFT_OUT] =
        "以上有 {lines} 行没有列出；各项总计仍包含这些行的内容，--explain=full "
        "会全部列出。",
    [SAY_OF_PROGRAM] = " {program} 的",
};
