package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiles of channels are finished by their last blocks, also where there are more tiles than counts, and one launch after the other. */
final class FinishedBlocksTest extends OnSoftwareGpu {
    @ParameterizedTest
    @CsvSource({"2, 1", "2, 33", "700, 70", "2, 33000"})
    void everyChannelIsNormalized(int rows, int channels) {
        Shape shape = Shape.of(rows, channels);
        float[] values = new float[rows * channels];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / channels * 2 + i % channels;
        }
        TestOperand x = operand(DType.FLOAT32, FloatBuffer.wrap(values), Layout.rowMajor(shape));
        TestOperand y = operand(DType.FLOAT32, values.length, Layout.rowMajor(shape));
        TestOperand gamma = perChannel(channels, 1);
        TestOperand beta = perChannel(channels, 0);
        TestOperand mean = perChannel(channels, 0);
        TestOperand variance = perChannel(channels, 0);
        TestOperand dgamma = perChannel(channels, 0);
        TestOperand dbeta = perChannel(channels, 0);
        for (int time = 0; time < 2; time++) {
            backend.normalization().batchNorm(0, x, gamma, beta, null, Activation.NONE, y, mean, variance);
            backend.normalization()
                    .batchNormBackward(0, x, gamma, mean, variance, Activation.NONE, null, x, y, dgamma, dbeta, null);
            float[] means = download(mean, channels);
            float[] variances = download(variance, channels);
            float[] sums = download(dbeta, channels);
            for (int c = 0; c < channels; c++) {
                assertThat(means[c]).as("mean of channel %d", c).isCloseTo(rows - 1 + c, within(1e-6f * (rows + c)));
                assertThat(variances[c]).isCloseTo((rows * (float) rows - 1) / 3, within(1e-6f * rows * rows));
                assertThat(sums[c]).isCloseTo(rows * (float) (rows - 1 + c), within(1e-6f * rows * (rows + c)));
            }
        }
    }

    private TestOperand perChannel(int channels, float value) {
        float[] values = new float[channels];
        Arrays.fill(values, value);
        return operand(DType.FLOAT32, FloatBuffer.wrap(values), Layout.rowMajor(Shape.of(channels)));
    }

    private float[] download(TestOperand of, int count) {
        float[] values = new float[count];
        backend.download(of.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }
}
