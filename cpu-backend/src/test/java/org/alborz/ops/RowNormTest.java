package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** The vectors of cpu-vector give what the reference gives for rows of any length, the same bits on any number of threads. */
class RowNormTest {
    /** Returns y, dx, dgamma and dbeta. */
    private static List<double[]> run(
            String backend, BackendOptions options, boolean centred, double size, DType type, int rows, int width) {
        try (Session session = Session.open(backend, options, DType.FLOAT32);
                Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.uniform(Shape.of(rows, width), 1)
                    .add(-0.3)
                    .mul(size)
                    .to(type));
            Tensor gamma = tape.watch(session.uniform(Shape.of(width), 2).add(0.5));
            Tensor beta = tape.watch(session.uniform(Shape.of(width), 3));
            Tensor y = Engine.apply(new RowNorm(centred, 1e-5), x, gamma, beta);
            Tensor weights = session.uniform(Shape.of(rows, width), 4);
            Gradients gradients =
                    tape.gradients(y.to(DType.FLOAT32).mul(weights).sum(), x, gamma, beta);
            List<double[]> results = new ArrayList<>();
            results.add(y.toDoubles());
            results.add(gradients.of(x).toDoubles());
            results.add(gradients.of(gamma).toDoubles());
            results.add(gradients.of(beta).toDoubles());
            return results;
        }
    }

    private static void compare(boolean centred, double size, int rows, int width) {
        List<double[]> expected =
                run("cpu-scalar", BackendOptions.defaults(), centred, size, DType.FLOAT32, rows, width);
        List<double[]> actual =
                run("cpu-vector", BackendOptions.defaults().withThreads(2), centred, size, DType.FLOAT32, rows, width);
        for (int i = 0; i < expected.size(); i++) {
            double largest = Arrays.stream(expected.get(i)).map(Math::abs).max().orElse(0);
            for (int k = 0; k < expected.get(i).length; k++) {
                assertThat(actual.get(i)[k])
                        .as("result %d of %d rows of %d, element %d", i, rows, width, k)
                        .isCloseTo(expected.get(i)[k], within(4e-6 * largest + 1e-30));
            }
        }
    }

    @Test
    void rowsOfAnyLength() {
        for (boolean centred : new boolean[] {false, true}) {
            for (int width = 3; width <= 70; width += 1 + width / 8) {
                compare(centred, 1, 3, width);
            }
            compare(centred, 1, 5, 2048);
            compare(centred, 1, 2, 2049);
            compare(centred, 1, 3, 6151);
            compare(centred, 1, 700, 33);
        }
    }

    /** Squares of such numbers are no float32. */
    @Test
    void largeNumbers() {
        compare(true, 1e25, 4, 37);
        compare(false, 1e25, 4, 37);
    }

    @Test
    void sameBitsOnAnyNumberOfThreads() {
        for (DType type : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
            for (int[] size : new int[][] {{900, 20}, {70, 1031}, {3, 4099}}) {
                List<double[]> one =
                        run("cpu-vector", BackendOptions.defaults().withThreads(1), true, 1, type, size[0], size[1]);
                for (int threads = 2; threads <= 3; threads++) {
                    List<double[]> several = run(
                            "cpu-vector",
                            BackendOptions.defaults().withThreads(threads),
                            true,
                            1,
                            type,
                            size[0],
                            size[1]);
                    for (int i = 0; i < one.size(); i++) {
                        assertThat(several.get(i)).isEqualTo(one.get(i));
                    }
                }
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT32)) {
            Tensor x = session.ones(Shape.of(2, 3));
            Tensor row = session.ones(Shape.of(3));
            assertThat(x.layerNorm(row, row, 1e-5).toDoubles()).containsOnly(1);
            assertThat(x.rmsNorm(null, 0).toDoubles()).containsOnly(1);
            assertThatThrownBy(() -> x.layerNorm(session.ones(Shape.of(2)), null, 1e-5))
                    .hasMessageContainingAll("LayerNorm", "gamma [3] of float32", "[2]");
            assertThatThrownBy(() -> x.layerNorm(null, row, 1e-5)).hasMessageContaining("beta beside gamma only");
            assertThatThrownBy(() -> x.rmsNorm(row.to(DType.FLOAT64), 1e-5)).hasMessageContaining("float64");
            assertThatThrownBy(() -> x.rmsNorm(row, -1)).hasMessageContaining("RMSNorm expects a finite epsilon");
            assertThatThrownBy(() -> session.ones(Shape.scalar()).layerNorm(null, null, 0))
                    .hasMessageContaining("got a scalar");
        }
    }
}
