package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

/** Mixup and CutMix. */
class MixupTest {
    private static final Dataset IMAGES = GeneratedImages.train(1, 20);

    /** Mean 1/2 and variance 1 / (4·(2α + 1)). */
    @Test
    void sharesAreBetaDistributed() {
        for (double alpha : new double[] {0.01, 0.2, 1, 4}) {
            RandomStream random = new RandomStream(2, 1);
            double sum = 0;
            double squares = 0;
            int draws = 20_000;
            for (int i = 0; i < draws; i++) {
                double share = MixedBatches.beta(alpha, random);
                assertThat(share).isBetween(0.0, 1.0);
                sum += share;
                squares += share * share;
            }
            double mean = sum / draws;
            assertThat(mean).isCloseTo(0.5, within(0.012));
            assertThat(squares / draws - mean * mean).isCloseTo(1 / (4 * (2 * alpha + 1)), within(0.006));
        }
    }

    @Test
    void imagesAndLabelsAreMixedAlike() {
        List<Batches> plain = batches(null, 4, 3, 0);
        int mixed = 0;
        for (Batches batch : batches(new Mixup(1, 10), 4, 3, 0)) {
            Batches from = plain.get(batch.index());
            RandomStream random = new RandomStream(7, Streams.BATCH.stream(3));
            random.seek(batch.index() * (1L << 30));
            float share = MixedBatches.beta(1, random);
            int[] partners = MixedBatches.partners(from.size(), random);
            for (int i = 0; i < from.size(); i++) {
                int other = partners[i];
                mixed += other != i ? 1 : 0;
                for (int k = 0; k < 3072; k++) {
                    assertThat(batch.images()[i * 3072 + k])
                            .isCloseTo(
                                    share * from.images()[i * 3072 + k] + (1 - share) * from.images()[other * 3072 + k],
                                    within(1e-6f));
                }
                float[] expected = new float[10];
                expected[from.labels()[i]] += share;
                expected[from.labels()[other]] += 1 - share;
                assertThat(Arrays.copyOfRange(batch.shares(), i * 10, i * 10 + 10))
                        .isEqualTo(expected);
            }
        }
        assertThat(mixed).isGreaterThan(8);
    }

    /** Every pixel is that of the image or of its partner, and the label's share is that of the area. */
    @Test
    void rectanglesArePastedAndLabelsFollowTheirArea() {
        List<Batches> plain = batches(null, 0, 5, 0);
        boolean pasted = false;
        for (Batches batch : batches(new CutMix(1, 10), 0, 5, 0)) {
            Batches from = plain.get(batch.index());
            for (int i = 0; i < from.size(); i++) {
                int own = 0;
                for (int p = 0; p < 1024; p++) {
                    boolean same = true;
                    for (int c = 0; c < 3; c++) {
                        int at = i * 3072 + p * 3 + c;
                        same &= batch.images()[at] == from.images()[at];
                    }
                    own += same ? 1 : 0;
                }
                float share = batch.shares()[i * 10 + from.labels()[i]];
                if (share < 1) { // of another class, and so another image
                    assertThat(own / 1024f).isCloseTo(share, within(0.01f)); // few pixels of two images are equal
                    pasted = true;
                }
                float sum = 0;
                for (int c = 0; c < 10; c++) {
                    sum += batch.shares()[i * 10 + c];
                }
                assertThat(sum).isCloseTo(1, within(1e-6f));
            }
        }
        assertThat(pasted).isTrue();
    }

    @Test
    void batchesAreAFunctionOfSeedEpochAndIndex() {
        for (Collation collation : List.of(new Mixup(0.2, 10), new CutMix(1, 10))) {
            List<Batches> whole = batches(collation, 4, 1, 0);
            List<Batches> rest = batches(collation, 4, 1, 2);
            for (Batches batch : rest) {
                assertThat(batch.images()).isEqualTo(whole.get(batch.index()).images());
                assertThat(batch.shares()).isEqualTo(whole.get(batch.index()).shares());
            }
            assertThat(rest).hasSize(2);
            assertThat(batches(collation, 4, 2, 0).get(0).images())
                    .isNotEqualTo(whole.get(0).images());
        }
    }

    /** A copy of a batch. */
    private record Batches(int index, int size, float[] images, int[] labels, float[] shares) {}

    private static List<Batches> batches(Collation collation, int padding, int epoch, int first) {
        DataLoader.Builder builder = DataLoader.of(IMAGES, 6).seed(7).workers(1 + epoch % 3);
        builder.transform(new RandomCrop(padding));
        if (collation != null) {
            builder.collate(collation);
        }
        List<Batches> all = new ArrayList<>();
        try (BatchIterator batches = builder.build().epoch(epoch, first)) {
            for (Batch batch : batches) {
                boolean plain = collation == null;
                all.add(new Batches(
                        batch.index(),
                        batch.size(),
                        plain
                                ? batch.normalized(0, 0, batch.size()).clone()
                                : Arrays.copyOf(batch.floats(0), batch.size() * 3072),
                        plain ? batch.ints(1).clone() : null,
                        plain ? null : Arrays.copyOf(batch.floats(1), batch.size() * 10)));
            }
        }
        return all;
    }

    @Test
    void otherFieldsAndTypesStayAsTheyAre() {
        Dataset data = ArrayDataset.builder()
                .field("image", new byte[4][2][3][3])
                .field("label", new int[] {0, 1, 2, 1})
                .field("weight", new double[] {1, 2, 3, 4})
                .build();
        DataLoader loader = DataLoader.of(data, 4).collate(new Mixup(1, 3)).build();
        assertThat(loader.fields().toString())
                .contains("image float32 [2, 3, 3]", "label float32 [3]", "weight float64");
        try (BatchIterator batches = loader.epoch(0)) {
            assertThat(batches.next().doubles(2)).containsExactly(1, 2, 3, 4);
        }
        assertThatThrownBy(() -> {
                    try (BatchIterator batches = DataLoader.of(data, 4)
                            .collate(new CutMix(1, 2))
                            .build()
                            .epoch(0)) {
                        batches.next();
                    }
                })
                .isInstanceOf(DataException.class)
                .hasMessageContaining("labels from 0 to 1, got 2 of sample 2");
    }

    /** Whichever sample another one is mixed with. */
    @Test
    void labelsThatAreNoClassesAreNamed() {
        Dataset data = ArrayDataset.builder()
                .field("image", new byte[3][1][2][2])
                .field("label", new int[] {0, 1, 1_000_000})
                .build();
        for (int seed = 0; seed < 8; seed++) {
            DataLoader loader =
                    DataLoader.of(data, 3).seed(seed).collate(new Mixup(1, 3)).build();
            assertThatThrownBy(() -> {
                        try (BatchIterator batches = loader.epoch(0)) {
                            batches.next();
                        }
                    })
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("labels from 0 to 2, got 1000000 of sample 2");
        }
    }

    @Test
    void refusesWhatCannotBeMixed() {
        assertThatThrownBy(() -> new Mixup(0, 3)).hasMessageContaining("alpha above 0");
        assertThatThrownBy(() -> new CutMix(1, 1)).hasMessageContaining("classes, got 1");
        assertThatThrownBy(() -> DataLoader.of(new NumberedDataset(4, 2), 2)
                        .collate(new Mixup(1, 3))
                        .build())
                .hasMessageContaining("the fields image, [C, H, W]");
        assertThatThrownBy(() -> new CutMix(1, 3)
                        .fields(List.of(
                                Field.image("image", DType.UINT8, 3, 4, 4), Field.of("target", DType.FLOAT32, 1))))
                .hasMessageContaining("label, an int32 scalar");
        assertThatThrownBy(() -> new Mixup(1, 3).collate(null, null))
                .hasMessageContaining("DataLoader.Builder.collate");
    }
}
