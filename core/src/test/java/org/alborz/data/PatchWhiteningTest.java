package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class PatchWhiteningTest {
    /** The convolution is written out here. */
    @Test
    void theFiltersMakeTheCovarianceOfPatchesTheIdentity() {
        Dataset images = GeneratedImages.train(1, 5);
        PatchWhitening whitening = PatchWhitening.of(images, 2, 1e-12);
        assertThat(whitening.shape()).isEqualTo(Shape.of(24, 3, 2, 2));
        double[] filters = whitening.filters();
        double[] mean = new double[12];
        double[][] squares = new double[12][12];
        int count = 5 * 31 * 31;
        for (int n = 0; n < 5; n++) {
            float[] image = Sample.of(images, n).normalized(0); // [32, 32, 3]
            for (int h = 0; h < 31; h++) {
                for (int w = 0; w < 31; w++) {
                    double[] y = new double[12];
                    for (int i = 0; i < 144; i++) {
                        int pixel = (h + i / 2 % 2) * 32 + w + i % 2;
                        y[i / 12] += filters[i] * image[pixel * 3 + i / 4 % 3];
                    }
                    for (int i = 0; i < 144; i++) {
                        squares[i / 12][i % 12] += y[i / 12] * y[i % 12] / count;
                        mean[i / 12] += i % 12 == 0 ? y[i / 12] / count : 0;
                    }
                }
            }
        }
        for (int i = 0; i < 12; i++) {
            for (int j = 0; j < 12; j++) {
                assertThat(squares[i][j] - mean[i] * mean[j])
                        .as("covariance of %d and %d", i, j)
                        .isCloseTo(i == j ? 1 : 0, within(1e-6));
            }
        }
    }

    @Test
    void theSecondHalfHasTheOtherSignAndSmallVariancesAreNotAmplified() {
        Dataset images = GeneratedImages.train(1, 5);
        PatchWhitening whitening = PatchWhitening.of(images, 2, 10);
        double[] filters = whitening.filters();
        double[] variances = whitening.variances();
        assertThat(variances).hasSize(12).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        for (int k = 0; k < 12; k++) {
            double square = 0;
            for (int i = 0; i < 12; i++) {
                square += filters[k * 12 + i] * filters[k * 12 + i];
                assertThat(filters[(12 + k) * 12 + i]).isEqualTo(-filters[k * 12 + i]);
            }
            assertThat(square).isCloseTo(1 / (variances[k] + 10), within(1e-9));
        }
    }

    @Test
    void refusesWhatHasNoPatches() {
        Dataset images = GeneratedImages.train(1, 2);
        assertThatThrownBy(() -> PatchWhitening.of(images, 0, 1)).hasMessageContaining("at least 1 pixel a side");
        assertThatThrownBy(() -> PatchWhitening.of(images, 33, 1)).hasMessageContaining("at most 32 of images");
        assertThatThrownBy(() -> PatchWhitening.of(images, 19, 1)).hasMessageContaining("of at most 1024 values");
        assertThatThrownBy(() -> PatchWhitening.of(images, 2, 0)).hasMessageContaining("above 0, got 0.0");
        assertThatThrownBy(() -> PatchWhitening.of(new NumberedDataset(2, 3), 2, 1))
                .hasMessageContaining("PatchWhitening expects images [C, H, W]");
    }
}
