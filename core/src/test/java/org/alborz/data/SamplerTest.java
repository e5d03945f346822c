package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final Dataset DATA = new NumberedDataset(30, 2);

    @Test
    void drawsWithReplacementInProportionToWeights() {
        double[] weights = {1, 0, 2, 0.5, 0.5};
        int[] counts = counts(new WeightedSampler(weights, 40_000, true).draw(5, new RandomStream(1, 1)), 5);
        assertThat(counts[1]).isZero();
        for (int i = 0; i < 5; i++) { // a standard deviation is at most 100
            assertThat((double) counts[i]).isBetween(10_000 * weights[i] - 500, 10_000 * weights[i] + 500);
        }
    }

    /** The first of two draws by weight, and the second by those of the others: p(i first) = wᵢ, p(i at all) by hand. */
    @Test
    void drawsWithoutReplacementInProportionToWhatIsLeft() {
        double[] weights = {3, 2, 1, 0};
        int[] first = new int[4];
        int[] any = new int[4];
        int runs = 20_000;
        WeightedSampler sampler = new WeightedSampler(weights, 2, false);
        for (int run = 0; run < runs; run++) {
            int[] drawn = sampler.draw(4, new RandomStream(7, run));
            assertThat(drawn).doesNotHaveDuplicates().doesNotContain(3);
            first[drawn[0]]++;
            any[drawn[0]]++;
            any[drawn[1]]++;
        }
        double[] p = {1 / 2., 1 / 3., 1 / 6.};
        for (int i = 0; i < 3; i++) {
            double second = 0;
            for (int j = 0; j < 3; j++) {
                second += j == i ? 0 : p[j] * p[i] / (1 - p[j]);
            }
            assertThat(first[i] / (double) runs).isBetween(p[i] - 0.015, p[i] + 0.015);
            assertThat(any[i] / (double) runs).isBetween(p[i] + second - 0.015, p[i] + second + 0.015);
        }
        assertThat(new WeightedSampler(weights, 3, false).draw(4, new RandomStream(1, 1)))
                .containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void drawsEveryClassEquallyOften() {
        int[] labels = {0, 0, 0, 0, 0, 0, 0, 2, 2, 5}; // 7, 2 and 1 samples; classes 1, 3 and 4 have none
        BalancedSampler sampler = new BalancedSampler(labels, 20);
        for (int epoch = 0; epoch < 20; epoch++) {
            int[] drawn = sampler.draw(10, new RandomStream(3, epoch));
            int[] ofClass = new int[6];
            for (int index : drawn) {
                ofClass[labels[index]]++;
            }
            assertThat(new int[] {ofClass[0], ofClass[2], ofClass[5]})
                    .contains(6)
                    .containsOnly(6, 7);
            int[] counts = counts(drawn, 10);
            assertThat(Arrays.copyOf(counts, 7)).contains(1).doesNotContain(2, 3, 4, 5, 6, 7); // none again before all
            assertThat(Math.abs(counts[7] - counts[8])).isLessThanOrEqualTo(1);
        }
        assertThat(BalancedSampler.of(DATA).samples(30)).isEqualTo(30);
        assertThat(BalancedSampler.of(DATA).draw(30, new RandomStream(1, 1))).containsExactlyInAnyOrder(range(30));
    }

    /** Batches are those of the seed and the epoch, whatever the workers and wherever the epoch is entered. */
    @Test
    void aLoaderGivesWhatItsSamplerDraws() {
        double[] weights = new double[30];
        Arrays.setAll(weights, i -> i % 4);
        for (Sampler sampler : List.of(
                new WeightedSampler(weights, 47, true),
                new WeightedSampler(weights, 11, false),
                BalancedSampler.of(DATA))) {
            List<String> whole = batches(sampler, 1, 3, 0);
            assertThat(whole).hasSize((sampler.samples(30) + 6) / 7);
            assertThat(batches(sampler, 4, 3, 0)).isEqualTo(whole);
            for (int first = 0; first <= whole.size(); first++) {
                assertThat(batches(sampler, 3, 3, first)).isEqualTo(whole.subList(first, whole.size()));
            }
            assertThat(batches(sampler, 2, 4, 0)).isNotEqualTo(whole);
        }
    }

    private static List<String> batches(Sampler sampler, int workers, int epoch, int first) {
        Transform noise = (sample, random) -> sample.floats(0)[sample.at(0)] += random.uniform();
        DataLoader loader = DataLoader.of(DATA, 7)
                .sampler(sampler)
                .seed(5)
                .workers(workers)
                .transform(noise)
                .build();
        List<String> all = new ArrayList<>();
        try (BatchIterator batches = loader.epoch(epoch, first)) {
            for (Batch batch : batches) {
                all.add(Arrays.toString(Arrays.copyOf(batch.floats(0), 2 * batch.size()))
                        + Arrays.toString(Arrays.copyOf(batch.ints(1), batch.size())));
            }
        }
        return all;
    }

    @Test
    void aSampleThatIsDrawnTwiceIsTransformedDifferently() {
        Transform noise = (sample, random) -> sample.floats(0)[sample.at(0)] += random.uniform();
        double[] one = new double[30];
        one[4] = 1;
        DataLoader loader = DataLoader.of(DATA, 100)
                .sampler(new WeightedSampler(one, 100, true))
                .transform(noise)
                .build();
        try (BatchIterator batches = loader.epoch(0)) {
            Batch batch = batches.next();
            assertThat(batch.size()).isEqualTo(100);
            float[] values = batch.floats(0);
            assertThat(Arrays.stream(range(100))
                            .mapToObj(i -> values[2 * i])
                            .distinct()
                            .count())
                    .isGreaterThan(95);
        }
        assertThat(loader.samplesPerEpoch()).isEqualTo(100);
        assertThat(loader.batchesPerEpoch()).isEqualTo(1);
    }

    @Test
    void aResumedRunComparesTheSampler() {
        double[] weights = new double[30];
        Arrays.fill(weights, 1);
        LoaderDescription plain = DataLoader.of(DATA, 5).build().description();
        LoaderDescription weighted = description(new WeightedSampler(weights, 30, true));
        assertThat(plain.settings()).doesNotContainKey("sampler");
        assertThat(plain.difference(weighted)).get().asString().contains("sampler=nothing against WeightedSampler[");
        assertThat(description(new WeightedSampler(weights.clone(), 30, true))).isEqualTo(weighted);
        weights[3] = 2;
        assertThat(description(new WeightedSampler(weights, 30, true))).isNotEqualTo(weighted);
        assertThat(description(BalancedSampler.of(DATA))).isNotEqualTo(weighted);
    }

    private static LoaderDescription description(Sampler sampler) {
        return DataLoader.of(DATA, 5).sampler(sampler).build().description();
    }

    @Test
    void refusesWhatCannotBeDrawn() {
        assertThatThrownBy(() -> new WeightedSampler(new double[] {1, -1}, 1, true))
                .hasMessageContainingAll("at least 0", "-1.0 of sample 1");
        assertThatThrownBy(() -> new WeightedSampler(new double[] {1, Double.NaN}, 1, true))
                .hasMessageContaining("NaN of sample 1");
        assertThatThrownBy(() -> new WeightedSampler(new double[2], 1, true)).hasMessageContaining("sum above 0");
        assertThatThrownBy(() -> new WeightedSampler(new double[] {1, 0, 1}, 3, false))
                .hasMessageContaining("1 to 2 samples without replacement in an epoch, got 3");
        assertThatThrownBy(() -> new WeightedSampler(new double[] {1}, 0, true)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new BalancedSampler(new int[] {0, -1}, 2)).hasMessageContaining("-1 of sample 1");
        assertThatThrownBy(() -> new BalancedSampler(new int[0], 2)).hasMessageContaining("at least 1 sample");
        assertThatThrownBy(() -> new BalancedSampler(new int[2], 0)).hasMessageContaining("got 0");
        DataLoader.Builder builder = DataLoader.of(DATA, 5);
        assertThatThrownBy(() -> builder.sampler(null)).hasMessageContaining("a sampler, got null");
        assertThatThrownBy(() ->
                        builder.sampler(new BalancedSampler(new int[4], 4)).build())
                .hasMessageContaining("4 labels for 30 samples");
        assertThatThrownBy(() -> builder.sampler(new WeightedSampler(new double[] {1}, 1, true))
                        .build())
                .hasMessageContaining("1 weights for 30 samples");
        assertThatThrownBy(() -> DataLoader.of(DATA, 5)
                        .sampler(BalancedSampler.of(DATA))
                        .shuffle(true)
                        .build())
                .hasMessageContaining("shuffle or a sampler, got both");
    }

    @Test
    void aSamplerThatBreaksItsWordIsRefused() {
        record Given(int count, int... drawn) implements Sampler {
            @Override
            public int samples(int size) {
                return count;
            }

            @Override
            public int[] draw(int size, RandomStream random) {
                return drawn;
            }
        }
        assertThatThrownBy(() -> DataLoader.of(DATA, 5).sampler(new Given(0)).build())
                .hasMessageContaining("at least 1 sample an epoch, got 0");
        assertThatThrownBy(() -> DataLoader.of(DATA, 5)
                        .sampler(new Given(3, 1, 2))
                        .build()
                        .epoch(0))
                .hasMessageContaining("3 indices of its sampler");
        assertThatThrownBy(() -> DataLoader.of(DATA, 5)
                        .sampler(new Given(2, 1, 30))
                        .build()
                        .epoch(0))
                .hasMessageContaining("0 to 29")
                .hasMessageContaining("got 30");
    }

    private static int[] counts(int[] drawn, int size) {
        int[] counts = new int[size];
        for (int index : drawn) {
            counts[index]++;
        }
        return counts;
    }

    private static int[] range(int size) {
        int[] range = new int[size];
        Arrays.setAll(range, i -> i);
        return range;
    }
}
