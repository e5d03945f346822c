package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializerTest {
    private static final Shape KERNEL = Shape.of(8, 3, 5, 4);

    private static double[] fill(Initializer initializer, Shape shape) {
        double[] values = new double[(int) shape.elements()];
        Arrays.fill(values, Double.NaN);
        initializer.fill(shape, values, new RandomStream(5, 7));
        return values;
    }

    /** Returns what standard normal or uniform numbers, drawn alike, were multiplied by. */
    private static double scale(Initializer initializer, Initializer standard) {
        double[] values = fill(initializer, KERNEL);
        double[] drawn = fill(standard, KERNEL);
        double scale = values[0] / drawn[0];
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i]).isCloseTo(scale * drawn[i], within(1e-12));
        }
        return scale;
    }

    /** Expected: from PyTorch 2.13's {@code calculate_gain} and {@code _calculate_fan_in_and_fan_out} of {@code empty(8, 3, 5, 4)}. */
    @Test
    void deviationsAndBoundsAsPyTorch() {
        Initializer normal = Initializer.normal(1);
        Initializer uniform = Initializer.uniform(1);
        assertThat(scale(Initializer.heNormal(), normal)).isCloseTo(HE_IN, within(1e-14));
        assertThat(scale(Initializer.heNormal().fan(FanMode.FAN_OUT).gain(Gain.leakyRelu(0.2)), normal))
                .isCloseTo(HE_OUT_LEAKY, within(1e-14));
        assertThat(scale(Initializer.xavierNormal().gain(Gain.tanh()), normal)).isCloseTo(XAVIER_TANH, within(1e-14));
        assertThat(scale(Initializer.xavierUniform(), uniform)).isCloseTo(XAVIER_BOUND, within(1e-14));
        assertThat(scale(Initializer.heUniform(), uniform)).isCloseTo(HE_IN * Math.sqrt(3), within(1e-14));
        assertThat(scale(Initializer.lecunNormal(), normal)).isCloseTo(Math.sqrt(1 / 60.0), within(1e-14));
        assertThat(scale(Initializer.lecunUniform(), uniform)).isCloseTo(Math.sqrt(3 / 60.0), within(1e-14));
        assertThat(Gain.selu()).isEqualTo(0.75);
        assertThat(Gain.linear()).isEqualTo(1);
        assertThat(scale(Initializer.heNormal().gain(Gain.relu()), normal)).isCloseTo(HE_IN, within(1e-14));
        assertThat(FanMode.FAN_IN.of(Shape.of(7))).isEqualTo(7);
    }

    private static final double HE_IN = 0.18257418583505539;
    private static final double HE_OUT_LEAKY = 0.10963225241337864;
    private static final double XAVIER_TANH = 0.15891043154093204;
    private static final double XAVIER_BOUND = 0.16514456476895406;

    @Test
    void valuesAreThoseGiven() {
        double[] given = {1, 2, 3, 4, 5, 6};
        Initializer values = Initializer.values(given);
        given[0] = 9;
        assertThat(fill(values, Shape.of(2, 3))).containsExactly(1, 2, 3, 4, 5, 6);
        assertThatThrownBy(() -> fill(values, Shape.of(7)))
                .hasMessageContaining("Initializer.values expects a parameter of 6 values")
                .hasMessageContaining("[7]");
    }

    @Test
    void truncatedNumbersKeepTheirVariance() {
        double[] values = fill(Initializer.truncatedNormal(0.5), Shape.of(20_000));
        assertThat(Arrays.stream(values).map(Math::abs).max().getAsDouble()).isBetween(0.99, 1.0);
        assertThat(deviation(values)).isCloseTo(0.5 * 0.87962566103423978, within(0.006));
        double[] he = fill(Initializer.heNormal().truncated(), Shape.of(200, 100));
        assertThat(deviation(he)).isCloseTo(Math.sqrt(2 / 100.0), within(0.002));
        assertThat(deviation(fill(Initializer.xavierUniform(), Shape.of(200, 100))))
                .isCloseTo(Math.sqrt(2 / 300.0), within(0.001));
    }

    private static double deviation(double[] values) {
        double mean = Arrays.stream(values).average().getAsDouble();
        assertThat(mean).isCloseTo(0, within(0.02));
        return Math.sqrt(Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .getAsDouble());
    }

    /** Q is the one matrix of orthonormal vectors for which Qᵀ·A is triangular with a positive diagonal. */
    @ParameterizedTest
    @CsvSource({"6, 6, 1", "40, 7, 1", "7, 40, 1", "5, 3, 4", "1, 9, 1", "9, 1, 1"})
    void orthogonalMatricesAreThoseOfTheQrDecomposition(int rows, int columns, int kernel) {
        Shape shape = kernel == 1 ? Shape.of(rows, columns) : Shape.of(rows, columns, 2, kernel / 2);
        List<double[]> q = vectors(fill(Initializer.orthogonal(3), shape), rows, columns * kernel);
        List<double[]> a = vectors(fill(Initializer.normal(1), shape), rows, columns * kernel);
        for (int i = 0; i < q.size(); i++) {
            for (int j = 0; j < q.size(); j++) {
                assertThat(dot(q.get(i), q.get(j))).isCloseTo(i == j ? 9 : 0, within(1e-12));
                double r = dot(q.get(i), a.get(j));
                if (j == i) {
                    assertThat(r).isPositive();
                } else if (j < i) {
                    assertThat(r).isCloseTo(0, within(1e-11));
                }
            }
        }
    }

    /** Returns the rows or, where there are more of these, the columns. */
    private static List<double[]> vectors(double[] values, int rows, int columns) {
        List<double[]> vectors = new ArrayList<>();
        for (int i = 0; i < Math.min(rows, columns); i++) {
            double[] vector = new double[Math.max(rows, columns)];
            for (int j = 0; j < vector.length; j++) {
                vector[j] = rows < columns ? values[i * columns + j] : values[j * columns + i];
            }
            vectors.add(vector);
        }
        return vectors;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Expected: the places of ones that {@code torch.nn.init.dirac_} of PyTorch 2.13 gives. */
    @Test
    void diracPassesInputsOn() {
        ones(Initializer.dirac(3), Shape.of(6, 2, 3, 4), new int[][] {
            {0, 0, 1, 2}, {1, 1, 1, 2}, {2, 0, 1, 2}, {3, 1, 1, 2}, {4, 0, 1, 2}, {5, 1, 1, 2}
        });
        ones(Initializer.dirac(), Shape.of(3, 5, 2), new int[][] {{0, 0, 1}, {1, 1, 1}, {2, 2, 1}});
    }

    private static void ones(Initializer initializer, Shape shape, int[][] places) {
        double[] expected = new double[(int) shape.elements()];
        for (int[] place : places) {
            int at = 0;
            for (int axis = 0; axis < place.length; axis++) {
                at = at * shape.size(axis) + place[axis];
            }
            expected[at] = 1;
        }
        assertThat(fill(initializer, shape)).isEqualTo(expected);
    }

    @Test
    void theSameSeedGivesTheSameNumbers() {
        for (Initializer initializer : List.of(
                Initializer.truncatedNormal(1),
                Initializer.orthogonal(),
                Initializer.heNormal().truncated(),
                Initializer.lecunUniform())) {
            double[] first = fill(initializer, Shape.of(4, 3));
            assertThat(fill(initializer, Shape.of(4, 3))).isEqualTo(first).doesNotContain(Double.NaN);
        }
        assertThat(fill(Initializer.heNormal(), Shape.of(0, 3))).isEmpty();
        assertThat(fill(Initializer.orthogonal(), Shape.of(0, 3))).isEmpty();
    }

    @Test
    void settingsOfNoUseAreRefused() {
        assertThatThrownBy(() -> Initializer.truncatedNormal(-1)).hasMessageContaining("at least 0, got -1.0");
        assertThatThrownBy(() -> Initializer.orthogonal(Double.NaN))
                .hasMessageContaining("gain of at least 0, got NaN");
        assertThatThrownBy(() -> Initializer.dirac(0)).hasMessageContaining("at least 1 group, got 0");
        assertThatThrownBy(() -> Initializer.heNormal().gain(0)).hasMessageContaining("above 0, got 0.0");
        assertThatThrownBy(() -> Initializer.heNormal().fan(null)).hasMessageContaining("a fan mode, got null");
        assertThatThrownBy(() -> fill(Initializer.orthogonal(), Shape.of(3)))
                .hasMessageContaining("at least 2 axes, got [3]");
        assertThatThrownBy(() -> fill(Initializer.dirac(2), Shape.of(3, 1, 1))).hasMessageContaining("multiple of 2");
        assertThatThrownBy(() -> fill(Initializer.dirac(), Shape.of(3, 3))).hasMessageContaining("got [3, 3]");
    }
}
