package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.alborz.random.RandomStream;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transforms of images against values of PyTorch 1.13, of torchvision's formulas, and worked out by hand. */
class AugmentationTest {
    /** Since a resumed run must have the same words, these name no object of this process. */
    @Test
    void transformsWithoutWordsOfTheirOwnAreNamedByTheirClass() {
        Transform nothing = (sample, random) -> {};
        String words = "[transforms=[class AugmentationTest$lambda]]";
        assertThat(new RandomChoice(nothing)).hasToString("RandomChoice" + words);
        assertThat(new RandomApply(0.5, nothing))
                .hasToString("RandomApply[probability=0.5, transforms=Compose" + words + "]");
        assertThat(new RandomChoice(new RandomVerticalFlip(0.5)))
                .hasToString("RandomChoice[transforms=[" + new RandomVerticalFlip(0.5) + "]]");
    }

    private static final ChannelNormalization THREE =
            new ChannelNormalization(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.3f, 0.25f});

    private static Sample floats(int channels, int height, int width) {
        return Sample.of(List.of(Field.image("image", DType.FLOAT32, channels, height, width)));
    }

    private static Sample bytes(int height, int width) {
        Sample sample = Sample.of(
                List.of(Field.image("image", DType.UINT8, 3, height, width).normalized(THREE)));
        fill(sample.bytes(0), 1);
        return sample;
    }

    private static void fill(byte[] values, long seed) {
        RandomStream random = new RandomStream(seed, 1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) random.nextInt();
        }
    }

    /** Fills an image [2, 5, 7] with ((37·i) mod 101) / 101 for the place i in [C, H, W]. */
    private static Sample numbered() {
        Sample sample = floats(2, 5, 7);
        float[] values = sample.floats(0);
        for (int i = 0; i < 70; i++) {
            values[i % 35 * 2 + i / 35] = i * 37 % 101 / 101f;
        }
        return sample;
    }

    private static void assertPlanes(Sample sample, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(sample.floats(0)[i % 35 * 2 + i / 35])
                    .as("place %d", i)
                    .isCloseTo((float) expected[i], within(2e-5f));
        }
    }

    /** {@code grid_sample} with the grid of torchvision's affine: 20 degrees, shear 10, scale 1.2, translation (1, −1). */
    @Test
    void affineMapsAreThoseOfTorchvision() {
        Sample sample = numbered();
        Warp.around(5, 7, Math.toRadians(20), Math.toRadians(10), 1.2, 1, -1).apply(sample, 0, true);
        assertPlanes(
                sample, 0.213173, 0.280731, 0.604917, 0.60084, 0.505649, 0.449765, 0.19912, 0.598132, 0.219544,
                0.442473, 0.644069, 0.227723, 0.411481, 0.442939, 0.433277, 0.501828, 0.609436, 0.670041, 0.493337,
                0.4342, 0.826825, 0.17409, 0.498371, 0.646961, 0.44593, 0.488312, 0.366409, 0.639468, 0.0, 0.0,
                0.038822, 0.202247, 0.359314, 0.084108, 0.45453, 0.513253, 0.706573, 0.426699, 0.422622, 0.327431,
                0.607187, 0.640268, 0.479005, 0.755448, 0.529687, 0.465852, 0.049505, 0.44213, 0.569323, 0.292858,
                0.604195, 0.458742, 0.491823, 0.646435, 0.676387, 0.672311, 0.121733, 0.395219, 0.493014, 0.284585,
                0.67721, 0.653606, 0.46125, 0.0, 0.0, 0.024434, 0.137063, 0.418576, 0.851151, 0.482858);
    }

    /** {@code interpolate(image[:, :, 1:4, 2:6], (5, 7), mode='bilinear')}. */
    @Test
    void cropsAreResizedAsByInterpolate() {
        Sample sample = numbered();
        RandomResizedCrop.warp(new Warp.Box(1, 2, 3, 4), 5, 7).apply(sample, 0, true);
        assertPlanes(
                sample, 0.29703, 0.427864, 0.637199, 0.346535, 0.05587, 0.265205, 0.39604, 0.522772, 0.51075, 0.491513,
                0.372277, 0.281613, 0.490948, 0.621782, 0.861386, 0.635078, 0.272984, 0.410891, 0.620226, 0.829562,
                0.960396, 0.6, 0.587977, 0.568741, 0.449505, 0.35884, 0.568175, 0.69901, 0.425743, 0.556577, 0.765912,
                0.475247, 0.184583, 0.393918, 0.524752, 0.118812, 0.249646, 0.458982, 0.668317, 0.806223, 0.44413,
                0.217822, 0.344554, 0.332532, 0.313296, 0.494059, 0.660537, 0.527016, 0.443564, 0.683168, 0.45686,
                0.094767, 0.232673, 0.442009, 0.651344, 0.782178, 0.421782, 0.40976, 0.390523, 0.571287, 0.737765,
                0.604243, 0.520792, 0.247525, 0.378359, 0.587695, 0.79703, 0.934936, 0.572843, 0.346535);
    }

    private static void assertColours(Consumer<float[]> change, double... expected) {
        float[] rgb = {0.2f, 0.5f, 0.9f, 0.7f, 0.1f, 0.4f, 0.3f, 0.3f, 0.3f, 1, 0, 0.6f};
        change.accept(rgb);
        for (int i = 0; i < expected.length; i++) {
            assertThat(rgb[i]).as("value %d", i).isCloseTo((float) expected[i], within(3e-6f));
        }
    }

    @Test
    void coloursChangeAsInTorchvision() {
        assertColours(
                rgb -> Colours.brightness(rgb, 12, 1.4f),
                0.28,
                0.7,
                1.0,
                0.98,
                0.14,
                0.56,
                0.42,
                0.42,
                0.42,
                1.0,
                0.0,
                0.84);
        assertColours(
                rgb -> Colours.contrast(rgb, 12, 1.5f),
                0.120415,
                0.570415,
                1.0,
                0.870415,
                0.0,
                0.420415,
                0.270415,
                0.270415,
                0.270415,
                1.0,
                0.0,
                0.720415);
        assertColours(
                rgb -> Colours.saturation(rgb, 12, 0.3f),
                0.379116,
                0.469116,
                0.589116,
                0.429471,
                0.249471,
                0.339471,
                0.299979,
                0.299979,
                0.299979,
                0.55711,
                0.25711,
                0.43711);
        assertColours(rgb -> Colours.hue(rgb, 12, 0.1f), 0.32, 0.2, 0.9, 0.7, 0.16, 0.1, 0.3, 0.3, 0.3, 1.0, 0.0, 0.0);
        assertColours(rgb -> Colours.hue(rgb, 12, -0.3f), 0.36, 0.9, 0.2, 0.1, 0.28, 0.7, 0.3, 0.3, 0.3, 0.0, 0.4, 1.0);
        assertColours(rgb -> Colours.hue(rgb, 12, 0.5f), 0.9, 0.6, 0.2, 0.1, 0.7, 0.4, 0.3, 0.3, 0.3, 0.0, 1.0, 0.4);
    }

    @Test
    void sharpnessIsThatOfTorchvision() {
        float[] rgb = new float[48];
        for (int i = 0; i < 48; i++) {
            rgb[i] = i * 29 % 53 / 53f;
        }
        float[] before = rgb.clone();
        Colours.sharpness(rgb, 4, 4, 1.8f);
        float[] upper = {0.08447f, 0.877794f, 0.17881f, 1, 0.334688f, 1};
        float[] lower = {0.896662f, 0.197678f, 1, 0.353556f, 1, 0.509434f};
        float[] expected = before.clone(); // the border stays
        System.arraycopy(upper, 0, expected, 15, 6);
        System.arraycopy(lower, 0, expected, 27, 6);
        assertThat(rgb).containsExactly(expected, within(2e-6f));
    }

    /** torchvision's {@code equalize} of a channel of 64 by 64 bytes. */
    @Test
    void levelsAreThoseOfTorchvision() {
        Sample sample = Sample.of(List.of(Field.image("image", DType.UINT8, 1, 64, 64)));
        byte[] values = sample.bytes(0);
        for (int i = 0; i < 4096; i++) {
            values[i] = (byte) (i * i * 7 % 200 + 20);
        }
        Levels.equalize(sample, 0);
        int sum = 0;
        for (byte value : values) {
            sum += value & 0xFF;
        }
        int[] first = {0, 14, 46, 79, 153, 224, 74, 180, 68, 202, 123, 57, 25, 251, 218, 224, 255, 35, 90, 158};
        for (int i = 0; i < first.length; i++) {
            assertThat(values[i] & 0xFF).isEqualTo(first[i]);
        }
        assertThat(sum).isEqualTo(535619);
        Sample small = Sample.of(List.of(Field.image("image", DType.UINT8, 1, 1, 4)));
        assertLevels(small, () -> Levels.widen(small, 0), 50, 100, 150, 200, 0, 85, 170, 255);
        assertLevels(small, () -> Levels.widen(small, 0), 7, 7, 7, 7, 7, 7, 7, 7);
        assertLevels(small, () -> Levels.posterize(small, 0, 3), 31, 32, 255, 100, 0, 32, 224, 96);
        assertLevels(small, () -> Levels.posterize(small, 0, 8), 31, 32, 255, 100, 31, 32, 255, 100);
        assertLevels(small, () -> Levels.solarize(small, 0, 100), 99, 100, 255, 0, 99, 155, 0, 0);
        assertLevels(small, () -> Levels.equalize(small, 0), 1, 2, 3, 4, 1, 2, 3, 4);
    }

    private static void assertLevels(Sample sample, Runnable change, int... beforeAndAfter) {
        for (int i = 0; i < 4; i++) {
            sample.bytes(0)[i] = (byte) beforeAndAfter[i];
        }
        change.run();
        for (int i = 0; i < 4; i++) {
            assertThat(sample.bytes(0)[i] & 0xFF).isEqualTo(beforeAndAfter[4 + i]);
        }
    }

    static List<Transform> identities() {
        return List.of(
                new RandomVerticalFlip(0),
                new RandomCrop(0).reflecting(),
                new RandomRotation(0),
                new RandomAffine(0).translate(0).scale(1, 1).shear(0),
                new RandomResizedCrop(1, 1, 1, 1, List.of()),
                new RandomErasing(0),
                new ColorJitter(0, 0, 0, 0),
                new RandomGrayscale(0),
                new RandomApply(0, new RandomVerticalFlip(1)),
                new RandomApply(1, new RandomVerticalFlip(1), new RandomVerticalFlip(1)),
                new RandomChoice(new RandomVerticalFlip(0)));
    }

    @ParameterizedTest
    @MethodSource("identities")
    void parametersOfNoChangeChangeNothing(Transform transform) {
        Sample sample = bytes(9, 9);
        byte[] before = sample.bytes(0).clone();
        Sample numbers = floats(3, 9, 9);
        for (int i = 0; i < before.length; i++) {
            numbers.floats(0)[i] = (before[i] & 0xFF) / 255f;
        }
        float[] numbersBefore = numbers.floats(0).clone();
        for (int run = 0; run < 20; run++) {
            transform.apply(sample, new RandomStream(2, run));
            transform.apply(numbers, new RandomStream(2, run));
        }
        assertThat(sample.bytes(0)).isEqualTo(before);
        assertThat(numbers.floats(0)).isEqualTo(numbersBefore);
    }

    static List<Transform> changes() {
        return List.of(
                new RandomVerticalFlip(),
                new RandomCrop(3).reflecting(),
                new RandomRotation(180),
                new RandomAffine(30).translate(0.3).scale(0.5, 2).shear(40),
                new RandomResizedCrop(),
                new RandomErasing(0.9),
                new ColorJitter(0.8, 0.8, 0.8, 0.5),
                new RandomGrayscale(0.5),
                new RandomApply(0.5, new RandomRotation(90)),
                new RandomChoice(new RandomVerticalFlip(1), new RandomGrayscale(1)));
    }

    /** Images of brightness 0 to 1 stay within it, and what is drawn is a function of the stream. */
    @ParameterizedTest
    @MethodSource("changes")
    void resultsAreWithinBoundsAndRepeatable(Transform transform) {
        int changed = 0;
        for (int run = 0; run < 60; run++) {
            Sample sample = floats(3, 8, 11);
            RandomStream random = new RandomStream(1, run);
            for (int i = 0; i < 264; i++) {
                sample.floats(0)[i] = random.uniform();
            }
            float[] before = sample.floats(0).clone();
            transform.apply(sample, new RandomStream(7, run));
            for (float value : sample.floats(0)) {
                assertThat(value).isBetween(0f, 1.000001f);
            }
            Sample again = floats(3, 8, 11);
            again.put(0, before);
            transform.apply(again, new RandomStream(7, run));
            assertThat(again.floats(0)).isEqualTo(sample.floats(0));
            changed += Arrays.equals(before, sample.floats(0)) ? 0 : 1;
        }
        assertThat(changed).isGreaterThan(20);
    }

    @Test
    void masksMoveAsTheirImagesDo() {
        Sample sample = Sample.of(List.of(
                Field.image("image", DType.FLOAT32, 1, 6, 6),
                Field.of("mask", DType.BOOL, 6, 6),
                Field.of("part", DType.INT64, 6, 6)));
        for (int i = 0; i < 36; i++) {
            sample.floats(0)[i] = i + 1;
            sample.booleans(1)[i] = i % 2 == 0;
            sample.longs(2)[i] = i + 1;
        }
        Warp.apply(
                "turn", sample, List.of("image", "mask", "part"), (h, w) -> Warp.around(h, w, Math.PI / 2, 0, 1, 0, 0));
        for (int h = 0; h < 6; h++) {
            for (int w = 0; w < 6; w++) {
                int source = (5 - w) * 6 + h; // the top row becomes the right column: clockwise
                assertThat(sample.floats(0)[h * 6 + w]).isCloseTo(source + 1, within(1e-4f));
                assertThat(sample.longs(2)[h * 6 + w]).isEqualTo(source + 1);
                assertThat(sample.booleans(1)[h * 6 + w]).isEqualTo(source % 2 == 0);
            }
        }
        Transform[] alike = {
            new RandomVerticalFlip(0.5, "image", "mask", "part"),
            new RandomCrop(4, "image", "mask", "part").reflecting(),
            new RandomErasing(1, "image", "mask", "part"),
        };
        RandomStream random = new RandomStream(4, 4);
        for (Transform transform : alike) {
            for (int i = 0; i < 36; i++) {
                sample.floats(0)[i] = i + 1;
                sample.booleans(1)[i] = true;
                sample.longs(2)[i] = i + 1;
            }
            transform.apply(sample, random);
            for (int i = 0; i < 36; i++) {
                assertThat(sample.longs(2)[i]).isEqualTo((long) sample.floats(0)[i]);
                assertThat(sample.booleans(1)[i]).isEqualTo(sample.floats(0)[i] != 0);
            }
        }
    }

    @Test
    void reflectedPaddingIsTheImageMirrored() {
        int[] seen = new int[25];
        for (int run = 0; run < 2000; run++) {
            Sample sample = floats(2, 4, 5);
            for (int i = 0; i < 40; i++) {
                sample.floats(0)[i] = i;
            }
            new RandomCrop(2).reflecting().apply(sample, new RandomStream(1, run));
            int matches = 0;
            for (int place = 0; place < 25; place++) {
                boolean same = true;
                for (int i = 0; i < 20; i++) {
                    int h = 3 - Math.abs(3 - Math.abs(i / 5 + place / 5 - 2));
                    int w = 4 - Math.abs(4 - Math.abs(i % 5 + place % 5 - 2));
                    same &= sample.floats(0)[2 * i + 1] == (h * 5 + w) * 2 + 1;
                }
                matches += same ? 1 : 0;
                seen[place] += same ? 1 : 0;
            }
            assertThat(matches).isEqualTo(1);
        }
        assertThat(Arrays.stream(seen).min().orElseThrow()).isGreaterThan(40);
        assertThat(new RandomCrop(2).reflecting()).hasToString("RandomCrop[padding=2, reflects, fields=[]]");
    }

    /** A rectangle of a quarter of the area with equal sides becomes the mean of the field. */
    @Test
    void erasingWritesTheMeanIntoARectangle() {
        for (int run = 0; run < 50; run++) {
            Sample sample = bytes(8, 8);
            byte[] before = sample.bytes(0).clone();
            new RandomErasing(1, 0.25, 0.25, 1, 1, List.of()).apply(sample, new RandomStream(3, run));
            int top = 8;
            int bottom = -1;
            int left = 8;
            int right = -1;
            int mean = 0;
            for (int i = 0; i < 64; i++) {
                boolean erased = sample.bytes(0)[3 * i] == (byte) 128
                        && sample.bytes(0)[3 * i + 1] == 102
                        && sample.bytes(0)[3 * i + 2] == 77;
                if (erased) {
                    mean++;
                    top = Math.min(top, i / 8);
                    bottom = Math.max(bottom, i / 8);
                    left = Math.min(left, i % 8);
                    right = Math.max(right, i % 8);
                } else {
                    assertThat(sample.bytes(0)[3 * i]).isEqualTo(before[3 * i]);
                }
            }
            assertThat(mean).isEqualTo(16);
            assertThat(bottom - top).isEqualTo(3);
            assertThat(right - left).isEqualTo(3);
        }
    }

    /** What cropping moved in is 0 after normalisation; a rotation after it takes it for the mean. */
    @Test
    void paddingOfACropTurnsWithTheImage() {
        Sample sample = bytes(9, 9);
        RandomStream random = new RandomStream(9, 1);
        new RandomCrop(8).apply(sample, random);
        float[] cropped = sample.normalized(0).clone();
        new RandomRotation(0).apply(sample, random);
        float[] turned = sample.normalized(0);
        for (int i = 0; i < cropped.length; i++) {
            assertThat(turned[i]).isCloseTo(cropped[i], within(0.5f / 255 / 0.2f + 1e-6f));
        }
        assertThat(cropped).contains(0f);
    }

    /** Each of the 14 changes is drawn, and nothing is changed about as often as in 1 of 14 cases and more. */
    @Test
    void trivialAugmentationDrawsEveryChange() {
        List<String> seen = new ArrayList<>();
        int same = 0;
        for (int run = 0; run < 1400; run++) {
            Sample sample = bytes(12, 12);
            byte[] before = sample.bytes(0).clone();
            new TrivialAugment().apply(sample, new RandomStream(6, run));
            boolean equal = Arrays.equals(before, sample.bytes(0));
            same += equal ? 1 : 0;
            seen.add(Arrays.toString(sample.bytes(0)));
        }
        // None 100; strength 0 of the others adds about 3 each, posterising below a bit 10, and of random bytes
        // AutoContrast nearly all.
        assertThat(same).isBetween(90, 330);
        // 6 kinds with 61 results, 4 of them with 2 signs, and fewer of the rest.
        assertThat(seen.stream().distinct().count()).isBetween(300L, 600L);
        assertThatThrownBy(() -> new TrivialAugment().apply(floats(3, 4, 4), new RandomStream(1, 1)))
                .hasMessageContaining("images of uint8");
    }

    @Test
    void greyIsTheBrightnessInEveryChannel() {
        Sample sample = floats(3, 1, 2);
        sample.put(0, new float[] {0.2f, 0.5f, 0.9f, 1, 0, 0});
        new RandomGrayscale(1).apply(sample, new RandomStream(1, 1));
        float first = 0.2989f * 0.2f + 0.587f * 0.5f + 0.114f * 0.9f;
        assertThat(sample.floats(0))
                .containsExactly(new float[] {first, first, first, 0.2989f, 0.2989f, 0.2989f}, within(1e-6f));
    }

    @Test
    void resizedCropsHaveTheirAreaAndRatio() {
        RandomResizedCrop crop = new RandomResizedCrop(0.2, 0.5);
        for (int run = 0; run < 200; run++) {
            Sample sample = floats(2, 40, 40);
            for (int i = 0; i < 1600; i++) {
                sample.floats(0)[2 * i] = i % 40;
                sample.floats(0)[2 * i + 1] = i / 40;
            }
            crop.apply(sample, new RandomStream(2, run));
            float[] at = sample.floats(0);
            // From the first to the last pixel the crop's middles go over its side less 1.
            double width = at[2 * 39] - at[0] + 1;
            double height = at[2 * 1560 + 1] - at[1] + 1;
            assertThat(width * height / 1600).isBetween(0.18, 0.53);
            assertThat(width / height).isBetween(0.7, 1.42);
        }
    }

    /** Whatever the number of workers, wherever the epoch is entered. */
    @Test
    void batchesDoNotDependOnWorkers() {
        Dataset images = GeneratedImages.train(1, 24);
        List<Transform> all = new ArrayList<>(changes());
        all.add(new TrivialAugment());
        List<byte[]> expected = batches(images, all, 1, 0);
        assertThat(batches(images, all, 4, 0)).containsExactlyElementsOf(expected);
        assertThat(batches(images, all, 3, 2)).containsExactlyElementsOf(expected.subList(2, 4));
    }

    private static List<byte[]> batches(Dataset images, List<Transform> transforms, int workers, int first) {
        DataLoader.Builder builder =
                DataLoader.of(images, 6).shuffle(true).seed(3).workers(workers);
        transforms.forEach(builder::transform);
        List<byte[]> all = new ArrayList<>();
        try (BatchIterator batches = builder.build().epoch(2, first)) {
            for (Batch batch : batches) {
                all.add(batch.bytes(0).clone());
            }
        }
        return all;
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> new RandomRotation(181)).hasMessageContaining("an angle from 0 to 180, got 181.0");
        assertThatThrownBy(() -> new RandomAffine(1).scale(2, 1))
                .hasMessageContaining("the smaller first, got 2.0 and 1.0");
        assertThatThrownBy(() -> new RandomAffine(1).translate(2)).hasMessageContaining("from 0 to 1, got 2.0");
        assertThatThrownBy(() -> new RandomAffine(1).shear(90)).hasMessageContaining("from 0 to 89, got 90.0");
        assertThatThrownBy(() -> new RandomResizedCrop(0, 1)).hasMessageContaining("above 0 and up to 1");
        assertThatThrownBy(() -> new RandomResizedCrop(1, 1, 2, 1, List.of())).hasMessageContaining("ratios");
        assertThatThrownBy(() -> new RandomErasing(2)).hasMessageContaining("a probability from 0 to 1, got 2.0");
        assertThatThrownBy(() -> new ColorJitter(-1, 0, 0, 0)).hasMessageContaining("a brightness from 0");
        assertThatThrownBy(() -> new ColorJitter(0, 0, 0, 0.6)).hasMessageContaining("a hue from 0 to 0.5, got 0.6");
        assertThatThrownBy(() -> new RandomApply(Double.NaN)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> new RandomChoice()).hasMessageContaining("at least 1 transform");
        assertThatThrownBy(() -> new RandomChoice((Transform) null)).hasMessageContaining("got null");
        for (Transform transform : List.of(new ColorJitter(1, 0, 0, 0), new RandomGrayscale(1), new TrivialAugment())) {
            assertThatThrownBy(() -> transform.apply(floats(2, 4, 4), new RandomStream(1, 1)))
                    .hasMessageContaining("images [3, H, W] stored channels-last");
        }
        Sample features = Sample.of(List.of(Field.of("input", DType.FLOAT32, 4)));
        for (Transform transform : changes().subList(0, 6)) {
            assertThatThrownBy(() -> transform.apply(features, new RandomStream(1, 1)))
                    .hasMessageContaining("or planes [H, W], got the field input float32 [4]");
        }
    }
}
