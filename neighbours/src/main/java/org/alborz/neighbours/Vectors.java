package org.alborz.neighbours;

import org.alborz.explain.NearestNeighbours.Distance;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.apache.lucene.index.VectorSimilarityFunction;

/** Vectors as Lucene takes them, and their distances. */
final class Vectors {
    private Vectors() {}

    /** Returns the rows of {@code [count, size]}, all of whose numbers are finite. */
    static float[][] rows(Tensor tensor, int size, String what) {
        Given.value(tensor, "HnswIndex", what);
        if (tensor.shape().rank() != 2
                || tensor.shape().size(1) != size
                || !tensor.dtype().isFloating()) {
            throw new IllegalArgumentException("HnswIndex expects " + what + " [count, " + size + "], floating, got "
                    + tensor.describe() + "; flatten other features with reshape(n, -1)");
        }
        float[][] rows = tensor.detach().toRows();
        for (int i = 0; i < rows.length; i++) {
            requireFinite(rows[i], what + " of finite numbers", i);
        }
        return rows;
    }

    static void requireFinite(float[] vector, String what, int row) {
        for (int i = 0; i < vector.length; i++) {
            if (!Float.isFinite(vector[i])) {
                throw new IllegalArgumentException(
                        "HnswIndex expects " + what + ", got " + vector[i] + " at [" + row + ", " + i + "]");
            }
        }
    }

    /** A cosine is the product of vectors of length 1. */
    static VectorSimilarityFunction similarity(Distance distance) {
        return distance == Distance.COSINE ? VectorSimilarityFunction.DOT_PRODUCT : VectorSimilarityFunction.EUCLIDEAN;
    }

    /** Returns what is stored of a vector and searched for: one of length 1, or of 0s, for the cosine. */
    static float[] prepared(float[] vector, Distance distance) {
        if (distance != Distance.COSINE) {
            return vector;
        }
        double squares = 0;
        for (float number : vector) {
            squares += (double) number * number;
        }
        double norm = squares == 0 ? 1 : Math.sqrt(squares);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / norm);
        }
        return unit;
    }

    /** Returns the distance, computed in double precision. */
    static double distance(float[] a, float[] b, Distance distance) {
        double sum = 0;
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < a.length; i++) {
            double x = a[i];
            double y = b[i];
            if (distance == Distance.COSINE) {
                sum += x * y;
                ofA += x * x;
                ofB += y * y;
            } else {
                sum += (x - y) * (x - y);
            }
        }
        if (distance == Distance.L2) {
            return Math.sqrt(sum);
        }
        return ofA == 0 || ofB == 0 ? 1 : 1 - sum / Math.sqrt(ofA * ofB);
    }
}
