package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

/** What data are given by mistake is refused by name. */
class DataArgumentsTest {
    /** A dataset that says it has very many samples. */
    private record Many(int size) implements Dataset {
        @Override
        public List<Field> fields() {
            return List.of(Field.of("input", DType.FLOAT32));
        }

        @Override
        public void read(int index, Sample into) {
            into.set(0, index);
        }

        @Override
        public String description() {
            return "many samples";
        }
    }

    private static void assertNull(String words, Runnable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call::run)
                .withMessageContainingAll(words.split("\\|"))
                .withMessageContaining("got null");
    }

    @Test
    void whatIsNotGivenIsNamed() {
        Dataset few = new Many(3);
        assertNull("DataLoader|dataset", () -> DataLoader.of(null, 1));
        assertNull("DataLoader|transform", () -> DataLoader.of(few, 1).transform(null));
        assertNull(
                "DataLoader|classes",
                () -> DataLoader.of(
                        new NumberedDataset(3, 2) {
                            @Override
                            public List<String> classes() {
                                return null;
                            }
                        },
                        1));
        assertNull("Subset|dataset", () -> new Subset(null, 0));
        assertNull("Subset|indices", () -> new Subset(few, (int[]) null));
        assertNull("Subset|dataset", () -> Subset.first(null, 1));
        assertNull("Subset|dataset", () -> Subset.range(null, 0, 1));
        assertNull("Split|dataset", () -> Split.random(null, 1, 1));
        assertNull("Compose|transforms", () -> new Compose((Transform) null));
        assertNull("Compose|transforms", () -> new Compose((List<Transform>) null));
        assertNull("Normalization|means", () -> new ChannelNormalization(null, new float[] {1}));
        assertNull("Normalization|deviations", () -> new ChannelNormalization(new float[] {1}, null));
    }

    /** As conversions of tensors do, and not modulo 256. */
    @Test
    void numbersBeyondAFieldsTypeBecomeItsNearest() {
        Sample sample = Sample.of(List.of(Field.of("byte", DType.UINT8), Field.of("int", DType.INT32)));
        double[][] cases = {{300, 255, 300}, {-1, 0, -1}, {1e30, 255, Integer.MAX_VALUE}, {2.7, 2, 2}};
        for (double[] each : cases) {
            sample.set(0, each[0]);
            sample.set(1, each[0]);
            assertThat(sample.get(0, 0)).isEqualTo(each[1]);
            assertThat(sample.get(1, 0)).isEqualTo(each[2]);
        }
    }

    @Test
    void aDatasetThatChangesItsSizeIsRefused() {
        int[] size = {3};
        Dataset changing = new NumberedDataset(3, 2) {
            @Override
            public int size() {
                return size[0];
            }
        };
        DataLoader loader = DataLoader.of(changing, 2).build();
        for (int now : new int[] {30, 1}) {
            size[0] = now;
            assertThatThrownBy(() -> loader.epoch(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("made for 3 samples", "now " + now, "make a new loader");
        }
    }

    @Test
    void moreSamplesThanJavaCanOrderAreRefused() {
        Dataset many = new Many(Integer.MAX_VALUE);
        for (Runnable call : List.<Runnable>of(
                () -> DataLoader.of(many, 1).build(),
                () -> Subset.range(many, 0, Integer.MAX_VALUE),
                () -> Split.random(many, 1, 1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(call::run)
                    .withMessageContainingAll("2147483647 samples", "8191 MB", "-Xmx", "many samples");
        }
    }

    @Test
    void aSampleThatThereIsNotIsNamed() {
        for (Dataset data : List.of(GeneratedImages.train(1, 4), new Subset(new Many(9), 0, 1, 2, 3))) {
            for (int index : new int[] {-1, 4, 9}) {
                assertThatThrownBy(() -> data.read(index, Sample.of(data.fields())))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContainingAll("from 0 to 3", "got " + index, data.description());
            }
        }
    }
}
