package org.alborz.data;

import java.util.ArrayList;
import java.util.List;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Makes the values of field 0 uncorrelated and of variance 1 over the training samples. With the covariance {@code UΛUᵀ} and the mean µ:
 *
 * <ul>
 *   <li>PCA: {@code y = (Λ + ε)^(−1/2) Uᵀ (x − µ)}, of which the components of the largest variances are kept;
 *   <li>ZCA: {@code y = U (Λ + ε)^(−1/2) Uᵀ (x − µ)}, which stays similar to the image (Bell and Sejnowski 1997; Krizhevsky 2009).
 * </ul>
 *
 * <pre>{@code
 * Whitening zca = Whitening.zca(training, 1e-2);
 * Dataset whitened = zca.apply(training); // and zca.apply(test)
 * }</pre>
 *
 * <p>Field 0 becomes float32; bytes of a normalised field are normalised first. With D values a sample, fitting takes about 10·D³
 * operations and 3·D² doubles of memory, and each sample D for every value of its result: minutes and 10 ms for the 3,072 of CIFAR-10.
 */
public final class Whitening implements SampleMapping {
    private static final int MOST_VALUES = 1 << 14;

    /** Samples that are added to the covariance at a time. */
    private static final int PART = 256;

    private final Field field;
    private final Field result;
    private final float[] mean;

    /** Row k has the weights of the result's value k. */
    private final float[][] weights;

    private final double[] variances;

    private Whitening(Field field, Field result, float[] mean, float[][] weights, double[] variances) {
        this.field = field;
        this.result = result;
        this.mean = mean;
        this.weights = weights;
        this.variances = variances;
    }

    /**
     * Fits PCA whitening to a dataset's field 0, which becomes {@code [components]}.
     *
     * @param components from 1 to the number of values of a sample
     * @param epsilon above 0, added to variances so that small ones are not amplified
     */
    public static Whitening pca(Dataset training, int components, double epsilon) {
        Field field = FirstField.require("Whitening", training);
        if (components < 1 || components > field.elements()) {
            throw new IllegalArgumentException("Whitening expects 1 to " + field.elements()
                    + " components, as many as a sample has values, got " + components);
        }
        Fit fit = fit(field, training, epsilon);
        float[][] weights = new float[components][];
        for (int k = 0; k < components; k++) {
            weights[k] = fit.components.whitening(k, epsilon);
        }
        return new Whitening(
                field,
                new Field(field.name(), DType.FLOAT32, Shape.of(components)),
                fit.mean,
                weights,
                fit.components.variances());
    }

    /**
     * Fits ZCA whitening to a dataset's field 0, which keeps its shape.
     *
     * @param epsilon above 0, added to variances so that small ones are not amplified; 0.01 to 0.1 for images of values near 1
     */
    public static Whitening zca(Dataset training, double epsilon) {
        Field field = FirstField.require("Whitening", training);
        Fit fit = fit(field, training, epsilon);
        int size = field.elements();
        DMatrixRMaj scaled = new DMatrixRMaj(size, size); // (Λ + ε)^(−1/2) Uᵀ
        for (int k = 0; k < size; k++) {
            double factor = fit.components.factor(k, epsilon);
            for (int i = 0; i < size; i++) {
                scaled.set(k, i, factor * fit.components.vectors().get(k, i));
            }
        }
        DMatrixRMaj product = new DMatrixRMaj(size, size);
        CommonOps_DDRM.multTransA(fit.components.vectors(), scaled, product);
        float[][] weights = new float[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                weights[i][j] = (float) product.get(i, j);
            }
        }
        Field same = new Field(field.name(), DType.FLOAT32, field.shape(), field.channelsLast(), Field.NONE, null);
        return new Whitening(field, same, fit.mean, weights, fit.components.variances());
    }

    /** The mean of the samples, and the components of their covariance. */
    private record Fit(float[] mean, PrincipalComponents components) {}

    private static Fit fit(Field field, Dataset training, double epsilon) {
        Given.above0(epsilon, "Whitening's epsilon");
        int size = field.elements();
        if (size > MOST_VALUES || training.size() < 2) {
            throw new IllegalArgumentException("Whitening expects at least 2 samples of at most " + MOST_VALUES
                    + " values, got " + training.size() + " of " + size + "; make images smaller");
        }
        float[] mean = MeanImage.of(training).values();
        return new Fit(mean, PrincipalComponents.of(covariance(training, mean), training.description()));
    }

    private static DMatrixRMaj covariance(Dataset training, float[] mean) {
        DMatrixRMaj sum = new DMatrixRMaj(mean.length, mean.length);
        Sample sample = Sample.of(training.fields());
        for (int first = 0; first < training.size(); first += PART) {
            int count = Math.min(PART, training.size() - first);
            DMatrixRMaj part = new DMatrixRMaj(count, mean.length);
            for (int i = 0; i < count; i++) {
                sample.read(training, first + i);
                float[] values = FirstField.numbers(sample);
                for (int k = 0; k < mean.length; k++) {
                    part.set(i, k, (double) values[k] - mean[k]);
                }
            }
            CommonOps_DDRM.multAddTransA(part, part, sum);
        }
        CommonOps_DDRM.divide(sum, training.size());
        return sum;
    }

    /** Returns the variances of all components, largest first. */
    public double[] variances() {
        return variances.clone();
    }

    /** Returns a dataset with its field 0 whitened, which has the shape and normalization of the training samples'. */
    public Dataset apply(Dataset data) {
        FirstField.requireSame("Whitening", field, data);
        List<Field> fields = new ArrayList<>(data.fields());
        fields.set(0, result);
        return data.map(fields, this);
    }

    @Override
    public void map(Sample from, Sample into) {
        float[] values = FirstField.numbers(from);
        float[] whitened = into.floats(0);
        int at = into.at(0);
        for (int k = 0; k < weights.length; k++) {
            float[] row = weights[k];
            double sum = 0;
            for (int i = 0; i < mean.length; i++) {
                sum += (double) row[i] * (values[i] - mean[i]);
            }
            whitened[at + k] = (float) sum;
        }
        FirstField.copyOthers(from, into);
    }

    @Override
    public String toString() {
        return "Whitening[" + result.shape() + " " + FirstField.digest(mean) + " " + FirstField.digest(weights) + "]";
    }
}
