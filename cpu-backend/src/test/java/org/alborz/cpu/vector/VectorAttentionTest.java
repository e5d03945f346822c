package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.alborz.backend.Attention;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.AttentionParameters;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two blocks of queries of which the first sees no multiple of the terms that a product takes at a time: one key more than queries. */
final class VectorAttentionTest {
    private static final int HEADS = 4;
    private static final int QUERIES = 2 * VectorAttention.QUERIES;
    private static final int KEYS = QUERIES + 1;
    private static final int SIZE = 5;

    /** A key that the first block's queries do not see, and that is one of the terms which its last key's are filled up to. */
    private static final int HIDDEN = VectorAttention.QUERIES + 2;

    private static final AttentionParameters CAUSAL = AttentionParameters.ofCausal();
    private static final int KEY = 1;
    private static final int VALUE = 2;

    @ParameterizedTest
    @ValueSource(ints = {KEY, VALUE})
    void bitsDoNotDependOnTheNumberOfThreads(int broken) {
        List<float[]> one = run(1, HEADS, broken, Float.NaN);
        assertThat(run(2, HEADS, broken, Float.NaN)).containsExactlyElementsOf(one);
        assertThat(run(3, HEADS, broken, Float.NaN)).containsExactlyElementsOf(one);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, HEADS})
    void aKeyThatNoQueryOfABlockSeesDoesNotCount(int keyHeads) {
        List<float[]> sound = run(1, keyHeads, VALUE, 0);
        for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            for (int operand : new int[] {KEY, VALUE}) {
                List<float[]> results = run(1, keyHeads, operand, broken);
                for (int head = 0; head < HEADS; head++) {
                    int from = head * QUERIES * SIZE;
                    int to = from + VectorAttention.QUERIES * SIZE;
                    for (int i = 0; i < 2; i++) {
                        assertThat(Arrays.copyOfRange(results.get(i), from, to))
                                .as(
                                        "%s of head %d, %s in operand %d",
                                        i == 0 ? "results" : "dQuery", head, broken, operand)
                                .doesNotContain(Float.NaN);
                    }
                }
            }
        }
    }

    @Test
    void moreScratchMemoryThanAnArrayHoldsIsRefused() {
        assertThatThrownBy(() -> new Workspace().floats(Workspace.Use.RIGHT, 1L << 31))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2147483648 numbers")
                .hasMessageContaining("shorter sequences");
    }

    /** Computes the result and the gradients of a query, keys and values, with a number in a key or value that the first block does not see. */
    private static List<float[]> run(int threads, int keyHeads, int broken, float with) {
        try (Pair pair = new Pair(threads)) {
            Layout queries = Layout.rowMajor(Shape.of(1, HEADS, QUERIES, SIZE));
            Layout keys = Layout.rowMajor(Shape.of(1, keyHeads, KEYS, SIZE));
            Twin[] x = {pair.random(queries), pair.random(keys), pair.random(keys)};
            for (int head = 0; head < keyHeads; head++) {
                int at = Floats.at(x[broken].vector()) + (head * KEYS + HIDDEN) * SIZE;
                Arrays.fill(Floats.of(x[broken].vector()), at, at + SIZE, with);
            }
            Twin dResult = pair.random(queries);
            Twin result = pair.empty(queries);
            Twin statistics = pair.empty(Layout.rowMajor(Shape.of(1, HEADS, QUERIES, 2)));
            Twin[] gradients = {pair.empty(queries), pair.empty(keys), pair.empty(keys)};
            Attention attention = pair.vector.fusion(Attention.class).orElseThrow();
            attention.forward(
                    CAUSAL,
                    null,
                    x[0].vector(),
                    x[1].vector(),
                    x[2].vector(),
                    null,
                    result.vector(),
                    statistics.vector());
            attention.backward(
                    CAUSAL,
                    null,
                    new Attention.Inputs(
                            x[0].vector(),
                            x[1].vector(),
                            x[2].vector(),
                            null,
                            result.vector(),
                            statistics.vector(),
                            dResult.vector()),
                    gradients[0].vector(),
                    gradients[1].vector(),
                    gradients[2].vector());
            return List.of(
                    pair.read(result), pair.read(gradients[0]), pair.read(gradients[1]), pair.read(gradients[2]));
        }
    }
}
