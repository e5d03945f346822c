package org.alborz.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.type.DType;

/** What {@link Mixup} and {@link CutMix} share: batches whose images are mixed with others of the batch, and whose labels are shares. */
final class MixedBatches {
    private final String name;
    private final int classes;

    MixedBatches(String name, int classes) {
        if (classes < 2 || classes > ClassNames.MOST) {
            throw new IllegalArgumentException(name + " expects 2 to " + ClassNames.MOST + " classes, got " + classes);
        }
        this.name = name;
        this.classes = classes;
    }

    static double requireAlpha(String name, double alpha) {
        if (!(alpha > 0 && alpha < 1e6)) {
            throw new IllegalArgumentException(name + " expects an alpha above 0 and below 1e6, got " + alpha);
        }
        return alpha;
    }

    /** Returns the fields with images of float32, and in place of labels a share of each class. */
    List<Field> fields(List<Field> samples) {
        Field image = samples.get(0);
        boolean images = image.channelsLast() && !image.isVariable();
        if (!images
                || !Fields.haveLabel(samples)
                || samples.stream().anyMatch(Field::isVariable)
                || image.type() != DType.UINT8 && image.type() != DType.FLOAT32) {
            throw new IllegalArgumentException(name + " expects the fields image, [C, H, W] of uint8 or float32 stored"
                    + " channels-last, and label, an int32 scalar, and no variable ones, got " + samples);
        }
        List<Field> fields = new ArrayList<>(samples);
        fields.set(0, new Field(image.name(), DType.FLOAT32, image.shape(), true, Field.NONE, null));
        fields.set(1, Field.of(samples.get(1).name(), DType.FLOAT32, classes));
        return fields;
    }

    /** Draws which sample of the batch each is mixed with: a permutation. */
    static int[] partners(int size, RandomStream random) {
        int[] partners = new int[size];
        for (int i = 0; i < size; i++) {
            partners[i] = i;
        }
        random.shuffle(partners);
        return partners;
    }

    /** Returns all images as numbers: normalised where the field is, and of bytes otherwise those from 0 to 255. */
    static float[] images(Batch samples) {
        Field field = samples.fields().get(0);
        if (field.isNormalized()) {
            return samples.normalized(0, 0, samples.size());
        }
        if (field.type() == DType.FLOAT32) {
            return samples.floats(0);
        }
        float[] numbers = new float[samples.size() * field.elements()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = samples.bytes(0)[i] & 0xFF;
        }
        return numbers;
    }

    /** Writes labels as shares, the first of which is each sample's own; and the other fields as they are. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the field's type
    void writeOthers(Batch samples, Batch into, int[] partners, float share) {
        int[] labels = samples.ints(1);
        float[] shares = into.floats(1);
        Arrays.fill(shares, 0, samples.size() * classes, 0);
        for (int i = 0; i < samples.size(); i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new DataException(name + " expects labels from 0 to " + (classes - 1) + ", got " + labels[i]
                        + " of sample " + samples.samples()[i]);
            }
        }
        for (int i = 0; i < samples.size(); i++) {
            shares[i * classes + labels[i]] += share;
            shares[i * classes + labels[partners[i]]] += 1 - share;
        }
        for (int field = 2; field < samples.fields().size(); field++) {
            int count = samples.size() * samples.fields().get(field).elements();
            System.arraycopy(samples.array(field), 0, into.array(field), 0, count);
        }
    }

    /** Draws from the beta distribution with both parameters alike, as the share of one of two gamma distributed numbers. */
    static float beta(double alpha, RandomStream random) {
        double first = logGamma(alpha, random);
        double second = logGamma(alpha, random);
        return (float) (1 / (1 + StrictMath.exp(second - first)));
    }

    /**
     * Draws the logarithm of a gamma distributed number (Marsaglia and Tsang 2000, "A simple method for generating gamma variables"); of
     * small alpha the numbers themselves would be 0.
     */
    private static double logGamma(double alpha, RandomStream random) {
        if (alpha < 1) {
            double boost = StrictMath.log(1 - random.uniform()) / alpha;
            return logGamma(alpha + 1, random) + boost;
        }
        double d = alpha - 1 / 3.0;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double x = random.normal();
            double v = 1 + c * x;
            if (v <= 0) {
                continue;
            }
            double cubed = v * v * v;
            double log = StrictMath.log(cubed);
            if (StrictMath.log(1 - random.uniform()) < x * x / 2 + d * (1 - cubed + log)) {
                return StrictMath.log(d) + log;
            }
        }
    }
}
