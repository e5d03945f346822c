package org.alborz.data;

import org.alborz.random.RandomStream;

/**
 * Where and how a pattern is drawn; lengths in pixels of a 32 by 32 image.
 *
 * @param radius half the size of a figure
 * @param cell the width of a stripe or of a checkerboard's field
 * @param slope 1 or -1, the direction of what is diagonal
 * @param background red, green and blue from 0 to 1
 */
record Scene(
        float centreX, float centreY, float radius, float cell, int slope, float[] background, float[] foreground) {
    private static final float LEAST_CONTRAST = 0.45f;

    static Scene draw(RandomStream random) {
        float centreX = between(random, 12, 19);
        float centreY = between(random, 12, 19);
        float radius = between(random, 8, 12);
        float cell = between(random, 2.5f, 5);
        int slope = random.nextInt(2) * 2 - 1;
        float[] background = new float[3];
        float[] foreground = new float[3];
        do {
            drawColour(random, background);
            drawColour(random, foreground);
        } while (Math.abs(brightness(foreground) - brightness(background)) < LEAST_CONTRAST);
        return new Scene(centreX, centreY, radius, cell, slope, background, foreground);
    }

    boolean isOddCell(float distance) {
        return ((int) Math.floor(distance / cell) & 1) != 0;
    }

    private static float between(RandomStream random, float low, float high) {
        return low + (high - low) * random.uniform();
    }

    private static void drawColour(RandomStream random, float[] colour) {
        for (int c = 0; c < 3; c++) {
            colour[c] = random.uniform();
        }
    }

    private static float brightness(float[] colour) {
        return (colour[0] + colour[1] + colour[2]) / 3;
    }
}
