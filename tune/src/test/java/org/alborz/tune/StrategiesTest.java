package org.alborz.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is tried, in which order, and how soon the good is found. */
final class StrategiesTest {
    /** Of three dimensions the third matters hardly, as is common of settings; a grid cannot know. */
    private static final SearchSpace SPACE = SearchSpace.builder()
            .uniform("x", -5, 10)
            .uniform("y", 0, 15)
            .uniform("z", 0, 1)
            .build();

    /** Branin's function, whose least value is 0.3979, and a little of z. */
    private static double branin(Settings settings) {
        double x = settings.number("x");
        double y = settings.number("y");
        double t = y - 5.1 / (4 * Math.PI * Math.PI) * x * x + 5 / Math.PI * x - 6;
        return t * t + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10 + 0.01 * settings.number("z");
    }

    /** Returns how many trials it takes to come below 1. */
    private static int trials(Strategy strategy, int most) {
        Study study = Study.minimize(SPACE).strategy(strategy).build();
        for (int count = 1; count <= most; count++) {
            List<Trial> trials = study.run(count, run -> branin(run.settings()));
            if (trials.size() == count && trials.get(count - 1).value() < 1) {
                return count;
            }
        }
        throw new AssertionError(strategy + " did not find the optimum in " + most + " trials");
    }

    @Test
    void bayesianNeedsFewerTrialsThanRandomAndRandomFewerThanAGrid() {
        int bayesian = 0;
        int random = 0;
        for (int seed = 1; seed <= 3; seed++) {
            bayesian += trials(new BayesianSearch(seed), 60);
            random += trials(new RandomSearch(seed), 2000);
        }
        int grid = 3 * trials(new GridSearch(12), 2000);
        assertThat(bayesian).isLessThan(random / 2);
        assertThat(random).isLessThan(grid);
    }

    @Test
    void bayesianMaximisesAndKnowsChoices() {
        SearchSpace space = SearchSpace.builder()
                .choice("kind", "a", "b", "c")
                .uniform("x", 0, 1)
                .when("kind", "b", "c")
                .integer("n", 1, 9)
                .build();
        Study study = Study.maximize(space).strategy(new BayesianSearch(3)).build();
        study.run(30, run -> {
            Settings s = run.settings();
            double x = s.has("x") ? s.number("x") : 0;
            return (s.choice("kind").equals("b") ? 2 : 0)
                    - 4 * (x - 0.3) * (x - 0.3)
                    - 0.1 * Math.abs(s.integer("n") - 7);
        });
        Settings best = study.best().orElseThrow().settings();
        assertThat(best.choice("kind")).isEqualTo("b");
        assertThat(best.number("x")).isBetween(0.2, 0.4);
        assertThat(best.integer("n")).isBetween(6, 8);
    }

    @Test
    void evolutionChangesOneSettingOfAGoodTrial() {
        SearchSpace space = SearchSpace.builder()
                .integer("a", 0, 9)
                .integer("b", 0, 9)
                .integer("c", 0, 9)
                .integer("d", 0, 9)
                .build();
        Study study =
                Study.maximize(space).strategy(new EvolutionSearch(2, 12, 5)).build();
        List<Trial> trials = study.run(
                250,
                run -> run.settings().values().values().stream()
                        .mapToInt(v -> (Integer) v)
                        .sum());
        for (Trial child : trials.subList(12, 60)) {
            long parents = trials.subList(Math.max(0, child.number() - 12), child.number()).stream()
                    .filter(parent -> differences(parent.settings(), child.settings()) == 1)
                    .count();
            assertThat(parents).as(child.toString()).isPositive();
        }
        assertThat(study.best().orElseThrow().value()).isGreaterThanOrEqualTo(34);
    }

    private static long differences(Settings a, Settings b) {
        return a.values().entrySet().stream()
                .filter(entry -> !entry.getValue().equals(b.values().get(entry.getKey())))
                .count();
    }

    @Test
    void successiveHalvingGivesTheBestThirdThreeTimesTheBudget() {
        List<String> order = new ArrayList<>();
        Study study = Study.minimize(SPACE)
                .strategy(new SuccessiveHalving(4, 9, 1, 9, 3))
                .build();
        List<Trial> trials = study.run(100, run -> {
            order.add(run.budget() + (run.from() < 0 ? "" : "<" + run.from()));
            return branin(run.settings()) + 1.0 / run.budget();
        });
        assertThat(trials).hasSize(9 + 3 + 1);
        List<Trial> first = Direction.MINIMIZE.ranked(trials.subList(0, 9));
        assertThat(order.subList(0, 9)).containsOnly("1");
        assertThat(order.subList(9, 12))
                .containsExactly(
                        "3<" + first.get(0).number(),
                        "3<" + first.get(1).number(),
                        "3<" + first.get(2).number());
        assertThat(order.get(12)).isEqualTo("9<9");
        assertThat(trials.get(9).settings()).isEqualTo(first.get(0).settings());
    }

    @Test
    void successiveHalvingGoesOnWhereTooFewOfARungHaveAValue() {
        Study study = Study.minimize(SPACE)
                .strategy(new SuccessiveHalving(4, 27, 1, 9, 3))
                .build();
        List<Trial> trials = study.run(100, run -> run.number() < 8 || run.from() >= 0 ? run.number() : Double.NaN);
        assertThat(trials.subList(27, trials.size()).stream().mapToInt(Trial::budget))
                .containsExactly(3, 3, 3, 3, 3, 3, 3, 3, 9, 9);
    }

    @Test
    void successiveHalvingWaitsForARungThatRunsInParallel() {
        Study study = Study.minimize(SPACE)
                .strategy(new SuccessiveHalving(4, 9, 1, 9, 3))
                .parallel(4)
                .build();
        List<Trial> trials = study.run(100, run -> {
            Thread.sleep(run.number() % 3);
            return branin(run.settings());
        });
        assertThat(trials.stream().mapToInt(Trial::budget)).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9);
    }
}
