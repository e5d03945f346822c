package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

class ArrayDatasetTest {
    private static final float[][] X = {{1, 2}, {3, 4}, {5, 6}};

    private static List<String> fields(Dataset data) {
        return data.fields().stream().map(Field::toString).toList();
    }

    @Test
    void inputsAndLabels() {
        Dataset data = ArrayDataset.of(X, new int[] {0, 2, 1});
        assertThat(data.size()).isEqualTo(3);
        assertThat(fields(data)).containsExactly("input float32 [2]", "label int32 []");
        assertThat(data.classes()).containsExactly("0", "1", "2");
        Sample sample = Sample.of(data, 1);
        assertThat(sample.floats(0)).containsExactly(3, 4);
        assertThat(sample.ints(1)).containsExactly(2);
        assertThat(sample.get(sample.field("label"), 0)).isEqualTo(2);
    }

    @Test
    void inputsAndLabelsInWords() {
        Dataset data = ArrayDataset.of(X, new String[] {"versicolor", "setosa", "versicolor"});
        assertThat(fields(data)).containsExactly("input float32 [2]", "label int32 []");
        assertThat(data.classes()).containsExactly("setosa", "versicolor");
        assertThat(Sample.of(data, 0).ints(1)).containsExactly(1);
        assertThat(Sample.of(data, 1).ints(1)).containsExactly(0);
        refused(() -> ArrayDataset.of(X, new String[] {"a", null, "b"}), "label of sample 1", "null");
        refused(() -> ArrayDataset.of(X, new String[] {"a", "b"}), "3 of 'input' and 2 of 'label'");
        refused(() -> ArrayDataset.of(X, new String[] {"a", "a", "a"}), "2 to 100000 classes, got 1");
        refused(
                () -> ArrayDataset.builder().field("x", X).field("kind", new String[] {"a", "b", "c"}),
                "'kind'",
                "got String[]; ArrayDataset.of(x, labels) numbers words");
    }

    @Test
    void inputsAndTargetsOfAnyType() {
        assertThat(fields(ArrayDataset.of(X, new float[3]))).containsExactly("input float32 [2]", "target float32 []");
        assertThat(fields(ArrayDataset.of(new double[3][4], new double[3][2])))
                .containsExactly("input float64 [4]", "target float64 [2]");
        assertThat(fields(ArrayDataset.of(new byte[3][3][8][8], new boolean[3][8][8])))
                .containsExactly("input uint8 [3, 8, 8] channels-last", "target bool [8, 8]");
        assertThat(fields(ArrayDataset.of(new long[3], new int[3][5])))
                .containsExactly("input int64 []", "target int32 [5]");
        assertThat(ArrayDataset.of(X, new float[3]).classes()).isEmpty();
    }

    @Test
    void severalFieldsOrOne() {
        Dataset data = ArrayDataset.builder()
                .field("user", new int[] {7, 8})
                .field("price", new double[] {0.5, 0.25})
                .field("bought", new boolean[] {true, false})
                .field(Field.image("icon", DType.UINT8, 1, 1, 2), new byte[] {1, 2, 3, (byte) 200})
                .field("time", new long[] {1L << 40, -1})
                .build();
        Sample sample = Sample.of(data, 1);
        assertThat(sample.ints(0)).containsExactly(8);
        assertThat(sample.doubles(1)).containsExactly(0.25);
        assertThat(sample.booleans(2)).containsExactly(false);
        assertThat(sample.bytes(3)).containsExactly(3, (byte) 200);
        assertThat(sample.get(3, 1)).isEqualTo(200);
        assertThat(sample.longs(4)).containsExactly(-1);
        assertThat(fields(ArrayDataset.builder().field("x", X).build())).containsExactly("x float32 [2]");
    }

    @Test
    void imagesAreStoredChannelsLast() {
        float[][][][] images = new float[2][3][4][5];
        float value = 0;
        for (float[][][] image : images) {
            for (float[][] plane : image) {
                for (float[] row : plane) {
                    for (int w = 0; w < row.length; w++) {
                        row[w] = value++;
                    }
                }
            }
        }
        Sample sample = Sample.of(ArrayDataset.of(images, new int[] {0, 1}), 1);
        for (int c = 0; c < 3; c++) {
            for (int h = 0; h < 4; h++) {
                for (int w = 0; w < 5; w++) {
                    assertThat(sample.floats(0)[(h * 5 + w) * 3 + c]).isEqualTo(images[1][c][h][w]);
                }
            }
        }
    }

    @Test
    void sequencesOfDifferentLengths() {
        Dataset data = ArrayDataset.builder()
                .variable("tokens", new int[][] {{1}, {}, {2, 3, 4}})
                .variable("frames", new float[][][] {{{1, 2}}, {{3, 4}, {5, 6}}, {}})
                .build();
        assertThat(fields(data))
                .containsExactly(
                        "tokens int32 [3] variable along axis 0", "frames float32 [2, 2] variable along axis 0");
        int[] lengths = {1, 0, 3};
        for (int i = 0; i < 3; i++) {
            assertThat(Sample.of(data, i).length(0)).isEqualTo(lengths[i]);
        }
        assertThat(Sample.of(data, 2).ints(0)).containsExactly(2, 3, 4);
        Sample second = Sample.of(data, 1);
        assertThat(second.length(1)).isEqualTo(2);
        assertThat(second.floats(1)).containsExactly(3, 4, 5, 6);
        assertThat(Sample.of(data, 2).elements(1)).isZero();
    }

    @Test
    void whatTheCallerDoesToTheArraysLaterChangesNothing() {
        float[][] x = {{1}, {2}};
        float[] y = {3, 4};
        Dataset data = ArrayDataset.of(x, y);
        x[0][0] = 9;
        y[0] = 9;
        assertThat(Sample.of(data, 0).floats(0)).containsExactly(1);
        assertThat(Sample.of(data, 0).floats(1)).containsExactly(3);
    }

    /** One value of many differs, which the loader's few looks into the samples do not find. */
    @Test
    void theDescriptionTellsEveryValueApart() {
        float[][] x = new float[1000][3];
        LoaderDescription one = describe(x);
        assertThat(describe(x)).isEqualTo(one);
        x[517][1] = 1e-30f;
        assertThat(one.difference(describe(x)))
                .get()
                .asString()
                .contains("data=")
                .contains("content");
        int[][] tokens = {{1, 2}, {3}};
        int[][] others = {{1}, {2, 3}};
        assertThat(ArrayDataset.builder().variable("t", tokens).build().description())
                .isNotEqualTo(
                        ArrayDataset.builder().variable("t", others).build().description());
    }

    private static LoaderDescription describe(float[][] x) {
        return DataLoader.of(ArrayDataset.of(x, new float[x.length]), 10)
                .build()
                .description();
    }

    private static void refused(Runnable call, String... words) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContainingAll(words);
    }

    @Test
    void refusesArraysThatDoNotFitTogether() {
        refused(() -> ArrayDataset.of(X, new int[] {0, 1}), "3 of 'input'", "2 of 'label'");
        refused(
                () -> ArrayDataset.of(new float[][] {{1, 2}, {3}}, new int[2]),
                "'input'",
                "2 values",
                "got 1",
                "variable");
        refused(() -> ArrayDataset.of(new float[][] {{1}, null}, new int[2]), "'input'", "sample 1", "null");
        refused(() -> ArrayDataset.of(new float[][] {null, {1}}, new int[2]), "'input'", "sample 0", "null");
        refused(() -> ArrayDataset.of(new float[0][2], new int[0]), "at least 1 sample");
        refused(() -> ArrayDataset.of(new float[2][0], new int[2]), "'input'", "1 to");
        refused(() -> ArrayDataset.of(null, new int[2]), "null");
        refused(() -> ArrayDataset.of(X, (int[]) null), "null");
        refused(() -> ArrayDataset.of(X, (String[]) null), "null");
        refused(() -> ArrayDataset.of("x", new int[2]), "String");
        refused(() -> ArrayDataset.of(new char[2], new int[2]), "char[]");
        refused(() -> ArrayDataset.of(new float[1][1][1][1][1], new int[1]), "1 to 4 indices");
        refused(() -> ArrayDataset.of(List.of(1f), new int[1]), "array of float");
        refused(() -> ArrayDataset.builder().build(), "at least 1 field");
        refused(() -> ArrayDataset.builder().field("a", X).field("a", X).build(), "'a' twice");
        refused(() -> ArrayDataset.builder().field(" ", X), "name");
        refused(() -> ArrayDataset.builder().field(Field.of("a", DType.FLOAT32, 4), new float[6]), "4 values", "6");
        refused(() -> ArrayDataset.builder().field(Field.of("a", DType.FLOAT32, 2), new int[6]), "float32", "int[]");
        refused(() -> ArrayDataset.builder().variable("a", new float[3]), "2 to 4 indices");
        refused(() -> ArrayDataset.builder().variable("a", new float[][] {{1}, null}), "sample 1");
        refused(() -> ArrayDataset.builder().variable("a", new float[][][] {{{1, 2}}, {{1}}}), "sample 1", "got 1");
    }

    @Test
    void refusesLabelsThatAreNoClasses() {
        refused(() -> ArrayDataset.of(X, new int[] {0, -1, 1}), "got -1 of sample 1");
        refused(() -> ArrayDataset.of(X, new int[] {0, 1, Integer.MAX_VALUE}), "got 2147483647 of sample 2");
        ArrayDataset.Builder builder = ArrayDataset.builder().field("input", X);
        refused(
                () -> builder.field("label", new int[] {0, 1, 2})
                        .classes("a", "b")
                        .build(),
                "got 2 of sample 2");
        refused(() -> ArrayDataset.builder().field("input", X).classes("a", "b").build(), "second array");
        refused(() -> ArrayDataset.builder().classes("a", "a"), "twice");
    }

    @Test
    void aSampleThatThereIsNotIsNamed() {
        Dataset data = ArrayDataset.of(X, new float[3]);
        assertThatThrownBy(() -> data.read(3, Sample.of(data.fields())))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("0 to 2");
        assertThatThrownBy(() -> Sample.of(data, -1))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("got -1");
    }

    @Test
    void mapMakesOtherFields() {
        Dataset sums = ArrayDataset.of(X, new int[] {0, 1, 1})
                .map(List.of(Field.of("sum", DType.FLOAT64), Field.of("label", DType.INT32)), (from, into) -> {
                    into.set(0, from.get(0, 0) + from.get(0, 1));
                    into.set(1, from.ints(1)[from.at(1)]);
                });
        assertThat(Sample.of(sums, 2).doubles(0)).containsExactly(11);
        assertThat(sums.classes()).hasSize(2);
        assertThat(sums.size()).isEqualTo(3);
        assertThat(sums.description()).contains("3 samples in memory", "mapped by class ArrayDatasetTest$lambda");
        Dataset forgetful = sums.map(List.of(Field.of("y", DType.FLOAT32)), (from, into) -> {});
        assertThatThrownBy(() -> Sample.of(forgetful, 0)).hasMessageContaining("without its field 'y'");
        try (BatchIterator batches = DataLoader.of(sums, 2).workers(3).build().epoch(0)) {
            assertThat(batches.next().doubles(0)).containsExactly(3, 7);
            assertThat(batches.next().doubles(0)).startsWith(11);
        }
    }

    @Test
    void concatPutsDatasetsBehindEachOther() {
        Dataset a = ArrayDataset.of(X, new float[] {0, 1, 2});
        Dataset b = new Subset(ArrayDataset.of(X, new float[] {3, 4, 5}), 2, 0);
        Dataset empty = new Subset(a);
        Dataset all = Dataset.concat(empty, a, empty, b, empty);
        assertThat(all.size()).isEqualTo(5);
        float[] targets = new float[5];
        for (int i = 0; i < 5; i++) {
            targets[i] = Sample.of(all, i).floats(1)[0];
        }
        assertThat(targets).containsExactly(0, 1, 2, 5, 3);
        assertThat(all.description()).contains(a.description(), b.description());
        for (int index : new int[] {-1, 5}) {
            assertThatThrownBy(() -> all.read(index, Sample.of(all.fields())))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        refused(() -> Dataset.concat(), "at least 1 dataset");
        refused(() -> Dataset.concat(a, null), "null");
        refused(() -> Dataset.concat(a, ArrayDataset.of(X, new int[3])), "same fields", "float32 []");
        refused(
                () -> Dataset.concat(ArrayDataset.of(X, new int[] {0, 1, 2}), ArrayDataset.of(X, new int[3])),
                "same classes");
        assertThat(Dataset.concat(empty).size()).isZero();
    }

    @Test
    void splitsByShare() {
        Dataset data = ArrayDataset.of(new float[10][1], new float[10]);
        Split split = Split.fraction(data, 0.8, 1);
        assertThat(split.first().size()).isEqualTo(8);
        assertThat(split.second().size()).isEqualTo(2);
        assertThat(split.first().description())
                .isEqualTo(Split.random(data, 8, 1).first().description());
        assertThat(Split.fraction(data, 0.001, 1).first().size()).isEqualTo(1);
        assertThat(Split.fraction(data, 0.999, 1).second().size()).isEqualTo(1);
        for (double share : new double[] {0, 1, -1, 2, Double.NaN}) {
            refused(() -> Split.fraction(data, share, 1), "between 0 and 1, got " + share);
        }
    }

    @Test
    void fieldsThatCannotBeAreRefused() {
        refused(() -> Field.of("x", DType.BFLOAT16), "bfloat16", "float32");
        refused(() -> Field.of("x", DType.FLOAT32, 1 << 16, 1 << 16), "[65536, 65536]");
        refused(() -> Field.of("x", DType.FLOAT32, 0), "1 to");
        refused(() -> Field.of("a\u0007", DType.FLOAT32), "printable");
        refused(() -> Field.of("x".repeat(101), DType.FLOAT32), "1 to 100");
        refused(() -> Field.of(null, DType.FLOAT32), "null");
        refused(() -> new Field("x", DType.FLOAT32, null), "null");
        refused(() -> Field.of("x", DType.INT32).variable(0), "Axis 0");
        refused(
                () -> new Field("x", DType.INT32, Field.of("y", DType.INT32).shape(), true, Field.NONE, null),
                "channels-last");
    }

    @Test
    void whatIsPutIntoAFieldOfAnotherKindIsRefused() {
        Sample sample = Sample.of(List.of(Field.of("x", DType.FLOAT32, 2), Field.of("y", DType.INT64)));
        refused(() -> sample.put(0, new double[2]), "float[]", "double[]");
        refused(() -> sample.put(0, new float[3]), "2 values", "got 3");
        refused(() -> sample.put(0, null), "null");
        refused(() -> sample.set(0, 1.0), "one value");
        refused(() -> sample.ints(0), "int32", "float32");
        refused(() -> sample.length(0, 1), "no variable axis");
        refused(() -> sample.field("z"), "[x, y]", "'z'");
        sample.set(1, 1L << 60);
        assertThat(sample.longs(1)).containsExactly(1L << 60);
        assertThatThrownBy(() -> sample.get(0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
