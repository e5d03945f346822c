package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Crops an image to a random part and enlarges that to the image's size, and with it the fields that show the same places (Szegedy et al.
 * 2015, "Going deeper with convolutions"). The part is drawn as torchvision's {@code RandomResizedCrop} does: an area, and a ratio of its
 * sides whose logarithm is uniform, ten times until it fits; then the largest part in the middle that has an allowed ratio.
 *
 * <p>Images of bytes or float32 are interpolated bilinearly; planes and other types take the nearest pixel.
 *
 * @param minArea the smallest share of the image's area, above 0
 * @param maxArea the largest share, up to 1
 * @param minRatio the smallest ratio of width to height, above 0
 * @param maxRatio the largest ratio
 * @param fields the names of what is cropped, all of one size: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]};
 *     field 0 where there are none
 */
public record RandomResizedCrop(double minArea, double maxArea, double minRatio, double maxRatio, List<String> fields)
        implements Transform {
    private static final String NAME = "RandomResizedCrop";
    private static final int TRIES = 10;

    public RandomResizedCrop {
        ImageShapes.requireAreas(NAME, minArea, maxArea);
        ImageShapes.requireRatios(NAME, minRatio, maxRatio);
        fields = ImageShapes.requireNames(NAME, fields);
    }

    /** Takes parts of a share of the area, and of ratios from 3/4 to 4/3. */
    public RandomResizedCrop(double minArea, double maxArea, String... fields) {
        this(minArea, maxArea, 3 / 4.0, 4 / 3.0, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    /** Takes parts of 8 % to all of the area, as is usual for ImageNet. */
    public RandomResizedCrop() {
        this(0.08, 1);
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        Field first = sample.fields().get(ImageShapes.field(sample, fields, 0));
        int height = ImageShapes.height(NAME, first);
        int width = first.shape().size(-1);
        Warp.Box box = draw(height, width, random);
        Warp warp = warp(box, height, width);
        Warp.apply(NAME, sample, fields, (h, w) -> {
            if (h != height || w != width) {
                throw new IllegalArgumentException(
                        NAME + " expects fields of one size, got " + height + " x " + width + " and " + h + " x " + w);
            }
            return warp;
        });
    }

    private Warp.Box draw(int height, int width, RandomStream random) {
        for (int i = 0; i < TRIES; i++) {
            double area = (minArea + (maxArea - minArea) * random.uniform()) * height * width;
            double ratio = ImageShapes.drawRatio(minRatio, maxRatio, random);
            int w = (int) Math.rint(Math.sqrt(area * ratio));
            int h = (int) Math.rint(Math.sqrt(area / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height) {
                return new Warp.Box(random.nextInt(height - h + 1), random.nextInt(width - w + 1), h, w);
            }
        }
        double ratio = (double) width / height;
        int w = ratio > maxRatio ? Math.max(1, (int) Math.rint(height * maxRatio)) : width;
        int h = ratio < minRatio ? Math.max(1, (int) Math.rint(width / minRatio)) : height;
        return new Warp.Box((height - h) / 2, (width - w) / 2, h, w);
    }

    /** Returns the map that enlarges a part to the whole, by the centres of pixels. */
    static Warp warp(Warp.Box box, int height, int width) {
        double x = (double) box.width() / width;
        double y = (double) box.height() / height;
        return new Warp(x, 0, box.left() + (x - 1) / 2, 0, y, box.top() + (y - 1) / 2, box);
    }
}
