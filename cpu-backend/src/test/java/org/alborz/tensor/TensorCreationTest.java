package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorCreationTest {
    private final Session session = Session.open("cpu-scalar");

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void countsUp() {
        assertThat(session.arange(3).toInts()).containsExactly(0, 1, 2);
        assertThat(session.arange(-1, 2).toInts()).containsExactly(-1, 0, 1);
        assertThat(session.arange(0, 1, 0.25).toFloats()).containsExactly(0, 0.25f, 0.5f, 0.75f);
        assertThat(session.arange(3, 0, -1).toFloats()).containsExactly(3, 2, 1);
        assertThat(session.arange(0).shape()).isEqualTo(Shape.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.arange(2, 1))
                .withMessageContaining("got -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.arange(0, 1, 0))
                .withMessageContaining("a step");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.arange(0, 1, -1))
                .withMessageContaining("a step");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.arange(0, 1e12, 1))
                .withMessageContaining("elements");
    }

    @Test
    void linspaceReachesFromOneEndOfDoublesToTheOther() {
        try (Session wide = Session.builder("cpu-scalar").dtype(DType.FLOAT64).open()) {
            double most = Double.MAX_VALUE;
            assertThat(wide.linspace(-most, most, 3).toDoubles()).containsExactly(-most, 0, most);
        }
    }

    @Test
    void dividesAnInterval() {
        assertThat(session.linspace(0, 1, 5).toFloats()).containsExactly(0, 0.25f, 0.5f, 0.75f, 1);
        float[] tenths = session.linspace(-1, 0.1, 12).toFloats();
        assertThat(tenths[0]).isEqualTo(-1);
        assertThat(tenths[11]).isEqualTo(0.1f);
        assertThat(session.linspace(3, 9, 1).toFloats()).containsExactly(3);
        assertThat(session.linspace(3, 9, 0).toFloats()).isEmpty();
    }

    @Test
    void makesTheIdentityAndTensorsLikeOthers() {
        assertThat(session.eye(2).toFloats()).containsExactly(1, 0, 0, 1);
        Tensor x = session.tensor(new int[] {1, 2});
        assertThat(session.zerosLike(x).toInts()).containsExactly(0, 0);
        assertThat(session.onesLike(x).dtype()).isEqualTo(DType.INT32);
        assertThatIllegalArgumentException().isThrownBy(() -> session.eye(-1)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void takesJavaArraysOfUpToFourAxes() {
        float[][] matrix = {{1, 2, 3}, {4, 5, 6}};
        double[][][] cube = {{{1, 2}}, {{3, 4}}};
        int[][][][] four = {{{{1}, {2}}}};
        assertThat(session.tensor(matrix).toArray(float[][].class)).isEqualTo(matrix);
        assertThat(session.tensor(cube).toArray(double[][][].class)).isEqualTo(cube);
        assertThat(session.tensor(four).toArray(int[][][][].class)).isEqualTo(four);
        assertThat(session.tensor(new float[] {1, 2}).toArray(float[].class)).containsExactly(1, 2);
        assertThat(session.tensor(matrix).mT().toArray(double[][].class))
                .isEqualTo(new double[][] {{1, 4}, {2, 5}, {3, 6}});
        assertThat(session.tensor(new boolean[] {true, false}, Shape.of(2)).toArray(boolean[].class))
                .containsExactly(true, false);
        assertThat(session.tensor(new int[] {7}).toArray(long[].class)).containsExactly(7);
    }

    @Test
    void refusesArraysThatDoNotFit() {
        Tensor x = session.ones(Shape.of(2, 2));
        assertThatIllegalStateException()
                .isThrownBy(() -> x.toArray(float[].class))
                .withMessageContaining("as many axes");
        assertThatIllegalStateException()
                .isThrownBy(() -> x.toArray(String[][].class))
                .withMessageContaining("String[][]");
        assertThatIllegalStateException()
                .isThrownBy(() -> x.toArray(int[][].class))
                .withMessageContaining("toInts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.tensor(new float[][] {{1}, {1, 2}}))
                .withMessageContaining("rows of one length");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.tensor((float[][]) null))
                .withMessageContaining("null");
    }

    @Test
    void drawsTheSameForASeed() {
        Tensor x = session.normal(Shape.of(1000), 7);
        assertThat(x.toFloats()).isEqualTo(session.normal(Shape.of(1000), 7).toFloats());
        assertThat(x.toFloats()).isNotEqualTo(session.normal(Shape.of(1000), 8).toFloats());
        assertThat(x.mean().item()).isBetween(-0.1, 0.1);
        assertThat(x.std().item()).isBetween(0.9, 1.1);
        Tensor u = session.uniform(Shape.of(1000), 7);
        assertThat(u.min().item()).isNotNegative();
        assertThat(u.max().item()).isLessThan(1);
        assertThat(u.mean().item()).isBetween(0.45, 0.55);
    }
}
