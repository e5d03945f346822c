package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class CollationTest {
    private static final Dataset SEQUENCES = ArrayDataset.builder()
            .variable("values", new float[][] {{1, 2}, {}, {3}, {4, 5, 6}, {7}})
            .build();

    /** Puts sequences one behind another, with the sequence of each value. */
    private record Pack() implements Collation {
        @Override
        public List<Field> fields(List<Field> samples) {
            return List.of(
                    samples.get(0),
                    Field.of("sequence", DType.INT32, samples.get(0).elements()));
        }

        @Override
        public void collate(Batch samples, Batch into) {
            int at = 0;
            for (int i = 0; i < samples.size(); i++) {
                int length = samples.length(0, i);
                System.arraycopy(samples.floats(0), samples.at(0, i), into.floats(0), at, length);
                Arrays.fill(into.ints(1), at, at + length, i);
                at += length;
            }
            into.reshape(0, Shape.of(at));
            into.reshape(1, Shape.of(at));
        }
    }

    @Test
    void aCollationOfOnesOwnMakesTheBatches() {
        for (int workers : new int[] {1, 3}) {
            DataLoader loader = DataLoader.of(SEQUENCES, 3)
                    .collate(new Pack())
                    .workers(workers)
                    .build();
            try (BatchIterator batches = loader.epoch(0)) {
                Batch batch = batches.next();
                assertThat(batch.shape(0)).isEqualTo(Shape.of(3));
                assertThat(Arrays.copyOf(batch.floats(0), 3)).containsExactly(1, 2, 3);
                assertThat(Arrays.copyOf(batch.ints(1), 3)).containsExactly(0, 0, 2);
                assertThat(batch.samples()).startsWith(0, 1, 2);
                batch = batches.next();
                assertThat(batch.size()).isEqualTo(2);
                assertThat(batch.index()).isEqualTo(1);
                assertThat(Arrays.copyOf(batch.floats(batch.field("values")), 4))
                        .containsExactly(4, 5, 6, 7);
                assertThat(Arrays.copyOf(batch.ints(batch.field("sequence")), 4))
                        .containsExactly(0, 0, 0, 1);
                assertThat(batches.next()).isNull();
            }
            assertThat(loader.description().settings()).containsEntry("collation", "Pack[]");
        }
    }

    /** More batches than there are places for, so that each place has had both shapes. */
    @Test
    void aBatchThatIsNotReshapedHasTheShapeOfItsSamples() {
        Collation everySecond = new Collation() {
            @Override
            public List<Field> fields(List<Field> samples) {
                return samples;
            }

            @Override
            public void collate(Batch samples, Batch into) {
                if (samples.index() / 2 % 2 == 0) {
                    into.reshape(0, samples.index() % 2 == 0 ? Shape.scalar() : Shape.of(1, 2, 3));
                }
            }
        };
        DataLoader loader = DataLoader.of(new NumberedDataset(23, 2, 3), 2)
                .collate(everySecond)
                .build();
        try (BatchIterator batches = loader.epoch(0)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                Shape own = batch.index() % 2 == 0 ? Shape.scalar() : Shape.of(1, 2, 3);
                assertThat(batch.shape(0)).isEqualTo(batch.index() / 2 % 2 == 0 ? own : Shape.of(batch.size(), 2, 3));
                assertThat(batch.shape(1)).isEqualTo(Shape.of(batch.size()));
            }
        }
    }

    @Test
    void whatACollationDoesWrongIsTold() {
        Collation tooLarge = new Collation() {
            @Override
            public List<Field> fields(List<Field> samples) {
                return samples;
            }

            @Override
            public void collate(Batch samples, Batch into) {
                into.reshape(0, Shape.of(100));
            }
        };
        try (BatchIterator batches =
                DataLoader.of(SEQUENCES, 3).collate(tooLarge).build().epoch(0)) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("Batch 0")
                    .hasMessageContaining("holds at most 9 values, got shape [100]");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(SEQUENCES, 3)
                        .collate(tooLarge)
                        .pad("values", new Padding())
                        .build())
                .withMessageContaining("pad or collate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataLoader.of(SEQUENCES, 3).collate(null))
                .withMessageContaining("null");
    }
}
