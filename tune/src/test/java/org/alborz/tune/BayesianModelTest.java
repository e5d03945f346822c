package org.alborz.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.alborz.tune.BayesianModel.Estimate;
import org.junit.jupiter.api.Test;

final class BayesianModelTest {
    private static final SearchSpace SPACE =
            SearchSpace.builder().uniform("x", 0, 1).build();

    private static double square(Settings settings) {
        return Math.pow(settings.number("x") - 0.3, 2);
    }

    private static Estimate at(BayesianModel model, double x) {
        return model.at(new Settings(Map.of("x", x)));
    }

    /** Five points, 0 to 1 in steps of a quarter. */
    private static Study grid(Study.Builder builder, int sign) {
        Study study = builder.strategy(new GridSearch(5)).build();
        study.run(5, run -> sign * square(run.settings()));
        return study;
    }

    @Test
    void passesThroughTheTrialsAndIsUnsureBetweenThem() {
        BayesianModel model = BayesianModel.of(grid(Study.minimize(SPACE), 1), 1);
        for (double x : new double[] {0, 0.25, 0.5, 0.75, 1}) {
            assertThat(at(model, x).mean()).isCloseTo(Math.pow(x - 0.3, 2), within(0.02));
            assertThat(at(model, x).standardDeviation()).isLessThan(0.03);
        }
        assertThat(at(model, 0.875).standardDeviation())
                .isGreaterThan(at(model, 0.75).standardDeviation());
        assertThat(at(model, 0.6).mean()).isCloseTo(0.09, within(0.03));
    }

    @Test
    void expectsTheMostNearTheMinimumAndNothingFarAbove() {
        BayesianModel model = BayesianModel.of(grid(Study.minimize(SPACE), 1), 1);
        assertThat(at(model, 0.32).expectedImprovement())
                .isGreaterThan(10 * at(model, 0.95).expectedImprovement())
                .isLessThan(0.02);
    }

    @Test
    void maximisesWithTheSameEstimatesOfTheOtherSign() {
        BayesianModel least = BayesianModel.of(grid(Study.minimize(SPACE), 1), 1);
        BayesianModel most = BayesianModel.of(grid(Study.maximize(SPACE), -1), 1);
        for (double x : new double[] {0.1, 0.32, 0.6}) {
            assertThat(at(most, x).mean()).isEqualTo(-at(least, x).mean());
            assertThat(at(most, x).standardDeviation()).isEqualTo(at(least, x).standardDeviation());
            assertThat(at(most, x).expectedImprovement()).isEqualTo(at(least, x).expectedImprovement());
        }
    }

    @Test
    void refusesAStudyOfOneTrial() {
        Study study = Study.minimize(SPACE).strategy(new RandomSearch(1)).build();
        study.run(1, run -> square(run.settings()));
        assertThatThrownBy(() -> BayesianModel.of(study, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 2 trials with a value, got 1");
    }
}
