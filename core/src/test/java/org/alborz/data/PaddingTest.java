package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PaddingTest {
    private static final int[][] TOKENS = {{1, 2, 3}, {4}, {}, {5, 6}, {7, 8, 9, 10, 11}};

    private static Dataset tokens() {
        return ArrayDataset.builder()
                .variable("tokens", TOKENS)
                .field("target", new float[] {0, 1, 2, 3, 4})
                .build();
    }

    private static List<String> run(DataLoader loader, int field) {
        List<String> result = new ArrayList<>();
        try (BatchIterator batches = loader.epoch(0)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                int count = (int) batch.shape(field).elements();
                Object values = switch (batch.fields().get(field).type()) {
                    case INT32 -> Arrays.toString(Arrays.copyOf(batch.ints(field), count));
                    case FLOAT32 -> Arrays.toString(Arrays.copyOf(batch.floats(field), count));
                    default -> Arrays.toString(Arrays.copyOf(batch.booleans(field), count));
                };
                result.add(batch.shape(field) + " " + values);
            }
        }
        return result;
    }

    @Test
    void refusesAValueThatTheFieldsTypeDoesNotHave() {
        Dataset bytes = ArrayDataset.builder()
                .variable("text", new byte[][] {{1}, {}})
                .variable("tokens", new int[][] {{1}, {}})
                .build();
        for (double wrong : new double[] {-1, 256, 0.5, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DataLoader.of(bytes, 2)
                            .pad("text", new Padding(wrong))
                            .build())
                    .withMessageContainingAll("text uint8", "got " + wrong);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        DataLoader.of(bytes, 2).pad("tokens", new Padding(3e9)).build())
                .withMessageContainingAll("tokens int32", "got 3.0E9");
    }

    @Test
    void samplesArePaddedToTheLongestOfTheirBatch() {
        DataLoader loader = DataLoader.of(tokens(), 2).build();
        assertThat(run(loader, 0))
                .containsExactly("[2, 3] [1, 2, 3, 4, 0, 0]", "[2, 2] [0, 0, 5, 6]", "[1, 5] [7, 8, 9, 10, 11]");
        assertThat(run(loader, 1)).containsExactly("[2] [0.0, 1.0]", "[2] [2.0, 3.0]", "[1] [4.0]");
        assertThat(loader.fields()).isEqualTo(tokens().fields());
    }

    @Test
    void lengthsMaskValueAndMultipleAreAsAsked() {
        DataLoader loader = DataLoader.of(tokens(), 3)
                .pad("tokens", new Padding(-1).multipleOf(4).lengths("length").mask("mask"))
                .build();
        assertThat(loader.fields().stream().map(Field::toString))
                .containsExactly(
                        "tokens int32 [8] variable along axis 0",
                        "target float32 []",
                        "length int32 []",
                        "mask bool [8] variable along axis 0");
        assertThat(run(loader, 0))
                .containsExactly(
                        "[3, 4] [1, 2, 3, -1, 4, -1, -1, -1, -1, -1, -1, -1]",
                        "[2, 8] [5, 6, -1, -1, -1, -1, -1, -1, 7, 8, 9, 10, 11, -1, -1, -1]");
        assertThat(run(loader, 2)).containsExactly("[3] [3, 1, 0]", "[2] [2, 5]");
        assertThat(run(loader, 3))
                .first()
                .isEqualTo("[3, 4] [true, true, true, false, true, false, false, false, false, false, false, false]");
    }

    @Test
    void samplesOfLengthZeroAloneHaveOnePlace() {
        assertThat(run(DataLoader.of(new Subset(tokens(), 2), 1).build(), 0)).containsExactly("[1, 1] [0]");
    }

    /** Any axis can vary, in any order in memory: checked against a plain loop over all places. */
    @Test
    void everyAxisCanVary() {
        for (boolean channelsLast : new boolean[] {false, true}) {
            for (int axis = 0; axis < 3; axis++) {
                Field field = new Field("x", DType.FLOAT32, Shape.of(3, 4, 5), channelsLast, axis, null);
                for (int workers : new int[] {1, 3}) {
                    DataLoader loader = DataLoader.of(new Varying(field), 4)
                            .pad("x", new Padding(-7))
                            .workers(workers)
                            .build();
                    requirePadded(loader, field);
                }
            }
        }
    }

    private static void requirePadded(DataLoader loader, Field field) {
        int seen = 0;
        try (BatchIterator batches = loader.epoch(0)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                Shape shape = batch.shape(0);
                int longest = 0;
                for (int n = 0; n < batch.size(); n++) {
                    int length = Varying.length(field, batch.samples()[n]);
                    longest = Math.max(longest, length);
                    for (int c = 0; c < shape.size(1); c++) {
                        for (int h = 0; h < shape.size(2); h++) {
                            for (int w = 0; w < shape.size(3); w++) {
                                int along = new int[] {c, h, w}[field.variableAxis()];
                                float expected = along < length ? Varying.value(batch.samples()[n], c, h, w) : -7;
                                long at = n * batch.layout(0).stride(0)
                                        + c * batch.layout(0).stride(1)
                                        + h * batch.layout(0).stride(2)
                                        + w * batch.layout(0).stride(3);
                                assertThat(batch.floats(0)[(int) at]).isEqualTo(expected);
                                seen++;
                            }
                        }
                    }
                }
                assertThat(shape)
                        .isEqualTo(field.shape()
                                .with(field.variableAxis(), longest)
                                .insert(0, batch.size()));
            }
        }
        assertThat(seen).isPositive();
    }

    /** Samples of any length along a field's variable axis. */
    private record Varying(Field field) implements Dataset {
        static int length(Field field, int index) {
            return 1 + index * 5 % field.variableSize();
        }

        static float value(int index, int c, int h, int w) {
            return index * 1000 + c * 100 + h * 10 + w;
        }

        @Override
        public int size() {
            return 11;
        }

        @Override
        public List<Field> fields() {
            return List.of(field);
        }

        @Override
        public void read(int index, Sample into) {
            into.length(0, length(field, index));
            Shape own = field.shape().with(field.variableAxis(), length(field, index));
            var layout = field.layout(own.insert(0, 1));
            float[] values = into.floats(0);
            for (int c = 0; c < own.size(0); c++) {
                for (int h = 0; h < own.size(1); h++) {
                    for (int w = 0; w < own.size(2); w++) {
                        long at = c * layout.stride(1) + h * layout.stride(2) + w * layout.stride(3);
                        values[into.at(0) + (int) at] = value(index, c, h, w);
                    }
                }
            }
        }

        @Override
        public String description() {
            return "varying";
        }
    }

    @Test
    void theDescriptionTellsPaddingsApart() {
        LoaderDescription one = DataLoader.of(tokens(), 2).build().description();
        assertThat(one.difference(DataLoader.of(tokens(), 2)
                        .pad("tokens", new Padding())
                        .build()
                        .description()))
                .isEmpty();
        for (Padding other : List.of(
                new Padding(1), new Padding().multipleOf(2), new Padding().lengths("l"), new Padding().mask("m"))) {
            assertThat(one.difference(DataLoader.of(tokens(), 2)
                            .pad("tokens", other)
                            .build()
                            .description()))
                    .get()
                    .asString()
                    .contains("collation=");
        }
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(tokens(), 2).pad("target", new Padding()))
                .withMessageContaining("variable axis, got 'target'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(tokens(), 2)
                        .pad("tokens", new Padding().mask("target"))
                        .build())
                .withMessageContaining("'target' twice");
        for (int multiple : new int[] {-1, 0, 1 << 17}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Padding().multipleOf(multiple))
                    .withMessageContaining("got " + multiple);
        }
    }

    @Test
    void aSampleThatIsTooLongIsNamed() {
        Dataset tooLong = new Dataset() {
            @Override
            public int size() {
                return 9;
            }

            @Override
            public List<Field> fields() {
                return List.of(Field.of("tokens", DType.INT32, 4).variable(0));
            }

            @Override
            public void read(int index, Sample into) {
                into.put(0, new int[index]);
            }

            @Override
            public String description() {
                return "sequences";
            }
        };
        try (BatchIterator batches = DataLoader.of(tooLong, 5).build().epoch(0)) {
            assertThat(batches.next().shape(0)).isEqualTo(Shape.of(5, 4));
            assertThatThrownBy(batches::next)
                    .hasMessageContaining("Sample 5")
                    .hasMessageContaining("0 to 4 along its variable axis, got 5");
        }
    }
}
