package org.alborz.data;

import org.alborz.text.Given;
import org.alborz.type.Shape;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Filters for a first convolution whose results are uncorrelated and of variance 1 over the training images. With {@code UΛUᵀ} the covariance of
 * all patches of size × size pixels, the first half of the filters are the rows of {@code (Λ + ε)^(−1/2) Uᵀ}, by descending variance, and the second half the
 * same with the other sign, so that an activation such as GELU loses neither (Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single
 * GPU", section 3.2).
 *
 * <pre>{@code
 * PatchWhitening whitening = PatchWhitening.of(Subset.first(training, 5000), 2, 5e-4);
 * new Conv2d(3, whitening.shape().size(0), 2).weight(Initializer.values(whitening.filters()));
 * }</pre>
 *
 * <p>The filters do not subtract the mean of the patches, which a bias of the convolution can. Normalised bytes are normalised first.
 */
public final class PatchWhitening {
    private static final int MOST_VALUES = 1 << 10;

    private final Shape shape;
    private final double[] filters;
    private final double[] variances;

    private PatchWhitening(Shape shape, double[] filters, double[] variances) {
        this.shape = shape;
        this.filters = filters;
        this.variances = variances;
    }

    /**
     * Computes the filters; reads every image once. Of the 50,000 images of CIFAR-10, 5,000 are enough.
     *
     * @param images whose field 0 is an image {@code [C, H, W]} stored channels-last
     * @param size height and width of a patch, at most those of the images; {@code C·size²} is at most 1,024
     * @param epsilon above 0, added to variances so that small ones are not amplified; 5e-4 in the paper
     */
    public static PatchWhitening of(Dataset images, int size, double epsilon) {
        Field field = FirstField.require("PatchWhitening", images);
        int height = ImageShapes.height("PatchWhitening", field);
        int width = field.shape().size(-1);
        int channels = ImageShapes.channels(field);
        if (size < 1 || size > Math.min(height, width) || (long) channels * size * size > MOST_VALUES) {
            throw new IllegalArgumentException("PatchWhitening expects patches of at least 1 pixel a side, at most "
                    + Math.min(height, width) + " of images " + field.shape() + " and of at most " + MOST_VALUES
                    + " values, got " + size);
        }
        Given.above0(epsilon, "PatchWhitening's epsilon");
        PrincipalComponents components = PrincipalComponents.of(
                covariance(images, channels, size), "patches of " + size + " pixels a side of " + images.description());
        int values = channels * size * size;
        double[] filters = new double[2 * values * values];
        for (int k = 0; k < values; k++) {
            double factor = components.factor(k, epsilon);
            for (int i = 0; i < values; i++) {
                filters[k * values + i] = factor * components.vectors().get(k, i);
                filters[(values + k) * values + i] = -filters[k * values + i];
            }
        }
        return new PatchWhitening(Shape.of(2 * values, channels, size, size), filters, components.variances());
    }

    /** Returns the covariance of the values of patches in the order C, H, W. */
    private static DMatrixRMaj covariance(Dataset images, int channels, int size) {
        Field field = images.fields().get(0);
        int values = channels * size * size;
        int rows = field.shape().size(-2) - size + 1;
        int columns = field.shape().size(-1) - size + 1;
        DMatrixRMaj patches = new DMatrixRMaj(columns, values); // those of one row, as all may not fit
        DMatrixRMaj squares = new DMatrixRMaj(values, values);
        double[] sum = new double[values];
        Sample sample = Sample.of(images.fields());
        for (int i = 0; i < images.size(); i++) {
            sample.read(images, i);
            float[] image = FirstField.numbers(sample);
            for (int row = 0; row < rows; row++) {
                fill(patches, image, row, field.shape().size(-1), channels, size);
                CommonOps_DDRM.multAddTransA(patches, patches, squares);
                for (int at = 0; at < patches.getNumElements(); at++) {
                    sum[at % values] += patches.get(at);
                }
            }
        }
        double count = (double) images.size() * rows * columns;
        for (int i = 0; i < values; i++) {
            for (int j = 0; j < values; j++) {
                squares.set(i, j, squares.get(i, j) / count - sum[i] / count * (sum[j] / count));
            }
        }
        return squares;
    }

    /**
     * Writes each patch of a row of an image into a row.
     *
     * @param image {@code [H, W, C]}
     */
    private static void fill(DMatrixRMaj patches, float[] image, int row, int width, int channels, int size) {
        for (int patch = 0; patch < patches.getNumRows(); patch++) {
            int corner = row * width + patch;
            for (int i = 0; i < patches.getNumCols(); i++) {
                int pixel = corner + i / size % size * width + i % size;
                patches.set(patch, i, image[pixel * channels + i / (size * size)]);
            }
        }
    }

    /** Returns the shape of the filters, {@code [2·C·size², C, size, size]}. */
    public Shape shape() {
        return shape;
    }

    /** Returns the filters in row-major order. */
    public double[] filters() {
        return filters.clone();
    }

    /** Returns the variances of the components, largest first: half as many as there are filters. */
    public double[] variances() {
        return variances.clone();
    }
}
