package org.alborz.tune;

import java.util.Arrays;
import org.alborz.random.RandomStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * A Gaussian process with Matérn's kernel of smoothness 5/2, a length scale for each input, and noise:
 * {@code k(x, y) = σ²(1 + √5 r + 5r²/3) e^(−√5 r)}, {@code r² = Σ ((xᵢ − yᵢ)/lᵢ)²} (Rasmussen and Williams 2006, equation 4.17). Values are
 * standardised first. The scales are those of the greatest marginal likelihood (equation 2.30) that a search finds.
 */
final class GaussianProcess {
    private static final double ROOT_5 = Math.sqrt(5);
    private static final double LEAST_SCALE = Math.log(0.03);
    private static final double MOST_SCALE = Math.log(10);
    private static final double LEAST_NOISE = Math.log(1e-6);
    private static final double MOST_NOISE = Math.log(0.5);

    /** Scales that the search for the best starts from at random, and the rounds it then takes from the best of these. */
    private static final int STARTS = 30;

    private static final int ROUNDS = 25;

    private final double[][] inputs;
    private final double mean;
    private final double deviation;

    /** Logarithms: length scales, then the noise's variance; that of the signal follows from the others. */
    private final double[] scales;

    private LinearSolverDense<DMatrixRMaj> solver;

    /** {@code K⁻¹y} without the signal's variance. */
    private double[] weights;

    private final double[] targets;
    private double signal;
    private double logLikelihood;

    private GaussianProcess(double[][] inputs, double[] values, double[] scales) {
        this.inputs = inputs;
        this.scales = scales;
        mean = Arrays.stream(values).average().orElse(0);
        double variance = Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(0);
        deviation = variance > 0 ? Math.sqrt(variance) : 1;
        targets = Arrays.stream(values).map(v -> (v - mean) / deviation).toArray();
        factorise();
    }

    /** Returns a process with given scales: logarithms of the lengths, then of the noise's variance as part of the signal's. */
    static GaussianProcess of(double[][] inputs, double[] values, double... logScales) {
        return new GaussianProcess(inputs, values, logScales);
    }

    /** Returns the process whose scales explain the values best. */
    static GaussianProcess fit(double[][] inputs, double[] values, RandomStream random) {
        int size = inputs[0].length + 1;
        GaussianProcess best = null;
        for (int i = 0; i < STARTS; i++) {
            double[] scales = new double[size];
            for (int k = 0; k < size; k++) {
                scales[k] = low(k, size) + random.uniform() * (high(k, size) - low(k, size));
            }
            best = better(best, new GaussianProcess(inputs, values, scales));
        }
        double step = 1;
        for (int round = 0; round < ROUNDS; round++) {
            GaussianProcess before = best;
            for (int k = 0; k < size; k++) {
                for (int sign = -1; sign <= 1; sign += 2) {
                    double[] scales = before.scales.clone();
                    scales[k] = Math.max(low(k, size), Math.min(high(k, size), scales[k] + sign * step));
                    best = better(best, new GaussianProcess(inputs, values, scales));
                }
            }
            if (best == before) {
                step /= 2;
            }
        }
        return best;
    }

    private static double low(int k, int size) {
        return k == size - 1 ? LEAST_NOISE : LEAST_SCALE;
    }

    private static double high(int k, int size) {
        return k == size - 1 ? MOST_NOISE : MOST_SCALE;
    }

    private static GaussianProcess better(GaussianProcess a, GaussianProcess b) {
        return a == null || b.logLikelihood > a.logLikelihood ? b : a;
    }

    private void factorise() {
        int n = inputs.length;
        double noise = Math.exp(scales[scales.length - 1]);
        DMatrixRMaj kernel = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double value = correlation(inputs[i], inputs[j]) + (i == j ? noise : 0);
                kernel.set(i, j, value);
                kernel.set(j, i, value);
            }
        }
        solver = LinearSolverFactory_DDRM.chol(n);
        if (!solver.setA(kernel)) {
            logLikelihood = Double.NEGATIVE_INFINITY;
            return;
        }
        DMatrixRMaj solution = new DMatrixRMaj(n, 1);
        solver.solve(DMatrixRMaj.wrap(n, 1, targets.clone()), solution);
        weights = solution.data;
        double fit = 0;
        for (int i = 0; i < n; i++) {
            fit += targets[i] * weights[i];
        }
        signal = Math.max(fit / n, 1e-12); // the variance of the greatest likelihood
        DMatrixRMaj root = ((CholeskyDecomposition_F64<DMatrixRMaj>)
                        solver.<CholeskyDecomposition_F64<DMatrixRMaj>>getDecomposition())
                .getT(null);
        double logDeterminant = 0;
        for (int i = 0; i < n; i++) {
            logDeterminant += 2 * Math.log(root.get(i, i));
        }
        logLikelihood = -0.5 * (n * Math.log(signal) + logDeterminant + n + n * Math.log(2 * Math.PI));
    }

    double logLikelihood() {
        return logLikelihood;
    }

    private double correlation(double[] x, double[] y) {
        double square = 0;
        for (int k = 0; k < x.length; k++) {
            double difference = (x[k] - y[k]) / Math.exp(scales[k]);
            square += difference * difference;
        }
        double r = ROOT_5 * Math.sqrt(square);
        return (1 + r + r * r / 3) * Math.exp(-r);
    }

    /** Returns mean and variance at a place, without the noise. */
    double[] predict(double[] place) {
        int n = inputs.length;
        double[] correlations = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            correlations[i] = correlation(place, inputs[i]);
            sum += correlations[i] * weights[i];
        }
        DMatrixRMaj solution = new DMatrixRMaj(n, 1);
        solver.solve(DMatrixRMaj.wrap(n, 1, correlations.clone()), solution);
        double explained = 0;
        for (int i = 0; i < n; i++) {
            explained += correlations[i] * solution.data[i];
        }
        double variance = Math.max(0, signal * (1 - explained));
        return new double[] {mean + deviation * sum, deviation * deviation * variance};
    }

    /**
     * Returns the logarithm of {@code E max(0, best − f(place))}: {@code log((best − µ)Φ(z) + σφ(z))}, {@code z = (best − µ)/σ}. As a logarithm
     * it also orders places of which none promises much.
     */
    double logExpectedImprovement(double[] place, double best) {
        double[] normal = predict(place);
        double sigma = Math.sqrt(normal[1]);
        double gain = best - normal[0];
        if (sigma < 1e-9 * deviation) {
            return gain > 0 ? Math.log(gain) : Double.NEGATIVE_INFINITY;
        }
        double z = gain / sigma;
        if (z < -6) { // φ(z)/z² for z far below 0
            return Math.log(sigma) - z * z / 2 - Math.log(Math.sqrt(2 * Math.PI) * z * z);
        }
        double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        return Math.log(sigma * (z * normalDistribution(z) + density));
    }

    /** Φ(z) for z of at least −6 by the series {@code 1/2 + φ(z)(z + z³/3 + z⁵/15 + …)} (Marsaglia 2004). */
    static double normalDistribution(double z) {
        if (z > 8) {
            return 1;
        }
        double sum = z;
        double term = z;
        for (int i = 3; i < 400 && Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
            term *= z * z / i;
            sum += term;
        }
        return Math.max(0, 0.5 + sum * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI));
    }
}
