package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubsetTest {
    private final Dataset whole = new NumberedDataset(10, 2);

    @Test
    void readsTheChosenSamples() {
        Dataset subset = new Subset(whole, 7, 2, 2);
        assertThat(numbers(subset)).containsExactly(7, 2, 2);
        assertThat(Sample.of(subset, 0).ints(1)).containsExactly(1);
        assertThat(Sample.of(subset, 1).ints(1)).containsExactly(2);
        assertThat(subset.description()).contains("3 samples of: numbered");
        assertThatThrownBy(() -> subset.read(3, Sample.of(subset.fields())))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void limitsAndRanges() {
        assertThat(numbers(Subset.first(whole, 3))).containsExactly(0, 1, 2);
        assertThat(Subset.first(whole, 10)).isSameAs(whole);
        assertThat(Subset.first(whole, 1000)).isSameAs(whole);
        assertThat(numbers(Subset.range(whole, 8, 10))).containsExactly(8, 9);
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThatThrownBy(() -> Subset.first(whole, 0)).hasMessageContaining("at least 1 sample, got 0");
        assertThatThrownBy(() -> Subset.range(whole, 5, 11)).hasMessageContaining("0 to 10, got 5 to 11");
        assertThatThrownBy(() -> Subset.range(whole, -1, 2)).hasMessageContaining("got -1 to 2");
        assertThatThrownBy(() -> new Subset(whole, 3, 10)).hasMessageContaining("0 to 9, got 10");
    }

    @Test
    void splitsWithoutOverlapOrLoss() {
        Split split = Split.random(whole, 7, 1);
        int[] first = numbers(split.first());
        int[] second = numbers(split.second());
        assertThat(first).hasSize(7);
        assertThat(IntStream.concat(IntStream.of(first), IntStream.of(second)).sorted())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(numbers(Split.random(whole, 7, 1).first())).containsExactly(first);
        assertThat(numbers(Split.random(whole, 7, 2).first())).isNotEqualTo(first);
        assertThatThrownBy(() -> Split.random(whole, 10, 1))
                .hasMessageContaining("1 to 9")
                .hasMessageContaining("got 10");
        for (int count : new int[] {0, 1}) {
            assertThatThrownBy(() -> Split.random(new NumberedDataset(count, 2), 1, 1))
                    .hasMessageContaining("at least 2 samples, got " + count);
        }
    }

    private static int[] numbers(Dataset data) {
        int[] numbers = new int[data.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (int) Sample.of(data, i).floats(0)[1];
        }
        return numbers;
    }
}
