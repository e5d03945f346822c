package org.alborz.cli;

import org.alborz.data.Dataset;
import org.alborz.data.Sample;

/**
 * Mean and standard deviation of each number of a field.
 *
 * @param deviation 1 where all samples have the same number
 */
record TableStatistics(double[] mean, double[] deviation) {
    /** Computes them over a dataset. */
    static TableStatistics of(Dataset data, int field) {
        int width = data.fields().get(field).elements();
        double[] mean = new double[width];
        double[] squares = new double[width];
        Sample sample = Sample.of(data.fields());
        for (int i = 0; i < data.size(); i++) { // Welford 1962
            sample.read(data, i);
            float[] values = sample.floats(field);
            for (int j = 0; j < width; j++) {
                double off = values[sample.at(field) + j] - mean[j];
                mean[j] += off / (i + 1);
                squares[j] += off * (values[sample.at(field) + j] - mean[j]);
            }
        }
        for (int j = 0; j < width; j++) {
            double deviation = Math.sqrt(squares[j] / data.size());
            squares[j] = (float) deviation > 0 ? deviation : 1;
        }
        return new TableStatistics(mean, squares);
    }
}
