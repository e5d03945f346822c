/** Pictures of the lessons, in one style that is legible in black and white: plots, histograms and grids of images. */
package org.alborz.examples.drawing;
