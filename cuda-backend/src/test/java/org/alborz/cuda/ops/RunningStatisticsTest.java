package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** The last launch of a batch normalisation moves the running statistics as well where nothing comes in between, with the same bits. */
final class RunningStatisticsTest extends OnSoftwareGpu {
    private static final int CHANNELS = 3;
    private static final Shape SHAPE = Shape.of(5, CHANNELS);

    private final TestOperand x = floats(SHAPE, 0.1f, -2, 3, 4, 5, 6, 7.5f, -8, 9, 10, 11, 12, 13, 14, 15);
    private final TestOperand gamma = floats(1, 2, 3);
    private final TestOperand beta = floats(0, 1, -1);
    private final TestOperand y = floats(SHAPE, new float[15]);
    private final TestOperand mean = floats(0, 0, 0);
    private final TestOperand variance = floats(0, 0, 0);
    private final TestOperand runningMean = floats(0.3f, 0.7f, -1.1f);
    private final TestOperand runningVariance = floats(1, 0.1f, 7);

    private final List<String> works = new ArrayList<>();

    private void observe() {
        backend.observe(work -> works.add(work.name()));
    }

    private TestOperand floats(float... values) {
        return floats(Shape.of(values.length), values);
    }

    private TestOperand floats(Shape shape, float... values) {
        Buffer source = FloatBuffer.wrap(values);
        return operand(DType.FLOAT32, source, Layout.rowMajor(shape));
    }

    private float[] download(TestOperand of) {
        float[] values = new float[(int) of.buffer().elements()];
        backend.download(of.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }

    private void normalize() {
        backend.normalization().batchNorm(1e-5, x, gamma, beta, null, Activation.RELU, y, mean, variance);
    }

    private void move(TestOperand ofMean, TestOperand ofVariance) {
        backend.normalization().moveStatistics(0.1, 1.25, ofMean, ofVariance, runningMean, runningVariance);
    }

    @Test
    void theyMoveInTheLastLaunch() {
        observe();
        normalize();
        move(mean, variance);
        assertThat(works).containsExactly("batch_norm_statistics", "batch_norm_apply");
        float[] means = download(runningMean);
        float[] variances = download(runningVariance);
        float[] results = download(y);

        backend.upload(FloatBuffer.wrap(new float[] {0.3f, 0.7f, -1.1f}), runningMean.buffer(), 0);
        backend.upload(FloatBuffer.wrap(new float[] {1, 0.1f, 7}), runningVariance.buffer(), 0);
        normalize();
        backend.synchronize();
        works.clear();
        move(mean, variance);
        assertThat(works).containsExactly("batch_norm_move_statistics");
        assertThat(download(runningMean)).isEqualTo(means);
        assertThat(download(runningVariance)).isEqualTo(variances);
        assertThat(download(y)).isEqualTo(results);
        assertThat(means[1]).isNotEqualTo(0.7f);
    }

    @Test
    void othersMoveByALaunchOfTheirOwn() {
        TestOperand otherMean = floats(1, 1, 1);
        TestOperand otherVariance = floats(2, 2, 2);
        observe();
        normalize();
        move(otherMean, otherVariance);
        move(mean, variance);
        assertThat(works)
                .containsExactly(
                        "batch_norm_statistics",
                        "batch_norm_apply",
                        "batch_norm_move_statistics",
                        "batch_norm_move_statistics");
    }

    @Test
    void theyMoveOnceForEachTimeTheyAreAskedTo() {
        observe();
        normalize();
        move(mean, variance);
        move(mean, variance);
        assertThat(works).hasSize(3).last().isEqualTo("batch_norm_move_statistics");
    }

    @Test
    void aNormalizationAloneIsDoneByTheNextWork() {
        observe();
        normalize();
        assertThat(works).containsExactly("batch_norm_statistics");
        float[] results = download(y);
        assertThat(works).containsExactly("batch_norm_statistics", "batch_norm_apply", "download");
        assertThat(results[14]).isPositive();
        assertThat(download(runningMean)).containsExactly(0.3f, 0.7f, -1.1f);
    }
}
