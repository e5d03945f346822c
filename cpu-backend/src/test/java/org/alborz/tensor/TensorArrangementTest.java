package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Elements in another order or place, against numbers of PyTorch 1.13.1. */
class TensorArrangementTest {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    private final Session session =
            Session.builder("cpu-vector").dtype(DType.FLOAT64).open();

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor range(int... sizes) {
        Shape shape = Shape.of(sizes);
        return session.arange((int) shape.elements()).to(DType.FLOAT64).reshape(shape);
    }

    private Tensor ints(int... values) {
        return session.tensor(values, Shape.of(values.length));
    }

    @Test
    void sortingIsStableAndNaNIsTheLargest() {
        Tensor x = session.tensor(new double[] {3, NAN, -0.0, 0, -INF, 3, INF, 1});
        Sorted up = x.sort(0);
        assertThat(up.indices().toInts()).containsExactly(4, 2, 3, 7, 0, 5, 6, 1);
        assertThat(up.values().toDoubles()).containsExactly(-INF, -0.0, 0, 1, 3, 3, INF, NAN);
        assertThat(x.argSort(-1, true).toInts()).containsExactly(1, 6, 0, 5, 7, 2, 3, 4);
        Sorted top = x.topK(3);
        assertThat(top.values().toDoubles()).containsExactly(NAN, INF, 3);
        assertThat(top.indices().toInts()).containsExactly(1, 6, 0);
        assertThat(x.topK(2, 0, false).indices().toInts()).containsExactly(4, 2);
        assertThat(x.topK(0).values().shape()).isEqualTo(Shape.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.topK(9))
                .withMessageContaining("topK expects 0 to 8 elements");
    }

    @Test
    void theGradientOfTheLargestGoesToWhereTheyWere() {
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.tensor(new double[][] {{1, 5, 3}, {9, 2, 4}}));
            Tensor y =
                    x.topK(2).values().mul(session.tensor(new double[] {10, 1})).sum();
            assertThat(tape.gradients(y, x).of(x).toDoubles()).containsExactly(0, 10, 1, 10, 0, 1);
        }
    }

    @Test
    void elementsAreTakenAndWrittenByIndex() {
        Tensor x = range(2, 3);
        Tensor at = session.tensor(new int[] {2, 0, 0, 1, 1, 1}, Shape.of(2, 3));
        assertThat(x.takeAlongAxis(1, at).toDoubles()).containsExactly(2, 0, 0, 4, 4, 4);
        Tensor values = range(2, 3).add(10);
        assertThat(x.scatter(-1, at, values).toDoubles()).containsExactly(12, 1, 10, 3, 15, 5);
        assertThat(x.scatterAdd(1, at, values).toDoubles()).containsExactly(23, 1, 12, 3, 46, 5);
        assertThat(x.scatter(1, at.narrow(1, 0, 1), -1).toDoubles()).containsExactly(0, 1, -1, 3, -1, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.takeAlongAxis(1, at.narrow(0, 0, 1)))
                .withMessageContaining("takeAlongAxis expects indices of the shape [2, 3] but for axis 1, got [1, 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.scatter(1, at, values.narrow(1, 0, 2)))
                .withMessageContaining("an index for each value");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> x.takeAlongAxis(1, at.add(1)))
                .withMessageContaining("expects indices from 0 to 2, got 3");
    }

    @Test
    void whatIsOverwrittenHasNoGradient() {
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(range(3));
            Tensor values = tape.watch(session.tensor(new double[] {7, 8, 9}));
            Tensor y = x.scatter(0, ints(1, 2, 1), values).mul(session.tensor(new double[] {1, 10, 100}));
            assertThat(y.toDoubles()).containsExactly(0, 90, 800);
            Gradients gradients = tape.gradients(y.sum(), x, values);
            assertThat(gradients.of(x).toDoubles()).containsExactly(1, 0, 0);
            assertThat(gradients.of(values).toDoubles()).containsExactly(0, 100, 10);
        }
    }

    @Test
    void coordinatesNameSlices() {
        Tensor x = range(2, 3, 2);
        Tensor rows = session.tensor(new int[] {1, 0, 0, 2}, Shape.of(2, 2));
        assertThat(x.gatherNd(rows).toDoubles()).containsExactly(6, 7, 4, 5);
        Tensor numbers = session.tensor(new int[] {1, 0, 1, 0, 2, 0}, Shape.of(2, 3));
        assertThat(x.gatherNd(numbers).toDoubles()).containsExactly(7, 4);
        Tensor twice = session.tensor(new int[] {1, 1}, Shape.of(2, 1));
        Tensor sums =
                session.zeros(Shape.of(2, 2)).scatterAddNd(twice, range(2, 2).add(1));
        assertThat(sums.toDoubles()).containsExactly(0, 0, 4, 6);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> x.gatherNd(rows.add(1)))
                .withMessageContaining("0 to 1, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.gatherNd(session.tensor(new int[4], Shape.of(1, 4))))
                .withMessageContaining("gatherNd expects coordinates [..., 1 to 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.scatterAddNd(rows, range(2, 3)))
                .withMessageContaining("scatterAddNd expects values of the shape");
    }

    @Test
    void elementsThatAreNotZeroAreFound() {
        Tensor x = session.tensor(new double[][] {{0, NAN, 2}, {-0.0, 0, -1}});
        assertThat(x.nonZero().shape()).isEqualTo(Shape.of(3, 2));
        assertThat(x.nonZero().toInts()).containsExactly(0, 1, 0, 2, 1, 2);
        assertThat(x.maskedSelect(x.lt(1)).toDoubles()).containsExactly(0, -0.0, 0, -1);
        assertThat(session.zeros(Shape.of(3)).nonZero().shape()).isEqualTo(Shape.of(0, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.maskedSelect(x))
                .withMessageContaining("maskedSelect expects a bool mask of shape [2, 3]");
    }

    @Test
    void sumsAndProductsAreCumulated() {
        Tensor x = session.tensor(new double[] {2, 0, 3, 0, 5});
        assertThat(x.cumSum(0).toDoubles()).containsExactly(2, 2, 5, 5, 10);
        try (Tape tape = new Tape(session)) {
            Tensor p = tape.watch(x);
            Tensor y = p.cumProd(0);
            assertThat(y.toDoubles()).containsExactly(2, 0, 0, 0, 0);
            Tensor loss = y.mul(session.tensor(new double[] {1, 2, 3, 4, 5})).sum();
            assertThat(tape.gradients(loss, p).of(p).toDoubles()).containsExactly(1, 22, 0, 0, 0);
        }
        try (Tape tape = new Tape(session)) {
            Tensor p = tape.watch(session.tensor(new double[][] {{2, 0, 3}, {0, 0, 5}, {1, 2, 4}}));
            Tensor y = p.prod(1);
            assertThat(y.toDoubles()).containsExactly(0, 0, 8);
            assertThat(tape.gradients(y.sum(), p).of(p).toDoubles()).containsExactly(0, 6, 0, 0, 0, 0, 8, 4, 2);
        }
        assertThat(ints(3, 4, 100000, 100000).prod().toLongs()).containsExactly(120_000_000_000L);
        assertThat(session.zeros(Shape.of(2, 0)).prod(1).toDoubles()).containsExactly(1, 1);
        assertThat(range(2, 3).add(1).prod(true, 0).shape()).isEqualTo(Shape.of(1, 3));
    }

    @Test
    void theLastOfEqualExtremesIsFound() {
        Tensor x = session.tensor(new double[][] {{1, 3, 3, 1}, {2, 2, 2, 0}});
        assertThat(x.argMaxLast(1).toInts()).containsExactly(2, 2);
        assertThat(x.argMinLast(-1).toInts()).containsExactly(3, 3);
    }

    @Test
    void axesAreTurnedAndRepeated() {
        Tensor x = range(3, 4);
        assertThat(x.flip(0, 1).narrow(0, 0, 1).toDoubles()).containsExactly(11, 10, 9, 8);
        assertThat(range(4).roll(0, 1).toDoubles()).containsExactly(3, 0, 1, 2);
        assertThat(range(4).roll(0, -5).toDoubles()).containsExactly(1, 2, 3, 0);
        assertThat(range(2).tile(2, 2).toDoubles()).containsExactly(0, 1, 0, 1, 0, 1, 0, 1);
        assertThat(range(2, 2).tile(2).toDoubles()).containsExactly(0, 1, 0, 1, 2, 3, 2, 3);
        assertThat(range(2, 2).repeatInterleave(0, 2).toDoubles()).containsExactly(0, 1, 0, 1, 2, 3, 2, 3);
        assertThat(range(2, 2).repeatInterleave(-1, new int[] {0, 3}).toDoubles())
                .containsExactly(1, 1, 1, 3, 3, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.repeatInterleave(0, new int[] {1, -1, 0}))
                .withMessageContaining("repeatInterleave expects a count");
    }

    @Test
    void paddingIsANumberOrTheElementsNearby() {
        Tensor x = range(4);
        assertThat(x.pad(0, 2, 1, 7).toDoubles()).containsExactly(7, 7, 0, 1, 2, 3, 7);
        assertThat(x.padReflect(0, 2, 1).toDoubles()).containsExactly(2, 1, 0, 1, 2, 3, 2);
        assertThat(x.padReplicate(0, 2, 1).toDoubles()).containsExactly(0, 0, 0, 1, 2, 3, 3);
        assertThat(x.padCircular(0, 2, 1).toDoubles()).containsExactly(2, 3, 0, 1, 2, 3, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.padReflect(0, 4, 0))
                .withMessageContaining("padReflect expects 0 to 3 elements on both sides");
        Tensor empty = x.narrow(0, 0, 0);
        assertThat(empty.padReflect(0, 0, 0).shape()).isEqualTo(Shape.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> empty.padReflect(0, 1, 0))
                .withMessageContaining(
                        "padReflect expects 0 to 0 elements on both sides of an empty axis, got 1 and 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.pad(0, -1, 0, 1))
                .withMessageContaining("pad expects 0 to");
    }

    @Test
    void matricesHaveTrianglesAndDiagonals() {
        Tensor x = range(3, 4);
        assertThat(x.tril(-1).toDoubles()).containsExactly(0, 0, 0, 0, 4, 0, 0, 0, 8, 9, 0, 0);
        assertThat(x.triu(1).toDoubles()).containsExactly(0, 1, 2, 3, 0, 0, 6, 7, 0, 0, 0, 11);
        assertThat(x.tril(Integer.MAX_VALUE).toDoubles()).containsExactly(x.toDoubles());
        assertThat(x.diagonal().toDoubles()).containsExactly(0, 5, 10);
        assertThat(x.diagonal(1, 0, 1).toDoubles()).containsExactly(1, 6, 11);
        assertThat(x.diagonal(-2, 0, 1).toDoubles()).containsExactly(8);
        assertThat(x.diagonal(9, 0, 1).shape()).isEqualTo(Shape.of(0));
        assertThat(range(2, 3, 2).diagonal(0, 2, 0).toDoubles()).containsExactly(0, 7, 2, 9, 4, 11);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.diagonal(0, 1, -1))
                .withMessageContaining("diagonal expects two different axes");
    }

    /** The sum of the result's elements, and its first ones. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bij,bjk->bik | A B | 2 3 5 | 34860 | 70 76 82 88",
                "bij,bjk->ki | A B | 5 3 | 34860 | 1580 2140 2700 1640",
                "bij, bjk | A B | 3 5 | 34860 | 1580 1640 1700 1760 1820 2140",
                "...ij,...jk->...ik | A B | 2 3 5 | 34860 | 70 76 82 88",
                "bij-> | A | | 276 | 276",
                "abc->cb | A | 4 3 | 276 | 12 20 28 14",
            })
    void einsumIsThatOfPyTorch(String equation, String names, String shape, double sum, String first) {
        Tensor a = range(2, 3, 4);
        Tensor b = range(2, 4, 5);
        Tensor[] terms = Arrays.stream(names.split(" "))
                .map(name -> name.equals("A") ? a : b)
                .toArray(Tensor[]::new);
        Tensor y = Tensor.einsum(equation, terms);
        int[] sizes = shape == null
                ? new int[0]
                : Arrays.stream(shape.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertThat(y.shape()).isEqualTo(Shape.of(sizes));
        assertThat(y.sum().item()).isEqualTo(sum);
        double[] starts =
                Arrays.stream(first.split(" ")).mapToDouble(Double::parseDouble).toArray();
        assertThat(y.toDoubles()).startsWith(starts);
    }

    @Test
    void einsumHasDiagonalsOuterProductsAndManyTerms() {
        Tensor a = range(2, 3, 4);
        Tensor b = range(2, 4, 5);
        Tensor matrix = a.select(0, 0);
        Tensor square = matrix.narrow(1, 0, 3);
        assertThat(Tensor.einsum("ii->i", square).toDoubles()).containsExactly(0, 5, 10);
        assertThat(Tensor.einsum("ii", square).item()).isEqualTo(15);
        assertThat(Tensor.einsum("ba", matrix).toDoubles()).startsWith(0, 4, 8, 1);
        Tensor outer = Tensor.einsum("i,j->ij", range(3), range(2).add(1));
        assertThat(outer.toDoubles()).containsExactly(0, 0, 1, 2, 2, 4);
        Tensor third = Tensor.einsum("i,i,i->", matrix.select(0, 0), matrix.select(0, 1), matrix.select(0, 2));
        assertThat(third.item()).isEqualTo(396);
        Tensor cube = Tensor.einsum(
                "bi,bj,bk->ijk",
                a.select(2, 0),
                a.narrow(1, 0, 2).select(2, 1),
                b.narrow(1, 0, 2).select(2, 0));
        assertThat(cube.shape()).isEqualTo(Shape.of(3, 2, 2));
        assertThat(cube.sum().item()).isEqualTo(65160);
        assertThat(cube.toDoubles()).startsWith(3120, 3900, 4080, 5100);
        Tensor row = range(1, 4);
        assertThat(Tensor.einsum("ij,ij->", matrix, row).item())
                .isEqualTo(matrix.mul(row).sum().item());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.einsum("ij,jk->ik", matrix, matrix))
                .withMessageContaining("axes of one size or 1 for each letter (j is 4 and 3)");
        for (String wrong : new String[] {"ij,j", "i->i", "ij->k", "ij->ii", "i1->i", "ij->i->j", "ijk"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Tensor.einsum(wrong, matrix))
                    .as(wrong)
                    .withMessageContaining("einsum expects");
        }
    }

    @Test
    void cosinesOfAnglesAreThoseOfPyTorch() {
        Tensor x = session.tensor(new double[][] {{1, 2}, {0, 0}, {-1, 1}});
        Tensor y = session.tensor(new double[][] {{2, 1}, {1, 1}, {1, -1}});
        assertThat(x.cosineSimilarity(y, 1).toDoubles()).containsExactly(new double[] {0.8, 0, -1}, within(1e-15));
    }
}
