/**
 * Decoders of image files: PNG, JPEG, GIF and BMP.
 *
 * <p>They know the samples of a file and nothing of what they are for. Whatever a file says is checked before memory is
 * taken for it, and samples are taken as they are stored: a colour profile, gamma or orientation changes nothing.
 */
package org.alborz.image;
