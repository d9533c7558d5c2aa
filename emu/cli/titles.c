/* What is run, in words; see titles.h. */
#include "cli/titles.h"

const char *title_text(enum title title, enum rvemu_lang lang)
{
    static const char *const texts[][RVEMU_LANGS] = {
        [TITLE_BUNDLED] = {"the bundled kernel, on the bundled firmware",
                           "自带的内核，运行在自带的固件上"},
        [TITLE_BUNDLED_GIVEN] = {"the bundled kernel, on the given firmware",
                                 "自带的内核，运行在指定的固件上"},
        [TITLE_PROGRAM] = {"a user program, on the bundled kernel and firmware",
                           "用户程序，运行在自带的内核和固件上"},
        [TITLE_PROGRAM_GIVEN] =
            {"a user program, on the bundled kernel and given firmware",
             "用户程序，运行在自带的内核和指定的固件上"},
        [TITLE_KERNEL] = {"an S-mode kernel, on the bundled firmware",
                          "S 模式的内核，运行在自带的固件上"},
        [TITLE_KERNEL_GIVEN] = {"an S-mode kernel, on the given firmware",
                                "S 模式的内核，运行在指定的固件上"},
        [TITLE_BARE] = {"an M-mode program, without firmware",
                        "M 模式的程序，直接运行在裸机上"},
        [TITLE_LOADED] = {"what -device loader has loaded, on the bundled "
                          "firmware",
                          "-device loader 载入的内容，运行在自带的固件上"},
        [TITLE_LOADED_GIVEN] =
            {"what -device loader has loaded, on the given "
             "firmware",
             "-device loader 载入的内容，运行在指定的固件上"},
        [TITLE_LOADED_BARE] =
            {"what -device loader has loaded, without firmware",
             "-device loader 载入的内容，直接运行在裸机上"},
    };

    return texts[title][lang];
}
