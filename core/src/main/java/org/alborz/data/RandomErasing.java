package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Erases a random rectangle of an image with the given probability (Zhong et al. 2017, "Random erasing data augmentation"): it gets the
 * mean of a normalised field, and 0 in others. The rectangle is drawn as torchvision's {@code RandomErasing} does; where ten do not fit,
 * nothing is erased. It goes after transforms that move pixels or change colours.
 *
 * @param minArea the smallest share of the image's area, above 0
 * @param maxArea the largest share, up to 1
 * @param minRatio the smallest ratio of height to width, above 0
 * @param maxRatio the largest ratio
 * @param fields the names of what is erased, all of one size: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]};
 *     field 0 where there are none
 */
public record RandomErasing(
        double probability, double minArea, double maxArea, double minRatio, double maxRatio, List<String> fields)
        implements Transform {
    private static final String NAME = "RandomErasing";
    private static final int TRIES = 10;

    public RandomErasing {
        ImageShapes.requireProbability(NAME, probability);
        ImageShapes.requireAreas(NAME, minArea, maxArea);
        ImageShapes.requireRatios(NAME, minRatio, maxRatio);
        fields = ImageShapes.requireNames(NAME, fields);
    }

    /** Erases rectangles of 2 % to a third of the area and ratios from 0.3 to 3.3, the usual defaults. */
    public RandomErasing(double probability, String... fields) {
        this(probability, 0.02, 0.33, 0.3, 3.3, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        Field first = sample.fields().get(ImageShapes.field(sample, fields, 0));
        Warp.Box box = draw(ImageShapes.height(NAME, first), first.shape().size(-1), random);
        for (int i = 0; box != null && i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            Field of = sample.fields().get(field);
            if (ImageShapes.height(NAME, of) != first.shape().size(-2)
                    || of.shape().size(-1) != first.shape().size(-1)) {
                throw new IllegalArgumentException(NAME + " expects fields of one size, got " + first + " and " + of);
            }
            sample.settle(field);
            erase(sample, field, of, box);
        }
    }

    /** Returns null where nothing is erased. */
    private Warp.Box draw(int height, int width, RandomStream random) {
        if (random.uniform() >= probability) {
            return null;
        }
        for (int i = 0; i < TRIES; i++) {
            double area = (minArea + (maxArea - minArea) * random.uniform()) * height * width;
            double ratio = ImageShapes.drawRatio(minRatio, maxRatio, random);
            int h = (int) Math.rint(Math.sqrt(area * ratio));
            int w = (int) Math.rint(Math.sqrt(area / ratio));
            if (h < height && w < width) {
                return new Warp.Box(random.nextInt(height - h + 1), random.nextInt(width - w + 1), h, w);
            }
        }
        return null;
    }

    private static void erase(Sample sample, int field, Field of, Warp.Box box) {
        int channels = ImageShapes.channels(of);
        int width = of.shape().size(-1);
        for (int h = box.top(); h < box.top() + box.height(); h++) {
            for (int w = box.left(); w < box.left() + box.width(); w++) {
                for (int c = 0; c < channels; c++) {
                    int at = sample.at(field) + (h * width + w) * channels + c;
                    HostArrays.fill(sample.array(field), at, at + 1, Pixels.outside(of, c));
                }
            }
        }
    }
}
