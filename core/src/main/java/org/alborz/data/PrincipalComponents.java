package org.alborz.data;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The eigenvectors of a covariance {@code UΛUᵀ}.
 *
 * @param variances Λ, the largest first
 * @param vectors Uᵀ: one a row, of length 1
 */
record PrincipalComponents(double[] variances, DMatrixRMaj vectors) {
    /**
     * Computes them.
     *
     * @param data what the covariance is of, for a message
     */
    static PrincipalComponents of(DMatrixRMaj covariance, String data) {
        int size = covariance.getNumRows();
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(size, true, true);
        if (!eigen.decompose(covariance)) {
            throw new DataException("The covariance of " + data
                    + " has no eigenvectors that could be computed; check that all values are finite");
        }
        int[] order = IntStream.range(0, size)
                .boxed()
                .sorted((i, j) -> Double.compare(
                        eigen.getEigenvalue(j).getReal(), eigen.getEigenvalue(i).getReal()))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] variances = new double[size];
        DMatrixRMaj vectors = new DMatrixRMaj(size, size);
        for (int k = 0; k < size; k++) {
            variances[k] = Math.max(0, eigen.getEigenvalue(order[k]).getReal());
            DMatrixRMaj vector = eigen.getEigenVector(order[k]);
            double sign = sign(vector);
            for (int i = 0; i < size; i++) {
                vectors.set(k, i, sign * vector.get(i));
            }
        }
        return new PrincipalComponents(variances, vectors);
    }

    /** Returns what makes the largest value of an eigenvector, whose sign is arbitrary, positive. */
    private static double sign(DMatrixRMaj vector) {
        double largest = 0;
        for (int i = 0; i < vector.getNumElements(); i++) {
            largest = Math.abs(vector.get(i)) > Math.abs(largest) ? vector.get(i) : largest;
        }
        return largest < 0 ? -1 : 1;
    }

    /** Returns {@code (Λ + ε)^(−1/2)} of a component. */
    double factor(int k, double epsilon) {
        return 1 / Math.sqrt(variances[k] + epsilon);
    }

    /** Returns a row of {@code (Λ + ε)^(−1/2) Uᵀ}. */
    float[] whitening(int k, double epsilon) {
        float[] row = new float[variances.length];
        double factor = factor(k, epsilon);
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (factor * vectors.get(k, i));
        }
        return row;
    }
}
