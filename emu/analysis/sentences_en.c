/*
 * The sentences in English: the templates of the rows in sentences.def.
 *
 * JSON has the facts that these tell (json.h).
 */
#include "analysis/sentences.h"

const char *const sentences_en[SENTENCES] = {
    [SAY_NOTHING] = "",
    [SAY_FORK] = "*{other} forks {who}.* {copied}{protection}{open}",
    [SAY_FORK_ORPHAN] = "A space that is gone, {other}, *had forked {who}.* "
                        "{copied}{protection}{open}",
    [SAY_FORK_UNBORN] = "*{other} forks {who}*, which ends before it runs. "
                        "{copied}{protection}",
    [SAY_FORK_ALIKE] = "One of {others} spaces, which nothing tells apart, "
                       "*forks {who}.* {copied}{protection}",
    [SAY_MOVED] = "*{who} begins after an ecall of {other}*, as a forked "
                  "child does. {copied}{protection}{open}",
    [SAY_EXEC] =
        "{ending} {pages|page|pages} of the old one unmapped{given_up}.",
    [SAY_END] = "*{who} ends:* {pages|page|pages} unmapped{given_up}.",
    [SAY_COPY] = "{act}. {shared_with}, so W=0: page fault. *The "
                 "kernel{written} copies it to {frame}*{tail} for {who} "
                 "({old_permissions} → "
                 "{permissions}); {keeps}.",
    [SAY_COPY_UNSEEN] =
        "{act}. W=0: page fault. *The kernel{written} copies it to "
        "{frame}*{tail} for {who} ({old_permissions} → "
        "{permissions}); no other space that has run maps {old}{hint}.",
    [SAY_COPY_CALL] = "{act}. {shared_with}, so even the kernel faults: "
                      "*copied to {frame}*{tail}; {keeps}.",
    [SAY_COPY_CALL_UNSEEN] =
        "{act}. W=0, so even the kernel faults: *copied to {frame}*{tail}; "
        "no other space that has run maps {old}{hint}.",
    [SAY_COPY_SILENT] =
        "{gives} *a copy of its own*, without a fault: {old} is copied to "
        "{frame} ({old_permissions} → {permissions}); {keeps}{hint}.",
    [SAY_REUSE] = "{act}. W is still 0 from the fork, but nobody shares "
                  "{frame} any more: *no copy, W=1 again*.",
    [SAY_REUSE_UNSHARED] = "{act}. W was taken from the page, and no other "
                           "space that has run maps {frame}: *no copy, W=1 "
                           "again*.",
    [SAY_REUSE_SILENT] = "{gives} *W=1 again*, without a fault: nobody shares "
                         "{frame} any more, and nothing is copied.",
    [SAY_BROKEN] = "{act}. *W=1 again and no copy*{written}, though {sharers} "
                   "{frame} too: "
                   "{sees}.",
    [SAY_BROKEN_UNSEEN] =
        "{act}. *W=1 again and no copy*{written}, and {sharers} {frame} "
        "still.",
    [SAY_BROKEN_SILENT] = "{gives} *W=1 again and no copy*, though {sharers} "
                          "{frame} too: {sees}.",
    [SAY_BROKEN_SILENT_UNSEEN] =
        "{gives} *W=1 again and no copy*, and {sharers} {frame} still.",
    [SAY_TEXT_OPENED] =
        "{act}. The page is {old_permissions} and no fork made it so: this is "
        "no copy-on-write. *The kernel{written} sets W=1 all the same* "
        "({permissions}).",
    [SAY_GIVEN_AGAIN] =
        "{act}: {reason}. *The kernel{written} maps {frame}*{tail} "
        "({permissions}): a frame given out again.",
    [SAY_GIVEN_SILENT] =
        "At {at}{area} of {who} *the kernel{by} maps {frame}*{tail} "
        "({permissions}): a frame given out again.",
    [SAY_TABLE_IN_USE] = "*The kernel makes {frame} a page table*, though "
                         "{used_by} it: a frame given out again.",
    [SAY_PRIVATE_COPY] =
        "{act}. W=0, and no fork made it so: page fault. *The kernel copies "
        "{old} to {frame}* for {who} ({old_permissions} → {permissions}).",
    [SAY_KERNEL_COPY] =
        "{act}. W=0: page fault. *{old} is copied to {frame}* "
        "({old_permissions} → {permissions}). The page is the kernel's own.",
    [SAY_MOVED_PAGE] = "*The kernel{by} moves {at}{area} of {who}* from {old} "
                       "to an equal copy, {frame} "
                       "({old_permissions} → {permissions}).",
    [SAY_MERGED] =
        "*The kernel{by} lets {at}{area} of {who} share {frame}* with {other}: "
        "it held "
        "the same bytes as {old} ({old_permissions} → {permissions}).",
    [SAY_REPLACED] =
        "{act}: {reason}. *The kernel{written} maps {frame} there* in place of "
        "{old}, whose bytes differ ({permissions}).",
    [SAY_FIRST_TOUCH] = "{act}: nothing is mapped there. *The kernel maps "
                        "{frame}* ({permissions}){tail}.",
    [SAY_ALLOWED] = "{act}: {reason}. *The kernel allows it* "
                    "({old_permissions} → {permissions}); still {frame}.",
    [SAY_FAULT] = "{act}: {reason}. *Page fault.*",
    [SAY_SPURIOUS] = "{act}: {reason}. *It is tried again, and no entry had to "
                     "change*{tail}.",
    [SAY_CHANGED] = "{act}: {reason}. *The kernel changes the entry*, from "
                    "{old} {old_permissions} to {frame} {permissions}.",
    [SAY_REFUSED] = "{act}: {reason}. *The kernel refuses{tail}*",
    [SAY_REFUSED_NULL] =
        "{act}, a null pointer: {reason}. *The kernel refuses{tail}*",
    [SAY_REFUSED_NO_COW] =
        "{act}. The page is {old_permissions} and no fork made it so: this is "
        "no copy-on-write. *The kernel refuses{tail}*",
    [SAY_STALE_REFUSAL] =
        "{act}. The page table allows it, *but the hart refuses by an old TLB "
        "entry: no sfence.vma followed the change{written}*.",
    [SAY_REMEMBERED] =
        "{act}. The page table allows it, *but the hart remembers the entry as "
        "invalid{tail}: an sfence.vma is missing*.",
    [SAY_STALE_SHARED] =
        "{act} *through an old TLB entry*. {since_when} table says "
        "{permissions}{written}, but {missing}. No fault, no copy: "
        "{sees}.",
    [SAY_STALE_RIGHTS] = "{act} *through an old TLB entry*. The table says "
                         "{permissions} now{written}, "
                         "but {missing}: no fault.",
    [SAY_STALE_FRAME] =
        "{act} *through an old TLB entry*, and so reaches {old}. The table "
        "says {frame} {permissions} now{written}, but {missing}.",
    [SAY_STALE_ABSENT] =
        "{act} *through an old TLB entry*, and so reaches {old}. The table "
        "maps nothing there now{written}, but {missing}.",
    [SAY_STALE_TEXT] =
        "{act} *through an old TLB entry*: it runs in {old}, where the table "
        "maps nothing any more{written}. It goes on until that entry is lost, "
        "as by an sfence.vma, and then faults.",
    [SAY_STALE_SPACE] =
        "{act} *through a TLB entry of {other}*, and so reaches {old}. The "
        "root in satp is another one{written}, but has the same ASID, {asid}: "
        "{missing}.",
    [SAY_MAY_RIGHTS] =
        "{act}. *A hart may still do as the table said before*: it says "
        "{permissions} now{written}, but {missing}.",
    [SAY_MAY_FRAME] =
        "{act}. *A hart may still reach {old}*: the table says {frame} "
        "{permissions} now{written}, but {missing}.",
    [SAY_MAY_ABSENT] =
        "{act}. *A hart may still reach {old}*: the table maps nothing there "
        "now{written}, but {missing}.",
    [SAY_MAY_SPACE] =
        "{act}. *A hart may still reach {old}, by what {other} maps there*: "
        "the root in satp is another one{written}, but has the same ASID, "
        "{asid}: "
        "{missing}.",
    [SAY_STALE_CODE] =
        "The code at {pc}{by} runs, *though it was changed{changed}{written} "
        "since the hart's last fence.i*: the hart may still have what was "
        "there before, and {missing}.",
    [SAY_MAY_GIVEN] =
        "*{frame} is given out again*{written}, though a hart may still reach "
        "it at {at}{area} of {who}: {missing}.",
    [SAY_WRONG_COPY] =
        "{act}. W=0 from a fork: page fault. *The kernel{written} maps "
        "{frame}, "
        "which is no copy of {old}* ({old_permissions} → {permissions}): "
        "what {who} had there is gone.",
    [SAY_ALIAS] =
        "{act} *through its own mapping of {frame}*{tail}. {shared_with}, "
        "copy-on-write: no fault, no copy, and {sees}.{hint}",
    [SAY_ALIAS_FREE] =
        "*The kernel{by} stores to {frame} as to a free frame*{tail}, through "
        "its own mapping, though {who} maps it at {at}{area} and {sharers} it "
        "too: they see what is stored.",
    [SAY_LOOP] = "{act}: {reason}. *{tail}, and nothing changes in between: an "
                 "endless loop.*",
    [SAY_OPEN] = "{act}: {reason}. *{tail}*",
    [SAY_FREED_MAPPED] = "{who} *still maps {frame} at {at}, although it was "
                         "freed* in {freed_in}{tail}.",
    [SAY_MAPPED_FREE] = "{who} runs with {frame} at {at}, *which is free*: it "
                        "was mapped after it was freed in {freed_in}.",
    [SAY_FREED_TABLE] = "{who} runs with a page table in {frame}, *which is "
                        "free*: it was freed in {freed_in}.",
    [SAY_FREED_TWICE] = "*{frame} is freed twice*: first in {freed_in}, again "
                        "in {done_in}.",
    [SAY_LOST_FRAMES] = "*Never freed:* {pages|frame|frames} taken in "
                        "{taken_in}, which nobody maps any more{tail}.",
    [SAY_LOST_TABLES] = "*Never freed:* {pages|page table|page tables} taken "
                        "in {taken_in}, in no space any more{tail}.",
    [SAY_TOTAL_FRAMES] =
        "*Frames in all*: {taken} given out, {freed} taken "
        "back; {mistakes|mistake|mistakes} with frames{hint}{tail}.",
    [SAY_TOTAL_NO_FRAMES] = "*No frame was seen to be given out*: the "
                            "allocator's functions were not called, or they "
                            "are inline.",
    [SAY_FAILED] = "*The explanation ends here: out of memory.*",
    [SAY_WOVEN] = "*The explanation ends here: the page tables lead to the "
                  "same pages in too many ways.*",
    [SAY_TOTAL] = "*Copy-on-write in all*: {forks|fork|forks} shared "
                  "{shared|page|pages}, {protected} of them write-protected; "
                  "later stores copied {copies|page|pages}{stored}{of_these} "
                  "and "
                  "{reuses|time|times} found the page theirs alone{tail}.",
    [SAY_TOTAL_STORES] =
        "*Copy-on-write in all*: stores copied {copies|page|pages}{stored}"
        "{of_these} and "
        "{reuses|time|times} found the page theirs alone; of no fork both "
        "sides were seen to go on{tail}.",
    [SAY_KIB] = " ({bytes} KiB)",
    [SAY_TOTAL_FORK] =
        "  {other} -> {who}: {shared|page|pages} shared, {protected} "
        "protected, {copies} copied, {reuses} kept{tail}",
    [SAY_TOTAL_COPIES] = "  {copies|of the copies is|of the copies "
                         "are} of pages that no fork which was seen shared by "
                         "then",
    [SAY_TOTAL_EAGER] = "*Forks without copy-on-write in all*: {forks}, with "
                        "{own|page|pages} of the children's own.",
    [SAY_TOTAL_NONE] = "*No copy-on-write was seen.*",
    [SAY_TOTAL_LIVE] =
        "Live at the end: {roots|space|spaces} with {mappings|user page|user "
        "pages}, in {frames|frame|frames}; {shared|of these is|of these "
        "are} shared.",
    [SAY_TOTAL_STALE] =
        "*Translations in all*: {certain|use|uses} of stale ones, {may|use|"
        "uses} of what a hart may still hold; {windows|more was|more "
        "were} in windows that a fence closed in time, {harmless|old one|old "
        "ones} did no harm, {possible|frame was|frames were} given out again "
        "while a hart may have held an old one{tail}.",
    [SAY_TOTAL_CHECK] = "*--check {check} in all*: {certain|finding|findings}, "
                        "{possible} possible{tail}.",
    [SAY_CHECK_TLB] = "tlb",
    [SAY_CHECK_COW] = "cow",
    [SAY_CHECK_REFS] = "refs",
    [SAY_CHECK_UAF] = "uaf",
    [SAY_CHECK_ICACHE] = "icache",
    [SAY_IN_WINDOWS] = "; {windows|more was|more were} in windows that a "
                       "fence.i closed in time",
    [SAY_FRAMES_UNKNOWN] = "; what the kernel frees is not known without "
                           "--frames",
    [SAY_POSSIBLY] = "possible: ",
    [SAY_CHANGED_DEVICE] = " by a device",
    [SAY_MISSING_I] = "no fence.i followed",
    [SAY_MISSING_I_HART] = "the fence.i{fence} was on another hart",
    [SAY_UNJUDGED] = "; there was no room to judge {unjudged} more",
    [SAY_FENCE_LINE] = " at {fence_line}",
    [SAY_FENCE_FUNCTION] = " in {fence_function}",
    [SAY_FENCE_BOTH] = " in {fence_function} ({fence_line})",
    [SAY_MISSING] = "no sfence.vma followed",
    [SAY_MISSING_HART] = "the sfence.vma{fence} was on another hart",
    [SAY_MISSING_VA] = "the sfence.vma{fence} names another address",
    [SAY_MISSING_ASID] = "the sfence.vma{fence} names another ASID",
    [SAY_MISSING_GLOBAL] = "the sfence.vma{fence} names an ASID, "
                           "which spares global pages",
    [SAY_MISSING_LEVEL] =
        "the sfence.vma{fence} names an address, which spares entries "
        "that point to tables",
    [SAY_MISSING_BRACKETS] =
        "the sinval.vma{fence} lacks sfence.w.inval before or sfence.inval.ir "
        "after it",
    [SAY_MISSING_EARLY] =
        "the sfence.vma{fence} came before that, and none after it",
    [SAY_TOTAL_UNTOLD] = "Left out, by a filter or a pause: "
                         "{untold|line|lines}. The totals are of all.",
    [SAY_SPACE] = "space {number}",
    [SAY_SPACE_NAMED] = "space {number} ({program})",
    [SAY_SPACE_PID] = "pid {pid}",
    [SAY_SPACE_PROGRAM] = "pid {pid} ({program})",
    [SAY_SPACE_ALIKE] = "one of {others} spaces",
    [SAY_SPACE_UNKNOWN] = "an unknown space",
    [SAY_COPIED_NOTHING] =
        "Nothing is copied: both use the same {shared|frame|frames}.",
    [SAY_COPIED_SOME] = "Both use the same {shared|frame|frames}; at "
                        "{own|page|pages} {who} has its own.",
    [SAY_COPIED_ALL] =
        "Nothing is shared: {who} has its own frames at all {own|page|pages}.",
    [SAY_COPIED_EMPTY] = "{who} maps no page yet.",
    [SAY_BRIEF_NOTHING] = "{shared|frame is|frames are} shared",
    [SAY_BRIEF_SOME] =
        "{shared|frame is|frames are} shared, at {own|page|pages} "
        "{who} has its own",
    [SAY_LOST_NOW] = " {lost|was|were} writable; both sides lose W there, so "
                     "the first store to each will fault.",
    [SAY_LOST_SOME] =
        " {lost|was|were} writable; both sides lose W there, so the first "
        "store to each will fault. {before} had lost it before.",
    [SAY_LOST_BEFORE] = " {protected|was|were} writable; W=0 on both sides, so "
                        "the first store to each will fault.",
    [SAY_BRIEF_LOST_NOW] = "; {lost|loses|lose} W.",
    [SAY_BRIEF_LOST_SOME] =
        "; {lost|loses|lose} W, {before} had lost it before.",
    [SAY_BRIEF_LOST_BEFORE] = "; {protected} had lost W before.",
    [SAY_OPEN_PARENT] = " To {open_parent|page|pages} {other} *can still "
                        "store, and {who} will see it*{tail}.",
    [SAY_OPEN_CHILD] = " To {open_child|page|pages} {who} *can store, and "
                       "{other} will see it*{tail}.",
    [SAY_OPEN_BOTH] =
        " To {open_both|page|pages} *both can store, and each will see "
        "it*{tail}.",
    [SAY_GIVEN_UP] =
        "; of their frames, {alone|is|are} now mapped by one space only",
    [SAY_EXECS] = "*{who} execs*, and goes on as {other} in a new space, at "
                  "{pc}:",
    [SAY_ENDS_FOR] =
        "*{who} ends* in its own system call, and the hart goes on "
        "in {other}, a new space, at {pc}, as after an exec:",
    [SAY_ACT] = "{who} {does} {at}{where}{beside}",
    [SAY_ACT_CALL] =
        "In a system call of {who} the kernel{by} {does} {its} {at}{area}"
        "{beside}",
    [SAY_ACT_KERNEL] =
        "In a system call of {who} the kernel{by} {does} {at}{area}{beside}",
    [SAY_ACT_PAGE] = "The kernel{by} {does} {at}{area} of {who}{beside}",
    [SAY_ACT_ALONE] = "The kernel{by} {does} {at}{area}",
    [SAY_GIVES_CALL] = "In a system call of {who} the kernel{by} gives the "
                       "caller's page {at}{area}",
    [SAY_GIVES] = "The kernel{by} gives {at}{area} of {who}",
    [SAY_FETCHES] = "fetches from",
    [SAY_LOADS] = "loads from",
    [SAY_STORES] = "stores to",
    [SAY_CACHES] = "runs a cache operation on",
    [SAY_JUMPS] = "jumps to",
    [SAY_STORES_INTO] = "stores into",
    [SAY_ITS_PAGE] = "the caller's page",
    [SAY_ITS] = "the caller's",
    [SAY_AT] = "{va}",
    [SAY_AT_ADDRESS] = "address {va}",
    [SAY_AT_NAME] = "`{name}`",
    [SAY_BESIDE] = ", on the page of `{neighbour}`",
    [SAY_WHERE_AREA] = " ({kind})",
    [SAY_WHERE_SOURCE] = " ({source})",
    [SAY_WHERE_AREA_LINE] = " ({kind}), at {line}",
    [SAY_WHERE_AREA_FUNCTION] = " ({kind}), in {function}",
    [SAY_SOURCE_LINE] = "{line}",
    [SAY_SOURCE_FUNCTION] = "in {function}",
    [SAY_SOURCE_BOTH] = "{function}, {line}",
    [SAY_WRITTEN_LINE] = " ({writer})",
    [SAY_WRITTEN_FUNCTION] = " (in {writer_function})",
    [SAY_WRITTEN_BOTH] = " ({writer_function}, {writer})",
    [SAY_AREA] = "",
    [SAY_AREA_TEXT] = "text",
    [SAY_AREA_RODATA] = "read-only data",
    [SAY_AREA_DATA] = "data",
    [SAY_AREA_HEAP] = "heap",
    [SAY_AREA_STACK] = "stack",
    [SAY_AREA_MMAP] = "mmap",
    [SAY_SHARED_ONE] = "The page is shared with {other}",
    [SAY_SHARED_MANY] = "The page is shared with {others} others",
    [SAY_KEEPS_ONE] = "{other} keeps {old}",
    [SAY_KEEPS_MANY] = "they keep {old}",
    [SAY_KEEPS_UNSEEN] = "no other space that has run maps {old}",
    [SAY_SHARER_ONE] = "{other} maps",
    [SAY_SHARER_MANY] = "{others} others map",
    [SAY_SEES_ONE] = "{other} sees what is stored",
    [SAY_SEES_MANY] = "they see what is stored",
    [SAY_USED_ONE] = "{user} maps",
    [SAY_USED_MANY] = "{users} others map",
    [SAY_MAPPED_SHARED] = ", which {used_by} too",
    [SAY_USED_INSIDE] = ", which {used_by} too,",
    [SAY_ENDS] = ": {who} ends.",
    [SAY_GOES_ON] = ": {who} goes on at {pc}.",
    [SAY_GOES_ON_IN] = ": {who} goes on in `{target}`.",
    [SAY_NOT_BACK] =
        "The run ends before an answer is seen: neither is the access "
        "allowed, nor does {who} go on.",
    [SAY_KERNEL_NOT_BACK] =
        "The run ends before an answer is seen: neither is "
        "the access allowed, nor does the kernel come back to it.",
    [SAY_NOT_FOLLOWED] = "No answer is seen: too many faults are open at once.",
    [SAY_FULL_STOP] = ".",
    [SAY_STALE_TLB] = ": the TLB had an old one",
    [SAY_SINCE_FORK] = "Since the fork the",
    [SAY_NOW] = "By now the",
    [SAY_SINCE] = " since {since} ns",
    [SAY_WALKED] =
        "; by the page tables as they are now, {apart|page is|pages are} in "
        "two frames and {together} in one",
    [SAY_LOST_IN] = "; the others lost W in {done_in}",
    [SAY_TABLE_IN] = "; the page table of {who} was allocated in {taken_in}",
    [SAY_TAKEN_SINCE] = "; it has been given out again in {taken_in}",
    [SAY_LEFT_IN] = "; last unmapped in {done_in}",
    [SAY_UNSEEN] =
        "; {unseen} of those given out had not been seen to be taken back",
    [SAY_LOOP_SAME] = "The same again and again",
    [SAY_LOOP_PAIR] = "This fault and one at {next}, in {done_in}, take turns",
    [SAY_LOOP_ROUND] = "This fault and {faults|other|others} take turns, the "
                       "next one at {next}, in {done_in}",
    [SAY_CALLED_BY] = ", called by {caller}",
    [SAY_NONE_LOST] = ": none was lost, freed twice, or freed while it was "
                      "mapped",
    [SAY_MAY_CLEAR] = " If that clears a frame before it is given out, it was "
                      "freed too early.",
    [SAY_NEEDLESS] = ": a needless copy, since W=1 would have done",
    [SAY_REASON_NON_CANONICAL] = "it is no canonical address",
    [SAY_REASON_INVALID] = "nothing is mapped there",
    [SAY_REASON_RESERVED] = "the entry is malformed",
    [SAY_REASON_UPPER] =
        "the entry{written} is malformed (N or PBMT, which it may not have)",
    [SAY_REASON_BITS] =
        "the entry{written} is malformed (reserved bits are not 0)",
    [SAY_REASON_W_ALONE] = "the entry{written} is malformed (W=1, R=0)",
    [SAY_REASON_POINTER] =
        "the entry{written} is malformed (a pointer with U, A or D)",
    [SAY_REASON_NO_LEAF] = "the entry is a pointer where it has to be a page",
    [SAY_REASON_MISALIGNED] = "the entry is a misaligned superpage",
    [SAY_REASON_NOT_USER] = "the page is the kernel's (U=0)",
    [SAY_REASON_USER] = "it is a user page, which the kernel may never "
                        "execute, and touch only while SUM=1",
    [SAY_REASON_NOT_READABLE] = "the page is not readable ({old_permissions})",
    [SAY_REASON_NOT_WRITABLE] = "the page is not writable ({old_permissions})",
    [SAY_REASON_NOT_EXECUTABLE] =
        "the page is not executable ({old_permissions})",
    [SAY_REASON_A_CLEAR] = "A is 0",
    [SAY_REASON_D_CLEAR] = "D is 0",
    [SAY_REASON_REMEMBERED] = "remembered as invalid",

    [SAY_COPY_RUN] =
        "{act}. {shared_with}, so W=0: page faults. *The kernel copies each* "
        "({bytes} KiB; {old_permissions} → {permissions}); {keeps}.",
    [SAY_COPY_UNSEEN_RUN] = "{act}. W=0: page faults. *The kernel copies each* "
                            "({bytes} KiB; {old_permissions} → {permissions}); "
                            "no other space that has run maps the old "
                            "frames{hint}.",
    [SAY_COPY_CALL_RUN] = "{act}. {shared_with}, so even the kernel faults: "
                          "*each is copied* ({bytes} KiB); {keeps}.",
    [SAY_COPY_CALL_UNSEEN_RUN] =
        "{act}. W=0, so even the kernel faults: *each is copied* ({bytes} "
        "KiB); no other space that has run maps the old frames{hint}.",
    [SAY_COPY_SILENT_RUN] =
        "{gives} *copies of their own*, without a fault ({bytes} KiB; "
        "{old_permissions} → {permissions}); {keeps}{hint}.",
    [SAY_REUSE_RUN] = "{act}. W is still 0 from the fork, but nobody shares "
                      "them any more: *no copy, W=1 again*.",
    [SAY_REUSE_UNSHARED_RUN] =
        "{act}. W was taken from them, and no other space that has run maps "
        "their frames: *no copy, W=1 again*.",
    [SAY_REUSE_SILENT_RUN] =
        "{gives} *W=1 again*, without a fault: nobody shares their frames any "
        "more, and nothing is copied.",
    [SAY_BROKEN_RUN] =
        "{act}. *W=1 again and no copy*{written}, though {sharers} "
        "their frames too: {sees}.",
    [SAY_BROKEN_UNSEEN_RUN] =
        "{act}. *W=1 again and no copy*{written}, and {sharers} their frames "
        "still.",
    [SAY_BROKEN_SILENT_RUN] = "{gives} *W=1 again and no copy*, though "
                              "{sharers} their frames too: {sees}.",
    [SAY_BROKEN_SILENT_UNSEEN_RUN] =
        "{gives} *W=1 again and no copy*, and {sharers} their frames still.",
    [SAY_TEXT_OPENED_RUN] =
        "{act}. They are {old_permissions} and no fork made them so: this is "
        "no copy-on-write. *The kernel{written} sets W=1 all the same* "
        "({permissions}).",
    [SAY_GIVEN_AGAIN_RUN] =
        "{act}: {reason}, each time. *The kernel{written} maps frames*{tail} "
        "({permissions}): they are given out again.",
    [SAY_GIVEN_SILENT_RUN] =
        "At {run} of {who}, {at}{area}, *the kernel{by} maps frames*{tail} "
        "({permissions}): they are given out again.",
    [SAY_REPLACED_RUN] =
        "{act}: {reason}, each time. *The kernel{written} maps other frames "
        "there*, whose bytes differ ({permissions}).",
    [SAY_REFUSED_RUN] =
        "{act}: {reason}, each time. *The kernel refuses{tail}*",
    [SAY_REFUSED_NO_COW_RUN] =
        "{act}. They are {old_permissions} and no fork made them so: this is "
        "no copy-on-write. *The kernel refuses{tail}*",
    [SAY_STALE_SHARED_RUN] = "{act} *through old TLB entries*. {since_when} "
                             "table says {permissions}{written}, but "
                             "{missing}. No fault, no copy: {sees}.",
    [SAY_STALE_RIGHTS_RUN] =
        "{act} *through old TLB entries*. The table says {permissions} "
        "now{written}, but {missing}: no fault.",
    [SAY_STALE_FRAME_RUN] =
        "{act} *through old TLB entries*, and so reaches the old frames. The "
        "table says other ones, {permissions}{written}, but {missing}.",
    [SAY_STALE_ABSENT_RUN] =
        "{act} *through old TLB entries*, and so reaches the old frames. The "
        "table maps nothing there now{written}, but {missing}.",
    [SAY_MAY_RIGHTS_RUN] =
        "{act}. *A hart may still do as the table said before*: it says "
        "{permissions} now{written}, but {missing}.",
    [SAY_MAY_FRAME_RUN] =
        "{act}. *A hart may still reach the old frames*: the table says other "
        "ones, {permissions}{written}, but {missing}.",
    [SAY_MAY_ABSENT_RUN] =
        "{act}. *A hart may still reach the old frames*: the table maps "
        "nothing there now{written}, but {missing}.",
    [SAY_ALIAS_RUN] =
        "{act} *through its own mapping of the frames*{tail}. {shared_with}, "
        "copy-on-write: no fault, no copy, and {sees}.",
    [SAY_RUN] = "{pages} pages",
    [SAY_RUN_SPARSE] = "{pages} of {span} pages",
    [SAY_ACT_RUN] = "{who} {does} {run}, {at}{where}",
    [SAY_ACT_CALL_RUN] = "Within system calls of {who} the kernel{by} {does} "
                         "{run} of it, {at}{area}",
    [SAY_ACT_KERNEL_RUN] =
        "Within system calls of {who} the kernel{by} {does} {run}, {at}{area}",
    [SAY_ACT_ALONE_RUN] = "The kernel{by} {does} {run}, {at}{area}",
    [SAY_ACT_PAGE_RUN] = "The kernel{by} {does} {run} of {who}, {at}{area}",
    [SAY_GIVES_RUN] = "The kernel{by} gives {run} of {who}, {at}{area},",
    [SAY_GIVES_CALL_RUN] = "Within system calls of {who} the kernel{by} gives "
                           "{run} of it, {at}{area},",
    [SAY_AT_RUN] = "{va} to {end}",
    [SAY_AT_ADDRESS_RUN] = "{va} to {end}",
    [SAY_AT_NAME_RUN] = "{va} to {end}",
    [SAY_SHARED_ONE_RUN] = "They are shared with {other}",
    [SAY_SHARED_MANY_RUN] = "They are shared with {others} others",
    [SAY_KEEPS_ONE_RUN] = "{other} keeps the old frames",
    [SAY_KEEPS_MANY_RUN] = "the others keep the old frames",
    [SAY_KEEPS_UNSEEN_RUN] = "no other space that has run maps the old frames",
    [SAY_MAPPED_SHARED_RUN] = ", which {used_by} too",
    [SAY_ASIDE] = "*Library code of {who}* ({done_in}) meets "
                  "{lines|copy-on-write fault|copy-on-write faults} that this "
                  "line alone tells of: {tail}.",
    [SAY_ASIDE_COPIES] = "{copies|page is|pages are} copied ({bytes} KiB)",
    [SAY_ASIDE_REUSES] =
        "{reuses|page is|pages are} shared no more (no copy, W=1 again)",
    [SAY_ASIDE_BOTH] =
        "{copies|page is|pages are} copied ({bytes} KiB), "
        "{reuses|page is|pages are} shared no more (no copy, W=1 again)",
    [SAY_BROOD] = "{begin}: {who} to {user}. {copied}{stored}{tail}",
    [SAY_BROOD_ENDS] =
        "*{ended|space ends|spaces end} in a row*{of_these}: {who} to {user}, "
        "with {pages|page|pages} unmapped.{stored}",
    [SAY_BEGIN] = "*{other} forks {forks|time|times} more in a row*",
    [SAY_BEGIN_MANY] =
        "*{other} and others fork {forks|time|times} more in a row*",
    [SAY_BEGIN_MOVED] = "*{forks|more space begins|more spaces begin} after "
                        "ecalls of {other}*, as forked children do",
    [SAY_BEGIN_MANY_MOVED] =
        "*{forks|more space begins|more spaces begin} after ecalls of {other} "
        "and others*, as forked children do",
    [SAY_SUM_SHARED] = "Nothing is copied by that: {shared|page is|pages are} "
                       "shared, {protected} of them write-protected.",
    [SAY_SUM_OWN] = "Nothing is shared: {own|page is|pages are} the children's "
                    "own.",
    [SAY_SUM_BOTH] = "{shared|page is|pages are} shared, {protected} of them "
                     "write-protected; {own} are the children's own.",
    [SAY_SUM_STORES] =
        " Stores among these copy {copies|page|pages} ({bytes} KiB) and "
        "{reuses|time|times} find the page theirs alone.",
    [SAY_SUM_COPIES] =
        " Stores among these copy {copies|page|pages} ({bytes} KiB).",
    [SAY_SUM_REUSES] =
        " Stores among these find the page theirs alone {reuses|time|times}.",
    [SAY_SUM_ENDS] = " {ended|space ends|spaces end}{of_these}, with "
                     "{pages|page|pages} unmapped.",
    [SAY_SUM_EXECS] = " ({execs} as by an exec)",
    [SAY_SUM_NEEDLESS] = ", {needless} of them needlessly,",
    [SAY_LEFT_OUT] =
        "*That was line {lines} of this kind{tail}: further ones are left out* "
        "until none comes for 1 s of machine time; --explain=full lists them.",
    [SAY_TOTAL_LEFT_OUT] =
        "{lines|line was|lines were} left out above; all counts include what "
        "they tell, and --explain=full lists them.",
    [SAY_OF_PROGRAM] = " for {program}",
};
