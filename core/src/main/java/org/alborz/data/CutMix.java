package org.alborz.data;

import java.util.List;
import org.alborz.random.RandomStream;

/**
 * Puts a rectangle of another image of the batch into each, and mixes their labels by its area (Yun et al. 2019, "CutMix: regularization
 * strategy to train strong classifiers with localizable features"). The rectangle is drawn for the batch: its area is the share
 * {@code 1 − λ} with λ from Beta(α, α), its middle is uniform, and what is outside of the image is left out, of the label's share as
 * well.
 *
 * <p>Field 0, the image, becomes float32, normalised where it was to be on the device. Field 1, the label, becomes float32
 * {@code [classes]}: the share of each class, for a cross-entropy with soft targets. Other fields stay as they are.
 *
 * @param alpha above 0; 1 in the paper
 * @param classes how many classes labels count
 */
public record CutMix(double alpha, int classes) implements Collation {
    private static final String NAME = "CutMix";

    public CutMix {
        MixedBatches.requireAlpha(NAME, alpha);
        new MixedBatches(NAME, classes);
    }

    @Override
    public List<Field> fields(List<Field> samples) {
        return new MixedBatches(NAME, classes).fields(samples);
    }

    @Override
    public void collate(Batch samples, Batch into) {
        throw new UnsupportedOperationException("CutMix needs random numbers; give it to DataLoader.Builder.collate");
    }

    @Override
    public void collate(Batch samples, Batch into, RandomStream random) {
        Field image = into.fields().get(0);
        int channels = image.shape().size(0);
        int height = image.shape().size(1);
        int width = image.shape().size(2);
        double side = StrictMath.sqrt(1 - MixedBatches.beta(alpha, random));
        int middleY = random.nextInt(height);
        int middleX = random.nextInt(width);
        int halfY = (int) (height * side) / 2;
        int halfX = (int) (width * side) / 2;
        int top = Math.max(0, middleY - halfY);
        int bottom = Math.min(height, middleY + halfY);
        int left = Math.max(0, middleX - halfX);
        int right = Math.min(width, middleX + halfX);
        int[] partners = MixedBatches.partners(samples.size(), random);
        float[] from = MixedBatches.images(samples);
        float[] to = into.floats(0);
        int elements = image.elements();
        System.arraycopy(from, 0, to, 0, samples.size() * elements);
        for (int i = 0; i < samples.size(); i++) {
            for (int h = top; h < bottom; h++) {
                int at = (h * width + left) * channels;
                System.arraycopy(from, partners[i] * elements + at, to, i * elements + at, (right - left) * channels);
            }
        }
        float share = 1 - (float) ((bottom - top) * (right - left)) / (height * width);
        new MixedBatches(NAME, classes).writeOthers(samples, into, partners, share);
    }
}
