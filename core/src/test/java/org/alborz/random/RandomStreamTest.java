package org.alborz.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
    private static final long SEED = 42;
    private static final long STREAM = Streams.SHUFFLE.stream(7);

    @Test
    void wordsAreThoseOfTheBlocks() {
        RandomStream random = new RandomStream(SEED, STREAM);
        int[] block = new int[4];
        for (int i = 0; i < 20; i++) {
            Philox.block(SEED, STREAM, i / 4, block, 0);
            assertThat(random.nextInt()).isEqualTo(block[i % 4]);
        }
        assertThat(random.position()).isEqualTo(20);
    }

    @Test
    void thePositionIsTheWholeState() {
        for (int before = 0; before < 9; before++) {
            RandomStream straight = new RandomStream(SEED, STREAM);
            for (int i = 0; i < before; i++) {
                straight.nextInt();
            }
            straight.normal();
            RandomStream resumed = new RandomStream(SEED, STREAM);
            resumed.seek(straight.position());
            float[] a = new float[5];
            float[] b = new float[5];
            straight.fillNormal(a);
            resumed.fillNormal(b);
            assertThat(a).containsExactly(b);
            assertThat(straight.nextInt()).isEqualTo(resumed.nextInt());
            assertThat(straight.uniform()).isEqualTo(resumed.uniform());
            assertThat(straight.nextInt(1000)).isEqualTo(resumed.nextInt(1000));
            assertThat(straight.normal()).isEqualTo(resumed.normal());
        }
    }

    @Test
    void seekingBackRepeats() {
        RandomStream random = new RandomStream(SEED, STREAM);
        int first = random.nextInt();
        random.seek(1L << 40);
        random.nextInt();
        random.seek(0);
        assertThat(random.nextInt()).isEqualTo(first);
        assertThatThrownBy(() -> random.seek(-1)).hasMessageContaining("at least 0, got -1");
    }

    @Test
    void boundedDrawsAreEvenlySpread() {
        RandomStream random = new RandomStream(SEED, STREAM);
        int[] counts = new int[7];
        int draws = 70_000;
        for (int i = 0; i < draws; i++) {
            counts[random.nextInt(7)]++;
        }
        for (int count : counts) {
            // Expected 10,000 with a standard deviation of 93.
            assertThat(count).isBetween(9_600, 10_400);
        }
    }

    @Test
    void boundedDrawsHaveNoModuloBias() {
        // Plain multiplication by 3·2²⁹ / 2³² = 3/8 maps 3, 3 and 2 of every 8 words to the residues 0, 1 and 2.
        RandomStream random = new RandomStream(SEED, STREAM);
        int bound = 3 << 29;
        int[] counts = new int[3];
        int draws = 30_000;
        for (int i = 0; i < draws; i++) {
            counts[random.nextInt(bound) % 3]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(9_600, 10_400);
        }
        // A quarter of all words is refused, so more words than draws were taken.
        assertThat(random.position()).isBetween((long) (draws * 1.30), (long) (draws * 1.37));
    }

    @Test
    void boundedDrawsReachBothEndsAndNothingElse() {
        RandomStream random = new RandomStream(SEED, STREAM);
        assertThat(random.nextInt(1)).isZero();
        for (int i = 0; i < 1000; i++) {
            assertThat(random.nextInt(Integer.MAX_VALUE)).isBetween(0, Integer.MAX_VALUE - 1);
        }
        assertThatThrownBy(() -> random.nextInt(0)).hasMessageContaining("at least 1, got 0");
    }

    @Test
    void uniformTakesTheUpper24Bits() {
        RandomStream words = new RandomStream(SEED, STREAM);
        RandomStream random = new RandomStream(SEED, STREAM);
        double sum = 0;
        for (int i = 0; i < 10_000; i++) {
            float u = random.uniform();
            assertThat(u).isEqualTo((words.nextInt() >>> 8) / 16_777_216f).isBetween(0f, Math.nextDown(1f));
            sum += u;
        }
        assertThat(sum / 10_000).isCloseTo(0.5, within(0.01));
    }

    @Test
    void normalFollowsTheFormulaOfRandomFill() {
        RandomStream words = new RandomStream(SEED, STREAM);
        double[] expected = new double[6];
        for (int k = 0; k < 3; k++) {
            double r = StrictMath.sqrt(
                    -2 * StrictMath.log((Integer.toUnsignedLong(words.nextInt()) + 1.0) / 4294967296.0));
            double t = 2 * Math.PI * Integer.toUnsignedLong(words.nextInt()) / 4294967296.0;
            expected[2 * k] = r * StrictMath.cos(t);
            expected[2 * k + 1] = r * StrictMath.sin(t);
        }
        double[] filled = new double[5];
        RandomStream random = new RandomStream(SEED, STREAM);
        random.fillNormal(filled);
        assertThat(filled).containsExactly(Arrays.copyOf(expected, 5), within(1e-15));
        assertThat(random.position()).isEqualTo(6);

        random.seek(1);
        assertThat(random.normal()).isEqualTo(expected[2], within(1e-15));
        assertThat(random.position()).isEqualTo(4);
    }

    @Test
    void normalHasMeanZeroAndVarianceOne() {
        double[] values = new double[40_001];
        new RandomStream(SEED, STREAM).fillNormal(values);
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
        assertThat(mean).isCloseTo(0, within(0.02));
        assertThat(variance).isCloseTo(1, within(0.03));
        float[] floats = new float[11];
        new RandomStream(SEED, STREAM).fillNormal(floats);
        for (int i = 0; i < floats.length; i++) {
            assertThat(floats[i]).isEqualTo((float) values[i]);
        }
    }

    @Test
    void shuffleGivesEveryOrderEquallyOften() {
        RandomStream random = new RandomStream(SEED, STREAM);
        int[] counts = new int[27];
        for (int i = 0; i < 12_000; i++) {
            int[] values = {0, 1, 2};
            random.shuffle(values);
            counts[values[0] * 9 + values[1] * 3 + values[2]]++;
        }
        int[] seen = Arrays.stream(counts).filter(c -> c > 0).toArray();
        assertThat(seen).hasSize(6);
        for (int count : seen) {
            assertThat(count).isBetween(1_800, 2_200);
        }
    }

    @Test
    void streamsDiffer() {
        int[] a = new int[100];
        int[] b = new int[100];
        RandomStream first = new RandomStream(SEED, Streams.SHUFFLE.stream(0));
        RandomStream second = new RandomStream(SEED, Streams.SHUFFLE.stream(1));
        Arrays.setAll(a, i -> first.nextInt());
        Arrays.setAll(b, i -> second.nextInt());
        assertThat(a).isNotEqualTo(b);
    }
}
