package org.alborz.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.alborz.random.RandomStream;
import org.junit.jupiter.api.Test;

final class GaussianProcessTest {
    @Test
    void goesThroughItsPointsAndReturnsToTheMeanFarAway() {
        double[][] x = {{0.1}, {0.4}, {0.6}, {0.9}};
        double[] y = {1, 3, 2, 5};
        GaussianProcess process = GaussianProcess.of(x, y, Math.log(0.2), Math.log(1e-8));
        for (int i = 0; i < 4; i++) {
            assertThat(process.predict(x[i])[0]).isCloseTo(y[i], within(1e-5));
            assertThat(process.predict(x[i])[1]).isCloseTo(0, within(1e-5));
        }
        assertThat(process.predict(new double[] {50})[0]).isCloseTo(2.75, within(1e-9));
        assertThat(process.predict(new double[] {50})[1]).isGreaterThan(process.predict(new double[] {0.5})[1]);
    }

    /** Two points by hand: K = [[1 + s, k], [k, 1 + s]], standardised values ±1, signal = yᵀK⁻¹y / n. */
    @Test
    void likelihoodOfTwoPointsIsThatOfTheFormula() {
        double noise = 0.01;
        double r = Math.sqrt(5) * 0.5 / 0.3;
        double k = (1 + r + r * r / 3) * Math.exp(-r);
        double signal = 1 / (1 + noise - k);
        double determinant = signal * signal * ((1 + noise) * (1 + noise) - k * k);
        double expected = -0.5 * 2 - 0.5 * Math.log(determinant) - Math.log(2 * Math.PI);
        GaussianProcess process =
                GaussianProcess.of(new double[][] {{0}, {0.5}}, new double[] {7, 9}, Math.log(0.3), Math.log(noise));
        assertThat(process.logLikelihood()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void fittedScalesTellWhichInputMatters() {
        RandomStream random = new RandomStream(5, 0);
        double[][] x = new double[30][2];
        double[] y = new double[30];
        for (int i = 0; i < 30; i++) {
            x[i] = new double[] {random.uniform(), random.uniform()};
            y[i] = Math.sin(7 * x[i][0]);
        }
        GaussianProcess process = GaussianProcess.fit(x, y, random);
        for (double at : new double[] {0.15, 0.5, 0.85}) {
            for (double other : new double[] {0, 1}) {
                assertThat(process.predict(new double[] {at, other})[0]).isCloseTo(Math.sin(7 * at), within(0.05));
            }
        }
    }

    @Test
    void normalDistributionAgreesWithTables() {
        assertThat(GaussianProcess.normalDistribution(0)).isEqualTo(0.5);
        assertThat(GaussianProcess.normalDistribution(1)).isCloseTo(0.841344746068543, within(1e-14));
        assertThat(GaussianProcess.normalDistribution(-3)).isCloseTo(0.001349898031630, within(1e-14));
        assertThat(GaussianProcess.normalDistribution(9)).isEqualTo(1);
    }

    /** Expected improvement by a sum over the normal distribution. */
    @Test
    void expectedImprovementIsThatOfAnIntegral() {
        GaussianProcess process =
                GaussianProcess.of(new double[][] {{0.1}, {0.8}}, new double[] {1, 2}, Math.log(0.3), Math.log(1e-6));
        for (double at : new double[] {0.3, 0.5, 1.5}) {
            double[] normal = process.predict(new double[] {at});
            double sum = 0;
            for (double z = -8; z < 8; z += 1e-4) {
                double gain = Math.max(0, 0.9 - (normal[0] + z * Math.sqrt(normal[1])));
                sum += gain * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * 1e-4;
            }
            assertThat(Math.exp(process.logExpectedImprovement(new double[] {at}, 0.9)))
                    .isCloseTo(sum, within(1e-6));
        }
    }
}
