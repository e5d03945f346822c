package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class TransformTest {
    private static final Shape SHAPE = Shape.of(2, 3, 5);
    private static final int AT = 4;

    @Test
    void flipMirrorsColumns() {
        float[] values = image();
        apply(new RandomHorizontalFlip(1), values, new RandomStream(1, 1));
        for (int h = 0; h < 3; h++) {
            for (int w = 0; w < 5; w++) {
                for (int c = 0; c < 2; c++) {
                    assertThat(values[AT + (h * 5 + w) * 2 + c]).isEqualTo(pixel(h, 4 - w, c));
                }
            }
        }
        assertSurroundingsUntouched(values);
    }

    @Test
    void flipHappensAsOftenAsAsked() {
        RandomStream random = new RandomStream(1, 1);
        int flips = 0;
        for (int i = 0; i < 1000; i++) {
            float[] values = image();
            apply(new RandomHorizontalFlip(), values, random);
            flips += Arrays.equals(values, image()) ? 0 : 1;
        }
        assertThat(flips).isBetween(440, 560);
        float[] values = image();
        apply(new RandomHorizontalFlip(0), values, random);
        assertThat(values).containsExactly(image());
    }

    @Test
    void everyShiftMovesInPlaceAndFillsWithZeros() {
        for (int down = -4; down <= 4; down++) {
            for (int right = -7; right <= 7; right++) {
                float[] values = image();
                RandomCrop.shift(values, AT, 3, 10, down, 2 * right);
                for (int h = 0; h < 3; h++) {
                    for (int w = 0; w < 5; w++) {
                        for (int c = 0; c < 2; c++) {
                            assertThat(values[AT + (h * 5 + w) * 2 + c])
                                    .as("down %d right %d at %d %d %d", down, right, h, w, c)
                                    .isEqualTo(pixel(h + down, w + right, c));
                        }
                    }
                }
                assertSurroundingsUntouched(values);
            }
        }
    }

    @Test
    void cropReachesEveryPlaceWithinThePadding() {
        RandomStream random = new RandomStream(1, 1);
        int[] seen = new int[25];
        for (int i = 0; i < 5000; i++) {
            float[] values = image();
            apply(new RandomCrop(2), values, random);
            int matches = 0;
            for (int place = 0; place < 25; place++) {
                float[] expected = image();
                RandomCrop.shift(expected, AT, 3, 10, place / 5 - 2, 2 * (place % 5 - 2));
                if (Arrays.equals(values, expected)) {
                    seen[place]++;
                    matches++;
                }
            }
            assertThat(matches).isEqualTo(1);
        }
        // Expected 200 each with a standard deviation of 14.
        assertThat(Arrays.stream(seen).min().orElseThrow()).isGreaterThan(130);
    }

    /** Bytes are moved as numbers are, and what comes in from outside is 0 after normalisation. */
    @Test
    void bytesAreTransformedAsTheirNumbersAre() {
        ChannelNormalization by = new ChannelNormalization(new float[] {0.3f, 0.6f}, new float[] {0.2f, 0.4f});
        Sample bytes =
                Sample.of(List.of(Field.image("image", DType.UINT8, 2, 5, 7).normalized(by)));
        Sample floats = Sample.of(List.of(Field.image("image", DType.FLOAT32, 2, 5, 7)));
        Transform[] transforms = {
            new RandomCrop(2),
            new RandomHorizontalFlip(),
            new RandomVerticalFlip(),
            new RandomCrop(4),
            new RandomCrop(0)
        };
        RandomStream random = new RandomStream(1, 1);
        for (int run = 0; run < 500; run++) {
            bytes.begin();
            byte[] pixels = bytes.bytes(0);
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) random.nextInt();
            }
            floats.put(0, bytes.normalized(0).clone());
            for (int step = 0; step < 3; step++) {
                Transform transform = transforms[random.nextInt(transforms.length)];
                transform.apply(bytes, new RandomStream(2, run * 3L + step));
                transform.apply(floats, new RandomStream(2, run * 3L + step));
                assertThat(bytes.normalized(0)).isEqualTo(floats.floats(0));
            }
        }
    }

    @Test
    void whatShowsTheSamePlacesIsMovedAlike() {
        Sample sample = Sample.of(List.of(
                Field.image("image", DType.FLOAT32, 3, 6, 8),
                Field.of("label", DType.INT32),
                Field.of("mask", DType.BOOL, 6, 8),
                Field.of("depth", DType.FLOAT64, 6, 8),
                Field.of("id", DType.INT64, 6, 8),
                Field.of("part", DType.INT32, 6, 8)));
        Transform both = new Compose(
                new RandomCrop(3, "image", "mask", "depth", "id", "part"),
                new RandomHorizontalFlip(0.5, "image", "mask", "depth", "id", "part"));
        RandomStream random = new RandomStream(3, 1);
        for (int run = 0; run < 100; run++) {
            for (int i = 0; i < 48; i++) {
                for (int c = 0; c < 3; c++) {
                    sample.floats(0)[3 * i + c] = i + 1;
                }
                sample.booleans(2)[i] = i % 3 == 0;
                sample.doubles(3)[i] = i + 1;
                sample.longs(4)[i] = i + 1;
                sample.ints(5)[i] = i + 1;
            }
            both.apply(sample, random);
            for (int i = 0; i < 48; i++) {
                float place = sample.floats(0)[3 * i + 2];
                assertThat(sample.booleans(2)[i]).isEqualTo(place > 0 && (int) (place - 1) % 3 == 0);
                assertThat(sample.doubles(3)[i]).isEqualTo(place);
                assertThat(sample.longs(4)[i]).isEqualTo((long) place);
                assertThat(sample.ints(5)[i]).isEqualTo((int) place);
            }
        }
        assertThatThrownBy(() -> new RandomCrop(1, "label").apply(sample, random))
                .hasMessageContaining("label int32");
        assertThatThrownBy(() -> new RandomCrop(1, "nothing").apply(sample, random))
                .hasMessageContaining("'nothing'");
    }

    @Test
    void onlyImagesOfBytesAreNormalised() {
        ChannelNormalization three = ChannelNormalization.scaling(3);
        for (Field field : List.of(
                Field.image("x", DType.FLOAT32, 3, 4, 4),
                Field.image("x", DType.UINT8, 2, 4, 4),
                Field.of("x", DType.UINT8, 3, 4, 4),
                Field.of("x", DType.UINT8, 3))) {
            assertThatThrownBy(() -> field.normalized(three))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("uint8 images [3, H, W] stored channels-last");
        }
        Field image = Field.image("x", DType.UINT8, 3, 4, 4);
        assertThatThrownBy(() -> image.normalized(null)).hasMessageContaining("null");
        assertThatThrownBy(() -> Sample.of(List.of(image)).normalized(0)).hasMessageContaining("no normalization");
        assertThat(image.normalized(three)).isEqualTo(image.normalized(ChannelNormalization.scaling(3)));
        assertThat(image.normalized(three)).isNotEqualTo(image);
        assertThat(image.normalized(three).typeIn(DType.FLOAT64)).isEqualTo(DType.FLOAT64);
        assertThat(image.typeIn(DType.FLOAT64)).isEqualTo(DType.UINT8);
    }

    @Test
    void composeAppliesInOrder() {
        Transform twice = (sample, random) -> sample.floats(0)[0] *= 2;
        Transform plusOne = (sample, random) -> sample.floats(0)[0] += 1;
        Sample sample = Sample.of(List.of(Field.of("input", DType.FLOAT32)));
        sample.set(0, 3);
        new Compose(plusOne, twice).apply(sample, new RandomStream(1, 1));
        assertThat(sample.floats(0)).containsExactly(8);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> new RandomCrop(-1)).hasMessageContaining("got -1");
        assertThatThrownBy(() -> new RandomHorizontalFlip(1.5)).hasMessageContaining("0 to 1, got 1.5");
        Sample features = Sample.of(List.of(Field.of("input", DType.FLOAT32, 4)));
        for (Transform transform : List.of(new RandomCrop(1), new RandomHorizontalFlip())) {
            assertThatThrownBy(() -> transform.apply(features, new RandomStream(1, 1)))
                    .hasMessageContaining(
                            "[C, H, W] stored channels-last, or planes [H, W], got the field input float32 [4]");
        }
        assertThatThrownBy(() -> new RandomCrop(Integer.MAX_VALUE)).hasMessageContaining("got 2147483647");
        assertThatThrownBy(() -> new RandomHorizontalFlip(Double.NaN)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> new RandomHorizontalFlip(-0.1)).hasMessageContaining("got -0.1");
    }

    @Test
    void refusesAPaddingThatCoversTheImage() {
        for (int[] size : new int[][] {{3, 5}, {5, 3}}) {
            Field field = Field.image("image", DType.FLOAT32, 2, size[0], size[1]);
            Sample sample = Sample.of(List.of(field));
            assertThatThrownBy(() -> new RandomCrop(3).apply(sample, new RandomStream(1, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("padding of 3")
                    .hasMessageContaining(field.shape().toString());
            new RandomCrop(2).apply(sample, new RandomStream(1, 1));
        }
    }

    @Test
    void normalizationRefusesWhatGivesNoNumbers() {
        float[][] means = {{Float.NaN}, {0}, {0}, {0}, {0}, {0}, {Float.POSITIVE_INFINITY}, {0, 0}, {}};
        float[][] stds = {{1}, {Float.NaN}, {0}, {-1}, {Float.POSITIVE_INFINITY}, {1e-45f}, {1}, {1}, {}};
        for (int i = 0; i < means.length; i++) {
            float[] mean = means[i];
            float[] std = stds[i];
            assertThatThrownBy(() -> new ChannelNormalization(mean, std), "case %d", i)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Normalization expects");
        }
    }

    /** Transforms the second of three images, the others of which are -1. */
    private static void apply(Transform transform, float[] values, RandomStream random) {
        Batch batch = new Batch(List.of(Field.image("image", DType.FLOAT32, 2, 3, 5)), 3);
        Arrays.fill(batch.floats(0), -1);
        Sample sample = new Sample(batch);
        sample.moveTo(1);
        sample.put(0, values, AT);
        transform.apply(sample, random);
        System.arraycopy(batch.floats(0), 30, values, AT, 30);
        Arrays.fill(batch.floats(0), 30, 60, -1);
        assertThat(batch.floats(0)).containsOnly(-1);
    }

    private static float[] image() {
        float[] values = new float[AT + 30 + 3];
        Arrays.fill(values, -1);
        for (int i = 0; i < 30; i++) {
            values[AT + i] = pixel(i / 10, i / 2 % 5, i % 2);
        }
        return values;
    }

    private static float pixel(int h, int w, int c) {
        return h < 0 || h >= 3 || w < 0 || w >= 5 ? 0 : 100 * h + 10 * w + c + 1;
    }

    private static void assertSurroundingsUntouched(float[] values) {
        assertThat(Arrays.copyOf(values, AT)).containsOnly(-1);
        assertThat(Arrays.copyOfRange(values, AT + 30, values.length)).containsOnly(-1);
    }
}
