package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

/** Mean image and whitening. */
class WhiteningTest {
    /** Samples of mean (5, 7) and covariance diag(2, 1/2), or that turned by 45 degrees. */
    private static Dataset points(boolean turned) {
        double[][] points = {{2, 0}, {-2, 0}, {0, 1}, {0, -1}};
        float[][] x = new float[4][2];
        double r = Math.sqrt(0.5);
        for (int i = 0; i < 4; i++) {
            x[i][0] = (float) (5 + (turned ? r * (points[i][0] - points[i][1]) : points[i][0]));
            x[i][1] = (float) (7 + (turned ? r * (points[i][0] + points[i][1]) : points[i][1]));
        }
        return ArrayDataset.of(x, new int[] {0, 1, 0, 1});
    }

    @Test
    void aSmallCaseWorkedOutByHand() {
        Whitening pca = Whitening.pca(points(true), 2, 1e-9);
        assertThat(pca.variances()).containsExactly(new double[] {2, 0.5}, within(1e-6));
        double r = Math.sqrt(2);
        float[][] expected = {{(float) r, 0}, {(float) -r, 0}, {0, (float) r}, {0, (float) -r}};
        Dataset whitened = pca.apply(points(true));
        // The second component has two values of one size, and so either sign.
        float sign = Math.signum(Sample.of(whitened, 2).floats(0)[1]);
        assertThat(sign).isNotZero();
        for (int i = 0; i < 4; i++) {
            float[] y = Sample.of(whitened, i).floats(0);
            assertThat(y[0]).isCloseTo(expected[i][0], within(1e-5f));
            assertThat(y[1]).isCloseTo(sign * expected[i][1], within(1e-5f));
            assertThat(Sample.of(whitened, i).ints(1)).containsExactly(i % 2);
        }
        // ZCA: U diag(1/√2, √2) Uᵀ with U turned by 45 degrees is {{3, -1}, {-1, 3}} / (2√2).
        Dataset zca = Whitening.zca(points(true), 1e-9).apply(points(true));
        for (int i = 0; i < 4; i++) {
            float[] x = Sample.of(points(true), i).floats(0);
            float[] y = Sample.of(zca, i).floats(0);
            assertThat((double) y[0]).isCloseTo((3 * (x[0] - 5) - (x[1] - 7)) / (2 * r), within(1e-5));
            assertThat((double) y[1]).isCloseTo((3 * (x[1] - 7) - (x[0] - 5)) / (2 * r), within(1e-5));
        }
        // With ε the scale is 1/√(λ + ε).
        float[] damped = Sample.of(Whitening.pca(points(false), 1, 0.5).apply(points(false)), 0)
                .floats(0);
        assertThat(damped).hasSize(1);
        assertThat(Math.abs(damped[0])).isCloseTo((float) (2 / Math.sqrt(2.5)), within(1e-5f));
    }

    /** 300 samples, more than are added to the covariance at a time. */
    @Test
    void theResultIsUncorrelatedAndOfVarianceOne() {
        float[][][][] x = new float[300][3][2][2];
        RandomStream random = new RandomStream(3, 1);
        for (float[][][] image : x) {
            float common = random.uniform();
            for (int i = 0; i < 12; i++) {
                image[i / 4][i / 2 % 2][i % 2] = common + i * random.uniform() + 10;
            }
        }
        Dataset data = ArrayDataset.of(x, new float[300]);
        Whitening zca = Whitening.zca(data, 1e-6);
        for (Dataset whitened :
                List.of(zca.apply(data), Whitening.pca(data, 12, 1e-6).apply(data))) {
            double[][] sum = new double[12][12];
            for (int n = 0; n < 300; n++) {
                float[] y = Sample.of(whitened, n).floats(0);
                for (int i = 0; i < 144; i++) {
                    sum[i / 12][i % 12] += (double) y[i / 12] * y[i % 12] / 300;
                }
            }
            for (int i = 0; i < 144; i++) {
                assertThat(sum[i / 12][i % 12]).isCloseTo(i / 12 == i % 12 ? 1 : 0, within(2e-3));
            }
        }
        assertThat(zca.apply(data).fields().get(0)).isEqualTo(Field.image("input", DType.FLOAT32, 3, 2, 2));
        assertThat(zca).hasToString(Whitening.zca(data, 1e-6).toString());
        assertThat(zca.toString()).isNotEqualTo(Whitening.zca(data, 1e-3).toString());
    }

    @Test
    void theMeanOfTheTrainingImagesIsSubtracted() {
        Dataset images = GeneratedImages.train(1, 30);
        MeanImage mean = MeanImage.of(images);
        Dataset centred = mean.apply(images);
        double[] sum = new double[3072];
        for (int i = 0; i < 30; i++) {
            Sample sample = Sample.of(centred, i);
            Sample from = Sample.of(images, i);
            assertThat(sample.ints(1)).isEqualTo(from.ints(1));
            for (int k = 0; k < 3072; k++) {
                assertThat(sample.floats(0)[k]).isEqualTo(from.normalized(0)[k] - mean.values()[k]);
                sum[k] += sample.floats(0)[k];
            }
        }
        for (double each : sum) {
            assertThat(each / 30).isCloseTo(0, within(1e-6));
        }
        assertThat(centred.classes()).isEqualTo(images.classes());
        assertThat(centred.description()).contains("mapped by MeanImage[");
        assertThat(MeanImage.of(GeneratedImages.train(2, 30)).toString()).isNotEqualTo(mean.toString());
    }

    @Test
    void refusesOtherData() {
        Dataset images = GeneratedImages.train(1, 4);
        assertThatThrownBy(() -> MeanImage.of(images).apply(points(false)))
                .hasMessageContaining("MeanImage expects the first field image uint8");
        assertThatThrownBy(() -> Whitening.pca(points(false), 3, 1)).hasMessageContaining("1 to 2 components");
        assertThatThrownBy(() -> Whitening.pca(points(false), 1, 0)).hasMessageContaining("above 0, got 0.0");
        assertThatThrownBy(() -> Whitening.zca(new Subset(points(false), 0), 1))
                .hasMessageContaining("at least 2 samples");
        assertThatThrownBy(() -> MeanImage.of(null)).hasMessageContaining("a dataset, got null");
        Dataset nan = ArrayDataset.of(new float[][] {{1, Float.NaN}, {2, 3}}, new float[2]);
        assertThatThrownBy(() -> Whitening.zca(nan, 1)).isInstanceOf(DataException.class);
    }
}
