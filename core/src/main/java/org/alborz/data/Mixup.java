package org.alborz.data;

import java.util.List;
import org.alborz.random.RandomStream;

/**
 * Mixes each image of a batch with another one, and their labels alike (Zhang et al. 2018, "mixup: beyond empirical risk minimization"):
 * {@code x = λ·xᵢ + (1 − λ)·xⱼ}, where λ is drawn for the batch from Beta(α, α), and j from a permutation of the batch.
 *
 * <pre>{@code
 * DataLoader.of(data, 128).shuffle(true).collate(new Mixup(0.2, 10)).build()
 * }</pre>
 *
 * <p>Field 0, the image, becomes float32, normalised where it was to be on the device. Field 1, the label, becomes float32
 * {@code [classes]}: the share of each class, for a cross-entropy with soft targets. Other fields stay as they are.
 *
 * @param alpha above 0; 0.2 for ImageNet and 1 for CIFAR-10 in the paper
 * @param classes how many classes labels count
 */
public record Mixup(double alpha, int classes) implements Collation {
    private static final String NAME = "Mixup";

    public Mixup {
        MixedBatches.requireAlpha(NAME, alpha);
        new MixedBatches(NAME, classes);
    }

    @Override
    public List<Field> fields(List<Field> samples) {
        return new MixedBatches(NAME, classes).fields(samples);
    }

    @Override
    public void collate(Batch samples, Batch into) {
        throw new UnsupportedOperationException("Mixup needs random numbers; give it to DataLoader.Builder.collate");
    }

    @Override
    public void collate(Batch samples, Batch into, RandomStream random) {
        float share = MixedBatches.beta(alpha, random);
        int[] partners = MixedBatches.partners(samples.size(), random);
        float[] from = MixedBatches.images(samples);
        float[] to = into.floats(0);
        int elements = into.fields().get(0).elements();
        for (int i = 0; i < samples.size(); i++) {
            int own = i * elements;
            int other = partners[i] * elements;
            for (int k = 0; k < elements; k++) {
                to[own + k] = share * from[own + k] + (1 - share) * from[other + k];
            }
        }
        new MixedBatches(NAME, classes).writeOthers(samples, into, partners, share);
    }
}
