/*
 * What is run, in words, in each language that sentences are in. What a trace
 * holds is the English one, by which the others are found.
 */
#include <rvemu/explain.h>

#include <string.h>

static const char *const texts[RVEMU_TITLES][RVEMU_LANGS] = {
    [RVEMU_TITLE_BUNDLED] = {"the bundled kernel, on the bundled firmware",
                             "自带的内核，运行在自带的固件上"},
    [RVEMU_TITLE_BUNDLED_GIVEN] = {"the bundled kernel, on the given firmware",
                                   "自带的内核，运行在指定的固件上"},
    [RVEMU_TITLE_PROGRAM] =
        {"a user program, on the bundled kernel and firmware",
         "用户程序，运行在自带的内核和固件上"},
    [RVEMU_TITLE_PROGRAM_GIVEN] =
        {"a user program, on the bundled kernel and given firmware",
         "用户程序，运行在自带的内核和指定的固件上"},
    [RVEMU_TITLE_KERNEL] = {"an S-mode kernel, on the bundled firmware",
                            "S 模式的内核，运行在自带的固件上"},
    [RVEMU_TITLE_KERNEL_GIVEN] = {"an S-mode kernel, on the given firmware",
                                  "S 模式的内核，运行在指定的固件上"},
    [RVEMU_TITLE_BARE] = {"an M-mode program, without firmware",
                          "M 模式的程序，直接运行在裸机上"},
    [RVEMU_TITLE_LOADED] = {"what -device loader has loaded, on the bundled "
                            "firmware",
                            "-device loader 载入的内容，运行在自带的固件上"},
    [RVEMU_TITLE_LOADED_GIVEN] =
        {"what -device loader has loaded, on the given "
         "firmware",
         "-device loader 载入的内容，运行在指定的固件上"},
    [RVEMU_TITLE_LOADED_BARE] =
        {"what -device loader has loaded, without firmware",
         "-device loader 载入的内容，直接运行在裸机上"},
};

const char *rvemu_title_text(enum rvemu_title title, enum rvemu_lang lang)
{
    return texts[title][lang];
}

const char *rvemu_title_find(const char *english, enum rvemu_lang lang)
{
    for (unsigned title = 0; title < RVEMU_TITLES; title++)
        if (!strcmp(texts[title][RVEMU_LANG_EN], english))
            return texts[title][lang];
    return english;
}
