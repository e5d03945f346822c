package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

class SplitTest {
    private static final int[] COUNTS = {50, 30, 17, 3, 1};
    private static final Dataset DATA = labelled();

    private static Dataset labelled() {
        float[] x = new float[101];
        int[] labels = new int[101];
        int at = 0;
        for (int c = 0; c < COUNTS.length; c++) {
            Arrays.fill(labels, at, at + COUNTS[c], c);
            at += COUNTS[c];
        }
        for (int i = 0; i < x.length; i++) {
            x[i] = i;
        }
        return ArrayDataset.of(x, labels);
    }

    @Test
    void stratifiedPartsHaveTheClassesShares() {
        for (double share : new double[] {0.2, 0.5, 0.8, 0.01, 0.99}) {
            Split split = Split.stratified(DATA, share, 1);
            assertThat(split.first().size()).isEqualTo((int) Math.round(101 * share));
            assertThat(numbers(split.first(), split.second())).containsExactly(range());
            int[] counts = counts(split.first());
            for (int c = 0; c < COUNTS.length; c++) {
                assertThat((double) counts[c]).isBetween(Math.floor(COUNTS[c] * share), Math.ceil(COUNTS[c] * share));
            }
        }
    }

    @Test
    void splitsAreAFunctionOfTheSeed() {
        assertThat(numbersInOrder(Split.stratified(DATA, 0.7, 1).first()))
                .isEqualTo(numbersInOrder(Split.stratified(DATA, 0.7, 1).first()))
                .isNotEqualTo(numbersInOrder(Split.stratified(DATA, 0.7, 2).first()));
        assertThat(numbersInOrder(KFold.of(DATA, 3, 1).get(2).second()))
                .isEqualTo(numbersInOrder(KFold.of(DATA, 3, 1).get(2).second()))
                .isNotEqualTo(numbersInOrder(KFold.of(DATA, 3, 2).get(2).second()));
    }

    @Test
    void eachSampleIsValidatedInOneFold() {
        for (int folds : new int[] {2, 5, 7, 101}) {
            for (List<Split> splits : List.of(KFold.of(DATA, folds, 4), KFold.stratified(DATA, folds, 4))) {
                assertThat(splits).hasSize(folds);
                List<Dataset> validation = new ArrayList<>();
                for (Split split : splits) {
                    assertThat(numbers(split.first(), split.second())).containsExactly(range());
                    assertThat(split.second().size()).isBetween(101 / folds, 101 / folds + 1);
                    validation.add(split.second());
                }
                assertThat(numbers(validation.toArray(Dataset[]::new))).containsExactly(range());
            }
        }
    }

    @Test
    void stratifiedFoldsHaveTheClassesAlike() {
        for (Split split : KFold.stratified(DATA, 5, 9)) {
            int[] counts = counts(split.second());
            for (int c = 0; c < COUNTS.length; c++) {
                assertThat(counts[c]).isBetween(COUNTS[c] / 5, (COUNTS[c] + 4) / 5);
            }
        }
    }

    @Test
    void otherGroupsThanClassesCanBeKept() {
        Dataset unlabelled = new Subset(DATA, range())
                .map(List.of(Field.of("x", DType.FLOAT32)), (from, into) -> into.set(0, from.floats(0)[0]));
        int[] groups = new int[101];
        Arrays.fill(groups, 60, 101, 7);
        Split split = Split.stratified(unlabelled, 0.5, 1, groups);
        long large = Arrays.stream(numbers(split.first())).filter(x -> x >= 60).count();
        assertThat(large).isBetween(20L, 21L);
        assertThat(KFold.stratified(unlabelled, 4, 1, groups)).hasSize(4);
        assertThatThrownBy(() -> Split.stratified(unlabelled, 0.5, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("second field is a class, an int32 scalar", "x float32");
        assertThatThrownBy(() -> Split.stratified(unlabelled, 0.5, 1, new int[3]))
                .hasMessageContaining("each of 101 samples, got 3");
    }

    @Test
    void labelsAreReadWithoutTheirSamplesWhereTheyAreKnown() {
        Dataset noPixels = new NumberedDataset(9, 2) {
            @Override
            public int label(int index) {
                return index % 3;
            }

            @Override
            public void read(int index, Sample into) {
                throw new IllegalStateException("read");
            }
        };
        Dataset both = Dataset.concat(new Subset(noPixels, 4, 5, 6, 7), noPixels);
        assertThat(both.label(1)).isEqualTo(2);
        assertThat(both.label(5)).isEqualTo(1);
        Split.stratified(both, 0.5, 1);
        assertThat(DATA.label(100)).isEqualTo(4);
        assertThat(new NumberedDataset(9, 2).label(5)).isEqualTo(2);
        assertThatThrownBy(() -> DATA.label(101)).hasMessageContaining("0 to 100");
    }

    @Test
    void refusesFoldsWithoutSamples() {
        assertThatThrownBy(() -> KFold.of(DATA, 1, 1)).hasMessageContaining("2 to 101 folds");
        assertThatThrownBy(() -> KFold.stratified(DATA, 102, 1)).hasMessageContaining("got 102");
        assertThatThrownBy(() -> KFold.of(null, 2, 1)).hasMessageContaining("a dataset, got null");
        assertThatThrownBy(() -> Split.stratified(DATA, 1, 1)).hasMessageContaining("between 0 and 1, got 1.0");
    }

    private static int[] counts(Dataset data) {
        int[] counts = new int[COUNTS.length];
        for (int i = 0; i < data.size(); i++) {
            counts[Sample.of(data, i).ints(1)[0]]++;
        }
        return counts;
    }

    private static List<Integer> numbersInOrder(Dataset data) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            numbers.add((int) Sample.of(data, i).floats(0)[0]);
        }
        return numbers;
    }

    private static int[] numbers(Dataset... parts) {
        return Arrays.stream(parts)
                .flatMap(part -> numbersInOrder(part).stream())
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    private static int[] range() {
        int[] range = new int[101];
        Arrays.setAll(range, i -> i);
        return range;
    }
}
