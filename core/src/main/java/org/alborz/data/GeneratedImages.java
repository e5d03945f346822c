package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.type.DType;

/**
 * Drawn images of CIFAR-10's size in ten classes of figures and textures, for runs without files. It is not CIFAR-10
 * and far easier.
 *
 * <p>Place, size, colours and noise are random, so the class shows in the form only. The images are a function of the
 * seed, the part and the index, the same on every machine, and are normalised by {@link ChannelNormalization#CIFAR10} on the device.
 */
public final class GeneratedImages implements Dataset {
    private static final int CHANNELS = 3;
    private static final int SIDE = 32;
    private static final int IMAGE = CHANNELS * SIDE * SIDE;
    private static final int MAX_SIZE = 500_000;
    private static final List<Field> FIELDS = List.of(
            Field.image("image", DType.UINT8, CHANNELS, SIDE, SIDE).normalized(ChannelNormalization.CIFAR10),
            Field.of("label", DType.INT32));
    private static final Pattern[] PATTERNS = Pattern.values();
    private static final float NOISE = 0.08f;

    private final String description;

    /** All images, stored channels-last. */
    private final byte[] images;

    private GeneratedImages(String part, int partIndex, long seed, int size) {
        if (size < 1 || size > MAX_SIZE) {
            throw new IllegalArgumentException("GeneratedImages expects 1 to " + MAX_SIZE + " images, got " + size);
        }
        this.images = new byte[size * IMAGE];
        for (int i = 0; i < size; i++) {
            render(
                    PATTERNS[i % PATTERNS.length],
                    new RandomStream(seed, Streams.DATA.stream(2L * i + partIndex)),
                    images,
                    i * IMAGE);
        }
        this.description = String.format(
                Locale.ROOT,
                "generated images, %s, which are NOT CIFAR-10 (%,d drawings of 3 x 32 x 32,"
                        + " %d classes of figures and textures, seed %d)",
                part,
                size,
                PATTERNS.length,
                seed);
    }

    /** Draws a training set. */
    public static GeneratedImages train(long seed, int size) {
        return new GeneratedImages("training", 0, seed, size);
    }

    /** Draws a test set, which shares no image with the training set of the same seed. */
    public static GeneratedImages test(long seed, int size) {
        return new GeneratedImages("test", 1, seed, size);
    }

    private static void render(Pattern pattern, RandomStream random, byte[] image, int at) {
        Scene scene = Scene.draw(random);
        float[] background = scene.background();
        float[] foreground = scene.foreground();
        int to = at;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                float share = pattern.coverage(scene, x - scene.centreX(), y - scene.centreY());
                // Ten bits of noise a channel, all from one word.
                int noise = random.nextInt();
                for (int c = 0; c < CHANNELS; c++) {
                    float colour = background[c] + share * (foreground[c] - background[c]);
                    float offset = ((noise >>> 10 * c & 1023) - 511.5f) * (NOISE / 511.5f);
                    float clamped = Math.max(0, Math.min(1, colour + offset));
                    image[to++] = (byte) (int) (clamped * 255 + 0.5f);
                }
            }
        }
    }

    @Override
    public int size() {
        return images.length / IMAGE;
    }

    @Override
    public List<Field> fields() {
        return FIELDS;
    }

    @Override
    public List<String> classes() {
        return Arrays.stream(PATTERNS).map(Pattern::label).toList();
    }

    @Override
    public void read(int index, Sample into) {
        int from = Samples.index(index, this) * IMAGE;
        into.put(0, images, from);
        into.set(1, index % PATTERNS.length);
    }

    @Override
    public String description() {
        return description;
    }
}
