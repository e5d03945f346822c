package org.alborz.nn;

import org.alborz.random.RandomStream;
import org.alborz.type.Shape;

/** See {@link Initializer#orthogonal}. */
record OrthogonalInitializer(double gain) implements Initializer {
    @Override
    public void fill(Shape shape, double[] values, RandomStream random) {
        if (shape.rank() < 2) {
            throw new IllegalArgumentException(
                    "Initializer.orthogonal expects weights with at least 2 axes, got " + shape);
        }
        int rows = shape.size(0);
        int columns = rows == 0 ? 0 : values.length / rows;
        random.fillNormal(values);
        boolean wide = rows < columns;
        int count = Math.min(rows, columns);
        int length = Math.max(rows, columns);
        double[][] vectors = new double[count][length];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < length; j++) {
                vectors[i][j] = values[wide ? i * columns + j : j * columns + i];
            }
            orthonormalize(vectors, i);
            for (int j = 0; j < length; j++) {
                values[wide ? i * columns + j : j * columns + i] = gain * vectors[i][j];
            }
        }
    }

    /** Makes a vector orthogonal to those before it, twice for the digits that the first time loses, and of length 1. */
    private static void orthonormalize(double[][] vectors, int at) {
        double[] own = vectors[at];
        for (int time = 0; time < 2; time++) {
            for (int i = 0; i < at; i++) {
                add(own, -dot(own, vectors[i]), vectors[i]);
            }
        }
        double norm = Math.sqrt(dot(own, own));
        for (int j = 0; j < own.length; j++) {
            own[j] /= norm;
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] to, double factor, double[] values) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * values[i];
        }
    }
}
