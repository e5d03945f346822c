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
                RandomCrop.shift(values, AT, SHAPE, down, right);
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
                RandomCrop.shift(expected, AT, SHAPE, place / 5 - 2, place % 5 - 2);
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
                    .hasMessageContaining("[C, H, W] stored channels-last, got the field input float32 [4]");
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
