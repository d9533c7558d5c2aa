/* The sentence over the picture: what has just happened, in words. */
#ifndef VIEW_CAPTION_H
#define VIEW_CAPTION_H

#include "view/picture.h"

/* Writes the sentence of a picture that is made but for it. */
void caption_write(struct picture *picture, struct source *source);

#endif
