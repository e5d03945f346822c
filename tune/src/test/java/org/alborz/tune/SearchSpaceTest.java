package org.alborz.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alborz.random.RandomStream;
import org.junit.jupiter.api.Test;

final class SearchSpaceTest {
    private static final SearchSpace SPACE = SearchSpace.builder()
            .logUniform("rate", 1e-4, 1)
            .integer("layers", 1, 3)
            .choice("optimizer", "adam", "sgd")
            .uniform("momentum", 0, 0.9)
            .when("optimizer", "sgd")
            .build();

    @Test
    void drawsInsideItsRangesAndOnlyWhatHolds() {
        RandomStream random = new RandomStream(1, 0);
        Set<Integer> layers = new HashSet<>();
        int small = 0;
        for (int i = 0; i < 1000; i++) {
            Settings settings = SPACE.random(random);
            assertThat(settings.number("rate")).isBetween(1e-4, 1.0);
            small += settings.number("rate") < 1e-2 ? 1 : 0;
            layers.add(settings.integer("layers"));
            assertThat(settings.has("momentum"))
                    .isEqualTo(settings.choice("optimizer").equals("sgd"));
        }
        assertThat(small).as("half of the decades").isBetween(450, 550);
        assertThat(layers).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void wholeNumbersAreDrawnEquallyOftenAndInReach() {
        Dimension.Integers plain = new Dimension.Integers("n", -2, 2, false);
        Dimension.Integers wide = new Dimension.Integers("n", 1, 1 << 20, true);
        int[] counts = new int[5];
        int below = 0;
        for (int i = 0; i < 10_000; i++) {
            counts[(int) plain.at((i + 0.5) / 10_000) + 2]++;
            below += (int) wide.at((i + 0.5) / 10_000) < 1024 ? 1 : 0;
        }
        assertThat(counts).containsOnly(2000);
        assertThat(below).isBetween(4900, 5100);
        assertThat(List.of(plain.at(0), plain.at(1), wide.at(0), wide.at(1))).isEqualTo(List.of(-2, 2, 1, 1 << 20));
    }

    @Test
    void positionsOfValuesGiveTheValues() {
        for (Dimension dimension : List.of(
                new Dimension.Uniform("a", -3, 5),
                new Dimension.LogUniform("b", 1e-9, 1e9),
                new Dimension.Integers("c", -7, 7, false),
                new Dimension.Integers("d", 1, 1000, true),
                new Dimension.Integers("e", 4, 4, false),
                new Dimension.Choice("f", List.of("x", "y", "z")))) {
            for (Object value : dimension.grid(9)) {
                Object again = dimension.at(dimension.unit(value));
                if (value instanceof Double number) {
                    assertThat((Double) again)
                            .as(dimension.toString())
                            .isCloseTo(number, within(1e-9 * Math.abs(number) + 1e-12));
                } else {
                    assertThat(again).as(dimension.toString()).isEqualTo(value);
                }
            }
        }
    }

    @Test
    void gridHasEveryCombinationOnce() {
        List<Settings> grid = SPACE.grid(4);
        assertThat(grid).hasSize(4 * 3 * (1 + 4)).doesNotHaveDuplicates();
        assertThat(grid.get(0)).hasToString("rate=0.0001000 layers=1 optimizer=adam");
        assertThat(grid.get(grid.size() - 1)).hasToString("rate=1.000 layers=3 optimizer=sgd momentum=0.9000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SearchSpace.builder()
                        .uniform("a", 0, 1)
                        .uniform("b", 0, 1)
                        .build()
                        .grid(2000))
                .withMessageContaining("over 1000000 combinations");
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SearchSpace.builder().uniform("a", 1, 1))
                .withMessage("a expects finite numbers, the first below the second, got 1.0 and 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SearchSpace.builder().logUniform("a", 0, 1))
                .withMessageContaining("logarithmic scale");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SearchSpace.builder().choice("a", "x", "x"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SearchSpace.builder().uniform("a", 0, 1).uniform("a", 0, 1))
                .withMessage("There already is a dimension a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SearchSpace.builder()
                        .choice("a", "x", "y")
                        .uniform("b", 0, 1)
                        .when("a", "z"))
                .withMessageContaining("b expects an earlier choice and some of its values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SPACE.require(Map.of("rate", 0.1, "layers", 2, "optimizer", "adam", "momentum", 0.5)))
                .withMessageStartingWith("momentum has to have none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SPACE.random(new RandomStream(1, 0)).number("width"))
                .withMessageContaining("There is no setting width");
    }
}
