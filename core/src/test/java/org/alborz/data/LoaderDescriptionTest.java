package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LoaderDescriptionTest {
    private static final Dataset DATA = new NumberedDataset(60, 2);

    @Test
    void equalLoadersHaveEqualDescriptions() {
        LoaderDescription one = loader(DATA, b -> b.transform(new RandomCrop(2)));
        LoaderDescription other = loader(
                new NumberedDataset(60, 2), b -> b.transform(new RandomCrop(2)).prefetch(7));
        assertThat(one).isEqualTo(other);
        assertThat(one.difference(other)).isEmpty();
        assertThat(one.toString())
                .contains("data=numbered samples", "batch_size=8", "RandomCrop[padding=2, fields=[]]");
        DataLoader loader = DataLoader.of(DATA, 8).build();
        assertThat(loader.description()).isSameAs(loader.description());
    }

    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of("samples=60 against 61", loader(new NumberedDataset(61, 2), b -> b)),
                Arguments.of(
                        "fields=[input float32 [2], label int32 []] against [input float32 [1, 2], label",
                        loader(new NumberedDataset(60, 1, 2), b -> b)),
                Arguments.of("content=", loader(shifted(1, 0, "c"), b -> b)),
                Arguments.of("content=", loader(shifted(0, 1, "c"), b -> b)),
                Arguments.of("content=", loader(shifted(0, 0, "d"), b -> b)),
                Arguments.of("shuffle=false against true", loader(DATA, b -> b.shuffle(true))),
                Arguments.of("drop_last=false against true", loader(DATA, b -> b.dropLast(true))),
                Arguments.of("seed=0 against 1", loader(DATA, b -> b.seed(1))),
                Arguments.of(
                        "against [RandomCrop[padding=1, fields=[]]]",
                        loader(DATA, b -> b.transform(new RandomCrop(1)))));
    }

    @ParameterizedTest
    @MethodSource("others")
    void whatDecidesTheBatchesIsCompared(String difference, LoaderDescription other) {
        assertThat(loader(DATA, b -> b).difference(other)).get().asString().contains(difference);
    }

    @Test
    void otherChoicesOfSamplesAreOtherData() {
        LoaderDescription one = loader(Split.random(DATA, 30, 1).first(), b -> b);
        assertThat(loader(Split.random(DATA, 30, 1).first(), b -> b)).isEqualTo(one);
        assertThat(loader(Split.random(DATA, 30, 2).first(), b -> b)).isNotEqualTo(one);
        assertThat(loader(Subset.range(DATA, 0, 30), b -> b)).isNotEqualTo(loader(Subset.range(DATA, 1, 31), b -> b));
    }

    @Test
    void samplesThatCannotBeReadAreADataException() {
        Dataset broken = new NumberedDataset(60, 2) {
            @Override
            public void read(int index, Sample into) {
                throw new IllegalStateException("no disk");
            }
        };
        assertThatThrownBy(() -> loader(broken, b -> b))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no disk");
    }

    private static LoaderDescription loader(Dataset data, UnaryOperator<DataLoader.Builder> settings) {
        return settings.apply(DataLoader.of(data, 8)).build().description();
    }

    private static Dataset shifted(int values, int labels, String lastClass) {
        return new NumberedDataset(60, 2) {
            @Override
            public void read(int index, Sample into) {
                super.read(index + values, into);
                into.set(1, (index + labels) % 3);
            }

            @Override
            public List<String> classes() {
                return List.of("a", "b", lastClass);
            }
        };
    }
}
