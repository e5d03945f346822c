package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

class AlternatingFlipTest {
    private static final int IMAGES = 200;

    /** Images of two pixels, the index and its negative. */
    private static final class Pairs implements Dataset {
        @Override
        public int size() {
            return IMAGES;
        }

        @Override
        public List<Field> fields() {
            return List.of(Field.image("image", DType.FLOAT32, 1, 1, 2));
        }

        @Override
        public void read(int index, Sample into) {
            into.put(0, new float[] {index + 1, -index - 1});
        }

        @Override
        public String description() {
            return "pairs";
        }
    }

    /** Returns which images an epoch mirrors, by their indices. */
    private static boolean[] mirrored(long seed, int epoch, int workers) {
        DataLoader loader = DataLoader.of(new Pairs(), 64)
                .shuffle(true)
                .workers(workers)
                .transform(new AlternatingFlip(seed))
                .build();
        boolean[] mirrored = new boolean[IMAGES];
        try (BatchIterator batches = loader.epoch(epoch)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                for (int i = 0; i < batch.size(); i++) {
                    float left = batch.floats(0)[2 * i];
                    assertThat(Math.abs(left)).isEqualTo(batch.samples()[i] + 1);
                    assertThat(batch.floats(0)[2 * i + 1]).isEqualTo(-left);
                    mirrored[batch.samples()[i]] = left < 0;
                }
            }
        }
        return mirrored;
    }

    @Test
    void twoEpochsInARowShowEachImageInBothWays() {
        boolean[] first = mirrored(1, 0, 1);
        for (int epoch = 1; epoch < 4; epoch++) {
            boolean[] now = mirrored(1, epoch, 2);
            for (int i = 0; i < IMAGES; i++) {
                assertThat(now[i]).as("image %d in epoch %d", i, epoch).isEqualTo(first[i] ^ epoch % 2 == 1);
            }
        }
    }

    @Test
    void aHashOfTheIndexDecidesWithWhichBegins() {
        boolean[] first = mirrored(1, 0, 1);
        int count = 0;
        int changes = 0;
        for (int i = 0; i < IMAGES; i++) {
            count += first[i] ? 1 : 0;
            changes += i > 0 && first[i] != first[i - 1] ? 1 : 0;
        }
        assertThat(count).isBetween(70, 130);
        assertThat(changes).isBetween(70, 130);
        assertThat(Arrays.equals(first, mirrored(2, 0, 1))).isFalse();
        assertThat(new AlternatingFlip(5, "mask")).hasToString("AlternatingFlip[seed=5, fields=[mask]]");
    }

    @Test
    void refusesWhatIsNoImage() {
        DataLoader loader = DataLoader.of(new NumberedDataset(2, 3), 2)
                .transform(new AlternatingFlip(1))
                .build();
        try (BatchIterator batches = loader.epoch(0)) {
            assertThatThrownBy(batches::next).hasMessageContaining("AlternatingFlip expects images [C, H, W]");
        }
    }
}
